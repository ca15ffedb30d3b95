//! How many statements of three pages a second of the processor lays out, and lays out and seals, on
//! one thread; and the most memory that took. `peers.py` has other programs draw the same pages and
//! prints the ratios. `make bench` runs both.
#![allow(clippy::expect_used, reason = "a measurement that can't begin stops at once")]

use makegood_statement::{Document, Seal, render, verify, write_whole};
use std::path::PathBuf;

#[path = "../tests/it/northwind.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the tests")]
mod northwind;

/// How long one round lasts at least, in hundredths of a second of the processor.
const ROUND: u64 = 200;

/// Northwind's October for one contract: three pages, one calculation file.
fn document(number: usize) -> Document {
    let mut document = northwind::document();
    document.number = format!("ST-2026-10-{number:04}");
    document.contracts.truncate(1);
    document
}

/// Hundredths of a second that this process has kept a processor busy.
fn busy() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc");
    let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// The most memory so far, in KB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("KB")
}

/// Makes documents for a round; prints how many, in how many hundredths of a second.
fn round(name: &str, next: &mut usize, make: impl Fn(Document) -> usize) {
    let (began, first) = (busy(), *next);
    let mut bytes = 0;
    while busy() - began < ROUND {
        for _ in 0..20 {
            bytes += make(document(*next));
            *next += 1;
        }
    }
    let count = *next - first;
    println!("{name} {count} {} {}", busy() - began, bytes / count);
}

fn main() {
    let sample = std::env::args().skip(1).find(|word| word.ends_with(".pdf")).map(PathBuf::from);
    let authority = northwind::authority();
    let seal = Seal::from_pkcs12(&authority.pkcs12, northwind::PASSWORD).expect("a seal");
    let trust = northwind::trust(&authority);
    let at = northwind::sealing_time();
    if let Some(sample) = sample {
        let unsigned = render(&document(0)).expect("it lays out");
        write_whole(&sample, &unsigned.bytes).expect("it is written");
    }
    let mut next = 0;
    for _ in 0..5 {
        round("rendered", &mut next, |document| {
            render(&document).expect("it lays out").bytes.len()
        });
        round("sealed", &mut next, |document| {
            let unsigned = render(&document).expect("it lays out");
            seal.sign(&unsigned, at).expect("it is sealed").len()
        });
        round("released", &mut next, |document| {
            let unsigned = render(&document).expect("it lays out");
            let bytes = seal.sign(&unsigned, at).expect("it is sealed");
            assert!(verify(&bytes, &trust, at).is_valid());
            bytes.len()
        });
    }
    println!("peak {}", peak());
}
