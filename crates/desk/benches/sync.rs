//! A scope of 100,000 entities on its way to a desk, over a socket: as rows and as a ready mirror,
//! beside a loop of prepared inserts (rusqlite) and `sqlite3 .import` of the same rows into the same
//! tables, in one run: months of SLA lines, the largest rows there are many of, with eight indexes; and
//! notes, the smallest. `MAKEGOOD_BENCH_ROWS` gives another number.
#![allow(clippy::expect_used, reason = "a benchmark that can't go on has failed")]

use chrono::{DateTime, TimeDelta, Utc};
use makegood_central::{App, Config, serve, store::Store};
use makegood_desk::{Desk, Ground, central::Central};
use makegood_domain::{
    Clock,
    attainment::Attainment,
    customer::Customer,
    id::{AttainmentId, ContractId, CustomerId, NoteId, PersonId, SlaLineId},
    note::Note,
    person::{Person, Role, Scope, TokenKind},
    random::Random,
    wire::{Body, Change},
};
use makegood_mirror::Mirror;
use serde_json::json;
use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

/// Rows of one transaction, at central and, while many pages come, at the desk.
const AT_ONCE: usize = 18_000;
/// Windows of one line.
const MONTHS: usize = 36;
/// How often each is measured; the best counts.
const TIMES: usize = 3;

fn main() {
    let rows = std::env::var("MAKEGOOD_BENCH_ROWS").ok().and_then(|text| text.parse().ok());
    let rows = rows.unwrap_or(100_000);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut short = Vec::new();
    for sent in [Sent::Months, Sent::Notes] {
        short.extend(runtime.block_on(measure(sent, rows)));
    }
    if !short.is_empty() {
        eprintln!("too slow: {}", short.join("; "));
        std::process::exit(1);
    }
}

/// What is sent, besides the customers that it belongs to.
#[derive(Debug, Clone, Copy)]
enum Sent {
    Months,
    Notes,
}

impl Sent {
    fn table(self) -> &'static str {
        match self {
            Self::Months => "attainment",
            Self::Notes => "note",
        }
    }

    /// The least that rows applied, and rows end to end, may be of the loop, and a ready mirror of `.import`.
    fn least(self) -> [f64; 3] {
        match self {
            Self::Months => [0.85, 0.5, 6.0],
            Self::Notes => [0.3, 0.3, 2.0],
        }
    }
}

/// Measures, says what it took, and answers what was slower beside its peer than it may be.
async fn measure(sent: Sent, rows: usize) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::fixed(instant("2026-11-09T08:00:00Z"));
    let config = Config { schedule: None, ..Config::new("Meridian") };
    let url = format!("sqlite:{}", folder.path().join("central.db").display());
    let app = App::open(&url, clock.clone(), Random::system(), config).await.expect("opens");
    let person = fill(&app, sent, rows).await;
    let token = app.issue_token(None, person, TokenKind::Session, 60).await.expect("a token").text;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let running = serve(listener, app.clone()).expect("serves");
    let central = Central::new(&running.url(), &token).expect("an address");

    let (changes, wire) = all(&central, &running.url(), &token).await;
    println!(
        "{sent:?}: {} entities, {:.1} bytes each on the wire",
        changes.len(),
        wire / per(&changes)
    );
    apply(&changes, folder.path().join("rows.db")).await;
    let rows = Rows::read(sent.table(), &folder.path().join("rows.db"));
    let loops = best(|n| prepared(&rows, folder.path().join(format!("loop-{n}.db")))).await;
    say("a loop of prepared inserts", loops, changes.len(), loops);
    let paged = best(|n| apply(&changes, folder.path().join(format!("apply-{n}.db")))).await;
    say("pages applied", paged, changes.len(), loops);
    let stream = best(|n| rows_in(&central, folder.path().join(format!("rows-{n}.db")))).await;
    say("rows, end to end", stream, changes.len(), loops);
    let address = running.url();
    let ready =
        best(|n| begin(&address, &token, clock.clone(), folder.path().join(format!("desk-{n}"))));
    let ready = ready.await;
    say("a ready mirror, end to end", ready, changes.len(), loops);
    let csv = folder.path().join("rows.csv");
    rows.write_csv(&csv);
    let import =
        best(|n| import(sent, csv.clone(), folder.path().join(format!("import-{n}.db")))).await;
    say("sqlite3 .import", import, changes.len(), loops);
    println!("a ready mirror is {:.1} times as fast as sqlite3 .import", import / ready);
    running.stop().await.expect("ends");
    pouch(&changes, &folder.path().join("documents.ndjson"), stream, ready);
    let ratios = [
        ("pages applied", loops / paged),
        ("rows, end to end", loops / stream),
        ("a ready mirror", import / ready),
    ];
    let short = ratios.into_iter().zip(sent.least()).filter(|((_, ratio), least)| ratio < least);
    short.map(|((what, ratio), least)| format!("{sent:?}, {what}: {ratio:.2} < {least}")).collect()
}

