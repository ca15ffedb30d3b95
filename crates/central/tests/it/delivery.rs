//! Where statements went, what came back and what customers said.

use crate::{
    contact::{code, confirm, end, put},
    house::{House, Seat, houses},
    statement::{issue, ready, seal},
    statement_of,
};
use makegood_domain::{
    customer::Customer,
    delivery::{Acknowledgement, Delivery, DeliveryState},
    id::{AcknowledgementId, ContactId, DeliveryId, PersonId, StatementId},
    statement::{Statement, StatementState},
};
use serde_json::{Value, json};

const ADDRESS: &str = "ap@northwind.example";

/// A sealed statement of the GmbH, and its confirmed contact.
async fn sealed(house: &House) -> (StatementId, ContactId) {
    ready(house).await;
    let ids = house.app.store().ids();
    let (statement, contact): (StatementId, ContactId) = (ids.make(), ids.make());
    assert_eq!(code(&house.send(&house.mira, &issue(house, statement).await).await), "applied");
    assert_eq!(code(&put(house, &house.anna, contact, json!({})).await), "applied");
    assert_eq!(code(&confirm(house, &house.ben, contact, ADDRESS).await), "applied");
    let early = delivered(house, statement, contact, &json!({}));
    assert_eq!(code(&house.send(&house.mira, &early).await), "wrong_state", "not sealed yet");
    assert_eq!(code(&house.send(&house.mira, &seal(house, statement).await).await), "applied");
    (statement, contact)
}

/// That it went to the contact, with some fields changed.
fn delivered(house: &House, statement: StatementId, contact: ContactId, changes: &Value) -> Value {
    let id: DeliveryId = house.app.store().ids().make();
    let mut args = json!({
        "delivery": id, "statement": statement, "channel": "mail",
        "to": [{ "contact": contact, "name": "Kreditoren", "address": ADDRESS, "line": "to" }],
        "message_id": format!("<{id}@fjordline.example>"), "sha256": "b".repeat(64), "sent": true,
        "why": null, "resend_of": null, "reason": null, "at": "2026-11-09T09:00:00Z",
    });
    for (key, value) in changes.as_object().into_iter().flatten() {
        args[key] = value.clone();
    }
    house.command("record_delivery", args, &[])
}

async fn tell(house: &House, seat: &Seat, command: &Value) -> Value {
    house.send(seat, command).await
}

#[tokio::test]
async fn what_went_out_is_on_record_with_its_contact_as_it_was() {
    for house in houses().await {
        let (statement, contact) = sealed(&house).await;
        for (seat, changes, why) in [
            (&house.anna, json!({}), "role_missing"),
            (&house.mira, json!({ "sha256": "c".repeat(64) }), "invalid"),
            (&house.mira, json!({ "to": [] }), "invalid"),
            (&house.mira, json!({ "message_id": null }), "invalid"),
            (&house.mira, json!({ "sent": false }), "invalid"),
            (&house.mira, json!({ "channel": "folder" }), "invalid"),
        ] {
            let refused =
                tell(&house, seat, &delivered(&house, statement, contact, &changes)).await;
            assert_eq!(code(&refused), why, "{changes}");
        }
        // The address changes after the message left: it went rightly all the same.
        let address = json!({ "address": "new@northwind.example" });
        assert_eq!(code(&put(&house, &house.anna, contact, address).await), "applied");
        let wrong = json!({ "to": [{
            "contact": contact, "name": "K", "address": "new@northwind.example", "line": "to",
        }] });
        let refused =
            tell(&house, &house.mira, &delivered(&house, statement, contact, &wrong)).await;
        assert_eq!(code(&refused), "address_unconfirmed", "{}", house.ground.name);
        let command = delivered(&house, statement, contact, &json!({}));
        let first = tell(&house, &house.mira, &command).await;
        assert_eq!(first["receipt"]["given"]["state"], "sent", "{first}");
        let id = command["args"]["delivery"].as_str().unwrap();
        let (_, kept) = house.row::<Delivery>(id).await;
        assert_eq!((kept.to[0].address.as_str(), kept.state), (ADDRESS, DeliveryState::Sent));
        // Sent again: with a reason, as a delivery of its own.
        let again = json!({ "resend_of": id });
        let refused =
            tell(&house, &house.mira, &delivered(&house, statement, contact, &again)).await;
        assert_eq!(code(&refused), "invalid", "without a reason");
        let again = json!({ "resend_of": id, "reason": "they lost it" });
        let second = delivered(&house, statement, contact, &again);
        assert_eq!(code(&tell(&house, &house.mira, &second).await), "applied");
        // What it repeats was refused its record: this one went out all the same.
        let unknown: DeliveryId = house.app.store().ids().make();
        let again = json!({ "resend_of": unknown, "reason": "they lost it" });
        let third = delivered(&house, statement, contact, &again);
        assert_eq!(code(&tell(&house, &house.mira, &third).await), "applied");
        let (_, kept) = house.row::<Delivery>(third["args"]["delivery"].as_str().unwrap()).await;
        assert_eq!((kept.resend_of, kept.reason.as_deref()), (None, Some("they lost it")));
        assert_eq!(end(&house, &house.anna, contact, "left").await["outcome"], "applied");
        let folder = json!({ "channel": "folder", "to": [], "message_id": null });
        let third = delivered(&house, statement, contact, &folder);
        assert_eq!(code(&tell(&house, &house.mira, &third).await), "applied");
    }
}

