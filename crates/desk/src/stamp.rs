//! Time stamps: an authority (RFC 3161) is asked over HTTP. Whether its answer holds is for
//! `makegood-statement` to say.

use crate::{
    central::is_loopback,
    keys::{read, read_trust},
};
use futures_util::StreamExt as _;
use makegood_domain::{Code, Problem};
use makegood_statement::{Revocation, StampRequest, Trust};
use reqwest::{StatusCode, Url, header};
use std::{path::PathBuf, time::Duration};

/// The largest answer that is read, in bytes: one with its certificates takes a tenth of it.
const MOST_BYTES: usize = 64 << 10;

/// Which authority stamps what is sealed, as a person chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampPlace {
    /// Its address: `https://…`, or `http://…` where it is this very machine.
    pub address: String,
    /// The root above it, PEM or DER. A root above seals is none for time stamps.
    pub trust: PathBuf,
    /// Its policy (an object identifier), where a certain one is wanted.
    pub policy: Option<String>,
    /// Revocation lists (CRLs, DER) of whoever stands above seal and authority. Where there are any,
    /// what is sealed is archived with them (PAdES B-LTA). They are read at each seal: whoever keeps
    /// them fresh needs to tell nobody.
    pub lists: Vec<PathBuf>,
}

/// An authority for time stamps.
#[derive(Debug)]
pub(crate) struct Authority {
    http: reqwest::Client,
    address: Url,
    pub(crate) policy: Option<String>,
    pub(crate) roots: Trust,
    lists: Vec<PathBuf>,
}

impl Authority {
    /// Reads address and root; asks nothing yet.
    ///
    /// # Errors
    /// [`Code::Invalid`] for an address that is none; what [`read_trust`] gives.
    pub(crate) fn new(place: &StampPlace) -> Result<Self, Problem> {
        let refuse = |why: &str| {
            let why = format!("address {:?} for time stamps: {why}", place.address);
            Problem::new(Code::Invalid, why)
        };
        let address = Url::parse(place.address.trim())
            .map_err(|_| refuse("write it as https://stamps.example.com/tsa"))?;
        let here = is_loopback(&address);
        if address.scheme() != "https" && !(address.scheme() == "http" && here) {
            return Err(refuse("http:// goes to this machine alone; use https://"));
        }
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("makegood-desk/", env!("CARGO_PKG_VERSION")));
        let http = if here { builder.no_proxy().build() } else { builder.build() };
        let http = http.map_err(|error| {
            Problem::new(Code::Internal, format!("a client for time stamps: {error}"))
        })?;
        let roots = read_trust(&place.trust)?;
        Ok(Self { http, address, policy: place.policy.clone(), roots, lists: place.lists.clone() })
    }

    /// What to archive with, where that is wanted.
    ///
    /// # Errors
    /// [`Code::File`]; [`Code::KeyInvalid`] for what is no revocation list.
    pub(crate) fn revocation(&self) -> Result<Option<Revocation>, Problem> {
        if self.lists.is_empty() {
            return Ok(None);
        }
        let lists = self.lists.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        let read = Revocation::from_der(lists.iter().map(Vec::as_slice));
        read.map(Some).map_err(|why| Problem::new(Code::KeyInvalid, why))
    }

    /// Asks.
    ///
    /// # Errors
    /// [`Code::StampUnreachable`] when there is no answer now; [`Code::StampAnswer`] when it is none
    /// that an authority gives.
    pub(crate) async fn answer(&self, request: &StampRequest) -> Result<Vec<u8>, Problem> {
        let away = |error: reqwest::Error| self.unreachable(&error.without_url().to_string());
        let sent = self
            .http
            .post(self.address.clone())
            .header(header::CONTENT_TYPE, StampRequest::MEDIA_TYPE)
            .header(header::ACCEPT, StampRequest::ANSWER_TYPE)
            .body(request.der().to_vec());
        let response = sent.send().await.map_err(away)?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(self.unreachable(&format!("it answered {status}")));
        }
        if status != StatusCode::OK {
            return Err(self.odd(&format!("it answered {status}")));
        }
        let mut bytes = Vec::new();
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(away)?;
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(self.odd("its answer is far too large for a time stamp"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn unreachable(&self, why: &str) -> Problem {
        let why = format!(
            "no time stamp from {}: {why}; nothing was released, and it is tried again with the \
             next sync",
            self.address
        );
        Problem::new(Code::StampUnreachable, why)
    }

    fn odd(&self, why: &str) -> Problem {
        let why = format!("no time stamp from {}: {why}; check the address", self.address);
        Problem::new(Code::StampAnswer, why)
    }
}
