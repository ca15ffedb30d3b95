//! Where the evidence comes from, and how each source is doing.

use super::schema;
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    source,
};
use axum::{Json, extract::State};
use makegood_domain::{person::Permission, source::SourceStatus};
use serde::Serialize;

/// What is answered.
#[derive(Debug, Serialize)]
pub struct Sources {
    sources: Vec<SourceStatus>,
}

/// `GET /v1/sources`: for those who send evidence or administer.
///
/// # Errors
/// Neither right; a scope that holds some customers only: sources tell of all.
#[utoipa::path(
    get, path = "/v1/sources",
    responses((status = 200, body = schema::Sources))
)]
pub async fn sources(State(app): State<App>, asker: Asker) -> Result<Json<Sources>, Refusal> {
    let actor =
        asker.require(Permission::Ingest).or_else(|_| asker.require(Permission::Administer))?;
    auth::every_customer(actor)?;
    Ok(Json(Sources { sources: source::statuses(app.store()).await? }))
}
