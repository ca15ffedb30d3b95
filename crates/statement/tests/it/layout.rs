//! One line and many, no outage and hundreds: all lay out.

use crate::northwind;
use crate::pages::{says, text_of};
use crate::samples::folder;
use makegood_engine::case::Case;
use makegood_engine::evidence::{Outage, Unknown};
use makegood_engine::money::{Currency, Money};
use makegood_statement::{CreditState, Document, Share, Verdict, render, verify};
use std::process::Command;

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

/// Five hundred outages, three hundred exclusions, a third of them announced too late.
pub(crate) fn many_outages() -> Document {
    let mut document = with_outages(0);
    let evidence = &mut document.contracts[0].case.lines[0].evidence;
    let first = northwind::at("2026-10-02T00:00:00Z");
    for number in 0..500 {
        let from = first + chrono::TimeDelta::minutes(number * 80);
        evidence.outages.push(Outage::new(from, from + chrono::TimeDelta::seconds(95)));
        if number < 300 {
            let mut exclusion =
                northwind::document().contracts[0].case.lines[0].evidence.exclusions[0].clone();
            exclusion.from = from;
            exclusion.to = from + chrono::TimeDelta::seconds(60);
            let late = if number % 3 == 0 { 1 } else { 72 };
            exclusion.notified_at = Some(from - chrono::TimeDelta::hours(late));
            evidence.exclusions.push(exclusion);
        }
    }
    document
}

/// More outages than any page holds: downtime by day, and every one in the table.
#[test]
fn five_hundred_outages_and_three_hundred_exclusions_are_all_told() {
    let text = text_of("five-hundred.pdf", &many_outages());
    // Each has its length; 200 were not excused at all, and 100 were announced too late.
    assert_eq!(text.matches("1 min 35 s").count(), 500 + 200 + 100);
    assert_eq!(text.matches("72 h before").count(), 200);
    assert_eq!(text.matches("1 h before").count(), 100);
    assert!(text.contains("Downtime by day, 1–31 October 2026"), "{text:.3000}");
}

/// 200 lines in 50 contracts, all missed: no heading outgrows its page, and each line has its row.
#[test]
fn two_hundred_lines_with_the_longest_names_lay_out_and_verify() {
    let document = two_hundred_lines();
    let (bytes, trust) = northwind::sealed(&render(&document).unwrap());
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert_eq!(found.verdict, Verdict::Valid, "{}", found.words);
    let text = text_of("two-hundred.pdf", &document);
    assert!(text.contains("and 194 more"), "{text:.3000}");
    let flat: String = text.split_whitespace().collect();
    assert!(
        flat.contains("contracts,seebelow") || flat.contains("50,aslistedbelow"),
        "{text:.2000}"
    );
    for number in 1..=50 {
        assert!(text.contains(&format!("NW-{number}-2026-10-r1.json")), "{number}");
    }
}

fn two_hundred_lines() -> Document {
    let mut document = northwind::document();
    let model = document.contracts.remove(0);
    document.contracts.clear();
    for number in 1..=50 {
        let mut part = model.clone();
        part.number = format!("NW-{number}");
        part.file_name = format!("NW-{number}-2026-10-r1.json");
        let (line, told) = (part.case.lines.remove(0), part.lines.remove(0));
        for at in 0..4 {
            let (mut line, mut told) = (line.clone(), told.clone());
            line.sla = format!("{number}.{at}");
            told.sla = "Verfügbarkeitszusage ".repeat(9) + &format!("{number}.{at}");
            told.trend.clear();
            part.case.lines.push(line);
            part.lines.push(told);
        }
        document.contracts.push(part);
    }
    document
}

#[test]
fn the_longest_names_in_every_field_stay_on_the_page() {
    let mut document = northwind::document();
    let long = "Wassergrundstücksverkehrsgenehmigung".repeat(5);
    document.customer.clone_from(&long);
    document.recipient = vec![long.clone(); 4];
    document.released_by.clone_from(&long);
    document.seal_name.clone_from(&long);
    document.contracts.truncate(1);
    let part = &mut document.contracts[0];
    part.number.clone_from(&long);
    part.lines[0].sla.clone_from(&long);
    part.lines[0].clauses.credit = Some(long.clone());
    part.lines[0].clauses.exclusions.insert("planned_maintenance".into(), long.clone());
    part.lines[0].narrative = Some(format!("{long}\n\n{}", "Wort ".repeat(2_000)));
    text_of("longest.pdf", &document);
    let boxes = Command::new("pdftotext")
        .arg("-bbox")
        .arg(folder().join("longest.pdf"))
        .arg("-")
        .output()
        .unwrap();
    let boxes = String::from_utf8(boxes.stdout).unwrap();
    let edge = |word: &str, name: &str| -> Option<i32> {
        word.split_once(name)?.1.split('.').next()?.parse().ok()
    };
    let words: Vec<&str> = boxes.lines().filter(|line| line.contains("<word ")).collect();
    assert!(words.len() > 2_000, "{}", words.len());
    for word in words {
        let (left, right) = (edge(word, "xMin=\"").unwrap(), edge(word, "xMax=\"").unwrap());
        let (top, bottom) = (edge(word, "yMin=\"").unwrap(), edge(word, "yMax=\"").unwrap());
        assert!(left >= 56 && right <= 540 && top >= 20 && bottom <= 838, "{word}");
    }
}

