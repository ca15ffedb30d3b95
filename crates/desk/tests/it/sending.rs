//! A month's statements, sent in one go.

use crate::{
    delivery::{known, sealed, set_mail},
    house::House,
    receiver::Receiver,
    work::MONTH,
};
use makegood_domain::Code;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_sent_once_and_again_sends_nothing() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = sealed(&house).await;
    let role = "accounts_payable";
    let ines = house.desk("ines").await;
    assert_eq!(ines.send_month(MONTH, role, false).await.unwrap_err().code, Code::RoleMissing);
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
    assert_eq!(sam.send_month(MONTH, "operations", false).await.unwrap().held, held);
    let plan = sam.month_sending(MONTH, "operations").await.unwrap();
    assert_eq!((plan.held.as_slice(), plan.under_way), (&held[..], 0));
    assert_eq!(sam.month_sending(MONTH, role).await.unwrap().leave, 1);
    let sent = sam.send_month(MONTH, role, false).await.unwrap();
    assert_eq!(sent.leave, 1);
    let again = sam.send_month(MONTH, role, false).await.unwrap();
    assert_eq!(again.leave, 0);
    sam.sync_now().await.unwrap();
    sam.sync_now().await.unwrap();
    let again = sam.send_month(MONTH, role, false).await.unwrap();
    assert_eq!((again.leave, again.under_way), (0, 0), "it is on record");
    assert_eq!(receiver.seen().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_mail_server_refused_is_named_and_goes_again_only_when_that_is_asked_for() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = sealed(&house).await;
    let role = "accounts_payable";
    known(&house).await;
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    let everybody = ["ap@northwind.example", "dana@fjordline.example"];
    receiver.refuses(json!(everybody)).await;
    let sent = sam.send_month(MONTH, role, false).await.unwrap();
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
    let again = sam.send_month(MONTH, role, false).await.unwrap();
    assert_eq!((again.leave, again.messages.len()), (0, 0), "nobody asked for it");
    house.clock.advance(Duration::from_secs(60));
    let again = sam.send_month(MONTH, role, true).await.unwrap();
    assert_eq!((again.leave, again.failed.len()), (1, 0), "{again:?}");
    sam.sync_now().await.unwrap();
    sam.sync_now().await.unwrap();
    let became = sam.sending_outcomes(&again.messages).await.unwrap();
    assert!(became[0].is_sent(), "{became:?}");
    assert_eq!(became[0].to, everybody);
    assert_eq!(receiver.seen().await.len(), 1);
    let plan = sam.send_month(MONTH, role, true).await.unwrap();
    assert_eq!((plan.leave, plan.failed.len(), plan.under_way), (0, 0, 0), "it is on record");
}
