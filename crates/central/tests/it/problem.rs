//! The problem document of every code, held against a golden file.

use makegood_central::problem::document;
use makegood_domain::{Code, Problem};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/problem"))
}

#[test]
fn every_code_has_its_golden_problem_document() {
    let mut golden = BTreeSet::new();
    for code in Code::ALL {
        let problem = Problem::new(*code, "the thing, the place and the way out")
            .at("lines[0].terms")
            .with_current(json!({ "version": 2 }));
        let file = format!("{code}.json");
        let text = fs::read_to_string(folder().join(&file))
            .unwrap_or_else(|_| panic!("no golden file for {code}: {}", document(&problem)));
        let expected: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document(&problem), expected, "{file}");
        golden.insert(file);
    }
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(golden.contains(&name), "{name} is the file of no code: a code was taken away");
    }
}

#[test]
fn a_problem_without_place_or_current_leaves_them_out() {
    let document = document(&Problem::new(Code::NotFound, "nothing"));
    let keys: BTreeSet<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["type", "title", "status", "detail", "code"]));
}
