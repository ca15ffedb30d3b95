//! OpenSLO in and out: what is read, what is refused, what is listed, and that what was written
//! reads the same.

use crate::cases;
use makegood_engine::openslo::{Draft, Reading, read};
use makegood_engine::{Terms, json::Json};

mod editions;
mod fuzz;
mod number;
mod refused;
mod round_trip;

/// What a text reads as: the drafts as JSON, then what was left out.
fn said(reading: &Reading) -> String {
    let drafts = Json::List(reading.drafts.iter().map(Draft::to_tree).collect());
    let left: String = reading.left_out.iter().map(|left| format!("{left}\n")).collect();
    drafts.pretty() + &left
}

fn golden(yaml: &str, expected: &str) {
    let reading = read(yaml).unwrap();
    let said = said(&reading);
    assert!(said == expected, "what was read is not the golden:\n{said}");
    // No value of a connection stands anywhere.
    assert!(!said.contains("not-to-be-shown"));
    // A draft is read as it was printed.
    for draft in &reading.drafts {
        assert_eq!(Draft::from_tree(&draft.to_tree()), Ok(draft.clone()));
    }
}

#[test]
fn a_ratio_by_the_month() {
    golden(include_str!("openslo/monthly.yaml"), include_str!("openslo/monthly.golden"));
}

#[test]
fn a_threshold_over_rolling_days() {
    golden(include_str!("openslo/rolling.yaml"), include_str!("openslo/rolling.golden"));
}

#[test]
fn the_mean_of_slices_by_reference() {
    golden(include_str!("openslo/mean.yaml"), include_str!("openslo/mean.golden"));
}

#[test]
fn slices_by_the_quarter() {
    golden(include_str!("openslo/quarter.yaml"), include_str!("openslo/quarter.golden"));
}

#[test]
fn several_objectives_are_several_lines() {
    golden(include_str!("openslo/several.yaml"), include_str!("openslo/several.golden"));
}

#[test]
fn what_cannot_be_carried_over_is_listed() {
    golden(include_str!("openslo/beyond.yaml"), include_str!("openslo/beyond.golden"));
}

/// A draft of these terms, without an indicator.
fn draft(name: &str, terms: Terms) -> Draft {
    Draft { name: name.to_owned(), service: "Service of all".to_owned(), terms, indicator: None }
}

/// The terms of all shared cases, those that something else makes invalid among them.
fn shared_terms() -> Vec<Terms> {
    let mut all = Vec::new();
    for (_, bytes) in cases::files() {
        let Ok(Json::List(cases)) = Json::parse(&bytes) else { panic!("a file of cases") };
        for case in &cases {
            let Some(Json::List(lines)) = case.get("lines") else { continue };
            let terms = lines.iter().filter_map(|line| line.get("terms"));
            all.extend(terms.filter_map(|terms| Terms::from_tree(terms).ok()));
        }
    }
    assert!(all.len() > 400, "{}", all.len());
    all
}

/// An SLO with one ratio, this window and this objective.
fn slo(window: &str, method: &str, objective: &str) -> String {
    format!(
        "apiVersion: openslo/v1\n\
         kind: SLO\n\
         metadata: {{name: a}}\n\
         spec:\n\
         \x20 service: s\n\
         \x20 indicator:\n\
         \x20   metadata: {{name: i}}\n\
         \x20   spec:\n\
         \x20     ratioMetric:\n\
         \x20       good: {{metricSource: {{type: T, spec: {{q: good}}}}}}\n\
         \x20       total: {{metricSource: {{type: T, spec: {{q: total}}}}}}\n\
         \x20 timeWindow: {window}\n\
         \x20 budgetingMethod: {method}\n\
         \x20 objectives: [{objective}]\n"
    )
}

const ROLLING: &str = "[{duration: 28d, isRolling: true}]";
