//! The run of statements: how each customer's month stands, judged by the one rule of
//! `Books`.

use crate::{
    overlay::Overlay,
    read::Reader,
    screens::{Books, Standing},
};
use makegood_domain::{
    Problem,
    statement::{StatementOf, StatementState},
};
use serde_json::{Value, json};

/// Writes what a page has touched.
pub(super) async fn write(writer: &mut Reader) -> Result<(), Problem> {
    writer.run(COUNTED, &["-1"]).await?;
    writer.run(GONE, &[]).await?;
    put(writer).await?;
    writer.run(COUNTED, &["1"]).await?;
    writer.run(RENAMED, &[]).await
}

/// Writes every customer's months.
pub(super) async fn write_all(writer: &mut Reader) -> Result<(), Problem> {
    writer.run(OWNERS, &[]).await?;
    let mut last = String::new();
    loop {
        let chunk = writer.texts(CHUNK, &[&last]).await?.concat();
        let Some(to) = chunk.last() else { break };
        writer.run("delete from temp.touched where what = 'book'", &[]).await?;
        writer.run(BOOKS_OF_CHUNK, &[&last, to]).await?;
        put(writer).await?;
        last.clone_from(to);
    }
    writer.run("delete from temp.touched", &[]).await?;
    writer
        .run("insert into tally select 'run', month, state, count(*) from run group by 2, 3", &[])
        .await
}

async fn put(writer: &mut Reader) -> Result<(), Problem> {
    let books = Books::of_touched(writer).await?;
    let rows: Vec<Value> = books
        .months
        .iter()
        .filter(|(_, book)| {
            book.measured.is_some() || book.of(StatementOf::Customer).next().is_some()
        })
        .map(|(key, book)| {
            let newest = book.of(StatementOf::Customer).next();
            let sealing = newest.is_some_and(|one| one.state == StatementState::Issued);
            let (state, text, reasons) = words(book.standing(key, &Overlay::default()), sealing);
            let number = newest.map(|one| &one.number);
            json!([key.1, key.0, state != "blocked", state, text, reasons, number])
        })
        .collect();
    writer.run(PUT, &[&Value::from(rows).to_string()]).await
}

/// A standing in words, and what stands in the way.
fn words(standing: Standing, sealing: bool) -> (&'static str, String, Vec<String>) {
    match standing {
        Standing::Running(text) => ("running", text.to_owned(), Vec::new()),
        // Nothing is queued in an overlay that is empty.
        Standing::Queued(stage) => ("queued", stage.word().to_owned(), Vec::new()),
        Standing::Ready(text) => ("ready", text, Vec::new()),
        Standing::Blocked(blockers) => {
            let reasons = blockers.into_iter().map(|one| one.text).collect();
            ("blocked", "Blocked".to_owned(), reasons)
        }
        Standing::Done if sealing => ("draft", "Numbered, being sealed".to_owned(), Vec::new()),
        Standing::Done => ("sealed", "Sealed".to_owned(), Vec::new()),
    }
}

const COUNTED: &str = "insert into tally
    select 'run', month, state, count(*) * cast($1 as integer) from run
    where (month, customer) in (select part, key from temp.touched where what = 'book') group by 2, 3
    on conflict do update set number = number + excluded.number";
const GONE: &str = "delete from run
    where (month, customer) in (select part, key from temp.touched where what = 'book')";
const PUT: &str = "insert or replace into run
    select value ->> 0, value ->> 1, value ->> 2, coalesce(customer.name, '–'),
           value ->> 3, value ->> 4, value -> 5, value ->> 6
    from json_each($1) left join customer on customer.key = value ->> 1";
const RENAMED: &str = "update run
    set name = coalesce((select customer.name from customer where customer.key = run.customer), '–')
    where (month, customer) in (
      select run.month, run.customer from temp.touched as t
      join run on run.customer = t.key where t.what = 'party')";
/// Who has books at all.
const OWNERS: &str = "insert into temp.touched
    select 'owner', customer, '' from attainment
    union select 'owner', customer, '' from settlement
    union select 'owner', customer, '' from statement";
/// Customers whose books are held at once.
const CHUNK: &str = "select key from temp.touched where what = 'owner' and key > $1
    order by key limit 100";
const BOOKS_OF_CHUNK: &str = "insert into temp.touched
    select 'book', customer, month from attainment where customer > $1 and customer <= $2
    union select 'book', customer, month from settlement where customer > $1 and customer <= $2
    union select 'book', customer, period from statement where customer > $1 and customer <= $2";
