//! What a desk follows: its scope, the changes, and the digest that proves it whole (law 9).

use super::{Asked, schema};
use crate::{
    app::{App, Beginning},
    auth::{Asker, Spoken},
    problem::Refusal,
    store::feed::{self, Page, View},
};
use axum::{
    Json,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use futures_util::stream;
use makegood_domain::{
    Code, Problem,
    person::{Actor, Permission},
    wire::{Cursor, Digest, Frame, ScopeAnswer},
};
use serde::Deserialize;
use std::{io::Write, time::Duration};
use utoipa::IntoParams;
use zstd::stream::write::Encoder;

/// Rows of one page.
const PAGE_ROWS: i64 = 900;
/// Longest time that a request for news is held open, in seconds.
const LONGEST_WAIT: u64 = 30;

/// `GET /v1/sync/scope`.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(get, path = "/v1/sync/scope", responses((status = 200, body = schema::ScopeAnswer)))]
pub async fn scope(State(app): State<App>, asker: Asker) -> Result<Json<ScopeAnswer>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let epoch = epoch(&app).await?;
    let mut conn = app.store().reading().await?;
    let person = crate::store::get::<makegood_domain::person::Person>(&mut conn, actor.person)
        .await?
        .ok_or_else(|| {
            Problem::new(Code::NotFound, "you are no longer listed; ask an administrator")
        })?
        .row;
    Ok(Json(ScopeAnswer {
        roles: person.roles.clone(),
        person,
        acts_for: actor.acts_for.clone(),
        scope: actor.scope.clone(),
        revision: actor.scope_revision,
        epoch,
        company: app.config().company.clone(),
        demo: app.config().demo,
    }))
}

/// `GET /v1/sync/digest`.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(get, path = "/v1/sync/digest", responses((status = 200, body = schema::Digest)))]
pub async fn digest(
    State(app): State<App>,
    asker: Asker,
    Spoken(wire): Spoken,
) -> Result<Json<Digest>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let view = View { scope: actor.scope.clone(), wire };
    Ok(Json(app.store().digest(&view).await?))
}

/// How far the desk is, and how long it would wait.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// What the last page ended with; everything without it.
    cursor: Option<String>,
    /// Seconds to wait for news, at most 30.
    wait: Option<u64>,
}

/// `GET /v1/sync/changes?cursor=…&wait=25`: pages of NDJSON until the desk is level.
///
/// # Errors
/// No right to read; a cursor of another epoch, scope or wire; the database.
#[utoipa::path(
    get, path = "/v1/sync/changes", params(Since),
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson"),
        (status = 409, description = "The scope has changed"),
        (status = 410, description = "The cursor is of another epoch, below the horizon, or none"),
        (status = 503, description = "Many begin at once: come back after Retry-After"),
    )
)]
pub async fn changes(
    State(app): State<App>,
    asker: Asker,
    Spoken(wire): Spoken,
    Asked(since): Asked<Since>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let cursor = start(&app, actor, wire, since.cursor.as_deref()).await?;
    let view = View { scope: actor.scope.clone(), wire };
    // One page is nothing: a small house may wait for news at the beginning.
    let long = cursor.seq == 0 && cursor.begun > PAGE_ROWS;
    let beginning = long.then(|| app.begin_sending()).transpose()?;
    let wait = Duration::from_secs(since.wait.unwrap_or(0).min(LONGEST_WAIT));
    let first = news(&app, actor, &view, cursor.seq, wait).await?;
    let packed = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|coding| coding.trim().starts_with("zstd")));
    let mut response = Response::new(Body::from_stream(pages(Sending {
        app,
        view,
        beginning,
        packing: if packed { Some(encoder()?) } else { None },
        next: Next::Page(first),
        cursor,
    })));
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("zstd"));
    }
    Ok(response)
}

/// The first page that says something, or an empty one when the wait is over.
async fn news(
    app: &App,
    actor: &Actor,
    view: &View,
    after: i64,
    wait: Duration,
) -> Result<Page, Problem> {
    let mut changed = app.store().changed();
    let mut stopping = app.stopping();
    let over = tokio::time::sleep(wait);
    tokio::pin!(over);
    // Another process over the same database commits unheard: it is looked for now and then.
    let mut glance = tokio::time::interval(Duration::from_secs(2));
    glance.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    glance.reset();
    let mut seen = after;
    loop {
        let turn = app.follow().await?;
        let page = app.store().changes(seen, view, PAGE_ROWS).await?;
        drop(turn);
        if !page.changes.is_empty() || *stopping.borrow() {
            return Ok(page);
        }
        seen = page.seq;
        let heard = tokio::select! {
            () = &mut over => return Ok(page),
            _ = stopping.wait_for(|stop| *stop) => return Ok(page),
            moved = changed.wait_for(|seq| *seq > seen) => {
                if moved.is_err() { return Ok(page) }
                true
            }
            _ = glance.tick() => false,
        };
        if heard {
            tokio::time::sleep(app.store().lull()).await;
        }
        still_held(app, actor).await?;
    }
}

