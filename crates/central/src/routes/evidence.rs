//! Evidence as sources push it: probe logs as CSV, outages and slots as JSON, exports of incidents,
//! and calendars of maintenance.

use super::{Asked, Body, Named, schema, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    ingest::{self, Push, calendar, outage, pagerduty, probe_log, slots, statuspage},
    problem::Refusal,
    source,
};
use axum::{Json, extract::State};
use makegood_domain::{
    Code, Problem,
    person::{Actor, Permission},
};
use makegood_engine::{duration::Duration, instant::parse_instant};
use serde::Deserialize;
use utoipa::IntoParams;

/// What may stand behind the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Manner {
    /// Of a probe log: how long a state holds without a new line.
    #[param(example = "48h")]
    hold: Option<String>,
    /// Do everything, answer, and keep nothing.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
    /// Of a calendar: from when on.
    from: Option<String>,
    /// Of a calendar: until when.
    to: Option<String>,
    /// Of a calendar: the zone of times that name none.
    zone: Option<String>,
}

/// What a source delivers concerns whoever has an SLA over it.
fn sender(asker: &Asker) -> Result<&Actor, Problem> {
    let actor = asker.require(Permission::Ingest)?;
    auth::every_customer(actor)?;
    Ok(actor)
}

fn push<'p>(app: &'p App, actor: &Actor, source: &'p str, asked: &Manner) -> Push<'p> {
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
#[utoipa::path(
    post, path = "/v1/evidence/{source}/probes",
    params(("source" = String, Path, description = "Whose evidence it is"), Manner),
    request_body(content = String, content_type = "text/csv",
        description = "Columns `service`, `observed_at`, `state`, and, where parts of a service are probed, `path` and `region`"),
    responses((status = 200, body = probe_log::Report))
)]
pub async fn probes(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    Asked(asked): Asked<Manner>,
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
#[utoipa::path(
    post, path = "/v1/evidence/{source}/outages",
    params(("source" = String, Path, description = "Whose evidence it is"), Manner),
    request_body(content = schema::Outages),
    responses((status = 200, body = ingest::Report))
)]
pub async fn outages(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    Asked(asked): Asked<Manner>,
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
#[utoipa::path(
    post, path = "/v1/evidence/{source}/slots",
    params(("source" = String, Path, description = "Whose evidence it is"), Manner),
    request_body(content = schema::Slots),
    responses((status = 200, body = ingest::Report))
)]
pub async fn slots(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    Asked(asked): Asked<Manner>,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let push = push(&app, sender(&asker)?, &name, &asked);
    let report = async { slots::take(&push, &whole(body)?).await };
    answer(&push, report.await).await
}

/// `POST /v1/evidence/{source}/statuspage`: what `/api/v2/incidents.json` of a status page gives.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the export, by its path.
#[utoipa::path(
    post, path = "/v1/evidence/{source}/statuspage",
    params(("source" = String, Path, description = "Whose evidence it is"), Manner),
    request_body(content = Object, description = "What `/api/v2/incidents.json` gives"),
    responses((status = 200, body = ingest::Report))
)]
pub async fn incidents_of_statuspage(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    Asked(asked): Asked<Manner>,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let push = push(&app, sender(&asker)?, &name, &asked);
    let report = async { statuspage::take(&push, &whole(body)?).await };
    answer(&push, report.await).await
}

/// `POST /v1/evidence/{source}/pagerduty`: what PagerDuty's `/incidents` gives.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the export, by its path.
#[utoipa::path(
    post, path = "/v1/evidence/{source}/pagerduty",
    params(("source" = String, Path, description = "Whose evidence it is"), Manner),
    request_body(content = Object, description = "What PagerDuty's `/incidents` gives"),
    responses((status = 200, body = ingest::Report))
)]
pub async fn incidents_of_pagerduty(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    Asked(asked): Asked<Manner>,
    body: Body,
) -> Result<Json<ingest::Report>, Refusal> {
    let push = push(&app, sender(&asker)?, &name, &asked);
    let report = async { pagerduty::take(&push, &whole(body)?).await };
    answer(&push, report.await).await
}

/// `POST /v1/evidence/{source}/calendar?from=…&to=…&zone=…`, iCalendar: its maintenance is proposed
/// for exclusion, and admitted by nobody yet.
///
/// # Errors
/// No right to send evidence; whatever is wrong in the calendar, by its event.
#[utoipa::path(
    post, path = "/v1/evidence/{source}/calendar",
    params(("source" = String, Path, description = "Whose evidence it is"), Manner),
    request_body(content = String, content_type = "text/calendar"),
    responses((status = 200, body = calendar::Report))
)]
pub async fn maintenance(
    State(app): State<App>,
    asker: Asker,
    Named(name): Named,
    Asked(asked): Asked<Manner>,
    body: Body,
) -> Result<Json<calendar::Report>, Refusal> {
    let push = push(&app, sender(&asker)?, &name, &asked);
    let report = async {
        let wanted = |name: &str, text: Option<&str>| {
            let unreadable = || {
                let why = format!("say which time is asked for: `{name}=2026-10-01T00:00:00Z`");
                Problem::new(Code::Invalid, why).at(name)
            };
            text.and_then(parse_instant).ok_or_else(unreadable)
        };
        let window = (wanted("from", asked.from.as_deref())?, wanted("to", asked.to.as_deref())?);
        calendar::take(&push, window, asked.zone.as_deref(), &whole(body)?).await
    };
    answer(&push, report.await).await
}
