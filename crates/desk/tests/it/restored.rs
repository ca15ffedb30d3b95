//! What was decided, after central was put back to a backup from before.

use crate::{
    delivery::row,
    house::{House, central},
    outbox::{amend, goodwill, rows, states},
    work::{self, MONTH, credit, gmbh, settled},
};
use makegood_central::{
    backup::{self, Tokens},
    serve,
};
use makegood_desk::{Desk, statement::StatementRun};
use makegood_domain::Code;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;

async fn back_up(house: &House) -> PathBuf {
    let to = house.folder.path().join("backup.db");
    backup::backup(house.app.store(), &to).await.unwrap();
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_a_restored_central_lost_is_done_once_more_and_what_it_knows_stays() {
    let mut house = House::open().await;
    let dana = house.desk("dana").await;
    goodwill(&dana, "The quarter's busiest night".to_owned()).await;
    dana.sync_now().await.unwrap();
    let known = rows(&dana).await;
    let backup = back_up(&house).await;
    work::propose(&dana, "NW-1").await;
    goodwill(&dana, "And the one after it".to_owned()).await;
    dana.sync_now().await.unwrap();
    house.restore(&backup).await;
    // Its feed and its record have passed, by other changes, what was confirmed before.
    for _ in 0..5 {
        house.notes(20, 8).await;
    }
    assert_eq!(house.audited("credit.proposed").await, 0);
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, ["confirmed", "confirmed", "confirmed"]);
    assert_eq!(credit(&dana, "NW-1").await.state, "proposed");
    assert_eq!(house.audited("credit.proposed").await, 1);
    assert_eq!(house.audited("credit.goodwill_proposed").await, 2);
    assert!(dana.mirror_agrees().await.unwrap());
    let after = rows(&dana).await;
    assert_eq!(after[0], known[0], "it was on record still");
    dana.sync_now().await.unwrap();
    assert_eq!(rows(&dana).await, after);
}

/// The record's next place is given to somebody else's decision: it is another entry there.
#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_was_lost_is_known_by_its_entry_and_not_by_its_place() {
    let mut house = House::open().await;
    let dana = house.desk("dana").await;
    let backup = back_up(&house).await;
    goodwill(&dana, "The quarter's busiest night".to_owned()).await;
    dana.sync_now().await.unwrap();
    house.wire.set_up(false);
    goodwill(&dana, "And the one after it".to_owned()).await;
    house.restore(&backup).await;
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, ["confirmed", "confirmed"]);
    assert_eq!(house.audited("credit.goodwill_proposed").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_what_was_lost_and_has_changed_since_comes_back_to_its_author() {
    let mut house = House::open().await;
    let dana = house.desk("dana").await;
    let backup = back_up(&house).await;
    work::propose(&dana, "NW-1").await;
    house.restore(&backup).await;
    amend(&house, &credit(&dana, "NW-1").await.id, "1300").await;
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, ["stale"]);
    assert_eq!(credit(&dana, "NW-1").await.state, "drafted");
}

/// Somebody rehearses a restore beside the real central: both know the same people by the same ids.
#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_is_decided_at_a_copy_of_central_stays_there() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let real = house.wire.url();
    let copied = house.folder.path().join("copy.db");
    let from = back_up(&house).await;
    backup::restore((&from, &copied), &house.clock, Tokens::Keep).await.unwrap();
    let copy = central(&copied, &house.clock).await;
    let serving = serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), copy.clone()).unwrap();
    house.wire.set_up(false);
    goodwill(&dana, "The quarter's busiest night".to_owned()).await;
    // At the copy nothing of that is sent, and something is tried.
    dana.connect(&serving.url(), house.token("dana")).await.unwrap();
    dana.sync_now().await.unwrap();
    assert!(rows(&dana).await.is_empty());
    let waits = dana.elsewhere().await.unwrap().unwrap();
    assert_eq!((waits.address.as_str(), waits.waiting), (real.as_str(), 1));
    work::propose(&dana, "NW-1").await;
    assert_eq!(states(&dana).await, ["confirmed"]);
    // Back at the real one nothing of that happened; what waited for it leaves.
    house.wire.set_up(true);
    dana.connect(&real, house.token("dana")).await.unwrap();
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, ["confirmed"]);
    assert_eq!(house.audited("credit.goodwill_proposed").await, 1);
    assert_eq!(house.audited("credit.proposed").await, 0);
    assert_eq!(dana.elsewhere().await.unwrap(), None);
}

