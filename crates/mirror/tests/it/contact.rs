//! Contacts and deliveries, as people read them.

use crate::northwind::{DANA, House, INES, LEE, SAM, at, id, nothing_waits, viewer};
use makegood_domain::{
    contact::{AddressLine, Contact, ContactRole, EarlierAddress},
    row::Row as _,
};
use makegood_mirror::screens::{self, ContactRow, Customer};

fn contact(number: u32, confirmed: bool) -> Contact {
    Contact {
        id: id(32, number),
        customer: id(3, 1),
        role: ContactRole::AccountsPayable,
        line: AddressLine::To,
        name: format!("Kreditoren {number}"),
        address: format!("ap{number}@northwind.example"),
        language: "de".to_owned(),
        entered_by: vec![id(1, DANA)],
        entered_at: at("2026-11-05T08:00:00Z"),
        confirmed_by: confirmed.then(|| id(1, SAM)),
        confirmed_at: confirmed.then(|| at("2026-11-06T08:00:00Z")),
        ended_at: None,
        earlier: vec![EarlierAddress {
            address: "old@northwind.example".to_owned(),
            confirmed_by: None,
            until: at("2026-11-05T08:00:00Z"),
        }],
    }
}

async fn seen(house: House, who: u32) -> Customer {
    let (_folder, mut reader) = house.reader().await;
    let key = id::<makegood_domain::id::CustomerId>(3, 1).to_string();
    screens::customer(&mut reader, &viewer(who), &nothing_waits(), &key).await.expect("reads")
}

fn row(screen: &Customer, number: u32) -> &ContactRow {
    let found = screen.contacts.iter().find(|row| row.name == format!("Kreditoren {number}"));
    found.expect("it is listed")
}

#[tokio::test]
async fn law_5_a_contact_says_who_may_confirm_it_and_why_not() {
    for (who, may, why) in [
        (DANA, false, "you entered or changed Kreditoren 1; somebody else has to confirm"),
        (SAM, true, ""),
        (INES, false, "Ines Keller may not keep contacts"),
        (LEE, false, "Lee Brandt may not keep contacts"),
    ] {
        let mut house = House::new();
        house.put(&contact(1, false), 1);
        house.put(&contact(2, true), 1);
        let screen = seen(house, who).await;
        assert_eq!(screen.tabs.contacts, 2);
        let one = row(&screen, 1);
        assert_eq!((one.state.as_str(), one.confirm.enabled), ("unconfirmed", may), "{who}");
        let reason = one.confirm.reason.clone().unwrap_or_default();
        assert!(reason.contains(why), "{reason}");
        assert_eq!(one.state_text, "Entered by Dana Whitfield, not confirmed");
        assert_eq!(one.earlier, ["old@northwind.example, until 5 Nov 2026"]);
        let two = row(&screen, 2);
        assert_eq!(two.state_text, "Confirmed by Sam Okafor, 6 Nov 2026");
        assert!(!two.confirm.enabled, "once is enough");
        assert_eq!(screen.add_contact.enabled, [DANA, SAM].contains(&who));
    }
}

#[tokio::test]
async fn what_was_ended_comes_last_and_can_not_be_changed() {
    let mut house = House::new();
    let ended = Contact { ended_at: Some(at("2026-11-08T08:00:00Z")), ..contact(1, true) };
    house.put(&ended, 1);
    house.put(&contact(2, true), 1);
    assert_eq!(ended.customer(), Some(id::<makegood_domain::id::CustomerId>(3, 1)));
    let screen = seen(house, SAM).await;
    let states: Vec<_> = screen.contacts.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(states, ["confirmed", "ended"]);
    assert!(!screen.contacts[1].change.enabled);
    assert_eq!(screen.tabs.contacts, 1);
}
