//! Whom a statement would go to, as it is looked at before it is sent.

use crate::{
    contact::{confirm_all, contacts, entry},
    delivery::{row, sealed, send, set_mail},
    house::House,
    receiver::Receiver,
};
use makegood_desk::{Desk, contact::ContactEntry, delivery::DeliveryPlan};
use makegood_domain::Code;

async fn put(desk: &Desk, name: &str, line: &str, language: &str, role: &str) {
    let contact = ContactEntry {
        name: name.to_owned(),
        line: line.to_owned(),
        language: language.to_owned(),
        role: role.to_owned(),
        ..entry(desk, &format!("{}@northwind.example", name.to_lowercase())).await
    };
    desk.put_contact(contact).await.unwrap();
}

async fn plan(desk: &Desk, role: &str) -> DeliveryPlan {
    desk.sync_now().await.unwrap();
    desk.delivery_plan(&row(desk).await.id.unwrap(), role).await.unwrap()
}

fn to(plan: &DeliveryPlan) -> Vec<(&str, &str)> {
    plan.to.iter().map(|one| (one.name.as_str(), one.line.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_everybody_of_the_role_and_why_who_is_left_out() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = sealed(&house).await;
    let dana = house.desk("dana").await;
    for (name, line, language) in
        [("Anna", "cc", "en"), ("Zoe", "to", "de"), ("Max", "to", "de"), ("Uma", "to", "en")]
    {
        put(&dana, name, line, language, "accounts_payable").await;
    }
    put(&dana, "Ops", "to", "de", "operations").await;
    put(&dana, "Gone", "to", "de", "accounts_payable").await;
    put(&dana, "Only", "cc", "de", "legal").await;
    // The same mailbox once more, for a copy.
    let twice = ContactEntry {
        line: "cc".to_owned(),
        name: "Zoe again".to_owned(),
        ..entry(&dana, "zoe@northwind.example").await
    };
    dana.put_contact(twice).await.unwrap();
    dana.sync_now().await.unwrap();
    let noa = house.desk("noa").await;
    confirm_all(&noa).await;
    put(&dana, "New", "to", "de", "accounts_payable").await;
    dana.sync_now().await.unwrap();
    let gone = contacts(&dana).await.into_iter().find(|one| one.name == "Gone").unwrap();
    dana.end_contact(&gone.id, gone.version, "left").await.unwrap();
    dana.sync_now().await.unwrap();

    let seen = plan(&sam, "accounts_payable").await;
    assert_eq!(to(&seen), [("Max", "to"), ("Zoe", "to"), ("Anna", "cc")], "the addressed first");
    assert_eq!(
        seen.left_out,
        [
            "New <new@northwind.example>: not confirmed by a second person",
            "Uma <uma@northwind.example>: reads another language",
            "Zoe again <zoe@northwind.example>: named above",
        ]
    );
    assert_eq!(seen.title, "ST-2026-10-0001, revision 1");
    assert_eq!((seen.held, seen.again, seen.here), (None, false, true));
    assert_eq!(to(&plan(&sam, "operations").await), [("Ops", "to")]);
    // Copies alone are no letter.
    let legal = plan(&sam, "legal").await;
    assert_eq!(to(&legal), [("Only", "cc")]);
    let held = legal.held.unwrap();
    assert_eq!(held.code, Code::AddressUnconfirmed);
    assert!(held.message.starts_with("Legal: ") && held.message.contains("in German"), "{held}");
    // Once sent, it would be sent again; at another desk its file is missing.
    set_mail(&sam, &receiver).await;
    send(&sam, None).await.unwrap();
    sam.sync_now().await.unwrap();
    let again = plan(&sam, "accounts_payable").await;
    assert_eq!((again.again, again.here), (true, true));
    assert!(!plan(&noa, "accounts_payable").await.here);
}
