//! `POST /v1/import`: customers, contracts, charges, incidents and exclusions, whole or not at all;
//! what money rests on waits for a second person.

use super::{Asked, Body, schema, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    import::{self, Report},
    problem::Refusal,
    proposal::{self, Imported},
};
use axum::{Json, extract::State, http::StatusCode};
use makegood_domain::person::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

/// How it is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Mode {
    /// Only say what would differ.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
}

/// Takes one document `makegood/import/1`: 200 where it took effect (or was only tried), 202 where
/// it waits for a second person.
///
/// # Errors
/// No right to import for every customer; whatever is wrong in the document, by its path.
#[utoipa::path(
    post, path = "/v1/import", params(Mode),
    request_body(content = Object, description = "A document `makegood/import/1`"),
    responses(
        (status = 200, description = "It took effect; tried, with its differences", body = Report),
        (status = 202, description = "It waits for a second person", body = schema::Proposal),
    )
)]
pub async fn import(
    State(app): State<App>,
    asker: Asker,
    Asked(Mode { dry_run }): Asked<Mode>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Import)?;
    auth::every_customer(actor)?;
    let (store, bytes) = (app.store(), whole(body)?);
    if dry_run {
        let preview = import::preview(store, actor.person, &bytes).await?;
        return Ok((StatusCode::OK, Json(json!(preview))));
    }
    Ok(match proposal::import(store, actor.person, &bytes).await? {
        Imported::Applied(report) => (StatusCode::OK, Json(json!(report))),
        Imported::Waiting(made) => (StatusCode::ACCEPTED, Json(super::proposal::shown(&made))),
    })
}
