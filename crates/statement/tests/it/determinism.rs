//! The same document gives the same bytes.

use crate::northwind;
use makegood_statement::{Language, render};
use std::process::Command;

const MARK: &str = "hash of the sample: ";

fn hash() -> String {
    render(&northwind::document())
        .unwrap()
        .sha256
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_hash_of_the_sample_can_be_told_to_another_process() {
    println!("{MARK}{}", hash());
}

#[test]
fn the_same_document_gives_the_same_bytes_in_another_process() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("determinism::the_hash_of_the_sample_can_be_told_to_another_process")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = text.lines().find_map(|line| line.split_once(MARK)).unwrap();
    assert_eq!(told.1.trim(), hash());
}

#[test]
fn the_same_document_gives_the_same_bytes_after_others_and_on_other_threads() {
    let first = render(&northwind::document()).unwrap().bytes;
    let mut other = northwind::document();
    other.language = Language::De;
    other.customer = "Łódź Søftware".into();
    render(&other).unwrap();
    let threads: Vec<_> = (0..3)
        .map(|_| std::thread::spawn(|| render(&northwind::document()).unwrap().bytes))
        .collect();
    for thread in threads {
        assert!(thread.join().unwrap() == first);
    }
}

#[test]
fn the_sealed_file_begins_with_the_unsigned_one_and_is_itself_reproducible() {
    let unsigned = render(&northwind::document()).unwrap();
    let (first, _) = northwind::sealed(&unsigned);
    let (second, _) = northwind::sealed(&unsigned);
    assert!(first.starts_with(&unsigned.bytes));
    assert!(first == second);
}
