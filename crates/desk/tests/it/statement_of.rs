//! Statements of one contract and of a group, from the choice to the sealed file.

use crate::{
    delivery::known,
    house::{GMBH, House},
    notice::text,
    work::{MONTH, approve, gmbh, propose, review, settled},
};
use makegood_central::store;
use makegood_desk::{
    Desk,
    screens::{Page, StatementChoice, StatementRow},
    statement::{Covering, StatementRun},
};
use makegood_domain::{Code, contract::Contract, customer::Customer, statement::StatementOf};
use serde_json::json;
use std::path::Path;

async fn choices(desk: &Desk, period: &str) -> Vec<StatementChoice> {
    desk.statement_choices(&gmbh(desk).await, period).await.unwrap()
}

async fn choice(desk: &Desk, name: &str) -> StatementChoice {
    let found = choices(desk, MONTH).await.into_iter().find(|one| one.name.contains(name));
    found.unwrap_or_else(|| panic!("there is no choice {name}"))
}

/// Issues it, and waits until it is sealed.
async fn sealed(desk: &Desk, of: StatementOf, period: &str) -> StatementRun {
    let customer = gmbh(desk).await;
    desk.issue_statement_of(&customer, of, period, "en").await.unwrap();
    desk.sync_now().await.unwrap();
    let runs = desk.statement_runs(&customer, period).await.unwrap();
    let run = runs.into_iter().rfind(|run| run.of == of).unwrap();
    assert_eq!((run.step.as_str(), &run.problem), ("sealed", &None));
    run
}

async fn rows(desk: &Desk, of: &str) -> Vec<StatementRow> {
    let rows = desk.customer(&gmbh(desk).await).await.unwrap().statements;
    rows.into_iter().filter(|row| row.of_text.as_deref() == Some(of)).collect()
}

