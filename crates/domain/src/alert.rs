//! Alerts: a line of an open window is on its way to miss what was promised, or has missed it.

use crate::{
    distance::{Distance, times},
    id::{AlertId, AttainmentId, ContractId, CustomerId, PersonId, SlaLineId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An alert. There is one per line, window and kind while its condition lasts; what comes again
/// later is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Number to show: `AL-12`.
    pub number: String,
    /// The customer.
    pub customer: CustomerId,
    /// The contract.
    pub contract: ContractId,
    /// The line.
    pub line: SlaLineId,
    /// Label of the window.
    pub window: String,
    /// What the line has reached in it.
    pub attainment: AttainmentId,
    /// What it warns of.
    pub kind: AlertKind,
    /// How urgent it is: the worst that it has been.
    pub level: AlertLevel,
    /// By which objective.
    pub objective: Objective,
    /// How fast the allowance went; only where that is what it warns of.
    pub burning: Option<Burning>,
    /// How the line stood when it was raised, or last became worse.
    pub distance: Distance,
    /// Until when the evidence was complete then.
    pub as_of: DateTime<Utc>,
    /// When that which it rests on first went wrong; absent where the evidence does not say.
    pub first_degraded_at: Option<DateTime<Utc>>,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// From the one to the other, in seconds.
    pub time_to_detect_seconds: Option<i64>,
    /// When it last became worse.
    pub worsened_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: AlertState,
    /// Who took note of it, as bad as it is now.
    pub acknowledged_by: Option<PersonId>,
    /// When.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// What they wrote; internal.
    pub note: Option<String>,
    /// When it ended.
    pub resolved_at: Option<DateTime<Utc>>,
    /// How.
    pub resolution: Option<Resolution>,
}

/// What an alert warns of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The allowance is being used up too fast.
    BurnRate,
    /// At the rate of the window so far an objective will be missed.
    Forecast,
    /// The contracted objective is missed, whatever comes.
    Breached,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::BurnRate, Self::Forecast, Self::Breached];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BurnRate => "burn_rate",
            Self::Forecast => "forecast",
            Self::Breached => "breached",
        }
    }
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertLevel {
    /// Somebody should look within the day.
    Warning,
    /// Somebody should look now.
    Critical,
}

impl AlertLevel {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Reads [`AlertLevel::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Warning, Self::Critical].into_iter().find(|level| level.as_str() == text)
    }
}

/// By which objective a line is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// By the internal one (on screens: SLO).
    Internal,
    /// By the contracted one.
    Contracted,
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Its condition lasts.
    Open,
    /// It has ended.
    Resolved,
}

impl AlertState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }
}

/// How an alert ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Its condition no longer holds, by a margin.
    Recovered,
    /// The window has ended: what it came to is the attainment's and the breach's to say.
    WindowEnded,
    /// The line is no longer under contract in this window.
    NotUnderContract,
}

impl Resolution {
    /// In words: `recovered`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::WindowEnded => "the window ended",
            Self::NotUnderContract => "no longer under contract",
        }
    }
}

impl Alert {
    /// What it warns of: `The SLO will be missed at this rate`.
    #[must_use]
    pub fn headline(&self) -> String {
        let what = match self.objective {
            Objective::Internal => "SLO",
            Objective::Contracted => "SLA",
        };
        match self.kind {
            AlertKind::BurnRate => {
                format!("The downtime allowance of the {what} is being used up too fast")
            }
            AlertKind::Forecast => format!("The {what} will be missed at this rate"),
            AlertKind::Breached => format!("The {what} is missed already"),
        }
    }

    /// What it rests on: `14.50× too fast over 1 h 02 min, 14.50× over 6 min; the margin ends
    /// 14 Nov 03:12 UTC, €3,000.00 at the end`.
    #[must_use]
    pub fn detail(&self) -> String {
        let burns = self.burning.as_ref().map(|burning| {
            format!(
                "{} too fast over {}, {} over {}",
                times(&burning.long_rate),
                lasting(burning.long_seconds),
                times(&burning.short_rate),
                lasting(burning.short_seconds)
            )
        });
        [burns, self.distance.outlook()].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// `5 min`, `2 h 05 min`, `3 d 2 h`: rounded up to the minute, so that it never looks quicker.
#[must_use]
pub fn lasting(seconds: i64) -> String {
    let minutes = seconds.max(0).div_euclid(60) + i64::from(seconds.max(0) % 60 > 0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes:02} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Two stretches of time in which the allowance went too fast: a long one, in which enough was lost
/// to matter, and a short one, which shows that it still goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burning {
    /// How many times too fast it had to be: `14.4`.
    pub factor: String,
    /// The long stretch, in seconds.
    pub long_seconds: i64,
    /// The short one, in seconds.
    pub short_seconds: i64,
    /// The burn rate in the long one, exactly.
    pub long_rate: String,
    /// The burn rate in the short one.
    pub short_rate: String,
}

/// A pair of look-backs and the burn rate that is too much in both: a row of the table in Google's
/// SRE workbook (chapter 5, multiwindow, multi-burn-rate alerts), which is for 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// Tenths of the burn rate.
    pub tenths: i64,
    long: i64,
    short: i64,
    /// How urgent it is.
    pub level: AlertLevel,
}

const HOUR: i64 = 3600;
const THIRTY_DAYS: i64 = 30 * 24 * HOUR;

impl Rung {
    /// The table, steepest first.
    pub const ALL: [Self; 4] = [
        Self { tenths: 144, long: HOUR, short: 300, level: AlertLevel::Critical },
        Self { tenths: 60, long: 6 * HOUR, short: 1800, level: AlertLevel::Critical },
        Self { tenths: 30, long: 24 * HOUR, short: 2 * HOUR, level: AlertLevel::Warning },
        Self { tenths: 10, long: 72 * HOUR, short: 6 * HOUR, level: AlertLevel::Warning },
    ];

    /// The long and the short look-back in a window of so many seconds, in whole seconds: the same
    /// shares of it as in 30 days, so that a rung is the same share of the allowance in every window.
    #[must_use]
    pub fn look_backs(self, window_seconds: i64) -> (i64, i64) {
        let scaled = |seconds: i64| {
            let exact = i128::from(seconds) * i128::from(window_seconds.max(0));
            let up = (exact + i128::from(THIRTY_DAYS) - 1) / i128::from(THIRTY_DAYS);
            i64::try_from(up).unwrap_or(i64::MAX).max(1)
        };
        (scaled(self.long), scaled(self.short))
    }

    /// The burn rate as text: `14.4`.
    #[must_use]
    pub fn factor(self) -> String {
        match (self.tenths / 10, self.tenths % 10) {
            (whole, 0) => whole.to_string(),
            (whole, tenth) => format!("{whole}.{tenth}"),
        }
    }
}
