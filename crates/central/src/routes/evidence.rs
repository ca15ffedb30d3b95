//! Evidence as sources push it: probe logs as CSV, outages and slots as JSON.

use super::{Body, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    ingest::{self, outage, probe_log, slots},
    problem::Refusal,
    source,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use makegood_domain::{
    Code, Problem,
    person::{Actor, Permission},
};
use makegood_engine::duration::Duration;
use serde::Deserialize;

/// How long a state holds without a new line: `48h`.
#[derive(Debug, Deserialize)]
pub struct Hold {
    hold: Option<String>,
}

/// What a source delivers concerns whoever has an SLA over it.
fn sender(asker: &Asker) -> Result<&Actor, Problem> {
    let actor = asker.require(Permission::Ingest)?;
    auth::every_customer(actor)?;
    Ok(actor)
}

/// The answer to what `actor` sent. A refusal is kept with the source, where others see it.
async fn answer<T>(
    app: &App,
    actor: &Actor,
    name: &str,
    report: Result<T, Problem>,
) -> Result<Json<T>, Refusal> {
    if let Err(problem) = &report
        && let Err(lost) = source::failed(app.store(), Some(actor.person), name, problem).await
    {
        tracing::error!(code = lost.code.as_str(), "a refusal was not kept: {}", lost.message);
    }
    Ok(Json(report?))
}

/// `POST /v1/evidence/{source}/probes?hold=48h`, CSV.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the log, by its line.
pub async fn probes(
    State(app): State<App>,
    asker: Asker,
    Path(name): Path<String>,
    Query(Hold { hold }): Query<Hold>,
    body: Body,
) -> Result<Json<probe_log::Report>, Refusal> {
    let actor = sender(&asker)?;
    let unreadable =
        || Problem::new(Code::Invalid, "say how long a state holds: `hold=48h`").at("hold");
    let report = async {
        let hold = Duration::parse(&hold.ok_or_else(unreadable)?).map_err(|_| unreadable())?;
        let (seconds, bytes) = (hold.signed_seconds(), whole(body)?);
        probe_log::apply(app.store(), actor.person, &name, seconds, &bytes).await
    };
    answer(&app, actor, &name, report.await).await
}

/// `POST /v1/evidence/{source}/outages`, JSON.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the document, by its path.
pub async fn outages(
    State(app): State<App>,
    asker: Asker,
    Path(name): Path<String>,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let actor = sender(&asker)?;
    let report = async { outage::apply(app.store(), actor.person, &name, &whole(body)?).await };
    answer(&app, actor, &name, report.await).await
}

/// `POST /v1/evidence/{source}/slots`, JSON.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the document, by its path.
pub async fn slots(
    State(app): State<App>,
    asker: Asker,
    Path(name): Path<String>,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let actor = sender(&asker)?;
    let report = async { slots::apply(app.store(), actor.person, &name, &whole(body)?).await };
    answer(&app, actor, &name, report.await).await
}
