//! Asking others over HTTP: what every such connection has in common.

use reqwest::{Client, Url, redirect};
use std::{net::IpAddr, time::Duration};

/// Whether nobody on the way can read along or change anything: `https`, or `http` to this very
/// machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => url.host_str().is_some_and(is_here),
        _ => false,
    }
}

/// Whether a host is this very machine.
pub(crate) fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A client for `url` that waits so long for a whole answer. It follows no redirect: that would take
/// what is sent to where nobody agreed that it goes.
///
/// # Errors
/// What TLS or the machine's proxy settings refuse.
pub(crate) fn client(url: &Url, patience: Duration) -> reqwest::Result<Client> {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(patience)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("makegood-central/", env!("CARGO_PKG_VERSION")));
    if url.scheme() == "http" { builder.no_proxy() } else { builder }.build()
}
