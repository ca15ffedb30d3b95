//! What one SLA line reached in one window: open, closing or locked.

use crate::{
    distance::Distance,
    id::{AttainmentId, ContractId, CustomerId, SettlementId, SlaLineId},
    statement::ends_in,
};
use chrono::{DateTime, NaiveDate, Utc};
use makegood_engine::money::Money;
use serde::{Deserialize, Serialize};

/// The attainment of a line in a window. A row per line and window, whatever its state: the
/// portfolio, the twelve-month trend and the breach inbox are read from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attainment {
    /// Its id.
    pub id: AttainmentId,
    /// The customer.
    pub customer: CustomerId,
    /// The contract.
    pub contract: ContractId,
    /// The line.
    pub line: SlaLineId,
    /// Label of the window: `2026-10`.
    pub window: String,
    /// The window's first second.
    pub from: DateTime<Utc>,
    /// The window's end (exclusive).
    pub to: DateTime<Utc>,
    /// Whether it may still change without a revision.
    pub state: WindowState,
    /// The settlement it belongs to; absent while the window is open.
    pub settlement: Option<SettlementId>,
    /// Revision of the settlement; 0 while the window is open.
    pub revision: i64,
    /// The exact fraction in lowest terms; absent: not measured.
    pub attainment: Option<String>,
    /// Cut after six decimals; absent: not measured.
    pub percent: Option<String>,
    /// Whether the objective was met; absent: not measured.
    pub met: Option<bool>,
    /// Whether the internal objective was met, where there is one.
    pub internal_met: Option<bool>,
    /// Counted seconds, slots or events: decimal or fraction text.
    pub total: String,
    /// Bad ones among them.
    pub bad: String,
    /// Excused ones.
    pub excused: String,
    /// Seconds of the window so far that nobody measured.
    pub unknown_seconds: i64,
    /// Seconds of downtime that the objective allows: decimal text; only for `uptime`.
    pub allowance: Option<String>,
    /// What is left of it, negative when overdrawn: decimal text of seconds.
    pub allowance_left: Option<String>,
    /// Allowance left at the end of each local day so far, in whole seconds, floor.
    pub left_by_day: Vec<DayLeft>,
    /// The line's own credit by the terms: an estimate until the settlement's credit is decided.
    pub credit: Option<Money>,
    /// Data until when: evidence is complete up to here.
    pub as_of: DateTime<Utc>,
    /// How far it is from what it may miss; absent where the window has ended, and where nothing can
    /// be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<Distance>,
}

/// Allowance left at the end of a local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayLeft {
    /// The day.
    pub day: NaiveDate,
    /// Whole seconds, rounded towards less.
    pub left: i64,
}

/// Where a window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowState {
    /// It is running.
    Open,
    /// It has ended; the grace time runs.
    Closing,
    /// The measurement is final: it changes only by a revision (law 4).
    Locked,
}

impl Attainment {
    /// Whether its window is told of in a period: [`crate::statement::ends_in`].
    #[must_use]
    pub fn ends_in(&self, period: &str) -> bool {
        ends_in(&self.window, self.to, period)
    }
}

impl WindowState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Locked => "locked",
        }
    }
}
