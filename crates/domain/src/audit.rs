//! The audit chain: every change writes its event in the same transaction (law 10).

use crate::id::{AuditId, CustomerId, PersonId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One event. People stand in it by id only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditId,
    /// Position in the chain, from 1.
    pub position: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; absent: central by itself (a schedule).
    pub person: Option<PersonId>,
    /// The customer it concerns.
    pub customer: Option<CustomerId>,
    /// What was done: `credit.approved`.
    pub action: String,
    /// An entity's name …
    pub entity: String,
    /// … and its id.
    pub subject: String,
    /// Before, after, reason: JSON without names.
    pub detail: serde_json::Value,
    /// Hash of the event before, hex; 64 zeros for the first.
    pub previous: String,
    /// Hash of this one, hex.
    pub hash: String,
}

/// The hash before the first event.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditEvent {
    /// What `hash` must be: SHA-256 over the fields, each with its length before it, so that no two
    /// events share an input.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let person = self.person.map(|id| id.to_string()).unwrap_or_default();
        let customer = self.customer.map(|id| id.to_string()).unwrap_or_default();
        let detail = self.detail.to_string();
        let mut hash = Sha256::new();
        for field in [
            self.previous.as_str(),
            &self.id.to_string(),
            &self.position.to_string(),
            &self.at.timestamp().to_string(),
            &person,
            &customer,
            &self.action,
            &self.entity,
            &self.subject,
            &detail,
        ] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        hex::encode(hash.finalize())
    }
}

/// Walks a chain in order; the position of the first event that breaks it, if any.
#[must_use]
pub fn first_break<'a>(events: impl IntoIterator<Item = &'a AuditEvent>) -> Option<i64> {
    let mut previous = GENESIS.to_owned();
    for (index, event) in events.into_iter().enumerate() {
        let expected = i64::try_from(index).ok()? + 1;
        if event.position != expected
            || event.previous != previous
            || event.hash != event.computed_hash()
        {
            return Some(event.position);
        }
        previous.clone_from(&event.hash);
    }
    None
}
