//! One line and many, no outage and hundreds: all lay out.

use crate::northwind;
use crate::pages::text_of;
use makegood_engine::case::Case;
use makegood_engine::evidence::{Outage, Unknown};
use makegood_statement::{CreditState, Document, Verdict, render, verify};

fn pages(text: &str) -> usize {
    text.matches('\u{c}').count()
}

fn with_outages(count: u32) -> Document {
    let mut document = northwind::document();
    document.contracts.truncate(1);
    let evidence = &mut document.contracts[0].case.lines[0].evidence;
    evidence.outages.clear();
    evidence.exclusions.clear();
    let first = northwind::at("2026-10-02T00:00:00Z");
    for number in 0..count {
        let from = first + chrono::TimeDelta::minutes(i64::from(number) * 120);
        evidence.outages.push(Outage::new(from, from + chrono::TimeDelta::seconds(95)));
    }
    document
}

#[test]
fn a_month_without_an_outage_lays_out() {
    let mut document = with_outages(0);
    document.contracts[0].lines[0].credit = CreditState::None;
    document.contracts[0].lines[0].narrative = None;
    document.contracts[0].lines[0].root_cause = None;
    let text = text_of("quiet.pdf", &document);
    assert!(text.contains("The service level was met."), "{text}");
    assert!(text.contains("100.000000 %"), "{text}");
    assert!(text.contains("No SLA credit is due."), "{text}");
}

#[test]
fn two_hundred_outages_run_over_pages_and_none_is_lost() {
    let text = text_of("outages.pdf", &with_outages(200));
    assert!(pages(&text) >= 8, "{}", pages(&text));
    assert_eq!(text.matches("1 min 35 s").count(), 400);
}

#[test]
fn forty_lines_with_long_names_run_over_pages() {
    let mut document = northwind::document();
    let model = document.contracts.remove(0);
    document.contracts.clear();
    for number in 1..=40 {
        let mut part = model.clone();
        part.number = format!("NW-{number}");
        part.file_name = format!("NW-{number}-2026-10-r1.json");
        part.lines[0].sla = format!(
            "Availability of the Orders-API-in-all-regions-with-an-extraordinarily-long-name \
             number {number} for the accounting department"
        );
        document.contracts.push(part);
    }
    let text = text_of("forty.pdf", &document);
    assert!(pages(&text) > 8, "{}", pages(&text));
    for number in 1..=40 {
        assert!(text.contains(&format!("NW-{number} ")), "{number}");
    }
}

#[test]
fn law_3_time_that_nobody_observed_is_shown_as_unknown() {
    let mut document = northwind::document();
    document.contracts.truncate(1);
    let evidence = &mut document.contracts[0].case.lines[0].evidence;
    evidence.unknown.push(Unknown {
        from: northwind::at("2026-10-20T00:00:00Z"),
        to: northwind::at("2026-10-20T02:00:00Z"),
    });
    let text = text_of("unknown.pdf", &document);
    assert!(text.contains("For 120 min nobody measured"), "{text}");
    assert!(text.contains("is taken out of the measured time"), "{text}");
}

/// The accord of measures: every kind of terms lays out, verifies and recomputes.
#[test]
fn every_case_of_the_shared_folder_becomes_a_statement_that_verifies() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases");
    let mut seen = 0;
    for file in ["accord.json", "vendors.json"] {
        let bytes = std::fs::read(format!("{folder}/{file}")).unwrap();
        for case in Case::parse_file(&bytes).unwrap().into_iter().step_by(5) {
            if case.invalid.is_some() || makegood_engine::compute(&case).is_err() {
                continue;
            }
            let mut document = northwind::document();
            document.contracts.truncate(1);
            let part = &mut document.contracts[0];
            let model = part.lines[0].clone();
            part.lines = vec![model; case.lines.len()];
            part.case = case;
            let (bytes, trust) = northwind::sealed(&render(&document).unwrap());
            let found = verify(&bytes, &trust, northwind::sealing_time());
            assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}
