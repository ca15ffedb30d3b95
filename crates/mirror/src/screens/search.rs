//! The search field.

use super::{
    house::{Names, listed},
    show::{day_short, month_name},
};
use crate::{
    Reader, Versioned,
    ask::{self, Question},
    fold::fold,
};
use makegood_domain::{Problem, breach::Breach, credit::Credit, row::Row, statement::Statement};
use serde::Serialize;
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

/// What bears this text in its name or number, whatever the case of its letters and with or without
/// their marks; of each kind the first twelve, those that begin with it before those that contain it. Fewer than three letters find
/// what begins with them.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn search(reader: &mut Reader, text: &str) -> Result<Vec<SearchHit>, Problem> {
    let wanted = fold(text.trim());
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let [customers, breaches, credits, statements] = found(reader, &wanted).await?.map(listed);
    let asked = (
        named(&customers),
        numbered::<Breach>(&breaches),
        numbered::<Credit>(&credits),
        numbered::<Statement>(&statements),
    );
    let (customers, breaches, credits, statements) = reader.ask(asked).await?;
    let owners = breaches.iter().map(|one| one.customer);
    let owners = owners.chain(credits.iter().map(|one| one.customer));
    let owners = owners.chain(statements.iter().map(|one| one.customer));
    let names = reader.ask(Names::of_customers(owners, [])).await?;
    let hit = |kind: &str, id: String, title: &str, note: String| SearchHit {
        kind: kind.to_owned(),
        id,
        title: title.to_owned(),
        note,
    };
    let mut hits = of_customers(customers);
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

/// What is looked for, as the index names it.
const KINDS: [&str; 4] = ["customer", "breach", "credit", "statement"];
/// Of each kind so many are shown.
const SHOWN: usize = 12;

/// Keys of the first of each kind that bear the text: those that begin with it, then those that contain
/// it. Where twelve numbers of a kind begin with it (`CR-`), no number is looked for that merely contains
/// it: that takes as long as there are such. Customers bear their group's name and contracts' numbers, too.
async fn found(reader: &mut Reader, wanted: &str) -> Result<[Vec<String>; 4], Problem> {
    let [a, b, c, d] = KINDS.map(|kind| beginning(kind, wanted));
    let (a, b, c, d) = reader.ask((a, b, c, d)).await?;
    let mut found = [a, b, c, d];
    if wanted.chars().count() < 3 {
        return Ok(found);
    }
    let [_, numbered @ ..] = &found;
    let numbers = numbered.iter().all(|keys| keys.len() < SHOWN);
    let is_asked = |keys: &[String], kind| keys.len() < SHOWN && (numbers || kind == "customer");
    let [a, b, c, d] = [0, 1, 2, 3]
        .map(|at| is_asked(&found[at], KINDS[at]).then(|| containing(KINDS[at], wanted)));
    let (a, b, c, d) = reader.ask((a, b, c, d)).await?;
    for (keys, more) in found.iter_mut().zip([a, b, c, d]) {
        let more = more.unwrap_or_default().into_iter();
        let more: Vec<_> = more.filter(|key| !keys.contains(key)).collect();
        keys.extend(more.into_iter().take(SHOWN - keys.len()));
    }
    Ok(found)
}

fn beginning(kind: &str, wanted: &str) -> Question<Vec<String>> {
    let end = format!("{wanted}\u{10ffff}");
    let sql = "select key from named
               where kind = $1 and folded >= $2 and folded < $3
               order by folded limit cast($4 as integer)";
    ask::texts::<1>(sql, &[kind, wanted, &end, &SHOWN.to_string()]).map(|keys| keys.concat())
}

fn containing(kind: &str, wanted: &str) -> Question<Vec<String>> {
    // The kind is a token of the index: of the other kinds nothing is read.
    let kind: String = kind.chars().take(3).collect();
    let quoted = wanted.replace('"', "\"\"");
    let asked = format!("kind : {kind} AND content_text : \"{quoted}\"");
    let sql = "select key from sought join named on named.id = sought.rowid
               where sought match $1 order by sought.rowid limit cast($2 as integer)";
    ask::texts::<1>(sql, &[&asked, &SHOWN.to_string()]).map(|keys| keys.concat())
}

/// Entities by their keys, in the order of their numbers.
fn numbered<T: Row>(keys: &str) -> Question<Vec<Versioned<T>>> {
    ask::list("where key in (select value from json_each($1)) order by number", &[keys])
}

/// Customers by name, each with its contracts' numbers.
fn named(keys: &str) -> Question<Vec<[String; 3]>> {
    let sql = "select key, name,
                      (select group_concat(number, ', ' order by key) from contract
                       where contract.customer = customer.key)
               from customer
               where key in (select value from json_each($1)) order by folded, key";
    ask::texts(sql, &[keys])
}

fn of_customers(found: Vec<[String; 3]>) -> Vec<SearchHit> {
    let hit =
        |[id, title, note]: [String; 3]| SearchHit { kind: "customer".to_owned(), id, title, note };
    found.into_iter().map(hit).collect()
}
