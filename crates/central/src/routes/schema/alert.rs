//! Alerts.

use super::Distance;
use chrono::{DateTime, Utc};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of alerts.
#[derive(Debug, ToSchema)]
pub struct Alerts {
    pub alerts: Vec<Alert>,
    /// Give it as `after` for the next page; absent on the last.
    pub next: Option<Uuid>,
}

/// A line of an open window is on its way to miss what was promised, or has missed it.
#[derive(Debug, ToSchema)]
pub struct Alert {
    pub id: Uuid,
    #[schema(example = "AL-12")]
    pub number: String,
    pub customer: Uuid,
    pub contract: Uuid,
    pub line: Uuid,
    pub window: String,
    pub attainment: Uuid,
    /// `burn_rate`, `forecast` or `breached`.
    pub kind: String,
    /// `warning` or `critical`.
    pub level: String,
    /// `internal` or `contracted`.
    pub objective: String,
    pub burning: Option<Burning>,
    pub distance: Distance,
    pub as_of: DateTime<Utc>,
    pub first_degraded_at: Option<DateTime<Utc>>,
    pub raised_at: DateTime<Utc>,
    pub time_to_detect_seconds: Option<i64>,
    pub worsened_at: Option<DateTime<Utc>>,
    /// `open` or `resolved`.
    pub state: String,
    pub acknowledged_by: Option<Uuid>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    /// `recovered`, `window_ended` or `not_under_contract`.
    pub resolution: Option<String>,
}

/// How fast the allowance went, in a long and in a short stretch of time.
#[derive(Debug, ToSchema)]
pub struct Burning {
    #[schema(example = "14.4")]
    pub factor: String,
    pub long_seconds: i64,
    pub short_seconds: i64,
    pub long_rate: String,
    pub short_rate: String,
}
