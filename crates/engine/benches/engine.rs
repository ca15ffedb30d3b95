//! How fast cases compute. `make bench` runs it.
#![allow(clippy::expect_used, reason = "a measurement that can't begin stops at once")]

use chrono::{DateTime, Duration, TimeZone, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use makegood_engine::decimal::Decimal;
use makegood_engine::outcome::outcome;
use makegood_engine::what_if::{Change, Question, What, ask};
use makegood_engine::{Case, Outage, SlotRun, check, compute};
use std::hint::black_box;
use std::ops::ControlFlow;

const UPTIME: &str = r#"{
  "format": "makegood/case/1",
  "contract": {"currency": "EUR"},
  "period": "2026-10",
  "lines": [{
    "sla": "API",
    "terms": {
      "objective": "99.9",
      "internal_objective": "99.95",
      "window": {"calendar": "month", "time_zone": "Europe/Berlin"},
      "measure": {"uptime": {}},
      "exclusions": {"planned_maintenance": {"treatment": "removed", "min_notice": "48h"}},
      "credit": {"tiers": [{"below": "99.9", "percent": "10"}, {"below": "99.0", "percent": "25"}]}
    },
    "evidence": {"outages": [], "exclusions": [
      {"kind": "planned_maintenance", "from": "2026-10-14T03:55:00Z", "to": "2026-10-14T04:05:00Z",
       "notified_at": "2026-10-11T03:55:00Z"}
    ]},
    "fee": "12000.00"
  }]
}"#;

const SLOTS: &str = r#"{
  "format": "makegood/case/1",
  "contract": {"currency": "EUR"},
  "period": "2026-11",
  "lines": [{
    "sla": "API",
    "terms": {
      "objective": "99.9",
      "window": {"calendar": "month"},
      "measure": MEASURE,
      "credit": {"tiers": [{"below": "99.9", "percent": "10"}, {"below": "99.0", "percent": "25"}]}
    },
    "evidence": {"slots": []},
    "fee": "12000.00"
  }]
}"#;

/// The three measures of slots.
const MEASURES: [(&str, &str); 3] = [
    ("requests", r#"{"requests": {"slot": "5m"}}"#),
    (
        "slots",
        r#"{"slots": {"slot": "5m", "bad_when": {"metric": "error_percent", "is": ">", "than": "5"}}}"#,
    ),
    ("mean_error_rate", r#"{"mean_error_rate": {"slot": "5m"}}"#),
];

fn case(text: &str) -> Case {
    Case::parse_file(text.as_bytes()).expect("it is a case").remove(0)
}

/// A month with so many outages of three minutes.
fn uptime(outages: i64) -> Case {
    let mut case = case(UPTIME);
    let start: DateTime<Utc> = "2026-10-01T00:00:00Z".parse().expect("an instant");
    case.lines[0].evidence.outages = (0..outages)
        .map(|at| start + Duration::minutes(at * 40_000 / outages))
        .map(|from| Outage::new(from, from + Duration::minutes(3)))
        .collect();
    case
}

/// A month of five-minute slots, one in ten of them with errors.
fn slots(measure: &str) -> Case {
    let mut case = case(&SLOTS.replace("MEASURE", measure));
    let slot = |at: u32| {
        let mixed = at.wrapping_mul(2_654_435_761) >> 7;
        let requests = u128::from(200 + mixed % 1_801);
        let errors = u128::from(if mixed.is_multiple_of(10) { mixed % 20 } else { 0 });
        SlotRun::of_requests(1, requests, errors)
    };
    case.lines[0].evidence.slots = (0..8_640).map(slot).collect();
    case
}

fn lines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a line");
    for outages in [0, 10, 1_000] {
        let case = uptime(outages);
        group.bench_function(format!("{outages} outages, outcome"), |b| {
            b.iter(|| outcome(black_box(&case)));
        });
        group.bench_function(format!("{outages} outages, with its trace"), |b| {
            b.iter(|| compute(black_box(&case)));
        });
    }
    group.throughput(Throughput::Elements(8_640));
    for (name, measure) in MEASURES {
        let case = slots(measure);
        group.bench_function(format!("a month of {name}, outcome"), |b| {
            b.iter(|| outcome(black_box(&case)));
        });
        group.bench_function(format!("a month of {name}, with its trace"), |b| {
            b.iter(|| compute(black_box(&case)));
        });
    }
    group.finish();
}

/// Reads, computes and compares every case of the shared folder, where it lies beside the project.
fn cases(criterion: &mut Criterion) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let json = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let files: Vec<Vec<u8>> = json.filter_map(|path| std::fs::read(path).ok()).collect();
    let check_all = || -> usize {
        files.iter().map(|file| check::check_file(file).map_or(0, |checked| checked.len())).sum()
    };
    let mut group = criterion.benchmark_group("files");
    group.throughput(Throughput::Elements(check_all() as u64));
    group.bench_function("cases read, computed and compared", |b| b.iter(check_all));
    group.finish();
}

/// 36 months of 10,000 uptime lines with three outages a month, as they were and under another
/// objective, on two threads. A hundred contracts are asked about a hundred times each: nothing is
/// remembered from one to the next.
fn what_if(criterion: &mut Criterion) {
    let month = |contract: i64, month: i64| {
        let mut case = uptime(3);
        case.period = format!("{}-{:02}", 2023 + month / 12, month % 12 + 1);
        let start = Utc.with_ymd_and_hms(2023 + month_year(month), month_of(month), 1, 0, 0, 0);
        let start = start.single().expect("an instant");
        for (at, outage) in (0_i64..).zip(&mut case.lines[0].evidence.outages) {
            outage.from = start + Duration::minutes(contract * 97 + at * 9_001);
            outage.to = outage.from + Duration::minutes(5 + at * contract % 30);
        }
        case.lines[0].evidence.exclusions.clear();
        case
    };
    let contracts: Vec<Vec<Case>> =
        (0..100).map(|contract| (0..36).map(|at| month(contract, at)).collect()).collect();
    let all = (0..10_000).map(|at: usize| contracts[at % 100].as_slice()).collect();
    let objective = Decimal::parse("99.95").expect("a decimal");
    let changes = vec![Change { sla: "API".to_owned(), what: What::Objective(objective) }];
    let question = Question { contracts: all, changes, chained: false };
    let mut group = criterion.benchmark_group("what-if");
    group.sample_size(10).throughput(Throughput::Elements(360_000));
    group.bench_function("36 months of 10,000 uptime lines, two threads", |b| {
        b.iter(|| ask(black_box(&question), 2, &mut |_| ControlFlow::Continue(())));
    });
    group.finish();
}

fn month_year(month: i64) -> i32 {
    i32::try_from(month / 12).unwrap_or_default()
}

fn month_of(month: i64) -> u32 {
    u32::try_from(month % 12 + 1).unwrap_or(1)
}

criterion_group!(benches, lines, cases, what_if);
criterion_main!(benches);
