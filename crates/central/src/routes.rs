//! The HTTP surface. Every route but discovery and signing in asks for a token; what is more than
//! one's own tokens asks for a role and a scope, too.

pub mod command;
pub mod discovery;
pub mod evidence;
pub mod import;
pub mod session;
pub mod settlement;
pub mod sync;
pub mod token;
pub mod window;

use crate::{app::App, problem::Refusal};
use axum::{
    Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    routing::{delete, get, post},
};
use makegood_domain::{Code, Problem};
use serde::de::DeserializeOwned;

/// Largest body of an ordinary request, in bytes.
const SMALL: usize = 1 << 20;
/// Largest import or push of evidence, in bytes.
const LARGE: usize = crate::ingest::probe_log::BYTES_MAX;

/// Every route, by method and path, as tests walk them.
pub const ROUTES: &[(&str, &str)] = &[
    ("GET", "/v1/discovery"),
    ("GET", "/v1/sync/scope"),
    ("GET", "/v1/sync/changes"),
    ("GET", "/v1/sync/digest"),
    ("POST", "/v1/commands"),
    ("GET", "/v1/settlements/{id}/case"),
    ("POST", "/v1/import"),
    ("POST", "/v1/evidence/{source}/probes"),
    ("POST", "/v1/evidence/{source}/outages"),
    ("POST", "/v1/evidence/{source}/slots"),
    ("POST", "/v1/windows/close"),
    ("POST", "/v1/session"),
    ("DELETE", "/v1/session"),
    ("GET", "/v1/tokens"),
    ("POST", "/v1/tokens"),
    ("POST", "/v1/tokens/personal"),
    ("POST", "/v1/tokens/{id}/confirm"),
    ("DELETE", "/v1/tokens/{id}"),
];

/// The routes over `app`.
pub fn router(app: App) -> Router {
    let large = Router::new()
        .route("/v1/import", post(import::import))
        .route("/v1/evidence/{source}/probes", post(evidence::probes))
        .route("/v1/evidence/{source}/outages", post(evidence::outages))
        .route("/v1/evidence/{source}/slots", post(evidence::slots))
        .layer(DefaultBodyLimit::max(LARGE));
    Router::new()
        .route("/v1/discovery", get(discovery::discovery))
        .route("/v1/sync/scope", get(sync::scope))
        .route("/v1/sync/changes", get(sync::changes))
        .route("/v1/sync/digest", get(sync::digest))
        .route("/v1/commands", post(command::commands))
        .route("/v1/settlements/{id}/case", get(settlement::case))
        .route("/v1/windows/close", post(window::close))
        .route("/v1/session", post(session::open).delete(session::close))
        .route("/v1/tokens", get(token::own).post(token::issue))
        .route("/v1/tokens/personal", post(token::make))
        .route("/v1/tokens/{id}/confirm", post(token::confirm))
        .route("/v1/tokens/{id}", delete(token::revoke))
        .layer(DefaultBodyLimit::max(SMALL))
        .merge(large)
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .with_state(app)
}

async fn nothing_here() -> Refusal {
    Refusal(Problem::new(
        Code::NotFound,
        "nothing answers here; see the list of routes in ARCHITECTURE.md",
    ))
}

/// A body, or why it could not be taken.
pub(crate) type Body = Result<Bytes, axum::extract::rejection::BytesRejection>;

/// The bytes of a body.
///
/// # Errors
/// [`Code::TooLarge`], or [`Code::Invalid`] when the connection broke.
pub(crate) fn whole(body: Body) -> Result<Bytes, Problem> {
    body.map_err(|rejection| {
        if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::new(
                Code::TooLarge,
                "the request is larger than this route takes; send it in parts",
            )
        } else {
            Problem::new(Code::Invalid, "the request broke off; send it again")
        }
    })
}

/// A body read as JSON.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::TextInvalid`], [`Code::Invalid`] with line and column.
pub(crate) fn json<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    let bytes = whole(body)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Problem::new(Code::TextInvalid, "the request is not UTF-8; write it as UTF-8")
            .at(format!("byte {}", error.valid_up_to()))
    })?;
    serde_json::from_str(text).map_err(|error| {
        Problem::new(Code::Invalid, format!("the request can't be read: {error}")).at(format!(
            "line {} column {}",
            error.line(),
            error.column()
        ))
    })
}

/// An id in a path.
///
/// # Errors
/// [`Code::NotFound`]: what is no id names nothing.
pub(crate) fn id<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound, format!("there is no {what} {text:?}")))
}
