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

/// What is wrong with a chain, and from where on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// Position of the first event that is not as it was written.
    pub position: i64,
    /// What happened to it.
    pub kind: BreakKind,
}

/// What can happen to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakKind {
    /// It is not there, and a later one is.
    Missing,
    /// Another event stands in its place.
    OutOfOrder,
    /// It no longer has the hash that it was written with.
    Altered,
    /// It has a hash of its own, but the event after it was linked to another.
    Replaced,
}

/// A place in a chain: what the next event has to be linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    position: i64,
    hash: String,
}

impl Default for Chain {
    /// Before the first event.
    fn default() -> Self {
        Self::after(0, GENESIS)
    }
}

impl Chain {
    /// After the event at `position`, which has this hash.
    #[must_use]
    pub fn after(position: i64, hash: impl Into<String>) -> Self {
        Self { position, hash: hash.into() }
    }

    /// Position of the last event; 0 before the first.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    /// Hash of the last event.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Goes on to the next event.
    ///
    /// # Errors
    /// What breaks the chain there.
    pub fn follow(&mut self, event: &AuditEvent) -> Result<(), Break> {
        let expected = self.position + 1;
        let broken = |position, kind| Err(Break { position, kind });
        if event.position > expected {
            return broken(expected, BreakKind::Missing);
        }
        if event.position < expected {
            return broken(expected, BreakKind::OutOfOrder);
        }
        // The hash covers whole seconds, which is all that was ever written.
        if event.hash != event.computed_hash() || event.at.timestamp_subsec_nanos() != 0 {
            return broken(expected, BreakKind::Altered);
        }
        if event.previous != self.hash {
            // Before the first there is nothing that could have been replaced.
            return match self.position {
                0 => broken(expected, BreakKind::Altered),
                last => broken(last, BreakKind::Replaced),
            };
        }
        self.position = expected;
        self.hash.clone_from(&event.hash);
        Ok(())
    }
}

/// Walks a chain from its first event on; the first break, if any.
#[must_use]
pub fn first_break<'a>(events: impl IntoIterator<Item = &'a AuditEvent>) -> Option<Break> {
    let mut chain = Chain::default();
    events.into_iter().find_map(|event| chain.follow(event).err())
}
