//! What became of statements once they were sealed: where they went, what came back, what was said.
//! That something went out is a fact; what is refused here went where it should not have.

use super::{Deciding, Given, required};
use crate::store;
use chrono::TimeDelta;
use makegood_domain::{
    Code, Problem,
    contact::{AddressLine, Contact, mailbox},
    delivery::{
        Acknowledged, Acknowledgement, Bounce, Channel, Delivered, Delivery, DeliveryState,
    },
    id::{DeliveryId, StatementId},
    person::Permission,
    policy,
    statement::{Statement, StatementState},
};
use serde_json::json;
use std::collections::BTreeSet;

/// Puts a delivery on record.
pub(super) async fn record(it: &mut Deciding<'_>, told: &Delivered) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::IssueStatement)?;
    let statement = released(it, told.statement).await?;
    it.is_new::<Delivery>().await?;
    if statement.sha256.as_deref() != Some(told.sha256.as_str()) {
        let why = format!("the bytes that went out are not those of {}", named(&statement));
        return Err(Problem::new(Code::Invalid, why).at("sha256"));
    }
    addressed(it, &statement, told).await?;
    let why = told.why.as_deref().map(|why| required(why, "why")).transpose()?;
    if !told.sent && why.is_none() {
        let why = "why it could not be sent is missing; write it";
        return Err(Problem::new(Code::Invalid, why).at("why"));
    }
    let (resend_of, reason) = repeated(it, told).await?;
    let delivery = Delivery {
        id: told.delivery,
        customer: statement.customer,
        statement: statement.id,
        channel: told.channel,
        to: told.to.clone(),
        message_id: told.message_id.clone(),
        sha256: told.sha256.clone(),
        state: if told.sent { DeliveryState::Sent } else { DeliveryState::Failed },
        why: why.map(str::to_owned),
        resend_of,
        reason,
        by: it.actor.person,
        at: told.at,
        bounces: Vec::new(),
    };
    it.tx.put(&delivery).await?;
    let action = if told.sent { "statement.delivered" } else { "statement.not_delivered" };
    let detail = json!({
        "statement": statement.id, "channel": told.channel, "sha256": told.sha256,
        "contacts": told.to.iter().map(|one| one.contact).collect::<Vec<_>>(),
        "resend_of": told.resend_of,
    });
    it.audit(action, super::statement::on_record_of(&statement), detail);
    Ok(given(&statement, delivery.state.as_str()))
}

/// The statement, if all of it is in scope.
async fn in_sight(it: &mut Deciding<'_>, id: StatementId) -> Result<Statement, Problem> {
    let found = store::get::<Statement>(it.tx.conn(), id).await?;
    let found = found.ok_or_else(|| super::absent("statement", &id.to_string()))?.row;
    crate::auth::sees_whole(&it.actor, &found)?;
    Ok(found)
}

/// The statement, if it is in scope and was ever sealed. One that was superseded meanwhile went out
/// all the same.
async fn released(it: &mut Deciding<'_>, id: StatementId) -> Result<Statement, Problem> {
    let found = in_sight(it, id).await?;
    if matches!(found.state, StatementState::Sealed | StatementState::Superseded) {
        return Ok(found);
    }
    let why = format!("{} is {}, not sealed", named(&found), found.state.as_str());
    Err(Problem::new(Code::WrongState, why))
}

/// Everybody whom it went to was a contact of that customer, at an address that a second person had
/// confirmed.
async fn addressed(
    it: &mut Deciding<'_>,
    statement: &Statement,
    told: &Delivered,
) -> Result<(), Problem> {
    let invalid = |why: &str| Err(Problem::new(Code::Invalid, why).at("to"));
    match told.channel {
        Channel::Folder if !told.to.is_empty() => return invalid("a folder is nobody's address"),
        Channel::Folder => return Ok(()),
        Channel::Mail if !told.to.iter().any(|one| one.line == AddressLine::To) => {
            return invalid("a message is addressed to somebody");
        }
        Channel::Mail => {}
    }
    if told.message_id.as_ref().is_none_or(String::is_empty) {
        let why = "a message has an id; name it";
        return Err(Problem::new(Code::Invalid, why).at("message_id"));
    }
    let mut before = BTreeSet::new();
    for one in &told.to {
        let found = store::get::<Contact>(it.tx.conn(), one.contact).await?;
        let found = found.filter(|found| found.row.customer == statement.customer);
        if !before.insert(one.contact) || mailbox(&one.address).is_err() {
            return invalid("somebody is named twice, or by no mailbox");
        }
        if found.is_none_or(|found| !found.row.had_confirmed(&one.address)) {
            let why = format!(
                "{} went to {}, an address of {} that nobody confirmed; tell your administrator",
                named(statement),
                one.address,
                one.name
            );
            return Err(Problem::new(Code::AddressUnconfirmed, why).at("to"));
        }
    }
    Ok(())
}

