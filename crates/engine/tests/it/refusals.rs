//! What breaks a rule is refused with its place; nothing is guessed, and nothing panics.

use crate::northwind;
use makegood_engine::check::{Verdict, check, check_file};
use makegood_engine::json::Json;
use makegood_engine::{Case, Refusal, Terms, compute};

mod rules;

/// A change of the text of a valid case, and the path at which it must be refused.
fn refusal(from: &str, to: &str) -> Refusal {
    let text = northwind::case().to_json();
    assert!(text.contains(from), "{from} is not in {text}");
    let text = text.replacen(from, to, 1);
    let read = Case::parse_file(text.as_bytes());
    read.and_then(|cases| compute(&cases[0])).expect_err(to)
}

#[test]
fn each_broken_rule_is_named_by_its_path() {
    let lines = [
        (
            "\"currency\": \"EUR\"",
            "\"currency\": \"EUR\", \"currency\": \"USD\"",
            "contract.currency",
        ),
        ("\"currency\": \"EUR\"", "\"currency\": \"eur\"", "contract.currency"),
        ("\"sla\":", "\"colour\": 1, \"sla\":", "lines[0].colour"),
        ("\"objective\": \"99.9\"", "\"objective\": 99.9", "lines[0].terms.objective"),
        ("\"99.95\"", "\"99.9\"", "lines[0].terms.internal_objective"),
        ("\"Europe/Berlin\"", "\"Europe/Bonn\"", "lines[0].terms.window.time_zone"),
        ("\"month\"", "\"week\"", "lines[0].terms.window.calendar"),
        ("\"month\"", "\"month\", \"year_starts_in\": 4", "lines[0].terms.window.year_starts_in"),
        ("\"month\"", "\"month\", \"anchor_day\": 32", "lines[0].terms.window.anchor_day"),
        ("\"month\"", "\"month\", \"counted_as\": \"720h\"", "lines[0].terms.window.counted_as"),
        ("\"uptime\": {}", "\"uptime\": {\"slot\": \"5m\"}", "lines[0].terms.measure.uptime.slot"),
        ("\"uptime\": {}", "", "lines[0].terms.measure"),
        ("\"removed\"", "\"gone\"", "lines[0].terms.exclusions.planned_maintenance.treatment"),
        ("\"48h\"", "\"two days\"", "lines[0].terms.exclusions.planned_maintenance.min_notice"),
        ("\"48h\"", "\"30m1h\"", "lines[0].terms.exclusions.planned_maintenance.min_notice"),
        ("\"99.8\"", "\"100.1\"", "lines[0].terms.credit.tiers[1].below"),
        ("\"percent\": \"25\"", "\"percent\": \"-1\"", "lines[0].terms.credit.tiers[1].percent"),
        ("\"below\": \"99.8\"", "\"above\": \"99.8\"", "lines[0].terms.credit.tiers[1].above"),
        ("\"outages\": [", "\"slots\": [], \"outages\": [", "lines[0].evidence.slots"),
        ("2026-10-14T01:12:00Z", "2026-10-14T01:12:00+00:00", "lines[0].evidence.outages[0].from"),
        ("2026-10-14T02:13:00Z", "2026-10-14T01:12:60Z", "lines[0].evidence.outages[0].to"),
        ("\"period\": \"2026-10\"", "\"period\": \"2026-Q4\"", "period"),
        ("makegood/case/1", "makegood/case/2", "format"),
    ];
    for (from, to, path) in lines {
        assert_eq!(refusal(from, to).path, path, "{from} -> {to}");
    }
}

#[test]
fn a_newer_format_is_named_and_not_called_wrong() {
    let refusal = refusal("makegood/case/1\",", "makegood/case/7\", \"unheard\": {},");
    assert!(refusal.to_string().contains("makegood/case/7"), "{refusal}");
    assert!(!refusal.message.contains("not known"), "{refusal}");
}

