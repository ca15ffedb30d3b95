//! Who asks too much, too fast or too slowly holds up nobody else.

use crate::{
    ground::{Ground, grounds},
    house::{open_with, seat},
};
use makegood_central::{
    Config, Running,
    limit::{Limits, Rate, Timeouts},
    serve,
};
use makegood_domain::person::{Role, Scope};
use std::{num::NonZeroU32, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

async fn running(ground: &Ground, limits: Limits, timeouts: Timeouts) -> Running {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = Config { limits, timeouts, ..Config::new("Meridian") };
    let app = open_with(ground, config).await;
    serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), app).unwrap()
}

fn rate(per_second: u32, burst: u32) -> Rate {
    let number = |value| NonZeroU32::new(value).unwrap();
    Rate { per_second: number(per_second), burst: number(burst) }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_go_on_and_nobody_else_is() {
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let limits = Limits { token: rate(1, 5), ..Limits::default() };
        let running = running(&ground, limits, Timeouts::default()).await;
        let anna = seat(running.app(), "Anna", Role::Csm, Scope::All).await;
        let ben = seat(running.app(), "Ben", Role::Csm, Scope::All).await;
        let http = http();
        let ask = |token: &str| {
            http.get(format!("{}/v1/sync/scope", running.url())).bearer_auth(token).send()
        };
        let mut refused = None;
        for _ in 0..40 {
            let answer = ask(&anna.token).await.unwrap();
            if answer.status() == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("forty at once are more than five");
        let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=2).contains(&wait), "{wait}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "too_many_requests");
        assert_eq!(ask(&ben.token).await.unwrap().status(), 200, "another token is not held up");
    }
}

#[tokio::test]
async fn an_address_is_limited_whatever_tokens_it_tries() {
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let limits = Limits { address: rate(1, 5), ..Limits::default() };
        let running = running(&ground, limits, Timeouts::default()).await;
        let http = http();
        let mut statuses = Vec::new();
        for guess in 0..40 {
            let request = http.get(format!("{}/v1/sync/scope", running.url()));
            let answer = request.bearer_auth(format!("mgd_{guess}")).send().await.unwrap();
            statuses.push(answer.status().as_u16());
        }
        assert_eq!(statuses[0], 401);
        assert!(statuses.contains(&429), "{statuses:?}");
    }
}

#[tokio::test]
async fn a_token_has_so_many_answers_under_way_at_once() {
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let limits = Limits { at_once: 2, ..Limits::default() };
        let running = running(&ground, limits, Timeouts::default()).await;
        let anna = seat(running.app(), "Anna", Role::Csm, Scope::All).await;
        let http = http();
        let url = running.url();
        let cursor = {
            let first = http.get(format!("{url}/v1/sync/changes")).bearer_auth(&anna.token);
            let text = first.send().await.unwrap().text().await.unwrap();
            let end: serde_json::Value =
                serde_json::from_str(text.lines().last().unwrap()).unwrap();
            end.to_string()
                .split("\"cursor\":\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        };
        let wait = |seconds: u64| {
            let path = format!("{url}/v1/sync/changes?cursor={cursor}&wait={seconds}");
            http.get(path).bearer_auth(&anna.token).send()
        };
        // Two wait for news, and a third is one too many; whichever comes last is refused.
        let (one, two, three) = tokio::join!(wait(1), wait(1), wait(1));
        let mut statuses = [one, two, three].map(|answer| answer.unwrap().status().as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 429]);
        assert_eq!(wait(0).await.unwrap().status(), 200, "what was held is given back");
    }
}

/// What comes back on a connection until it is closed.
async fn said(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(Duration::from_secs(20), read).await.expect("it is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn who_dawdles_is_cut_off_while_others_are_answered() {
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let short = Duration::from_millis(300);
        let timeouts = Timeouts { headers: short, body: short, ..Timeouts::default() };
        let limits = Limits { connections_per_address: 3, ..Limits::default() };
        let running = running(&ground, limits, timeouts).await;
        let root = seat(running.app(), "Root", Role::Admin, Scope::All).await;
        let mut silent = TcpStream::connect(running.address()).await.unwrap();
        silent.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n").await.unwrap();
        let mut slow = TcpStream::connect(running.address()).await.unwrap();
        let head = format!(
            "POST /v1/import HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\
             content-length: 1000\r\n\r\n{{",
            root.token
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        let answer = http().get(format!("{}/healthz", running.url())).send().await.unwrap();
        assert_eq!(answer.status(), 200, "a third is answered meanwhile");
        assert!(!said(silent).await.contains("200 OK"), "headers that never end");
        let slow = said(slow).await;
        assert!(slow.starts_with("HTTP/1.1 422") && slow.contains("broke off"), "{slow}");
        // The places are free again: more than three come one after the other.
        for _ in 0..6 {
            let answer = http().get(format!("{}/healthz", running.url())).send().await.unwrap();
            assert_eq!(answer.status(), 200);
        }
    }
}

#[tokio::test]
async fn an_address_holds_no_more_connections_than_its_share() {
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let limits = Limits { connections_per_address: 2, ..Limits::default() };
        let running = running(&ground, limits, Timeouts::default()).await;
        let connect = || TcpStream::connect(running.address());
        let (one, two) = (connect().await.unwrap(), connect().await.unwrap());
        let third = said(connect().await.unwrap()).await;
        assert_eq!(third, "", "it is closed without a word");
        drop((one, two));
    }
}

#[tokio::test]
async fn an_answer_that_is_not_ready_in_time_is_given_up() {
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let timeouts = Timeouts { answer: Duration::from_millis(300), ..Timeouts::default() };
        let running = running(&ground, Limits::default(), timeouts).await;
        let root = seat(running.app(), "Root", Role::Admin, Scope::All).await;
        // Somebody else holds what the request needs.
        let mut tx = running.app().store().begin(None).await.unwrap();
        tx.lock(makegood_central::store::Lock::Import).await.unwrap();
        let import = r#"{"format": "makegood/import/1"}"#;
        let request = http().post(format!("{}/v1/import", running.url())).body(import);
        let answer = request.bearer_auth(&root.token).send().await.unwrap();
        assert_eq!(answer.status(), 503);
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "timed_out");
        drop(tx);
        let request = http().post(format!("{}/v1/import", running.url())).body(import);
        let answer = request.bearer_auth(&root.token).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
}
