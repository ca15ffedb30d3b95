//! Talking to central: addresses, the token, timeouts, problems by code.

mod checklist;
mod draft;
mod exclusion;
mod line;
mod message;
mod pages;
mod person;
mod proposal;
mod session;
mod snapshot;
mod source;
mod table;

pub(crate) use checklist::{Closing, Left, ToLock};
pub(crate) use draft::{Choices, Listed, Owed, Past};
pub(crate) use exclusion::{Draft, Effect, Side};
pub(crate) use message::Message;
pub use pages::{Page, Pages};
pub(crate) use person::{WantedDelegation, WantedPerson};
pub(crate) use proposal::Waiting;
pub(crate) use session::{Held, Made, Offer, Own, Proof, Wanted};
pub(crate) use snapshot::{Arriving, Stamp};
pub(crate) use table::Taken;

use self::line::{Line, Reply};
use makegood_domain::{
    Clock, Code, Problem,
    command::{Answer, Command},
    id::SettlementId,
    wire::{Digest, ScopeAnswer, WIRE_VERSION},
};
use reqwest::{Method, RequestBuilder, Url};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Longest line of a page, and largest document, that the desk takes.
const MOST_BYTES: usize = 64 << 20;
/// How long central holds a request open when nothing has changed, in seconds.
pub(crate) const LONG_POLL: u32 = 25;

/// A central, as one person's token reaches it. Cheap to clone.
#[derive(Clone)]
pub struct Central {
    line: Line,
    base: Url,
    // Empty before somebody has signed in; replaced when the session is renewed.
    token: Arc<RwLock<String>>,
    // Seconds that central last asked to wait, and was not given yet.
    wait: Arc<AtomicU64>,
}

impl fmt::Debug for Central {
    /// Without the token: it must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Central").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Central {
    /// A central at `address`: `https://…`, or `http://…` where it is this very machine.
    ///
    /// # Errors
    /// [`Code::Invalid`] for an address that is none or would send the token in the clear;
    /// [`Code::TokenMissing`] for an empty token.
    pub fn new(address: &str, token: &str) -> Result<Self, Problem> {
        let token = token.trim();
        if token.is_empty() {
            return Err(Problem::new(Code::TokenMissing, "paste the token that central gave you"));
        }
        let central = Self::at(address)?;
        central.set_token(token);
        Ok(central)
    }

    /// A central at `address`, before anybody has signed in there.
    ///
    /// # Errors
    /// [`Code::Invalid`] for an address that is none or would send secrets in the clear.
    pub fn at(address: &str) -> Result<Self, Problem> {
        let base = parse_address(address)?;
        let line = Line::new(shown(&base), base.scheme() != "http")?;
        Ok(Self { line, base, token: Arc::default(), wait: Arc::default() })
    }

    /// The same central, called by whoever sits at a computer that may fall asleep.
    pub(crate) fn by(self, clock: Clock) -> Self {
        Self { line: self.line.by(clock), ..self }
    }

    /// Goes on with another token: the session was renewed.
    pub(crate) fn set_token(&self, token: &str) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token.to_owned();
    }

    /// The token that it goes by; empty: nobody has signed in.
    pub(crate) fn token(&self) -> String {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long central asked to be left alone (RFC 9110 §10.2.3), told once; at most ten minutes.
    pub(crate) fn take_wait(&self) -> Duration {
        Duration::from_secs(self.wait.swap(0, Ordering::Relaxed).min(600))
    }

    /// The address, as it is shown.
    #[must_use]
    pub fn address(&self) -> &str {
        shown(&self.base)
    }

    /// Who is asking, and whose data they may see.
    ///
    /// # Errors
    /// [`Code::CentralUnreachable`], [`Code::TokenInvalid`], [`Code::WireVersion`].
    pub async fn scope(&self) -> Result<ScopeAnswer, Problem> {
        self.json(self.request(Method::GET, "v1/sync/scope")?).await
    }

    /// Count and sum of versions of each customer in scope.
    ///
    /// # Errors
    /// As [`Central::scope`].
    pub async fn digest(&self) -> Result<Digest, Problem> {
        self.json(self.request(Method::GET, "v1/sync/digest")?).await
    }

    /// Sends commands, in order; one answer for each.
    ///
    /// # Errors
    /// As [`Central::scope`]; then none of them is known to have arrived, and all may be sent again.
    pub async fn send(&self, commands: &[Command]) -> Result<Vec<Answer>, Problem> {
        self.json(self.request(Method::POST, "v1/commands")?.json(commands)).await
    }

    /// The calculation file of a settlement's revision (internal edition, with its result).
    ///
    /// # Errors
    /// As [`Central::scope`], and [`Code::NotFound`].
    pub async fn case(&self, settlement: SettlementId, revision: i64) -> Result<String, Problem> {
        let path = format!("v1/settlements/{settlement}/case");
        let request = self.request(Method::GET, &path)?.query(&[("revision", revision)]);
        let bytes = whole(self.answer(request).await?).await?;
        String::from_utf8(bytes)
            .map_err(|_| Problem::new(Code::CentralAnswer, "the calculation file is not UTF-8"))
    }

    /// Changes after `cursor` (all, without one). Central holds the request for up to `wait`
    /// seconds when there are none.
    ///
    /// # Errors
    /// As [`Central::scope`]; [`Code::CursorGone`], [`Code::ScopeChanged`].
    pub async fn changes(&self, cursor: Option<&str>, wait: u32) -> Result<Pages, Problem> {
        let mut query = vec![("wait", wait.to_string())];
        if let Some(cursor) = cursor {
            query.push(("cursor", cursor.to_owned()));
        }
        let request = self
            .request(Method::GET, "v1/sync/changes")?
            .header("accept-encoding", "zstd")
            .query(&query);
        Pages::new(self.answer(request).await?)
    }

    /// A request by somebody who has signed in.
    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Problem> {
        let token = self.token();
        if token.is_empty() {
            let why = "the session has run out; sign in again";
            return Err(Problem::new(Code::SignInExpired, why));
        }
        Ok(self.open_request(method, path)?.bearer_auth(token))
    }

    /// A request that anybody may make.
    fn open_request(&self, method: Method, path: &str) -> Result<RequestBuilder, Problem> {
        let url = self
            .base
            .join(path)
            .map_err(|error| Problem::new(Code::Invalid, format!("{path}: {error}")))?;
        let request = self.line.client().request(method, url);
        Ok(request.header("makegood-wire", WIRE_VERSION.to_string()))
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Problem> {
        let request = request.timeout(Duration::from_secs(60));
        let bytes = whole(self.answer(request).await?).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let at = self.address();
            Problem::new(Code::CentralAnswer, format!("{at} did not answer as a central: {error}"))
        })
    }

    /// A request whose answer is a file.
    async fn bytes(&self, request: RequestBuilder) -> Result<Vec<u8>, Problem> {
        whole(self.answer(request.timeout(Duration::from_secs(60))).await?).await
    }

    /// A request whose answer says nothing but that it was done.
    async fn done(&self, request: RequestBuilder) -> Result<(), Problem> {
        self.answer(request.timeout(Duration::from_secs(60))).await.map(|_| ())
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Reply, Problem> {
        let reply = self.line.call(request).await?;
        let response = &reply.response;
        let status = response.status();
        if status.is_success() {
            return Ok(reply);
        }
        let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        if let Some(seconds) = wait.and_then(|text| text.parse().ok()) {
            self.wait.store(seconds, Ordering::Relaxed);
        }
        let bytes = whole(reply).await?;
        Err(problem_of(self.address(), status.as_u16(), &bytes))
    }
}

