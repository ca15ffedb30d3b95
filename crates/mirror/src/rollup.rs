//! What follows from rows of several entities, kept beside them so that screens of a large house
//! need not count or sort: tallies, the portfolio's order, the run of statements, the search index.
//!
//! A page notes what it touches, takes that out of what is kept (`leave`), and puts in again what
//! it has become (`enter`), in the transaction that applies it. [`rebuild`] writes all of it anew.

mod run;
mod search;

use crate::{apply::Page, read::Reader, replica::Mirror};
use makegood_domain::{Problem, wire::Entity};
use serde_json::Value;

/// Writes everything anew that follows from other rows: after rows, with the columns beside their
/// bodies, came in by another way than [`Mirror::apply`].
///
/// # Errors
/// [`makegood_domain::Code::Database`]; then all is as it was.
pub async fn rebuild(mirror: &Mirror) -> Result<(), Problem> {
    let mut writer = mirror.writer().await?;
    write_anew(&mut writer).await?;
    writer.commit().await
}

/// The tables that hold it, beside the search index.
pub(crate) const TABLES: [&str; 4] = ["tally", "place", "run", "named"];

/// Before a page: notes what it touches, and takes that out.
pub(crate) async fn leave(writer: &mut Reader, page: &Page<'_>) -> Result<(), Problem> {
    writer.run(TOUCHED, &[]).await?;
    writer.run("delete from temp.touched", &[]).await?;
    for (entity, changes) in page {
        let keys: Vec<&str> = changes.iter().map(|change| change.key.as_str()).collect();
        note(writer, entity.as_str(), &Value::from(keys)).await?;
        if matches!(entity, Entity::Customer | Entity::Contract | Entity::SlaLine) {
            let of = changes.iter().filter_map(|change| Some(change.customer?.to_string()));
            note(writer, "party", &of.collect()).await?;
        }
    }
    spread(writer).await?;
    count(writer, "-1").await?;
    writer.run(NO_PLACES, &[]).await
}

async fn note(writer: &mut Reader, what: &str, keys: &Value) -> Result<(), Problem> {
    let sql = "insert or ignore into temp.touched select $1, value, '' from json_each($2)";
    writer.run(sql, &[what, &keys.to_string()]).await
}

/// After the page: puts in what it has become.
pub(crate) async fn enter(writer: &mut Reader) -> Result<(), Problem> {
    spread(writer).await?;
    count(writer, "1").await?;
    writer.run(PLACES, &[]).await?;
    settle(writer).await?;
    run::write(writer).await?;
    search::write(writer).await
}

/// Everything anew, from columns that are right.
pub(crate) async fn write_anew(writer: &mut Reader) -> Result<(), Problem> {
    writer.run(TOUCHED, &[]).await?;
    writer.run("delete from temp.touched", &[]).await?;
    for kept in [
        "delete from tally",
        "delete from place",
        "delete from run",
        "delete from named",
        "insert into sought (sought) values ('delete-all')",
    ] {
        writer.run(kept, &[]).await?;
    }
    for all in ALL {
        writer.run(all, &[]).await?;
    }
    run::write_all(writer).await?;
    search::write_all(writer).await
}

/// What a page touches: entities by their table's name, and what hangs on them.
const TOUCHED: &str = "create temp table if not exists touched (
    what text not null, key text not null, part text not null, primary key (what, key, part)
) strict, without rowid";

/// A line's month by the names that it is listed under, in one text that sorts as the three do.
macro_rules! places {
    ($from:expr, $which:literal) => {
        concat!(
            "select a.month, a.status, a.left_micros,
                    coalesce(customer.name, '–') || char(31) || coalesce(contract.number, '–')
                      || char(31) || coalesce(sla_line.name, '–'), a.key from ",
            $from,
            " left join sla_line on sla_line.key = a.line
              left join contract on contract.key = sla_line.contract
              left join customer on customer.key = a.customer ",
            $which
        )
    };
}

/// Lines' months that are touched, or whose names may be others.
macro_rules! moved {
    () => {
        "(select key from temp.touched where what = 'attainment'
          union select attainment.key from temp.touched as t
          join attainment on attainment.customer = t.key where t.what = 'party') as moved
         join attainment as a on a.key = moved.key"
    };
}

const PLACES: &str = concat!("insert or ignore into place ", places!(moved!(), ""));
const NO_PLACES: &str = concat!(
    "delete from place where (month, status, left_micros, title, attainment) in (",
    places!(moved!(), ""),
    ")"
);

/// A breach among others: what is left of its line's allowance, its cause, its names, and what its
/// line costs: its part of the settlement, or what its own terms say so far.
macro_rules! ranks {
    ($which:literal) => {
        concat!(
            "update breach set
               left_micros = coalesce(
                 (select nullif(left_micros, 9223372036854775807) from attainment
                  where attainment.key = breach.attainment),
                 -9223372036854775807),
               cause = coalesce(incident,
                 (select hit.incident from hit, json_each(hit.body, '$.breaches') as one
                  where hit.customer = breach.customer and one.value = breach.key
                  order by hit.key limit 1)),
               title = coalesce((select name from customer where key = breach.customer), '–')
                 || char(31)
                 || coalesce((select number from contract where key = breach.contract), '–')
                 || char(31)
                 || coalesce((select name from sla_line where key = breach.line), '–'),
               (owed, currency) = (
                 select cast(one.value -> 'allocated' ->> 'minor' as integer),
                        one.value -> 'allocated' ->> 'currency'
                 from settlement, json_each(settlement.body, '$.lines') as one
                 where settlement.key = breach.settlement and one.value ->> 'line' = breach.line
                 union all
                 select owed, currency from attainment where attainment.key = breach.attainment
                 union all
                 select 0, null
                 limit 1) ",
            $which
        )
    };
}

