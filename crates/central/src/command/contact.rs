//! Contacts: entered by one person, confirmed by another (law 5). The record names what changed, never
//! who the contact is: names and addresses stand in the contact alone.

use super::{Deciding, Given, required};
use crate::store;
use makegood_domain::{
    Code, Problem,
    contact::{Contact, ContactWanted, EarlierAddress, mailbox},
    customer::Customer,
    person::Permission,
    policy,
};
use serde_json::json;

/// A new contact, or a changed one.
pub(super) async fn put(it: &mut Deciding<'_>, wanted: &ContactWanted) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::KeepContacts)?;
    let customer =
        store::get::<Customer>(it.tx.conn(), wanted.customer).await?.ok_or_else(|| {
            Problem::new(Code::CustomerUnknown, format!("there is no customer {}", wanted.customer))
        })?;
    crate::auth::in_scope(&it.actor, wanted.customer, &customer.row.name)?;
    if let Some((field, why)) = wanted.flaw() {
        return Err(Problem::new(Code::Invalid, why).at(field));
    }
    if it.tx.get::<Contact>(wanted.contact).await?.is_none() {
        it.is_new::<Contact>().await?;
        let contact = entered(it, wanted);
        it.tx.put(&contact).await?;
        it.audit("contact.entered", contact.customer, json!({ "role": contact.role }));
        return Ok(given(&contact));
    }
    let before = it.seen::<Contact>().await?.row;
    if before.customer != wanted.customer {
        let why = "a contact stays with its customer; enter another";
        return Err(Problem::new(Code::Invalid, why).at("customer"));
    }
    if before.ended_at.is_some() {
        let why = format!("{} is no longer sent to; add a new contact", before.name);
        return Err(Problem::new(Code::WrongState, why));
    }
    let after = changed(it, &before, wanted);
    if after == before {
        return Err(Problem::new(
            Code::WrongState,
            format!("nothing about {} differs", after.name),
        ));
    }
    it.tx.put(&after).await?;
    let fields = differing(&before, &after);
    let detail = json!({ "changed": fields, "confirmed": after.confirmed_by.is_some() });
    it.audit("contact.changed", after.customer, detail);
    Ok(given(&after))
}

fn entered(it: &Deciding<'_>, wanted: &ContactWanted) -> Contact {
    Contact {
        id: wanted.contact,
        customer: wanted.customer,
        role: wanted.role,
        line: wanted.line,
        name: wanted.name.trim().to_owned(),
        address: mailbox(&wanted.address).unwrap_or_default().to_owned(),
        language: wanted.language.clone(),
        entered_by: vec![it.actor.person],
        entered_at: it.now,
        confirmed_by: None,
        confirmed_at: None,
        ended_at: None,
        earlier: Vec::new(),
    }
}

/// What decides where something goes has to be confirmed again: address, role and line. Whoever enters
/// a new address answers for it alone; what others had entered before it no longer counts.
fn changed(it: &Deciding<'_>, before: &Contact, wanted: &ContactWanted) -> Contact {
    let new = entered(it, wanted);
    let moved = before.address != new.address;
    let elsewhere = moved || before.role != new.role || before.line != new.line;
    let mut after = Contact { name: new.name, language: new.language, ..before.clone() };
    if !elsewhere {
        return after;
    }
    // What was sent while it was confirmed went rightly, wherever it goes from now on.
    if moved || before.confirmed_by.is_some() {
        after.earlier.push(EarlierAddress {
            address: before.address.clone(),
            confirmed_by: before.confirmed_by,
            until: it.now,
        });
    }
    if moved || before.confirmed_by.is_some() {
        after.entered_by.clear();
    }
    if !after.entered_by.contains(&it.actor.person) {
        after.entered_by.push(it.actor.person);
    }
    let (confirmed_by, confirmed_at) = (None, None);
    let Contact { role, line, address, entered_at, .. } = new;
    Contact { role, line, address, entered_at, confirmed_by, confirmed_at, ..after }
}

fn differing(before: &Contact, after: &Contact) -> Vec<&'static str> {
    let fields = [
        ("role", before.role != after.role),
        ("line", before.line != after.line),
        ("name", before.name != after.name),
        ("address", before.address != after.address),
        ("language", before.language != after.language),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

/// Somebody else than who entered it says that it is right.
pub(super) async fn confirm(it: &mut Deciding<'_>, address: &str) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::KeepContacts)?;
    let mut contact = it.seen::<Contact>().await?.row;
    policy::may_confirm_contact(&it.actor, &contact)?;
    if contact.address != address {
        let why = format!("{} has another address than you saw; look again", contact.name);
        return Err(Problem::new(Code::Stale, why));
    }
    contact.confirmed_by = Some(it.actor.person);
    contact.confirmed_at = Some(it.now);
    it.tx.put(&contact).await?;
    it.audit("contact.confirmed", contact.customer, json!({ "role": contact.role }));
    Ok(given(&contact))
}

/// Nothing is sent there any more: that takes nobody else.
pub(super) async fn end(it: &mut Deciding<'_>, reason: &str) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::KeepContacts)?;
    let mut contact = it.seen::<Contact>().await?.row;
    required(reason, "reason")?;
    if contact.ended_at.is_some() {
        return Err(Problem::new(Code::WrongState, format!("{} was ended before", contact.name)));
    }
    contact.ended_at = Some(it.now);
    it.tx.put(&contact).await?;
    it.audit("contact.ended", contact.customer, json!({ "reason": reason.trim() }));
    Ok(given(&contact))
}

fn given(contact: &Contact) -> Given {
    let state = match (contact.ended_at, contact.confirmed_by) {
        (Some(_), _) => "ended",
        (None, Some(_)) => "confirmed",
        (None, None) => "unconfirmed",
    };
    Given::from([("state".to_owned(), state.to_owned())])
}
