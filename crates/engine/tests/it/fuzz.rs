//! Whatever stands in a file of up to 1 MiB: no panic, no hang, no unbounded memory, and what is
//! read is written back the same. `MAKEGOOD_FUZZ_SECONDS` says how long each test searches (2 by
//! default), `MAKEGOOD_FUZZ_SEED` where it begins.

use crate::fuzz::edit::{Edit, TreeEdit};
use crate::{cases, random};
use makegood_engine::check::check_file;
use makegood_engine::distance::{Like, LookBack, OpenWindow, Unanswered};
use makegood_engine::explain::{Language, words};
use makegood_engine::fraction::Fraction;
use makegood_engine::json::Json;
use makegood_engine::outcome::outcome;
use makegood_engine::{Case, compute};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::path::PathBuf;
use std::time::{Duration, Instant};

mod edit;
mod worst;

const LARGEST: usize = 1 << 20;

/// Far more than any input takes in an unoptimised build on a busy machine, far less than a hang.
const HANG: Duration = Duration::from_secs(60);

/// Reads, computes, explains and writes whatever this is.
fn survives(bytes: &[u8]) {
    let bytes = bytes.get(..LARGEST).unwrap_or(bytes);
    let began = Instant::now();
    let checked = check_file(bytes);
    if let Ok(read) = Case::parse_file(bytes) {
        assert_eq!(checked.unwrap().len(), read.len());
        read.iter().for_each(case_survives);
    }
    assert!(began.elapsed() < HANG, "it took {:?}", began.elapsed());
}

fn case_survives(case: &Case) {
    let again = Case::parse_file(case.to_json().as_bytes()).unwrap();
    assert_eq!(again, std::slice::from_ref(case), "what is written reads the same");
    let computed = match compute(case) {
        Ok(computed) => computed,
        Err(refusal) => {
            assert!(!refusal.to_string().is_empty());
            assert_eq!(outcome(case).unwrap_err(), refusal);
            return;
        }
    };
    let lean = outcome(case).unwrap();
    for (full, lean) in computed.result.lines.iter().zip(&lean.lines) {
        assert_eq!((full.met, full.percent.is_some()), (lean.met, lean.millionths.is_some()));
    }
    for step in computed.lines.iter().flat_map(|line| &line.steps) {
        for language in [Language::En, Language::De] {
            assert!(!words(step, language).sentence.is_empty(), "{step:?}");
        }
    }
    let customers = compute(&case.customer_edition()).unwrap();
    for (inside, outside) in computed.result.lines.iter().zip(&customers.result.lines) {
        assert_eq!((&inside.attainment, &inside.credit), (&outside.attainment, &outside.credit));
    }
    let middle = computed.span.from + (computed.span.to - computed.span.from) / 2;
    // Cutting the evidence may leave what a fixed total can't stand with.
    if let Ok(open) = OpenWindow::at(case, middle) {
        distance_survives(case, &open);
    }
}

fn distance_survives(case: &Case, open: &OpenWindow) {
    let day = LookBack::Last(makegood_engine::duration::Duration::of_seconds(86_400));
    for (index, line) in case.lines.iter().enumerate() {
        let Ok(distance) = open.distance(index) else { continue };
        assert!(distance.bad >= Fraction::whole(0), "{distance:?}");
        let _ = open.burn_rate(index, &day);
        let few = line.terms.to_json().len() < 10_000 && case.to_json().len() < 100_000;
        match few.then(|| open.costs(index)) {
            // A credit beyond what can be owed is refused.
            None | Some(Err(Unanswered::Refused(_))) => {}
            Some(Err(why)) => panic!("{why}"),
            Some(Ok(costs)) => {
                let next = costs.next().map(|next| &next.whole);
                assert!(next.is_none_or(|whole| *whole > Fraction::whole(0)), "{costs:?}");
            }
        }
    }
    let _ = open.forecast(&Like::Last(day));
}

/// The most memory that this process ever held, in KiB, where the system says so.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn seconds() -> u64 {
    number("MAKEGOOD_FUZZ_SECONDS").unwrap_or(2)
}

/// How large the worst inputs are: all of 1 MiB takes too long for every day.
fn size() -> usize {
    if seconds() < 10 { LARGEST / 8 } else { LARGEST }
}

/// The file that holds what is being tried, should the process die of it.
fn trying() -> PathBuf {
    let test = std::thread::current().name().unwrap_or("fuzz").replace("::", "-");
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test).with_extension("json")
}

/// Searches for as long as it is told to; the failing input is made as small as it gets.
fn search<S: Strategy>(strategy: &S, bytes: impl Fn(&S::Value) -> Vec<u8>) {
    let budget = Duration::from_secs(seconds());
    let seed = number("MAKEGOOD_FUZZ_SEED").unwrap_or(0);
    let trying = trying();
    let (began, mut round) = (Instant::now(), 0_u64);
    while began.elapsed() < budget {
        let mut start = [0; 32];
        start[..8].copy_from_slice(&seed.to_le_bytes());
        start[8..16].copy_from_slice(&round.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &start);
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
        let found = TestRunner::new_with_rng(config, rng).run(strategy, |input| {
            let bytes = bytes(&input);
            std::fs::write(&trying, &bytes).unwrap();
            std::panic::catch_unwind(|| survives(&bytes)).map_err(|_| {
                let shown = String::from_utf8_lossy(&bytes).into_owned();
                TestCaseError::fail(format!("seed {seed}, round {round}: {shown:.4000}"))
            })
        });
        found.unwrap_or_else(|error| panic!("keep it under tests/regressions: {error}"));
        round += 1;
    }
    let peak = peak_kib().unwrap_or_default();
    assert!(peak < 3 << 20, "{peak} KiB were held at once");
}

/// The shared cases, one text each.
fn seeds() -> Vec<String> {
    let all =
        cases::files().into_iter().flat_map(|(_, bytes)| match Json::parse(&bytes).unwrap() {
            Json::List(cases) => cases,
            one => vec![one],
        });
    all.map(|case| case.pretty()).collect()
}

#[test]
fn fuzz_bytes() {
    let seeds = seeds();
    let edits = prop::collection::vec(Edit::any(), 1..6);
    search(&(0..seeds.len(), 0..seeds.len(), edits), |(seed, other, edits)| {
        let mut bytes = seeds[*seed].clone().into_bytes();
        edits.iter().for_each(|edit| edit.apply(&mut bytes, seeds[*other].as_bytes(), LARGEST));
        bytes
    });
}

#[test]
fn fuzz_cases() {
    let trees: Vec<Json> =
        seeds().iter().map(|seed| Json::parse(seed.as_bytes()).unwrap()).collect();
    let edits = prop::collection::vec(TreeEdit::any(), 1..5);
    search(&(0..trees.len(), 0..trees.len(), edits), |(seed, other, edits)| {
        let mut tree = trees[*seed].clone();
        edits.iter().for_each(|edit| edit.apply(&mut tree, &trees[*other]));
        tree.pretty().into_bytes()
    });
}

#[test]
fn fuzz_random_cases() {
    let edits = prop::collection::vec(TreeEdit::any(), 0..4);
    search(&(random::case(), random::case(), edits), |(tree, other, edits)| {
        let mut tree = tree.clone();
        edits.iter().for_each(|edit| edit.apply(&mut tree, other));
        tree.pretty().into_bytes()
    });
}

#[test]
fn what_once_broke_it_breaks_it_no_more() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions"));
    for entry in std::fs::read_dir(folder).unwrap() {
        survives(&std::fs::read(entry.unwrap().path()).unwrap());
    }
}
