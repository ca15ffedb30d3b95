//! Evidence as sources push it: probe logs as CSV, outages and slots as JSON.

use super::{Asked, Body, Named, schema, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    ingest::{self, outage, probe_log, slots},
    problem::Refusal,
};
use axum::{Json, extract::State};
use makegood_domain::{
    Code, Problem,
    person::{Actor, Permission},
};
use makegood_engine::duration::Duration;
use serde::Deserialize;
use utoipa::IntoParams;

/// How long a state holds without a new line: `48h`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Hold {
    /// How long a state holds without a new line: `48h`.
    #[param(required = true, example = "48h")]
    hold: Option<String>,
}

/// What a source delivers concerns whoever has an SLA over it.
fn source(asker: &Asker) -> Result<&Actor, Problem> {
    let actor = asker.require(Permission::Ingest)?;
    auth::every_customer(actor)?;
    Ok(actor)
}

/// `POST /v1/evidence/{source}/probes?hold=48h`, CSV.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the log, by its line.
#[utoipa::path(
    post, path = "/v1/evidence/{source}/probes",
    params(("source" = String, Path, description = "Whose evidence it is"), Hold),
    request_body(content = String, content_type = "text/csv",
        description = "Columns `service`, `observed_at`, `state`"),
    responses((status = 200, body = probe_log::Report))
)]
pub async fn probes(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    Asked(Hold { hold }): Asked<Hold>,
    body: Body,
) -> Result<Json<probe_log::Report>, Refusal> {
    let actor = source(&asker)?;
    let unreadable =
        || Problem::new(Code::Invalid, "say how long a state holds: `hold=48h`").at("hold");
    let hold = Duration::parse(&hold.ok_or_else(unreadable)?).map_err(|_| unreadable())?;
    let (seconds, bytes) = (hold.signed_seconds(), whole(body)?);
    Ok(Json(probe_log::apply(app.store(), actor.person, &name, seconds, &bytes).await?))
}

/// `POST /v1/evidence/{source}/outages`, JSON.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the document, by its path.
#[utoipa::path(
    post, path = "/v1/evidence/{source}/outages",
    params(("source" = String, Path, description = "Whose evidence it is")),
    request_body(content = schema::Outages),
    responses((status = 200, body = ingest::Report))
)]
pub async fn outages(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let actor = source(&asker)?;
    Ok(Json(outage::apply(app.store(), actor.person, &name, &whole(body)?).await?))
}

/// `POST /v1/evidence/{source}/slots`, JSON.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the document, by its path.
#[utoipa::path(
    post, path = "/v1/evidence/{source}/slots",
    params(("source" = String, Path, description = "Whose evidence it is")),
    request_body(content = schema::Slots),
    responses((status = 200, body = ingest::Report))
)]
pub async fn slots(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let actor = source(&asker)?;
    Ok(Json(slots::apply(app.store(), actor.person, &name, &whole(body)?).await?))
}
