//! Fees: what is charged for lines of contracts that are in force.

use super::{Listed, Row, Rows, refuse};
use crate::{
    draft::begin,
    store::{contract, customer},
};
use makegood_domain::{Problem, contract::Contract};
use serde_json::{Value, json};
use sqlx::AnyConnection;

/// The contracts that a table of fees names, as they are in force, with those fees.
pub(super) async fn contracts(conn: &mut AnyConnection, rows: &Rows) -> Result<Listed, Problem> {
    let (mut contracts, mut places): (Vec<Value>, Vec<(String, u64)>) = Default::default();
    for row in rows.iter() {
        let number = row.required("contract")?;
        let same = |one: &Value| {
            one["number"] == number && row.get("customer").is_none_or(|key| one["customer"] == key)
        };
        let known = contracts.iter().position(same);
        let at = match known {
            Some(at) => at,
            None => {
                contracts.push(in_force(conn, row, number).await?);
                contracts.len() - 1
            }
        };
        let place = put(&mut contracts[at], row)?;
        places.push((format!("contracts[{at}].versions[0].lines{place}"), row.line()));
    }
    Ok(("contracts", contracts, places))
}

async fn in_force(conn: &mut AnyConnection, row: Row<'_>, number: &str) -> Result<Value, Problem> {
    let mut found: Vec<Contract> = contract::numbered(conn, number).await?;
    if let Some(key) = row.get("customer") {
        let customer = customer::by_key(conn, key).await?;
        let unknown = || refuse(row.line(), "customer", &format!("there is no customer {key:?}"));
        let customer = customer.ok_or_else(unknown)?.row.id;
        found.retain(|one| one.customer == customer);
    }
    match found.as_slice() {
        [one] => begin::in_force(conn, one.id, None).await,
        [] => Err(refuse(row.line(), "contract", &format!("no contract is numbered {number:?}"))),
        _ => {
            let why =
                format!("several customers have a contract {number:?}; add a column customer");
            Err(refuse(row.line(), "contract", &why))
        }
    }
}

/// Puts a fee into its contract; where: `[0].charges[1]`. What ran until then at the same frequency
/// ends on the day on which it begins: a line that is paid monthly is not paid twice.
fn put(contract: &mut Value, row: Row<'_>) -> Result<String, Problem> {
    let (name, from) = (row.required("line")?, row.required("from")?);
    let mut charge = json!({
        "amount": row.required("amount")?, "frequency": row.required("frequency")?, "from": from,
        "in_advance": in_advance(row)?,
    });
    if let Some(to) = row.get("to") {
        charge["to"] = json!(to);
    }
    let lines = contract["versions"][0]["lines"].as_array_mut();
    let lines: &mut [Value] = lines.map_or(&mut [], |lines| lines.as_mut_slice());
    let Some(at) = lines.iter().position(|line| line["name"] == name) else {
        let names: Vec<&str> = lines.iter().filter_map(|line| line["name"].as_str()).collect();
        let why = format!("the contract has no line {name:?}; it has {}", names.join(", "));
        return Err(refuse(row.line(), "line", &why));
    };
    let Some(charges) = lines[at]["charges"].as_array_mut() else {
        return Ok(format!("[{at}]"));
    };
    let alike = |one: &Value| one["frequency"] == charge["frequency"];
    if let Some(same) = charges.iter().position(|one| alike(one) && one["from"] == from) {
        charges[same] = charge;
        return Ok(format!("[{at}].charges[{same}]"));
    }
    // Days as text sort as days do.
    let runs = |one: &Value| {
        one["from"].as_str().is_some_and(|begun| begun < from)
            && one["to"].as_str().is_none_or(|to| to > from)
    };
    for before in charges.iter_mut().filter(|one| alike(one) && runs(one)) {
        before["to"] = json!(from);
    }
    charges.push(charge);
    Ok(format!("[{at}].charges[{}]", charges.len() - 1))
}

fn in_advance(row: Row<'_>) -> Result<bool, Problem> {
    match row.get("in_advance") {
        None | Some("no" | "false") => Ok(false),
        Some("yes" | "true") => Ok(true),
        Some(other) => {
            Err(refuse(row.line(), "in_advance", &format!("{other:?}; write yes or no")))
        }
    }
}
