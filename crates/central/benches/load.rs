//! A busy day: 1,000 desks that wait for news, 50 people who propose and approve, and a source that
//! brings 50,000 slots a minute, all over sockets, for as long as `MAKEGOOD_BENCH_SECONDS` says (600).
//! No answer may be an error, nothing may be missing at the end.
//! `cargo bench -p makegood-central --bench load`.
#![allow(clippy::expect_used, reason = "a benchmark that can't go on has failed")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod book;

use book::{Book, SOURCE, books, instant, service};
use makegood_central::{
    App, Config, Running,
    close::{self, Until},
    limit::{Limits, Rate},
    serve,
    store::{self, Arg},
};
use makegood_domain::{
    Clock, Currency, Money,
    attainment::Attainment,
    command::{Base, Command, Verb},
    contract::Contract,
    id::{ContractId, CreditId, Ids},
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    random::Random,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    time::{Duration, Instant},
};

const NOW: &str = "2026-10-20T08:00:00Z";
const CONTRACTS: usize = 1_000;
const LINES: usize = 5;
const DESKS: usize = 1_000;
const DECIDING: usize = 50;
/// Slots of each series in a minute: 5,000 series bring 50,000.
const SLOTS: u64 = 10;
const SLOT: i64 = 300;
/// Series of one push: 10,000 pieces are the most.
const AT_ONCE: usize = 1_000;

fn main() {
    // As central does it for what it fetches itself.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seconds = std::env::var("MAKEGOOD_BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let lasts = Duration::from_secs(seconds.unwrap_or(600));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for book in books().await {
            book.fill(CONTRACTS, LINES, &json!({ "requests": { "slot": "5m" } })).await;
            day(&book, lasts).await;
        }
    });
}

/// Who asks, and where.
struct Caller {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Caller {
    async fn post(&self, path: &str, body: String) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let response = request.body(body).send().await.expect("answers");
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Follows the feed until `end`; how many pages came.
    async fn follow(&self, mut cursor: String, end: Instant) -> u64 {
        let mut pages = 0;
        while Instant::now() < end {
            let path = format!("{}/v1/sync/changes?wait=25&cursor={cursor}", self.url);
            let response = self.http.get(path).bearer_auth(&self.token).send().await;
            let response = response.expect("answers").error_for_status().expect("no error");
            let text = response.text().await.expect("whole");
            let last: Value =
                serde_json::from_str(text.lines().last().expect("an end")).expect("JSON");
            cursor = last["cursor"].as_str().expect("a cursor").to_owned();
            pages += 1;
        }
        pages
    }

    async fn snapshot(&self) -> String {
        let path = format!("{}/v1/sync/snapshot", self.url);
        loop {
            let response = self.http.get(&path).bearer_auth(&self.token).send().await;
            let response = response.expect("answers");
            if response.status() == 503 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
            let response = response.error_for_status().expect("no error");
            let cursor = response.headers()["makegood-cursor"].to_str().expect("text").to_owned();
            response.bytes().await.expect("whole");
            return cursor;
        }
    }

