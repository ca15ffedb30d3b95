//! The real OpenID provider of `provider.mjs` as a child process, and somebody with a browser.
//! Central's and the desk's tests take this file in as a module of theirs.
#![allow(dead_code, reason = "each of them uses its part")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]

use reqwest::{Client, Url, redirect::Policy};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Mutex, mpsc},
    thread,
    time::Duration,
};

/// The client that the provider knows desks by.
pub(crate) const CLIENT: &str = "makegood";

/// A provider that runs, until it is dropped.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    child: Child,
    http: Client,
}

/// The program and its first line; `None` where it says nothing within a minute.
fn begin(folder: &Path) -> Option<(Child, String)> {
    let mut child = Command::new("node")
        .arg("provider.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node starts");
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = said.read_line(&mut line);
        let _ = tell.send(line);
    });
    if let Ok(line) = told.recv_timeout(Duration::from_secs(60)) {
        return Some((child, line));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

impl Provider {
    pub(crate) fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/provider");
        assert!(
            folder.join("node_modules/oidc-provider").exists(),
            "the test provider is not installed: run `npm ci` in tests/provider"
        );
        // Node was seen to hang before it ran a line of ours; a test may not wait for that for ever.
        let (child, line) = (0..3).find_map(|_| begin(&folder)).expect("the provider starts");
        let said: Value = serde_json::from_str(&line).expect("the provider says where it listens");
        let issuer = said["issuer"].as_str().unwrap().to_owned();
        Self { issuer, child, http: client() }
    }

    /// Ends it, as when it is down.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    async fn control(&self, what: &str, body: &Value) -> Value {
        let url = format!("{}/control/{what}", self.issuer);
        self.http.post(url).json(body).send().await.unwrap().json().await.unwrap()
    }

    /// New signing keys; the old ones are gone.
    pub(crate) async fn rotate(&self) {
        self.control("rotate", &json!({})).await;
    }

    /// What it says about somebody from now on.
    pub(crate) async fn says(&self, person: &str, claims: Value) {
        self.control("claims", &json!({ person: claims })).await;
    }

    /// How often an endpoint was asked: `GET /jwks`.
    pub(crate) async fn asked(&self, endpoint: &str) -> usize {
        let seen = self.control("seen", &json!({})).await;
        seen.as_array().unwrap().iter().filter(|one| *one == endpoint).count()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Somebody's browser, without a face.
pub(crate) struct Browser {
    http: Client,
    person: String,
    authenticated: Option<i64>,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// A browser in which `person` will say who they are; `deny`: they will refuse.
    pub(crate) fn of(person: &str) -> Self {
        let person = person.to_owned();
        Self { http: client(), person, authenticated: None, cookies: Mutex::default() }
    }

    /// The same, with a login that the provider dates so, in seconds since 1970.
    pub(crate) fn since(person: &str, authenticated: i64) -> Self {
        Self { authenticated: Some(authenticated), ..Self::of(person) }
    }

    /// Follows `url` until it leads off the provider, or to a page without a form to send.
    pub(crate) async fn visit(&self, url: &str) -> Visited {
        let mut url = Url::parse(url).unwrap();
        let home = url.origin();
        let mut form: Option<Vec<(String, String)>> = None;
        for _ in 0..20 {
            if url.origin() != home {
                return Visited { url, page: String::new() };
            }
            let response = self.ask(&url, form.take()).await;
            if let Some(to) = response.headers().get("location") {
                url = url.join(to.to_str().unwrap()).unwrap();
                continue;
            }
            let page = response.text().await.unwrap();
            let Some(fields) = fields(&page) else { return Visited { url, page } };
            if let Some(action) = attribute(&page, "action") {
                url = url.join(&action).unwrap();
            }
            form = Some(fields);
        }
        panic!("{url} leads in circles");
    }

    async fn ask(&self, url: &Url, form: Option<Vec<(String, String)>>) -> reqwest::Response {
        let cookies: Vec<String> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = match form {
            Some(fields) => {
                let mut body = Url::parse("form:").unwrap();
                body.query_pairs_mut().extend_pairs(fields);
                self.http
                    .post(url.clone())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body.query().unwrap_or_default().to_owned())
            }
            None => self.http.get(url.clone()),
        };
        request = request.header("cookie", cookies.join("; ")).header("x-person", &self.person);
        if let Some(at) = self.authenticated {
            request = request.header("x-authenticated", at.to_string());
        }
        let response = request.send().await.unwrap();
        for set in response.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

/// Where a visit ended.
pub(crate) struct Visited {
    pub(crate) url: Url,
    pub(crate) page: String,
}

impl Visited {
    /// A parameter of the address.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

fn client() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

/// The hidden fields of a page's form, as a person who agrees would send them.
fn fields(page: &str) -> Option<Vec<(String, String)>> {
    let (_, form) = page.split_once("<form")?;
    let hidden = form.split("<input").skip(1).filter_map(|input| {
        let tag = input.split('>').next()?;
        Some((attribute(tag, "name")?, attribute(tag, "value")?))
    });
    Some(hidden.collect())
}

fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{name}=\""))?;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}
