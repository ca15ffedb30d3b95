//! Contacts: whom documents go to. What is new or changed counts once a second person has confirmed it.

use crate::id::{ContactId, CustomerId, PersonId};
use chrono::{DateTime, Utc};
use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};

/// The longest address that travels (RFC 5321 §4.5.3.1.3, less its brackets).
const MOST_ADDRESS: usize = 254;
/// The longest name of a contact, in characters.
const MOST_NAME: usize = 200;

/// Whom documents go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// What for.
    pub role: ContactRole,
    /// Addressed, or with a copy.
    pub line: AddressLine,
    /// Name.
    pub name: String,
    /// A mailbox.
    pub address: String,
    /// BCP 47.
    pub language: String,
    /// Who entered or changed what has to be confirmed, since it was confirmed last.
    pub entered_by: Vec<PersonId>,
    /// When.
    pub entered_at: DateTime<Utc>,
    /// The second person. Nothing is sent before.
    pub confirmed_by: Option<PersonId>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// From when on nothing is sent any more.
    pub ended_at: Option<DateTime<Utc>>,
    /// The addresses before this one, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierAddress>,
}

/// An address that a contact had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierAddress {
    /// The mailbox.
    pub address: String,
    /// Who confirmed it; absent: nobody ever did, and nothing went there.
    pub confirmed_by: Option<PersonId>,
    /// When another took its place.
    pub until: DateTime<Utc>,
}

/// What a contact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactRole {
    /// Where invoices are paid: statements go there.
    AccountsPayable,
    /// Who runs what we promised something about.
    Operations,
    /// Who keeps the contracts.
    Legal,
}

impl ContactRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::AccountsPayable, Self::Operations, Self::Legal];

    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountsPayable => "accounts_payable",
            Self::Operations => "operations",
            Self::Legal => "legal",
        }
    }

    /// Reads [`ContactRole::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// As it stands on screens.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::AccountsPayable => "Accounts payable",
            Self::Operations => "Operations",
            Self::Legal => "Legal",
        }
    }
}

/// Which line of a message bears the contact's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressLine {
    /// `To`: it is for them.
    To,
    /// `Cc`: they get a copy; ours may, too.
    Cc,
}

impl AddressLine {
    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::To => "to",
            Self::Cc => "cc",
        }
    }

    /// Reads [`AddressLine::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::To, Self::Cc].into_iter().find(|line| line.as_str() == text)
    }
}

/// A contact as somebody enters it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactWanted {
    /// Its id, made at the desk; of one that is there: to change it.
    pub contact: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// What for.
    pub role: ContactRole,
    /// Addressed, or with a copy.
    pub line: AddressLine,
    /// Name.
    pub name: String,
    /// A mailbox.
    pub address: String,
    /// `en` or `de`.
    pub language: String,
}

impl ContactWanted {
    /// The first field that can't be right, and why.
    #[must_use]
    pub fn flaw(&self) -> Option<(&'static str, String)> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MOST_NAME {
            return Some(("name", format!("a name has 1 to {MOST_NAME} characters")));
        }
        if name.chars().any(char::is_control) {
            return Some(("name", "the name holds a line break or a control character".to_owned()));
        }
        if let Err(why) = mailbox(&self.address) {
            return Some(("address", why));
        }
        let known = matches!(self.language.as_str(), "en" | "de");
        (!known).then(|| {
            ("language", format!("no message is written in {:?}; choose en or de", self.language))
        })
    }
}

/// The mailbox that a text names, without blanks around it: `ap@northwind.example`.
///
/// # Errors
/// Why it is none, naming it.
pub fn mailbox(text: &str) -> Result<&str, String> {
    let text = text.trim();
    let strict =
        Options::default().with_required_tld().without_domain_literal().without_display_text();
    if text.len() > MOST_ADDRESS {
        return Err(format!("the address is longer than {MOST_ADDRESS} characters"));
    }
    // Others than ASCII ask for SMTPUTF8 on the whole way, which nobody can promise.
    if !text.is_ascii() {
        return Err(format!(
            "{text:?} holds others than plain letters; ask for an address without"
        ));
    }
    match EmailAddress::parse_with_options(text, strict) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("{text:?} is no mailbox ({error}); write it as ap@example.com")),
    }
}

impl Contact {
    /// Whether something may be sent to it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.confirmed_by.is_some() && self.ended_at.is_none()
    }

    /// Whether this address of its was ever confirmed: what went there went rightly, though it has
    /// changed since.
    #[must_use]
    pub fn had_confirmed(&self, address: &str) -> bool {
        let now = self.address == address && self.confirmed_by.is_some();
        let once = |one: &EarlierAddress| one.address == address && one.confirmed_by.is_some();
        now || self.earlier.iter().any(once)
    }
}

#[cfg(test)]
mod tests {
    use super::mailbox;

    #[test]
    fn a_mailbox_is_one_address_and_nothing_besides() {
        for good in ["ap@northwind.example", " o'neil+sla@mail.northwind.example "] {
            assert_eq!(mailbox(good), Ok(good.trim()));
        }
        for bad in [
            "",
            "ap",
            "ap@northwind",
            "ap@[127.0.0.1]",
            "Ann <ap@northwind.example>",
            "ap@northwind.example, eve@evil.example",
            "ap@northwind.example\r\nBcc: eve@evil.example",
            "ap@north wind.example",
            "buchhaltung@müller.example",
        ] {
            assert!(mailbox(bad).is_err(), "{bad:?}");
        }
    }
}
