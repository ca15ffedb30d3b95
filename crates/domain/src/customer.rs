//! Parties: our legal entities, customers and their groups, contacts.

use crate::id::{ContactId, CustomerGroupId, CustomerId, LegalEntityId, PersonId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// One of ours: who stands on the letterhead and seals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalEntity {
    /// Its id.
    pub id: LegalEntityId,
    /// Short key used by imports: `DE`.
    pub key: String,
    /// Legal name.
    pub name: String,
    /// Address, one line each.
    pub address: Vec<String>,
    /// Tax ids and register lines for the foot of documents.
    pub legal_lines: Vec<String>,
    /// ISO 4217.
    pub functional_currency: String,
    /// BCP 47.
    pub locale: String,
    /// Which key seals: `2026-A`.
    pub seal: Option<String>,
}

/// Customers that count as one for the approval matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerGroup {
    /// Its id.
    pub id: CustomerGroupId,
    /// Key used by imports.
    pub key: String,
    /// Name to show.
    pub name: String,
}

/// A customer: a legal person that we promised something to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Key used by imports (a CRM or billing id); never shown as identity.
    pub key: String,
    /// Its group; every customer has one, if only of its own.
    pub group: CustomerGroupId,
    /// Name of the group, to show.
    pub group_name: String,
    /// Legal name.
    pub name: String,
    /// Postal address for documents, one line each, after the name.
    pub address: Vec<String>,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// BCP 47.
    pub locale: String,
    /// IANA zone.
    pub time_zone: String,
    /// Segment for filters.
    pub segment: Option<String>,
    /// When it left.
    pub churned_on: Option<NaiveDate>,
    /// Customer success manager.
    pub csm: Option<PersonId>,
    /// Account manager.
    pub account_manager: Option<PersonId>,
}

/// Whom documents go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// What for: `accounts_payable`.
    pub role: String,
    /// Name.
    pub name: String,
    /// Address of the channel.
    pub address: String,
    /// BCP 47.
    pub language: String,
    /// Confirmed by a second person, and when; nothing is sent before.
    pub confirmed_by: Option<PersonId>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
}
