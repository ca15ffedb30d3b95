//! Disputes: a customer says that a statement is wrong. That opens a claim, which somebody answers by a
//! day.

use crate::id::PersonId;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// How many days there are to answer, from the day on which it was said.
pub const DAYS_TO_ANSWER: u64 = 14;

/// What is left to do about a dispute, or what was said in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Who sees to it; `None`: the customer has nobody.
    pub owner: Option<PersonId>,
    /// The last day on which to answer, in `zone`.
    pub due: NaiveDate,
    /// Whose days they are: an IANA zone.
    pub zone: String,
    /// What they were told; absent while nobody has answered.
    pub answer: Option<DisputeAnswer>,
}

/// What the customer was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeAnswer {
    /// Whether they are right; else the statement stands.
    pub upheld: bool,
    /// Why, and what follows; internal.
    pub text: String,
    /// Who answered.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}
