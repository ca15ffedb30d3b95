//! What a source delivers. Evidence belongs to a series and is only ever added to.

use crate::id::{EvidenceId, SeriesId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A stream of evidence about one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Its id.
    pub id: SeriesId,
    /// Name of the source: internal, never leaves the house.
    pub source: String,
    /// Name of the service at the source; unique per source.
    pub service: String,
}

/// By what a source names what it delivers: a service as a whole, or a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesName {
    /// The service.
    pub service: String,
    /// The path; empty: of all of them.
    pub path: String,
    /// The region; empty: of all of them.
    pub region: String,
}

impl SeriesName {
    /// A service as a whole.
    #[must_use]
    pub fn whole(service: &str) -> Self {
        Self { service: service.to_owned(), ..Self::default() }
    }

    /// Whether it is of one path or region alone.
    #[must_use]
    pub fn is_part(&self) -> bool {
        !(self.path.is_empty() && self.region.is_empty())
    }
}

/// One piece of evidence about a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// The series.
    pub series: SeriesId,
    /// From (half open).
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
    /// When the source saw it.
    pub observed_at: DateTime<Utc>,
    /// When central recorded it.
    pub recorded_at: DateTime<Utc>,
    /// Its place in the order of recording: rises with every piece.
    #[serde(default)]
    pub position: i64,
    /// What it says.
    pub body: EvidenceBody,
}

/// What a piece of evidence says about its span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EvidenceBody {
    /// Wholly or partly down.
    Outage {
        /// Decimal text in (0, 1].
        impact: String,
        /// The source's own name of it: a later piece of that name takes its place. Without one,
        /// its beginning is its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// Nobody measured.
    Unknown,
    /// Runs of alike slots, as docs/format.md's `slots` writes them.
    Slots {
        /// Length of a slot, in seconds.
        slot_seconds: u32,
        /// The runs.
        runs: serde_json::Value,
    },
    /// An earlier piece is withdrawn: it stays on record and no longer counts.
    Withdrawal {
        /// What is withdrawn.
        of: EvidenceId,
        /// Why.
        reason: String,
    },
}

impl EvidenceBody {
    /// The name of its kind, as it is written.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Outage { .. } => "outage",
            Self::Unknown => "unknown",
            Self::Slots { .. } => "slots",
            Self::Withdrawal { .. } => "withdrawal",
        }
    }
}