/// Whoever waits may have been revoked meanwhile, or see other customers now.
async fn still_held(app: &App, actor: &Actor) -> Result<(), Problem> {
    let _turn = app.follow().await?;
    let mut conn = app.store().reading().await?;
    let now = app.store().clock().now();
    let present = crate::store::token::actor_by_id(&mut conn, actor.token, now).await?;
    if present.scope_revision == actor.scope_revision { Ok(()) } else { Err(scope_changed()) }
}

fn scope_changed() -> Problem {
    Problem::new(Code::ScopeChanged, "your scope has changed; ask for it, then go on")
}

async fn epoch(app: &App) -> Result<String, Problem> {
    app.store()
        .meta("epoch")
        .await?
        .ok_or_else(|| Problem::new(Code::Internal, "central has no epoch; its store is not whole"))
}

/// Where to go on: at the cursor, or at the beginning without one.
async fn start(app: &App, actor: &Actor, wire: u32, text: Option<&str>) -> Result<Cursor, Problem> {
    let _turn = app.follow().await?;
    // Before a connection is held: whoever holds one and waits for another may wait for ever.
    let epoch = epoch(app).await?;
    let mut conn = app.store().reading().await?;
    let last = feed::last_seq(&mut conn).await?;
    let present =
        Cursor { epoch, scope_revision: actor.scope_revision, schema: wire, seq: 0, begun: last };
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(present) };
    let gone = |why: &str| {
        Problem::new(Code::CursorGone, format!("{why}; load everything again from the beginning"))
    };
    let cursor =
        Cursor::parse(text).ok_or_else(|| gone("the cursor is not one of this central"))?;
    if cursor.schema != wire {
        // What only one of the two versions carries has old positions: the feed never sends it again.
        return Err(gone("the cursor is of another version of the protocol"));
    }
    if cursor.epoch != present.epoch {
        return Err(gone("central was restored since"));
    }
    if cursor.scope_revision != present.scope_revision {
        return Err(scope_changed());
    }
    if cursor.seq < 0 || cursor.seq > last {
        return Err(gone("the cursor lies outside the feed"));
    }
    if cursor.seq.max(cursor.begun) < feed::horizon(&mut conn).await? {
        return Err(gone("what was deleted since is no longer known"));
    }
    Ok(cursor)
}

type Packing = Encoder<'static, Vec<u8>>;

fn encoder() -> Result<Packing, Problem> {
    Encoder::new(Vec::new(), 1).map_err(|error| packing_failed(&error))
}

fn packing_failed(error: &std::io::Error) -> Problem {
    Problem::new(Code::Internal, format!("a page could not be packed: {error}"))
}

/// An answer that is being sent, page by page: each is read when the one before has gone.
struct Sending {
    app: App,
    view: View,
    // Held until everything is sent.
    beginning: Option<Beginning>,
    packing: Option<Packing>,
    next: Next,
    cursor: Cursor,
}

enum Next {
    Page(Page),
    Read,
    Nothing,
}

fn pages(sending: Sending) -> impl stream::Stream<Item = Result<Bytes, Problem>> {
    stream::try_unfold(sending, |mut sending| async move {
        let page = match std::mem::replace(&mut sending.next, Next::Nothing) {
            Next::Page(page) => page,
            Next::Read => {
                sending.app.store().changes(sending.cursor.seq, &sending.view, PAGE_ROWS).await?
            }
            Next::Nothing => return Ok(None),
        };
        sending.cursor.seq = page.seq;
        if page.more {
            sending.next = Next::Read;
        } else {
            sending.beginning = None;
        }
        let bytes = sending.write(page)?;
        Ok(Some((bytes, sending)))
    })
}

impl Sending {
    fn write(&mut self, page: Page) -> Result<Bytes, Problem> {
        let mut lines = Vec::new();
        let more = page.more;
        put_line(&mut lines, &Frame::Page { rows: page.changes.len() })?;
        for change in page.changes {
            put_line(&mut lines, &Frame::Change(change))?;
        }
        let now = self.app.store().clock().now().timestamp();
        put_line(&mut lines, &Frame::End { cursor: self.cursor.to_string(), more, now })?;
        let Some(mut packing) = self.packing.take() else { return Ok(lines.into()) };
        let failed = |error: std::io::Error| packing_failed(&error);
        packing.write_all(&lines).map_err(failed)?;
        if !more {
            return Ok(packing.finish().map_err(failed)?.into());
        }
        packing.flush().map_err(failed)?;
        let bytes = std::mem::take(packing.get_mut());
        self.packing = Some(packing);
        Ok(bytes.into())
    }
}

fn put_line(lines: &mut Vec<u8>, frame: &Frame) -> Result<(), Problem> {
    serde_json::to_writer(&mut *lines, frame).map_err(|error| {
        Problem::new(Code::Internal, format!("a change can't be written: {error}"))
    })?;
    lines.push(b'\n');
    Ok(())
}
