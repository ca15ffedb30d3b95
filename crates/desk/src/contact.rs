//! Contacts: entered by one person, confirmed by another.

mod import;

pub use import::{ContactImport, ContactImportRow};

use crate::{
    breach::reason_given,
    desk::{Decision, Desk, Queued, id, seen},
};
use makegood_domain::{
    Code, Problem,
    command::Verb,
    contact::{AddressLine, Contact, ContactRole, ContactWanted},
    customer::Customer,
    person::Permission,
    policy,
};
use serde::Deserialize;
use ts_rs::TS;

/// A contact as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ContactEntry {
    /// The contact that changes, and the version that was seen; absent: a new one.
    pub id: Option<String>,
    /// The version seen.
    #[ts(type = "number | null")]
    pub version: Option<i64>,
    /// Whose.
    pub customer_id: String,
    /// `accounts_payable`, `operations` or `legal`.
    pub role: String,
    /// `to` or `cc`.
    pub line: String,
    /// Their name.
    pub name: String,
    /// Their mailbox.
    pub address: String,
    /// `en` or `de`.
    pub language: String,
}

impl Desk {
    /// Enters a contact, or changes it. Somebody else confirms it before anything is sent there.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::Invalid`] for a field that can't be right, naming it;
    /// [`Code::NotFound`]; what the outbox gives.
    pub async fn put_contact(&self, asked: ContactEntry) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::KeepContacts)?;
        let mut reader = inside.mirror().reader().await?;
        let customer = reader.get::<Customer>(&asked.customer_id).await?.row;
        let (contact, base) = match (&asked.id, asked.version) {
            (Some(key), Some(version)) => {
                (id("contact", key)?, vec![seen("contact", key, version)])
            }
            _ => (inside.ids.make(), Vec::new()),
        };
        let unknown = |what: &str, text: &str| {
            Problem::new(Code::Invalid, format!("no {what} is called {text:?}")).at(what)
        };
        let wanted = ContactWanted {
            contact,
            customer: customer.id,
            role: ContactRole::parse(&asked.role).ok_or_else(|| unknown("role", &asked.role))?,
            line: AddressLine::parse(&asked.line).ok_or_else(|| unknown("line", &asked.line))?,
            name: asked.name.trim().to_owned(),
            address: asked.address.trim().to_owned(),
            language: asked.language,
        };
        if let Some((field, why)) = wanted.flaw() {
            return Err(Problem::new(Code::Invalid, why).at(field));
        }
        let word = if base.is_empty() { "Enter" } else { "Change" };
        let what = format!("{word} the contact {}", wanted.name);
        let verb = Verb::PutContact(wanted);
        let subject = customer.name;
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }

    /// Confirms a contact at the address that was seen.
    ///
    /// # Errors
    /// [`Code::OwnProposal`] and the others that central gives, before anything is queued;
    /// [`Code::NotFound`]; what the outbox gives.
    pub async fn confirm_contact(
        &self,
        contact_id: &str,
        version: i64,
        address: &str,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Contact>(contact_id).await?.row;
        policy::may_confirm_contact(&inside.actor(), &found)?;
        let subject = reader.get::<Customer>(&found.customer.to_string()).await?.row.name;
        let verb = Verb::ConfirmContact { contact: found.id, address: address.to_owned() };
        let base = vec![seen("contact", contact_id, version)];
        let what = format!("Confirm the contact {}", found.name);
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }

    /// Sends a contact nothing any more.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::Invalid`] without a reason; [`Code::NotFound`]; what the outbox
    /// gives.
    pub async fn end_contact(
        &self,
        contact_id: &str,
        version: i64,
        reason: &str,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let reason = reason_given(reason)?;
        policy::require(&inside.actor(), Permission::KeepContacts)?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Contact>(contact_id).await?.row;
        let subject = reader.get::<Customer>(&found.customer.to_string()).await?.row.name;
        let verb = Verb::EndContact { contact: found.id, reason };
        let base = vec![seen("contact", contact_id, version)];
        let what = format!("Stop sending to {}", found.name);
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }
}
