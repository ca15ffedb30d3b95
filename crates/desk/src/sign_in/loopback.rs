//! The browser's way back (RFC 8252 §7.3): one request to this machine, on a port of the system's
//! choice.

use crate::sign_in::provider::refused;
use makegood_domain::{Code, Problem};
use reqwest::Url;
use std::{net::Ipv4Addr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// The path that the provider sends the browser to.
const PATH: &str = "/callback";
/// Longest request that is read, in bytes; what matters stands in its first line.
const MOST_BYTES: usize = 16 << 10;
/// How long a connection may take. Browsers open some that they never use.
const PER_CONNECTION: Duration = Duration::from_secs(10);

/// Waits for the browser.
#[derive(Debug)]
pub(super) struct Listener {
    listener: TcpListener,
    port: u16,
}

impl Listener {
    /// # Errors
    /// [`Code::Internal`] when this machine gives no port.
    pub(super) async fn bind() -> Result<Self, Problem> {
        let failed = |error: std::io::Error| {
            Problem::new(
                Code::Internal,
                format!("the browser has no way back to this program: {error}; sign in by code"),
            )
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, port })
    }

    /// Where the provider sends the browser.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// The code that the browser comes back with. Requests that are not of this sign-in are answered
    /// and otherwise ignored: they must not end it.
    ///
    /// # Errors
    /// [`Code::SignInRefused`] when the provider sends an error instead.
    pub(super) async fn returned(self, state: &str) -> Result<String, Problem> {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        open.spawn(answer(stream, state.to_owned()));
                    }
                }
                Some(done) = open.join_next() => {
                    if let Ok(Some(returned)) = done {
                        return returned;
                    }
                }
            }
        }
    }
}

/// Answers one connection; `None`: it was not the one that is waited for.
async fn answer(mut stream: TcpStream, state: String) -> Option<Result<String, Problem>> {
    let served = async {
        let target = read_target(&mut stream).await?;
        let returned = returned(&target, &state);
        let page = match &returned {
            Some(Ok(_)) => page("200 OK", DONE),
            Some(Err(_)) => page("200 OK", BROKEN_OFF),
            None => page("404 Not Found", NOTHING),
        };
        // The browser may be gone already; what it brought counts.
        let _ = stream.write_all(page.as_bytes()).await;
        let _ = stream.shutdown().await;
        returned
    };
    tokio::time::timeout(PER_CONNECTION, served).await.ok().flatten()
}

/// What a request asks for: `/callback?code=…`.
async fn read_target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await.ok()?;
        if read == 0 || head.len() + read > MOST_BYTES {
            return None;
        }
        head.extend_from_slice(&part[..read]);
    }
    let text = String::from_utf8(head).ok()?;
    let mut words = text.lines().next()?.split(' ');
    (words.next()? == "GET").then_some(())?;
    words.next().map(str::to_owned)
}

fn returned(target: &str, state: &str) -> Option<Result<String, Problem>> {
    let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
    if url.path() != PATH {
        return None;
    }
    let value = |name: &str| {
        let mut found = url.query_pairs().filter(|(key, _)| key == name);
        let value = found.next().map(|(_, value)| value.into_owned());
        // A parameter that stands twice says two things.
        if found.next().is_some() { None } else { value }
    };
    if value("state")? != state {
        return None;
    }
    match value("code") {
        Some(code) => Some(Ok(code)),
        None => value("error").map(|error| Err(refused(&error))),
    }
}

const DONE: [&str; 2] = [
    "Sie sind angemeldet. Schließen Sie dieses Fenster und kehren Sie zu Makegood zurück.",
    "You have signed in. Close this window and go back to Makegood.",
];
const BROKEN_OFF: [&str; 2] = [
    "Die Anmeldung wurde abgebrochen. Kehren Sie zu Makegood zurück und versuchen Sie es noch einmal.",
    "The sign-in was broken off. Go back to Makegood and try again.",
];
const NOTHING: [&str; 2] = ["Hier ist nichts.", "There is nothing here."];

/// A page in both languages, which asks for nothing and may be framed by nobody.
fn page(status: &str, [german, english]: [&str; 2]) -> String {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Makegood</title>\
         <main><h1>Makegood</h1><p>{english}</p><p lang=\"de\">{german}</p></main></html>"
    );
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\n\
         content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::returned;
    use makegood_domain::Code;

    #[test]
    fn only_the_answer_to_this_sign_in_ends_it() {
        assert_eq!(returned("/callback?code=c&state=s", "s").unwrap().unwrap(), "c");
        assert_eq!(returned("/callback?state=s&code=a%2Bb&iss=x", "s").unwrap().unwrap(), "a+b");
        for other in [
            "/callback?code=c&state=t",
            "/callback?code=c",
            "/callback?code=c&state=s&state=t",
            "/callback?state=s",
            "/callback?state=s&code=c&code=d",
            "/favicon.ico",
            "/callback/more?code=c&state=s",
            "//elsewhere.example/else?code=c&state=s",
            "",
        ] {
            assert!(returned(other, "s").is_none(), "{other}");
        }
        let refused = returned("/callback?error=access_denied&state=s", "s").unwrap().unwrap_err();
        assert_eq!(refused.code, Code::SignInRefused);
    }
}
