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

/// Confirms everything of the GmbH that waits for it.
pub(crate) async fn confirm_all(desk: &Desk) {
    confirm(desk, &gmbh(desk).await).await;
}

/// Confirms everything of a customer that waits for it.
pub(crate) async fn confirm(desk: &Desk, customer: &str) {
    let contacts = desk.customer(customer).await.unwrap().contacts;
    for one in contacts.iter().filter(|one| one.state == "unconfirmed") {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_contacts_is_entered_whole_and_again_enters_nobody() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let ines = house.desk("ines").await;
    let wrong = "\u{feff}Customer;Name;Address;Role;Language;Line\r\n\
                 NW-DE;Kreditoren;ap@northwind.example;Accounts payable;DE;\r\n\
                 \r\n\
                 NW-XX;Nobody;nobody@northwind.example;legal;en;to\r\n\
                 Northwind Inc;Payables;ap@northwind;accounts_payable;en;to\r\n\
                 NW-DE;Kreditoren;ap@northwind.example;accounts_payable;de;cc\r\n\
                 NW-DE;Recht;law@northwind.example;lawyers;de;to\r\n\
                 NW-DE;Recht;law@northwind.example;legal;fr;bcc\r\n";
    let refused = ines.plan_contacts(wrong.as_bytes()).await.unwrap_err();
    assert_eq!(refused.code, Code::RoleMissing);
    let plan = dana.plan_contacts(wrong.as_bytes()).await.unwrap();
    assert_eq!((plan.new, plan.known, plan.wrong), (1, 0, 5));
    let said: Vec<_> =
        plan.rows[1..].iter().map(|row| (row.line, row.text.split(':').next().unwrap())).collect();
    let expected = [
        (4, "line 4, customer"),
        (5, "line 5, address"),
        (6, "line 6, address"),
        (7, "line 7, role"),
        (8, "line 8, line"),
    ];
    assert_eq!(said, expected, "{plan:?}");
    assert_eq!(plan.rows[3].text, "line 6, address: line 2 names the same contact");
    assert_eq!(plan.rows[2].customer, "Northwind Inc");
    let refused = dana.import_contacts(wrong.as_bytes()).await.unwrap_err();
    assert_eq!((refused.code, refused.path.as_deref()), (Code::Invalid, Some("line 4, customer")));
    let lost = "customer,name,address,role,language\nNW-DE,Kredit\u{fffd}r,ap@a.example,legal,de\n";
    let lost = dana.plan_contacts(lost.as_bytes()).await.unwrap_err();
    assert_eq!((lost.code, lost.path.as_deref()), (Code::TextInvalid, Some("line 2")));
    let headless = dana.plan_contacts(b"customer,name\nNW-DE,Recht\n").await.unwrap_err();
    assert_eq!(headless.path.as_deref(), Some("line 1, address"));
    assert_eq!(contacts(&dana).await, [], "all or none");

    let right = "customer,name,address,role,language,line\n\
                 NW-DE,Kreditoren,ap@northwind.example,accounts_payable,de,to\n\
                 NW-DE,Recht,law@northwind.example,legal,de,cc\n";
    house.wire.set_up(false);
    let import = dana.import_contacts(right.as_bytes()).await.unwrap();
    assert_eq!((import.new, import.queued.len()), (2, 2));
    // Neither while they wait nor once they are there.
    let again = dana.import_contacts(right.as_bytes()).await.unwrap();
    assert_eq!((again.new, again.known), (0, 2), "{again:?}");
    house.wire.set_up(true);
    dana.sync_now().await.unwrap();
    let other = right.replace("Recht", "Rechtsabteilung");
    let again = dana.import_contacts(other.as_bytes()).await.unwrap();
    assert_eq!((again.new, again.known), (0, 2));
    assert_eq!(again.rows[1].text, "Already on record; name differs, and stays as it is");
    let entered = contacts(&dana).await;
    assert_eq!(entered.len(), 2);
    assert!(entered.iter().all(|one| one.state == "unconfirmed" && !one.confirm.enabled), "law 5");
    confirm_all(&house.desk("sam").await).await;
    dana.sync_now().await.unwrap();
    assert!(contacts(&dana).await.iter().all(|one| one.state == "confirmed"));
}
