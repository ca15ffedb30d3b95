//! Contacts: what one person enters another confirms, whatever way they try.

use crate::{
    house::{House, Seat, houses, session},
    northwind::all,
};
use makegood_domain::{
    audit::AuditEvent,
    contact::Contact,
    id::ContactId,
    person::{Person, Role, Scope, TokenKind},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What accounts payable of the GmbH looks like, with some fields changed.
pub(crate) fn wanted(house: &House, id: ContactId, changes: &Value) -> Value {
    let mut args = json!({
        "contact": id, "customer": house.gmbh, "role": "accounts_payable", "line": "to",
        "name": "Kreditoren", "address": "ap@northwind.example", "language": "de",
    });
    for (key, value) in changes.as_object().into_iter().flatten() {
        args[key] = value.clone();
    }
    args
}

async fn base(house: &House, id: ContactId) -> Vec<(&'static str, String, i64)> {
    let known: Vec<Contact> = all(&house.ground, "1 = 1 order by id", &[]).await;
    if known.iter().all(|one| one.id != id) {
        return Vec::new();
    }
    vec![("contact", id.to_string(), house.row::<Contact>(&id.to_string()).await.0)]
}

pub(crate) async fn put(house: &House, seat: &Seat, id: ContactId, changes: Value) -> Value {
    let base = base(house, id).await;
    house.send(seat, &house.command("put_contact", wanted(house, id, &changes), &base)).await
}

pub(crate) async fn confirm(house: &House, seat: &Seat, id: ContactId, address: &str) -> Value {
    let args = json!({ "contact": id, "address": address });
    house.send(seat, &house.command("confirm_contact", args, &base(house, id).await)).await
}

pub(crate) async fn end(house: &House, seat: &Seat, id: ContactId, reason: &str) -> Value {
    let args = json!({ "contact": id, "reason": reason });
    house.send(seat, &house.command("end_contact", args, &base(house, id).await)).await
}

pub(crate) fn code(answer: &Value) -> &str {
    answer["problem"]["code"].as_str().unwrap_or_else(|| answer["outcome"].as_str().unwrap())
}

async fn contact(house: &House, id: ContactId) -> Contact {
    house.row::<Contact>(&id.to_string()).await.1
}

#[tokio::test]
async fn law_5_who_entered_or_changed_an_address_never_confirms_it() {
    for house in houses().await {
        let id: ContactId = house.app.store().ids().make();
        assert_eq!(code(&put(&house, &house.anna, id, json!({})).await), "applied");
        for (seat, why) in [
            (&house.anna, "own_proposal"),
            (&house.carla, "role_missing"),
            (&house.root, "role_missing"),
        ] {
            let refused = confirm(&house, seat, id, "ap@northwind.example").await;
            assert_eq!((code(&refused), &refused["outcome"]), (why, &json!("forbidden")));
        }
        // Whoever approves by a script would approve in their sleep.
        let token = house.app.issue_token(None, house.ben.person, TokenKind::Personal, 30).await;
        let script = Seat { person: house.ben.person, token: token.unwrap().text };
        let refused = confirm(&house, &script, id, "ap@northwind.example").await;
        assert_eq!(code(&refused), "token_may_not_approve", "{}", house.ground.name);
        let other = confirm(&house, &house.ben, id, "ap@northwind.invalid").await;
        assert_eq!(code(&other), "stale", "not the address that is there");
        assert_eq!(code(&confirm(&house, &house.ben, id, "ap@northwind.example").await), "applied");
        assert!(contact(&house, id).await.is_open());
        let again = confirm(&house, &house.mira, id, "ap@northwind.example").await;
        assert_eq!(code(&again), "wrong_state");
        // Ben changes it: now he is the one who may not, and Anna may.
        let address = json!({ "address": "eve@evil.example" });
        assert_eq!(code(&put(&house, &house.ben, id, address).await), "applied");
        let changed = contact(&house, id).await;
        assert!(!changed.is_open(), "a changed address is unconfirmed again");
        assert_eq!(changed.earlier[0].address, "ap@northwind.example");
        assert_eq!(changed.earlier[0].confirmed_by, Some(house.ben.person));
        assert!(changed.had_confirmed("ap@northwind.example"));
        assert!(!changed.had_confirmed("eve@evil.example"));
        let refused = confirm(&house, &house.ben, id, "eve@evil.example").await;
        assert_eq!(code(&refused), "own_proposal");
        // A detour over something else does not wash his hands.
        for harmless in [json!({ "name": "K" }), json!({ "language": "en", "name": "K" })] {
            let mut same = harmless;
            same["address"] = json!("eve@evil.example");
            assert_eq!(code(&put(&house, &house.anna, id, same).await), "applied");
            let refused = confirm(&house, &house.ben, id, "eve@evil.example").await;
            assert_eq!(code(&refused), "own_proposal", "{}", house.ground.name);
        }
        // Who moves it to another role has entered it, too.
        let moved = json!({ "role": "legal", "name": "K", "language": "en",
                            "address": "eve@evil.example" });
        assert_eq!(code(&put(&house, &house.anna, id, moved).await), "applied");
        for seat in [&house.anna, &house.ben] {
            let refused = confirm(&house, seat, id, "eve@evil.example").await;
            assert_eq!(code(&refused), "own_proposal", "{}", house.ground.name);
        }
        assert_eq!(code(&confirm(&house, &house.mira, id, "eve@evil.example").await), "applied");
    }
}

#[tokio::test]
async fn law_5_the_database_itself_refuses_a_contact_that_one_person_entered_and_confirmed() {
    for house in houses().await {
        let id: ContactId = house.app.store().ids().make();
        assert_eq!(code(&put(&house, &house.anna, id, json!({})).await), "applied");
        for (person, taken) in [(house.anna.person, false), (house.ben.person, true)] {
            let mut tx = house.app.store().begin(None).await.unwrap();
            let sql = format!("update contact set confirmed_by = '{person}' where id = '{id}'");
            let done = tx.execute(&sql, &[]).await;
            assert_eq!(done.is_ok(), taken, "{}: {done:?}", house.ground.name);
        }
    }
}

#[tokio::test]
async fn what_is_no_mailbox_or_not_ones_own_is_refused_by_name() {
    for house in houses().await {
        let ids = house.app.store().ids();
        for (change, field) in [
            (json!({ "address": "ap@northwind" }), "address"),
            (json!({ "address": "ap@northwind.example\r\nBcc: eve@evil.example" }), "address"),
            (json!({ "address": "Ann <ap@northwind.example>" }), "address"),
            (json!({ "name": " " }), "name"),
            (json!({ "name": "A\nB" }), "name"),
            (json!({ "language": "fr" }), "language"),
        ] {
            let refused = put(&house, &house.anna, ids.make(), change).await;
            assert_eq!((code(&refused), &refused["problem"]["path"]), ("invalid", &json!(field)));
        }
        let refused = put(&house, &house.carla, ids.make(), json!({})).await;
        assert_eq!(code(&refused), "role_missing");
        // Somebody who looks after the Inc alone.
        let person = Person {
            id: ids.make(),
            issuer: "https://id.example".to_owned(),
            subject: "zoe".to_owned(),
            name: "Zoe".to_owned(),
            roles: BTreeSet::from([Role::Csm]),
        };
        let scope = Scope::Customers(BTreeSet::from([house.inc]));
        let zoe = house.app.put_person(&person, &scope).await.unwrap();
        let zoe = session(&house.app, zoe).await;
        assert_eq!(code(&put(&house, &zoe, ids.make(), json!({})).await), "scope_missing");
        let id: ContactId = ids.make();
        assert_eq!(code(&put(&house, &house.anna, id, json!({})).await), "applied");
        assert_eq!(code(&confirm(&house, &zoe, id, "ap@northwind.example").await), "scope_missing");
        let other = json!({ "customer": house.inc });
        assert_eq!(code(&put(&house, &house.anna, id, other).await), "invalid");
        // Nothing that names them stands on the record that can never be cut.
        assert_eq!(code(&end(&house, &house.anna, id, "").await), "invalid");
        assert_eq!(code(&end(&house, &house.anna, id, "left the company").await), "applied");
        let refused = confirm(&house, &house.ben, id, "ap@northwind.example").await;
        assert_eq!(code(&refused), "wrong_state", "what was ended stays so");
        assert_eq!(code(&put(&house, &house.ben, id, json!({ "name": "X" })).await), "wrong_state");
        let audit: Vec<AuditEvent> = all(&house.ground, "1 = 1 order by position", &[]).await;
        let of_it: Vec<&AuditEvent> =
            audit.iter().filter(|one| one.subject == id.to_string()).collect();
        assert!(of_it.iter().any(|one| one.action == "contact.entered"));
        assert!(of_it.iter().all(|one| !one.detail.to_string().contains("northwind.example")));
    }
}

#[tokio::test]
async fn law_7_a_contact_that_changed_meanwhile_is_looked_at_again() {
    for house in houses().await {
        let id: ContactId = house.app.store().ids().make();
        assert_eq!(code(&put(&house, &house.anna, id, json!({})).await), "applied");
        let seen = base(&house, id).await;
        let address = json!({ "address": "eve@evil.example" });
        assert_eq!(code(&put(&house, &house.anna, id, address).await), "applied");
        let args = json!({ "contact": id, "address": "ap@northwind.example" });
        let late = house.send(&house.ben, &house.command("confirm_contact", args, &seen)).await;
        assert_eq!(code(&late), "stale", "{}", house.ground.name);
        assert!(!contact(&house, id).await.is_open());
    }
}
