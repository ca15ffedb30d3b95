//! A statement's file, from the desk that sealed it to another one, which sends it.

use crate::{
    delivery::{became, known, mails, row, sealed, send, set_mail},
    house::House,
    receiver::Receiver,
    seal::{choice, seal},
    work::{MONTH, gmbh, settled},
};
use chrono::TimeDelta;
use makegood_desk::{Desk, Ground, delivery::SendStatement};
use makegood_domain::{
    Code, Problem,
    id::StatementId,
    random::Random,
    statement::{Statement, StatementOf, StatementState},
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Sam's desk on another computer.
async fn second(house: &House) -> Desk {
    let clock = house.clock.clone();
    let ground = Ground { clock, random: Random::system(), hold: TimeDelta::zero() };
    let desk = Desk::open(&house.folder.path().join("second"), ground).unwrap();
    desk.connect(&house.wire.url(), house.token("sam")).await.unwrap();
    desk.sync_now().await.unwrap();
    desk
}

fn path(text: Option<String>) -> PathBuf {
    PathBuf::from(text.unwrap())
}

fn plainly(statement_id: String) -> SendStatement {
    let role = "accounts_payable".to_owned();
    SendStatement { statement_id, role, seen: Vec::new(), reason: None }
}

async fn refused(desk: &Desk, statement: &str, file: &Path) -> Problem {
    let problem = desk.add_statement_file(statement, file).await.unwrap_err();
    assert!(problem.message.contains(&file.display().to_string()), "{problem}");
    assert_eq!(row(desk).await.path, None, "nothing was taken in");
    problem
}

/// Sam's statement of the contract NW-1 alone: the file of another number.
async fn of_the_contract(sam: &Desk) -> PathBuf {
    let customer = gmbh(sam).await;
    let choices = sam.statement_choices(&customer, MONTH).await.unwrap();
    let of = choices.into_iter().map(|one| one.of);
    let of = of.into_iter().find(|of| matches!(of, StatementOf::Contract(_))).unwrap();
    sam.issue_statement_of(&customer, of, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let runs = sam.statement_runs(&customer, MONTH).await.unwrap();
    path(runs.into_iter().find(|run| run.of == of).unwrap().path)
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Whatever is not that file is refused, and by what it is.
async fn nothing_else_is_taken_in(
    other: &Desk,
    folder: &Path,
    (statement, bytes): (&str, &[u8]),
    contracts: &Path,
) {
    let mut changed = bytes.to_vec();
    let title = changed.windows(9).position(|part| part == b"/Producer").unwrap();
    changed[title + 12] ^= 1;
    let changed = refused(other, statement, &put(folder, "changed.pdf", &changed)).await;
    assert_eq!(changed.code, Code::VerificationFailed);
    let words =
        "calls itself ST-2026-10-0001, revision 1, but its SHA-256 is not the one on record";
    assert!(changed.message.contains(words), "{changed}");
    let another = refused(other, statement, contracts).await;
    assert_eq!(another.code, Code::VerificationFailed);
    let words = "it is ST-2026-10-0002, revision 1, not ST-2026-10-0001, revision 1";
    assert!(another.message.contains(words), "{another}");
    let none = refused(other, statement, &put(folder, "words.pdf", b"%PDF-1.7 or so")).await;
    assert_eq!(none.code, Code::VerificationFailed);
    assert!(none.message.contains(": its SHA-256 is not the one on record for ST-"), "{none}");
    let none = refused(other, statement, folder).await;
    assert_eq!(none.code, Code::File);
    assert!(none.message.contains("it is not a file"), "{none}");
    assert_eq!(refused(other, statement, &folder.join("gone.pdf")).await.code, Code::File);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_sealed_at_another_desk_is_sent_from_here_as_the_same_bytes() {
    let (house, receiver) = (House::open().await, Receiver::start());
    known(&house).await;
    let sam = sealed(&house).await;
    let file = path(row(&sam).await.path);
    let bytes = std::fs::read(&file).unwrap();
    let contracts = of_the_contract(&sam).await;

    let other = second(&house).await;
    set_mail(&other, &receiver).await;
    let seen = row(&other).await;
    let statement = seen.id.unwrap();
    assert_eq!(seen.path, None);
    let plan = other.delivery_plan(&statement, "accounts_payable").await.unwrap();
    assert!(!plan.here && seen.delivery.unwrap().send.enabled, "it can be added, and then sent");
    let lacks = send(&other, None).await.unwrap_err();
    assert_eq!(lacks.code, Code::NotFound);
    assert!(lacks.message.contains("ST-2026-10-0001: it was sealed at another desk"), "{lacks}");

    let folder = house.folder.path();
    nothing_else_is_taken_in(&other, folder, (&statement, &bytes), &contracts).await;
    assert_eq!(send(&other, None).await.unwrap_err().code, Code::NotFound);

    // The file itself, under whatever name it came.
    let kept =
        other.add_statement_file(&statement, &put(folder, "from sam.pdf", &bytes)).await.unwrap();
    assert!(kept.ends_with("statements/2026-10/ST-2026-10-0001-r1.pdf"), "{}", kept.display());
    assert_eq!(std::fs::read(&kept).unwrap(), bytes);
    assert_eq!(path(row(&other).await.path), kept);
    assert!(other.delivery_plan(&statement, "accounts_payable").await.unwrap().here);
    send(&other, None).await.unwrap();
    other.sync_now().await.unwrap();
    let came = mails(&receiver).await;
    assert_eq!(came.len(), 1, "{came:?}");
    let sha256 = row(&other).await.sha256.unwrap();
    assert_eq!(came[0]["files"][0]["sha256"], sha256.as_str());
    assert_eq!(came[0]["files"][0]["filename"], "ST-2026-10-0001-r1.pdf");
    drop(other);

    // At the first desk it is on record, and going again it is the same; here it is still known later.
    sam.sync_now().await.unwrap();
    assert_eq!(became(&sam).await.state, "sent");
    assert_eq!(send(&sam, None).await.unwrap_err().code, Code::Invalid, "a reason is asked for");
    let other = second(&house).await;
    set_mail(&other, &receiver).await;
    house.clock.advance(std::time::Duration::from_secs(60));
    send(&other, Some("they lost it")).await.unwrap();
    other.sync_now().await.unwrap();
    let came = mails(&receiver).await;
    assert_eq!(came.len(), 2, "{came:?}");
    assert_eq!(came[1]["files"][0]["sha256"], sha256.as_str(), "the same bytes");
    assert_eq!(became(&other).await.deliveries.len(), 2);
    // What lies here was changed since.
    std::fs::write(&kept, &bytes[1..]).unwrap();
    house.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(send(&other, Some("again")).await.unwrap_err().code, Code::VerificationFailed);
    other.add_statement_file(&statement, &file).await.unwrap();
    send(&other, Some("again")).await.unwrap();
}

/// What central has on record is verified all the same, under the roots that this desk trusts.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_seal_this_desk_does_not_trust_is_not_taken_in() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let (key, root) = seal(&house);
    let roots = std::fs::read(&root).unwrap();
    sam.choose_seal(&choice(&key, &root), "right", false).await.unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "de").await.unwrap();
    sam.sync_now().await.unwrap();
    let seen = row(&sam).await;
    let (statement, file) = (seen.id.unwrap(), path(seen.path));

    let other = second(&house).await;
    let (key, root) = seal(&house);
    other.choose_seal(&choice(&key, &root), "right", false).await.unwrap();
    let strange = refused(&other, &statement, &file).await;
    assert_eq!(strange.code, Code::VerificationFailed);
    assert!(strange.message.contains("it was not taken in. Not valid."), "{strange}");
    assert!(strange.message.contains("not among the trusted certificates"), "{strange}");
    // With the other's root beside its own it is.
    let both = [std::fs::read(&root).unwrap(), roots].concat();
    std::fs::write(&root, both).unwrap();
    other.choose_seal(&choice(&key, &root), "right", false).await.unwrap();
    other.add_statement_file(&statement, &file).await.unwrap();
    assert!(other.verify_statement(&statement).await.unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_file_of_what_is_not_sealed() {
    let (house, sam) = {
        let house = House::open().await;
        settled(&house).await;
        let sam = house.desk("sam").await;
        (house, sam)
    };
    // Numbered, but its file can't be written.
    let blocker = house.profile("sam").join("statements");
    std::fs::write(&blocker, "in the way").unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "de").await.unwrap();
    sam.sync_now().await.unwrap();
    let statement = row(&sam).await.id.unwrap();
    let refused = sam.add_statement_file(&statement, &blocker).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongState, "{refused}");
    assert!(refused.message.contains("is not sealed"), "{refused}");
    let refused = sam.send_statement(plainly(statement)).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongState, "{refused}");
    assert!(refused.message.contains("is not sealed"), "{refused}");
}

/// A later revision takes its place while it waits to leave.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_superseded_is_sent_no_more() {
    let house = House::open().await;
    known(&house).await;
    let sam = sealed(&house).await;
    house.wire.set_up(false);
    send(&sam, None).await.unwrap();
    let id = row(&sam).await.id.unwrap().parse::<StatementId>().unwrap();
    let mut tx = house.app.store().begin(None).await.unwrap();
    let mut statement = tx.get::<Statement>(id).await.unwrap().unwrap().row;
    statement.state = StatementState::Superseded;
    tx.put(&statement).await.unwrap();
    let about = ("statement", &*id.to_string());
    tx.audit("statement.superseded", about, Some(statement.customer), json!({}));
    tx.commit().await.unwrap();
    house.wire.set_up(true);
    sam.sync_now().await.unwrap();
    let rows = sam.customer(&gmbh(&sam).await).await.unwrap().statements;
    let row = rows.into_iter().find(|row| row.id.as_deref() == Some(&id.to_string())).unwrap();
    let became = row.delivery.unwrap();
    assert_eq!(became.run.unwrap().problem.unwrap().code, Code::Stale);
    assert!(became.send.reason.unwrap().contains("later revision"));
    let refused = sam.send_statement(plainly(id.to_string())).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongState, "{refused}");
    assert!(refused.message.contains("was superseded"), "{refused}");
}
