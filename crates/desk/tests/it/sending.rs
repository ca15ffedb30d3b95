//! A month's statements, sent in one go.

use crate::{
    delivery::{AP, became, known, sealed, set_mail},
    house::House,
    receiver::Receiver,
    work::MONTH,
};
use chrono::TimeDelta;
use makegood_desk::{
    Desk,
    delivery::{MonthSending, SendMonth},
    screens::Page,
};
use makegood_domain::{Clock, Code};
use serde_json::json;
use std::time::Duration;

/// Looks, and sends all that is there.
pub(crate) async fn send_all(desk: &Desk, role: &str, retry: bool) -> MonthSending {
    let seen = desk.month_sending(MONTH, role).await.unwrap();
    desk.send_month(&seen.all(role, retry)).await.unwrap()
}

/// Sam's desk, with a sealed statement, somebody to send it to, and a mail server.
async fn ready(house: &House, receiver: &Receiver) -> Desk {
    let sam = sealed(house).await;
    known(house).await;
    set_mail(&sam, receiver).await;
    sam.sync_now().await.unwrap();
    sam
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_sent_once_and_again_sends_nothing() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = sealed(&house).await;
    let role = "accounts_payable";
    let ines = house.desk("ines").await;
    let nothing = SendMonth {
        month: MONTH.to_owned(),
        role: role.to_owned(),
        statements: Vec::new(),
        retry: Vec::new(),
    };
    assert_eq!(ines.send_month(&nothing).await.unwrap_err().code, Code::RoleMissing);
    let plan = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((plan.leave, plan.held.as_slice()), (0, &["Northwind GmbH".to_owned()][..]));
    known(&house).await;
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    let plan = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((plan.leave, plan.held.len(), plan.mail.ready), (1, 0, true));
    assert!(receiver.seen().await.is_empty(), "looking sends nothing");
    // Of operations nobody is confirmed: it is held, stays named, and goes to whom is asked for next.
    let held = ["Northwind GmbH".to_owned()];
    assert_eq!(send_all(&sam, "operations", false).await.held, held);
    let plan = sam.month_sending(MONTH, "operations").await.unwrap();
    assert_eq!((plan.held.as_slice(), plan.under_way), (&held[..], 0));
    assert_eq!(sam.month_sending(MONTH, role).await.unwrap().leave, 1);
    let sent = send_all(&sam, role, false).await;
    assert_eq!(sent.leave, 1);
    let again = send_all(&sam, role, false).await;
    assert_eq!(again.leave, 0);
    sam.sync_now().await.unwrap();
    sam.sync_now().await.unwrap();
    let again = send_all(&sam, role, false).await;
    assert_eq!((again.leave, again.under_way), (0, 0), "it is on record");
    assert_eq!(receiver.seen().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_mail_server_refused_is_named_and_goes_again_only_when_that_is_asked_for() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let (sam, role) = (ready(&house, &receiver).await, "accounts_payable");
    let everybody = ["ap@northwind.example", "dana@fjordline.example"];
    receiver.refuses(json!(everybody)).await;
    let sent = send_all(&sam, role, false).await;
    sam.sync_now().await.unwrap();
    sam.sync_now().await.unwrap();
    let became = sam.sending_outcomes(&sent.messages).await.unwrap();
    assert_eq!((became[0].state.as_str(), became[0].goes_on()), ("failed", false), "{became:?}");
    let why = became[0].problem.clone().unwrap().message;
    let plan = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((plan.leave, plan.under_way, plan.failed.len()), (0, 0, 1), "{plan:?}");
    assert!(plan.failed[0].reason.contains(&why), "{plan:?}");
    assert_eq!(plan.failed[0].customer, "Northwind GmbH");
    receiver.refuses(json!([])).await;
    let again = send_all(&sam, role, false).await;
    assert_eq!((again.leave, again.messages.len()), (0, 0), "nobody asked for it");
    house.clock.advance(Duration::from_secs(60));
    let again = send_all(&sam, role, true).await;
    assert_eq!((again.leave, again.failed.len()), (1, 0), "{again:?}");
    sam.sync_now().await.unwrap();
    sam.sync_now().await.unwrap();
    let became = sam.sending_outcomes(&again.messages).await.unwrap();
    assert!(became[0].is_sent(), "{became:?}");
    assert_eq!(became[0].to, everybody);
    assert_eq!(receiver.seen().await.len(), 1);
    let plan = send_all(&sam, role, true).await;
    assert_eq!((plan.leave, plan.failed.len(), plan.under_way), (0, 0, 0), "it is on record");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_what_came_after_somebody_looked_does_not_leave_with_what_they_saw() {
    let (house, receiver) = (House::with(1).await, Receiver::start());
    let (sam, role) = (ready(&house, &receiver).await, "accounts_payable");
    let seen = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((seen.leave, seen.held.len(), seen.statements.len()), (1, 0, 1));
    // Meanwhile another one is sealed, and what was seen fails by itself.
    let rows = sam.customers(&Page::default()).await.unwrap().rows;
    let quiet = rows.into_iter().find(|row| row.name == "Quiet 001").unwrap().id;
    sam.issue_statement(&quiet, MONTH, "en").await.unwrap();
    sam.sync_now().await.unwrap();
    let now = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((now.leave, now.held.as_slice()), (1, &["Quiet 001".to_owned()][..]));
    let everybody = ["ap@northwind.example", "dana@fjordline.example"];
    receiver.refuses(json!(everybody)).await;
    let sent = sam.send_month(&seen.all(role, true)).await.unwrap();
    assert_eq!((sent.leave, sent.held.len(), sent.messages.len()), (1, 0, 1));
    sam.sync_now().await.unwrap();
    sam.sync_now().await.unwrap();
    receiver.refuses(json!([])).await;
    let again = sam.send_month(&seen.all(role, true)).await.unwrap();
    assert_eq!((again.leave, again.failed.len(), again.messages.len()), (0, 1, 0), "{again:?}");
    sam.sync_now().await.unwrap();
    assert!(receiver.seen().await.is_empty());
    let now = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((now.failed.len(), now.held.len()), (1, 1), "it is still to be looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_what_would_say_something_else_today_waits_until_it_is_issued_anew() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let (sam, role) = (ready(&house, &receiver).await, "accounts_payable");
    assert_eq!(sam.month_sending(MONTH, role).await.unwrap().leave, 1);
    house.down("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z").await;
    sam.sync_now().await.unwrap();
    let sent = send_all(&sam, role, false).await;
    assert_eq!((sent.leave, sent.held.as_slice()), (0, &["Northwind GmbH".to_owned()][..]));
    sam.sync_now().await.unwrap();
    let became = sam.sending_outcomes(&sent.messages).await.unwrap();
    let why = became[0].problem.clone().unwrap().message;
    assert_eq!(why, "figures changed: issue it anew, then send that one");
    assert!(receiver.seen().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_that_was_ahead_put_off_leaves_once_it_is_right() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = ready(&house, &receiver).await;
    sam.leave().await.unwrap();
    let ahead = Clock::fixed(house.clock.now() + TimeDelta::days(3650));
    let early = house.seat_by("sam", ahead).await;
    set_mail(&early, &receiver).await;
    receiver.refuses(json!([{ "address": AP, "status": 451 }])).await;
    send_all(&early, "accounts_payable", false).await;
    early.sync_now().await.unwrap();
    assert_eq!(became(&early).await.state, "waiting");
    receiver.refuses(json!([])).await;
    early.leave().await.unwrap();
    let sam = house.desk("sam").await;
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    assert_eq!(became(&sam).await.state, "sent");
}
