//! A missed line, and its review.

use crate::id::{
    AttainmentId, BreachId, ContractId, CustomerId, IncidentId, PersonId, SettlementId, SlaLineId,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A missed SLA line in one window. On anything a customer reads: a missed SLA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// Its id.
    pub id: BreachId,
    /// Number to show: `BR-1042`.
    pub number: String,
    /// The customer.
    pub customer: CustomerId,
    /// The contract.
    pub contract: ContractId,
    /// The line.
    pub line: SlaLineId,
    /// Label of the window.
    pub window: String,
    /// What was reached.
    pub attainment: AttainmentId,
    /// The settlement; absent while the window is not locked.
    pub settlement: Option<SettlementId>,
    /// Where the review stands.
    pub state: BreachState,
    /// What caused it, once known.
    pub incident: Option<IncidentId>,
    /// Who reviewed it.
    pub reviewed_by: Option<PersonId>,
    /// When.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// Why it was put off or declined.
    pub reason: Option<String>,
    /// Until when it is put off.
    pub snoozed_until: Option<DateTime<Utc>>,
}

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachState {
    /// Nobody has looked.
    ToReview,
    /// Put off until a day, with a reason.
    Snoozed,
    /// It is one.
    Confirmed,
    /// A revision showed that it is none.
    Cleared,
}

impl BreachState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToReview => "to_review",
            Self::Snoozed => "snoozed",
            Self::Confirmed => "confirmed",
            Self::Cleared => "cleared",
        }
    }
}
