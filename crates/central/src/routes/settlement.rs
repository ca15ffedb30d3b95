//! Calculation files, as central computed them.

use super::{Asked, Named, id};
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    store,
};
use axum::{extract::State, http::header, response::IntoResponse};
use makegood_domain::{
    Code, Problem, id::SettlementId, person::Permission, settlement::Settlement,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which revision; the present one without it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The present one without it.
    revision: Option<i64>,
}

/// `GET /v1/settlements/{id}/case?revision=`: the internal edition, with its result.
///
/// # Errors
/// No right to read, or outside the scope; no such settlement or revision.
#[utoipa::path(
    get, path = "/v1/settlements/{id}/case",
    params(("id" = String, Path, format = Uuid, description = "The settlement"), Wanted),
    responses((status = 200, description = "The case, internal edition, with its result", body = Object))
)]
pub async fn case(
    State(app): State<App>,
    asker: Asker,
    Named(settlement): Named,
    Asked(wanted): Asked<Wanted>,
) -> Result<impl IntoResponse, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let key: SettlementId = id(&settlement, "settlement")?;
    let mut conn = app.store().reading().await?;
    let none = || Problem::new(Code::NotFound, format!("there is no settlement {key}"));
    let found = store::get::<Settlement>(&mut conn, key).await?.ok_or_else(none)?.row;
    auth::in_scope(actor, found.customer, "this settlement")?;
    let revision = wanted.revision.unwrap_or(found.revision);
    let text = store::settlement::case_text(&mut conn, found.customer, key, revision).await?;
    let text = text.ok_or_else(|| {
        let why = format!("there is no revision {revision}; the present one is {}", found.revision);
        Problem::new(Code::NotFound, why)
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}
