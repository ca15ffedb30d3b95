//! `makegood sync`: what a terminal is told, and what is left where there was no room.

use crate::{house::House, text};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The words of `makegood sync` for somebody's profile at `profile`.
fn words(house: &House, profile: &Path, token: &Path) -> Vec<String> {
    ["sync", "--central", &house.wire.url(), "--profile"]
        .map(str::to_owned)
        .into_iter()
        .chain([profile.display().to_string(), "--token-file".to_owned()])
        .chain([token.display().to_string()])
        .collect()
}

fn token(house: &House) -> PathBuf {
    let token = house.folder.path().join("token");
    std::fs::write(&token, house.token("dana")).unwrap();
    token
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_sync_says_how_far_each_table_is() {
    let house = House::open().await;
    house.notes(1_200, 1_500).await;
    let (profile, token) = (house.folder.path().join("profile"), token(&house));
    let sync = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
        command.args(words(&house, &profile, &token)).output().unwrap()
    };
    let first = sync();
    let told = text(&first.stderr);
    assert!(first.status.success(), "{told}");
    let at = |line: &str| {
        let found = told.lines().position(|told| told == line);
        found.unwrap_or_else(|| panic!("no line {line:?} in:\n{told}"))
    };
    assert!(at("  SLA lines: 3") < at("  Notes: 1,200"), "{told}");
    assert!(at("  Notes: 1,200") < at("everything: being checked"), "{told}");
    assert!(told.lines().any(|line| line.starts_with("everything: ") && line.contains(" waiting")));
    // Nothing is fetched again, and nothing is said.
    let told = text(&sync().stderr);
    assert!(told.ends_with("Syncing\n"), "{told}");
}
