//! Windows: those that are open, what the schedule does, by hand, and what is left to do before they
//! lock.

use super::{Asked, Body, json, read, schema, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    checklist::{self, Closing, Item},
    close::{
        self, Report, Until,
        hand::{self, Locked},
    },
    problem::Refusal,
    store,
};
use axum::{Json, extract::State};
use makegood_domain::{
    Code, Problem, attainment::Attainment, id::AttainmentId, person::Permission,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Lines on a page.
const PAGE: usize = 500;
/// Most windows that one request locks.
const LOCKED_AT_ONCE: usize = 100;

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
    let wanted: Wanted = if bytes.is_empty() { Wanted::default() } else { read(&bytes)? };
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

/// `GET /v1/windows/closing`: the windows that are over and not locked, each with what is left to do and
/// with what whoever locks it by hand gives back.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(get, path = "/v1/windows/closing", responses((status = 200, body = Vec<Closing>)))]
pub async fn closing(State(app): State<App>, asker: Asker) -> Result<Json<Vec<Closing>>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let grace_days = app.config().grace_days;
    Ok(Json(checklist::closing(app.store(), actor, grace_days).await?))
}

/// Which windows.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Locking)]
#[serde(deny_unknown_fields)]
pub struct Locking {
    /// Each as it was seen, in the order in which they are to lock; 100 at most.
    #[schema(max_items = 100)]
    windows: Vec<hand::Wanted>,
}

/// `POST /v1/windows/lock`: locks windows that are over, by hand, before their days of grace are. One that
/// has changed since it was seen is refused as `stale`, and holds up no other.
///
/// # Errors
/// No right to close; the database.
#[utoipa::path(
    post, path = "/v1/windows/lock", request_body = Locking,
    responses((status = 200, body = Locked))
)]
pub async fn lock(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<Json<Locked>, Refusal> {
    let actor = asker.require(Permission::Close)?;
    let Locking { windows } = json(body)?;
    if windows.len() > LOCKED_AT_ONCE {
        let why =
            format!("{} windows are too many for one request; send at most 100", windows.len());
        return Err(Refusal(Problem::new(Code::TooLarge, why).at("windows")));
    }
    let grace_days = app.config().grace_days;
    Ok(Json(hand::lock(app.store(), actor, &windows, grace_days).await?))
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
