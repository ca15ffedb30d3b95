//! Requests of `openidconnect`, by our own client: bounded in time and size, and never redirected.

use futures_util::StreamExt as _;
use openidconnect::{HttpRequest, HttpResponse};
use std::time::Duration;

/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("no connection")]
    Connection(#[from] reqwest::Error),
    #[error("not an HTTP message")]
    Message(#[from] openidconnect::http::Error),
    #[error("the answer is too large")]
    TooLarge,
}

/// A client for the provider; `here`: it runs on this machine.
pub(super) fn client(here: bool) -> Result<reqwest::Client, reqwest::Error> {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("makegood-desk/", env!("CARGO_PKG_VERSION")));
    if here { builder.no_proxy().build() } else { builder.build() }
}

/// One request.
pub(super) async fn answer(
    http: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, Unanswered> {
    let response = http.execute(request.try_into()?).await?;
    let mut head = openidconnect::http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        head = head.header(name, value);
    }
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(Unanswered::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(head.body(bytes)?)
}
