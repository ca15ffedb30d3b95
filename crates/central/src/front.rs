//! What stands before every route: a name for the request, the limits, the time it may take, and a
//! line about it. What is written here names no customer, no person, no amount and no token.

use crate::{app::App, auth, limit::network, problem::Refusal};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use makegood_domain::{Code, Problem};
use std::{net::IpAddr, time::Instant};
use tracing::Instrument as _;

/// By which a line of the log is found for an answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Lets a request through to its route.
pub(crate) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = hex::encode(app.random().bytes32().get(..8).unwrap_or_default());
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let route = route.to_owned();
    let span = tracing::info_span!("request", id, method, route);
    let mut response = admitted(&app, request, next).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.metrics().request(&method, &route, status, took);
    span.in_scope(|| {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status, milliseconds, "answered");
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn admitted(app: &App, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<Peer>().map(|peer| network(peer.0));
    let token = auth::bearer(request.headers()).ok().map(auth::hash);
    let _held = match app.gate().enter(address, token) {
        Ok(held) => held,
        Err(wait) => return too_many(wait),
    };
    let longest = app.config().timeouts.answer;
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal(Problem::new(
            Code::TimedOut,
            format!(
                "no answer was ready within {} s; ask again: what took effect already does so once",
                longest.as_secs()
            ),
        ))
        .into_response(),
    }
}

fn too_many(wait: std::time::Duration) -> Response {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let why = format!("too many requests; go on in {seconds} s, and more slowly");
    let mut response = Refusal(Problem::new(Code::TooManyRequests, why)).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
