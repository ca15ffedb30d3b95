//! Everything at once: a scope as a ready mirror file, which can be taken in pieces (RFC 9110 §14).

use super::{Asked, schema::Extent as Described};
use crate::{
    app::App,
    auth::{Asker, Spoken},
    feed,
    problem::Refusal,
    snapshot::Snapshot,
    store::feed::View,
};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_range_header::parse_range_header;
use makegood_domain::{
    Code, Problem,
    person::Permission,
    wire::{CURSOR_HEADER, Cursor, EXTENT_HEADER, Extent, Part, WIRE_VERSION},
};
use makegood_mirror::snapshot::schema;
use serde::Deserialize;
use std::{io::SeekFrom, ops::RangeInclusive};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

/// What the bytes are: a SQLite file, packed by zstd.
const KIND: &str = "application/vnd.makegood.mirror+zstd";
/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The tables that the desk's release knows; without it: this release's.
    schema: Option<i64>,
    /// `portfolio` or `whole`.
    #[param(value_type = Option<String>)]
    part: Option<Part>,
}

/// `GET /v1/sync/snapshot?schema=…&part=whole`: the scope as a packed mirror file. Its digest is in
/// `Repr-Digest` (RFC 9530), where a mirror of it stands in `Makegood-Cursor`, how many rows each table
/// has in `Makegood-Extent`. It can be taken in pieces: `Range` with `If-Range`.
///
/// # Errors
/// No right to read; another release's tables (take the changes from the beginning then); too many
/// at once; the database.
#[utoipa::path(
    get, path = "/v1/sync/snapshot", params(Wanted),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/vnd.makegood.mirror+zstd"),
        (status = 206, body = Vec<u8>, content_type = "application/vnd.makegood.mirror+zstd"),
        (status = 416, description = "The range lies outside of the file"),
        (status = 503, description = "Many ask at once: come back after Retry-After"),
    )
)]
pub async fn snapshot(
    State(app): State<App>,
    asker: Asker,
    Asked(wanted): Asked<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let (theirs, ours) = (wanted.schema.unwrap_or(schema()), schema());
    if theirs != ours {
        let why = format!(
            "the desk's mirrors have tables of version {theirs}, those that are cut here {ours}; \
             ask for the changes from the beginning"
        );
        return Err(Problem::new(Code::WireVersion, why).into());
    }
    let part = wanted.part.unwrap_or(Part::Whole);
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let condition = text(header::IF_RANGE);
    let found = app.snapshots().get(&app, &actor.scope, part, condition).await?;
    // It may have been waited for.
    feed::still_held(&app, actor).await?;
    // Without If-Range a piece of other bytes could be joined to what the desk holds.
    let same = condition.is_some_and(|etag| etag == found.etag());
    let range = text(header::RANGE).filter(|_| same);
    let cursor = Cursor {
        epoch: found.moment.epoch.clone(),
        scope_revision: actor.scope_revision,
        schema: WIRE_VERSION,
        seq: found.moment.seq,
        begun: found.moment.seq,
    };
    Ok(answer(&found, range, &cursor).await?)
}

async fn answer(
    found: &Snapshot,
    range: Option<&str>,
    cursor: &Cursor,
) -> Result<Response, Problem> {
    let mut response = Response::new(Body::empty());
    let whole = 0..=found.bytes.saturating_sub(1);
    let piece = match range.map(|range| one_of(range, found.bytes)) {
        None | Some(Ok(None)) => whole,
        Some(Ok(Some(piece))) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let (from, to, all) = (piece.start(), piece.end(), found.bytes);
            put(&mut response, header::CONTENT_RANGE, &format!("bytes {from}-{to}/{all}"))?;
            piece
        }
        Some(Err(())) => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", found.bytes))?;
            return Ok(response);
        }
    };
    let length = piece.end() - piece.start() + 1;
    let opened = async {
        let mut file = tokio::fs::File::open(&found.path).await?;
        file.seek(SeekFrom::Start(*piece.start())).await?;
        Ok::<_, std::io::Error>(file.take(length))
    };
    let file = opened
        .await
        .map_err(|error| Problem::new(Code::File, format!("a snapshot can't be read: {error}")))?;
    *response.body_mut() = Body::from_stream(ReaderStream::with_capacity(file, PIECE));
    put(&mut response, header::CONTENT_TYPE, KIND)?;
    put(&mut response, header::CONTENT_LENGTH, &length.to_string())?;
    put(&mut response, header::ACCEPT_RANGES, "bytes")?;
    put(&mut response, header::CACHE_CONTROL, "no-store")?;
    put(&mut response, header::ETAG, &found.etag())?;
    let digest = format!("sha-256=:{}:", STANDARD.encode(found.digest));
    put(&mut response, header::HeaderName::from_static("repr-digest"), &digest)?;
    put(&mut response, header::HeaderName::from_static(CURSOR_HEADER), &cursor.to_string())?;
    let extent = crate::store::to_json(&found.moment.extent)?;
    put(&mut response, header::HeaderName::from_static(EXTENT_HEADER), &extent)?;
    Ok(response)
}

/// `GET /v1/sync/extent`: how many rows the scope has of each table, for whoever takes all of them as
/// changes and wants to tell how far it is.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(get, path = "/v1/sync/extent", responses((status = 200, body = Vec<Described>)))]
pub async fn extent(
    State(app): State<App>,
    asker: Asker,
    Spoken(wire): Spoken,
) -> Result<Json<Vec<Extent>>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let view = View { scope: actor.scope.clone(), wire };
    Ok(Json(app.store().extent(&view).await?))
}

/// The one range that is asked for; `None` where the whole is as good an answer (RFC 9110 §14.2).
fn one_of(range: &str, bytes: u64) -> Result<Option<RangeInclusive<u64>>, ()> {
    let Ok(parsed) = parse_range_header(range) else { return Ok(None) };
    let mut ranges = parsed.validate(bytes).map_err(|_| ())?;
    Ok(ranges.pop().filter(|_| ranges.is_empty()))
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(value)
        .map_err(|_| Problem::new(Code::Internal, format!("{name} can't be written")))?;
    response.headers_mut().insert(name, value);
    Ok(())
}
