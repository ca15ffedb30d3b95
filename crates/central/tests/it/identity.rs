//! Signing in at a real OpenID provider: what central takes of it, and what it refuses.

mod claims;

use crate::{
    ground::{Ground, grounds},
    provider::{Browser, CLIENT, Provider, Visited},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use makegood_central::{
    App, Config, Running,
    identity::{self, nonce_of},
    serve, store,
};
use makegood_domain::{
    Clock,
    person::{Person, Role, Scope},
    random::Random,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::net::TcpListener;

const REDIRECT: &str = "http://127.0.0.1:1/callback";
const VERIFIER: &str = "a-verifier-that-is-long-enough-for-rfc-7636-to-like";

/// What a desk holds after the provider's part of a sign-in.
struct Given {
    id_token: String,
    secret: String,
}

/// Every sign-in has a secret of its own.
fn new_secret() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("what only sign-in {} knows", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A central whose people come from a provider.
struct Door {
    ground: Ground,
    app: App,
    running: Running,
    http: reqwest::Client,
}

/// One on each database. Its clock stands at the present, because the provider's runs.
async fn doors(settings: &identity::Provider) -> Vec<Door> {
    let mut doors = Vec::new();
    for ground in grounds(&Clock::system().now().to_rfc3339()).await {
        let provider = Some(settings.clone());
        let config = Config { schedule: None, provider, ..Config::new("Meridian") };
        let app = App::open(&ground.url, ground.clock.clone(), Random::system(), config);
        let app = app.await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = serve(listener, app.clone()).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        doors.push(Door { ground, app, running, http });
    }
    doors
}

fn settings(provider: &Provider) -> identity::Provider {
    identity::Provider::new(&provider.issuer, CLIENT)
}

impl Door {
    async fn list(&self, issuer: &str, subject: &str, roles: &[Role]) -> Person {
        let person = Person {
            id: self.app.store().ids().make(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            name: "Anna".to_owned(),
            roles: roles.iter().copied().collect(),
        };
        self.app.put_person(&person, &Scope::All).await.unwrap();
        person
    }

    async fn exchange(&self, id_token: &str, nonce: Option<&str>) -> (u16, Value) {
        let url = format!("{}/v1/session", self.running.url());
        let body = json!({ "id_token": id_token, "nonce": nonce });
        let response = self.http.post(url).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn refused_with(&self, id_token: &str, nonce: Option<&str>) -> (String, String) {
        let (status, problem) = self.exchange(id_token, nonce).await;
        assert!(status >= 400, "{problem}");
        let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        (text("code"), text("path"))
    }

    async fn refused(&self, given: &Given) -> (String, String) {
        self.refused_with(&given.id_token, Some(&given.secret)).await
    }

    async fn opens(&self, given: &Given) -> String {
        let (status, session) = self.exchange(&given.id_token, Some(&given.secret)).await;
        assert_eq!(status, 201, "{}: {session}", self.ground.name);
        session["token"].as_str().unwrap().to_owned()
    }

    async fn scope(&self, token: &str) -> Value {
        let url = format!("{}/v1/sync/scope", self.running.url());
        self.http.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap()
    }
}

fn url_with(base: &str, query: &[(&str, &str)]) -> String {
    reqwest::Url::parse_with_params(base, query).unwrap().to_string()
}

/// The first leg: the person says who they are, and the provider sends them back with a code.
async fn authorised(provider: &Provider, browser: &Browser, client: &str, nonce: &str) -> Visited {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let query = [
        ("client_id", client),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid profile makegood"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("nonce", nonce),
        ("state", "s"),
    ];
    browser.visit(&url_with(&format!("{}/auth", provider.issuer), &query)).await
}

/// The second: the code for tokens.
async fn redeemed(provider: &Provider, client: &str, code: &str) -> Value {
    let form = url_with(
        "form:/",
        &[
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("code", code),
        ],
    );
    let request = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = request
        .post(format!("{}/token", provider.issuer))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.split_once('?').unwrap().1.to_owned());
    request.send().await.unwrap().json().await.unwrap()
}

async fn given_by(provider: &Provider, browser: &Browser, client: &str) -> Given {
    let secret = new_secret();
    let visited = authorised(provider, browser, client, &nonce_of(&secret)).await;
    let code = visited.query("code").unwrap_or_else(|| panic!("{} {}", visited.url, visited.page));
    let tokens = redeemed(provider, client, &code).await;
    let id_token = tokens["id_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned();
    Given { id_token, secret }
}

async fn given(provider: &Provider, person: &str) -> Given {
    given_by(provider, &Browser::of(person), CLIENT).await
}

#[tokio::test]
async fn law_5_a_person_is_issuer_and_subject_and_signs_in_and_out() {
    let provider = Provider::start();
    for door in doors(&settings(&provider)).await {
        let person = door.list(&provider.issuer, "anna", &[Role::Csm]).await;
        // The same subject at another provider is somebody else.
        door.list("https://elsewhere.example", "anna", &[Role::Admin]).await;
        let url = format!("{}/v1/discovery", door.running.url());
        let told: Value = door.http.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(told["sign_in"]["issuer"], provider.issuer);
        assert_eq!(told["sign_in"]["client_id"], CLIENT);
        assert_eq!(told["sign_in"]["scopes"], json!(["openid", "profile", "offline_access"]));

        let token = door.opens(&given(&provider, "anna").await).await;
        let scope = door.scope(&token).await;
        assert_eq!(scope["person"]["id"], person.id.to_string());
        assert_eq!(scope["roles"], json!(["csm"]));

        let mut conn = door.app.store().reading().await.unwrap();
        let events = store::audit::events(&mut conn, 0, 1000).await.unwrap();
        let record = serde_json::to_string(&events).unwrap();
        assert!(record.contains("\"signed_in\":true") && !record.contains(&token));
        assert!(!record.contains("Anna"), "people stand on record by id only");
        drop(conn);

        let session = format!("{}/v1/session", door.running.url());
        let out = door.http.delete(session).bearer_auth(&token).send().await.unwrap();
        assert_eq!(out.status(), 204);
        assert_eq!(door.scope(&token).await["code"], "token_invalid");
    }
}

#[tokio::test]
async fn a_session_runs_out_and_says_so() {
    let provider = Provider::start();
    for door in doors(&settings(&provider)).await {
        door.list(&provider.issuer, "anna", &[Role::Csm]).await;
        let token = door.opens(&given(&provider, "anna").await).await;
        door.ground.clock.advance(Duration::from_secs(12 * 3600 - 1));
        assert_eq!(door.scope(&token).await["roles"], json!(["csm"]));
        door.ground.clock.advance(Duration::from_secs(1));
        assert_eq!(door.scope(&token).await["code"], "token_expired");
    }
}

#[tokio::test]
async fn law_6_a_sign_in_is_good_once() {
    let provider = Provider::start();
    let visited = authorised(&provider, &Browser::of("anna"), CLIENT, &nonce_of("x")).await;
    let code = visited.query("code").unwrap();
    assert!(redeemed(&provider, CLIENT, &code).await["id_token"].is_string());
    assert_eq!(redeemed(&provider, CLIENT, &code).await["error"], "invalid_grant");
    for door in doors(&settings(&provider)).await {
        door.list(&provider.issuer, "anna", &[Role::Csm]).await;
        let given = given(&provider, "anna").await;
        let exchange = || door.exchange(&given.id_token, Some(&given.secret));
        let twice = tokio::join!(exchange(), exchange(), exchange());
        let mut answers = [twice.0.0, twice.1.0, twice.2.0];
        answers.sort_unstable();
        assert_eq!(answers, [201, 409, 409], "{}", door.ground.name);
        assert_eq!(door.refused(&given).await.0, "sign_in_replayed");
    }
}

/// The token with another header and payload, signed by nobody.
fn forged(token: &str, header: &Value, change: impl Fn(&mut Value)) -> String {
    let payload = token.split('.').nth(1).unwrap();
    let mut claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    change(&mut claims);
    let [header, claims] = [header, &claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signature = token.rsplit('.').next().unwrap();
    format!("{header}.{claims}.{signature}")
}

fn header_of(token: &str) -> Value {
    let header = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_refused_at_its_claim() {
    let provider = Provider::start();
    let other = Provider::start();
    for door in doors(&settings(&provider)).await {
        door.list(&provider.issuer, "anna", &[Role::Csm]).await;
        let good = given(&provider, "anna").await;
        let (token, secret) = (good.id_token.as_str(), Some(good.secret.as_str()));
        let invalid = |at: &str| ("sign_in_invalid".to_owned(), at.to_owned());
        for wrong in [None, Some(""), Some("something else"), Some(nonce_of(&good.secret).as_str())]
        {
            assert_eq!(door.refused_with(token, wrong).await, invalid("nonce"), "{wrong:?}");
        }
        let theirs = given_by(&provider, &Browser::of("anna"), "somebody-elses").await;
        assert_eq!(door.refused(&theirs).await, invalid("aud"));
        assert_eq!(door.refused(&given(&other, "anna").await).await, invalid("iss"));

        let header = header_of(token);
        let someone = |claims: &mut Value| claims["sub"] = json!("root");
        let changed = forged(token, &header, someone);
        assert_eq!(door.refused_with(&changed, secret).await, invalid("signature"));
        for weak in ["none", "HS256", "HS512"] {
            let weak = forged(token, &json!({ "alg": weak, "kid": header["kid"] }), someone);
            let (code, at) = door.refused_with(&weak, secret).await;
            assert!(
                code == "sign_in_invalid" && ["alg", "signature"].contains(&at.as_str()),
                "{at}"
            );
            let (unsigned, _) = weak.rsplit_once('.').unwrap();
            let refused = door.refused_with(&format!("{unsigned}."), secret).await;
            assert_eq!(refused.0, "sign_in_invalid");
        }
        for garbage in ["", "a.b.c", "....", &"x".repeat(10_000)] {
            assert_eq!(door.refused_with(garbage, None).await, invalid("id_token"));
        }
        // None of it has spent the token, or opened anything.
        door.opens(&good).await;
    }
}

#[tokio::test]
async fn a_sign_in_that_is_old_is_refused() {
    let provider = Provider::start();
    for door in doors(&settings(&provider)).await {
        door.list(&provider.issuer, "anna", &[Role::Csm]).await;
        let token = given(&provider, "anna").await;
        let long_ago = door.ground.clock.now().timestamp() - 31 * 86_400;
        let stale = given_by(&provider, &Browser::since("anna", long_ago), CLIENT).await;
        assert_eq!(door.refused(&stale).await.0, "sign_in_expired");
        let recent = Browser::since("anna", long_ago + 2 * 86_400);
        door.opens(&given_by(&provider, &recent, CLIENT).await).await;
        // Under way for too long, though it is still valid; then no longer valid at all.
        for by in [630, 3600] {
            door.ground.clock.advance(Duration::from_secs(by));
            assert_eq!(door.refused(&token).await.0, "sign_in_expired");
        }
    }
}

#[tokio::test]
async fn keys_are_kept_and_asked_for_anew_when_one_is_unknown_but_not_at_everybodys_word() {
    let provider = Provider::start();
    for door in doors(&settings(&provider)).await {
        door.list(&provider.issuer, "anna", &[Role::Csm]).await;
        let before = provider.asked("GET /jwks").await;
        for _ in 0..3 {
            door.opens(&given(&provider, "anna").await).await;
        }
        assert_eq!(provider.asked("GET /jwks").await, before + 1);
        provider.rotate().await;
        let token = given(&provider, "anna").await;
        for _ in 0..3 {
            let refused = door.refused(&token).await;
            assert_eq!(refused, ("sign_in_invalid".to_owned(), "signature".to_owned()));
        }
        assert_eq!(provider.asked("GET /jwks").await, before + 1, "asked at a stranger's word");
        door.ground.clock.advance(Duration::from_secs(30));
        door.opens(&token).await;
        assert_eq!(provider.asked("GET /jwks").await, before + 2);
        // A key that was taken back is believed for an hour at most.
        let last = given(&provider, "anna").await;
        provider.rotate().await;
        door.ground.clock.advance(Duration::from_secs(3600));
        assert_eq!(door.refused(&last).await.1, "signature");
    }
}

#[tokio::test]
async fn elliptic_keys_are_taken_and_a_provider_that_is_down_is_named() {
    let mut provider = Provider::start();
    let settings = identity::Provider::new(&provider.issuer, "makegood-ec");
    for door in doors(&settings).await {
        door.list(&provider.issuer, "anna", &[Role::Csm]).await;
        let token = given_by(&provider, &Browser::of("anna"), "makegood-ec").await;
        assert_eq!(header_of(&token.id_token)["alg"], "ES256");
        door.opens(&token).await;
    }
    let token = given_by(&provider, &Browser::of("anna"), "makegood-ec").await;
    let doors = doors(&settings).await;
    provider.stop();
    for door in doors {
        assert_eq!(door.refused(&token).await.0, "provider_unreachable");
    }
}

#[tokio::test]
async fn a_central_without_a_provider_says_so_and_settings_that_can_not_be_are_refused() {
    for house in crate::house::houses().await {
        let body = json!({ "id_token": "a.b.c" });
        let request = house.http.post(house.url("/v1/session")).json(&body);
        let problem: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(problem["code"], "sign_in_unset");
        let told: Value =
            house.http.get(house.url("/v1/discovery")).send().await.unwrap().json().await.unwrap();
        assert_eq!(told["sign_in"], Value::Null);
    }
    let refused = |change: fn(&mut identity::Provider)| {
        let mut settings = identity::Provider::new("https://id.example.com", CLIENT);
        change(&mut settings);
        identity::Identity::new(settings).map(|_| ()).map_err(|problem| problem.path.unwrap())
    };
    assert_eq!(refused(|_| ()), Ok(()));
    assert_eq!(
        refused(|it| it.issuer = "http://id.example.com".to_owned()),
        Err("issuer".to_owned())
    );
    assert_eq!(refused(|it| it.issuer = "id.example.com".to_owned()), Err("issuer".to_owned()));
    assert_eq!(refused(|it| it.client_id.clear()), Err("client_id".to_owned()));
    assert_eq!(refused(|it| it.session_hours = 25), Err("session_hours".to_owned()));
    assert_eq!(refused(|it| it.sign_in_days = 0), Err("sign_in_days".to_owned()));
    assert_eq!(refused(|it| it.roles = vec!["a=csm".parse().unwrap()]), Err("roles".to_owned()));
}
