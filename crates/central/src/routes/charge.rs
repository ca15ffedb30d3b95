//! What is charged for SLA lines: the fees that credits are reckoned from.

use super::Asked;
use crate::{
    app::App,
    auth::Asker,
    problem::Refusal,
    store::charge::{self, InForce},
};
use axum::{Json, extract::State};
use makegood_domain::{id::ChargeId, person::Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Charges that are looked at for a page.
const PAGE: usize = 200;

/// Where a page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `next` of the page before.
    #[param(value_type = Option<uuid::Uuid>)]
    after: Option<ChargeId>,
}

/// A page of charges.
#[derive(Debug, Serialize, ToSchema)]
pub struct Charges {
    charges: Vec<InForce>,
    /// Give it as `after` for the next page; absent on the last. A page may be short.
    #[schema(value_type = Option<uuid::Uuid>)]
    next: Option<ChargeId>,
}

/// `GET /v1/charges?after=`: what is charged for SLA lines now or will be, in one's scope; for those who
/// hand tables in.
///
/// # Errors
/// No right to import.
#[utoipa::path(get, path = "/v1/charges", params(Wanted), responses((status = 200, body = Charges)))]
pub async fn list(
    State(app): State<App>,
    asker: Asker,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Charges>, Refusal> {
    let actor = asker.require(Permission::Import)?;
    let store = app.store();
    let when = (store.clock().now(), PAGE);
    let mut conn = store.reading().await?;
    let (charges, next) = charge::in_force(&mut conn, &actor.scope, wanted.after, when).await?;
    Ok(Json(Charges { charges, next }))
}
