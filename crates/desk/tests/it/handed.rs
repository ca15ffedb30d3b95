//! Mail servers that are odd, and desks on which something breaks while a message is handed over.

use crate::{
    contact::{confirm, entry},
    delivery::{became, known, mails, sealed, send, set_mail, settings},
    house::House,
    receiver::Receiver,
    sending::send_all,
    work::{MONTH, settled},
};
use makegood_desk::{Desk, contact::ContactEntry, delivery::SendingOutcome, screens::Page};
use makegood_domain::Code;
use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
use std::time::Duration;

const ROLE: &str = "accounts_payable";
const FROM: &str = "sla@fjordline.example";

/// Makes sam's own database refuse what a trigger says, or takes that back.
async fn desk_refuses(house: &House, sql: &'static str) {
    let file = house.profile("sam").join("user.db");
    let mut user = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::query(sql).execute(&mut user).await.unwrap();
    user.close().await.unwrap();
}

/// October's statements of the GmbH and of so many others, sealed at sam's desk, each with somebody whom
/// it goes to: `ap1@quiet.example` and so on.
async fn all_sealed(house: &House, others: usize) -> Desk {
    settled(house).await;
    known(house).await;
    let (dana, noa) = (house.desk("dana").await, house.desk("noa").await);
    let mut quiet = dana.customers(&Page::default()).await.unwrap().rows;
    quiet.retain(|row| row.name.starts_with("Quiet"));
    assert_eq!(quiet.len(), others);
    for (at, row) in quiet.iter().enumerate() {
        let address = format!("ap{}@quiet.example", at + 1);
        let contact = ContactEntry { customer_id: row.id.clone(), ..entry(&dana, &address).await };
        dana.put_contact(contact).await.unwrap();
    }
    dana.sync_now().await.unwrap();
    noa.sync_now().await.unwrap();
    for row in &quiet {
        confirm(&noa, &row.id).await;
    }
    let sam = house.desk("sam").await;
    sam.begin_statement_batch(MONTH, "de").await.unwrap();
    while !sam.statement_batch(MONTH).await.unwrap().unwrap().ended {
        sam.sync_now().await.unwrap();
    }
    assert_eq!(sam.month_sending(MONTH, ROLE).await.unwrap().leave, others + 1);
    sam
}

/// All of the month on their way; the messages, after the first round.
async fn all_on_their_way(sam: &Desk) -> Vec<String> {
    let messages = send_all(sam, ROLE, false).await.messages;
    sam.sync_now().await.unwrap();
    messages
}

async fn outcomes(sam: &Desk, messages: &[String]) -> Vec<SendingOutcome> {
    sam.sending_outcomes(messages).await.unwrap()
}