#[tokio::test]
async fn what_came_back_and_what_the_customer_said_is_recorded_once() {
    for house in houses().await {
        let (statement, contact) = sealed(&house).await;
        let command = delivered(&house, statement, contact, &json!({}));
        assert_eq!(code(&tell(&house, &house.mira, &command).await), "applied");
        let id = command["args"]["delivery"].as_str().unwrap().to_owned();
        let bounce = |address: &str, version: i64| {
            let args = json!({ "delivery": id, "address": address, "reason": "mailbox full" });
            house.command("record_bounce", args, &[("delivery", id.clone(), version)])
        };
        assert_eq!(code(&tell(&house, &house.carla, &bounce(ADDRESS, 1)).await), "role_missing");
        let other = bounce("eve@evil.example", 1);
        assert_eq!(code(&tell(&house, &house.anna, &other).await), "invalid");
        assert_eq!(code(&tell(&house, &house.anna, &bounce(ADDRESS, 1)).await), "applied");
        assert_eq!(code(&tell(&house, &house.anna, &bounce(ADDRESS, 1)).await), "stale");
        assert_eq!(code(&tell(&house, &house.anna, &bounce(ADDRESS, 2)).await), "wrong_state");
        let (_, kept) = house.row::<Delivery>(&id).await;
        assert_eq!((kept.state, kept.bounces.len()), (DeliveryState::Bounced, 1));

        let say = |accepted: bool, on: &str, note: Value| {
            let said: AcknowledgementId = house.app.store().ids().make();
            let args = json!({ "acknowledgement": said, "statement": statement,
                "by_name": "H. Vogt", "on": on, "accepted": accepted, "note": note });
            (said, house.command("record_acknowledgement", args, &[]))
        };
        for (accepted, on, note) in [
            (true, "2026-11-01", Value::Null),
            (true, "2026-12-01", Value::Null),
            (false, "2026-11-09", json!(" ")),
        ] {
            let refused = tell(&house, &house.anna, &say(accepted, on, note).1).await;
            assert_eq!(code(&refused), "invalid", "{on}");
        }
        let owner = looked_after(&house, statement).await;
        let (said, command) = say(false, "2026-11-09", json!("ten minutes more"));
        let disputed = tell(&house, &house.mira, &command).await;
        assert_eq!(disputed["receipt"]["given"]["state"], "disputed", "{disputed}");
        let (version, kept) = house.row::<Acknowledgement>(&said.to_string()).await;
        let dispute = kept.dispute.unwrap();
        assert!(!kept.accepted && dispute.answer.is_none());
        assert_eq!(dispute.owner, Some(owner), "who sees to the customer");
        assert_eq!(dispute.due.to_string(), "2026-11-23", "14 days from the day it was said");
        answered(&house, said, version).await;
        let (_, command) = say(true, "2026-11-10", Value::Null);
        let accepted = tell(&house, &house.anna, &command).await;
        assert_eq!(accepted["receipt"]["given"]["state"], "accepted", "{accepted}");
    }
}

