//! What a careful reader would not sign: an example of every code, what is said about it, and what
//! must not be found.

use crate::{cases, northwind};
use makegood_engine::lint::{self, Code, Finding, english, lint_file};
use makegood_engine::{Case, Terms};
use serde_json::{Value, json};
use std::fmt::Write as _;

mod edges;
mod examples;
mod model;
mod money;

/// Sound terms with these keys put over them.
fn terms(over: &Value) -> Terms {
    let mut terms =
        json!({"objective": "99.9", "window": {"calendar": "month"}, "measure": {"uptime": {}}});
    for (key, value) in over.as_object().unwrap() {
        terms[key] = value.clone();
    }
    Terms::parse(&terms.to_string()).unwrap_or_else(|refusal| panic!("{refusal}: {terms}"))
}

/// Lines of such terms with these fees under one contract.
fn contract(lines: &[(Value, &str)], over: &Value) -> Case {
    let mut contract = json!({"currency": "EUR"});
    for (key, value) in over.as_object().unwrap() {
        contract[key] = value.clone();
    }
    let mut case = northwind::case();
    let one = case.lines.remove(0);
    for (over, fee) in lines {
        let fee = makegood_engine::decimal::Decimal::parse(fee).unwrap();
        case.lines.push(makegood_engine::Line { terms: terms(over), fee, ..one.clone() });
    }
    let mut tree: Value = serde_json::from_str(&case.to_json()).unwrap();
    tree["contract"] = contract;
    let text = tree.to_string();
    Case::parse_file(text.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}")).remove(0)
}

/// What is found in terms, or in a contract whose lines have these terms.
fn found(over: &Value) -> Vec<Finding> {
    match over {
        Value::Array(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| (line.clone(), "100.00")).collect();
            lint::case(&contract(&lines, &json!({})))
        }
        one => lint::terms(&terms(one)),
    }
}

/// Place and code of each finding.
fn places(findings: &[Finding]) -> Vec<(String, &'static str)> {
    findings.iter().map(|finding| (finding.path.clone(), finding.code().as_str())).collect()
}

#[test]
fn every_example_is_found_alone_and_its_repaired_sibling_is_clean() {
    for example in examples::all() {
        let expected = vec![(example.path.to_owned(), example.code)];
        assert_eq!(places(&found(&example.broken)), expected, "{}", example.broken);
        assert_eq!(places(&found(&example.repaired)), [], "{}", example.repaired);
    }
}

#[test]
fn every_code_has_an_example() {
    let shown: Vec<&str> = examples::all().iter().map(|example| example.code).collect();
    for (word, code) in Code::WORDS {
        assert_eq!(code.as_str(), *word);
        assert!(shown.contains(word), "{word} has no example");
    }
}

#[test]
fn what_is_said_equals_its_golden_file() {
    let mut said = String::new();
    for example in examples::all() {
        for finding in found(&example.broken) {
            let advice = english(&finding.flaw);
            writeln!(
                said,
                "{}: {} ({})\n  {}\n  Instead: {}\n  {}",
                finding.path,
                finding.code().as_str(),
                finding.severity().as_str(),
                advice.why,
                advice.instead,
                serde_json::to_string(&finding.flaw.figures()).unwrap()
            )
            .unwrap();
        }
    }
    if std::env::var("MAKEGOOD_GOLDEN").is_ok_and(|mode| mode == "write") {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lint.golden"), &said)
            .unwrap();
    }
    assert_eq!(said, include_str!("lint.golden"), "MAKEGOOD_GOLDEN=write writes it");
}

#[test]
fn of_real_terms_only_what_a_careful_reader_would_want_to_hear_is_said() {
    let mut said = String::new();
    for (name, bytes) in cases::files() {
        if !["vendors.json", "real.json", "accord.json"].contains(&name.as_str()) {
            continue;
        }
        for linted in lint_file(&bytes).unwrap() {
            for finding in linted.findings.unwrap() {
                let code = finding.code().as_str();
                writeln!(said, "{} {}: {code}", linted.name, finding.path).unwrap();
            }
        }
    }
    if std::env::var("MAKEGOOD_GOLDEN").is_ok_and(|mode| mode == "write") {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lint_real.golden");
        std::fs::write(path, &said).unwrap();
    }
    assert_eq!(said, include_str!("lint_real.golden"), "MAKEGOOD_GOLDEN=write writes it");
    assert!(!said.contains("published-"), "a vendor's published table is found fault with");
}

