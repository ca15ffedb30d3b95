//! How many statements of three pages a second of the processor lays out, and lays out and seals, on
//! one thread; and the most memory that took. `peers.py` has other programs draw the same pages and
//! prints the ratios. With `--run 10000`: so many customers' statements as a run at the desk makes them, on
//! one thread and on two. `make bench` runs all three.
#![allow(clippy::expect_used, reason = "a measurement that can't begin stops at once")]

use chrono::{DateTime, Utc};
use makegood_statement::{
    BatchList, BatchStatement, Document, Seal, Trust, Verdict, Writers, render, verify,
    verify_batch, write_whole,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

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

/// Whom a statement of the run is for: no two alike, and each with letters of its own.
fn customers(number: usize) -> Document {
    let mut document = document(number);
    let letter = char::from_u32(0x391 + u32::try_from(number % 17).unwrap_or_default());
    let name = format!("Customer {number:05} {} GmbH", letter.unwrap_or('A'));
    document.recipient[0].clone_from(&name);
    document.customer = name;
    document
}

/// What a run at the desk does with each statement: laid out, sealed, verified, and handed to those who
/// write it whole. It is released once it lies on the disk.
fn release(
    number: usize,
    (seal, trust): (&Seal, &Trust),
    (writers, folder): (&Writers, &Path),
    released: &Arc<Mutex<Vec<BatchStatement>>>,
) {
    let at = northwind::sealing_time();
    let document = customers(number);
    let (customer, name) = (document.customer.clone(), format!("{}-r1.pdf", document.number));
    let bytes = seal.sign(&render(&document).expect("it lays out"), at).expect("it is sealed");
    let found = verify(&bytes, trust, at);
    assert!(found.is_valid(), "{customer}: {}", found.words);
    let (path, released) = (folder.join(&name), Arc::clone(released));
    let (sha256, verdict, number) = (found.sha256, found.words, document.number);
    let one = BatchStatement { customer, number, revision: 1, file: name, sha256, verdict };
    let done = move |written: Result<(), _>| {
        written.expect("it is written");
        released.lock().expect("no thread has failed").push(one);
    };
    writers.write(path, bytes, done).expect("it will be written");
}

/// From here on, the most memory counts anew.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").expect("/proc");
}

/// A run of `count` customers on so many threads; documents a second.
fn run(count: usize, threads: usize, seal: &Seal, trust: &Trust) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    forget_peak();
    let (began, next, released) = (Instant::now(), AtomicUsize::new(0), Arc::default());
    let writers = Writers::start().expect("writers");
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    release(number, (seal, trust), (&writers, folder.path()), &released);
                }
            });
        }
    });
    drop(writers);
    let mut released = std::mem::take(&mut *released.lock().expect("no thread has failed"));
    assert_eq!(released.len(), count, "each was written");
    released.sort_by(|a, b| a.number.cmp(&b.number));
    let at = northwind::sealing_time();
    let who = ("2026-10".to_owned(), "Sam Okafor".to_owned());
    let list = BatchList::new(who, (at, at), released, Vec::new());
    let (list, signature) = list.sign(seal).expect("the list is sealed");
    let seconds = began.elapsed().as_secs_f64();
    let (peak, rate) = (peak() / 1024, rate(count, seconds));
    println!(
        "{threads} threads: {count} statements in {seconds:.1} s, {rate:.1} a second; peak {peak} MB"
    );
    look(&list, &signature, folder.path(), trust, at);
    rate
}

fn rate(count: usize, seconds: f64) -> f64 {
    f64::from(u32::try_from(count).expect("a number of customers")) / seconds
}

/// The list holds, and with it each file.
fn look(list: &[u8], signature: &[u8], folder: &Path, trust: &Trust, at: DateTime<Utc>) {
    let read = |name: &str| std::fs::read(folder.join(name));
    let found = verify_batch(list, signature, read, trust, at);
    assert_eq!(found.verdict, Verdict::Valid, "{}", found.words);
}

fn main() {
    let authority = northwind::authority();
    let seal = Seal::from_pkcs12(&authority.pkcs12, northwind::PASSWORD).expect("a seal");
    let trust = northwind::trust(&authority);
    let mut words = std::env::args().skip(1);
    if words.any(|word| word == "--run") {
        let count = words.next().and_then(|word| word.parse().ok()).expect("--run 10000");
        // The fonts are read once, whoever comes first.
        let at = northwind::sealing_time();
        let warm = seal.sign(&render(&customers(0)).expect("it lays out"), at);
        assert!(verify(&warm.expect("it is sealed"), &trust, at).is_valid());
        let (one, two) = (run(count, 1, &seal, &trust), run(count, 2, &seal, &trust));
        println!("two threads do {:.2} of one", two / one);
        return;
    }
    rounds(&seal, &trust);
}

fn rounds(seal: &Seal, trust: &Trust) {
    let sample = std::env::args().skip(1).find(|word| word.ends_with(".pdf")).map(PathBuf::from);
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
            assert!(verify(&bytes, trust, at).is_valid());
            bytes.len()
        });
    }
    println!("peak {}", peak());
}
