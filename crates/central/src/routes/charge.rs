//! What is charged for SLA lines: the fees that credits are reckoned from.

use super::{Asked, mrr::no_place};
use crate::{
    app::App,
    auth::Asker,
    problem::Refusal,
    store::charge::{self, InForce, Place},
};
use axum::{Json, extract::State};
use makegood_domain::{Problem, person::Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Charges that are looked at for a page.
const PAGE: usize = 200;

/// Where a page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `next` of the page before.
    after: Option<String>,
}

/// A page of charges.
#[derive(Debug, Serialize, ToSchema)]
pub struct Charges {
    charges: Vec<InForce>,
    /// Give it as `after` for the next page; absent on the last. A page may be short.
    next: Option<String>,
}

/// `GET /v1/charges?after=`: what is charged for SLA lines now or will be, in one's scope; for those who
/// hand tables in.
///
/// # Errors
/// No right to import; a place that no page gave.
#[utoipa::path(get, path = "/v1/charges", params(Wanted), responses((status = 200, body = Charges)))]
pub async fn list(
    State(app): State<App>,
    asker: Asker,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Charges>, Refusal> {
    let actor = asker.require(Permission::Import)?;
    let store = app.store();
    let when = (store.clock().now(), PAGE);
    let after = wanted.after.as_deref().map(place).transpose()?;
    let mut conn = store.reading().await?;
    let (charges, next) = charge::in_force(&mut conn, &actor.scope, after, when).await?;
    Ok(Json(Charges { charges, next: next.map(|(customer, id)| format!("{customer}/{id}")) }))
}

fn place(after: &str) -> Result<Place, Problem> {
    let place = after
        .split_once('/')
        .and_then(|(customer, id)| Some((customer.parse().ok()?, id.parse().ok()?)));
    place.ok_or_else(|| no_place(after))
}