/// Ben sees to the statement's customer.
async fn looked_after(house: &House, statement: StatementId) -> PersonId {
    let mut tx = house.app.store().begin(None).await.unwrap();
    let statement = tx.get::<Statement>(statement).await.unwrap().unwrap().row;
    let mut customer = tx.get::<Customer>(statement.customer).await.unwrap().unwrap().row;
    customer.csm = Some(house.ben.person);
    tx.put(&customer).await.unwrap();
    let key = customer.id.to_string();
    tx.audit("customer.changed", ("customer", &key), Some(customer.id), json!({}));
    tx.commit().await.unwrap();
    house.ben.person
}

/// A dispute is answered once, by who sees to claims, as it was seen.
async fn answered(house: &House, said: AcknowledgementId, version: i64) {
    let answer = |upheld: bool, text: &str, version: i64| {
        let args = json!({ "acknowledgement": said, "upheld": upheld, "answer": text });
        house.command("answer_dispute", args, &[("acknowledgement", said.to_string(), version)])
    };
    let right = || answer(true, "the ten minutes were ours", version);
    assert_eq!(code(&tell(house, &house.carla, &right()).await), "role_missing");
    assert_eq!(code(&tell(house, &house.anna, &answer(true, " ", version)).await), "invalid");
    let told = tell(house, &house.anna, &right()).await;
    assert_eq!(told["receipt"]["given"]["state"], "upheld", "{told}");
    assert_eq!(code(&tell(house, &house.anna, &answer(false, "no", version)).await), "stale");
    let again = answer(false, "no", version + 1);
    assert_eq!(code(&tell(house, &house.anna, &again).await), "wrong_state");
    let (_, kept) = house.row::<Acknowledgement>(&said.to_string()).await;
    let answer = kept.dispute.unwrap().answer.unwrap();
    assert!(answer.upheld && answer.text.contains("ten minutes"));
}

