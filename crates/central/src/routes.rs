//! The HTTP surface. Every route but discovery asks for a token, a role and a scope.

pub mod access;
pub mod command;
pub mod discovery;
pub mod evidence;
pub mod import;
pub mod proposal;
pub mod settlement;
pub mod source;
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
use tower::ServiceBuilder;
use tower_http::{ServiceBuilderExt as _, decompression::RequestDecompressionLayer};

/// Largest body of an ordinary request, in bytes.
const SMALL: usize = 1 << 20;
/// Largest import or push of evidence, in bytes, unpacked.
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
    ("GET", "/v1/proposals"),
    ("GET", "/v1/proposals/{id}"),
    ("POST", "/v1/proposals/{id}/decision"),
    ("POST", "/v1/people"),
    ("POST", "/v1/policy"),
    ("POST", "/v1/delegations"),
    ("GET", "/v1/access-review"),
    ("POST", "/v1/evidence/{source}/probes"),
    ("POST", "/v1/evidence/{source}/outages"),
    ("POST", "/v1/evidence/{source}/slots"),
    ("POST", "/v1/evidence/{source}/statuspage"),
    ("POST", "/v1/evidence/{source}/pagerduty"),
    ("POST", "/v1/evidence/{source}/calendar"),
    ("GET", "/v1/sources"),
    ("POST", "/v1/windows/close"),
    ("POST", "/v1/tokens"),
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
        .route("/v1/evidence/{source}/statuspage", post(evidence::incidents_of_statuspage))
        .route("/v1/evidence/{source}/pagerduty", post(evidence::incidents_of_pagerduty))
        .route("/v1/evidence/{source}/calendar", post(evidence::maintenance))
        .layer(
            // Unpacked first, so that the limit holds for what comes out.
            ServiceBuilder::new()
                .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
                .map_request_body(axum::body::Body::new)
                .layer(DefaultBodyLimit::max(LARGE)),
        );
    Router::new()
        .route("/v1/discovery", get(discovery::discovery))
        .route("/v1/sync/scope", get(sync::scope))
        .route("/v1/sync/changes", get(sync::changes))
        .route("/v1/sync/digest", get(sync::digest))
        .route("/v1/commands", post(command::commands))
        .route("/v1/settlements/{id}/case", get(settlement::case))
        .route("/v1/proposals", get(proposal::list))
        .route("/v1/proposals/{id}", get(proposal::get))
        .route("/v1/proposals/{id}/decision", post(proposal::decide))
        .route("/v1/people", post(proposal::person))
        .route("/v1/policy", post(proposal::policy))
        .route("/v1/delegations", post(proposal::delegation))
        .route("/v1/access-review", get(access::review))
        .route("/v1/sources", get(source::sources))
        .route("/v1/windows/close", post(window::close))
        .route("/v1/tokens", post(token::issue))
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
            let why = "the request broke off, or is not packed as it says; send it again";
            Problem::new(Code::Invalid, why)
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
