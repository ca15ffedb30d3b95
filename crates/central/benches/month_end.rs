//! The last day of the month: opening, moving on and locking 50,000 lines of 10,000 contracts, of
//! which one in twenty has missed. `cargo bench -p makegood-central --bench month_end [CONTRACTS]`.
#![allow(clippy::expect_used, reason = "a benchmark that can't go on has failed")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod book;

use book::{Book, SOURCE, books, instant, service};
use makegood_central::{
    close::{self, Until},
    ingest,
};
use serde_json::json;
use std::time::Instant;

const LINES: usize = 5;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let contracts =
        std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    runtime.block_on(async {
        for book in books().await {
            book.fill(contracts, LINES, &json!({ "uptime": {} })).await;
            turn(&book, "2026-10-05T08:00:00Z", "opens").await;
            outages(&book, contracts).await;
            turn(&book, "2026-10-31T08:00:00Z", "a turn of the schedule").await;
            turn(&book, "2026-11-01T00:15:00Z", "ends, and opens the next").await;
            turn(&book, "2026-11-04T00:00:00Z", "locks").await;
        }
    });
}

async fn turn(book: &Book, at: &str, what: &str) {
    let now = instant(at);
    book.clock.advance((now - book.clock.now()).to_std().expect("time goes on"));
    let began = Instant::now();
    let until = Until { now, grace_days: 3 };
    let report = close::turn(&book.store, None, until).await.expect("turns");
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let took = began.elapsed().as_secs_f64();
    println!(
        "{}: {what}: {took:.1} s ({} open, {} closing, {} locked windows)",
        book.name, report.open, report.closing, report.locked
    );
}

/// One line of every twentieth has an outage of two hours.
async fn outages(book: &Book, contracts: usize) {
    let began = Instant::now();
    let down: Vec<_> = (0..contracts * LINES)
        .step_by(20)
        .map(|at| {
            let service = service(at / LINES, at % LINES);
            json!({ "service": service, "from": "2026-10-05T05:00:00Z", "to": "2026-10-05T07:00:00Z" })
        })
        .collect();
    let body = json!({ "outages": down }).to_string().into_bytes();
    ingest::outage::apply(&book.store, book.admin, SOURCE, &body).await.expect("is taken");
    let took = began.elapsed().as_secs_f64();
    println!("{}: {} outages taken and computed: {took:.1} s", book.name, down.len());
}