/// Puts a statement into a state that its own way would take longer to.
async fn stands(house: &House, id: StatementId, state: StatementState) {
    let mut tx = house.app.store().begin(None).await.unwrap();
    let mut statement = tx.get::<Statement>(id).await.unwrap().unwrap().row;
    statement.state = state;
    tx.put(&statement).await.unwrap();
    let key = id.to_string();
    tx.audit("statement.changed", ("statement", &key), Some(statement.customer), json!({}));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_was_not_so_is_not_put_on_record() {
    for house in houses().await {
        let (statement, contact) = sealed(&house).await;
        let ids = house.app.store().ids();
        let (theirs, another): (ContactId, StatementId) = (ids.make(), ids.make());
        let inc = json!({ "customer": house.inc });
        assert_eq!(code(&put(&house, &house.anna, theirs, inc).await), "applied");
        assert_eq!(code(&confirm(&house, &house.ben, theirs, ADDRESS).await), "applied");
        let of = statement_of::contract(&house.nw1);
        statement_of::issued(&house, another, &of, "2026-10").await;
        statement_of::sealed(&house, another).await;
        let first = delivered(&house, another, contact, &json!({}));
        assert_eq!(code(&tell(&house, &house.mira, &first).await), "applied");
        let first = &first["args"]["delivery"];
        let to = |contact: ContactId, address: &str, line: &str| json!({ "contact": contact, "name": "K", "address": address, "line": line });
        for (changes, why) in [
            (json!({ "delivery": first }), "invalid"),
            (json!({ "resend_of": first, "reason": "they lost it" }), "invalid"),
            (json!({ "to": [to(theirs, ADDRESS, "to")] }), "address_unconfirmed"),
            (json!({ "to": [to(contact, "ap@northwind", "to")] }), "invalid"),
            (json!({ "to": [to(contact, ADDRESS, "to"), to(contact, ADDRESS, "cc")] }), "invalid"),
        ] {
            let command = delivered(&house, statement, contact, &changes);
            let refused = tell(&house, &house.mira, &command).await;
            assert_eq!(code(&refused), why, "{changes}: {refused}");
        }
        // What a later revision has superseded meanwhile went out all the same.
        stands(&house, statement, StatementState::Superseded).await;
        let late = delivered(&house, statement, contact, &json!({}));
        assert_eq!(code(&tell(&house, &house.mira, &late).await), "applied");
    }
}

#[tokio::test]
async fn only_what_left_comes_back_and_says_why() {
    for house in houses().await {
        let (statement, contact) = sealed(&house).await;
        let failed = json!({ "sent": false, "why": "550 no such user" });
        let folder = json!({ "channel": "folder", "to": [], "message_id": null });
        for (changes, reason, why) in [
            (json!({}), " ", "invalid"),
            (failed, "mailbox full", "wrong_state"),
            (folder, "mailbox full", "wrong_state"),
        ] {
            let command = delivered(&house, statement, contact, &changes);
            assert_eq!(code(&tell(&house, &house.mira, &command).await), "applied");
            let id = command["args"]["delivery"].as_str().unwrap().to_owned();
            let args = json!({ "delivery": id, "address": ADDRESS, "reason": reason });
            let bounce = house.command("record_bounce", args, &[("delivery", id, 1)]);
            assert_eq!(code(&tell(&house, &house.anna, &bounce).await), why, "{changes}");
        }
    }
}

#[tokio::test]
async fn what_a_customer_said_is_recorded_by_whom_it_concerns_and_accepted_it_leaves_nothing_open()
{
    for house in houses().await {
        let (statement, _) = sealed(&house).await;
        let owner = looked_after(&house, statement).await;
        let say = |accepted: bool, id: AcknowledgementId, by_name: &str| {
            let args = json!({ "acknowledgement": id, "statement": statement, "by_name": by_name,
                "on": "2026-11-09", "accepted": accepted, "note": "as they said" });
            house.command("record_acknowledgement", args, &[])
        };
        let ids = house.app.store().ids();
        let (first, second): (AcknowledgementId, AcknowledgementId) = (ids.make(), ids.make());
        let by_carla = say(true, first, "H. Vogt");
        assert_eq!(code(&tell(&house, &house.carla, &by_carla).await), "role_missing");
        assert_eq!(code(&tell(&house, &house.anna, &say(true, first, " ")).await), "invalid");
        let accepts = say(true, first, "H. Vogt");
        assert_eq!(code(&tell(&house, &house.anna, &accepts).await), "applied");
        let again = say(false, first, "H. Vogt");
        assert_eq!(code(&tell(&house, &house.anna, &again).await), "invalid", "said before");
        let (version, kept) = house.row::<Acknowledgement>(&first.to_string()).await;
        assert_eq!(kept.dispute, None, "there is nothing to answer");
        let args = json!({ "acknowledgement": first, "upheld": true, "answer": "thanks" });
        let base = [("acknowledgement", first.to_string(), version)];
        let answer = house.command("answer_dispute", args, &base);
        assert_eq!(code(&tell(&house, &house.anna, &answer).await), "wrong_state");
        let disputes = say(false, second, "H. Vogt");
        assert_eq!(code(&tell(&house, &house.anna, &disputes).await), "applied");
        let dispute = house.row::<Acknowledgement>(&second.to_string()).await.1.dispute.unwrap();
        assert_eq!((dispute.owner, dispute.zone.as_str()), (Some(owner), "Europe/Berlin"));
        // Nobody says anything of what never left.
        stands(&house, statement, StatementState::Voided).await;
        let void = say(true, ids.make(), "H. Vogt");
        assert_eq!(code(&tell(&house, &house.anna, &void).await), "wrong_state");
    }
}

#[tokio::test]
async fn what_was_sent_to_a_confirmed_address_is_on_record_wherever_that_goes_now() {
    for house in houses().await {
        let (statement, contact) = sealed(&house).await;
        // The same address receives copies from now on; nobody has confirmed that yet.
        let line = json!({ "line": "cc" });
        assert_eq!(code(&put(&house, &house.anna, contact, line).await), "applied");
        let command = delivered(&house, statement, contact, &json!({}));
        let first = tell(&house, &house.mira, &command).await;
        assert_eq!(first["receipt"]["given"]["state"], "sent", "{first}");
    }
}
