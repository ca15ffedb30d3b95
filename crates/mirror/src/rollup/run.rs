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
use serde_json::Value;
use sqlx::{QueryBuilder, Sqlite};

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
        let chunk = writer.texts(CHUNK, &[&last]).await?;
        let Some([to]) = chunk.last() else { break };
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
    let listed = books.months.iter().filter(|(_, book)| {
        book.measured.is_some() || book.of(StatementOf::Customer).next().is_some()
    });
    let rows: Vec<_> = listed.collect();
    for some in rows.chunks(ROWS) {
        let mut put = QueryBuilder::<Sqlite>::new(PUT);
        put.push_values(some, |mut row, (key, book)| {
            let newest = book.of(StatementOf::Customer).next();
            let sealing = newest.is_some_and(|one| one.state == StatementState::Issued);
            let (state, text, reasons) = words(book.standing(key, &Overlay::default()), sealing);
            row.push_bind(&key.1)
                .push_bind(key.0.to_string())
                .push_bind(state != "blocked")
                .push_bind(state)
                .push_bind(text)
                .push_bind(Value::from(reasons).to_string())
                .push_bind(newest.map(|one| &one.number));
        });
        put.push(NAMED);
        let done = put.build().persistent(some.len() == ROWS).execute(writer.connection()).await;
        done.map_err(|error| writer.refused(&error))?;
    }
    Ok(())
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
/// Columns of VALUES are named column1, column2, … in SQLite.
const PUT: &str = "insert or replace into run
    select column1, column2, column3, coalesce(customer.name, '–'),
           column4, column5, column6, column7, coalesce(customer.folded, '–') from (";
const NAMED: &str = ") left join customer on customer.key = column2";
/// Rows of one statement.
const ROWS: usize = 400;
const RENAMED: &str = "update run
    set name = coalesce((select customer.name from customer where customer.key = run.customer), '–'),
      folded = coalesce((select customer.folded from customer where customer.key = run.customer), '–')
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
