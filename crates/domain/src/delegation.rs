//! Delegation: while somebody is away, another person approves in their place, until a day that is
//! named from the beginning. It takes two people, like everything about who may decide (law 5).

use crate::id::{DelegationId, PersonId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One person approving in another's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// In whose place.
    pub person: PersonId,
    /// Who approves meanwhile.
    pub delegate: PersonId,
    /// From (half open).
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
}
