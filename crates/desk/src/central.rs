//! Talking to central: addresses, the token, timeouts, problems by code, and pages of changes as
//! they arrive.

use bytes::Bytes;
use futures_util::StreamExt;
use makegood_domain::{
    Code, Problem,
    command::{Answer, Command},
    id::SettlementId,
    wire::{Change, Digest, Frame, ScopeAnswer, WIRE_VERSION},
};
use reqwest::{Client, Method, RequestBuilder, Response, Url, redirect};
use serde::{Deserialize, de::DeserializeOwned};
use std::{fmt, io::Write, net::IpAddr, time::Duration};

/// Longest line of a page, and largest document, that the desk takes.
const MOST_BYTES: usize = 64 << 20;
/// How long central holds a request open when nothing has changed, in seconds.
pub(crate) const LONG_POLL: u32 = 25;

/// A central, as one person's token reaches it. Cheap to clone.
#[derive(Clone)]
pub struct Central {
    http: Client,
    base: Url,
    token: String,
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
        let base = parse_address(address)?;
        let token = token.trim();
        if token.is_empty() {
            return Err(Problem::new(Code::TokenMissing, "paste the token that central gave you"));
        }
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(u64::from(LONG_POLL) + 15))
            .redirect(redirect::Policy::none())
            .user_agent(concat!("makegood-desk/", env!("CARGO_PKG_VERSION")));
        if base.scheme() == "http" {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| {
            Problem::new(Code::CentralUnreachable, format!("no connection can be made: {error}"))
        })?;
        Ok(Self { http, base, token: token.to_owned() })
    }

    /// The address, as it is shown.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
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

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Problem> {
        let url = self
            .base
            .join(path)
            .map_err(|error| Problem::new(Code::Invalid, format!("{path}: {error}")))?;
        Ok(self
            .http
            .request(method, url)
            .bearer_auth(&self.token)
            .header("makegood-wire", WIRE_VERSION.to_string()))
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Problem> {
        let request = request.timeout(Duration::from_secs(60));
        let bytes = whole(self.answer(request).await?).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let at = self.address();
            Problem::new(Code::CentralAnswer, format!("{at} did not answer as a central: {error}"))
        })
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Response, Problem> {
        let response = request.send().await.map_err(|error| unreachable(self.address(), &error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let bytes = whole(response).await?;
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
        Err(_) => Problem::new(
            Code::CentralAnswer,
            format!("{address} answered {status}, and not as a central; check the address"),
        ),
    }
}

fn unreachable(address: &str, error: &reqwest::Error) -> Problem {
    let why = if error.is_timeout() { "no answer in time" } else { "no connection" };
    Problem::new(
        Code::CentralUnreachable,
        format!("{address} can't be reached ({why}); changes wait here until it can"),
    )
}

async fn whole(response: Response) -> Result<Vec<u8>, Problem> {
    let address = response.url().origin().ascii_serialization();
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| unreachable(&address, &error))?;
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(Problem::new(Code::CentralAnswer, format!("{address}: answer too large")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
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

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// One whole page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its changes.
    pub changes: Vec<Change>,
    /// Where the desk stands after it.
    pub cursor: String,
    /// Whether more are ready now.
    pub more: bool,
    /// Central's clock, seconds since 1970.
    pub now: i64,
}

/// Pages as they arrive: each can be applied before the next is here.
pub struct Pages {
    address: String,
    stream: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<Bytes>> + Send>>,
    decoder: Option<zstd::stream::write::Decoder<'static, Vec<u8>>>,
    text: Vec<u8>,
    read: usize,
    open: Option<Vec<Change>>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Pages {
    fn new(response: Response) -> Result<Self, Problem> {
        let packed = response.headers().get("content-encoding").is_some_and(|v| v == "zstd");
        let decoder = if packed {
            Some(zstd::stream::write::Decoder::new(Vec::new()).map_err(|error| {
                Problem::new(Code::Internal, format!("no decoder for zstd: {error}"))
            })?)
        } else {
            None
        };
        Ok(Self {
            address: response.url().origin().ascii_serialization(),
            stream: Box::pin(response.bytes_stream()),
            decoder,
            text: Vec::new(),
            read: 0,
            open: None,
        })
    }

    /// The next whole page; `None` at the end of the answer. A page without its end is no page.
    ///
    /// # Errors
    /// [`Code::CentralUnreachable`] when the connection breaks, [`Code::CentralAnswer`] when the
    /// bytes are not what central sends.
    pub async fn next(&mut self) -> Result<Option<Page>, Problem> {
        loop {
            if let Some(page) = self.take_page()? {
                return Ok(Some(page));
            }
            match self.stream.next().await {
                Some(Ok(chunk)) => self.feed(&chunk)?,
                Some(Err(error)) => return Err(unreachable(&self.address, &error)),
                None if self.open.is_none() && self.read == self.text.len() => return Ok(None),
                None => {
                    return Err(Problem::new(
                        Code::CentralUnreachable,
                        format!(
                            "{}: the answer broke off in a page; it is asked for again",
                            self.address
                        ),
                    ));
                }
            }
        }
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        self.text.drain(..self.read);
        self.read = 0;
        let Some(decoder) = &mut self.decoder else {
            self.text.extend_from_slice(chunk);
            return self.bounded();
        };
        decoder.write_all(chunk).and_then(|()| decoder.flush()).map_err(|error| {
            Problem::new(Code::CentralAnswer, format!("{}: bad zstd: {error}", self.address))
        })?;
        self.text.append(decoder.get_mut());
        self.bounded()
    }

    fn bounded(&self) -> Result<(), Problem> {
        if self.text.len() <= MOST_BYTES {
            return Ok(());
        }
        Err(Problem::new(Code::CentralAnswer, format!("{}: a line too long", self.address)))
    }

    fn take_page(&mut self) -> Result<Option<Page>, Problem> {
        while let Some(length) = self.text[self.read..].iter().position(|byte| *byte == b'\n') {
            let line = &self.text[self.read..self.read + length];
            self.read += length + 1;
            if line.is_empty() {
                continue;
            }
            let frame = serde_json::from_slice(line).map_err(|error| {
                Problem::new(Code::CentralAnswer, format!("{}: bad frame: {error}", self.address))
            })?;
            match (frame, &mut self.open) {
                (Frame::Page { rows }, None) => {
                    self.open = Some(Vec::with_capacity(rows.min(10_000)));
                }
                (Frame::Change(change), Some(changes)) => changes.push(change),
                (Frame::End { cursor, more, now }, Some(changes)) => {
                    let changes = std::mem::take(changes);
                    self.open = None;
                    return Ok(Some(Page { changes, cursor, more, now }));
                }
                _ => {
                    return Err(Problem::new(
                        Code::CentralAnswer,
                        format!("{}: frames out of order", self.address),
                    ));
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::parse_address;
    use makegood_domain::Code;

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
