//! Statements that are killed on their way.

use crate::{
    house::House,
    work::{MONTH, gmbh, settled},
};
use makegood_desk::Desk;
use makegood_domain::{Code, person::Scope, statement::StatementOf};
use std::path::PathBuf;

async fn only_run(desk: &Desk) -> makegood_desk::statement::StatementRun {
    let mut runs = desk.statement_runs(&gmbh(desk).await, MONTH).await.unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs.remove(0)
}

/// The customer's sealed statement, as everybody's screens show it.
async fn assert_sealed_once(desk: &Desk) -> PathBuf {
    let run = only_run(desk).await;
    assert_eq!(run.step, "sealed", "{:?}", run.problem);
    let rows = desk.customer(&gmbh(desk).await).await.unwrap().statements;
    let row = rows.iter().find(|row| row.month == MONTH).unwrap();
    assert_eq!(row.number.as_deref(), Some("ST-2026-10-0001"));
    assert_eq!((row.revision, row.state.as_str()), (Some(1), "sealed"));
    assert_eq!(row.sha256, run.sha256);
    let verified = desk.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    PathBuf::from(run.path.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undecided_blocks_and_is_named() {
    let house = House::open().await;
    let sam = house.desk("sam").await;
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let run = only_run(&sam).await;
    assert_eq!(run.step, "failed");
    let problem = run.problem.unwrap();
    assert_eq!(problem.code, Code::StatementBlocked);
    assert!(problem.message.contains("CR-30") && problem.message.contains("BR-100"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_statement_killed_after_each_step_goes_on_and_gets_one_number() {
    let house = House::open().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let customer = gmbh(&sam).await;

    // Asked for, and gone before it was sent.
    house.wire.set_up(false);
    sam.issue_statement(&customer, MONTH, "en").await.unwrap();
    sam.issue_statement(&customer, MONTH, "en").await.unwrap();
    assert_eq!(only_run(&sam).await.step, "asked");
    drop(sam);

    // Numbered, and gone before the file was written: something lies in its way.
    house.wire.set_up(true);
    let blocker = house.profile("sam").join("statements");
    std::fs::write(&blocker, "in the way").unwrap();
    let sam = house.desk("sam").await;
    let run = only_run(&sam).await;
    assert_eq!((run.step.as_str(), run.problem.unwrap().code), ("numbered", Code::File));
    drop(sam);

    // Written, and gone before the answer to its hash arrived.
    std::fs::remove_file(&blocker).unwrap();
    house.wire.lose_answers(true);
    let sam = house.seat("sam").await;
    assert_eq!(sam.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    assert_eq!(only_run(&sam).await.step, "written");
    let written = std::fs::read(only_run(&sam).await.path.unwrap()).unwrap();
    drop(sam);

    house.wire.lose_answers(false);
    let sam = house.desk("sam").await;
    let path = assert_sealed_once(&sam).await;
    assert_eq!(std::fs::read(&path).unwrap(), written);
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "no half file is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_whose_customer_left_before_its_number_arrived_ends_and_so_does_its_run() {
    let house = House::open().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let customer = gmbh(&sam).await;
    house.wire.lose_answers(true);
    sam.begin_statement_batch(MONTH, "en").await.unwrap();
    assert_eq!(sam.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    let [_, inc] = house.customers().await;
    house.see("sam", Scope::Customers([inc].into())).await;
    house.wire.lose_answers(false);
    sam.sync_now().await.unwrap();
    let run = sam.statement_runs(&customer, MONTH).await.unwrap().remove(0);
    assert_eq!((run.step.as_str(), run.problem.unwrap().code), ("failed", Code::NotFound));
    let batch = sam.statement_batch(MONTH).await.unwrap().unwrap();
    assert_eq!((batch.ended, batch.failed, batch.on_the_way), (true, 1, 0), "{batch:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_the_sealed_file_is_shown_and_one_changed_byte_is_found() {
    let house = House::open().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let customer = gmbh(&sam).await;
    let whose = (customer.as_str(), StatementOf::Customer);
    let draft = sam.statement_preview(whose, MONTH, 1, "de", None).await.unwrap();
    assert!(!draft.sealed && draft.pages >= 2);
    sam.issue_statement(&customer, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let path = assert_sealed_once(&sam).await;
    let statement = only_run(&sam).await.statement;
    let shown = sam.statement_preview(whose, MONTH, 1, "en", Some(&statement)).await.unwrap();
    assert!(shown.sealed && shown.png.starts_with("data:image/png;base64,"));

    let mut bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(9).any(|window| window == b"internal_"));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = house.folder.path().join("changed.pdf");
    std::fs::write(&changed, bytes).unwrap();
    let verified = sam.verify_file(&changed).await.unwrap();
    assert!(!verified.ok, "{}", verified.verdict);
}
