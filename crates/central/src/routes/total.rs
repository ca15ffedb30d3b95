//! `GET /v1/customers/{id}/totals`: what was measured for a customer, by month.

use super::{Asked, Named, id};
use crate::{
    app::App,
    auth::{self, Asker},
    ingest::{days, sealing, total},
    problem::Refusal,
    store::total::OfSeries,
};
use axum::{Json, extract::State};
use chrono::{DateTime, Months, NaiveDate, Utc};
use makegood_domain::{Code, Problem, id::CustomerId, person::Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which months.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The first month; eleven before the last without it.
    #[param(example = "2026-01")]
    from: Option<String>,
    /// The last month; the present one without it.
    #[param(example = "2026-12")]
    to: Option<String>,
}

/// What was measured in these months.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    /// Until when slots are counted (UTC): the days before are settled.
    until: DateTime<Utc>,
    /// By service and month; a month of which no slot was seen is not among them.
    totals: Vec<MonthTotal>,
}

/// What one path of a service came to in a month (UTC).
#[derive(Debug, Serialize, ToSchema)]
pub struct MonthTotal {
    /// Name of the source.
    source: String,
    /// Name of the service at the source.
    service: String,
    /// The path; empty where the source has none.
    path: String,
    /// The region; empty where the source has none.
    region: String,
    /// The month.
    #[schema(example = "2026-10")]
    month: String,
    /// Requests without an error: a whole number as text.
    #[schema(example = "8920012")]
    good: String,
    /// All requests: a whole number as text.
    #[schema(example = "8928000")]
    total: String,
    /// How many slots were seen: a whole number as text.
    #[schema(example = "8640")]
    slots: String,
    /// Seconds of the month, up to `until`, of which no slot was seen.
    unknown_seconds: i64,
}

/// `GET /v1/customers/{id}/totals?from=2026-01&to=2026-12`, of the series that the customer's SLA
/// lines name.
///
/// # Errors
/// No right to read, or outside the scope; a month that is none.
#[utoipa::path(
    get, path = "/v1/customers/{id}/totals",
    params(("id" = String, Path, format = Uuid, description = "The customer"), Wanted),
    responses((status = 200, body = Totals))
)]
pub async fn totals(
    State(app): State<App>,
    asker: Asker,
    Named(customer): Named,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Totals>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let customer: CustomerId = id(&customer, "customer")?;
    auth::in_scope(actor, customer, "this customer")?;
    let now = app.store().clock().now();
    let (from, to) = (month("from", wanted.from)?, month("to", wanted.to)?);
    let last = to.unwrap_or_else(|| total::month_of(now.date_naive()));
    let months = (from.unwrap_or(last - 11), last + 1);
    let until = crate::store::instant(sealing::settled_until(now.timestamp()))?;
    let mut conn = app.store().reading().await?;
    let found = crate::store::total::of_customer(&mut conn, customer, months).await?;
    let totals = found.into_iter().map(|one| stated(one, until)).collect::<Result<_, _>>()?;
    Ok(Json(Totals { until, totals }))
}

/// A month as it is asked for, as it is counted.
fn month(name: &str, text: Option<String>) -> Result<Option<i64>, Problem> {
    let Some(text) = text else { return Ok(None) };
    // Years of four digits alone, so that nothing is read but what is written so.
    let plain = text.len() == 7 && text.starts_with(|first: char| first.is_ascii_digit());
    let first = plain.then(|| format!("{text}-01").parse::<NaiveDate>().ok()).flatten();
    first.map(|first| Some(total::month_of(first))).ok_or_else(|| {
        let why = format!("{name} is no month; write `{name}=2026-10`");
        Problem::new(Code::Invalid, why).at(name)
    })
}

fn stated(one: OfSeries, until: DateTime<Utc>) -> Result<MonthTotal, Problem> {
    let outside = || Problem::new(Code::Internal, "a total lies outside the calendar");
    let year = i32::try_from(one.month.div_euclid(12)).map_err(|_| outside())?;
    let number = u32::try_from(one.month.rem_euclid(12) + 1).map_err(|_| outside())?;
    let first = NaiveDate::from_ymd_opt(year, number, 1).ok_or_else(outside)?;
    let next = first.checked_add_months(Months::new(1)).ok_or_else(outside)?;
    let length = (next - first).num_days() * days::DAY;
    let since = until.timestamp() - first.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    let seen = i64::try_from(one.total.seconds).unwrap_or(i64::MAX);
    Ok(MonthTotal {
        source: one.source,
        service: one.service,
        path: one.path,
        region: one.region,
        month: first.format("%Y-%m").to_string(),
        good: one.total.good.to_string(),
        total: one.total.requests.to_string(),
        slots: one.total.slots.to_string(),
        unknown_seconds: since.clamp(0, length).saturating_sub(seen).max(0),
    })
}
