//! Runs of many statements.

use crate::{
    contact::entry,
    house::{GMBH, House},
    work::{self, MONTH, gmbh, settled},
};
use makegood_desk::{
    Desk,
    credit::{CreditSeen, GoodwillProposal},
    screens::{CreditTab, Page},
    statement::{BatchPlan, StatementBatch},
};
use makegood_domain::Code;
use makegood_statement::{Trust, Verdict, verify_batch};
use std::{collections::BTreeMap, fs, path::Path, process::Command};

const OTHERS: usize = 12;

async fn batch(desk: &Desk) -> StatementBatch {
    desk.statement_batch(MONTH).await.unwrap().unwrap()
}

/// What is sealed of the month, by customer, as everybody's screens show it.
async fn sealed(desk: &Desk) -> BTreeMap<String, String> {
    let rows = desk.statement_month(MONTH, &Page::default()).await.unwrap().rows;
    let sealed = rows.into_iter().filter(|row| row.state == "sealed");
    sealed.map(|row| (row.customer, row.number.unwrap())).collect()
}

/// The signed list verifies, with every file on it; how many there are, and who has none.
async fn listed(house: &House, desk: &Desk) -> (usize, Vec<String>) {
    let run = batch(desk).await;
    let path = run.list.unwrap();
    let path = Path::new(&path);
    let trust = house.profile("sam").with_file_name("seal").join("trust.pem");
    let trust = fs::read(trust).unwrap();
    let trust = Trust::from_file(&trust).unwrap();
    let list = fs::read(path).unwrap();
    let signature = fs::read(path.with_extension("json.p7s")).unwrap();
    let read = |name: &str| fs::read(path.with_file_name(name));
    let found = verify_batch(&list, &signature, read, &trust, house.clock.now());
    assert_eq!(found.verdict, Verdict::Valid, "{}", found.words);
    let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
    let missing = list["not_issued"].as_array().unwrap();
    let missing = missing.iter().map(|one| one["customer"].as_str().unwrap().to_owned());
    (found.files.len(), missing.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_beforehand_who_is_ready_and_what_holds_the_others() {
    let house = House::with(OTHERS).await;
    let sam = house.desk("sam").await;
    let BatchPlan { ready, known_language, held } = sam.plan_statement_batch(MONTH).await.unwrap();
    assert_eq!((ready, known_language), (OTHERS, 0));
    let held: Vec<_> = held.iter().map(|one| (one.why.as_str(), one.customers)).collect();
    let credits = ("An SLA credit is not proposed", 2);
    assert_eq!(held, [("A missed SLA is not reviewed", 2), credits]);
    let none = sam.plan_statement_batch("October").await.unwrap_err();
    assert_eq!(none.code, Code::Invalid);
    let none = sam.begin_statement_batch("2025-10", "en").await.unwrap_err();
    assert_eq!(none.code, Code::StatementBlocked);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_run_that_is_killed_goes_on_and_nobody_gets_two() {
    let house = House::with(OTHERS).await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    house.wire.set_up(false);
    let id = sam.begin_statement_batch(MONTH, "de").await.unwrap();
    assert_eq!(sam.begin_statement_batch(MONTH, "de").await.unwrap(), id, "one run is enough");
    drop(sam);
    // The numbers are asked for, the answers never arrive.
    house.wire.lose_answers(true);
    house.wire.set_up(true);
    let sam = house.seat("sam").await;
    assert_eq!(sam.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    let run = batch(&sam).await;
    assert_eq!((run.total, run.sealed, run.ended), (OTHERS + 1, 0, false));
    drop(sam);
    // Something lies in the files' way.
    house.wire.lose_answers(false);
    let blocker = house.profile("sam").join("statements");
    fs::write(&blocker, "in the way").unwrap();
    let sam = house.desk("sam").await;
    let run = batch(&sam).await;
    assert_eq!((run.on_the_way, run.sealed), (OTHERS + 1, 0));
    assert_eq!(run.held_up.unwrap().code, Code::File);
    drop(sam);
    fs::remove_file(&blocker).unwrap();
    let sam = house.desk("sam").await;
    let run = batch(&sam).await;
    assert_eq!((run.state.as_str(), run.ended), ("done", true), "{run:?}");
    assert_eq!((run.sealed, run.failed, run.waiting, run.on_the_way), (OTHERS + 1, 0, 0, 0));
    let numbers = sealed(&sam).await;
    assert_eq!(numbers.len(), OTHERS + 1);
    let mut numbers: Vec<_> = numbers.into_values().collect();
    numbers.sort();
    let without_gaps = (1..=OTHERS + 1).map(|at| format!("ST-2026-10-{at:04}"));
    assert_eq!(numbers, without_gaps.collect::<Vec<_>>());
    assert_eq!(listed(&house, &sam).await, (OTHERS + 1, vec![]));
    let customer = sam.customer(&gmbh(&sam).await).await.unwrap();
    let revisions = customer.statements.iter().filter(|row| row.month == MONTH);
    assert_eq!(revisions.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarters_run_takes_up_again_what_rests_on_old_figures() {
    const QUARTER: &str = "2026-Q4";
    let house = House::with(2).await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let ready = async || sam.plan_statement_batch(QUARTER).await.unwrap().ready;
    assert_eq!(ready().await, 4, "Northwind's two, and two others");
    sam.begin_statement_batch(QUARTER, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let run = sam.statement_batch(QUARTER).await.unwrap().unwrap();
    assert_eq!((run.sealed, run.failed), (3, 1), "NW-3 is undecided: {run:?}");
    assert_eq!(ready().await, 1);
    // The platform was down longer: Northwind's are out of date.
    house.down("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z").await;
    sam.sync_now().await.unwrap();
    assert_eq!(ready().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_paused_and_cancelled_at_once() {
    let house = House::with(OTHERS).await;
    let sam = house.desk("sam").await;
    house.wire.set_up(false);
    let id = sam.begin_statement_batch(MONTH, "en").await.unwrap();
    sam.pause_statement_batch(&id).await.unwrap();
    house.wire.set_up(true);
    sam.sync_now().await.unwrap();
    let run = batch(&sam).await;
    assert_eq!((run.state.as_str(), run.waiting, run.ended), ("paused", OTHERS, false));
    let twice = sam.pause_statement_batch(&id).await.unwrap_err();
    assert_eq!(twice.code, Code::WrongState);
    sam.cancel_statement_batch(&id).await.unwrap();
    sam.sync_now().await.unwrap();
    let run = batch(&sam).await;
    assert_eq!((run.state.as_str(), run.ended, run.list), ("cancelled", true, None));
    assert_eq!(sealed(&sam).await.len(), 0);
    assert_eq!(sam.resume_statement_batch(&id).await.unwrap_err().code, Code::WrongState);
    // Another run takes up what was left.
    house.wire.set_up(false);
    let next = sam.begin_statement_batch(MONTH, "en").await.unwrap();
    assert_ne!(next, id);
    sam.pause_statement_batch(&next).await.unwrap();
    sam.resume_statement_batch(&next).await.unwrap();
    house.wire.set_up(true);
    sam.sync_now().await.unwrap();
    assert_eq!(batch(&sam).await.sealed, OTHERS);
    assert_eq!(listed(&house, &sam).await, (OTHERS, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_in_a_run_is_named_and_tried_again() {
    let house = House::with(2).await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    sam.put_contact(entry(&sam, "ap@northwind.example").await).await.unwrap();
    sam.sync_now().await.unwrap();
    let plan = sam.plan_statement_batch(MONTH).await.unwrap();
    assert_eq!((plan.ready, plan.known_language), (3, 1), "the contact's");
    house.wire.set_up(false);
    let id = sam.begin_statement_batch(MONTH, "en").await.unwrap();
    drop(sam);
    // Meanwhile something of GmbH becomes undecided.
    house.wire.set_up(true);
    let dana = house.desk("dana").await;
    let contract_id = work::breach(&dana, "NW-1").await.contract_id;
    let goodwill = GoodwillProposal {
        contract_id,
        month: MONTH.to_owned(),
        amount: "200".to_owned(),
        reason: "The quarter's busiest night".to_owned(),
    };
    dana.propose_goodwill(goodwill).await.unwrap();
    dana.sync_now().await.unwrap();
    let sam = house.desk("sam").await;
    let run = batch(&sam).await;
    assert_eq!((run.sealed, run.failed, run.ended), (2, 1, true), "{run:?}");
    assert_eq!(run.failures[0].customer, GMBH);
    assert!(run.failures[0].reason.contains("CR-"), "{:?}", run.failures);
    assert_eq!(listed(&house, &sam).await, (2, vec![GMBH.to_owned()]));

    let lee = house.desk("lee").await;
    let awaiting = lee.credits(CreditTab::Awaiting, &Page::default()).await.unwrap();
    let goodwill = awaiting.rows.iter().find(|row| row.reason == "Goodwill").unwrap();
    let seen = CreditSeen {
        id: goodwill.id.clone(),
        version: goodwill.version,
        amount_minor: goodwill.amount.minor.clone(),
    };
    lee.approve_credits(vec![seen]).await.unwrap();
    lee.sync_now().await.unwrap();
    sam.retry_statement_batch(&id).await.unwrap();
    sam.sync_now().await.unwrap();
    let run = batch(&sam).await;
    assert_eq!((run.sealed, run.failed, run.ended), (3, 0, true), "{run:?}");
    assert_eq!(listed(&house, &sam).await, (3, vec![]));
    let none = sam.retry_statement_batch(&id).await.unwrap_err();
    assert_eq!(none.code, Code::WrongState);
    // Each in its own language: the GmbH's contact reads German, the others have none.
    for (customer, words) in [(GMBH, "SLA-Bericht"), ("Quiet 001", "SLA statement")] {
        let page = sam.statement_month(MONTH, &Page::default()).await.unwrap();
        let row = page.rows.into_iter().find(|row| row.customer == customer).unwrap();
        let run = sam.statement_runs(&row.customer_id, MONTH).await.unwrap().pop().unwrap();
        let text = Command::new("pdftotext").arg(run.path.unwrap()).arg("-").output().unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.contains(words), "{text}");
    }
}