/// The same documents by PouchDB, where `MAKEGOOD_BENCH_POUCH` names the folder of the peer.
fn pouch(changes: &[Change], file: &Path, stream: f64, ready: f64) {
    let Some(peer) = std::env::var_os("MAKEGOOD_BENCH_POUCH") else {
        println!("without PouchDB: MAKEGOOD_BENCH_POUCH names no peer");
        return;
    };
    let mut text = String::new();
    for change in changes {
        let row = change.row.as_ref().map_or("null", Body::text);
        let mut row: serde_json::Value = serde_json::from_str(row).expect("JSON");
        row["_id"] = json!(change.key);
        let _ = writeln!(text, "{row}");
    }
    std::fs::write(file, text).expect("is written");
    let peer = Path::new(&peer).join("peer.mjs");
    let done = Command::new("node").arg(peer).arg(file).output().expect("node is installed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).expect("what it took");
    for batches in ["thousands", "hundreds"] {
        let theirs = told[batches].as_f64().expect("seconds");
        println!(
            "PouchDB in {batches}: {theirs:.1} s; rows are {:.0} times as fast, a ready mirror {:.0} times",
            theirs / stream,
            theirs / ready
        );
    }
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn per(changes: &[Change]) -> f64 {
    changes.len() as f64
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn say(what: &str, seconds: f64, rows: usize, loops: f64) {
    let rate = rows as f64 / seconds;
    println!("{what}: {seconds:.2} s, {rate:.0} rows/s, {:.2} times the loop", loops / seconds);
}

async fn best<F: Future<Output = f64>>(one: impl Fn(usize) -> F) -> f64 {
    let mut best = f64::MAX;
    for n in 0..TIMES {
        best = best.min(one(n).await);
    }
    best
}

/// What is measured.
struct Measured<'a> {
    customer: &'a Customer,
    contract: ContractId,
    line: SlaLineId,
}

/// A month of a line as central writes it.
fn attainment(store: &Store, of: &Measured<'_>, line: usize, month: usize) -> Attainment {
    let ids = store.ids();
    let from = instant("2023-10-31T23:00:00Z")
        + TimeDelta::days(30 * i64::try_from(month).expect("small"));
    let bad = (line * 7_919 + month * 104_729) % 4_000;
    let left = |day: usize| {
        let date = from.date_naive() + TimeDelta::days(i64::try_from(day).expect("small"));
        json!({ "day": date, "left": 4_000 - bad * day / 30 })
    };
    serde_json::from_value(json!({
        "id": ids.make::<AttainmentId>(), "customer": of.customer.id,
        "contract": of.contract, "line": of.line,
        "window": format!("{}", from.format("%Y-%m")), "from": from, "to": from + TimeDelta::days(30),
        "state": "locked", "settlement": null, "revision": 1,
        "attainment": format!("{}/2592000", 2_592_000 - bad),
        "percent": format!("99.{:06}", 999_999 - bad * 300 / 8), "met": bad < 2_592,
        "internal_met": bad < 1_296, "total": "2592000", "bad": bad.to_string(), "excused": "0",
        "unknown_seconds": 0, "allowance": "2592", "allowance_left": format!("{}", 2_592_i64 - i64::try_from(bad).expect("small")),
        "left_by_day": (1..=5).map(|five| left(five * 6)).collect::<Vec<_>>(), "credit": null,
        "as_of": from + TimeDelta::days(30),
    }))
    .expect("an attainment")
}

/// What somebody wrote down.
fn note(store: &Store, customer: &Customer, by: PersonId, number: usize) -> Note {
    Note {
        id: store.ids().make::<NoteId>(),
        customer: customer.id,
        subject_entity: "customer".to_owned(),
        subject: customer.id.to_string(),
        visibility: "internal".to_owned(),
        language: "en".to_owned(),
        text: format!(
            "Called about ticket {}; they ask for the figures by {number}.",
            number * 7_919
        ),
        by,
        at: instant("2026-10-31T23:00:00Z"),
    }
}

async fn fill(app: &App, sent: Sent, rows: usize) -> PersonId {
    let store = app.store();
    let person = Person {
        id: store.ids().make(),
        issuer: "https://id.example".to_owned(),
        subject: "dana".to_owned(),
        name: "Dana".to_owned(),
        roles: [Role::Csm].into(),
    };
    let person = app.put_person(&person, &Scope::All).await.expect("a person");
    let mut done = 0;
    while done < rows {
        let mut tx = store.begin(None).await.expect("begins");
        let upto = rows.min(done + AT_ONCE);
        while done < upto {
            let number = done / (5 * MONTHS);
            let key = format!("G-{number:05}");
            let (group, _) = tx.customer_group(&key, None).await.expect("a group");
            let customer: Customer = serde_json::from_value(json!({
                "id": store.ids().make::<CustomerId>(),
                "key": format!("C-{number:05}"), "group_name": format!("Customer {number}"), "name": format!("Customer {number}"),
                "address": [], "segment": null,
                "group": group,
                "country": "DE", "locale": "en-GB", "time_zone": "Europe/Berlin", "csm": null,
                "account_manager": null, "churned_on": null,
            }))
            .expect("a customer");
            tx.put(&customer).await.expect("is written");
            let contract = store.ids().make();
            for line in 0..5 {
                let of = Measured { customer: &customer, contract, line: store.ids().make() };
                for month in 0..MONTHS {
                    let put = match sent {
                        Sent::Months => tx.put(&attainment(store, &of, line, month)).await,
                        Sent::Notes => tx.put(&note(store, &customer, person, done)).await,
                    };
                    put.expect("is written");
                    done += 1;
                }
            }
        }
        tx.audit("bench.filled", ("bench", "rows"), None, json!({}));
        tx.commit().await.expect("commits");
    }
    person
}

/// Every change, and how many bytes they were on the wire.
async fn all(central: &Central, url: &str, token: &str) -> (Vec<Change>, f64) {
    let mut pages = central.changes(None, 0).await.expect("answers");
    let mut changes = Vec::new();
    while let Some(page) = pages.next().await.expect("a page") {
        changes.extend(page.changes);
    }
    let request = reqwest::Client::new().get(format!("{url}/v1/sync/changes"));
    let request = request.bearer_auth(token).header("accept-encoding", "zstd");
    let bytes = request.send().await.expect("answers").bytes().await.expect("whole").len();
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let bytes = bytes as f64;
    (changes, bytes)
}

/// The rows of a table with all that stands beside their bodies, as a mirror has them: what
/// others are given to store.
struct Rows {
    table: &'static str,
    columns: Vec<String>,
    cells: Vec<Vec<rusqlite::types::Value>>,
}

impl Rows {
    fn read(table: &'static str, mirror: &Path) -> Self {
        let conn = rusqlite::Connection::open(mirror).expect("opens");
        let mut all =
            conn.prepare(&format!("select * from {table} order by rowid")).expect("a query");
        let columns: Vec<String> = all.column_names().into_iter().map(str::to_owned).collect();
        let cells = all.query_map((), |row| (0..columns.len()).map(|at| row.get(at)).collect());
        let cells = cells.expect("rows").collect::<Result<_, _>>().expect("cells");
        Self { table, columns, cells }
    }

    fn write_csv(&self, path: &Path) {
        use rusqlite::types::Value;
        let mut text = String::new();
        for row in &self.cells {
            for (at, cell) in row.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                let _ = match cell {
                    Value::Text(cell) => write!(text, "{comma}\"{}\"", cell.replace('"', "\"\"")),
                    Value::Integer(cell) => write!(text, "{comma}{cell}"),
                    _ => write!(text, "{comma}"),
                };
            }
            text.push('\n');
        }
        std::fs::write(path, text).expect("is written");
    }
}

/// Into the mirror's table, its indexes and all, one prepared insert after the other, in one transaction.
/// What a mirror writes besides (places, runs, the search index) it does not.
async fn prepared(rows: &Rows, path: std::path::PathBuf) -> f64 {
    Mirror::create(&path).await.expect("tables").close().await;
    let began = Instant::now();
    let mut conn = rusqlite::Connection::open(path).expect("opens");
    conn.execute_batch("pragma synchronous = normal").expect("is set");
    let tx = conn.transaction().expect("begins");
    let places: Vec<String> = (1..=rows.columns.len()).map(|at| format!("?{at}")).collect();
    let (columns, places) = (rows.columns.join(", "), places.join(", "));
    {
        let sql = format!("insert into {} ({columns}) values ({places})", rows.table);
        let mut insert = tx.prepare(&sql).expect("is prepared");
        for row in &rows.cells {
            insert.execute(rusqlite::params_from_iter(row)).expect("is inserted");
        }
    }
    tx.commit().expect("commits");
    began.elapsed().as_secs_f64()
}

async fn apply(changes: &[Change], path: std::path::PathBuf) -> f64 {
    let mirror = Mirror::create(&path).await.expect("tables");
    let began = Instant::now();
    mirror.fill().await.expect("is empty");
    for page in changes.chunks(AT_ONCE) {
        mirror.apply(page, "c2.bench.1.1.1").await.expect("applies");
    }
    mirror.filled().await.expect("is filled");
    let took = began.elapsed().as_secs_f64();
    mirror.close().await;
    took
}

async fn rows_in(central: &Central, path: std::path::PathBuf) -> f64 {
    let mirror = Mirror::create(&path).await.expect("tables");
    let began = Instant::now();
    mirror.fill().await.expect("is empty");
    let mut pages = central.changes(None, 0).await.expect("answers");
    let mut next = pages.several(AT_ONCE).await.expect("pages");
    while let Some(page) = next {
        let (applied, coming) =
            tokio::join!(mirror.apply(&page.changes, &page.cursor), pages.several(AT_ONCE));
        applied.expect("applies");
        next = coming.expect("pages");
    }
    mirror.filled().await.expect("is filled");
    let took = began.elapsed().as_secs_f64();
    mirror.close().await;
    took
}

/// A desk sits down and is in step; what central has cut already it is given.
async fn begin(url: &str, token: &str, clock: Clock, folder: std::path::PathBuf) -> f64 {
    let ground = Ground { clock, random: Random::system(), hold: TimeDelta::zero() };
    let desk = Desk::open(&folder, ground).expect("a desk");
    let began = Instant::now();
    desk.connect(url, token).await.expect("sits down");
    desk.sync_now().await.expect("is in step");
    let took = began.elapsed().as_secs_f64();
    desk.leave().await.expect("leaves");
    took
}

async fn import(sent: Sent, csv: std::path::PathBuf, path: std::path::PathBuf) -> f64 {
    Mirror::create(&path).await.expect("tables").close().await;
    let began = Instant::now();
    let done = Command::new("sqlite3")
        .arg(&path)
        .arg("pragma synchronous = normal")
        .arg(".mode csv")
        .arg(format!(".import {} {}", csv.display(), sent.table()))
        .stdout(Stdio::null())
        .status()
        .expect("sqlite3 is installed");
    assert!(done.success(), "sqlite3 .import");
    began.elapsed().as_secs_f64()
}
