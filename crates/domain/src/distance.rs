//! How far a line of an open window is from what it may miss, and what that would cost.

use chrono::{DateTime, Utc};
use makegood_engine::{
    distance::{self, minutes},
    fraction::{Fraction, cut},
    money::{Money, group_thousands},
};
use serde::{Deserialize, Serialize};

/// Where a line stands while its window is open, at the `as_of` of its attainment. Counts are exact:
/// decimal or fraction text in `unit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distance {
    /// What is counted.
    pub unit: Unit,
    /// What is left of the contracted objective's allowance if nothing further goes wrong; negative
    /// when it is overdrawn.
    pub left: String,
    /// The same of the internal objective, where there is one.
    pub internal_left: Option<String>,
    /// How fast the contracted objective's allowance was used up in this window: at 1 it lasts just
    /// to the end. Absent: an objective of 100 % allows nothing, or nothing was counted yet.
    pub burn_rate: Option<String>,
    /// The same of the internal objective.
    pub internal_burn_rate: Option<String>,
    /// Whether the contracted objective is missed, whatever comes.
    pub missed: bool,
    /// Where the line will stand at the window's end, at the rate of the window so far.
    pub forecast: Option<Forecast>,
    /// What it takes until more is due.
    pub next: Option<Next>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Slots; by their error rates, where the measure is a mean.
    Slots,
    /// Events.
    Events,
}

impl From<distance::Unit> for Unit {
    fn from(unit: distance::Unit) -> Self {
        match unit {
            distance::Unit::Seconds => Self::Seconds,
            distance::Unit::Slots | distance::Unit::Rates => Self::Slots,
            distance::Unit::Events => Self::Events,
        }
    }
}

/// A line at its window's end, if the rest is like the window so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Attainment, cut after six decimals.
    pub percent: String,
    /// What will be bad.
    pub bad: String,
    /// What will be left of the contracted objective's allowance; negative: overdrawn.
    pub left: String,
    /// The same of the internal objective.
    pub internal_left: Option<String>,
    /// Whether the contracted objective will be met.
    pub met: bool,
    /// Whether the internal one will.
    pub internal_met: Option<bool>,
    /// The last second at which something of the contracted objective's allowance is left; absent:
    /// it lasts.
    pub used_up_at: Option<DateTime<Utc>>,
    /// The same of the internal objective.
    pub internal_used_up_at: Option<DateTime<Utc>>,
    /// The line's own credit.
    pub credit: Money,
    /// What the contract will owe; absent where another line of it has no forecast.
    pub owed: Option<Money>,
}

/// The nearest tier or stretch that does not hold yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// How much more must count as bad, exactly.
    pub more: String,
    /// When that could be at the earliest: everything bad from now on. Absent: not in this window,
    /// or nobody knows.
    pub at: Option<DateTime<Utc>>,
    /// The line's own credit then.
    pub credit: Money,
    /// What the contract owes then, its other lines staying as they are.
    pub owed: Money,
}

impl Distance {
    /// Where it leads: `the margin ends 14 Nov 03:12 UTC, €3,000.00 at the end`, `the SLO's margin
    /// ends 20 Nov 10:00 UTC`. Nothing without a forecast.
    #[must_use]
    pub fn outlook(&self) -> Option<String> {
        let forecast = self.forecast.as_ref()?;
        let at = |at: DateTime<Utc>| at.format("%-d %b %H:%M UTC").to_string();
        let ends = match (forecast.used_up_at, forecast.internal_used_up_at) {
            _ if self.missed => "the SLA is missed already".to_owned(),
            (Some(end), _) => format!("the margin ends {}", at(end)),
            (None, Some(end)) => format!("the SLO's margin ends {}", at(end)),
            (None, None) if forecast.met => "the margin lasts".to_owned(),
            (None, None) => "the SLA will be missed".to_owned(),
        };
        Some(match forecast.owed {
            Some(owed) if owed.minor() != 0 => format!("{ends}, {} at the end", owed.symbol()),
            _ => ends,
        })
    }

    /// What it takes until more is due: `12.00 min, then €4,200.00`.
    #[must_use]
    pub fn ahead(&self) -> Option<String> {
        let next = self.next.as_ref()?;
        Some(format!("{}, then {}", self.unit.left(&next.more), next.credit.symbol()))
    }
}

impl Unit {
    /// So many of it, cut so that what is left never looks better: `12.00 min`, `1,234 events`.
    #[must_use]
    pub fn left(self, count: &str) -> String {
        let Some(units) = Fraction::parse(count) else { return count.to_owned() };
        match self {
            Self::Seconds => format!("{} min", minutes(&units)),
            Self::Slots => format!("{} slots", group_thousands(&cut(units.ratio(), 0))),
            Self::Events => format!("{} events", group_thousands(&cut(units.ratio(), 0))),
        }
    }
}

/// A burn rate in words, rounded up, so that it never looks slower: `2.61×`.
#[must_use]
pub fn times(rate: &str) -> String {
    let Some(rate) = Fraction::parse(rate) else { return rate.to_owned() };
    let hundred = Fraction::whole(100);
    let up = (rate.ratio() * hundred.ratio()).ceil() / hundred.ratio();
    format!("{}×", cut(&up, 2))
}
