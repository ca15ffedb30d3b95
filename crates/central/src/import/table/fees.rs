//! Fees: what is charged for lines of contracts, whichever version is in force then.

use super::{Listed, Row, Rows, refuse};
use crate::{
    draft::begin,
    store::{contract, customer},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use makegood_domain::{Problem, contract::Contract, id::ContractId};
use makegood_engine::{money::Currency, zone::Zone};
use serde_json::{Value, json};
use sqlx::AnyConnection;
use std::collections::BTreeMap;

/// The contracts that a table of fees names, as they are on record, with those fees.
pub(super) async fn contracts(conn: &mut AnyConnection, rows: &Rows) -> Result<Listed, Problem> {
    let (mut contracts, mut places): (Vec<Value>, Vec<(String, u64)>) = Default::default();
    let mut known: Vec<ContractId> = Vec::new();
    let mut told = Told::new();
    let mut named = BTreeMap::new();
    // Whatever their order: each fee is put after those that begin before it.
    let mut all: Vec<Row<'_>> = rows.iter().collect();
    all.sort_by_key(|row| (row.get("from"), row.line()));
    for row in all {
        let of = (row.get("customer"), row.required("contract")?);
        let id = match named.get(&of) {
            Some(id) => *id,
            None => *named.entry(of).or_insert(contract_of(conn, row).await?),
        };
        let what = [row.required("line")?, row.required("frequency")?, row.required("from")?];
        if let Some((before, _)) = told.insert((id, what), (row.line(), row.get("to"))) {
            let (first, again) = (before.min(row.line()), before.max(row.line()));
            let why = format!("line {first} tells the same fee; leave one of them");
            return Err(refuse(again, "line", &why));
        }
        cuts_none(&told, id, row)?;
        let at = match known.iter().position(|one| *one == id) {
            Some(at) => at,
            None => {
                known.push(id);
                contracts.push(begin::whole(conn, id).await?);
                contracts.len() - 1
            }
        };
        for place in put(&mut contracts[at], rows, row)? {
            places.push((format!("contracts[{at}].versions{place}"), row.line()));
        }
    }
    Ok(("contracts", contracts, places))
}

/// What rows tell: of which contract's line, at which frequency, from when on; on which line of the table, and until when.
type Told<'r> = BTreeMap<(ContractId, [&'r str; 3]), (u64, Option<&'r str>)>;

/// A row that says until when a fee is charged is not cut short by another one.
fn cuts_none(told: &Told<'_>, id: ContractId, row: Row<'_>) -> Result<(), Problem> {
    let [line, frequency, from] =
        [row.required("line")?, row.required("frequency")?, row.required("from")?];
    let cut = told.iter().find(|((of, what), (_, to))| {
        let alike = *of == id && what[0] == line && what[1] == frequency && what[2] < from;
        alike && to.is_some_and(|to| to > from)
    });
    let Some((_, (before, to))) = cut else { return Ok(()) };
    let why = format!("line {before} charges until {}; end it there", to.unwrap_or_default());
    Err(refuse(row.line(), "from", &why))
}

/// The contract that a row names.
async fn contract_of(conn: &mut AnyConnection, row: Row<'_>) -> Result<ContractId, Problem> {
    let number = row.required("contract")?;
    let mut found: Vec<Contract> = contract::numbered(conn, number).await?;
    if let Some(key) = row.get("customer") {
        let customer = customer::by_key(conn, key).await?;
        let unknown = || refuse(row.line(), "customer", &format!("there is no customer {key:?}"));
        let customer = customer.ok_or_else(unknown)?.row.id;
        found.retain(|one| one.customer == customer);
    }
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => Err(refuse(row.line(), "contract", &format!("no contract is numbered {number:?}"))),
        _ => {
            let why =
                format!("several customers have a contract {number:?}; add a column customer");
            Err(refuse(row.line(), "contract", &why))
        }
    }
}

/// Puts a fee into its contract: to every line of that name that is under contract while it is charged;
/// where: `[1].lines[0].charges[1]`.
fn put(contract: &mut Value, rows: &Rows, row: Row<'_>) -> Result<Vec<String>, Problem> {
    let (name, from, to) = (row.required("line")?, row.required("from")?, row.get("to"));
    for (column, day) in [("from", Some(from)), ("to", to)] {
        if let Some(day) = day.filter(|day| !is_day(day)) {
            let why = format!("{day:?} is no day; write it as 2026-01-31");
            return Err(refuse(row.line(), column, &why));
        }
    }
    let (mut names, mut places) = (Vec::new(), Vec::new());
    let currency = contract["currency"].as_str().and_then(Currency::parse);
    let digits = currency.map_or(2, Currency::minor_digits);
    for (version_at, version) in items(contract, "versions").iter_mut().enumerate() {
        for (at, line) in items(version, "lines").iter_mut().enumerate() {
            let own = line["name"].as_str().unwrap_or_default().to_owned();
            if own == name
                && is_charged(line, from, to)
                && let Some(charges) = line["charges"].as_array_mut()
            {
                let place = charged(charges, (rows, row), digits)?;
                places.push(format!("[{version_at}].lines[{at}].charges[{place}]"));
            }
            if !names.contains(&own) {
                names.push(own);
            }
        }
    }
    if places.is_empty() {
        let names = names.join(", ");
        let why = if names.split(", ").any(|one| one == name) {
            format!("no line {name:?} of the contract is in force then")
        } else {
            format!("the contract has no line {name:?}; it has {names}")
        };
        return Err(refuse(row.line(), "line", &why));
    }
    Ok(places)
}