/// Problem details (RFC 9457) as central writes them.
#[derive(Deserialize)]
struct Details {
    code: Code,
    #[serde(alias = "message")]
    detail: String,
    path: Option<String>,
    current: Option<serde_json::Value>,
}

fn problem_of(address: &str, status: u16, bytes: &[u8]) -> Problem {
    match serde_json::from_slice::<Details>(bytes) {
        Ok(Details { code, detail, path, current }) => {
            Problem { code, message: detail, path, current }
        }
        // A gateway in between that is up while central is not.
        Err(_) if matches!(status, 502..=504) => Problem::new(
            Code::CentralUnreachable,
            format!("{address} answers {status}: central is not reachable behind it"),
        ),
        Err(_) if status == 413 => Problem::new(
            Code::TooLarge,
            format!("{address} answers 413: what stands before central takes no request as large"),
        ),
        Err(_) => Problem::new(
            Code::CentralAnswer,
            format!("{address} answered {status}, and not as a central; check the address"),
        ),
    }
}

async fn whole(mut reply: Reply) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = reply.chunk().await? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            let why = format!("{}: answer too large", reply.address);
            return Err(Problem::new(Code::CentralAnswer, why));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// An address as it is shown.
fn shown(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}

/// Reads an address: a scheme may be left out, and is then https, or http on this machine.
fn parse_address(address: &str) -> Result<Url, Problem> {
    let address = address.trim().trim_end_matches('/');
    let refuse = |why: &str| Problem::new(Code::Invalid, format!("address {address:?}: {why}"));
    let with_scheme = if address.contains("://") {
        format!("{address}/")
    } else {
        let url = Url::parse(&format!("http://{address}/"))
            .map_err(|_| refuse("write it as https://central.example.com"))?;
        let scheme = if is_loopback(&url) { "http" } else { "https" };
        format!("{scheme}://{address}/")
    };
    let url =
        Url::parse(&with_scheme).map_err(|_| refuse("write it as https://central.example.com"))?;
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(refuse("http:// would send your token in the clear; use https://")),
        _ => Err(refuse("write it as https://central.example.com")),
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Central, parse_address};
    use makegood_domain::Code;
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        time::Duration,
    };

    #[tokio::test]
    async fn what_a_busy_central_asks_for_is_told_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            let body = r#"{"code":"busy","detail":"come back later"}"#;
            let head = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\nconnection: close";
            write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        });
        let central = Central::new(&address, "mgd_token").unwrap();
        assert_eq!(central.scope().await.unwrap_err().code, Code::Busy);
        answering.join().unwrap();
        assert_eq!(central.take_wait(), Duration::from_secs(7));
        assert_eq!(central.take_wait(), Duration::ZERO);
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for good in
            ["http://127.0.0.1:8080", "localhost:8080", "[::1]:1", "https://central.example.com"]
        {
            assert!(parse_address(good).is_ok(), "{good}");
        }
        assert_eq!(parse_address("central.example.com").unwrap().scheme(), "https");
        for bad in
            ["http://central.example.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1", ""]
        {
            assert_eq!(parse_address(bad).unwrap_err().code, Code::Invalid, "{bad}");
        }
    }
}