/// Hours that nobody measured, and that count as downtime.
pub(crate) fn unknown_as_downtime() -> Document {
    let mut document = northwind::document();
    document.contracts.truncate(1);
    let line = &mut document.contracts[0].case.lines[0];
    line.terms.no_data = makegood_engine::terms::NoData::Down;
    line.evidence.unknown.push(Unknown {
        from: northwind::at("2026-10-20T00:00:00Z"),
        to: northwind::at("2026-10-21T06:00:00Z"),
    });
    document
}

#[test]
fn hours_that_nobody_measured_are_on_the_time_line_and_no_outage() {
    let text = text_of("unknown-down.pdf", &unknown_as_downtime());
    assert!(text.contains("1,851 min counted as"), "{text}");
    assert!(!text.contains("One outage on"), "{text}");
    assert!(text.contains("Unknown"), "{text}");
    assert!(text.contains("counts as downtime"), "{text}");
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

#[test]
fn shares_that_are_not_what_is_owed_are_refused() {
    let euros = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
    let granted = |minor| Share { state: CreditState::Granted, amount: euros(minor) };
    let refused = |minor| Share { state: CreditState::NotGranted, amount: euros(minor) };
    let mut document = northwind::document();
    document.contracts.truncate(1);
    let mut with = |state, shares| {
        let part = &mut document.contracts[0];
        part.lines[0].credit = state;
        part.shares = shares;
        render(&document).map(|_| ()).map_err(|error| error.to_string())
    };
    with(CreditState::InParts, vec![granted(70_000), refused(50_000)]).unwrap();
    for (state, shares) in [
        (CreditState::InParts, vec![granted(70_000), refused(49_999)]),
        (CreditState::InParts, vec![granted(130_000), refused(-10_000)]),
        (CreditState::InParts, vec![]),
        (CreditState::Granted, vec![granted(120_000)]),
    ] {
        let told = with(state, shares).unwrap_err();
        assert!(told.contains("NW-1: its shares come to EUR"), "{told}");
    }
}

/// Three lines of one contract: one that was met, one that was met or missed, one that nobody measured.
fn partly_measured(missed: bool) -> Document {
    let mut document = with_outages(0);
    let part = &mut document.contracts[0];
    for at in 1..3 {
        let (mut line, mut told) = (part.case.lines[0].clone(), part.lines[0].clone());
        line.sla = format!("line {at}");
        told.sla.clone_from(&line.sla);
        part.case.lines.push(line);
        part.lines.push(told);
    }
    for told in &mut part.lines {
        (told.narrative, told.root_cause) = (None, None);
        told.credit = CreditState::None;
    }
    part.case.lines[2].evidence.unknown.push(Unknown {
        from: northwind::at("2026-09-30T22:00:00Z"),
        to: northwind::at("2026-10-31T23:00:00Z"),
    });
    if missed {
        let (from, to) = ("2026-10-14T03:00:00Z", "2026-10-14T04:00:00Z");
        let outage = Outage::new(northwind::at(from), northwind::at(to));
        part.case.lines[1].evidence.outages.push(outage);
        part.lines[1].credit = CreditState::Granted;
    }
    document
}

#[test]
fn law_3_lines_that_nobody_measured_are_not_called_met() {
    let mut document = partly_measured(false);
    let text = text_of("partly-measured.pdf", &document);
    says(
        &text,
        &[
            "Two of three service levels",
            "were met.",
            "One service level could not be measured.",
            "Not measured",
        ],
    );
    assert!(!text.contains("All three"), "{text}");
    document.language = makegood_statement::Language::De;
    let text = text_of("partly-measured-de.pdf", &document);
    let parts = [
        "Zwei von drei Service-Levels",
        "wurden eingehalten.",
        "Ein Service-Level konnte nicht gemessen werden.",
    ];
    says(&text, &parts);
    document.language = makegood_statement::Language::En;
    let unmeasured = document.contracts[0].case.lines[2].evidence.unknown.clone();
    document.contracts[0].case.lines[1].evidence.unknown = unmeasured;
    let text = text_of("mostly-unmeasured.pdf", &document);
    let parts =
        ["One of three service levels", "was met.", "Two service levels could not be measured."];
    says(&text, &parts);
    let text = text_of("partly-missed.pdf", &partly_measured(true));
    let parts =
        ["One of three service levels", "was missed.", "One service level could not be measured."];
    says(&text, &parts);
}