/// The address is another one, central is not: whoever says so takes along what waits.
#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_waits_is_taken_along_where_central_has_moved() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    house.wire.set_up(false);
    goodwill(&dana, "The quarter's busiest night".to_owned()).await;
    let moved = house.running.url();
    dana.connect(&moved, house.token("dana")).await.unwrap();
    assert!(rows(&dana).await.is_empty());
    dana.take_along().await.unwrap();
    dana.connect(&moved, house.token("dana")).await.unwrap();
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, ["confirmed"]);
    assert_eq!(house.audited("credit.goodwill_proposed").await, 1);
    assert_eq!(dana.take_along().await.unwrap_err().code, Code::WrongState);
}

async fn runs(desk: &Desk) -> Vec<StatementRun> {
    desk.statement_runs(&gmbh(desk).await, MONTH).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_file_whose_number_was_lost_stays_and_the_statement_is_issued_again() {
    let mut house = House::open().await;
    settled(&house).await;
    let backup = back_up(&house).await;
    let sam = house.desk("sam").await;
    sam.issue_statement(&gmbh(&sam).await, MONTH, "de").await.unwrap();
    sam.sync_now().await.unwrap();
    assert_eq!(row(&sam).await.state, "sealed");
    let before = std::fs::read(runs(&sam).await.remove(0).path.unwrap()).unwrap();
    house.restore(&backup).await;
    house.clock.advance(std::time::Duration::from_secs(60));
    sam.sync_now().await.unwrap();
    let run = runs(&sam).await.remove(0);
    let (problem, path) = (run.problem.unwrap(), run.path.unwrap());
    assert_eq!((run.step.as_str(), problem.code), ("failed", Code::WrongState));
    assert!(problem.message.contains(&path), "{problem}");
    for one in rows(&sam).await {
        assert_eq!((one.state.as_str(), one.problem.as_ref()), ("refused", Some(&problem)));
        assert_eq!(one.again, None);
    }

    sam.issue_statement(&gmbh(&sam).await, MONTH, "de").await.unwrap();
    sam.sync_now().await.unwrap();
    let issued = row(&sam).await;
    assert_eq!(issued.state, "sealed");
    let number = issued.number.as_deref().unwrap();
    assert!(number > "ST-2026-10-10000", "{number}: none is given twice");
    assert_ne!(issued.path.as_deref(), Some(path.as_str()));
    assert_eq!(std::fs::read(&path).unwrap(), before, "somebody may have it");
    assert!(sam.verify_file(Path::new(&path)).await.unwrap().ok);
    assert!(sam.mirror_agrees().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_number_that_was_lost_before_its_file_was_written_is_asked_for_again() {
    let mut house = House::open().await;
    settled(&house).await;
    let backup = back_up(&house).await;
    let blocker = house.profile("sam").join("statements");
    let sam = house.desk("sam").await;
    std::fs::write(&blocker, "in the way").unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "de").await.unwrap();
    sam.sync_now().await.unwrap();
    assert_eq!(runs(&sam).await[0].step, "numbered");
    sam.leave().await.unwrap();
    house.restore(&backup).await;
    std::fs::remove_file(&blocker).unwrap();
    let sam = house.desk("sam").await;
    let run = runs(&sam).await.remove(0);
    assert_eq!(run.step, "sealed", "{:?}", run.problem);
    assert_eq!(states(&sam).await, ["confirmed", "confirmed"]);
    assert_eq!(house.audited("statement.issued").await, 1);
}

/// The same version, the same amount, and another proposal.
#[tokio::test(flavor = "multi_thread")]
async fn law_7_what_waited_meets_nothing_else_under_the_number_that_was_seen() {
    let mut house = House::open().await;
    let [dana, ines] = [house.desk("dana").await, house.desk("ines").await];
    let backup = back_up(&house).await;
    work::propose(&dana, "NW-1").await;
    dana.sync_now().await.unwrap();
    ines.sync_now().await.unwrap();
    let before = credit(&ines, "NW-1").await;
    house.wire.set_up(false);
    ines.approve_credits(vec![work::seen(&before)]).await.unwrap();
    house.restore(&backup).await;
    let noa = house.desk("noa").await;
    work::propose(&noa, "NW-1").await;
    noa.sync_now().await.unwrap();
    ines.sync_now().await.unwrap();
    let now = credit(&ines, "NW-1").await;
    assert_eq!((now.amount, now.state.as_str()), (before.amount, "proposed"));
    assert_eq!(states(&ines).await, ["stale"]);
}
