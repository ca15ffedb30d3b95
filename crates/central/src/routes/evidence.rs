//! Evidence as sources push it: probe logs as CSV, outages and slots as JSON.

use super::{Body, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    ingest::{self, Push, outage, probe_log, slots},
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

/// What may stand behind the path.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// How long a probe's state holds without a new line: `48h`.
    hold: Option<String>,
    /// Do everything, answer, and keep nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What a source delivers concerns whoever has an SLA over it.
fn sender(asker: &Asker) -> Result<&Actor, Problem> {
    let actor = asker.require(Permission::Ingest)?;
    auth::every_customer(actor)?;
    Ok(actor)
}

fn push<'p>(app: &'p App, actor: &Actor, source: &'p str, asked: &Asked) -> Push<'p> {
    Push { store: app.store(), by: Some(actor.person), source, dry_run: asked.dry_run }
}

/// The answer to what was pushed. A refusal is kept with the source, where others see it.
async fn answer<T>(push: &Push<'_>, report: Result<T, Problem>) -> Result<Json<T>, Refusal> {
    if let Err(problem) = &report
        && !push.dry_run
        && let Err(lost) = source::failed(push.store, push.by, push.source, problem).await
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
    Query(asked): Query<Asked>,
    body: Body,
) -> Result<Json<probe_log::Report>, Refusal> {
    let push = push(&app, sender(&asker)?, &name, &asked);
    let unreadable =
        || Problem::new(Code::Invalid, "say how long a state holds: `hold=48h`").at("hold");
    let report = async {
        let hold = asked.hold.as_deref().ok_or_else(unreadable)?;
        let hold = Duration::parse(hold).map_err(|_| unreadable())?;
        probe_log::take(&push, hold.signed_seconds(), &whole(body)?).await
    };
    answer(&push, report.await).await
}

/// `POST /v1/evidence/{source}/outages`, JSON.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the document, by its path.
pub async fn outages(
    State(app): State<App>,
    asker: Asker,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let push = push(&app, sender(&asker)?, &name, &asked);
    let report = async { outage::take(&push, &whole(body)?).await };
    answer(&push, report.await).await
}

/// `POST /v1/evidence/{source}/slots`, JSON.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the document, by its path.
pub async fn slots(
    State(app): State<App>,
    asker: Asker,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let push = push(&app, sender(&asker)?, &name, &asked);
    let report = async { slots::take(&push, &whole(body)?).await };
    answer(&push, report.await).await
}
