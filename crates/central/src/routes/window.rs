//! Windows: those that are open, what the schedule does, by hand, and what is left to do before they
//! lock.

use super::{Asked, Body, json, schema, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    checklist::{self, Item},
    close::{self, Report, Until},
    problem::Refusal,
    store,
};
use axum::{Json, extract::State};
use makegood_domain::{attainment::Attainment, id::AttainmentId, person::Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Lines on a page.
const PAGE: usize = 500;

/// How far to go.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Closing)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Days of grace this time; the house's own without it.
    grace_days: Option<u16>,
}

/// Opens, closes and locks every window that is due.
///
/// # Errors
/// No right to close; the database.
#[utoipa::path(
    post, path = "/v1/windows/close", request_body = Option<Wanted>,
    responses((status = 200, body = Report))
)]
pub async fn close(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<Json<Report>, Refusal> {
    let actor = asker.require(Permission::Close)?;
    auth::every_customer(actor)?;
    let bytes = whole(body)?;
    let wanted: Wanted = if bytes.is_empty() { Wanted::default() } else { json(Ok(bytes))? };
    let grace_days = wanted.grace_days.unwrap_or(app.config().grace_days);
    let until = Until { now: app.store().clock().now(), grace_days };
    Ok(Json(close::turn(app.store(), Some(actor.person), until).await?))
}

/// `GET /v1/windows/checklist`: what is left to do before the windows that are closing lock.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(get, path = "/v1/windows/checklist", responses((status = 200, body = Vec<Item>)))]
pub async fn checklist(State(app): State<App>, asker: Asker) -> Result<Json<Vec<Item>>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let grace_days = app.config().grace_days;
    Ok(Json(checklist::checklist(app.store(), actor, grace_days).await?))
}

/// Where a page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// The last id of the page before.
    #[param(value_type = Option<uuid::Uuid>)]
    after: Option<AttainmentId>,
}

/// A page of open lines.
#[derive(Debug, Serialize)]
pub struct Open {
    lines: Vec<Attainment>,
    next: Option<AttainmentId>,
}

/// `GET /v1/windows/open?after=`: the lines of open windows, each with its distance from what it may
/// miss, as it was last computed.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(
    get, path = "/v1/windows/open", params(From),
    responses((status = 200, body = schema::OpenLines))
)]
pub async fn open(
    State(app): State<App>,
    asker: Asker,
    Asked(from): Asked<From>,
) -> Result<Json<Open>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let mut conn = app.store().reading().await?;
    let mut lines = store::attainment::open(&mut conn, &actor.scope, from.after, PAGE).await?;
    let next = if lines.len() > PAGE { lines.get(PAGE - 1).map(|last| last.id) } else { None };
    lines.truncate(PAGE);
    Ok(Json(Open { lines, next }))
}