/// What it repeats, and why, where it was sent again. What it repeats may have been refused its record: this one
/// went out all the same, and is on record without it.
async fn repeated(
    it: &mut Deciding<'_>,
    told: &Delivered,
) -> Result<(Option<DeliveryId>, Option<String>), Problem> {
    let Some(before) = told.resend_of else { return Ok((None, None)) };
    let found = store::get::<Delivery>(it.tx.conn(), before).await?;
    if found.as_ref().is_some_and(|found| found.row.statement != told.statement) {
        let why = "what is repeated is no delivery of this statement";
        return Err(Problem::new(Code::Invalid, why).at("resend_of"));
    }
    let reason = required(told.reason.as_deref().unwrap_or_default(), "reason")?;
    Ok((found.map(|_| before), Some(reason.to_owned())))
}

/// A message came back from somebody.
pub(super) async fn bounce(
    it: &mut Deciding<'_>,
    address: &str,
    reason: &str,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::KeepContacts)?;
    let mut delivery = it.seen::<Delivery>().await?.row;
    let statement = in_sight(it, delivery.statement).await?;
    let reason = required(reason, "reason")?.to_owned();
    if delivery.state == DeliveryState::Failed || delivery.channel != Channel::Mail {
        let why = "this message never left; there is nothing that could come back";
        return Err(Problem::new(Code::WrongState, why));
    }
    if !delivery.to.iter().any(|one| one.address == address) {
        let why = format!("this message did not go to {address}");
        return Err(Problem::new(Code::Invalid, why).at("address"));
    }
    if delivery.bounces.iter().any(|one| one.address == address) {
        let why = format!("that it came back from {address} is on record");
        return Err(Problem::new(Code::WrongState, why));
    }
    let (address, by, at) = (address.to_owned(), it.actor.person, it.now);
    delivery.bounces.push(Bounce { address, reason, by, at });
    delivery.state = DeliveryState::Bounced;
    it.tx.put(&delivery).await?;
    it.audit(
        "statement.bounced",
        super::statement::on_record_of(&statement),
        json!({ "statement": delivery.statement, "bounces": delivery.bounces.len() }),
    );
    Ok(Given::from([("state".to_owned(), delivery.state.as_str().to_owned())]))
}

/// The customer accepts or disputes it.
pub(super) async fn acknowledge(
    it: &mut Deciding<'_>,
    said: &Acknowledged,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::KeepContacts)?;
    let statement = released(it, said.statement).await?;
    it.is_new::<Acknowledgement>().await?;
    let by_name = required(&said.by_name, "by_name")?.to_owned();
    let note = said.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if !said.accepted && note.is_none() {
        let why = "what is disputed is missing; write it";
        return Err(Problem::new(Code::Invalid, why).at("note"));
    }
    let note = note.map(|note| required(note, "note").map(str::to_owned)).transpose()?;
    // A day of grace at either end: the customer's day is not UTC's.
    let day = TimeDelta::days(1);
    let (first, last) = (statement.issued_at - day, it.now + day);
    if said.on < first.date_naive() || said.on > last.date_naive() {
        let why = format!("{} lies before the statement, or is yet to come", said.on);
        return Err(Problem::new(Code::Invalid, why).at("on"));
    }
    let dispute = match said.accepted {
        true => None,
        false => Some(super::dispute::begun(it, &statement, said.on).await?),
    };
    let (owner, due) = dispute.as_ref().map(|one| (one.owner, one.due)).unzip();
    let row = Acknowledgement {
        id: said.acknowledgement,
        customer: statement.customer,
        statement: statement.id,
        by_name,
        on: said.on,
        accepted: said.accepted,
        note,
        recorded_by: it.actor.person,
        recorded_at: it.now,
        dispute,
    };
    it.tx.put(&row).await?;
    let (action, state) = if said.accepted {
        ("statement.accepted", "accepted")
    } else {
        ("statement.disputed", "disputed")
    };
    let customer = super::statement::on_record_of(&statement);
    let mut detail = json!({ "statement": statement.id, "on": said.on });
    if due.is_some() {
        detail["owner"] = json!(owner);
        detail["due"] = json!(due);
    }
    it.audit(action, customer, detail);
    Ok(given(&statement, state))
}

fn named(statement: &Statement) -> String {
    format!("{} revision {}", statement.number, statement.revision)
}

fn given(statement: &Statement, state: &str) -> Given {
    Given::from([
        ("number".to_owned(), statement.number.clone()),
        ("revision".to_owned(), statement.revision.to_string()),
        ("state".to_owned(), state.to_owned()),
    ])
}
