//! Alerts, as they stand.

use super::{Asked, schema};
use crate::{app::App, auth::Asker, problem::Refusal, store};
use axum::{Json, extract::State};
use makegood_domain::{alert::Alert, id::AlertId, person::Permission};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Alerts on a page.
const PAGE: usize = 500;

/// Which alerts, and where a page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Those that have ended, too.
    #[serde(default)]
    resolved: bool,
    /// The last id of the page before.
    #[param(value_type = Option<uuid::Uuid>)]
    after: Option<AlertId>,
}

/// A page of alerts.
#[derive(Debug, Serialize)]
pub struct Alerts {
    alerts: Vec<Alert>,
    next: Option<AlertId>,
}

/// `GET /v1/alerts?resolved=&after=`: the alerts in one's scope, oldest first.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(
    get, path = "/v1/alerts", params(Wanted),
    responses((status = 200, body = schema::Alerts))
)]
pub async fn list(
    State(app): State<App>,
    asker: Asker,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Alerts>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let mut conn = app.store().reading().await?;
    let from = (wanted.after, PAGE);
    let mut alerts = store::alert::page(&mut conn, &actor.scope, from, wanted.resolved).await?;
    let next = if alerts.len() > PAGE { alerts.get(PAGE - 1).map(|last| last.id) } else { None };
    alerts.truncate(PAGE);
    Ok(Json(Alerts { alerts, next }))
}
