//! Migrations are only ever added: each is listed with the digest it was released with.

use crate::tree;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;

/// `digest  path` a line, as `sha256sum` writes it; `make seal` adds what is new.
const LIST: &str = "migrations/SHA256SUMS";

fn listed() -> BTreeMap<String, String> {
    let text = fs::read_to_string(tree::root().join(LIST)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(digest, path)| (path.to_owned(), digest.to_owned()))
        .collect()
}

#[test]
fn a_released_migration_never_changes() {
    let mut listed = listed();
    let mut findings = Vec::new();
    for file in tree::texts(&["migrations"], &[".sql"]) {
        let digest = hex::encode(Sha256::digest(file.content.as_bytes()));
        match listed.remove(&file.path) {
            None => findings.push(format!("{} is new: run `make seal`", file.path)),
            Some(old) if old != digest => {
                findings.push(format!("{} has changed: write a new migration", file.path));
            }
            Some(_) => {}
        }
    }
    findings.extend(listed.into_keys().map(|path| format!("{path} is gone")));
    tree::none("Migrations are append-only", &findings);
}

#[test]
fn migrations_are_numbered_and_named() {
    let findings: Vec<String> = tree::texts(&["migrations"], &[".sql"])
        .iter()
        .filter(|file| {
            let number: String = file.name().chars().take_while(char::is_ascii_digit).collect();
            number.len() < 4 || !file.name()[number.len()..].starts_with('_')
        })
        .map(|file| file.path.clone())
        .collect();
    tree::none("A migration is NNNN_what_it_does.sql", &findings);
}

#[test]
fn sql_knows_text_and_integers_alone() {
    let banned = ["boolean", "real", "double", "float", "numeric", "timestamp", "timestamptz"];
    let mut findings = Vec::new();
    for file in tree::texts(&["migrations"], &[".sql"]) {
        for (number, line) in file.content.lines().enumerate() {
            let words: Vec<String> = line
                .split("--")
                .next()
                .unwrap_or_default()
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .map(str::to_lowercase)
                .collect();
            // A column is `name type`: the banned word stands second, never first.
            if words
                .iter()
                .filter(|word| !word.is_empty())
                .nth(1)
                .is_some_and(|kind| banned.contains(&kind.as_str()))
            {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    tree::none("SQL holds text and integers only", &findings);
}
