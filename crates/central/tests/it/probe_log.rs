//! Probe logs: a real one, and broken ones.

use crate::{
    ground::{Ground, grounds},
    northwind::{all, apply, person, turn},
};
use makegood_central::{
    ingest::probe_log::{self, Report},
    store,
};
use makegood_domain::{
    Code, Problem, attainment::Attainment, contract::SlaLine, id::PersonId, person::Role,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const HOLD: i64 = 48 * 3600;
const SOURCE: &str = "status page";

fn real(name: &str) -> Vec<u8> {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/real/digital-editions");
    std::fs::read(PathBuf::from(shared).join(name))
        .expect("the real input lies beside the workspace")
}

/// A university with a line for each service of the log.
fn document(services: &BTreeSet<String>) -> Value {
    let line = |service: &String| {
        json!({
            "name": service,
            "series": { "source": SOURCE, "service": service },
            "terms": {
                "objective": "99.5",
                "window": { "calendar": "month", "time_zone": "Europe/Zurich" },
                "measure": { "uptime": {} },
                "credit": { "tiers": [{ "below": "99.5", "percent": "5" }] },
            },
            "charges": [{ "amount": "100.00", "frequency": "monthly", "from": "2026-01-01" }],
        })
    };
    json!({
        "format": "makegood/import/1",
        "legal_entities": [{ "key": "CH", "name": "Fjordline CH", "functional_currency": "CHF", "locale": "de-CH" }],
        "customers": [{ "key": "UNI", "name": "University", "country": "CH", "locale": "de-CH", "time_zone": "Europe/Zurich" }],
        "contracts": [{
            "customer": "UNI", "number": "UNI-1", "legal_entity": "CH", "currency": "CHF",
            "versions": [{
                "number": 1, "valid_from": "2025-12-31T23:00:00Z",
                "lines": services.iter().map(line).collect::<Vec<Value>>(),
            }],
        }],
    })
}

async fn take(ground: &Ground, by: PersonId, bytes: &[u8]) -> Result<Report, Problem> {
    probe_log::apply(&ground.store, by, SOURCE, HOLD, bytes).await
}

#[tokio::test]
async fn the_real_log_gives_every_month_to_the_second() {
    for ground in grounds("2026-01-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let log = real("probes.csv");
        let months = real("downtime-by-month.csv");
        let mut months = csv::Reader::from_reader(months.as_slice());
        let expected: Vec<BTreeMap<String, String>> =
            months.deserialize().map(|row| row.expect("a row")).collect();
        assert_eq!(expected.len(), 269);
        let services = expected.iter().map(|row| row["service"].clone()).collect();
        apply(&ground, admin, &document(&services)).await;
        let report = take(&ground, admin, &log).await.expect("is taken in");
        assert_eq!((report.lines, report.series), (10_530, 54), "{}", ground.name);
        turn(&ground, "2026-09-10T00:00:00Z").await;
        let lines: Vec<SlaLine> = all(&ground, "1 = 1", &[]).await;
        let names: BTreeMap<_, _> = lines.iter().map(|line| (line.id, line.name.clone())).collect();
        let rows: Vec<Attainment> = all(&ground, "1 = 1", &[]).await;
        let found: BTreeMap<_, _> =
            rows.iter().map(|row| ((names[&row.line].clone(), row.window.clone()), row)).collect();
        for row in &expected {
            let key = (row["service"].clone(), row["month"].clone());
            let attainment = found.get(&key).unwrap_or_else(|| panic!("{key:?} is settled"));
            let unknown: i64 = row["unknown_seconds"].parse().expect("seconds");
            assert_eq!(attainment.unknown_seconds, unknown, "{key:?}");
            assert_eq!(attainment.bad, row["down_seconds"], "{key:?}");
            let percent = &row["attainment_percent_floor_6"];
            assert_eq!(attainment.percent.as_deref().unwrap_or("not measured"), percent, "{key:?}");
        }
    }
}

#[tokio::test]
async fn a_log_twice_adds_nothing_and_a_longer_one_its_end() {
    for ground in grounds("2026-01-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let text = String::from_utf8(real("probes.csv")).expect("text");
        let cut: usize = text.lines().take(5_001).map(|line| line.len() + 1).sum();
        let first = take(&ground, admin, &text.as_bytes()[..cut]).await.expect("is taken in");
        assert_eq!(first.lines, 5_000);
        let whole = take(&ground, admin, text.as_bytes()).await.expect("is taken in");
        let again = take(&ground, admin, text.as_bytes()).await.expect("is taken in");
        assert_eq!(again.repeated, again.lines, "{}", ground.name);
        assert!(whole.repeated >= 5_000);
        let mut conn = ground.store.reading().await.expect("reads");
        let count = "select cast(count(*) as bigint) from probe";
        let rows = store::fetch(&mut conn, count, &[]).await.expect("reads");
        let kept = usize::try_from(store::int(&rows[0], 0).expect("a count")).expect("a count");
        let twice = whole.repeated - (5_000 - first.repeated);
        assert_eq!(kept + twice, whole.lines);
    }
}

async fn refused(ground: &Ground, by: PersonId, log: &[u8]) -> Problem {
    let problem = take(ground, by, log).await.expect_err("is refused");
    let mut conn = ground.store.reading().await.expect("reads");
    let rows = store::fetch(&mut conn, "select at from probe", &[]).await.expect("reads");
    assert!(rows.is_empty(), "{}: nothing is written", ground.name);
    problem
}

#[tokio::test]
async fn a_broken_log_is_refused_by_its_line() {
    let head = "service,observed_at,state,http_status\n";
    let a = "\"API, \"\"core\"\"\",2026-01-20T21:00:00Z,up,200\n";
    let cases: [(String, Code, &str); 7] = [
        (
            format!("{head}{a}x,2026-01-20T21:00:00Z,sideways,200\n"),
            Code::ProbeStateUnknown,
            "line 3",
        ),
        (
            format!("{head}x,2026-01-20T21:00:00Z,up,1\n{a}x,2026-01-20T20:59:59Z,up,1\n"),
            Code::ProbeOutOfOrder,
            "line 4",
        ),
        (
            format!("{head}x,2026-01-20T21:00:00Z,up,1\nx,2026-01-20T21:00:00Z,down,1\n"),
            Code::ProbeConflict,
            "line 3",
        ),
        (format!("{head}x,20 January 2026,up,1\n"), Code::Invalid, "line 2"),
        (format!("{head},2026-01-20T21:00:00Z,up,1\n"), Code::Invalid, "line 2"),
        (format!("{head}{a}x,up\n"), Code::Invalid, "line 3"),
        ("service,state\nx,up\n".to_owned(), Code::Invalid, "line 1"),
    ];
    for ground in grounds("2026-02-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        for (log, code, place) in &cases {
            let problem = refused(&ground, admin, log.as_bytes()).await;
            assert_eq!((problem.code, problem.path.as_deref()), (*code, Some(*place)), "{problem}");
        }
        let mut bytes = format!("{head}{a}").into_bytes();
        bytes.extend(b"caf\xe9,2026-01-20T21:00:00Z,up,1\n");
        let problem = refused(&ground, admin, &bytes).await;
        assert_eq!((problem.code, problem.path.as_deref()), (Code::TextInvalid, Some("line 3")));
    }
}

#[tokio::test]
async fn a_log_that_contradicts_what_is_on_record_is_refused() {
    for ground in grounds("2026-02-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let log =
            |state: &str| format!("service,observed_at,state\nx,2026-01-20T21:00:00Z,{state}\n");
        take(&ground, admin, log("up").as_bytes()).await.expect("is taken in");
        let problem = take(&ground, admin, log("down").as_bytes()).await.expect_err("is refused");
        assert_eq!(problem.code, Code::ProbeConflict);
        let other =
            probe_log::apply(&ground.store, admin, SOURCE, 3600, log("up").as_bytes()).await;
        assert_eq!(other.expect_err("is refused").path.as_deref(), Some("hold"));
    }
}
