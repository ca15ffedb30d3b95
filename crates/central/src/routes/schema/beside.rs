//! A customer's own log of outages beside a settlement.

use chrono::{DateTime, Utc};
use utoipa::ToSchema;

/// An outage as the customer's log has it.
#[derive(Debug, ToSchema)]
pub struct LoggedOutage {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// A log beside a calculation file.
#[derive(Debug, ToSchema)]
pub struct Beside {
    pub logged_seconds: i64,
    pub lines: Vec<BesideLine>,
    /// Decimal text in the contract's currency.
    #[schema(example = "3000.00")]
    pub owed_if_right: String,
    #[schema(example = "1200.00")]
    pub owed: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
}

/// A log beside one line.
#[derive(Debug, ToSchema)]
pub struct BesideLine {
    pub sla: String,
    pub agreed_seconds: i64,
    pub disputed_seconds: i64,
    pub excused_seconds: i64,
    pub too_short_seconds: i64,
    pub unobserved_seconds: i64,
    pub outside_seconds: i64,
    pub not_in_log_seconds: i64,
    pub disputed: Vec<LoggedOutage>,
    /// Percent with six decimals, cut off; absent: not measured.
    #[schema(example = "99.785186")]
    pub percent_if_right: Option<String>,
}
