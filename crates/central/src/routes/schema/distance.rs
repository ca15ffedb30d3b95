//! Open windows, and how far their lines are from what they may miss.

use chrono::{DateTime, Utc};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of lines whose windows are open.
#[derive(Debug, ToSchema)]
pub struct OpenLines {
    pub lines: Vec<OpenLine>,
    /// Give it as `after` for the next page; absent on the last.
    pub next: Option<Uuid>,
}

/// What a line has reached so far; amounts as `{"minor": "120000", "currency": "EUR"}`.
#[derive(Debug, ToSchema)]
pub struct OpenLine {
    pub id: Uuid,
    pub customer: Uuid,
    pub contract: Uuid,
    pub line: Uuid,
    #[schema(example = "2026-10")]
    pub window: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub state: String,
    pub settlement: Option<Uuid>,
    pub revision: i64,
    pub attainment: Option<String>,
    pub percent: Option<String>,
    pub met: Option<bool>,
    pub internal_met: Option<bool>,
    pub total: String,
    pub bad: String,
    pub excused: String,
    pub unknown_seconds: i64,
    pub allowance: Option<String>,
    pub allowance_left: Option<String>,
    /// `{"day", "left"}`: whole seconds.
    pub left_by_day: Vec<Value>,
    pub credit: Option<Value>,
    pub as_of: DateTime<Utc>,
    #[schema(required = false)]
    pub distance: Option<Distance>,
}

/// How far a line is from what it may miss; counts are exact decimal or fraction text in `unit`.
#[derive(Debug, ToSchema)]
pub struct Distance {
    /// `seconds`, `slots` or `events`.
    pub unit: String,
    pub left: String,
    pub internal_left: Option<String>,
    /// At 1 the allowance lasts just to the window's end.
    pub burn_rate: Option<String>,
    pub internal_burn_rate: Option<String>,
    /// The contracted objective is missed, whatever comes.
    pub missed: bool,
    pub forecast: Option<Forecast>,
    pub next: Option<NextTier>,
}

/// The line at its window's end, if the rest is like the window so far.
#[derive(Debug, ToSchema)]
pub struct Forecast {
    pub percent: String,
    pub bad: String,
    pub left: String,
    pub internal_left: Option<String>,
    pub met: bool,
    pub internal_met: Option<bool>,
    pub used_up_at: Option<DateTime<Utc>>,
    pub internal_used_up_at: Option<DateTime<Utc>>,
    #[schema(value_type = Object)]
    pub credit: Value,
    pub owed: Option<Value>,
}

/// The nearest tier that does not hold yet.
#[derive(Debug, ToSchema)]
pub struct NextTier {
    pub more: String,
    pub at: Option<DateTime<Utc>>,
    #[schema(value_type = Object)]
    pub credit: Value,
    #[schema(value_type = Object)]
    pub owed: Value,
}