async fn states(sam: &Desk, messages: &[String]) -> Vec<String> {
    outcomes(sam, messages).await.into_iter().map(|one| one.state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_was_taken_and_could_not_be_written_down_is_not_sent_again_without_a_word() {
    let (house, receiver) = (House::open().await, Receiver::start());
    known(&house).await;
    let sam = sealed(&house).await;
    set_mail(&sam, &receiver).await;
    let refuse = "create trigger refuse before insert on outbox
                  begin select raise(abort, 'no room'); end";
    desk_refuses(&house, refuse).await;
    send(&sam, None).await.unwrap();
    sam.sync_now().await.unwrap();
    desk_refuses(&house, "drop trigger refuse").await;
    for _ in 0..3 {
        house.clock.advance(Duration::from_hours(3));
        sam.sync_now().await.unwrap();
    }
    assert_eq!(mails(&receiver).await.len(), 1, "not without a word");
    let perhaps = became(&sam).await;
    assert_eq!(perhaps.state, "perhaps", "{perhaps:?}");
    let run = perhaps.run.unwrap();
    assert!(run.problem.unwrap().message.contains("may have gone out"));
    sam.settle_delivery(&run.id, true).await.unwrap();
    sam.sync_now().await.unwrap();
    let told = became(&sam).await;
    assert_eq!((told.state.as_str(), told.deliveries.len()), ("sent", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_leaves_a_farewell_unanswered_keeps_nobody() {
    let (house, receiver) = (House::open().await, Receiver::start());
    known(&house).await;
    let sam = sealed(&house).await;
    receiver.mute().await;
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, set_mail(&sam, &receiver)).await.unwrap();
    send(&sam, None).await.unwrap();
    tokio::time::timeout(patience, sam.sync_now()).await.unwrap().unwrap();
    let told = became(&sam).await;
    assert_eq!((told.state.as_str(), mails(&receiver).await.len()), ("sent", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_gives_up_one_message_after_many_attempts_and_none_beside_it() {
    let (house, mut receiver) = (House::with(1).await, Receiver::start());
    let sam = all_sealed(&house, 1).await;
    // They wait for a mail server longer than one is tried for.
    let messages = all_on_their_way(&sam).await;
    assert_eq!(outcomes(&sam, &messages).await[0].problem.as_ref().unwrap().code, Code::MailUnset);
    house.clock.advance(Duration::from_hours(100));
    set_mail(&sam, &receiver).await;
    receiver.stop();
    sam.sync_now().await.unwrap();
    // A weekend on which the desk was off, and then one more attempt.
    house.clock.advance(Duration::from_hours(100));
    sam.sync_now().await.unwrap();
    assert_eq!(states(&sam, &messages).await, ["prepared", "prepared"]);
    let mut rounds = 2;
    while states(&sam, &messages).await == ["prepared", "prepared"] {
        rounds += 1;
        assert!(rounds < 60, "it is never given up");
        house.clock.advance(Duration::from_hours(2));
        sam.sync_now().await.unwrap();
    }
    assert!(rounds > 36, "three days of attempts, not {rounds}");
    let became = outcomes(&sam, &messages).await;
    assert_eq!((became[0].state.as_str(), became[1].state.as_str()), ("failed", "prepared"));
    let why = &became[0].problem.as_ref().unwrap().message;
    assert!(why.contains("given up after"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_addresses_that_are_barred_for_good_keep_nobody_else() {
    let (house, receiver) = (House::with(2).await, Receiver::start());
    let sam = all_sealed(&house, 2).await;
    set_mail(&sam, &receiver).await;
    let no = |address: &str| json!({ "address": address, "message": "5.7.1 rejected" });
    let ours = ["ap@northwind.example", "uk@northwind.example"];
    let addresses = [&ours[..], &["ap1@quiet.example", "ap2@quiet.example"]].concat();
    receiver.refuses(json!(addresses.iter().map(|one| no(one)).collect::<Vec<_>>())).await;
    let messages = all_on_their_way(&sam).await;
    assert_eq!(states(&sam, &messages).await, ["prepared"; 3]);
    // The two that were tried stay barred, the third never was.
    let waits = outcomes(&sam, &messages).await;
    let said: Vec<_> = waits.iter().filter_map(|one| one.problem.as_ref()).collect();
    let is_said = |address: &&&str| said.iter().any(|why| why.message.contains(**address));
    let barred: Vec<_> = addresses.iter().filter(is_said).map(|one| no(one)).collect();
    assert_eq!((said.len(), barred.len()), (2, 2), "{said:?}");
    receiver.refuses(json!(barred)).await;
    house.clock.advance(Duration::from_secs(61));
    sam.sync_now().await.unwrap();
    let mut became = states(&sam, &messages).await;
    became.sort();
    assert_eq!(became, ["prepared", "prepared", "sent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_who_is_refused_is_named_and_costs_no_statement() {
    let (house, receiver) = (House::with(1).await, Receiver::start());
    let sam = all_sealed(&house, 1).await;
    let refuse = json!([{ "sender": FROM, "status": 553, "message": "5.7.1 not yours" }]);
    receiver.refuses(refuse.clone()).await;
    let refused = sam.set_mail(settings(&receiver, "tls"), Some("a password")).await.unwrap_err();
    assert_eq!((refused.code, refused.path.as_deref()), (Code::MailRefused, Some("fromAddress")));
    assert!(refused.message.contains(FROM) && refused.message.contains("not yours"), "{refused}");
    assert!(sam.mail().await.unwrap().settings.is_none());

    receiver.refuses(json!([])).await;
    set_mail(&sam, &receiver).await;
    receiver.refuses(refuse).await;
    let messages = all_on_their_way(&sam).await;
    let waits = outcomes(&sam, &messages).await;
    assert_eq!((waits[0].state.as_str(), waits[1].state.as_str()), ("prepared", "prepared"));
    assert!(waits[0].problem.as_ref().unwrap().message.contains(FROM), "{waits:?}");
    assert_eq!(waits[1].problem, None, "the others would meet the same");
    // Once that is mended they need not wait for their time.
    receiver.refuses(json!([])).await;
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    assert_eq!(states(&sam, &messages).await, ["sent", "sent"]);
    assert_eq!(mails(&receiver).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_house_may_not_send_waits_and_the_second_of_its_kind_ends_the_turn() {
    let (house, receiver) = (House::with(2).await, Receiver::start());
    let sam = all_sealed(&house, 2).await;
    set_mail(&sam, &receiver).await;
    let no = |address: &str, message: &str| json!({ "address": address, "message": message });
    let relaying = "5.7.1 relaying denied";
    let over = "5.4.5 daily limit exceeded";
    // Whichever the GmbH reads.
    let ours = [no("ap@northwind.example", relaying), no("uk@northwind.example", relaying)];
    let others = [no("ap1@quiet.example", over), no("ap2@quiet.example", relaying)];
    receiver.refuses(json!([&ours[..], &others[..]].concat())).await;
    let messages = all_on_their_way(&sam).await;
    let waits = outcomes(&sam, &messages).await;
    assert!(waits.iter().all(|one| one.state == "prepared"), "{waits:?}");
    assert_eq!(waits.iter().filter(|one| one.problem.is_some()).count(), 2, "{waits:?}");
    // Of one address alone it is tried again, and keeps nobody; a mailbox that is none is told at once.
    let none = [no("ap2@quiet.example", "5.1.1 no such mailbox")];
    receiver.refuses(json!([&ours[..], &none[..]].concat())).await;
    house.clock.advance(Duration::from_secs(61));
    sam.sync_now().await.unwrap();
    let mut became = states(&sam, &messages).await;
    became.sort();
    assert_eq!(became, ["failed", "prepared", "sent"]);
    receiver.refuses(json!([])).await;
    house.clock.advance(Duration::from_hours(1));
    sam.sync_now().await.unwrap();
    let mut became = states(&sam, &messages).await;
    became.sort();
    assert_eq!(became, ["failed", "sent", "sent"]);
    assert_eq!(mails(&receiver).await.len(), 2);
}
