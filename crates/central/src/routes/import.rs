//! `POST /v1/import`: customers, contracts, charges, incidents and exclusions, whole or not at all.

use super::{Body, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    import::{self, Report},
    problem::Refusal,
};
use axum::{Json, extract::State};
use makegood_domain::person::Permission;

/// Takes one document `makegood/import/1`.
///
/// # Errors
/// No right to import for every customer; whatever is wrong in the document, by its path.
#[utoipa::path(
    post, path = "/v1/import",
    request_body(content = Object, description = "A document `makegood/import/1`"),
    responses((status = 200, body = Report))
)]
pub async fn import(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<Json<Report>, Refusal> {
    let actor = asker.require(Permission::Import)?;
    auth::every_customer(actor)?;
    Ok(Json(import::apply(app.store(), actor.person, &whole(body)?).await?))
}
