//! The search field.

use super::{
    house::{Names, listed},
    show::{day_short, month_name},
};
use crate::{Reader, Versioned};
use makegood_domain::{Problem, breach::Breach, credit::Credit, row::Row, statement::Statement};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SearchHit {
    /// `customer`, `breach`, `credit`, `statement`.
    #[ts(type = "\"customer\" | \"breach\" | \"credit\" | \"statement\"")]
    pub kind: String,
    /// Its id; a statement's is that of its customer.
    pub id: String,
    /// `Northwind GmbH`, `BR-1042`.
    pub title: String,
    /// What else says which one it is.
    pub note: String,
}

/// What bears this text in its name or number, whatever the case of its letters; of each kind the
/// first twelve. Fewer than three letters find what begins with them.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn search(reader: &mut Reader, text: &str) -> Result<Vec<SearchHit>, Problem> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = [
        found(reader, "customer", &wanted).await?,
        found(reader, "breach", &wanted).await?,
        found(reader, "credit", &wanted).await?,
        found(reader, "statement", &wanted).await?,
    ];
    let [customers, breaches, credits, statements] = found.map(listed);
    let breaches: Vec<Versioned<Breach>> = numbered(reader, &breaches).await?;
    let credits: Vec<Versioned<Credit>> = numbered(reader, &credits).await?;
    let statements: Vec<Versioned<Statement>> = numbered(reader, &statements).await?;
    let owners = breaches.iter().map(|one| one.customer);
    let owners = owners.chain(credits.iter().map(|one| one.customer));
    let owners = owners.chain(statements.iter().map(|one| one.customer));
    let names = Names::of_customers(reader, owners).await?;
    let hit = |kind: &str, id: String, title: &str, note: String| SearchHit {
        kind: kind.to_owned(),
        id,
        title: title.to_owned(),
        note,
    };
    let mut hits = of_customers(reader, &customers).await?;
    hits.extend(breaches.iter().map(|one| {
        let note = format!("{}, {}", names.customer(one.customer), month_name(&one.window));
        hit("breach", one.id.to_string(), &one.number, note)
    }));
    hits.extend(credits.iter().map(|one| {
        let note = format!("{}, {}", names.customer(one.customer), one.amount.display());
        hit("credit", one.id.to_string(), &one.number, note)
    }));
    hits.extend(statements.iter().map(|one| {
        let issued = day_short(one.issued_at.date_naive());
        let note = format!("{}, issued {issued}", names.customer(one.customer));
        hit("statement", one.customer.to_string(), &one.number, note)
    }));
    Ok(hits)
}

/// Keys of the first that bear the text.
async fn found(reader: &mut Reader, kind: &str, wanted: &str) -> Result<Vec<String>, Problem> {
    let keys = if wanted.chars().count() < 3 {
        let end = format!("{wanted}\u{10ffff}");
        let sql = "select key from named
                   where kind = $1 and lower(title) >= $2 and lower(title) < $3
                   order by lower(title) limit 12";
        reader.texts(sql, &[kind, wanted, &end]).await?
    } else {
        // The kind is a token of the index: of the other kinds nothing is read.
        let kind: String = kind.chars().take(3).collect();
        let quoted = wanted.replace('"', "\"\"");
        let asked = format!("kind : {kind} AND content_text : \"{quoted}\"");
        let sql = "select key from sought join named on named.id = sought.rowid
                   where sought match $1 order by sought.rowid limit 12";
        reader.texts(sql, &[&asked]).await?
    };
    Ok(keys.concat())
}

/// Entities by their keys, in the order of their numbers.
async fn numbered<T: Row>(reader: &mut Reader, keys: &str) -> Result<Vec<Versioned<T>>, Problem> {
    reader.list("where key in (select value from json_each($1)) order by number", &[keys]).await
}

/// Customers by name, each with its contracts' numbers.
async fn of_customers(reader: &mut Reader, keys: &str) -> Result<Vec<SearchHit>, Problem> {
    let sql = "select customer, number from contract
               where customer in (select value from json_each($1)) order by key";
    let mut numbers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in reader.texts(sql, &[keys]).await? {
        if let Ok([customer, number]) = <[String; 2]>::try_from(row) {
            numbers.entry(customer).or_default().push(number);
        }
    }
    let sql = "select key, name from customer
               where key in (select value from json_each($1)) order by name, key";
    let found = reader.texts(sql, &[keys]).await?.into_iter();
    let found = found.filter_map(|row| <[String; 2]>::try_from(row).ok());
    Ok(found
        .map(|[id, title]| SearchHit {
            kind: "customer".to_owned(),
            note: numbers.remove(&id).unwrap_or_default().join(", "),
            id,
            title,
        })
        .collect())
}
