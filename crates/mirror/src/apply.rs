//! Taking in a page of changes: all of it with its cursor, or nothing.

use crate::{
    column::{Cell, Column, Fields, columns},
    replica::Mirror,
    rollup,
};
use makegood_domain::{
    Problem,
    wire::{Body, Change, Entity},
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite, SqliteConnection};
use std::{cmp::Reverse, collections::BTreeMap};

/// Rows of one statement: single inserts are an order of magnitude slower. Half of central's page, so
/// that the statement is the same for both halves and is prepared once.
const ROWS: usize = 450;

/// The newest change of each entity, by key.
pub(crate) type Page<'a> = BTreeMap<Entity, Vec<&'a Change>>;

impl Mirror {
    /// Takes in a page and the cursor that came with it, in one transaction. A change counts only
    /// where its version is higher than what is here, so pages are harmless twice and out of order.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`], [`makegood_domain::Code::DiskFull`]; then nothing of the
    /// page is here, and the cursor stands where it stood.
    pub async fn apply(&self, changes: &[Change], cursor: &str) -> Result<(), Problem> {
        let mut page: Page<'_> = BTreeMap::new();
        for change in changes {
            page.entry(change.entity).or_default().push(change);
        }
        for changes in page.values_mut() {
            changes.sort_by_key(|change| (&change.key, Reverse(change.version)));
            changes.dedup_by_key(|change| &change.key);
        }
        let mut writer = self.writer().await?;
        let bare = writer.is_bare().await?;
        writer.checkpoint_rarely(bare).await?;
        let kept = !page.is_empty() && !bare;
        if kept {
            rollup::leave(&mut writer, &page).await?;
        }
        let written = write(writer.connection(), &page, cursor).await;
        written.map_err(|error| self.refused(&error))?;
        if kept {
            rollup::enter(&mut writer).await?;
        }
        writer.commit().await
    }
}

async fn write(
    tx: &mut SqliteConnection,
    page: &Page<'_>,
    cursor: &str,
) -> Result<(), sqlx::Error> {
    for (entity, changes) in page {
        let (living, gone): (Vec<&Change>, Vec<&Change>) =
            changes.iter().copied().partition(|change| change.row.is_some());
        for rows in gone.chunks(ROWS) {
            bury(tx, *entity, rows).await?;
        }
        // Hardly ever is anything gone; asking once is cheaper than asking for each row.
        let tombs = sqlx::query_scalar("select exists (select 1 from gone where entity = $1)");
        let tombs: bool = tombs.bind(entity.as_str()).fetch_one(&mut *tx).await?;
        // The next rows are read while SQLite, in its own thread, takes these in.
        let mut chunks = living.chunks(ROWS);
        let mut next = chunks.next().map(|rows| upsert(*entity, rows, tombs));
        while let Some(mut ready) = next {
            let taken = ready.insert.build().persistent(ready.rows == ROWS).execute(&mut *tx);
            let reading = async { chunks.next().map(|rows| upsert(*entity, rows, tombs)) };
            let (taken, read) = tokio::join!(taken, reading);
            taken?;
            next = read;
        }
        if tombs {
            revive(tx, *entity).await?;
        }
    }
    sqlx::query(
        "insert into position (one, cursor) values (1, $1)
         on conflict (one) do update set cursor = excluded.cursor",
    )
    .bind(cursor)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that entities are gone, and deletes what is here of them.
async fn bury(
    tx: &mut SqliteConnection,
    entity: Entity,
    rows: &[&Change],
) -> Result<(), sqlx::Error> {
    let mut insert =
        QueryBuilder::<Sqlite>::new("insert into gone (entity, key, customer, version) ");
    insert.push_values(rows, |mut row, change| {
        row.push_bind(entity.as_str())
            .push_bind(&change.key)
            .push_bind(change.customer.map(|id| id.to_string()))
            .push_bind(change.version);
    });
    insert.push(
        " on conflict (entity, key) do update set version = excluded.version
          where excluded.version > gone.version",
    );
    insert.build().persistent(false).execute(&mut *tx).await?;
    let keys: Vec<&str> = rows.iter().map(|change| change.key.as_str()).collect();
    let table = entity.as_str();
    let delete = format!(
        "delete from {table} where key in (select value from json_each($1))
         and version <= (select version from gone where gone.entity = $2 and gone.key = {table}.key)"
    );
    sqlx::query(AssertSqlSafe(delete))
        .bind(Value::from(keys).to_string())
        .bind(table)
        .execute(tx)
        .await?;
    Ok(())
}

/// A statement that takes in so many rows.
struct Upsert {
    insert: QueryBuilder<Sqlite>,
    rows: usize,
}

/// Takes in rows where their versions are higher; with `tombs` also higher than those of what is gone.
fn upsert(entity: Entity, rows: &[&Change], tombs: bool) -> Upsert {
    let (table, columns) = (entity.as_str(), columns(entity));
    let names: String = columns.iter().map(|column| format!(", {}", column.name)).collect();
    let mut insert = QueryBuilder::<Sqlite>::new(format!(
        "insert into {table} (key, customer, version, body{names}) "
    ));
    if tombs {
        insert.push("select * from (");
    }
    insert.push_values(rows, |mut row, change| {
        row.push_bind(&change.key)
            .push_bind(change.customer.map(|id| id.to_string()))
            .push_bind(change.version)
            .push_bind(change.row.as_ref().map(Body::text));
        push_cells(&mut row, columns, change.row.as_ref().map_or("", Body::text));
    });
    if tombs {
        // Columns of VALUES are named column1, column2, … in SQLite.
        insert.push(format!(
            ") as page where not exists (select 1 from gone where gone.entity = '{table}'
               and gone.key = page.column1 and gone.version >= page.column3)"
        ));
    }
    insert.push(format!(
        " on conflict (key) do update set customer = excluded.customer,
           version = excluded.version, body = excluded.body{}
         where excluded.version > {table}.version",
        columns
            .iter()
            .map(|column| format!(", {0} = excluded.{0}", column.name))
            .collect::<String>()
    ));
    Upsert { insert, rows: rows.len() }
}

/// What is here again is not gone.
async fn revive(tx: &mut SqliteConnection, entity: Entity) -> Result<(), sqlx::Error> {
    let table = entity.as_str();
    let revived = format!(
        "delete from gone where entity = $1 and exists
         (select 1 from {table} where {table}.key = gone.key and {table}.version > gone.version)"
    );
    sqlx::query(AssertSqlSafe(revived)).bind(table).execute(tx).await?;
    Ok(())
}

/// What the columns hold for this body.
pub(crate) fn push_cells(
    row: &mut sqlx::query_builder::Separated<'_, Sqlite, &'static str>,
    columns: &[Column],
    body: &str,
) {
    if columns.is_empty() {
        return;
    }
    let fields = Fields::of(body);
    for column in columns {
        match column.cell(&fields) {
            Cell::Text(text) => row.push_bind(text),
            Cell::Integer(number) => row.push_bind(number),
            Cell::Nothing => row.push_bind(None::<String>),
        };
    }
}
