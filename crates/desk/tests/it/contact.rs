//! Contacts from desk to desk.

use crate::{house::House, work::gmbh};
use makegood_desk::{Desk, contact::ContactEntry, screens::ContactRow};
use makegood_domain::Code;

/// Accounts payable of the GmbH, new.
pub(crate) async fn entry(desk: &Desk, address: &str) -> ContactEntry {
    ContactEntry {
        id: None,
        version: None,
        customer_id: gmbh(desk).await,
        role: "accounts_payable".to_owned(),
        line: "to".to_owned(),
        name: "Kreditoren".to_owned(),
        address: address.to_owned(),
        language: "de".to_owned(),
    }
}

pub(crate) async fn contacts(desk: &Desk) -> Vec<ContactRow> {
    desk.customer(&gmbh(desk).await).await.unwrap().contacts
}

/// Confirms everything that waits for it.
pub(crate) async fn confirm_all(desk: &Desk) {
    for one in contacts(desk).await.iter().filter(|one| one.state == "unconfirmed") {
        desk.confirm_contact(&one.id, one.version, &one.address).await.unwrap();
    }
    desk.sync_now().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn law_5_a_contact_is_entered_offline_at_one_desk_and_confirmed_at_another() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    house.wire.set_up(false);
    let wrong = dana.put_contact(entry(&dana, "ap@northwind").await).await.unwrap_err();
    assert_eq!((wrong.code, wrong.path.as_deref()), (Code::Invalid, Some("address")));
    dana.put_contact(entry(&dana, " ap@northwind.example ").await).await.unwrap();
    let queued = contacts(&dana).await;
    assert_eq!(queued.len(), 1);
    assert!(queued[0].queued.is_some() && queued[0].version == 0, "{queued:?}");
    assert!(!queued[0].confirm.enabled && !queued[0].change.enabled);
    house.wire.set_up(true);
    dana.sync_now().await.unwrap();
    let entered = contacts(&dana).await.remove(0);
    assert_eq!(
        (entered.state.as_str(), entered.address.as_str()),
        ("unconfirmed", "ap@northwind.example")
    );
    let own = dana.confirm_contact(&entered.id, entered.version, &entered.address).await;
    assert_eq!(own.unwrap_err().code, Code::OwnProposal);
    let ines = house.desk("ines").await;
    let refused = ines.put_contact(entry(&ines, "ap@northwind.example").await).await;
    assert_eq!(refused.unwrap_err().code, Code::RoleMissing);

    let sam = house.desk("sam").await;
    assert!(contacts(&sam).await[0].confirm.enabled);
    confirm_all(&sam).await;
    dana.sync_now().await.unwrap();
    let confirmed = contacts(&dana).await.remove(0);
    assert_eq!(confirmed.state_text, "Confirmed by sam, 9 Nov 2026");
    // Sam changes it: unconfirmed again, and the one before stays in sight.
    let changed = ContactEntry {
        id: Some(confirmed.id.clone()),
        version: Some(confirmed.version),
        ..entry(&sam, "new@northwind.example").await
    };
    sam.put_contact(changed).await.unwrap();
    sam.sync_now().await.unwrap();
    let changed = contacts(&sam).await.remove(0);
    assert_eq!(changed.state, "unconfirmed");
    assert_eq!(changed.earlier, ["ap@northwind.example, until 9 Nov 2026"]);
    dana.sync_now().await.unwrap();
    confirm_all(&dana).await;
    assert_eq!(contacts(&dana).await[0].state, "confirmed");
    dana.end_contact(&confirmed.id, contacts(&dana).await[0].version, "left").await.unwrap();
    dana.sync_now().await.unwrap();
    assert_eq!(contacts(&dana).await[0].state_text, "Ended 9 Nov 2026");
    assert!(dana.mirror_agrees().await.unwrap(), "law 9");
}
