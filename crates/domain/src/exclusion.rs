//! What is excused: proposed by one person, decided by another.

use crate::id::{CustomerId, ExclusionId, PersonId, SeriesId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Time of one series that a contract may excuse, for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Its id.
    pub id: ExclusionId,
    /// The customer for whom it is claimed.
    pub customer: CustomerId,
    /// Whose time.
    pub series: SeriesId,
    /// A kind of docs/format.md: `planned_maintenance`, …
    pub kind: String,
    /// From (half open).
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
    /// When the customer was told.
    pub notified_at: Option<DateTime<Utc>>,
    /// Clause that allows it.
    pub clause: Option<String>,
    /// Where it stands.
    pub state: ExclusionState,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who decided: never who proposed.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused, or a remark.
    pub reason: Option<String>,
}

/// Where an exclusion stands. Only an admitted one enters a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionState {
    /// Waits for somebody else.
    Proposed,
    /// Counts, as far as the terms allow.
    Admitted,
    /// Does not count.
    Refused,
}

impl ExclusionState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Admitted => "admitted",
            Self::Refused => "refused",
        }
    }
}
