//! SLA statements: the document that leaves the house.

use crate::id::{CustomerId, LegalEntityId, PersonId, SettlementId, StatementId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A statement of a customer's period at one revision. A new revision supersedes; it never
/// overwrites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its id: one per revision, made at the desk that issues it.
    pub id: StatementId,
    /// Number to show, the same over all revisions: `ST-2026-10-0412`.
    pub number: String,
    /// From 1, without gaps per number.
    pub revision: i64,
    /// The revision before, if any.
    pub supersedes: Option<StatementId>,
    /// The customer.
    pub customer: CustomerId,
    /// Label of the period: `2026-10`.
    pub period: String,
    /// Which of our legal entities issues it.
    pub legal_entity: LegalEntityId,
    /// `en` or `de`.
    pub language: String,
    /// Version of the layout.
    pub template: i64,
    /// Where it stands.
    pub state: StatementState,
    /// When central gave the number: the date it bears.
    pub issued_at: DateTime<Utc>,
    /// Who released it.
    pub released_by: PersonId,
    /// Which settlements it rests on, at which revision, with the hash of the customer edition of
    /// the case file (hex; empty until sealed).
    pub rests_on: Vec<StatementCase>,
    /// SHA-256 of the signed bytes, hex; absent until sealed.
    pub sha256: Option<String>,
    /// Hash of the audit chain's head when it was issued, hex.
    pub audit_head: String,
    /// Why there is a new revision, or why it was voided.
    pub reason: Option<String>,
}

/// A settlement that a statement rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementCase {
    /// The settlement.
    pub settlement: SettlementId,
    /// Its revision.
    pub revision: i64,
    /// SHA-256 of the embedded calculation file, hex; empty until sealed.
    pub sha256: String,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementState {
    /// It has its number; the desk is sealing it.
    Issued,
    /// Sealed, and its hash is on record.
    Sealed,
    /// A later revision took its place.
    Superseded,
    /// The number was not used; on record.
    Voided,
}

impl StatementState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Sealed => "sealed",
            Self::Superseded => "superseded",
            Self::Voided => "voided",
        }
    }
}
