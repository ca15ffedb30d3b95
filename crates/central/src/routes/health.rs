//! How central itself is: for whoever starts it again, sends it requests, or watches it.

use super::schema::{Alive, Ready};
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
};
use axum::{Json, extract::State, http::header, response::IntoResponse};
use makegood_domain::{Code, Problem, person::Permission};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// `GET /healthz`: the process runs. Nothing else is looked at: a database that is away is no reason
/// to start central again.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Alive)))]
pub async fn alive() -> Json<Value> {
    Json(json!({ "alive": true }))
}

/// `GET /readyz`: requests can be answered.
///
/// # Errors
/// [`Code::NotReady`] where central is ending, the database does not answer, or its tables are not
/// those of this release.
#[utoipa::path(get, path = "/readyz", responses((status = 200, body = Ready)))]
pub async fn ready(State(app): State<App>) -> Result<Json<Value>, Refusal> {
    let not = |why: &str| Refusal(Problem::new(Code::NotReady, why));
    if *app.stopping().borrow() {
        return Err(not("central is ending; ask another"));
    }
    match tokio::time::timeout(PATIENCE, app.store().is_current()).await {
        Ok(Ok(true)) => Ok(Json(json!({ "ready": true }))),
        Ok(Ok(false)) => Err(not("the tables are of another release; update this central")),
        Ok(Err(_)) | Err(_) => Err(not("the database does not answer; see that it runs")),
    }
}

/// `GET /metrics`, for Prometheus, with a token: a personal one of somebody who may read everything.
///
/// # Errors
/// No right to read, or not every customer; the database.
#[utoipa::path(get, path = "/metrics", responses((
    status = 200, body = String, content_type = "application/openmetrics-text"
)))]
pub async fn metrics(State(app): State<App>, asker: Asker) -> Result<impl IntoResponse, Refusal> {
    auth::every_customer(asker.require(Permission::Read)?)?;
    let text = app.metrics().text(app.store()).await?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text))
}