    /// Sends one command; its receipt.
    async fn command(&self, verb: Verb, base: Vec<Base>) -> Value {
        let ids = Ids::new(Clock::system(), Random::system());
        let command = Command { id: ids.make(), decided_at: instant(NOW), verb, base };
        let body = serde_json::to_string(&[command]).expect("JSON");
        let answers = self.post("/v1/commands", body).await;
        assert_eq!(answers[0]["outcome"], "applied", "{answers}");
        answers[0]["receipt"].clone()
    }
}

async fn begin(book: &Book) -> (App, Running) {
    let many = NonZeroU32::new(1_000_000).expect("more than none");
    let rate = Rate { per_second: many, burst: many };
    let limits = Limits {
        token: rate,
        address: rate,
        at_once: 4_000,
        connections: 4_000,
        connections_per_address: 4_000,
    };
    let schedule = Some(Duration::from_secs(60));
    let config = Config { limits, schedule, ..Config::new("Meridian") };
    let app = App::open(&book.url, book.clock.clone(), Random::system(), config).await;
    let app = app.expect("opens");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    (app.clone(), serve(listener, app).expect("serves"))
}

/// The way in: everybody has a token of their own.
struct Door {
    app: App,
    http: reqwest::Client,
    url: String,
}

impl Door {
    async fn caller(&self, name: &str, role: Role) -> Caller {
        let person = Person {
            id: self.app.store().ids().make(),
            issuer: "https://id.example".to_owned(),
            subject: name.to_owned(),
            name: name.to_owned(),
            roles: [role].into(),
        };
        let person = self.app.put_person(&person, &Scope::All).await.expect("a person");
        let token = self.app.issue_token(None, person, TokenKind::Session, 60).await;
        let token = token.expect("a token").text;
        Caller { http: self.http.clone(), url: self.url.clone(), token }
    }
}

async fn day(book: &Book, lasts: Duration) {
    book.clock.advance((instant(NOW) - book.clock.now()).to_std().expect("time goes on"));
    let until = Until { now: instant(NOW), grace_days: 3 };
    close::turn(&book.store, None, until).await.expect("turns");
    allow(&book.store).await;
    let (app, running) = begin(book).await;
    let url = running.url();
    let mut conn = book.store.reading().await.expect("reads");
    let contracts = store::list::<Contract>(&mut conn, "1 = 1 order by id", &[]).await;
    let contracts = contracts.expect("reads");
    drop(conn);

    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let door = Door { app, http, url };
    let mut reading = Vec::new();
    for at in 0..DESKS {
        reading.push(door.caller(&format!("desk-{at}"), Role::Csm).await);
    }
    let began = Instant::now();
    let begin = |desk: Caller| tokio::spawn(async move { (desk.snapshot().await, desk) });
    let beginning: Vec<_> = reading.into_iter().map(begin).collect();
    let mut ready = Vec::new();
    for desk in beginning {
        ready.push(desk.await.expect("no error"));
    }
    println!("{}: {DESKS} desks have a mirror after {:?}", book.name, began.elapsed());
    let end = Instant::now() + lasts;
    let follow = |(cursor, desk): (String, Caller)| {
        tokio::spawn(async move { desk.follow(cursor, end).await })
    };
    let desks: Vec<_> = ready.into_iter().map(follow).collect();
    let mut deciding = Vec::new();
    for (at, contract) in contracts.iter().take(DECIDING).enumerate() {
        let csm = door.caller(&format!("csm-{at}"), Role::Csm).await;
        let finance = door.caller(&format!("finance-{at}"), Role::Finance).await;
        deciding.push(tokio::spawn(decide(csm, finance, contract.row.id, end)));
    }
    let source = door.caller("root", Role::Admin).await;
    let requests = push(&source, end).await;
    let mut pages = 0;
    for desk in desks {
        pages += desk.await.expect("no error");
    }
    let mut took = Vec::new();
    for one in deciding {
        took.extend(one.await.expect("no error"));
    }
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
    println!(
        "{}: {} s: {DESKS} desks took {pages} answers; {} commands, p50 {:?}, p90 {:?}, p99 {:?}",
        book.name,
        lasts.as_secs(),
        took.len(),
        at(50),
        at(90),
        at(99),
    );
    running.stop().await.expect("ends");
    nothing_is_missing(book, took.len(), requests).await;
}

/// An approval matrix, without which nothing is approved.
async fn allow(store: &store::Store) {
    let limit = Money::new(100_000_000, Currency::parse("EUR").expect("a currency"));
    let (base, rates) = ("EUR".to_owned(), BTreeMap::new());
    let policy = Policy { version: 1, base, limit, rates, role_limits: BTreeMap::new() };
    let mut tx = store.begin(None).await.expect("begins");
    tx.put(&policy).await.expect("is written");
    tx.audit("policy.put", ("policy", "1"), None, json!(policy));
    tx.commit().await.expect("commits");
}

/// Proposes a euro and has it approved, again and again; how long each command took.
async fn decide(csm: Caller, finance: Caller, contract: ContractId, end: Instant) -> Vec<Duration> {
    let ids = Ids::new(Clock::system(), Random::system());
    let amount = Money::new(100, Currency::parse("EUR").expect("a currency"));
    let mut took = Vec::new();
    while Instant::now() < end {
        let credit: CreditId = ids.make();
        let (window, reason) = ("2026-10".to_owned(), "a busy day".to_owned());
        let propose = Verb::ProposeGoodwill { credit, contract, window, amount, reason };
        let began = Instant::now();
        csm.command(propose, Vec::new()).await;
        took.push(began.elapsed());
        let base = Base { entity: "credit".to_owned(), key: credit.to_string(), version: 1 };
        let began = Instant::now();
        finance.command(Verb::ApproveCredit { credit, amount }, vec![base]).await;
        took.push(began.elapsed());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    took
}

/// A minute's slots of every series, each minute; how many requests they told of.
async fn push(source: &Caller, end: Instant) -> u64 {
    let mut start = instant("2026-10-01T00:00:00Z");
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    let mut told = 0;
    while Instant::now() < end {
        minutes.tick().await;
        for from in (0..CONTRACTS * LINES).step_by(AT_ONCE) {
            let blocks: Vec<Value> = (from..from + AT_ONCE)
                .map(|series| {
                    let runs = (0..SLOTS).map(|slot| {
                        let requests = 200 + (series as u64 * 7 + slot * 31) % 900;
                        told += requests;
                        json!({ "requests": requests, "errors": slot % 3 })
                    });
                    json!({
                        "service": service(series / LINES, series % LINES),
                        "slot_seconds": SLOT, "start": start, "runs": runs.collect::<Vec<_>>(),
                    })
                })
                .collect();
            let body = json!({ "slots": blocks }).to_string();
            source.post(&format!("/v1/evidence/{SOURCE}/slots"), body).await;
        }
        start += chrono::TimeDelta::seconds(SLOTS.cast_signed() * SLOT);
    }
    told
}

/// Every decision is on record, and every request in October's windows.
async fn nothing_is_missing(book: &Book, commands: usize, requests: u64) {
    let until = Until { now: book.clock.now(), grace_days: 3 };
    close::turn(&book.store, None, until).await.expect("turns");
    let mut conn = book.store.reading().await.expect("reads");
    let mut decided = 0;
    for action in ["credit.goodwill_proposed", "credit.approved"] {
        let sql = "select id from audit_event where action = $1";
        let rows = store::fetch(&mut conn, sql, &[Arg::text(action)]).await;
        decided += rows.expect("reads").len();
    }
    assert_eq!(decided, commands, "decisions on record");
    let october = store::list::<Attainment>(&mut conn, "label = '2026-10'", &[]).await;
    let totals = october.expect("reads").into_iter().map(|attainment| attainment.row.total);
    let all: u64 = totals.map(|total| total.parse::<u64>().expect("a number")).sum();
    assert_eq!(all, requests, "requests in October");
    println!("{}: nothing is missing", book.name);
}
