//! Seven months of a real status page's probe log, taken through central's real HTTP API into a
//! desk: what was down and what nobody saw, to the second, as computed independently; then the main
//! job on March 2026.

mod book;

use crate::real_input::book::{Book, RDL};
use makegood_desk::breach::Review;
use makegood_desk::credit::CreditSeen;
use makegood_desk::screens::{BreachTab, CreditTab, Page};
use makegood_desk::{Desk, Ground};
use makegood_domain::random::Random;
use makegood_domain::{attainment::Attainment, contract::SlaLine, id};
use makegood_mirror::Mirror;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/real/digital-editions");

fn shared(name: &str) -> Vec<u8> {
    let path = Path::new(SHARED).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A service's month: seconds down, seconds unknown, attainment cut after six decimals.
type Month = (i64, i64, Option<String>);

/// What was computed independently of us, by service and month.
fn expected() -> BTreeMap<(String, String), Month> {
    let bytes = shared("downtime-by-month.csv");
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let months: BTreeMap<_, _> = reader
        .records()
        .map(|record| {
            let record = record.expect("the file is CSV");
            let seconds = |at: usize| record[at].parse::<i64>().expect("seconds");
            let percent = Some(record[7].to_owned()).filter(|text| text != "not measured");
            ((record[0].to_owned(), record[1].to_owned()), (seconds(4), seconds(5), percent))
        })
        .collect();
    assert_eq!(months.len(), 269, "the shared file has 269 service-months");
    months
}

/// A desk in `folder` at this central; nothing it decides is held back.
fn desk(folder: &Path, book: &Book) -> Desk {
    let ground = Ground {
        clock: book.clock.clone(),
        random: Random::system(),
        hold: chrono::TimeDelta::zero(),
    };
    Desk::open(folder, ground).expect("a desk opens")
}

/// The newest mirror under a desk's folder.
fn mirror_file(folder: &Path) -> PathBuf {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.starts_with("mirror-") && name.ends_with(".db") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.pop().expect("the desk has a mirror")
}

/// Every service-month that the desk holds.
async fn measured(folder: &Path, desk: &Desk) -> BTreeMap<(String, String), Month> {
    let mirror = Mirror::open(&mirror_file(folder)).await.expect("the mirror opens");
    let mut reader = mirror.reader().await.expect("the mirror is read");
    let mut months = BTreeMap::new();
    for customer in desk.customers(&Page::default()).await.expect("the desk lists customers").rows {
        let id: id::CustomerId = customer.id.parse().expect("an id");
        let lines: Vec<SlaLine> = reader.of_customer(id).await.expect("lines");
        let names: BTreeMap<_, _> = lines.into_iter().map(|line| (line.id, line.name)).collect();
        let rows: Vec<Attainment> = reader.of_customer(id).await.expect("attainments");
        for row in rows {
            let down: i64 = row.bad.parse().expect("whole seconds");
            let month = (down, row.unknown_seconds, row.percent);
            months.insert((names[&row.line].clone(), row.window), month);
        }
    }
    months
}

#[tokio::test]
async fn law_1_every_real_service_month_comes_to_the_desk_to_the_second() {
    let folder = TempDir::new().expect("a folder");
    let book = Book::open(folder.path(), &shared("probes.csv")).await;
    let at = folder.path().join("desk");
    let desk = desk(&at, &book);
    desk.start_demo(book.access()).await.expect("a seat");
    desk.sync_now().await.expect("it syncs");
    assert!(desk.mirror_agrees().await.expect("a digest"), "law 9: the mirror is the view");
    let measured = measured(&at, &desk).await;
    let mut wrong = Vec::new();
    for (key, expected) in expected() {
        if measured.get(&key) != Some(&expected) {
            wrong.push(format!("{key:?}: {expected:?}, but here {:?}", measured.get(&key)));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    book.stop().await;
}

#[tokio::test]
async fn the_same_log_again_changes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let log = shared("probes.csv");
    let book = Book::open(folder.path(), &log).await;
    let again = book.send_log(&log).await;
    assert_eq!(again["repeated"], again["lines"], "{again}");
    book.stop().await;
}

#[tokio::test]
async fn the_main_job_on_march_2026_states_what_was_worked_out_by_hand() {
    let folder = TempDir::new().expect("a folder");
    let book = Book::open(folder.path(), &shared("probes.csv")).await;
    let desk = desk(&folder.path().join("desk"), &book);
    desk.start_demo(book.access()).await.expect("a seat");
    settle(&desk).await;
    let customer = review_and_propose(&desk, &book).await;
    // 1,275.00 is above the limit of 1,000.00: two different people have to approve.
    for person in ["ines", "lee"] {
        book.sit(&desk, person).await;
        settle(&desk).await;
        approve(&desk).await;
    }
    book.sit(&desk, "sam").await;
    settle(&desk).await;
    desk.issue_statement(&customer, "2026-03", "en").await.expect("it is issued");
    settle(&desk).await;
    let runs = desk.statement_runs(&customer, "2026-03").await.expect("the run");
    let path = runs.last().and_then(|run| run.path.clone()).expect("a sealed file");
    let verified = desk.verify_file(Path::new(&path)).await.expect("it can be read");
    assert!(verified.ok, "{verified:#?}");
    worked_out_by_hand(Path::new(&path));
    book.stop().await;
}

/// March 2026 in Zurich has 31 × 86,400 − 3,600 = 2,674,800 seconds: summer time begins on the 29th.
/// The platform was down for 30,410 of them: 1 − 30,410 ÷ 2,674,800 = 98.863092 %, below 99 %: 25 %
/// of 2,400.00 are 600.00. CodiMD: 30,389 s, 98.863877 %, 25 % of 1,800.00 are 450.00. hallerNet:
/// 30,362 s, 98.864887 %, 25 % of 800.00 are 200.00. The two redirects: 30,389 s and 30,381 s,
/// 98.863877 % and 98.864176 %, 25 % of 50.00 are 12.50 each. Together 1,275.00.
fn worked_out_by_hand(path: &Path) {
    let text = std::process::Command::new("pdftotext")
        .args(["-layout", &path.display().to_string(), "-"])
        .output()
        .expect("pdftotext is installed");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let figures = [
        "98.863092",
        "98.863877",
        "98.864887",
        "98.864176",
        "600.00",
        "450.00",
        "200.00",
        "12.50",
        "1,275.00",
    ];
    for figure in figures {
        assert!(text.contains(figure), "no {figure} in\n{text}");
    }
}

/// Reviews the customer's breaches of March and proposes the credit that they are owed.
async fn review_and_propose(desk: &Desk, book: &Book) -> String {
    book.sit(desk, "dana").await;
    settle(desk).await;
    let inbox = desk.breach_inbox(BreachTab::ToReview, &Page::default()).await.expect("the inbox");
    let items: Vec<_> = inbox.groups.into_iter().flat_map(|group| group.items).collect();
    let mut credit = None;
    let mut customer = String::new();
    for item in items.iter().filter(|item| item.customer == RDL) {
        let breach = desk.breach(&item.id).await.expect("a breach");
        if breach.month != "2026-03" {
            continue;
        }
        customer.clone_from(&breach.customer_id);
        credit = breach.credit.clone().or(credit);
        let review = Review {
            breach_id: breach.id,
            version: breach.version,
            root_cause: "Infrastructure".to_owned(),
            narratives: BTreeMap::new(),
            note: None,
        };
        desk.review_breach(review).await.expect("it is reviewed");
    }
    let credit = credit.expect("March owes a credit");
    assert_eq!(credit.amount.minor, "127500");
    let seen =
        CreditSeen { id: credit.id, version: credit.version, amount_minor: credit.amount.minor };
    desk.propose_credit(seen).await.expect("it is proposed");
    settle(desk).await;
    customer
}

/// Approves whatever waits for the person who sits here.
async fn approve(desk: &Desk) {
    for tab in [CreditTab::Awaiting, CreditTab::Second] {
        let credits = desk.credits(tab, &Page::default()).await.expect("the credits");
        let items: Vec<CreditSeen> = credits
            .rows
            .into_iter()
            .filter(|row| row.may_approve)
            .map(|row| CreditSeen {
                id: row.id,
                version: row.version,
                amount_minor: row.amount.minor,
            })
            .collect();
        if !items.is_empty() {
            desk.approve_credits(items).await.expect("they are approved");
            break;
        }
    }
    settle(desk).await;
}

/// Syncs until nothing waits any more; a refusal fails the test with its reason.
async fn settle(desk: &Desk) {
    loop {
        let state = desk.sync_now().await.expect("it syncs");
        let outbox = desk.outbox().await.expect("the outbox");
        for row in &outbox.rows {
            assert!(row.problem.is_none(), "{}: {:?}", row.what, row.problem);
        }
        if state.waiting == 0 {
            return;
        }
    }
}

/// What central answered, as JSON.
pub(crate) async fn json(answer: reqwest::Response) -> Value {
    let status = answer.status();
    let text = answer.text().await.expect("an answer");
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).expect("JSON")
}
