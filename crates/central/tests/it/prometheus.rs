//! A real Prometheus, asked by central: every request once, and what nobody saw left unknown.

use crate::{
    ground::{Ground, listening, system_grounds},
    northwind::{self, apply, person},
};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use chrono::{DateTime, Utc};
use makegood_central::{
    ingest::{Recorded, Report},
    source,
    store::{self, block},
};
use makegood_domain::{Clock, Code, person::Role, source::SourceState};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write as _,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What the exporter shows: a counter by customer and code, or nothing while it is down.
#[derive(Default)]
struct Shown {
    counters: BTreeMap<(&'static str, u16), u64>,
    down: bool,
}

#[derive(Clone, Default)]
struct Exporter(Arc<Mutex<Shown>>);

impl Exporter {
    fn count(&self, customer: &'static str, code: u16, by: u64) {
        *self.0.lock().unwrap().counters.entry((customer, code)).or_default() += by;
    }

    fn set_down(&self, down: bool) {
        self.0.lock().unwrap().down = down;
    }

    /// As after a restart of what it tells of.
    fn begin_anew(&self) {
        self.0.lock().unwrap().counters.values_mut().for_each(|count| *count = 0);
    }

    async fn serve(&self) -> u16 {
        listening(Router::new().route("/metrics", get(metrics)).with_state(self.clone())).await
    }
}

async fn metrics(State(exporter): State<Exporter>) -> Result<String, StatusCode> {
    let shown = exporter.0.lock().unwrap();
    if shown.down {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let mut text = "# TYPE requests_total counter\n".to_owned();
    for ((customer, code), count) in &shown.counters {
        writeln!(text, "requests_total{{customer=\"{customer}\",code=\"{code}\"}} {count}")
            .unwrap();
    }
    Ok(text)
}

/// A Prometheus of the test's own; killed when dropped.
pub(crate) struct Prometheus {
    child: Child,
    pub(crate) url: String,
    http: reqwest::Client,
    _folder: TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Prometheus {
    /// `None`: it is not installed here, and that is said.
    pub(crate) async fn start(exporter: u16) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let text = format!(
            "global: {{ scrape_interval: 100ms, scrape_timeout: 100ms }}\n\
             scrape_configs: [{{ job_name: api, static_configs: [{{ targets: ['127.0.0.1:{exporter}'] }}] }}]\n"
        );
        std::fs::write(&config, text).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let started = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{free}"))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn();
        let Ok(child) = started else {
            let mut output = std::io::stderr(); // past the test runner, which would swallow it
            writeln!(output, "\n*** NOT TESTED: there is no `prometheus` here; apt install it ***")
                .unwrap();
            return None;
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://127.0.0.1:{free}");
        Some(Self { child, url, http, _folder: folder })
    }

    /// What a query shows now: the sum over its series.
    async fn shows(&self, query: &str) -> Option<u64> {
        let request =
            self.http.get(format!("{}/api/v1/query", self.url)).query(&[("query", query)]);
        let answer: Value = request.send().await.ok()?.json().await.ok()?;
        let sum = answer["data"]["result"].as_array()?.first()?["value"][1].as_str()?.parse();
        sum.ok()
    }

    pub(crate) async fn until_shows(&self, query: &str, expected: u64) {
        let mut shown = None;
        for _ in 0..600 {
            shown = self.shows(query).await;
            if shown == Some(expected) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{query} shows {shown:?}, not {expected}");
    }
}

const NAME: &str = "prom";

fn definition(url: &str, from: DateTime<Utc>) -> Value {
    json!({
        "name": NAME, "kind": "prometheus",
        "settings": {
            "url": url, "label": "customer", "slot": "1s", "settled_after": "1s", "from": from,
            "good": "requests_total{code!~\"5..\"}[$range]", "total": "requests_total[$range]",
        },
    })
}

/// Northwind's first contract, over what this Prometheus says of it.
fn contract() -> Value {
    let mut document = northwind::document();
    document["contracts"].as_array_mut().unwrap().truncate(1);
    let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
    line["series"] = json!({ "source": NAME, "service": "northwind" });
    line["terms"]["measure"] = json!({ "requests": { "slot": "1s" } });
    line["terms"].as_object_mut().unwrap().remove("exclusions");
    document["incidents"] = json!([]);
    document
}

/// Runs the source until it has been asked for the time up to now, whatever it saw.
async fn run(ground: &Ground) -> Report {
    let mut sum = Report::default();
    let until = ground.store.clock().now() + chrono::TimeDelta::seconds(1);
    loop {
        let report = source::run(&ground.store, NAME, None, until + chrono::TimeDelta::days(1));
        let report = report.await.unwrap();
        sum.added += report.added;
        sum.corrected += report.corrected;
        let mut conn = ground.store.reading().await.unwrap();
        let stored = store::source::by_name(&mut conn, NAME).await.unwrap().unwrap();
        if stored.cursor.is_some_and(|cursor| cursor >= until) {
            return sum;
        }
        drop(conn);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The slots on record, in order of time.
async fn slots(ground: &Ground) -> Vec<Recorded> {
    let mut conn = ground.store.reading().await.unwrap();
    let known = store::series::of_source(&mut conn, NAME).await.unwrap();
    let series: Vec<_> = known.values().map(|known| known.id).collect();
    let found = block::recorded(&mut conn, &series, (i64::MIN, i64::MAX)).await.unwrap();
    let mut slots: Vec<Recorded> = found.into_values().flatten().collect();
    slots.sort_by_key(|one| one.stretch.start);
    slots
}

/// Requests and errors of all slots on record, and how many slots.
async fn sums(ground: &Ground) -> (u64, u64, u64) {
    let mut sums = (0, 0, 0);
    for one in slots(ground).await {
        let run = one.stretch.run;
        let count = u64::from(run.count);
        sums.0 += run.requests.unwrap() * count;
        sums.1 += run.errors.unwrap() * count;
        sums.2 += count;
    }
    sums
}

async fn status(ground: &Ground) -> makegood_domain::source::SourceStatus {
    let mut statuses = source::statuses(&ground.store).await.unwrap();
    statuses.retain(|status| status.name == NAME);
    statuses.remove(0)
}

async fn run_everywhere(grounds: &[Ground]) {
    for ground in grounds {
        run(ground).await;
    }
}

async fn all_sum_to(grounds: &[Ground], requests: u64, errors: u64) {
    for ground in grounds {
        run(ground).await;
        let (total, bad, _) = sums(ground).await;
        assert_eq!((total, bad), (requests, errors), "{}", ground.name);
    }
}

/// Runs the source until it has seen Northwind, and a stranger whom no SLA line names.
async fn until_seen(ground: &Ground) {
    for _ in 0..60 {
        run(ground).await;
        let status = status(ground).await;
        if (status.state, status.ignored) == (SourceState::Ok, 1) {
            return;
        }
    }
    panic!("nothing is seen");
}

#[tokio::test]
async fn every_request_counts_once_and_what_nobody_saw_is_unknown() {
    let exporter = Exporter::default();
    exporter.count("northwind", 200, 1_000_000);
    exporter.count("stranger", 200, 5);
    let began = Clock::system().now();
    let Some(prometheus) = Prometheus::start(exporter.serve().await).await else { return };
    prometheus.until_shows("sum(requests_total)", 1_000_005).await;
    let grounds = system_grounds().await;
    for ground in &grounds {
        let admin = person(ground, "root", Role::Admin).await;
        apply(ground, admin, &contract()).await;
        let definition = definition(&prometheus.url, began - chrono::TimeDelta::seconds(30));
        source::put(&ground.store, definition.to_string().as_bytes()).await.unwrap();
        assert_eq!(status(ground).await.state, SourceState::Never);
    }
    for ground in &grounds {
        until_seen(ground).await;
        assert_eq!(sums(ground).await.1, 0, "{}", ground.name);
        let first = slots(ground).await[0].stretch.start;
        assert!(first >= began.timestamp(), "{first}: nothing is known of the time before {began}");
    }

    exporter.count("northwind", 200, 100);
    exporter.count("northwind", 500, 7);
    prometheus.until_shows("sum(requests_total)", 1_000_112).await;
    evidence_comes_with_its_cursor(&grounds[0]).await;
    all_sum_to(&grounds, 107, 7).await;

    exporter.set_down(true);
    prometheus.until_shows("sum(up)", 0).await;
    exporter.count("northwind", 200, 20);
    run_everywhere(&grounds).await;
    let blind = grounds[0].store.clock().now();
    run_everywhere(&grounds).await;
    exporter.set_down(false);
    prometheus.until_shows("sum(requests_total)", 1_000_132).await;
    all_sum_to(&grounds, 127, 7).await;
    for ground in &grounds {
        let blind = blind.timestamp();
        let unseen = |one: &Recorded| one.stretch.start > blind || one.stretch.end() <= blind;
        assert!(slots(ground).await.iter().all(unseen), "{}: nobody saw {blind}", ground.name);
    }

    exporter.begin_anew();
    prometheus.until_shows("sum(requests_total)", 0).await;
    exporter.count("northwind", 500, 3);
    prometheus.until_shows("sum(requests_total)", 3).await;
    all_sum_to(&grounds, 130, 10).await;
    asking_again_adds_nothing(&grounds, &prometheus).await;
    what_can_t_be_used_is_said(&grounds, &prometheus).await;
    gone(&grounds, prometheus).await;
}

/// The database refuses to move the cursor: then what it stands for is not there either.
async fn evidence_comes_with_its_cursor(ground: &Ground) {
    assert_eq!(ground.name, "sqlite");
    let write = async |sql: &str| {
        let mut tx = ground.store.begin(None).await.unwrap();
        tx.execute(sql, &[]).await.unwrap();
        tx.commit().await.unwrap();
    };
    let before = sums(ground).await;
    write(
        "create trigger stuck before update of cursor_at on source \
         when new.cursor_at > old.cursor_at begin select raise(abort, 'stuck'); end",
    )
    .await;
    let refused = loop {
        let until = ground.store.clock().now();
        if let Err(refused) = source::run(&ground.store, NAME, None, until).await {
            break refused;
        }
    };
    assert_eq!(refused.code, Code::Database, "{refused}");
    assert_eq!(sums(ground).await, before);
    write("drop trigger stuck").await;
}

async fn asking_again_adds_nothing(grounds: &[Ground], prometheus: &Prometheus) {
    for ground in grounds {
        let until = ground.store.clock().now();
        let again = until - chrono::TimeDelta::seconds(600);
        // Slots cut otherwise into turns are the same slots.
        let mut other = definition(&prometheus.url, again);
        other["settings"]["slots_per_turn"] = json!(7);
        source::put(&ground.store, other.to_string().as_bytes()).await.unwrap();
        let report = source::run(&ground.store, NAME, Some(again), until).await.unwrap();
        assert_eq!(report.corrected, 0, "{}", ground.name);
        assert!(report.repeated > 0, "{}: {report:?}", ground.name);
        let (total, bad, _) = sums(ground).await;
        assert_eq!((total, bad), (130, 10), "{}", ground.name);
        let apart = |a: &Recorded, b: &Recorded| a.stretch.end() <= b.stretch.start;
        assert!(slots(ground).await.is_sorted_by(apart), "{}: nothing is there twice", ground.name);
    }
}

async fn what_can_t_be_used_is_said(grounds: &[Ground], prometheus: &Prometheus) {
    let ground = &grounds[0];
    let cases = [
        ("increase(requests_total[$range])", "the query gives a vector"),
        ("requests_total[$range", "HTTP 400 Bad Request"),
        ("scrape_duration_seconds[$range]", "scrape_duration_seconds shows 0.0"),
    ];
    for (total, said) in cases {
        let mut bad = definition(&prometheus.url, ground.store.clock().now());
        bad["settings"]["total"] = json!(total);
        source::put(&ground.store, bad.to_string().as_bytes()).await.unwrap();
        let until = ground.store.clock().now();
        let again = until - chrono::TimeDelta::seconds(10);
        let refused = source::run(&ground.store, NAME, Some(again), until).await.unwrap_err();
        assert_eq!(refused.code, Code::SourceAnswer, "{refused}");
        assert!(refused.message.starts_with(said), "{refused}");
        let status = status(ground).await;
        assert_eq!((status.state, status.problem), (SourceState::Failing, Some(refused)));
    }
}

async fn gone(grounds: &[Ground], prometheus: Prometheus) {
    let url = prometheus.url.clone();
    drop(prometheus);
    for ground in grounds {
        let before = sums(ground).await;
        let now = ground.store.clock().now();
        source::put(&ground.store, definition(&url, now).to_string().as_bytes()).await.unwrap();
        while status(ground).await.problem.is_none_or(|it| it.code != Code::SourceUnreachable) {
            source::ask(&ground.store).await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(status(ground).await.state, SourceState::Failing, "{}", ground.name);
        assert_eq!(sums(ground).await, before, "{}", ground.name);
    }
}

#[tokio::test]
async fn a_definition_that_breaks_a_rule_is_named() {
    for ground in system_grounds().await {
        let here = "http://127.0.0.1:9090";
        let now = ground.store.clock().now();
        let cases = [
            ("url", json!("http://prometheus.example.com"), "settings.url"),
            ("url", json!("https://me:secret@prometheus.example.com"), "settings.url"),
            ("total", json!("requests_total[5m]"), "settings.total"),
            ("slot", json!("7m"), "settings.slot"),
            ("slots_per_turn", json!(0), "settings.slots_per_turn"),
            ("colour", json!("red"), "settings.colour"),
        ];
        for (key, value, path) in cases {
            let mut broken = definition(here, now);
            broken["settings"][key] = value;
            let refused = source::put(&ground.store, broken.to_string().as_bytes()).await;
            let problem = refused.unwrap_err();
            assert_eq!((problem.code, problem.path.as_deref()), (Code::Invalid, Some(path)));
            assert!(!problem.message.contains("secret"), "{problem}");
        }
        source::put(&ground.store, definition(here, now).to_string().as_bytes()).await.unwrap();
        let mut longer = definition(here, now);
        longer["settings"]["slot"] = json!("5m");
        let problem = source::put(&ground.store, longer.to_string().as_bytes()).await.unwrap_err();
        assert_eq!(problem.path.as_deref(), Some("settings.slot"), "{}", ground.name);
    }
}
