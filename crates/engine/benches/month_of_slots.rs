//! 10,000 lines with a month of five-minute slots each, through the three measures of slots, on one
//! thread. Prints what it found and how long it took; `duckdb_peer.py` computes the same figures
//! from the same numbers and prints the ratio. `make bench` runs both.
#![allow(clippy::expect_used, reason = "a measurement that can't begin stops at once")]

use makegood_engine::outcome::outcome;
use makegood_engine::{Case, Slots};
use std::time::Instant;

const SLOTS_PER_LINE: u64 = 8_640;

fn terms(measure: &str) -> Case {
    let text = format!(
        r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-11",
            "lines": [{{"sla": "API", "fee": "1000.00", "evidence": {{"slots": []}},
            "terms": {{"objective": "99.9", "window": {{"calendar": "month"}}, "measure": {measure},
            "credit": {{"tiers": [{{"below": "99.9", "percent": "10"}}]}}}}}}]}}"#
    );
    Case::parse_file(text.as_bytes()).expect("it is a case").remove(0)
}

/// The numbers of one line: the same formula as in `duckdb_peer.py`.
fn line(line: u64) -> Slots {
    let count = |number: u64| u32::try_from(number).expect("it is small");
    let slot = |at: u64| {
        let mixed = ((line * SLOTS_PER_LINE + at) * 2_654_435_761) % (1 << 32);
        let mixed = ((mixed ^ (mixed >> 15)) * 2_246_822_519) % (1 << 32);
        let mixed = mixed ^ (mixed >> 13);
        let requests = if mixed.is_multiple_of(97) { 0 } else { 200 + mixed % 1_801 };
        let bad = (mixed >> 11).is_multiple_of(10) && requests > 0;
        (count(requests), count(if bad { 1 + (mixed >> 16) % 100 } else { 0 }))
    };
    let (requests, errors) = (0..SLOTS_PER_LINE).map(slot).unzip();
    Slots::of_counts(requests, errors).expect("errors don't exceed requests")
}

fn main() {
    let lines = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(10_000);
    let mut cases = [
        terms(r#"{"requests": {"slot": "5m"}}"#),
        terms(
            r#"{"slots": {"slot": "5m", "bad_when": {"metric": "error_percent", "is": ">", "than": "5"}}}"#,
        ),
        terms(r#"{"mean_error_rate": {"slot": "5m"}}"#),
    ];
    let data: Vec<Slots> = (0..lines).map(line).collect();
    for _ in 0..5 {
        let (mut millionths, mut missed) = ([0_u64; 3], [0_u64; 3]);
        let mut data = data.clone();
        let began = Instant::now();
        for slots in &mut data {
            for (index, case) in cases.iter_mut().enumerate() {
                // The evidence goes from case to case; nothing is copied.
                std::mem::swap(&mut case.lines[0].evidence.slots, slots);
                let found = outcome(case).expect("it computes").lines.remove(0);
                std::mem::swap(&mut case.lines[0].evidence.slots, slots);
                millionths[index] += u64::from(found.millionths.unwrap_or_default());
                missed[index] += u64::from(found.met == Some(false));
            }
        }
        let nanoseconds = began.elapsed().as_nanos();
        println!("{nanoseconds} {millionths:?} {missed:?}");
    }
}
