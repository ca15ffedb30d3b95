//! The most that fits into 1 MiB, by construction: what a clever opponent would send.

use super::{LARGEST, peak_kib, size, survives};
use num_bigint::BigInt;
use std::fmt::Write as _;

/// Survives in at most 3 GiB, whatever ran beside it.
fn survives_in_memory(text: &str) {
    assert!(text.len() <= LARGEST, "{} bytes", text.len());
    survives(text.as_bytes());
    let peak = peak_kib().unwrap_or_default();
    assert!(peak < 3 << 20, "{peak} KiB were held at once");
}

fn case(period: &str, terms: &str, evidence: &str, rest: &str) -> String {
    format!(
        r#"{{"format":"makegood/case/1","contract":{{"currency":"EUR"}},"period":"{period}","lines":[{{"sla":"A","terms":{terms},"evidence":{evidence},"fee":"1.00"{rest}}}]}}"#
    )
}

/// A list of as many entries as fit.
fn fill(entry: impl Fn(usize) -> String) -> String {
    let mut text = String::from("[");
    let mut count = 0;
    while text.len() < size() - 2_000 {
        let comma = if count == 0 { "" } else { "," };
        write!(text, "{comma}{}", entry(count)).unwrap();
        count += 1;
    }
    text + "]"
}

