//! What a desk follows: its scope, the changes, and the digest that proves it whole (law 9).

use super::{Asked, schema};
use crate::{
    app::{App, Beginning},
    auth::{Asker, Spoken},
    feed::{self, Moment, PAGE_ROWS, Told, gone, unwritten},
    problem::Refusal,
    store::feed::View,
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
    wire::{Cursor, Digest, Frame, LineWriter, ScopeAnswer},
};
use serde::Deserialize;
use std::{io::Write, sync::Arc, time::Duration};
use utoipa::IntoParams;
use zstd::stream::write::Encoder;

/// Longest time that a request for news is held open, in seconds.
const LONGEST_WAIT: u64 = 30;

/// `GET /v1/sync/scope`.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(get, path = "/v1/sync/scope", responses((status = 200, body = schema::ScopeAnswer)))]
pub async fn scope(State(app): State<App>, asker: Asker) -> Result<Json<ScopeAnswer>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let epoch = feed::epoch(app.store()).await?;
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
        token: actor.token_kind,
        confined_to: actor.confined_to.clone(),
        narrowing: actor.narrowing.clone(),
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
    let first = feed::news(&app, actor, &view, cursor.clone(), wait).await?;
    let packed = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|coding| coding.trim().starts_with("zstd")));
    let mut response = Response::new(Body::from_stream(pages(Sending {
        actor: actor.clone(),
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

/// Where to go on: at the cursor, or at the beginning without one.
async fn start(app: &App, actor: &Actor, wire: u32, text: Option<&str>) -> Result<Cursor, Problem> {
    let Moment { epoch, last, horizon } = app.following().moment(app.store()).await?;
    let present =
        Cursor { epoch, scope_revision: actor.scope_revision, schema: wire, seq: 0, begun: last };
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(present) };
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
        return Err(feed::scope_changed());
    }
    if cursor.seq < 0 || cursor.seq > last {
        return Err(gone("the cursor lies outside the feed"));
    }
    feed::still_known(&cursor, horizon)?;
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
    actor: Actor,
    view: View,
    // Held until everything is sent.
    beginning: Option<Beginning>,
    packing: Option<Packing>,
    next: Next,
    cursor: Cursor,
}

enum Next {
    Page(Arc<Told>),
    Read,
    Nothing,
}

fn pages(sending: Sending) -> impl stream::Stream<Item = Result<Bytes, Problem>> {
    stream::try_unfold(sending, |mut sending| async move {
        let page = match std::mem::replace(&mut sending.next, Next::Nothing) {
            Next::Page(page) => page,
            Next::Read => {
                feed::still_held(&sending.app, &sending.actor).await?;
                let (after, view) = (sending.cursor.seq, &sending.view);
                let page = sending.app.store().changes(after, view, PAGE_ROWS).await?;
                feed::still_known(&sending.cursor, page.horizon)?;
                Arc::new(Told::of(page, view.wire)?)
            }
            Next::Nothing => return Ok(None),
        };
        sending.cursor.seq = page.seq;
        if page.more {
            sending.next = Next::Read;
        } else {
            sending.beginning = None;
        }
        let bytes = sending.write(&page)?;
        Ok(Some((bytes, sending)))
    })
}

impl Sending {
    fn write(&mut self, page: &Told) -> Result<Bytes, Problem> {
        let mut lines = page.lines.to_vec();
        let more = page.more;
        let now = self.app.store().clock().now().timestamp();
        let end = Frame::End { cursor: self.cursor.to_string(), more, now };
        LineWriter::new(self.view.wire).write(&end, &mut lines).map_err(unwritten)?;
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
