//! Statements on their way to customers, by a real mail server.

use crate::{
    contact::{confirm_all, contacts, entry},
    house::House,
    receiver::Receiver,
    work::{MONTH, gmbh, settled},
};
use chrono::TimeDelta;
use makegood_desk::{
    Desk, Ground,
    contact::ContactEntry,
    delivery::{SaidEntry, SendStatement},
    mail::MailSettings,
    screens::{DeadlineTab, Page, StatementDelivery, StatementRow},
};
use makegood_domain::{Code, random::Random};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const AP: &str = "ap@northwind.example";
const COPY: &str = "dana@fjordline.example";

pub(crate) fn settings(receiver: &Receiver, encryption: &str) -> MailSettings {
    MailSettings {
        server: "localhost".to_owned(),
        port: if encryption == "tls" { receiver.tls } else { receiver.starttls },
        encryption: encryption.to_owned(),
        user: "makegood".to_owned(),
        from_name: "Fjordline Cloud".to_owned(),
        from_address: "sla@fjordline.example".to_owned(),
        roots: receiver.file("tls.crt").display().to_string(),
        keep: false,
    }
}

pub(crate) async fn set_mail(desk: &Desk, receiver: &Receiver) {
    desk.set_mail(settings(receiver, "tls"), Some("a password")).await.unwrap();
}

/// GmbH's contacts, confirmed: one addressed, one with a copy, one who reads English.
pub(crate) async fn known(house: &House) {
    let (dana, noa) = (house.desk("dana").await, house.desk("noa").await);
    for (address, line, language) in
        [(AP, "to", "de"), (COPY, "cc", "en"), ("uk@northwind.example", "to", "en")]
    {
        let contact = ContactEntry {
            line: line.to_owned(),
            language: language.to_owned(),
            ..entry(&dana, address).await
        };
        dana.put_contact(contact).await.unwrap();
    }
    dana.sync_now().await.unwrap();
    noa.sync_now().await.unwrap();
    confirm_all(&noa).await;
}

/// October's statement of the GmbH in German, sealed at sam's desk.
pub(crate) async fn sealed(house: &House) -> Desk {
    settled(house).await;
    let sam = house.desk("sam").await;
    sam.issue_statement(&gmbh(&sam).await, MONTH, "de").await.unwrap();
    sam.sync_now().await.unwrap();
    assert_eq!(row(&sam).await.state, "sealed");
    sam
}

pub(crate) async fn row(desk: &Desk) -> StatementRow {
    let rows = desk.customer(&gmbh(desk).await).await.unwrap().statements;
    rows.into_iter().find(|row| row.month == MONTH).unwrap()
}

pub(crate) async fn became(desk: &Desk) -> StatementDelivery {
    row(desk).await.delivery.unwrap()
}

pub(crate) async fn send(
    desk: &Desk,
    reason: Option<&str>,
) -> Result<String, makegood_domain::Problem> {
    let statement_id = row(desk).await.id.unwrap();
    let plan = desk.delivery_plan(&statement_id, "accounts_payable").await.unwrap();
    desk.send_statement(SendStatement {
        statement_id,
        role: plan.role,
        seen: plan.to.into_iter().map(|one| one.address).collect(),
        reason: reason.map(str::to_owned),
    })
    .await
}

