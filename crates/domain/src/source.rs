//! Sources: who delivers evidence, how far each has seen, and what went wrong last.

use crate::Problem;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Seconds without news after which a source is late, where its definition says nothing: a day.
pub const LATE_AFTER: i64 = 86_400;

/// How a source's evidence gets here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// It sends what it has.
    Push,
    /// Central asks a Prometheus.
    Prometheus,
}

impl SourceKind {
    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Prometheus => "prometheus",
        }
    }

    /// Reads [`SourceKind::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Push, Self::Prometheus].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Who delivers evidence. Its name stands in the series' key; it never leaves the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// How its evidence gets here.
    pub kind: SourceKind,
    /// What its kind asks for. Secrets are named by their file, and not in here.
    pub settings: serde_json::Value,
    /// After how many seconds without news it is late; more than 0.
    pub late_after_seconds: i64,
    /// From where central asks on; absent for one that pushes.
    pub cursor: Option<DateTime<Utc>>,
    /// Until when it has said what it saw.
    pub seen_until: Option<DateTime<Utc>>,
    /// When it last delivered, or was asked with success.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// When something last went wrong.
    pub failed_at: Option<DateTime<Utc>>,
    /// How often something went wrong since it last succeeded.
    pub failures: i64,
    /// What went wrong last. It stays in sight after a success.
    pub problem: Option<Problem>,
    /// How many names in what it last delivered belong to no SLA line.
    pub ignored: i64,
    /// What of it was set aside.
    pub set_aside: Vec<SetAside>,
}

/// Why something that a source delivered was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsideReason {
    /// It lacks the label of its path or region: it counts for its service as a whole, and in no part.
    NoLabel,
    /// Its path or region is too long for a name, or holds control characters: of that part its slots
    /// are unknown.
    Name,
    /// Its service has as many parts as it may have: of any scope its slots are unknown.
    TooMany,
}

/// What was set aside for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Why.
    pub reason: AsideReason,
    /// How many there were.
    pub count: i64,
    /// The first of them by name: `northwind /v1/orders`.
    pub names: Vec<String>,
}

impl SetAside {
    /// Most names that are told.
    pub const NAMES: usize = 5;

    /// For people: `2 names can't be kept, and their slots are unknown: northwind /v1/…`.
    #[must_use]
    pub fn told(&self) -> String {
        let (count, names) = (self.count, self.names.join(", "));
        let more = usize::try_from(count).is_ok_and(|count| count > self.names.len());
        let names = if more { format!("{names} and others") } else { names };
        match self.reason {
            AsideReason::NoLabel => format!(
                "Without the label of their path or region: {count}. They count for the service as a whole and in no part of it: {names}"
            ),
            AsideReason::Name => format!(
                "Paths or regions whose names are too long or hold control characters: {count}. Where requests came, they are unknown; correct the label: {names}"
            ),
            AsideReason::TooMany => format!(
                "Paths and regions beyond the most a service may have: {count}. Where requests came, every line over parts is unknown; let the label name groups of paths: {names}"
            ),
        }
    }
}

/// Where a source stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// It delivers.
    Ok,
    /// It has said nothing about the last stretch of time.
    Late,
    /// What it did last went wrong.
    Failing,
    /// Nothing has come from it.
    Never,
}

impl SourceState {
    /// As it is written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Late => "late",
            Self::Failing => "failing",
            Self::Never => "never",
        }
    }
}

/// A source as it is shown: no setting of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// Its name.
    pub name: String,
    /// How its evidence gets here.
    pub kind: SourceKind,
    /// Where it stands.
    pub state: SourceState,
    /// Until when it has said what it saw: after that its time is unknown.
    pub seen_until: Option<DateTime<Utc>>,
    /// Seconds since then; absent where it has said nothing.
    pub lag_seconds: Option<i64>,
    /// From which lag on it is late.
    pub late_after_seconds: i64,
    /// When it last delivered.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// When something last went wrong.
    pub failed_at: Option<DateTime<Utc>>,
    /// What that was.
    pub problem: Option<Problem>,
    /// How many names in what it last delivered belong to no SLA line.
    pub ignored: i64,
    /// What of it was set aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
}

impl Source {
    /// Where it stands at `now`. What went wrong outweighs how late it is.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> SourceState {
        match self.lag_seconds(now) {
            _ if self.failures > 0 => SourceState::Failing,
            Some(lag) if lag > self.late_after_seconds => SourceState::Late,
            None if self.succeeded_at.is_none() => SourceState::Never,
            // It was asked, and had nothing to say.
            None => SourceState::Late,
            Some(_) => SourceState::Ok,
        }
    }

    /// Seconds from where it has seen to `now`; 0 where it has seen further.
    #[must_use]
    pub fn lag_seconds(&self, now: DateTime<Utc>) -> Option<i64> {
        self.seen_until.map(|until| (now - until).num_seconds().max(0))
    }

    /// It, as it is shown at `now`.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> SourceStatus {
        SourceStatus {
            name: self.name.clone(),
            kind: self.kind,
            state: self.state(now),
            seen_until: self.seen_until,
            lag_seconds: self.lag_seconds(now),
            late_after_seconds: self.late_after_seconds,
            succeeded_at: self.succeeded_at,
            failed_at: self.failed_at,
            problem: self.problem.clone(),
            ignored: self.ignored,
            set_aside: self.set_aside.clone(),
        }
    }
}
