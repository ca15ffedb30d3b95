//! The columns beside the bodies, for rows that an older version wrote.

use crate::{
    column::{Cell, Column, Fields, columns},
    read::Reader,
};
use makegood_domain::{Problem, wire::Entity};
use sqlx::AssertSqlSafe;

/// Copies them out of every body.
pub(crate) async fn columns_of_all(writer: &mut Reader) -> Result<(), Problem> {
    for entity in Entity::ALL {
        let columns = columns(entity);
        if !columns.is_empty() {
            table(writer, entity.as_str(), columns).await?;
        }
    }
    Ok(())
}

async fn table(writer: &mut Reader, table: &str, columns: &[Column]) -> Result<(), Problem> {
    let sets: Vec<String> = columns
        .iter()
        .zip(2..)
        .map(|(column, place)| format!("{} = ${place}", column.name))
        .collect();
    let update = format!("update {table} set {} where key = $1", sets.join(", "));
    let page = format!("select key, body from {table} where key > $1 order by key limit 500");
    let mut last = String::new();
    loop {
        let found = sqlx::query(AssertSqlSafe(page.clone())).bind(&last);
        let found = found.fetch_all(writer.connection()).await;
        let found = found.map_err(|error| writer.refused(&error))?;
        for row in &found {
            let body = Fields::of(writer.cell(row, "body")?);
            last = writer.cell(row, "key")?;
            let mut one = sqlx::query(AssertSqlSafe(update.clone())).bind(&last);
            for column in columns {
                one = match column.cell(&body) {
                    Cell::Text(text) => one.bind(text.into_owned()),
                    Cell::Integer(number) => one.bind(number),
                    Cell::Nothing => one.bind(None::<String>),
                };
            }
            let done = one.execute(writer.connection()).await;
            done.map_err(|error| writer.refused(&error))?;
        }
        if found.len() < 500 {
            return Ok(());
        }
    }
}
