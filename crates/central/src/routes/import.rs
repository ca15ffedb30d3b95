//! `POST /v1/import`: customers, contracts, charges, incidents and exclusions, whole or not at all;
//! what money rests on waits for a second person.

use super::{Body, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    import,
    problem::Refusal,
    proposal::{self, Imported},
};
use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use makegood_domain::person::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

/// How it is meant.
#[derive(Debug, Deserialize)]
pub struct Mode {
    /// Only say what would differ.
    #[serde(default)]
    dry_run: bool,
}

/// Takes one document `makegood/import/1`: 200 where it took effect (or was only tried), 202 where
/// it waits for a second person.
///
/// # Errors
/// No right to import for every customer; whatever is wrong in the document, by its path.
pub async fn import(
    State(app): State<App>,
    asker: Asker,
    Query(Mode { dry_run }): Query<Mode>,
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
