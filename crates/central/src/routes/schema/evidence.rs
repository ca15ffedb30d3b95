//! Evidence as it is pushed.
#![allow(missing_docs, reason = "what each field means stands at the type that it describes")]

use chrono::{DateTime, Utc};
use utoipa::ToSchema;

/// Outages and unmeasured time.
#[derive(Debug, ToSchema)]
pub struct Outages {
    #[schema(required = false)]
    pub outages: Vec<Outage>,
    #[schema(required = false)]
    pub unknown: Vec<Gap>,
    /// What never was, or was another's: it stays on record and no longer counts.
    #[schema(required = false)]
    pub withdrawn: Vec<Withdrawn>,
    /// Until when the source has watched, whatever it saw.
    pub seen_until: Option<DateTime<Utc>>,
}

/// An outage or a gap that is taken back: name one of the three.
#[derive(Debug, ToSchema)]
pub struct Withdrawn {
    pub service: String,
    /// Of one path of it alone.
    #[schema(required = false, example = "/v1/orders")]
    pub path: String,
    /// Of one region alone.
    #[schema(required = false, example = "eu-1")]
    pub region: String,
    /// The reference of an outage.
    pub outage: Option<String>,
    /// Where an outage begins that has no reference.
    pub outage_from: Option<DateTime<Utc>>,
    /// Where a gap begins.
    pub unknown_from: Option<DateTime<Utc>>,
    /// Why; it stays in the house.
    #[schema(min_length = 1)]
    pub reason: String,
    pub observed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, ToSchema)]
pub struct Outage {
    pub service: String,
    /// Of one path of it alone.
    #[schema(required = false, example = "/v1/orders")]
    pub path: String,
    /// Of one region alone.
    #[schema(required = false, example = "eu-1")]
    pub region: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// More than 0 and at most 1: decimal text.
    #[schema(example = "0.5")]
    pub impact: Option<String>,
    /// The source's name of it, by which it is corrected.
    pub reference: Option<String>,
    pub observed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, ToSchema)]
pub struct Gap {
    pub service: String,
    /// Of one path of it alone.
    #[schema(required = false, example = "/v1/orders")]
    pub path: String,
    /// Of one region alone.
    #[schema(required = false, example = "eu-1")]
    pub region: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub observed_at: Option<DateTime<Utc>>,
}

/// Blocks of slots: runs as the case format writes them, or lists with a number for each slot.
#[derive(Debug, ToSchema)]
pub struct Slots {
    pub slots: Vec<Block>,
}

#[derive(Debug, ToSchema)]
pub struct Block {
    pub service: String,
    /// Of one path of it alone.
    #[schema(required = false, example = "/v1/orders")]
    pub path: String,
    /// Of one region alone.
    #[schema(required = false, example = "eu-1")]
    pub region: String,
    #[schema(minimum = 1)]
    pub slot_seconds: u32,
    pub start: DateTime<Utc>,
    pub observed_at: Option<DateTime<Utc>>,
    /// Alike slots in a row, one run after the other; without the lists below.
    pub runs: Option<Vec<Run>>,
    /// Requests of each slot.
    pub requests: Option<Vec<u64>>,
    /// Errors of each slot.
    pub errors: Option<Vec<u64>>,
}

/// Alike slots in a row. A run without figures takes back what was said of its slots: they are unknown.
#[derive(Debug, ToSchema)]
pub struct Run {
    #[schema(required = false, minimum = 1)]
    pub count: u32,
    pub requests: Option<u64>,
    pub errors: Option<u64>,
    pub value: Option<String>,
}
