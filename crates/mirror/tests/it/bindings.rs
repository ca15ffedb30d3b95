//! The types that the front end reads are generated from the screens, and committed.

use makegood_mirror::screens;
use std::{collections::BTreeMap, fs, path::Path};
use ts_rs::{Config, ExportError, TS};

fn export(root: &Path) -> Result<(), ExportError> {
    // The types name their folder from a crate's own, as the front end lies beside the crates.
    let here = root.join("crates/mirror/bindings");
    let config = Config::new().with_out_dir(here).with_large_int("number");
    screens::Alerts::export_all(&config)?;
    screens::Deadlines::export_all(&config)?;
    screens::Portfolio::export_all(&config)?;
    screens::LineDetail::export_all(&config)?;
    screens::BreachInbox::export_all(&config)?;
    screens::Breach::export_all(&config)?;
    screens::Credits::export_all(&config)?;
    screens::CreditDetail::export_all(&config)?;
    screens::Selection::export_all(&config)?;
    screens::CustomerList::export_all(&config)?;
    screens::Customer::export_all(&config)?;
    screens::StatementMonth::export_all(&config)?;
    screens::StatementChoice::export_all(&config)?;
    screens::NavCounts::export_all(&config)?;
    screens::SearchHit::export_all(&config)?;
    screens::Page::export_all(&config)?;
    screens::AuditLog::export_all(&config)
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), read(&entry.path())))
        .collect()
}

/// `MAKEGOOD_BINDINGS=write` writes them.
#[test]
fn the_front_ends_types_are_those_of_the_screens() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    if std::env::var("MAKEGOOD_BINDINGS").as_deref() == Ok("write") {
        export(root).expect("writes");
    }
    let folder = tempfile::tempdir().expect("a folder");
    export(folder.path()).expect("writes");
    let committed = files(&root.join("ui/src/bindings"));
    let generated = files(&folder.path().join("ui/src/bindings"));
    assert!(generated.len() > 40, "only {} types", generated.len());
    let stale: Vec<&String> = generated
        .iter()
        .filter(|(name, text)| committed.get(*name) != Some(text))
        .map(|(name, _)| name)
        .collect();
    assert!(stale.is_empty(), "run with MAKEGOOD_BINDINGS=write: {stale:?}");
}
