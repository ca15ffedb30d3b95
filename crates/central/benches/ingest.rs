//! Slots as central keeps them, beside PostgreSQL's `COPY` of the same facts as rows with a primary
//! key, in time order, into the same server; both through one connection, in one run.
//!
//! Whole days: what a source that was away brings. Live: each five minutes one slot of each series, in a
//! month whose windows are open. The word `live` measures that alone.
#![allow(clippy::expect_used, reason = "a benchmark that can't go on has failed")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod book;

use book::{Book, SOURCE, books, instant, service};
use makegood_central::{
    close::{self, Until},
    ingest::{self, sealing},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::{fmt::Write as _, time::Instant};

const SLOT: i64 = 300;
const IN_A_DAY: i64 = 86_400 / SLOT;
/// Series-days of one batch, listed slot by slot.
const SERIES_AT_ONCE: usize = 3_400;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut books = books().await;
        let Some(mut book) = books.pop().filter(|book| book.name == "postgresql") else {
            println!("COPY is PostgreSQL's: nothing to compare");
            return;
        };
        let lines = 5_000;
        book.fill(1_000, 5, &json!({ "requests": { "slot": "5m" } })).await;
        if std::env::args().any(|word| word == "live") {
            return live(&mut book, lines, 72).await;
        }
        whole_days(&mut book, 3_400, 10).await;
        live(&mut book, lines, 72).await;
    });
}

/// Requests and errors of a slot: traffic that changes, errors in one of ten.
fn counted(series: usize, start: i64) -> (u64, u64) {
    let at = u64::try_from(start / SLOT).expect("after 1970") + 977 * series as u64;
    let mixed = at.wrapping_mul(2_654_435_761) % (1 << 32);
    let requests = 200 + (mixed >> 7) % 1_801;
    let errors = if (mixed >> 11).is_multiple_of(10) { 1 + (mixed >> 16) % 100 } else { 0 };
    (requests, errors)
}

async fn whole_days(book: &mut Book, series: usize, days: i64) {
    let first = instant("2026-08-20T00:00:00Z").timestamp();
    let mut bodies = Vec::new();
    for day in 0..days {
        for from in (0..series).step_by(SERIES_AT_ONCE) {
            let some = from..series.min(from + SERIES_AT_ONCE);
            bodies.push(body(some, first + day * 86_400, IN_A_DAY));
        }
    }
    let began = Instant::now();
    for body in &bodies {
        ingest::slots::apply(&book.store, book.admin, SOURCE, body).await.expect("is taken");
    }
    let ours = began.elapsed().as_secs_f64();
    let facts = series * usize::try_from(days * IN_A_DAY).expect("fits");
    let ticks = (0..days).map(|day| (first + day * 86_400, IN_A_DAY));
    let copied = copy(book, series, ticks).await;
    told("whole days", facts, ours, copied);
}

async fn live(book: &mut Book, series: usize, slots: i64) {
    let until = Until { now: book.clock.now(), grace_days: 3 };
    close::turn(&book.store, None, until).await.expect("opens");
    let first = instant("2026-08-31T00:00:00Z").timestamp();
    let bodies: Vec<_> = (0..slots).map(|at| body(0..series, first + at * SLOT, 1)).collect();
    let began = Instant::now();
    for body in &bodies {
        ingest::slots::apply(&book.store, book.admin, SOURCE, body).await.expect("is taken");
    }
    let arrived = began.elapsed().as_secs_f64();
    book.clock.advance(std::time::Duration::from_hours(24));
    let sealing = Instant::now();
    sealing::turn(&book.store).await.expect("seals");
    let sealed = sealing.elapsed().as_secs_f64();
    let facts = series * usize::try_from(slots).expect("fits");
    let copied = copy(book, series, (0..slots).map(|at| (first + at * SLOT, 1))).await;
    told("live, slot by slot", facts, arrived, copied);
    told("live, and sealed", facts, arrived + sealed, copied);
}

/// A push of so many slots from `start` on, of each of these series.
fn body(series: std::ops::Range<usize>, start: i64, slots: i64) -> Vec<u8> {
    let blocks: Vec<_> = series
        .map(|at| {
            let (requests, errors): (Vec<u64>, Vec<u64>) =
                (0..slots).map(|slot| counted(at, start + slot * SLOT)).unzip();
            let begins = chrono::DateTime::from_timestamp(start, 0).expect("an instant");
            let begins = begins.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            json!({ "service": service(at / 5, at % 5), "slot_seconds": SLOT, "start": begins, "requests": requests, "errors": errors })
        })
        .collect();
    json!({ "slots": blocks }).to_string().into_bytes()
}

/// Seconds that `COPY` takes for the same facts, a statement and a commit for each tick.
async fn copy(book: &Book, series: usize, ticks: impl Iterator<Item = (i64, i64)>) -> f64 {
    let mut conn = PgConnection::connect(&book.url).await.expect("connects");
    let table = "create table if not exists fact (series integer, start bigint, requests bigint, \
                 errors bigint, primary key (series, start)); truncate fact";
    conn.execute(AssertSqlSafe(table.to_owned())).await.expect("a table");
    let texts: Vec<String> = ticks
        .map(|(start, slots)| {
            let mut text = String::new();
            for at in 0..slots {
                for one in 0..series {
                    let start = start + at * SLOT;
                    let (requests, errors) = counted(one, start);
                    writeln!(text, "{one}\t{start}\t{requests}\t{errors}").expect("is text");
                }
            }
            text
        })
        .collect();
    let began = Instant::now();
    for text in &texts {
        let mut into = conn.copy_in_raw("copy fact from stdin").await.expect("begins");
        into.send(text.as_bytes()).await.expect("is sent");
        into.finish().await.expect("is copied");
    }
    began.elapsed().as_secs_f64()
}

fn told(what: &str, facts: usize, ours: f64, copied: f64) {
    #[allow(clippy::cast_precision_loss, reason = "a rate to read")]
    let rate = |seconds: f64| facts as f64 / seconds / 1000.0;
    println!(
        "{what}: {facts} facts: {ours:.2} s ({:.0} thousand a second), COPY {copied:.2} s ({:.0}): {:.2} times",
        rate(ours),
        rate(copied),
        copied / ours
    );
}
