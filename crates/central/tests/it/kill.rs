//! Central is killed while evidence comes in and windows are locked and revised. A sender repeats
//! what was not answered; afterwards all of it is there once. When to kill follows from what has been
//! answered: the other senders are in the middle of something then.

use crate::{
    ground::{Ground, system_grounds},
    house::{Seat, open, seat},
    northwind::{self, SERIES, SOURCE, apply, october, person},
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_central::store::{self, block};
use makegood_domain::person::{Role, Scope};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};
use tokio::sync::watch;

/// How many batches each of the senders has.
const BATCHES: usize = 30;
/// After how many answers central is killed, again and again.
const EVERY: usize = 9;

/// A central in a process of its own.
pub(crate) struct Central {
    process: Child,
    url: String,
}

impl Central {
    /// Starts it; it answers when this returns.
    pub(crate) fn start(database: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_makegood-central");
        let serve = ["serve", "--listen", "127.0.0.1:0", "--company", "Meridian"];
        let mut command = Command::new(program);
        command.args(["--database", database]).args(serve).env_remove("RUST_LOG");
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("it says where it answers").unwrap();
            if let Some((_, url)) = line.split_once("central answers at ") {
                let end = url.find(|c: char| c == '"' || c.is_whitespace()).unwrap_or(url.len());
                break url[..end].to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url }
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Central {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Somebody who sends, and repeats what was not answered.
struct Sender {
    http: reqwest::Client,
    token: String,
    address: watch::Receiver<String>,
    answered: watch::Sender<usize>,
}

impl Sender {
    async fn deliver(&mut self, route: &str, body: &str) -> Value {
        loop {
            let url = format!("{}{route}", *self.address.borrow_and_update());
            let request = self.http.post(url).bearer_auth(&self.token).body(body.to_owned());
            if let Ok(answer) = request.send().await {
                let status = answer.status();
                if let Ok(said) = answer.json::<Value>().await {
                    assert_eq!(status, 200, "{said}");
                    self.answered.send_modify(|answered| *answered += 1);
                    return said;
                }
            }
            self.address.changed().await.unwrap();
        }
    }

    async fn deliver_all(mut self, route: &str, bodies: Vec<String>) {
        for body in bodies {
            self.deliver(route, &body).await;
        }
    }
}

fn hour(day: u32, hours: usize) -> DateTime<Utc> {
    let midnight: DateTime<Utc> = format!("2026-10-{day:02}T00:00:00Z").parse().unwrap();
    midnight + TimeDelta::hours(i64::try_from(hours).unwrap())
}

/// An hour of slots each; every third time a whole day.
fn slots() -> Vec<String> {
    let batch = |number: usize| {
        let (start, count) = if number.is_multiple_of(3) {
            (hour(1 + u32::try_from(number / 3).unwrap(), 0), 288)
        } else {
            (hour(20, number), 12)
        };
        let run = json!({ "count": count, "requests": 1000, "errors": number });
        let block =
            json!({ "service": SERIES, "slot_seconds": 300, "start": start, "runs": [run] });
        json!({ "slots": [block] }).to_string()
    };
    (0..BATCHES).map(batch).collect()
}

fn outages() -> Vec<String> {
    let batch = |number: usize| {
        let from = hour(10, number);
        let to = from + TimeDelta::seconds(60);
        json!({ "outages": [{ "service": SERIES, "from": from, "to": to }] }).to_string()
    };
    (0..BATCHES).map(batch).collect()
}

/// Northwind, whose first contract counts requests.
async fn told(ground: &Ground) -> Seat {
    let admin = person(ground, "root", Role::Admin).await;
    let mut document = northwind::document();
    document["incidents"] = json!([]);
    let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
    line["terms"]["measure"] = json!({ "requests": { "slot": "5m" } });
    line["terms"].as_object_mut().unwrap().remove("exclusions");
    apply(ground, admin, &document).await;
    seat(&open(ground).await, "Sender", Role::Admin, Scope::All).await
}

async fn batches_are_there_once(ground: &Ground) {
    let mut conn = ground.store.reading().await.unwrap();
    let mut seen = BTreeMap::new();
    for event in store::audit::events(&mut conn, 0, 100_000).await.unwrap() {
        if event.action == "evidence.added" {
            *seen.entry(event.detail["sha256"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
    }
    let sent = slots().into_iter().chain(outages());
    let sent = sent.map(|body| (hex::encode(Sha256::digest(body)), 1)).collect();
    assert_eq!(seen, sent, "{}: one event for each batch", ground.name);
    let series = store::series::of_source(&mut conn, SOURCE).await.unwrap()[SERIES].id;
    let all = block::recorded(&mut conn, &[series], (i64::MIN, i64::MAX)).await.unwrap();
    let count: u32 = all[&series].iter().map(|one| one.stretch.run.count).sum();
    assert_eq!(count, 10 * 288 + 20 * 12, "{}: each slot once", ground.name);
    let sql = "select cast(count(*) as bigint) from evidence";
    let outages = store::fetch(&mut conn, sql, &[]).await.unwrap();
    assert_eq!(store::int(&outages[0], 0).unwrap(), 30, "{}: each outage once", ground.name);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_6_central_is_killed_at_any_moment_and_nothing_is_lost_or_there_twice() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for ground in system_grounds().await {
        let token = told(&ground).await.token;
        let mut central = Central::start(&ground.url);
        let (address, told) = watch::channel(central.url.clone());
        let (answered, mut answers) = watch::channel(0);
        let sender = || Sender {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            token: token.clone(),
            address: told.clone(),
            answered: answered.clone(),
        };
        let (to_slots, to_outages) =
            (format!("/v1/evidence/{SOURCE}/slots"), format!("/v1/evidence/{SOURCE}/outages"));
        let closings = vec!["{}".to_owned(); BATCHES];
        let sending = async {
            tokio::join!(
                sender().deliver_all(&to_slots, slots()),
                sender().deliver_all(&to_outages, outages()),
                sender().deliver_all("/v1/windows/close", closings),
            )
        };
        let killing = async {
            let mut kills = 0;
            for moment in (1..3 * BATCHES - 2).step_by(EVERY) {
                answers.wait_for(|answers| *answers >= moment).await.unwrap();
                central.kill();
                central = Central::start(&ground.url);
                address.send_replace(central.url.clone());
                kills += 1;
            }
            kills
        };
        let (_, kills) = tokio::join!(sending, killing);
        assert_eq!(kills, 10);
        sender().deliver("/v1/windows/close", "{}").await;
        drop(central);

        batches_are_there_once(&ground).await;
        makegood_central::audit::verify(&ground.store, 1, &[]).await.unwrap();
        let (settlement, attainment) = october(&ground, "NW-1").await;
        let errors = |number: usize| number * if number.is_multiple_of(3) { 288 } else { 12 };
        let errors: usize = (0..BATCHES).map(errors).sum();
        assert_eq!(attainment.bad, errors.to_string(), "{}", ground.name);
        assert!(settlement.revision > 1, "{}: it was revised under way", ground.name);
        let (settlement, attainment) = october(&ground, "NW-2").await;
        assert_eq!(attainment.bad, (60 * BATCHES).to_string(), "{}", ground.name);
        assert!(settlement.revision > 1, "{}: it was revised under way", ground.name);
    }
}
