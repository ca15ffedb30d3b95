//! Deadlines: days by which somebody has to have done something, or it is lost: about an SLA credit, or
//! about a right to terminate.

use crate::{
    id::{ContractId, CreditId, CustomerId, DeadlineId, PersonId},
    termination::Ground,
};
use chrono::{DateTime, NaiveDate, Utc};
use makegood_engine::money::Money;
use serde::{Deserialize, Serialize};

/// A deadline. While it runs there is one of a kind per subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Its id.
    pub id: DeadlineId,
    /// The customer.
    pub customer: CustomerId,
    /// The contract.
    pub contract: ContractId,
    /// What has to be done.
    pub kind: DeadlineKind,
    /// About which credit; absent: it is about a right to terminate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<CreditId>,
    /// The credit's number, to show; else the contract's.
    pub number: String,
    /// The credit's service period, or the last window that was missed: label of a window.
    pub window: String,
    /// What is lost otherwise; of a credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// What gave the right to terminate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// The last day on which it can be done, in `zone`.
    pub due: NaiveDate,
    /// Whose days they are: an IANA zone.
    pub zone: String,
    /// Days from the window's end or from the approval, by the contract.
    pub days: u16,
    /// Who sees to it; `None`: the customer has nobody.
    pub owner: Option<PersonId>,
    /// Where it stands.
    pub state: DeadlineState,
    /// When it was met, passed or fell away.
    pub done_at: Option<DateTime<Utc>>,
    /// Who did it, or recorded it.
    pub done_by: Option<PersonId>,
    /// What they wrote about it; internal.
    pub note: Option<String>,
}

impl Deadline {
    /// What it is about, as one text: one of a kind runs for each. Of a right to terminate, what it asks
    /// for; where it stands among the line's rights may change with a version.
    #[must_use]
    pub fn subject(&self) -> String {
        match (self.credit, &self.ground) {
            (Some(credit), _) => credit.to_string(),
            (None, Some(ground)) => {
                let (right, days) = (&ground.right, ground.right.exercise_within_days);
                format!("{}/{}/{}/{right}/{days}", self.contract, self.window, ground.sla)
            }
            (None, None) => self.contract.to_string(),
        }
    }
}

/// What has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// The customer has to ask for the credit.
    Claim,
    /// An approved credit has to be used.
    Expiry,
    /// The customer may terminate, and the right has to be exercised.
    Termination,
}

impl DeadlineKind {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Expiry => "expiry",
            Self::Termination => "termination",
        }
    }
}

/// Where a deadline stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineState {
    /// It runs.
    Open,
    /// It was done in time.
    Met,
    /// The day is over and it was not done.
    Passed,
    /// Nothing rests on it any more.
    Void,
}

impl DeadlineState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Met => "met",
            Self::Passed => "passed",
            Self::Void => "void",
        }
    }
}