/// What the settlement's credits come to that are still to be decided: also what a revision added or
/// takes back. Goodwill is owed by nobody, and what was not asked for in time is not owed any more.
macro_rules! undecided {
    ($which:literal) => {
        concat!(
            "update settlement set undecided = coalesce((
               select sum(minor) from credit where credit.settlement = settlement.key
               and kind <> 'goodwill' and claim not in ('lapsed', 'late')
               and decision in ('drafted', 'proposed', 'approved_once', 'returned')), 0) ",
            $which
        )
    };
}

const ALL: [&str; 6] = [
    "insert into tally
     select 'attainment', month, state || ' ' || status, count(*) from attainment group by 2, 3",
    "insert into tally select 'breach', '', state, count(*) from breach group by 3",
    "insert into tally select 'credit', '', tab, count(*) from credit where tab is not null group by 3",
    concat!("insert into place ", places!("attainment as a", "order by 1, 2, 3, 4, 5")),
    ranks!(""),
    undecided!("where undecided <> 0 or key in (select settlement from credit)"),
];

/// From what a page touches to what hangs on it.
async fn spread(writer: &mut Reader) -> Result<(), Problem> {
    for sql in SPREAD {
        writer.run(sql, &[]).await?;
    }
    Ok(())
}

const SPREAD: [&str; 10] = [
    // Whose names may have changed; what comes in brings its customer along.
    "insert or ignore into temp.touched
     select 'party', customer.key, '' from temp.touched as t
     join customer on customer.key = t.key where t.what = 'customer'",
    "insert or ignore into temp.touched
     select 'party', contract.customer, '' from temp.touched as t
     join contract on contract.key = t.key where t.what = 'contract'",
    "insert or ignore into temp.touched
     select 'party', sla_line.customer, '' from temp.touched as t
     join sla_line on sla_line.key = t.key where t.what = 'sla_line'",
    // Whose months' statements may stand elsewhere.
    "insert or ignore into temp.touched
     select 'book', one.customer, one.month from temp.touched as t
     join attainment as one on one.key = t.key where t.what = 'attainment'",
    "insert or ignore into temp.touched
     select 'book', one.customer, one.month from temp.touched as t
     join settlement as one on one.key = t.key where t.what = 'settlement'",
    "insert or ignore into temp.touched
     select 'book', one.customer, settlement.month from temp.touched as t
     join breach as one on one.key = t.key
     join settlement on settlement.key = one.settlement where t.what = 'breach'",
    "insert or ignore into temp.touched
     select 'book', one.customer, coalesce(settlement.month, one.month) from temp.touched as t
     join credit as one on one.key = t.key
     left join settlement on settlement.key = one.settlement where t.what = 'credit'",
    "insert or ignore into temp.touched
     select 'book', one.customer, one.period from temp.touched as t
     join statement as one on one.key = t.key where t.what = 'statement'",
    "insert or ignore into temp.touched
     select 'settled', key, '' from temp.touched where what = 'settlement'
     union select 'settled', credit.settlement, '' from temp.touched as t
     join credit on credit.key = t.key where t.what = 'credit' and credit.settlement is not null",
    "insert or ignore into temp.touched
     select 'ranked', key, '' from temp.touched where what = 'breach'
     union select 'ranked', breach.key, '' from temp.touched as t
     join breach on breach.attainment = t.key where t.what = 'attainment'
     union select 'ranked', breach.key, '' from temp.touched as t
     join breach on breach.settlement = t.key where t.what = 'settlement'
     union select 'ranked', breach.key, '' from temp.touched as t
     join breach on breach.customer = t.key where t.what = 'party'
     union select 'ranked', breach.key, '' from temp.touched as t
     join hit on hit.key = t.key join breach on breach.customer = hit.customer
     where t.what = 'hit'",
];

/// Counts what is touched in or out.
async fn count(writer: &mut Reader, sign: &str) -> Result<(), Problem> {
    for sql in COUNTS {
        writer.run(sql, &[sign]).await?;
    }
    Ok(())
}

const COUNTS: [&str; 3] = [
    "insert into tally
     select 'attainment', month, state || ' ' || status, count(*) * cast($1 as integer)
     from attainment
     where key in (select key from temp.touched where what = 'attainment') group by 2, 3
     on conflict do update set number = number + excluded.number",
    "insert into tally
     select 'breach', '', state, count(*) * cast($1 as integer) from breach
     where key in (select key from temp.touched where what = 'breach') group by 3
     on conflict do update set number = number + excluded.number",
    "insert into tally
     select 'credit', '', tab, count(*) * cast($1 as integer) from credit
     where key in (select key from temp.touched where what = 'credit') and tab is not null group by 3
     on conflict do update set number = number + excluded.number",
];

/// What is a column of the row that it is about.
async fn settle(writer: &mut Reader) -> Result<(), Problem> {
    let ranked = ranks!("where key in (select key from temp.touched where what = 'ranked')");
    let undecided =
        undecided!("where key in (select key from temp.touched where what = 'settled')");
    writer.run(ranked, &[]).await?;
    writer.run(undecided, &[]).await
}
