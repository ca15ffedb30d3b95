//! What customers pay in a month.

use super::{After, Asked, no_place};
use crate::{app::App, auth::Asker, problem::Refusal, store::mrr};
use axum::{Json, extract::State};
use makegood_domain::{id::CustomerId, person::Permission};
use serde::Serialize;
use utoipa::ToSchema;

/// Months on a page.
const PAGE: usize = 200;

/// A customer's month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerMrr)]
pub struct Month {
    #[schema(value_type = uuid::Uuid)]
    customer: CustomerId,
    /// `2026-10`.
    month: String,
    /// Decimal text.
    amount: String,
    /// ISO 4217.
    currency: String,
}

/// A page of months.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revenue)]
pub struct Page {
    months: Vec<Month>,
    /// Give it as `after` for the next page; absent on the last.
    next: Option<String>,
}

/// `GET /v1/mrr?after=`: what customers in one's scope pay, month by month; for those who hand tables in.
///
/// # Errors
/// No right to import; a place that no page gave.
#[utoipa::path(get, path = "/v1/mrr", params(After), responses((status = 200, body = Page)))]
pub async fn list(
    State(app): State<App>,
    asker: Asker,
    Asked(wanted): Asked<After>,
) -> Result<Json<Page>, Refusal> {
    let actor = asker.require(Permission::Import)?;
    let after = match &wanted.after {
        None => ("", ""),
        Some(after) => after
            .split_once('/')
            .filter(|(customer, month)| {
                customer.parse::<CustomerId>().is_ok()
                    && month.chars().all(|one| one.is_ascii_digit() || one == '-')
            })
            .ok_or_else(|| no_place(after))?,
    };
    let mut conn = app.store().reading().await?;
    let mut found = mrr::page(&mut conn, &actor.scope, after, PAGE + 1).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next =
        found.last().filter(|_| more).map(|(customer, month, _)| format!("{customer}/{month}"));
    let month = |(customer, month, amount): (CustomerId, String, makegood_domain::Money)| Month {
        customer,
        month,
        amount: amount.to_decimal_string(),
        currency: amount.currency().to_string(),
    };
    Ok(Json(Page { months: found.into_iter().map(month).collect(), next }))
}