/// The messages that came.
pub(crate) async fn mails(receiver: &Receiver) -> Vec<Value> {
    receiver.seen().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_arrives_once_whole_and_in_its_language_and_again_as_the_same_bytes() {
    let (house, receiver) = (House::open().await, Receiver::start());
    known(&house).await;
    let sam = sealed(&house).await;
    let view = sam.mail().await.unwrap();
    assert!(!view.ready && view.settings.is_none());
    send(&sam, None).await.unwrap();
    sam.sync_now().await.unwrap();
    let waits = became(&sam).await.run.unwrap();
    assert_eq!(waits.problem.unwrap().code, Code::MailUnset);
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    let mail = mails(&receiver).await;
    assert_eq!(mail.len(), 1, "{mail:?}");
    let mail = &mail[0];
    let sha256 = row(&sam).await.sha256.unwrap();
    assert_eq!(mail["to"], json!([AP, COPY]));
    assert!(mail["cc"].as_str().unwrap().contains(COPY), "{mail}");
    assert_eq!(mail["from"], "\"Fjordline Cloud\" <sla@fjordline.example>");
    assert_eq!((&mail["secure"], &mail["login"]), (&json!(true), &json!("makegood")));
    assert_eq!(mail["subject"], "SLA-Bericht ST-2026-10-0001, Oktober 2026");
    let text = mail["text"].as_str().unwrap();
    for part in
        ["Guten Tag,", "Northwind GmbH", "Oktober 2026", sha256.as_str(), "Rechnungskorrektur"]
    {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert_eq!(mail["html"], json!(false), "nothing that could tell who opened it");
    assert_eq!(mail["files"][0]["filename"], "ST-2026-10-0001-r1.pdf");
    assert_eq!(mail["files"][0]["contentType"], "application/pdf");
    assert_eq!(mail["files"][0]["sha256"], sha256.as_str());
    let told = became(&sam).await;
    assert_eq!((told.state.as_str(), told.deliveries.len()), ("sent", 1));
    let first = &told.deliveries[0];
    assert_eq!(first.message_id.as_deref(), mail["message"].as_str());
    assert!(first.message_id.as_deref().unwrap().contains(&first.id));
    assert_eq!(first.to[0], format!("Kreditoren <{AP}>"));
    sam.sync_now().await.unwrap();
    assert_eq!(mails(&receiver).await.len(), 1, "no second message");

    // It came back; the address is corrected, confirmed, and it goes again.
    let refused = send(&sam, None).await.unwrap_err();
    assert_eq!(refused.code, Code::Invalid, "a reason is asked for");
    let delivery = first.clone();
    sam.record_bounce(&delivery.id, delivery.version, AP, "mailbox full").await.unwrap();
    sam.sync_now().await.unwrap();
    let back = became(&sam).await;
    assert_eq!(back.state, "bounced");
    assert!(back.text.contains("mailbox full"), "{}", back.text);
    let ap = contacts(&sam).await.into_iter().find(|one| one.address == AP).unwrap();
    let corrected = ContactEntry {
        id: Some(ap.id),
        version: Some(ap.version),
        ..entry(&sam, "kreditoren@northwind.example").await
    };
    sam.put_contact(corrected).await.unwrap();
    sam.sync_now().await.unwrap();
    house.clock.advance(Duration::from_secs(60));
    send(&sam, Some("their mailbox was full")).await.unwrap();
    sam.sync_now().await.unwrap();
    let held = became(&sam).await;
    assert_eq!((held.state.as_str(), mails(&receiver).await.len()), ("held", 1));
    assert_eq!(held.run.unwrap().problem.unwrap().code, Code::AddressUnconfirmed);
    let noa = house.desk("noa").await;
    confirm_all(&noa).await;
    sam.sync_now().await.unwrap();
    let mail = mails(&receiver).await;
    assert_eq!(mail.len(), 2, "{mail:?}");
    assert_eq!(mail[1]["files"][0]["sha256"], sha256.as_str(), "the same bytes");
    assert_eq!(mail[1]["to"][0], "kreditoren@northwind.example");
    let told = became(noa_synced(&noa).await).await;
    assert_eq!((told.state.as_str(), told.deliveries.len()), ("sent", 2));
    assert_eq!(told.deliveries[0].reason.as_deref(), Some("their mailbox was full"));
    assert_eq!(told.deliveries[1].state, "bounced", "both are on record");
    assert!(!told.send.enabled && told.acknowledge.enabled, "Noa issues none");
    said(&noa, &house).await;
}

async fn noa_synced(noa: &Desk) -> &Desk {
    noa.sync_now().await.unwrap();
    noa
}

/// One accepts, another disputes.
async fn said(noa: &Desk, house: &House) {
    let entry = |accepted, note: &str, statement_id: String| SaidEntry {
        statement_id,
        by_name: "H. Vogt".to_owned(),
        on: "2026-11-09".to_owned(),
        accepted,
        note: note.to_owned(),
    };
    let id = row(noa).await.id.unwrap();
    let refused = noa.record_acknowledgement(entry(false, " ", id.clone())).await.unwrap_err();
    assert_eq!(refused.path.as_deref(), Some("note"));
    noa.record_acknowledgement(entry(true, "", id.clone())).await.unwrap();
    noa.sync_now().await.unwrap();
    assert_eq!(became(noa).await.text, "Accepted by H. Vogt, 9 Nov 2026");
    house.clock.advance(Duration::from_secs(60));
    noa.record_acknowledgement(entry(false, "ten minutes more", id)).await.unwrap();
    noa.sync_now().await.unwrap();
    let told = became(noa).await;
    assert_eq!((told.state.as_str(), told.said.len()), ("disputed", 2));
    assert_eq!(told.said[0].dispute.as_deref(), Some("Nobody yet answers by 23 Nov 2026"));
    let disputes = Some(DeadlineTab::Disputes);
    let open = noa.deadlines(disputes, &Page::default()).await.unwrap();
    let dispute = &open.disputes[0];
    assert_eq!((open.counts.disputes, dispute.mine), (1, false));
    assert_eq!((dispute.due_in.as_str(), dispute.soon), ("in 14 days", false));
    assert_eq!(dispute.said, "ten minutes more");
    let refused = noa.answer_dispute(&dispute.id, dispute.version, false, " ").await.unwrap_err();
    assert_eq!(refused.code, Code::Invalid);
    noa.answer_dispute(&dispute.id, dispute.version, false, "it was excused").await.unwrap();
    noa.sync_now().await.unwrap();
    assert!(noa.deadlines(disputes, &Page::default()).await.unwrap().disputes.is_empty());
    let told = became(noa).await;
    assert_eq!(
        told.said[0].dispute.as_deref(),
        Some("The statement stands: it was excused (noa, 9 Nov 2026)")
    );
    let month = noa.statement_month(MONTH, &Page::default()).await.unwrap();
    assert!(month.rows.iter().any(|row| row.delivery.as_deref() == Some("disputed")));
    assert!(noa.mirror_agrees().await.unwrap(), "law 9");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_now_is_tried_again_and_what_fails_for_good_is_told_by_name() {
    let (house, mut receiver) = (House::open().await, Receiver::start());
    known(&house).await;
    let sam = sealed(&house).await;
    set_mail(&sam, &receiver).await;
    receiver.refuses(json!([{ "address": AP, "status": 451 }])).await;
    send(&sam, None).await.unwrap();
    sam.sync_now().await.unwrap();
    let waits = became(&sam).await;
    assert_eq!(waits.state, "waiting");
    let waits = waits.run.unwrap();
    assert!(waits.problem.unwrap().message.contains(AP));
    assert!(waits.text.starts_with("Next try after"), "{}", waits.text);
    assert_eq!(send(&sam, None).await.unwrap_err().code, Code::WrongState, "it is on its way");
    sam.sync_now().await.unwrap();
    receiver.refuses(json!([])).await;
    sam.sync_now().await.unwrap();
    assert!(mails(&receiver).await.is_empty(), "not before its time");
    house.clock.advance(Duration::from_secs(61));
    sam.sync_now().await.unwrap();
    assert_eq!(mails(&receiver).await.len(), 1);

    receiver.refuses(json!([COPY])).await;
    house.clock.advance(Duration::from_secs(60));
    send(&sam, Some("they lost it")).await.unwrap();
    sam.sync_now().await.unwrap();
    assert_eq!(mails(&receiver).await.len(), 1, "to everybody, or to nobody");
    let failed = became(&sam).await;
    assert_eq!((failed.state.as_str(), failed.deliveries.len()), ("failed", 2));
    assert!(failed.text.contains(COPY) && failed.text.contains("550"), "{}", failed.text);
    assert!(failed.run.is_none(), "it is on record");

    // A server that is away is tried for three days, and then that is told, too.
    receiver.stop();
    send(&sam, Some("once more")).await.unwrap();
    sam.sync_now().await.unwrap();
    let waits = became(&sam).await.run.unwrap();
    assert_eq!(
        (waits.state.as_str(), waits.problem.unwrap().code),
        ("prepared", Code::MailUnreachable)
    );
    // … by attempts: two that lie three days apart are two.
    house.clock.advance(Duration::from_hours(73));
    sam.sync_now().await.unwrap();
    assert_eq!(became(&sam).await.state, "waiting");
    for _ in 0..39 {
        house.clock.advance(Duration::from_hours(2));
        sam.sync_now().await.unwrap();
    }
    let failed = became(&sam).await;
    assert_eq!((failed.state.as_str(), failed.deliveries.len()), ("failed", 3));
    assert!(failed.text.contains("given up after 41 attempts"), "{}", failed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_desk_that_is_killed_at_any_step_sends_once_and_never_twice_without_a_word() {
    let (house, receiver) = (House::open().await, Receiver::start());
    known(&house).await;
    let sam = sealed(&house).await;
    set_mail(&sam, &receiver).await;

    // Put on its way, and gone before it left: it leaves when the desk is back.
    house.wire.set_up(false);
    send(&sam, None).await.unwrap();
    drop(sam);
    house.wire.set_up(true);
    let sam = house.desk("sam").await;
    assert_eq!(became(&sam).await.run.unwrap().problem.unwrap().code, Code::MailUnset);
    assert!(mails(&receiver).await.is_empty(), "its password is asked for in each session");

    // The server takes it and breaks off without an answer: nobody knows.
    receiver.after(json!(["vanish"])).await;
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    let perhaps = became(&sam).await;
    assert_eq!((perhaps.state.as_str(), mails(&receiver).await.len()), ("perhaps", 1));
    let run = perhaps.run.unwrap().id;
    house.clock.advance(Duration::from_hours(3));
    sam.sync_now().await.unwrap();
    assert_eq!(mails(&receiver).await.len(), 1, "not without a word");
    let refused = send(&sam, None).await.unwrap_err();
    assert!(refused.message.contains("confirm that first"), "{refused}");
    assert_eq!(sam.drop_delivery(&run).await.unwrap_err().code, Code::WrongState);

    // It did not arrive: again, under the same id, and killed while the server thinks.
    receiver.after(json!(["hang"])).await;
    sam.settle_delivery(&run, false).await.unwrap();
    while mails(&receiver).await.len() < 2 {
        tokio::task::yield_now().await;
    }
    drop(sam);
    let sam = house.desk("sam").await;
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    let perhaps = became(&sam).await;
    assert_eq!((perhaps.state.as_str(), mails(&receiver).await.len()), ("perhaps", 2));

    // It arrived: that is recorded, and central's answer is lost.
    house.wire.lose_answers(true);
    sam.settle_delivery(&run, true).await.unwrap();
    assert!(sam.settle_delivery(&run, true).await.is_err(), "once is enough");
    assert!(sam.sync_now().await.is_err());
    drop(sam);
    house.wire.lose_answers(false);
    let sam = house.desk("sam").await;
    let told = became(&sam).await;
    assert_eq!((told.state.as_str(), told.deliveries.len()), ("sent", 1));
    let mail = mails(&receiver).await;
    assert_eq!(mail.len(), 2);
    assert_eq!(mail[0]["message"], mail[1]["message"], "recognisable as the same");
    assert!(told.run.is_none() && told.send.enabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_that_is_not_the_sealed_file_or_goes_where_nobody_looked() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = sealed(&house).await;
    set_mail(&sam, &receiver).await;
    // Nobody to send it to: it is held, and goes to whom is confirmed.
    let statement_id = row(&sam).await.id.unwrap();
    let plan = sam.delivery_plan(&statement_id, "accounts_payable").await.unwrap();
    assert_eq!(plan.held.unwrap().code, Code::AddressUnconfirmed);
    send(&sam, None).await.unwrap();
    sam.sync_now().await.unwrap();
    assert_eq!(became(&sam).await.state, "held");
    known(&house).await;
    sam.sync_now().await.unwrap();
    assert_eq!(mails(&receiver).await.len(), 1);
    // What was looked at is not who is there any more.
    let plan = sam.delivery_plan(&statement_id, "accounts_payable").await.unwrap();
    assert_eq!(plan.left_out, ["Kreditoren <uk@northwind.example>: reads another language"]);
    let asked = SendStatement {
        statement_id: statement_id.clone(),
        role: "accounts_payable".to_owned(),
        seen: vec![AP.to_owned(), "gone@northwind.example".to_owned()],
        reason: Some("again".to_owned()),
    };
    assert_eq!(sam.send_statement(asked).await.unwrap_err().code, Code::Stale);
    // Between looking and leaving somebody ends the copy.
    house.wire.set_up(false);
    send(&sam, Some("again")).await.unwrap();
    end_copy(&house).await;
    house.wire.set_up(true);
    sam.sync_now().await.unwrap();
    let held = became(&sam).await;
    assert_eq!(held.run.clone().unwrap().problem.unwrap().code, Code::Stale, "{held:?}");
    assert_eq!(mails(&receiver).await.len(), 1);
    // Another desk has no file to send; a folder takes the sealed bytes, and nobody else's.
    let path = std::path::PathBuf::from(row(&sam).await.path.unwrap());
    let folder = house.folder.path().join("out");
    assert_eq!(sam.export_statement(&statement_id, &folder).await.unwrap_err().code, Code::File);
    std::fs::create_dir(&folder).unwrap();
    house.clock.advance(Duration::from_secs(60));
    let out = sam.export_statement(&statement_id, &folder).await.unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&path).unwrap());
    sam.sync_now().await.unwrap();
    assert_eq!(became(&sam).await.deliveries[0].state_text, "Exported to a folder, 9 Nov 2026");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.push(b'\n');
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(send(&sam, Some("again")).await.unwrap_err().code, Code::VerificationFailed);
    let refused = sam.export_statement(&statement_id, &folder).await.unwrap_err();
    assert_eq!(refused.code, Code::VerificationFailed);
}

/// By a line of its own: the others' is down.
async fn end_copy(house: &House) {
    let clock = house.clock.clone();
    let ground = Ground { clock, random: Random::system(), hold: TimeDelta::zero() };
    let dana = Desk::open(&house.folder.path().join("elsewhere"), ground).unwrap();
    dana.connect(&house.running.url(), house.token("dana")).await.unwrap();
    dana.sync_now().await.unwrap();
    let copy = contacts(&dana).await.into_iter().find(|one| one.address == COPY).unwrap();
    dana.end_contact(&copy.id, copy.version, "left").await.unwrap();
    dana.sync_now().await.unwrap();
}
