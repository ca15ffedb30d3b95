//! Evidence: what was observed, and what is to be excused.

use crate::decimal::Decimal;
use crate::terms::ExclusionKind;
use chrono::{DateTime, Utc};

pub(crate) mod read;
pub(crate) mod slots;
pub(crate) mod write;

pub use slots::{SlotRun, Slots};

/// What was observed of one line. Which of the lists count depends on the measure: `outages` and
/// `unknown` for `uptime`, `slots` for the others, or `totals` for `requests`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// When it was down, in any order; they may overlap and reach beyond the window.
    pub outages: Vec<Outage>,
    /// When nobody measured.
    pub unknown: Vec<Unknown>,
    /// Runs of alike slots, laid one after the other from the window's first second on.
    pub slots: Slots,
    /// The events of the active time, instead of slots.
    pub totals: Option<Totals>,
    /// What is to be excused, if the terms admit it.
    pub exclusions: Vec<Exclusion>,
}

/// Time in which something was down; half open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// First second.
    pub from: DateTime<Utc>,
    /// End, after `from`.
    pub to: DateTime<Utc>,
    /// How much was down: more than 0, at most 1 (wholly).
    pub impact: Decimal,
}

impl Outage {
    /// Wholly down.
    #[must_use]
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from, to, impact: Decimal::from_integer(1) }
    }
}

/// Time in which nobody measured; half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown {
    /// First second.
    pub from: DateTime<Utc>,
    /// End, after `from`.
    pub to: DateTime<Utc>,
}

/// All events of the active time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Events.
    pub requests: u128,
    /// Bad ones; at most `requests`.
    pub errors: u128,
}

/// Time that is to be excused, if the terms admit it; half open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Why.
    pub kind: ExclusionKind,
    /// First second.
    pub from: DateTime<Utc>,
    /// End, after `from`.
    pub to: DateTime<Utc>,
    /// When the customer was told.
    pub notified_at: Option<DateTime<Utc>>,
}
