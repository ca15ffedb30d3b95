//! Whom the demo's statements go to: entered by Sam, confirmed by Dana, but for one that waits.

use super::Seeding;
use crate::book::{DANA, SAM};
use makegood_domain::{
    Problem,
    command::Verb,
    contact::{AddressLine, ContactRole, ContactWanted},
    customer::Customer,
};

/// Whose accounts payable has moved, and nobody has confirmed it yet.
const UNCONFIRMED: &str = "Aalto Clinics";

impl Seeding<'_> {
    /// Accounts payable of every customer, in its own language.
    pub(super) async fn contacts(&self) -> Result<(), Problem> {
        self.set_clock("2026-11-06T10:00:00Z");
        for found in self.open::<Customer>().await? {
            let customer = found.row;
            let german = customer.locale.starts_with("de");
            let wanted = ContactWanted {
                contact: self.app.store().ids().make(),
                customer: customer.id,
                role: ContactRole::AccountsPayable,
                line: AddressLine::To,
                name: if german { "Kreditorenbuchhaltung" } else { "Accounts payable" }.to_owned(),
                address: format!("ap@{}.example", customer.key.to_lowercase()),
                language: if german { "de" } else { "en" }.to_owned(),
            };
            let (contact, address) = (wanted.contact, wanted.address.clone());
            self.decide(SAM, Verb::PutContact(wanted), None).await?;
            if customer.name != UNCONFIRMED {
                let verb = Verb::ConfirmContact { contact, address };
                self.decide(DANA, verb, Some(("contact", contact.to_string(), 1))).await?;
            }
        }
        Ok(())
    }
}
