//! A seal that was renewed, and what was numbered, granted and sealed before.

use crate::{
    house::House,
    seal::{seal, sealed_with},
    work::{MONTH, breach, gmbh, settled},
};
use makegood_desk::{Desk, keys::SealPlace, statement::StatementRun};
use makegood_domain::Code;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

async fn open(desk: &Desk, (seal, trust): &(PathBuf, PathBuf)) {
    desk.open_seal(&SealPlace::File(seal.clone()), "right", trust, None).await.unwrap();
}

async fn last_run(desk: &Desk) -> StatementRun {
    desk.statement_runs(&gmbh(desk).await, MONTH).await.unwrap().pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_from_before_the_seal_was_renewed_is_given_back_and_the_next_is_sealed() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    open(&sam, &seal(&house)).await;
    // Numbered, and not written: something lies in its way.
    let blocker = house.profile("sam").join("statements");
    std::fs::write(&blocker, "in the way").unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    assert_eq!(last_run(&sam).await.step, "numbered");
    std::fs::remove_file(&blocker).unwrap();
    drop(sam);
    house.clock.advance(Duration::from_secs(7200));
    let sam = house.desk("sam").await;
    open(&sam, &sealed_with(&house, "right", "2026-11-09T09:00:00Z")).await;
    sam.sync_now().await.unwrap();
    let run = last_run(&sam).await;
    let problem = run.problem.unwrap();
    assert_eq!((run.step.as_str(), problem.code), ("failed", Code::KeyInvalid));
    assert!(problem.message.contains("issue it again"), "{problem}");
    sam.sync_now().await.unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let run = last_run(&sam).await;
    assert_eq!((run.step.as_str(), &run.problem), ("sealed", &None));
    assert!(sam.verify_statement(&run.statement).await.unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_that_was_granted_before_the_seal_was_renewed_has_its_notice() {
    let house = House::in_earnest().await;
    settled(&house).await;
    house.clock.advance(Duration::from_secs(7200));
    let sam = house.desk("sam").await;
    open(&sam, &sealed_with(&house, "right", "2026-11-09T09:00:00Z")).await;
    let number = breach(&sam, "NW-1").await.credit.unwrap().number;
    let path = sam.credit_notice(&number, Some("en"), Some(house.folder.path())).await.unwrap();
    let verified = sam.verify_file(&path).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    let validity = verified.checks.iter().find(|one| one.name.contains("was valid")).unwrap();
    assert!(validity.reason.contains("sealed 2026-11-09 10:16"), "{}", validity.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_what_was_sealed_under_the_root_before_is_still_believed() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    open(&sam, &seal(&house)).await;
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let run = last_run(&sam).await;
    assert_eq!(run.step, "sealed", "{:?}", run.problem);
    let trust = || {
        let keys = house.folder.path().join("sam");
        let found = walk(&keys).into_iter().find(|one| one.ends_with("trust.pem")).unwrap();
        std::fs::read_to_string(found).unwrap().matches("BEGIN CERTIFICATE").count()
    };
    assert_eq!(trust(), 1);
    let renewed = sealed_with(&house, "right", "2026-11-01T00:00:00Z");
    open(&sam, &renewed).await;
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    open(&sam, &renewed).await;
    assert_eq!(trust(), 2, "each root once");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
