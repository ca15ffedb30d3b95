//! A customer's contacts: whom documents go to, and whether a second person has confirmed it.

use super::{
    house::Names,
    show::{Action, date},
};
use crate::{Overlay, Pending, Versioned, Viewer};
use makegood_domain::{
    Problem,
    command::Verb,
    contact::{Contact, ContactWanted},
    person::Permission,
    policy,
};
use serde::Serialize;
use ts_rs::TS;

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ContactRow {
    /// Its id.
    pub id: String,
    /// Its version; 0 while it waits to be entered.
    #[ts(type = "number")]
    pub version: i64,
    /// `accounts_payable`, `operations` or `legal`.
    pub role: String,
    /// `Accounts payable`.
    pub role_name: String,
    /// `to` or `cc`.
    pub line: String,
    /// Their name.
    pub name: String,
    /// Their mailbox.
    pub address: String,
    /// `en` or `de`.
    pub language: String,
    /// `unconfirmed`, `confirmed` or `ended`.
    #[ts(type = "\"unconfirmed\" | \"confirmed\" | \"ended\"")]
    pub state: String,
    /// `Confirmed by Noa Lind, 9 Nov 2026`.
    pub state_text: String,
    /// The addresses before, the latest first: `ap@northwind.example, until 9 Nov 2026`.
    pub earlier: Vec<String>,
    /// How far one's own decision has come: `Queued`.
    pub queued: Option<String>,
    /// Whether one may change or end it.
    pub change: Action,
    /// Whether one may confirm it.
    pub confirm: Action,
}

/// A customer's contacts, those that count first; and whether the viewer may enter one.
pub(crate) fn of_customer(
    mut found: Vec<Versioned<Contact>>,
    (viewer, overlay): (&Viewer, &Overlay),
    names: &Names,
    customer: &str,
) -> (Vec<ContactRow>, Action) {
    found.sort_by(|a, b| {
        let order = |one: &Contact| (one.ended_at.is_some(), one.role, one.line, one.name.clone());
        order(a).cmp(&order(b))
    });
    let mut rows: Vec<ContactRow> =
        found.iter().map(|one| row(one, names, viewer, overlay)).collect();
    for (verb, pending) in overlay.verbs() {
        let Verb::PutContact(wanted) = verb else { continue };
        let is_new = found.iter().all(|one| one.id != wanted.contact);
        if is_new && wanted.customer.to_string() == customer {
            rows.push(queued(wanted, pending));
        }
    }
    (rows, policy::require(&viewer.actor, Permission::KeepContacts).into())
}

fn row(one: &Versioned<Contact>, names: &Names, viewer: &Viewer, overlay: &Overlay) -> ContactRow {
    let pending = overlay.about("contact", &one.id.to_string());
    let waits = pending.map(|pending| pending.stage.word().to_owned());
    let (state, state_text) = state(one, names);
    let may = |allowed: Result<(), Problem>| match &waits {
        Some(_) => Action { enabled: false, reason: Some("A change is on its way".to_owned()) },
        None => allowed.into(),
    };
    let open = match one.ended_at {
        Some(_) => Err(policy_ended(one)),
        None => policy::require(&viewer.actor, Permission::KeepContacts),
    };
    let earlier = |past: &makegood_domain::contact::EarlierAddress| {
        format!("{}, until {}", past.address, date(past.until.date_naive()))
    };
    ContactRow {
        id: one.id.to_string(),
        version: one.version,
        role: one.role.as_str().to_owned(),
        role_name: one.role.title().to_owned(),
        line: one.line.as_str().to_owned(),
        name: one.name.clone(),
        address: one.address.clone(),
        language: one.language.clone(),
        state: state.to_owned(),
        state_text,
        earlier: one
            .earlier
            .iter()
            .rev()
            .filter(|past| past.address != one.address)
            .map(earlier)
            .collect(),
        change: may(open),
        confirm: may(policy::may_confirm_contact(&viewer.actor, one)),
        queued: waits,
    }
}

fn policy_ended(one: &Contact) -> Problem {
    let why = format!("{} is no longer sent to; add a new contact", one.name);
    Problem::new(makegood_domain::Code::WrongState, why)
}

fn state(one: &Contact, names: &Names) -> (&'static str, String) {
    if let Some(at) = one.ended_at {
        return ("ended", format!("Ended {}", date(at.date_naive())));
    }
    if let (Some(by), Some(at)) = (one.confirmed_by, one.confirmed_at) {
        return (
            "confirmed",
            format!("Confirmed by {}, {}", names.person(by), date(at.date_naive())),
        );
    }
    let by = one.entered_by.last().map_or_else(String::new, |by| names.person(*by));
    ("unconfirmed", format!("Entered by {by}, not confirmed"))
}

/// One that is still to be entered.
fn queued(wanted: &ContactWanted, pending: &Pending) -> ContactRow {
    let later = || Action { enabled: false, reason: Some("It is on its way".to_owned()) };
    ContactRow {
        id: wanted.contact.to_string(),
        version: 0,
        role: wanted.role.as_str().to_owned(),
        role_name: wanted.role.title().to_owned(),
        line: wanted.line.as_str().to_owned(),
        name: wanted.name.clone(),
        address: wanted.address.clone(),
        language: wanted.language.clone(),
        state: "unconfirmed".to_owned(),
        state_text: format!("{}, not confirmed", pending.stage.word()),
        earlier: Vec::new(),
        queued: Some(pending.stage.word().to_owned()),
        change: later(),
        confirm: later(),
    }
}
