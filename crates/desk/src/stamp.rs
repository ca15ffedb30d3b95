//! Time stamps: an authority (RFC 3161) is asked over HTTP, and for archives the responders (OCSP) that
//! certificates name. Whether an answer holds is for `makegood-statement` to say.

use crate::{
    central::is_loopback,
    keys::{read, read_trust},
};
use futures_util::StreamExt as _;
use makegood_domain::{Code, Problem};
use makegood_statement::{Revocation, StampRequest, StatusRequest, Trust};
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
    /// Whether the responders (OCSP) that certificates name are asked about whatever no list tells of.
    /// Then what is sealed is archived, too.
    pub responders: bool,
}

/// An authority for time stamps.
#[derive(Debug)]
pub(crate) struct Authority {
    http: reqwest::Client,
    address: Url,
    pub(crate) policy: Option<String>,
    pub(crate) roots: Trust,
    lists: Vec<PathBuf>,
    pub(crate) responders: bool,
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
        let http = client(here)?;
        let roots = read_trust(&place.trust)?;
        let (policy, lists) = (place.policy.clone(), place.lists.clone());
        Ok(Self { http, address, policy, roots, lists, responders: place.responders })
    }

    /// What to archive with, where that is wanted.
    ///
    /// # Errors
    /// [`Code::File`]; [`Code::KeyInvalid`] for what is no revocation list.
    pub(crate) fn revocation(&self) -> Result<Option<Revocation>, Problem> {
        if self.lists.is_empty() && !self.responders {
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
        let sent = self
            .http
            .post(self.address.clone())
            .header(header::CONTENT_TYPE, StampRequest::MEDIA_TYPE)
            .header(header::ACCEPT, StampRequest::ANSWER_TYPE)
            .body(request.der().to_vec());
        answered(sent).await.map_err(|said| match said {
            Said::Away(why) => self.unreachable(&why),
            Said::Odd(why) => self.odd(&why),
        })
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

/// Asks the responder that a certificate names. What it says is signed: `http://` is what such addresses
/// are.
///
/// # Errors
/// [`Code::StampUnreachable`] when there is no answer now; [`Code::StampAnswer`] when it is none that a
/// responder gives, or nobody can be asked there.
pub(crate) async fn status(question: &StatusRequest) -> Result<Vec<u8>, Problem> {
    let (address, subject) = (question.address(), question.subject());
    let odd = |why: &str| {
        let why = format!(
            "nothing was learnt from {address} about {subject}: {why}; give a revocation list instead"
        );
        Problem::new(Code::StampAnswer, why)
    };
    let url = Url::parse(address).map_err(|_| odd("it is no address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(odd("only http and https are asked"));
    }
    let sent = client(is_loopback(&url))?
        .post(url)
        .header(header::CONTENT_TYPE, StatusRequest::MEDIA_TYPE)
        .header(header::ACCEPT, StatusRequest::ANSWER_TYPE)
        .body(question.der().to_vec());
    answered(sent).await.map_err(|said| match said {
        Said::Odd(why) => odd(&why),
        Said::Away(why) => {
            let why = format!(
                "nothing was learnt from {address} about {subject}: {why}; nothing was released, and it \
                 is tried again with the next sync"
            );
            Problem::new(Code::StampUnreachable, why)
        }
    })
}

/// Why there is no answer.
enum Said {
    /// There may be one later.
    Away(String),
    /// It is none.
    Odd(String),
}

fn client(here: bool) -> Result<reqwest::Client, Problem> {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("makegood-desk/", env!("CARGO_PKG_VERSION")));
    let made = if here { builder.no_proxy().build() } else { builder.build() };
    made.map_err(|error| Problem::new(Code::Internal, format!("a client for time stamps: {error}")))
}

async fn answered(sent: reqwest::RequestBuilder) -> Result<Vec<u8>, Said> {
    let away = |error: reqwest::Error| Said::Away(error.without_url().to_string());
    let response = sent.send().await.map_err(away)?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Said::Away(format!("it answered {status}")));
    }
    if status != StatusCode::OK {
        return Err(Said::Odd(format!("it answered {status}")));
    }
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(away)?;
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(Said::Odd("its answer is far too large".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