/// Everything of the whole group reviewed and decided.
async fn all_settled(house: &House) {
    settled(house).await;
    let dana = house.desk("dana").await;
    review(&dana, "NW-3").await;
    propose(&dana, "NW-3").await;
    // It takes the group above what one person approves.
    approve(&house.desk("ines").await, "NW-3").await;
    approve(&house.desk("lee").await, "NW-3").await;
    house.clock.advance(std::time::Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contracts_statement_waits_for_no_sibling_and_says_what_it_is_of() {
    let house = House::open().await;
    known(&house).await;
    let dana = house.desk("dana").await;
    review(&dana, "NW-1").await;
    propose(&dana, "NW-1").await;
    approve(&house.desk("ines").await, "NW-1").await;
    drop(dana);
    // A credit that was decided in the very second of issuing counts as decided since.
    house.clock.advance(std::time::Duration::from_secs(60));
    let sam = house.desk("sam").await;
    let ready: Vec<(String, bool)> =
        choices(&sam, MONTH).await.into_iter().map(|one| (one.name, one.ready)).collect();
    let expected = [
        ("All contracts of the customer", false),
        ("Contract NW-1 only", true),
        ("Contract NW-2 only", false),
        ("Group Northwind, 2 customers", false),
    ];
    assert_eq!(ready, expected.map(|(name, ready)| (name.to_owned(), ready)));
    let blocked = choice(&sam, "NW-2").await;
    assert_eq!(blocked.reasons.len(), 1, "{blocked:?}");

    let of = choice(&sam, "NW-1").await.of;
    let draft = sam.statement_preview((&gmbh(&sam).await, of), MONTH, 1, "en", None).await;
    assert!(!draft.unwrap().sealed);
    let run = sealed(&sam, of, MONTH).await;
    let path = run.path.unwrap();
    assert!(path.ends_with("ST-2026-10-0001-r1.pdf"), "{path}");
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    assert!(verified.verdict.contains("of contract NW-1 only"), "{}", verified.verdict);
    assert_eq!(verified.cases.len(), 1);
    let said = text(Path::new(&path));
    assert!(said.contains("Contract NW-1 only") && said.contains(GMBH), "{said}");
    let bytes = std::fs::read(&path).unwrap();
    for other in ["NW-2", "NW-3", "Northwind Inc"] {
        assert!(!said.contains(other), "{other}: {said}");
        assert!(!bytes.windows(other.len()).any(|window| window == other.as_bytes()), "{other}");
    }

    let row = rows(&sam, "Contract NW-1").await.remove(0);
    assert_eq!((row.number.as_deref(), row.state.as_str()), (Some("ST-2026-10-0001"), "sealed"));
    assert!(row.lines.iter().all(|line| line.contract == "NW-1"), "{:?}", row.lines);
    let statement = row.id.unwrap();
    let plan = sam.delivery_plan(&statement, "accounts_payable").await.unwrap();
    assert!(plan.text.contains("contract NW-1 only"), "{}", plan.text);
    // The customer's own still waits, and has no number.
    let month = sam.statement_month(MONTH, &Page::default()).await.unwrap();
    let own = month.rows.iter().find(|row| row.customer == GMBH).unwrap();
    assert_eq!((own.state.as_str(), own.number.as_deref()), ("blocked", None));
    let again = choice(&sam, "NW-1").await;
    assert!(!again.ready && again.state_text.contains("nothing has changed"), "{again:?}");

    review(&house.desk("dana").await, "NW-2").await;
    sam.sync_now().await.unwrap();
    let whole = sealed(&sam, StatementOf::Customer, MONTH).await;
    assert!(whole.path.unwrap().ends_with("ST-2026-10-0002-r1.pdf"));
    let month = sam.statement_month(MONTH, &Page::default()).await.unwrap();
    let own = month.rows.iter().find(|row| row.customer == GMBH).unwrap();
    assert_eq!(own.number.as_deref(), Some("ST-2026-10-0002"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_statement_goes_to_its_customer_and_says_when_it_is_outdated() {
    let house = House::open().await;
    all_settled(&house).await;
    let sam = house.desk("sam").await;
    let of = choice(&sam, "Group").await.of;
    let run = sealed(&sam, of, MONTH).await;
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    assert!(verified.verdict.contains("of the group Northwind"), "{}", verified.verdict);
    assert_eq!(verified.cases.len(), 3);
    let said = text(Path::new(&run.path.unwrap()));
    for part in [GMBH, "NW-1", "NW-2", "NW-3", "Northwind Inc", "EUR", "USD"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let quarter = sealed(&sam, of, "2026-Q4").await;
    assert!(quarter.path.unwrap().ends_with("ST-2026-Q4-0001-r1.pdf"));
    let row = rows(&sam, "Group Northwind").await.into_iter().find(|row| row.month == MONTH);
    assert_eq!(row.unwrap().state_text, "Sealed");

    // The platform was down longer: whatever rests on it says so, the group's, too.
    house.down("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z").await;
    sam.sync_now().await.unwrap();
    let row = rows(&sam, "Group Northwind").await.into_iter().find(|row| row.month == MONTH);
    assert_eq!(row.unwrap().state_text, "Outdated: figures changed");
    let now = choice(&sam, "Group").await;
    assert!(!now.ready && !now.reasons.is_empty(), "the adjustments are undecided: {now:?}");
    let customer = gmbh(&sam).await;
    sam.issue_statement_of(&customer, of, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let run = sam.statement_runs(&customer, MONTH).await.unwrap().pop().unwrap();
    assert_eq!(run.problem.unwrap().code, Code::StatementBlocked);
}

/// Gives NW-3 a number that its house may as well have given, and its customer the name of the other one.
async fn called_alike(house: &House) {
    let mut tx = house.app.store().begin(None).await.unwrap();
    let found = store::list::<Contract>(tx.conn(), "number = 'NW-3'", &[]).await.unwrap();
    let contract = Contract { number: "NW-1".to_owned(), ..found[0].row.clone() };
    let found = store::list::<Customer>(tx.conn(), "key = 'NW-US'", &[]).await.unwrap();
    let customer = Customer { name: GMBH.to_owned(), ..found[0].row.clone() };
    tx.put(&contract).await.unwrap();
    tx.put(&customer).await.unwrap();
    tx.audit("test.renamed", ("contract", "NW-3"), Some(customer.id), json!({}));
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_contracts_of_one_number_are_two_files_of_one_statement() {
    let house = House::open().await;
    all_settled(&house).await;
    called_alike(&house).await;
    let sam = house.desk("sam").await;
    let of = choice(&sam, "Group").await.of;
    let run = sealed(&sam, of, MONTH).await;
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    let files: Vec<&str> = verified.cases.iter().map(|case| case.file.as_str()).collect();
    assert!(files.contains(&"NW-1-2026-10-r1.json"), "{files:?}");
    assert!(files.contains(&"NW-1-2026-10-r1-2.json"), "{files:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_name_of_another_is_never_taken_for_them() {
    let house = House::open().await;
    called_alike(&house).await;
    let sam = house.desk("sam").await;
    let problem = sam.statement_of_customer(GMBH).await.unwrap_err();
    assert_eq!(problem.code, Code::Invalid);
    let (id, _) = sam.statement_of_contract("NW-2").await.unwrap();
    assert!(problem.message.contains(&id), "{problem}");
    assert_eq!(sam.statement_of_customer(&id).await.unwrap().0, id);
    let problem = sam.statement_of_contract("NW-1").await.unwrap_err();
    assert!(problem.message.starts_with("2 are contract NW-1: say which by its id"), "{problem}");
    for covering in [Covering::Customer(GMBH.into()), Covering::Contract("NW-1".into())] {
        let problem = sam.statement_draft(&covering, MONTH, "en").await.unwrap_err();
        assert_eq!(problem.code, Code::Invalid, "{problem}");
    }
    let problem = sam.calculation_file("NW-1", MONTH).await.unwrap_err();
    assert_eq!(problem.code, Code::Invalid, "{problem}");
}

/// Its number is on no customer's record, so that nothing here tells whether a restored central has it.
#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_groups_statement_that_a_restored_central_knows_stays_what_it_is() {
    let mut house = House::open().await;
    all_settled(&house).await;
    let sam = house.desk("sam").await;
    let of = choice(&sam, "Group").await.of;
    let before = sealed(&sam, of, MONTH).await;
    let backup = house.folder.path().join("backup.db");
    makegood_central::backup::backup(house.app.store(), &backup).await.unwrap();
    house.restore(&backup).await;
    sam.sync_now().await.unwrap();
    let runs = sam.statement_runs(&gmbh(&sam).await, MONTH).await.unwrap();
    assert_eq!(runs.into_iter().rfind(|run| run.of == of), Some(before));
    let outbox = sam.outbox().await.unwrap();
    assert!(outbox.rows.iter().all(|row| row.state == "confirmed"), "{outbox:?}");
    assert_eq!(rows(&sam, "Group Northwind").await[0].state_text, "Sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_groups_statement_that_a_restored_central_lost_is_told_and_its_file_stays() {
    let mut house = House::open().await;
    all_settled(&house).await;
    let backup = house.folder.path().join("backup.db");
    makegood_central::backup::backup(house.app.store(), &backup).await.unwrap();
    let sam = house.desk("sam").await;
    let of = choice(&sam, "Group").await.of;
    let before = std::fs::read(sealed(&sam, of, MONTH).await.path.unwrap()).unwrap();
    house.restore(&backup).await;
    sam.sync_now().await.unwrap();
    let runs = sam.statement_runs(&gmbh(&sam).await, MONTH).await.unwrap();
    let lost = runs.into_iter().rfind(|run| run.of == of).unwrap();
    assert_eq!(lost.step, "failed", "{lost:?}");
    assert_eq!(std::fs::read(lost.path.unwrap()).unwrap(), before, "somebody may have it");
    house.clock.advance(std::time::Duration::from_secs(60));
    let again = sealed(&sam, of, MONTH).await;
    let path = again.path.unwrap();
    assert!(!path.ends_with("ST-2026-10-0001-r1.pdf"), "{path}: no number is given twice");
}
