//! What `docs/commands.md` shows can be sent, and it tells of every kind of command.

use makegood_domain::command::{Base, Command, Verb};
use serde_json::json;
use std::collections::BTreeSet;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/commands.md"));

/// The blocks of JSON, one after another.
fn blocks() -> Vec<&'static str> {
    let after = PAGE.split("```json\n").skip(1);
    after.map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

/// Every kind there is: whoever sends another is told them all.
fn kinds() -> BTreeSet<String> {
    let unknown = serde_json::from_value::<Verb>(json!({ "kind": "fly", "args": {} }));
    let why = unknown.unwrap_err().to_string();
    let (_, all) = why.split_once("expected one of ").unwrap();
    all.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The first cells of the table of kinds.
fn told() -> BTreeSet<String> {
    let (_, section) = PAGE.split_once("\n## Every kind\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once("` |")).map(|(kind, _)| kind.to_owned()).collect()
}

#[test]
fn every_example_is_a_command_that_names_what_its_author_saw() {
    let blocks = blocks();
    assert!(blocks.len() >= 3, "a review, a proposal and an approval");
    for block in blocks {
        let command: Command =
            serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
        let (entity, key) = command.verb.target();
        let is_target = |base: &Base| base.entity == entity && base.key == key;
        assert!(command.base.iter().any(is_target), "{entity} is not in base\n{block}");
        assert!(told().contains(command.verb.name()), "{}", command.verb.name());
    }
}

#[test]
fn every_kind_has_its_row_and_no_other_has() {
    let kinds = kinds();
    assert!(kinds.contains("review_breach") && kinds.len() >= 26, "{kinds:?}");
    assert_eq!(told(), kinds);
}
