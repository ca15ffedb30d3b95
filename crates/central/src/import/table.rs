//! Tables as spreadsheets and billing systems export them (CSV, RFC 4180): customers, fees, monthly
//! revenue. A table is turned into an import's document, and takes the document's way: whole or not
//! at all, and by a second person where money rests on it.

mod customers;
mod fees;

use super::document;
use makegood_domain::{
    Problem,
    table::{Row, Rows, refuse},
};
use serde_json::{Map, Value, json};
use sqlx::AnyConnection;

/// What a table lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// A customer on each line: `key`, `name`, `country`, `locale`, `time_zone`; `group`, `address`
    /// (lines parted by `|`), `segment`, `churned_on`, `csm` and `account_manager`. What it has no
    /// column for stays; an empty cell empties.
    Customers,
    /// What is charged from a day on: `contract`, `line`, `amount`, `frequency`, `from`; `to`,
    /// `in_advance` (`yes` or `no`), and `customer` where several have a contract of that number.
    Fees,
    /// Monthly recurring revenue: `customer`, `month`, `amount`, `currency`.
    Mrr,
}

impl Table {
    /// Reads `customers`, `fees` or `mrr`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "customers" => Some(Self::Customers),
            "fees" => Some(Self::Fees),
            "mrr" => Some(Self::Mrr),
            _ => None,
        }
    }

    /// The columns that have to be there, and those that may be.
    fn columns(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Customers => (
                &["key", "name", "country", "locale", "time_zone"],
                &["group", "address", "segment", "churned_on", "csm", "account_manager"],
            ),
            Self::Fees => (
                &["contract", "line", "amount", "frequency", "from"],
                &["customer", "to", "in_advance"],
            ),
            Self::Mrr => (&["customer", "month", "amount", "currency"], &[]),
        }
    }
}

/// The document that a table comes to, and which line each part of it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// `makegood/import/1`.
    pub document: Vec<u8>,
    /// Path in the document, line of the table.
    places: Vec<(String, u64)>,
}

impl Read {
    /// A problem with the document, told at the line of the table that it came from.
    #[must_use]
    pub fn told(&self, problem: Problem) -> Problem {
        let Some(path) = problem.path.clone() else { return problem };
        let within = |place: &&(String, u64)| {
            path.strip_prefix(&place.0)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let longest = self.places.iter().filter(within).max_by_key(|(place, _)| place.len());
        let Some((place, line)) = longest else { return problem };
        let column = path[place.len()..].trim_start_matches('.');
        let at = if column.is_empty() {
            format!("line {line}")
        } else {
            format!("line {line}, {column}")
        };
        let message = problem.message.replace(&path, &at);
        Problem { message, ..problem }.at(at)
    }
}

/// Turns a table into a document. What it does not say about a contract is as it is in force.
///
/// # Errors
/// What [`Rows::read`] gives; [`makegood_domain::Code::Invalid`] at the line and column that can't be
/// so; [`makegood_domain::Code::Database`].
pub async fn read(conn: &mut AnyConnection, table: Table, bytes: &[u8]) -> Result<Read, Problem> {
    let (required, optional) = table.columns();
    let rows = Rows::read(bytes, required, optional)?;
    let (key, items, places) = match table {
        Table::Customers => customers::all(conn, &rows).await?,
        Table::Mrr => revenue(&rows)?,
        Table::Fees => fees::contracts(conn, &rows).await?,
    };
    let document = json!({ "format": document::FORMAT, key: items });
    Ok(Read { document: document.to_string().into_bytes(), places })
}

type Listed = (&'static str, Vec<Value>, Vec<(String, u64)>);

fn revenue(rows: &Rows) -> Result<Listed, Problem> {
    let (mut items, mut places) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        let mut one = Map::new();
        for column in ["customer", "month", "amount", "currency"] {
            one.insert(column.to_owned(), json!(row.required(column)?));
        }
        items.push(Value::Object(one));
        places.push((format!("mrr[{at}]"), row.line()));
    }
    Ok(("mrr", items, places))
}