fn second(number: usize) -> String {
    let (day, rest) = (number / 86_400 % 28 + 1, number % 86_400);
    format!("2026-04-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

const UPTIME: &str = r#"{"objective":"99.9","window":{"calendar":"month"},"measure":{"uptime":{}},"exclusions":{"planned_maintenance":{"treatment":"removed"},"other":{"treatment":"up","cap":"5m","cap_per":"window"}}}"#;

#[test]
fn fuzz_worst_outages_of_as_many_impacts() {
    let outages = fill(|n| {
        let impact = format!("0.{}{n:07}", "3".repeat(n % 900));
        format!(
            r#"{{"from":"{}","to":"{}","impact":"{impact}"}}"#,
            second(n * 7),
            second(n * 7 + 900)
        )
    });
    survives(case("2026-04", UPTIME, &format!(r#"{{"outages":{outages}}}"#), "").as_bytes());
}

#[test]
fn fuzz_worst_exclusions_over_and_over() {
    let exclusions = fill(|n| {
        let kind = if n % 2 == 0 { "planned_maintenance" } else { "other" };
        format!(r#"{{"kind":"{kind}","from":"{}","to":"{}"}}"#, second(n * 97), second(n * 97 + 90))
    });
    let evidence = format!(r#"{{"outages":[],"exclusions":{exclusions}}}"#);
    survives(case("2026-04", UPTIME, &evidence, "").as_bytes());
}

#[test]
fn fuzz_worst_service_hours_of_alternate_minutes_over_the_longest_window() {
    let mut hours = Vec::new();
    for minute in (0..1_440).step_by(2) {
        let time = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
        hours.push(format!(
            r#"{{"days":["mon","tue","wed","thu","fri","sat","sun"],"from":"{}","to":"{}"}}"#,
            time(minute),
            time(minute + 1)
        ));
    }
    for length in ["3660d", "3661d", "700000d", "9999999d"] {
        let terms = format!(
            r#"{{"objective":"99.9","window":{{"rolling":"{length}","time_zone":"Africa/Casablanca"}},"measure":{{"uptime":{{}}}},"service_hours":[{}]}}"#,
            hours.join(",")
        );
        survives(case("2026-04-30", &terms, r#"{"outages":[]}"#, "").as_bytes());
    }
}

#[test]
fn fuzz_worst_means_of_as_many_numbers_of_requests() {
    let terms = r#"{"objective":"99.9","window":{"calendar":"year"},"measure":{"mean_error_rate":{"slot":"5m"}}}"#;
    for largest in [u128::from(u32::MAX), u128::MAX] {
        let slots = fill(|n| {
            format!(r#"{{"requests":{},"errors":{}}}"#, largest - 2 * n as u128, n * 3 + 1)
        });
        survives(case("2026", terms, &format!(r#"{{"slots":{slots}}}"#), "").as_bytes());
    }
}

#[test]
fn fuzz_worst_values_tiers_and_histories_of_long_decimals() {
    let long = |n: usize| format!("{}.{}{n}", n + 1, "7".repeat(900));
    let terms = |tiers: &str| {
        format!(
            r#"{{"objective":"99.9","window":{{"calendar":"month"}},"measure":{{"slots":{{"slot":"1m","bad_when":{{"metric":"value","is":">","than":"-{}"}},"min_run":2}}}},"credit":{{"tiers":{tiers},"cap":{{"percent":"10","months":12}}}}}}"#,
            long(3)
        )
    };
    let values = fill(|n| format!(r#"{{"value":"{}"}}"#, long(n)));
    let one = r#"[{"below":"99","percent":"10"}]"#;
    survives(case("2026-04", &terms(one), &format!(r#"{{"slots":{values}}}"#), "").as_bytes());
    let tiers = fill(|n| format!(r#"{{"below":"99.{n}","amount":"{}"}}"#, long(n)));
    let bad = r#"{"slots":[{"value":"1","count":100}]}"#;
    survives(case("2026-04", &terms(&tiers), bad, "").as_bytes());
    let history = fill(|n| {
        format!(r#"{{"period":"p","fee":"{}","credit":"0.{}"}}"#, long(n), "9".repeat(n % 900 + 1))
    });
    let rest = format!(r#","history":{history}"#);
    survives(case("2026-04", &terms(one), bad, &rest).as_bytes());
}

#[test]
fn fuzz_worst_nesting_and_names() {
    survives("[".repeat(LARGEST).as_bytes());
    survives(format!("{}{}", "[".repeat(100), "]".repeat(100)).as_bytes());
    survives(format!("{{{}", r#""a":{"#.repeat(200_000)).as_bytes());
    let keys = fill(|n| format!(r#"{{"k{n}":1}}"#));
    survives(keys.as_bytes());
    let sla = "\\u0000".repeat(100_000);
    let text = case("2026-04", UPTIME, r#"{"outages":[]}"#, "");
    survives(text.replace("\"A\"", &format!("\"{sla}\"")).as_bytes());
}

/// The golden section to so many decimals, and four digits more. Of all numbers it is the one whose
/// continued fraction says least with each step.
fn golden(decimals: u32, last: usize) -> String {
    let one = BigInt::from(10).pow(decimals);
    let square: BigInt = &one * &one * 5;
    let root = square.sqrt();
    let digits: BigInt = (root - one) / 2;
    format!("0.{digits}{last:04}")
}

#[test]
fn fuzz_worst_impacts_that_differ_in_the_last_of_a_thousand_digits() {
    let outages = (0..size() / 7_000).map(|n| {
        let (from, to) = (second(n * 10), second(n * 10 + 900));
        format!(r#"{{"from":"{from}","to":"{to}","impact":"{}"}}"#, golden(990, n * 37 % 1_000))
    });
    let outages: Vec<String> = outages.collect();
    let evidence = format!(r#"{{"outages":[{}]}}"#, outages.join(","));
    survives_in_memory(&case("2026-04", UPTIME, &evidence, ""));
}

#[test]
fn fuzz_worst_bounds_a_hair_away_from_attainment() {
    // All of the month is down, by as much as leaves the golden section.
    let attainment = golden(988, 0);
    let digits = attainment.trim_start_matches("0.");
    let impact = BigInt::from(10).pow(992) - digits.parse::<BigInt>().unwrap();
    let (percent, rest) = digits.split_at(2);
    let tiers = (0..1_000).map(|n| {
        format!(r#"{{"below":"{percent}.{}{n:03}","percent":"{n}.{n}"}}"#, &rest[..rest.len() - 4])
    });
    let tiers: Vec<String> = tiers.collect();
    let terms = format!(
        r#"{{"objective":"{percent}.{rest}","window":{{"calendar":"month"}},"measure":{{"uptime":{{}}}},"credit":{{"tiers":[{}]}}}}"#,
        tiers.join(",")
    );
    let evidence = format!(
        r#"{{"outages":[{{"from":"2026-03-01T00:00:00Z","to":"2026-06-01T00:00:00Z","impact":"0.{impact}"}}]}}"#
    );
    survives_in_memory(&case("2026-04", &terms, &evidence, ""));
}

/// Every other minute of the year.
fn alternate_minutes() -> String {
    let time = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
    let hours = (0..1_440).step_by(2).map(|minute| {
        format!(
            r#"{{"days":["mon","tue","wed","thu","fri","sat","sun"],"from":"{}","to":"{}"}}"#,
            time(minute),
            time(minute + 1)
        )
    });
    hours.collect::<Vec<_>>().join(",")
}

#[test]
fn fuzz_worst_exclusions_that_all_span_a_year_of_alternate_minutes() {
    let exclusions = (0..size() / 120).map(|n| {
        let kind = if n % 2 == 0 { "planned_maintenance" } else { "other" };
        format!(r#"{{"kind":"{kind}","from":"2025-01-01T00:{:02}:{:02}Z","to":"2028-01-01T00:00:00Z"}}"#, n / 60 % 60, n % 60)
    });
    let exclusions: Vec<String> = exclusions.collect();
    let terms = UPTIME.replace("month", "year").replacen(
        "{",
        &format!(r#"{{"service_hours":[{}],"#, alternate_minutes()),
        1,
    );
    let evidence = format!(
        r#"{{"outages":[{{"from":"2025-03-01T00:00:00Z","to":"2029-01-01T00:00:00Z"}}],"exclusions":[{}]}}"#,
        exclusions.join(",")
    );
    survives_in_memory(&case("2026", &terms, &evidence, ""));
}

#[test]
fn fuzz_worst_lines_of_the_longest_window() {
    for hours in ["", r#""service_hours":[{"days":["mon"],"from":"08:00","to":"18:00"}],"#] {
        let line = format!(
            r#"{{"sla":"A","terms":{{"objective":"99.9",{hours}"window":{{"rolling":"3660d","time_zone":"Africa/Casablanca"}},"measure":{{"uptime":{{}}}}}},"evidence":{{"outages":[{{"from":"0001-01-01T00:00:00Z","to":"9999-01-01T00:00:00Z"}}]}},"fee":"1.00"}}"#
        );
        let lines = vec![line; size() / 3_500].join(",");
        survives_in_memory(&format!(
            r#"{{"format":"makegood/case/1","contract":{{"currency":"EUR"}},"period":"2026-04-30","lines":[{lines}]}}"#
        ));
    }
}

#[test]
fn fuzz_worst_shares_of_a_mean_of_a_million_bits() {
    let most = u128::MAX;
    let slots = (0..size() as u128 / 140)
        .map(|n| format!(r#"{{"requests":{},"errors":{}}}"#, most - 2 * n, n + 1));
    let slots: Vec<String> = slots.collect();
    let credits = [
        format!(
            r#"{{"prorata":{{"multiple":"10.{0}","of":"excess"}},"minimum_over":"0.{0}"}}"#,
            "3".repeat(900)
        ),
        format!(
            r#"{{"tiers":[{}]}}"#,
            (0..1_000)
                .map(|n| format!(r#"{{"below":"99.{}{n:03}","percent":"1"}}"#, "9".repeat(30)))
                .collect::<Vec<_>>()
                .join(",")
        ),
    ];
    for credit in credits {
        let terms = format!(
            r#"{{"objective":"99.{}","window":{{"calendar":"year"}},"measure":{{"mean_error_rate":{{"slot":"5m"}}}},"credit":{credit}}}"#,
            "9".repeat(900)
        );
        let rest = format!(
            r#","history":[{{"period":"p","fee":"1.{0}","credit":"0.{0}"}}]"#,
            "7".repeat(900)
        );
        survives_in_memory(&case(
            "2026",
            &terms,
            &format!(r#"{{"slots":[{}]}}"#, slots.join(",")),
            &rest,
        ));
    }
}
