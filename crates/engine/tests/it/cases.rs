//! The shared cases: the format's examples, each of which must pass.

use makegood_engine::check::{Verdict, check_file};
use makegood_engine::{Case, compute};
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases"))
}

/// The shared files: name and bytes.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    files.sort();
    assert!(files.len() >= 6, "the shared cases are missing");
    files
}

/// All shared cases that are valid.
pub(crate) fn valid() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, bytes) in files() {
        if name != "adversarial.json" {
            cases.extend(Case::parse_file(&bytes).unwrap());
        }
    }
    cases
}

#[test]
fn law_1_every_shared_case_computes_to_what_it_states() {
    let mut failures = Vec::new();
    let mut passed = 0;
    for (name, bytes) in files() {
        for checked in check_file(&bytes).unwrap() {
            match checked.verdict {
                Verdict::Pass => passed += 1,
                other => failures.push(format!("{name} {}: {other:?}", checked.name)),
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{passed} passed", failures.join("\n"));
    assert!(passed > 400, "only {passed} cases");
}

#[test]
fn reading_what_was_written_gives_the_same_case() {
    for case in valid() {
        let written = case.to_json();
        let read = Case::parse_file(written.as_bytes()).unwrap();
        assert_eq!(read, [case]);
        assert_eq!(read[0].to_json(), written);
    }
}

#[test]
fn law_11_the_customer_edition_computes_the_same() {
    for case in valid() {
        let edition = case.customer_edition();
        let text = edition.to_json();
        for word in ["internal_objective", "internal_met", "\"source\""] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        let mut whole = compute(&case).unwrap().result;
        for line in &mut whole.lines {
            line.internal_met = None;
        }
        assert_eq!(compute(&edition).unwrap().result, whole);
    }
}

#[test]
fn the_format_that_customers_read_is_the_one_that_the_cases_are_written_in() {
    let ours = include_str!("../../../../docs/format.md");
    assert_eq!(ours, fs::read_to_string(folder().join("FORMAT.md")).unwrap());
}