#[test]
fn northwinds_terms_lack_a_cap_on_maintenance_and_nothing_else() {
    let found = lint::case(&northwind::case());
    let place = "lines[0].terms.exclusions.planned_maintenance.cap";
    assert_eq!(places(&found), [(place.to_owned(), "exclusion_without_cap")]);
}

#[test]
fn findings_come_in_order_of_their_place() {
    let mut rows = vec![json!({"below": "99.9", "percent": "10"})];
    rows.extend((1..12).map(|_| json!({"below": "99", "percent": "5"})));
    let found = lint::terms(&terms(&examples::table(&json!(rows))));
    let expected: Vec<String> = (1..12).map(|index| format!("credit.tiers[{index}]")).collect();
    let places: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(places, expected);
}

#[test]
fn a_month_is_as_long_as_it_is_where_it_is_counted() {
    // Berlin's October has 745 hours, so the tier can hold there.
    let tier = json!({"tiers": [
        {"below": "99.9", "percent": "10"}, {"downtime_over": "744h", "percent": "100"}]});
    let found = |zone: &str| {
        let window = json!({"calendar": "month", "time_zone": zone});
        places(&found(&json!({"window": window, "credit": tier})))
    };
    assert_eq!(found("Europe/Berlin"), []);
    assert_eq!(found("UTC"), [("credit.tiers[1].downtime_over".to_owned(), "tier_never_holds")]);
}

#[test]
fn of_service_hours_only_what_counts_is_counted() {
    let hours =
        json!([{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "18:00"}]);
    // At most 23 working days in a month: 230 hours, of which 99.9 % allows 13.8 minutes.
    let with = |outage: &str| {
        let measure = json!({"uptime": {"min_outage": outage}});
        places(&found(&json!({"measure": measure, "service_hours": hours})))
    };
    assert_eq!(with("13m48s"), []);
    assert_eq!(with("13m49s"), [("objective".to_owned(), "finer_than_count")]);
}

#[test]
fn what_is_valid_and_absurd_is_looked_at_all_the_same() {
    let most = "36525000d";
    let nines = format!("99.{}", "9".repeat(900));
    let absurd = [
        json!({"window": {"rolling": most}, "credit": {"per": {"every": "1s", "percent": nines, "count": "started"}}}),
        json!({"objective": nines, "internal_objective": "100", "measure": {"uptime": {"min_outage": most}}}),
        json!({"window": {"rolling": most}, "measure": {"slots": {"slot": "1s", "min_run": u64::MAX,
            "bad_when": {"metric": "error_percent", "is": "<", "than": "-5"}}}}),
        json!({"window": {"calendar": "year", "counted_as": "1s"},
            "credit": {"tiers": [{"downtime_at_least": most, "days": u64::MAX}, {"downtime_over": most, "days": 0}]}}),
        json!({"window": {"calendar": "year", "counted_as": most}, "objective": "0.001",
            "credit": {"prorata": {"multiple": nines, "of": "excess"}, "minimum_over": "0"}}),
        json!({"exclusions": {"other": {"treatment": "up", "cap": most, "cap_per": "year"}}}),
        json!({"window": {"rolling": "1d"}, "measure": {"requests": {"slot": most, "idle": "good"}}}),
        json!({"service_hours": [{"days": ["mon"], "from": "00:00", "to": "00:01"}], "window": {"rolling": "1d"}}),
    ];
    for over in absurd {
        for finding in found(&over) {
            assert!(!english(&finding.flaw).instead.is_empty(), "{finding:?}");
        }
    }
}

#[test]
fn a_file_holds_cases_or_terms_alone() {
    let alone = json!([{"objective": "0", "window": {"calendar": "month"}, "measure": {"uptime": {}}},
        {"lines": []}, 5]);
    let linted = lint_file(alone.to_string().as_bytes()).unwrap();
    assert_eq!(linted[0].name, "#1");
    let first = linted[0].findings.as_ref().unwrap();
    assert_eq!(places(first), [("objective".to_owned(), "objective_always_met")]);
    assert!(linted[1].findings.is_err() && linted[2].findings.is_err());
    assert!(lint_file(b"{").is_err());
}
