//! The HTTP surface. Every route but those of [`OPEN`] asks for a token; what is more than one's own
//! tokens asks for a role and a scope, too.

pub mod access;
pub mod alert;
pub mod audit;
pub mod charge;
pub mod command;
pub mod discovery;
pub mod draft;
pub mod evidence;
pub mod exclusion;
pub mod health;
pub mod import;
pub mod message;
pub mod mrr;
mod openapi;
pub mod person;
pub mod proposal;
pub mod schema;
pub mod session;
pub mod settlement;
pub mod snapshot;
pub mod source;
pub mod sync;
pub mod token;
pub mod total;
pub mod window;

use crate::{app::App, auth::Asker, front, problem::Refusal};
use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Path, Query, Request,
        rejection::BytesRejection,
    },
    http::{StatusCode, request::Parts},
    middleware,
};
use makegood_domain::{Code, Problem};
use serde::{Deserialize, de::DeserializeOwned};
use std::convert::Infallible;
use tower::ServiceBuilder;
use tower_http::{
    ServiceBuilderExt as _, decompression::RequestDecompressionLayer,
    timeout::RequestBodyTimeoutLayer,
};
use utoipa::{IntoParams, openapi::OpenApi};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Largest body of an ordinary request, in bytes.
const SMALL: usize = 1 << 20;
/// Largest import or push of evidence, in bytes, unpacked.
const LARGE: usize = crate::ingest::probe_log::BYTES_MAX;

/// What answers without a token: nothing of it is anybody's in particular. Signing in does, too; it
/// asks for what gives a token.
pub const OPEN: &[&str] = &["/healthz", "/readyz", "/v1/discovery"];

/// Every route with its description. A new one gets `#[utoipa::path]`, and its line here.
fn documented() -> OpenApiRouter<App> {
    let large = OpenApiRouter::new()
        .routes(routes!(import::import))
        .routes(routes!(import::table))
        .routes(routes!(evidence::probes))
        .routes(routes!(evidence::outages))
        .routes(routes!(evidence::slots))
        .routes(routes!(evidence::incidents_of_statuspage))
        .routes(routes!(evidence::incidents_of_pagerduty))
        .routes(routes!(evidence::maintenance))
        .layer(
            // Unpacked first, so that the limit holds for what comes out.
            ServiceBuilder::new()
                .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
                .map_request_body(axum::body::Body::new)
                .layer(DefaultBodyLimit::max(LARGE)),
        );
    OpenApiRouter::new()
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(discovery::discovery))
        .routes(routes!(sync::scope))
        .routes(routes!(sync::changes))
        .routes(routes!(sync::digest))
        .routes(routes!(snapshot::snapshot))
        .routes(routes!(snapshot::extent))
        .routes(routes!(command::commands))
        .routes(routes!(settlement::case))
        .routes(routes!(settlement::beside))
        .routes(routes!(audit::event))
        .routes(routes!(draft::choices))
        .routes(routes!(draft::terms))
        .routes(routes!(draft::list, draft::begin))
        .routes(routes!(draft::look, draft::change, draft::discard))
        .routes(routes!(draft::past))
        .routes(routes!(draft::propose))
        .routes(routes!(proposal::list))
        .routes(routes!(proposal::get))
        .routes(routes!(proposal::decide))
        .routes(routes!(person::people, proposal::person))
        .routes(routes!(proposal::policy))
        .routes(routes!(proposal::delegation))
        .routes(routes!(access::review))
        .routes(routes!(source::sources))
        .routes(routes!(exclusion::effect))
        .routes(routes!(exclusion::effect_of_draft))
        .routes(routes!(window::checklist))
        .routes(routes!(window::closing))
        .routes(routes!(window::lock))
        .routes(routes!(total::totals))
        .routes(routes!(alert::list))
        .routes(routes!(message::list))
        .routes(routes!(message::resend))
        .routes(routes!(charge::list))
        .routes(routes!(mrr::list))
        .routes(routes!(window::open))
        .routes(routes!(window::close))
        .routes(routes!(session::open, session::close))
        .routes(routes!(token::own, token::issue))
        .routes(routes!(token::make))
        .routes(routes!(token::confirm))
        .routes(routes!(token::revoke))
        .layer(DefaultBodyLimit::max(SMALL))
        .merge(large)
}

/// The OpenAPI description of the routes.
#[must_use]
pub fn openapi() -> OpenApi {
    openapi::complete(documented().into_openapi())
}

/// Every route, by method and path.
#[must_use]
pub fn described() -> Vec<(&'static str, String)> {
    openapi::listed(&openapi())
}

/// The routes over `app`.
pub fn router(app: App) -> Router {
    let timeouts = app.config().timeouts;
    let (router, _) = documented().split_for_parts();
    router
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(RequestBodyTimeoutLayer::new(timeouts.body))
        .layer(middleware::from_fn_with_state(app.clone(), front::pass))
        .with_state(app)
}

async fn nothing_here() -> Refusal {
    Refusal(Problem::new(
        Code::NotFound,
        "nothing answers here; see docs/openapi.json for what does",
    ))
}

/// A body, or why it could not be taken. Who asks is looked at once more when it is whole: they may have been
/// revoked while they sent it.
#[derive(Debug)]
pub struct Body(Result<Bytes, Problem>);

impl FromRequest<App> for Body {
    type Rejection = Infallible;

    async fn from_request(request: Request, app: &App) -> Result<Self, Infallible> {
        let asker = request.extensions().get::<Asker>().cloned();
        let read = Bytes::from_request(request, app).await.map_err(|rejection| broken(&rejection));
        let held = match asker {
            Some(asker) => asker.still(app).await,
            None => Ok(()),
        };
        Ok(Self(read.and_then(|bytes| held.map(|()| bytes))))
    }
}

/// What a query string asks.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let asked = Query::<T>::try_from_uri(&parts.uri);
        asked.map(|Query(asked)| Self(asked)).map_err(|rejection| {
            let why = format!("what follows the ? can't be read: {}", rejection.body_text());
            Refusal(Problem::new(Code::Invalid, why))
        })
    }
}

/// What a path names.
#[derive(Debug)]
pub struct Named(pub String);

impl FromRequestParts<App> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let named = Path::<String>::from_request_parts(parts, app).await;
        named.map(|Path(name)| Self(name)).map_err(|_| {
            Refusal(Problem::new(Code::NotFound, "the path is not UTF-8, and names nothing"))
        })
    }
}

/// The bytes of a body.
///
/// # Errors
/// [`Code::TooLarge`], or [`Code::Invalid`] when the connection broke; what [`Asker::still`] gives.
pub(crate) fn whole(body: Body) -> Result<Bytes, Problem> {
    body.0
}

fn broken(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let why = "the request is larger than this route takes; send it in parts";
        return Problem::new(Code::TooLarge, why);
    }
    let why = "the request broke off, or is not packed as it says; send it again";
    Problem::new(Code::Invalid, why)
}

/// A body read as JSON.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::TextInvalid`], [`Code::Invalid`] with line and column.
pub(crate) fn json<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    read(&whole(body)?)
}

/// Bytes read as JSON.
///
/// # Errors
/// [`Code::TextInvalid`], [`Code::Invalid`] with line and column.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
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

/// Where a page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// `next` of the page before.
    pub(crate) after: Option<String>,
}

/// What no page named as its next.
pub(crate) fn no_place(after: &str) -> Problem {
    let why = format!("{after:?} is no place of a page; give the next of the one before");
    Problem::new(Code::Invalid, why).at("after")
}