#[test]
fn terms_alone_are_refused_with_paths_of_their_own() {
    let text = northwind::case().lines[0].terms.to_json();
    assert_eq!(Terms::parse(&text).unwrap(), northwind::case().lines[0].terms);
    let broken = text.replace("\"99.8\"", "\"99,8\"");
    let refusal = Terms::parse(&broken).unwrap_err();
    assert_eq!(refusal.path, "credit.tiers[1].below");
    assert_eq!(refusal.within("lines[2].terms").path, "lines[2].terms.credit.tiers[1].below");
}

#[test]
fn law_11_a_case_that_states_something_else_differs_key_by_key() {
    let case = northwind::case();
    let computed = compute(&case).unwrap().result;
    let stated = case.with_result(&computed);
    assert_eq!(check(&stated), Verdict::Pass);
    let bent = stated.to_json().replace("\"1200.00\"", "\"1300.00\"");
    let checked = check_file(bent.as_bytes()).unwrap().remove(0);
    assert_eq!(checked.name, "NW-1-2026-10");
    let Verdict::Differs(differences) = checked.verdict else { panic!("{checked:?}") };
    let paths: Vec<&str> = differences.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["result.lines[0].credit", "result.credit"]);
    assert_eq!((&*differences[0].computed, &*differences[0].stated), ("1200.00", "1300.00"));
}

#[test]
fn a_change_of_zone_rules_is_named_where_a_result_differs() {
    let case = northwind::case();
    let stated = case.with_result(&compute(&case).unwrap().result).to_json();
    let version = makegood_engine::zone::tzdb_version();
    let old = stated.replace(version, "2020a").replace("\"1200.00\"", "\"1.00\"");
    let checked = check_file(old.as_bytes()).unwrap().remove(0);
    assert_eq!(checked.zone_rules, Some(("2020a".to_owned(), version.to_owned())));
}

#[test]
fn a_case_that_must_be_refused_passes_only_at_its_path() {
    let verdict = |path: &str, currency: &str| {
        let text = northwind::case().to_json();
        let text = text.replace("\"EUR\"", &format!("\"{currency}\""));
        let text = text.replacen('{', &format!("{{\"invalid\": \"{path}\","), 1);
        check_file(text.as_bytes()).unwrap().remove(0).verdict
    };
    assert_eq!(verdict("contract.currency", "XXX"), Verdict::Pass);
    assert!(matches!(verdict("lines[0].fee", "XXX"), Verdict::NotRefused { .. }));
    assert!(matches!(verdict("contract.currency", "EUR"), Verdict::NotRefused { .. }));
}

#[test]
fn law_1_what_states_a_result_and_is_refused_has_failed_whatever_it_expects() {
    let case = northwind::case();
    let stated = case.with_result(&compute(&case).unwrap().result).to_json();
    let refused = stated.replacen("\"EUR\"", "\"XXX\"", 1);
    for expects in ["", "\"invalid\": \"contract.currency\","] {
        let text = refused.replacen('{', &format!("{{{expects}"), 1);
        let verdict = check_file(text.as_bytes()).unwrap().remove(0).verdict;
        assert!(matches!(verdict, Verdict::Refused(_)), "{expects}: {verdict:?}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_line_and_column() {
    let cases: [(&[u8], &str); 12] = [
        (b"", "line 1, column 1"),
        (b"{} {}", "line 1, column 4"),
        (b"{\"a\": 01}", "line 1, column 8"),
        (b"[1,]", "line 1, column 4"),
        (b"{\"a\" 1}", "line 1, column 6"),
        (b"[\n  nul]", "line 2, column 3"),
        (b"\"\\ud800\"", "line 1, column 8"),
        (b"\"a\nb\"", "line 1, column 3"),
        (b"\"\\x\"", "line 1, column 3"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        (b"{\"a\": \"\xff\"}", "line 1, column 8"),
        (b"1.", "line 1, column 3"),
    ];
    for (bytes, path) in cases {
        let refusal = Json::parse(bytes).expect_err(path);
        assert_eq!(refusal.path, path, "{refusal}");
    }
    let deep = "[".repeat(100_000);
    assert!(Json::parse(deep.as_bytes()).unwrap_err().message.contains("128"));
}
