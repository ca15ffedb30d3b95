//! SLA credit notices and drafts: of a quarter, of one contract, of a group.

use crate::{
    house::House,
    work::{MONTH, breach, credit, gmbh, settled},
};
use makegood_central::store;
use makegood_desk::{Desk, statement::Covering};
use makegood_domain::{
    Code,
    credit::{Approval, Credit, Decision},
};
use std::{path::Path, process::Command};

/// What a PDF says, with plain spaces.
pub(crate) fn text(path: &Path) -> String {
    let output = Command::new("pdftotext").arg("-layout").arg(path).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap().replace(['\u{202f}', '\u{a0}'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) async fn draft(house: &House, desk: &Desk, covering: Covering, period: &str) -> String {
    let path = house.folder.path().join("draft.pdf");
    let bytes = desk.statement_draft(&covering, period, "en").await.unwrap();
    std::fs::write(&path, bytes).unwrap();
    text(&path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_credit_has_a_notice_that_verifies_and_no_other_has() {
    let house = House::open().await;
    let folder = house.folder.path().to_path_buf();
    let number = {
        let dana = house.desk("dana").await;
        breach(&dana, "NW-1").await.credit.unwrap().number
    };
    let sam = house.desk("sam").await;
    let early = sam.credit_notice(&number, Some("en"), Some(&folder)).await.unwrap_err();
    assert_eq!(early.code, Code::StatementBlocked);
    assert!(early.message.contains("is not granted"), "{early}");
    drop(sam);
    settled(&house).await;
    let sam = house.desk("sam").await;
    let path = sam.credit_notice(&number, Some("en"), Some(&folder)).await.unwrap();
    assert_eq!(path, folder.join(format!("{number}.pdf")));
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(9).any(|window| window == b"internal_"));
    let verified = sam.verify_file(&path).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    let said = text(&path);
    let amount = credit(&sam, "NW-1").await.amount.amount;
    for part in ["SLA credit notice, October 2026", "is not a tax document", "A disk failed."] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.contains(&amount), "{amount}: {said}");
    sam.credit_notice(&number, Some("en"), Some(&folder)).await.unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes, "the same credit, the same bytes");
    let own = sam.credit_notice(&number, None, None).await.unwrap();
    assert_eq!(own, house.profile("sam").join("notices").join(format!("{number}.pdf")));
    let unknown = sam.credit_notice("CR-999", None, None).await.unwrap_err();
    assert_eq!(unknown.code, Code::NotFound);
    // Whoever may not issue statements may not issue notices.
    let dana = house.desk("dana").await;
    let refused = dana.credit_notice(&number, Some("en"), Some(&folder)).await.unwrap_err();
    assert_eq!(refused.code, Code::RoleMissing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_is_numbered_sealed_and_verified_like_a_month() {
    let house = House::open().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let id = gmbh(&sam).await;
    sam.issue_statement(&id, "2026-Q4", "de").await.unwrap();
    sam.sync_now().await.unwrap();
    let run = sam.statement_runs(&id, "2026-Q4").await.unwrap().remove(0);
    assert_eq!((run.step.as_str(), &run.problem), ("sealed", &None));
    let path = run.path.unwrap();
    assert!(path.ends_with("ST-2026-Q4-0001-r1.pdf"), "{path}");
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    let said = text(Path::new(&path));
    for part in ["SLA-Bericht, 4. Quartal 2026", "NW-1 Okt 2026", "Jahr bis hierher"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_cover_a_contract_a_group_and_a_longer_period() {
    let house = House::open().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let one = draft(&house, &sam, Covering::Contract("NW-2".into()), MONTH).await;
    assert!(one.contains("Contract NW-2 only") && !one.contains("NW-1"), "{one}");
    let group = draft(&house, &sam, Covering::Group("Northwind".into()), MONTH).await;
    for part in ["NW-1", "NW-2", "NW-3", "Northwind Inc", "EUR", "USD"] {
        assert!(group.contains(part), "{part}: {group}");
    }
    // NW-3's October ends with New York's, hours after that of the document.
    let so_far = "NW-3 API availability 99.930555 % 61 min 1 of 2";
    assert!(group.contains(so_far), "{group}");
    let id = gmbh(&sam).await;
    let quarter = draft(&house, &sam, Covering::Customer(id.clone()), "2026-Q4").await;
    for part in ["quarter 4 of 2026", "1 October – 31 December 2026", "NW-1 Oct 2026"] {
        assert!(quarter.contains(part), "{part}: {quarter}");
    }
    let year = draft(&house, &sam, Covering::Customer(id.clone()), "2026").await;
    assert!(year.contains("SLA statement, 2026") && year.contains("Sep 2026"), "{year}");
    // September and October of the same year: the month tells of the year so far.
    let month = draft(&house, &sam, Covering::Customer(id.clone()), MONTH).await;
    assert!(month.contains("Year to date") && month.contains("2026 so far"), "{month}");
    let wrong = Covering::Customer(id);
    let refused = sam.statement_draft(&wrong, "2026-13", "en").await.unwrap_err();
    assert_eq!((refused.code, refused.path.as_deref()), (Code::Invalid, Some("period")));
    let nobody = Covering::Group("Nobody".into());
    let missing = sam.statement_draft(&nobody, MONTH, "en").await.unwrap_err();
    assert_eq!(missing.code, Code::NotFound);
}

/// Central decides so about every credit that is drafted: which they are.
async fn decide_drafted(house: &House, decision: Decision) -> Vec<Credit> {
    let mut tx = house.app.store().begin(None).await.unwrap();
    let (drafted, mut decided) = ("decision = 'drafted'", Vec::new());
    for found in store::list::<Credit>(tx.conn(), drafted, &[]).await.unwrap() {
        let mut credit = tx.get::<Credit>(found.row.id).await.unwrap().unwrap().row;
        credit.decision = decision;
        if decision == Decision::Approved {
            credit.approvals.push(Approval {
                id: house.app.store().ids().make(),
                step: 1,
                person: house.person("ines"),
                delegated_from: None,
                decision: Decision::Approved,
                reason: None,
                seen_hash: String::new(),
                at: house.clock.now(),
            });
        }
        tx.put(&credit).await.unwrap();
        decided.push(credit);
    }
    tx.audit("credit.decided", ("credit", "x"), None, serde_json::json!({}));
    tx.commit().await.unwrap();
    decided
}

/// The number of that of these credits which is of so many cents.
fn of(credits: &[Credit], cents: i64) -> String {
    credits.iter().find(|one| one.amount.minor() == cents).unwrap().number.clone()
}

/// What a credit's notice says.
async fn told(house: &House, number: &str) -> String {
    let sam = house.desk("sam").await;
    let path = sam.credit_notice(number, Some("en"), Some(house.folder.path())).await.unwrap();
    let verified = sam.verify_file(&path).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    text(&path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_claims_no_credit_that_was_not_granted() {
    let house = House::open().await;
    decide_drafted(&house, Decision::NotGranted).await;
    house.down("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z").await;
    let number = of(&decide_drafted(&house, Decision::Approved).await, 180_000);
    let said = told(&house, &number).await;
    assert!(!said.contains("Credited before"), "{said}");
    let parts = [
        "SLA credit, net €1,800.00",
        "Not granted for this window €1,200.00",
        "Contract NW-1 (€1,800.00): nothing. The SLA credit is set against your next invoice.",
        "Contract NW-1 (€1,200.00): nothing. No SLA credit was granted",
    ];
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_tells_of_each_credit_before_it_and_of_none_after() {
    let house = House::open().await;
    let first = of(&decide_drafted(&house, Decision::Approved).await, 120_000);
    // The outage was eight minutes long: what was credited is taken back.
    house.down("2026-10-14T03:12:00Z", "2026-10-14T03:20:00Z").await;
    let back = of(&decide_drafted(&house, Decision::Approved).await, -120_000);
    // It was as long as it seemed, after all; a week later there was another.
    house.down("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z").await;
    house.down("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z").await;
    let last = of(&decide_drafted(&house, Decision::Approved).await, 300_000);
    let said = told(&house, &last).await;
    let parts = [
        "SLA credit, net €3,000.00".to_owned(),
        format!("Credited before with {first} €1,200.00"),
        format!("Taken back with {back}"),
        "Credited for this window in all €3,000.00".to_owned(),
    ];
    for part in parts {
        assert!(said.contains(&part), "{part}: {said}");
    }
    let said = told(&house, &first).await;
    assert!(said.contains("SLA credit, net €1,200.00"), "{said}");
    assert!(!said.contains(&last) && !said.contains(&back), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_says_what_became_of_each_part_of_a_credit() {
    let house = House::open().await;
    settled(&house).await;
    // €1,200.00 are granted; of €3,000.00 that are owed now, the rest waits.
    house.down("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z").await;
    let sam = house.desk("sam").await;
    let only = || Covering::Contract("NW-1".into());
    let said = draft(&house, &sam, only(), MONTH).await;
    let open = [
        "NW-1, SLA credit granted €1,200.00",
        "NW-1, SLA credit, decision to come €1,800.00",
        "Contract NW-1 (€1,200.00): nothing. The SLA credit is set against your next invoice.",
        "Contract NW-1 (€1,800.00): nothing yet.",
    ];
    for part in open {
        assert!(said.contains(part), "{part}: {said}");
    }
    decide_drafted(&house, Decision::NotGranted).await;
    sam.sync_now().await.unwrap();
    let said = draft(&house, &sam, only(), MONTH).await;
    let over = [
        "NW-1, SLA credit granted €1,200.00",
        "NW-1, SLA credit, not granted €1,800.00",
        "Contract NW-1 (€1,800.00): nothing. No SLA credit was granted",
        "what became of each part of it, the first page tells. €3,000.00",
    ];
    for part in over {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_says_what_stays_of_a_credit_that_is_owed_no_longer() {
    let house = House::open().await;
    settled(&house).await;
    // The outage was eight minutes long: nothing is owed where €1,200.00 are granted.
    house.down("2026-10-14T03:12:00Z", "2026-10-14T03:20:00Z").await;
    let sam = house.desk("sam").await;
    let only = || Covering::Contract("NW-1".into());
    let said = draft(&house, &sam, only(), MONTH).await;
    let open = "NW-1, credited before, decision to €1,200.00 come";
    assert!(said.contains(open), "{said}");
    assert!(said.contains("whether it is taken back is being decided"), "{said}");
    decide_drafted(&house, Decision::NotGranted).await;
    sam.sync_now().await.unwrap();
    let said = draft(&house, &sam, only(), MONTH).await;
    let kept = "NW-1, credited before, stays with €1,200.00 you";
    assert!(said.contains(kept), "{said}");
    assert!(
        said.contains("Contract NW-1 (€1,200.00): nothing. You were credited this before"),
        "{said}"
    );
}

/// Law 4: what a revision says otherwise stands in it, figure by figure, with the reason.
#[tokio::test(flavor = "multi_thread")]
async fn law_4_a_revision_names_what_moved_and_why() {
    let house = House::open().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let id = gmbh(&sam).await;
    let sealed = async |at: &str| {
        sam.issue_statement(&id, MONTH, "en").await.unwrap();
        sam.sync_now().await.unwrap();
        sam.sync_now().await.unwrap();
        let run = sam.statement_runs(&id, MONTH).await.unwrap().pop().unwrap();
        let path = run.path.unwrap_or_else(|| panic!("{at}: {:?}", run.problem));
        assert!(sam.verify_statement(&run.statement).await.unwrap().ok, "{at}");
        text(Path::new(&path))
    };
    assert!(!sealed("first").await.contains("What has changed"));
    house.clock.advance(std::time::Duration::from_secs(3_600));
    house.down("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z").await;
    decide_drafted(&house, Decision::Approved).await;
    sam.sync_now().await.unwrap();
    let said = sealed("second").await;
    let moved = "NW-1, API availability 99.863534 % → 99.762863 %; NW-1 €1,200.00 → €3,000.00";
    assert!(said.contains("What has changed: late evidence"), "{said}");
    assert!(said.contains(moved), "{said}");
}
