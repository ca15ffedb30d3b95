//! The most that fits into 1 MiB, by construction: what a clever opponent would send.

use super::{LARGEST, survives};
use std::fmt::Write as _;

fn case(period: &str, terms: &str, evidence: &str, rest: &str) -> String {
    format!(
        r#"{{"format":"makegood/case/1","contract":{{"currency":"EUR"}},"period":"{period}","lines":[{{"sla":"A","terms":{terms},"evidence":{evidence},"fee":"1.00"{rest}}}]}}"#
    )
}

/// A list of as many entries as fit.
fn fill(entry: impl Fn(usize) -> String) -> String {
    let mut text = String::from("[");
    let mut count = 0;
    while text.len() < LARGEST - 2_000 {
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
fn worst_outages_of_as_many_impacts() {
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
fn worst_exclusions_over_and_over() {
    let exclusions = fill(|n| {
        let kind = if n % 2 == 0 { "planned_maintenance" } else { "other" };
        format!(r#"{{"kind":"{kind}","from":"{}","to":"{}"}}"#, second(n * 97), second(n * 97 + 90))
    });
    let evidence = format!(r#"{{"outages":[],"exclusions":{exclusions}}}"#);
    survives(case("2026-04", UPTIME, &evidence, "").as_bytes());
}

#[test]
fn worst_service_hours_of_alternate_minutes_over_the_longest_window() {
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
fn worst_means_of_as_many_numbers_of_requests() {
    let terms = r#"{"objective":"99.9","window":{"calendar":"year"},"measure":{"mean_error_rate":{"slot":"5m"}}}"#;
    for largest in [u128::from(u32::MAX), u128::MAX] {
        let slots = fill(|n| {
            format!(r#"{{"requests":{},"errors":{}}}"#, largest - 2 * n as u128, n * 3 + 1)
        });
        survives(case("2026", terms, &format!(r#"{{"slots":{slots}}}"#), "").as_bytes());
    }
}

#[test]
fn worst_values_tiers_and_histories_of_long_decimals() {
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
fn worst_nesting_and_names() {
    survives("[".repeat(LARGEST).as_bytes());
    survives(format!("{}{}", "[".repeat(100), "]".repeat(100)).as_bytes());
    survives(format!("{{{}", r#""a":{"#.repeat(200_000)).as_bytes());
    let keys = fill(|n| format!(r#"{{"k{n}":1}}"#));
    survives(keys.as_bytes());
    let sla = "\\u0000".repeat(100_000);
    let text = case("2026-04", UPTIME, r#"{"outages":[]}"#, "");
    survives(text.replace("\"A\"", &format!("\"{sla}\"")).as_bytes());
}
