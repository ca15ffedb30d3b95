//! Customers: what a table has no column for stays as it is on record.

use super::{Listed, Row, Rows};
use crate::store::{self, customer};
use makegood_domain::{Problem, customer::Customer, id::PersonId, person::Person};
use serde_json::{Map, Value, json};
use sqlx::AnyConnection;

/// The customers that a table lists.
pub(super) async fn all(conn: &mut AnyConnection, rows: &Rows) -> Result<Listed, Problem> {
    let (mut items, mut places) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        let known = customer::by_key(conn, row.required("key")?).await?;
        let mut one = match known {
            Some(found) => on_record(conn, rows, &found.row).await?,
            None => Map::new(),
        };
        put(&mut one, row)?;
        items.push(Value::Object(one));
        places.push((format!("customers[{at}]"), row.line()));
    }
    Ok(("customers", items, places))
}

/// What is on record of a customer in columns that the table does not have.
async fn on_record(
    conn: &mut AnyConnection,
    rows: &Rows,
    row: &Customer,
) -> Result<Map<String, Value>, Problem> {
    let group = crate::store::customer::group_key(conn, row.group).await?;
    let (csm, account_manager) =
        (subject(conn, row.csm).await?, subject(conn, row.account_manager).await?);
    let all = [
        // A customer without a group is one by itself, under its own key.
        ("group", json!(group.filter(|key| *key != row.key))),
        ("address", json!(row.address)),
        ("segment", json!(row.segment)),
        ("churned_on", json!(row.churned_on)),
        ("csm", json!(csm)),
        ("account_manager", json!(account_manager)),
    ];
    let kept = all.into_iter().filter(|(column, value)| !rows.has(column) && !value.is_null());
    Ok(kept.map(|(column, value)| (column.to_owned(), value)).collect())
}

/// How the identity provider calls somebody.
async fn subject(
    conn: &mut AnyConnection,
    person: Option<PersonId>,
) -> Result<Option<String>, Problem> {
    let Some(person) = person else { return Ok(None) };
    Ok(store::get::<Person>(conn, person).await?.map(|found| found.row.subject))
}

fn put(one: &mut Map<String, Value>, row: Row<'_>) -> Result<(), Problem> {
    for column in ["key", "name", "country", "locale", "time_zone"] {
        one.insert(column.to_owned(), json!(row.required(column)?));
    }
    for column in ["group", "segment", "churned_on", "csm", "account_manager"] {
        if let Some(text) = row.get(column) {
            one.insert(column.to_owned(), json!(text));
        }
    }
    if let Some(address) = row.get("address") {
        let lines: Vec<&str> = address.split('|').map(str::trim).collect();
        one.insert("address".to_owned(), json!(lines));
    }
    Ok(())
}
