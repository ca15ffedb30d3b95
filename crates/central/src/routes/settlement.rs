//! Calculation files, as central computed them.

use super::{Asked, Body, Named, id, json, schema};
use crate::{
    app::App,
    auth::{self, Asker},
    beside,
    problem::Refusal,
    store,
};
use axum::{Json, extract::State, http::header, response::IntoResponse};
use makegood_domain::{
    Code, Problem,
    claim::{Beside, LoggedOutage},
    id::SettlementId,
    person::Permission,
    settlement::Settlement,
};
use serde::Deserialize;
use sqlx::AnyConnection;
use utoipa::{IntoParams, ToSchema};

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
    let mut conn = app.store().reading().await?;
    let found = found(&mut conn, &asker, &settlement).await?;
    let key = found.id;
    let revision = wanted.revision.unwrap_or(found.revision);
    let text = store::settlement::case_text(&mut conn, found.customer, key, revision).await?;
    let text = text.ok_or_else(|| {
        let why = format!("there is no revision {revision}; the present one is {}", found.revision);
        Problem::new(Code::NotFound, why)
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}

async fn found(
    conn: &mut AnyConnection,
    asker: &Asker,
    settlement: &str,
) -> Result<Settlement, Problem> {
    let actor = asker.require(Permission::Read)?;
    let key: SettlementId = id(settlement, "settlement")?;
    let none = || Problem::new(Code::NotFound, format!("there is no settlement {key}"));
    let found = store::get::<Settlement>(conn, key).await?.ok_or_else(none)?.row;
    auth::in_scope(actor, found.customer, "this settlement")?;
    Ok(found)
}

/// A customer's own log.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Logged {
    /// At most a thousand outages.
    #[schema(value_type = Vec<schema::LoggedOutage>)]
    log: Vec<LoggedOutage>,
}

/// `POST /v1/settlements/{id}/beside`: a customer's own log of outages beside what was measured. Nothing
/// is kept; that is the claim's matter.
///
/// # Errors
/// No right to read, or outside the scope; no such settlement; a log that can't be laid beside it.
#[utoipa::path(
    post, path = "/v1/settlements/{id}/beside", request_body = Logged,
    params(("id" = String, Path, format = Uuid, description = "The settlement")),
    responses((status = 200, body = schema::Beside))
)]
pub async fn beside(
    State(app): State<App>,
    asker: Asker,
    Named(settlement): Named,
    body: Body,
) -> Result<Json<Beside>, Refusal> {
    let mut conn = app.store().reading().await?;
    let found = found(&mut conn, &asker, &settlement).await?;
    let Logged { log } = json(body)?;
    Ok(Json(beside::of(&mut conn, &found, &log).await?))
}