/// Whether a line is under contract at some time from one day to another, by the calendar of its terms. Days as
/// text sort as days do.
fn is_charged(line: &Value, from: &str, to: Option<&str>) -> bool {
    let zone = line["terms"]["window"]["time_zone"].as_str();
    let zone = zone.and_then(|name| Zone::named(name).ok()).unwrap_or_else(Zone::utc);
    let local = |key: &str| {
        let at = line[key].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        at.map(|at| zone.local(at.to_utc()))
    };
    let begins = |at: NaiveDateTime| at.date().to_string();
    // What ends at midnight does not last into the day that begins.
    let ends = |at: NaiveDateTime| (at - TimeDelta::seconds(1)).date().to_string();
    local("active_to").is_none_or(|end| ends(end).as_str() >= from)
        && local("active_from").is_none_or(|begin| to.is_none_or(|to| begins(begin).as_str() < to))
}

fn items<'a>(of: &'a mut Value, key: &str) -> &'a mut [Value] {
    of[key].as_array_mut().map_or(&mut [], |items| items.as_mut_slice())
}

/// Puts a fee among a line's; its place. What ran until then at the same frequency ends on the day on which
/// it begins, and it ends where the next one begins: a line that is paid monthly is not paid twice. A row
/// about a day on record corrects that fee; what the table has no column for stays.
fn charged(
    charges: &mut Vec<Value>,
    (rows, row): (&Rows, Row<'_>),
    digits: u8,
) -> Result<usize, Problem> {
    let (frequency, from) = (row.required("frequency")?, row.required("from")?);
    let alike = |one: &Value| one["frequency"] == frequency;
    let begins = |one: &Value| one["from"].as_str().unwrap_or_default().to_owned();
    let same = charges.iter().position(|one| alike(one) && begins(one) == from);
    let kept = |column: &str| {
        let before = same.filter(|_| !rows.has(column)).map(|at| charges[at][column].clone());
        before.filter(|value| !value.is_null())
    };
    let next =
        charges.iter().filter(|one| alike(one)).map(begins).filter(|one| one.as_str() > from).min();
    let to = match (row.get("to"), next) {
        (Some(to), Some(next)) if to > next.as_str() => {
            let why = format!("a fee of the same frequency begins on {next}; end this one there");
            return Err(refuse(row.line(), "to", &why));
        }
        (Some(to), _) => Some(json!(to)),
        (None, next) => kept("to").or_else(|| next.map(|next| json!(next))),
    };
    let mut charge = json!({
        "amount": amount(rows, row, digits)?, "frequency": frequency, "from": from,
        "in_advance": kept("in_advance").map_or_else(|| in_advance(row).map(|yes| json!(yes)), Ok)?,
    });
    if let Some(to) = to {
        charge["to"] = to;
    }
    if let Some(at) = same {
        charges[at] = charge;
        return Ok(at);
    }
    let runs =
        |one: &Value| begins(one).as_str() < from && one["to"].as_str().is_none_or(|to| to > from);
    for before in charges.iter_mut().filter(|one| alike(one) && runs(one)) {
        before["to"] = json!(from);
    }
    charges.push(charge);
    Ok(charges.len() - 1)
}

/// An amount, which can't be read in two ways: "12.500" is twelve thousand five hundred where decimals have a
/// comma.
fn amount<'r>(rows: &Rows, row: Row<'r>, digits: u8) -> Result<&'r str, Problem> {
    let text = row.required("amount")?;
    let thousands = |(_, rest): (&str, &str)| rest.len() == 3 && digits != 3;
    if rows.comma_parts_decimals() && text.rsplit_once('.').is_some_and(thousands) {
        let why = format!(
            "{text:?} can be read in two ways; write it without a sign between thousands, and with the \
             currency's decimals"
        );
        return Err(refuse(row.line(), "amount", &why));
    }
    Ok(text)
}

/// Days are compared as text.
fn is_day(text: &str) -> bool {
    text.parse::<NaiveDate>().is_ok_and(|day| day.to_string() == text)
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
