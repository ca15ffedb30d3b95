//! A month's statements, sent in one go.

use crate::{
    delivery::{known, sealed, set_mail},
    house::House,
    receiver::Receiver,
    work::MONTH,
};
use makegood_domain::Code;

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_sent_once_and_again_sends_nothing() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = sealed(&house).await;
    let role = "accounts_payable";
    let ines = house.desk("ines").await;
    assert_eq!(ines.send_month(MONTH, role).await.unwrap_err().code, Code::RoleMissing);
    let plan = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((plan.leave, plan.held.as_slice()), (0, &["Northwind GmbH".to_owned()][..]));
    known(&house).await;
    set_mail(&sam, &receiver).await;
    sam.sync_now().await.unwrap();
    let plan = sam.month_sending(MONTH, role).await.unwrap();
    assert_eq!((plan.leave, plan.held.len(), plan.mail.ready), (1, 0, true));
    assert!(receiver.seen().await.is_empty(), "looking sends nothing");
    let sent = sam.send_month(MONTH, role).await.unwrap();
    assert_eq!(sent.leave, 1);
    let again = sam.send_month(MONTH, role).await.unwrap();
    assert_eq!(again.leave, 0);
    sam.sync_now().await.unwrap();
    sam.sync_now().await.unwrap();
    let again = sam.send_month(MONTH, role).await.unwrap();
    assert_eq!((again.leave, again.under_way), (0, 0), "it is on record");
    assert_eq!(receiver.seen().await.len(), 1);
}
