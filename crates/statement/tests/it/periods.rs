//! Statements of a quarter, a year, a single contract and a group.

use crate::northwind::{self, at};
use crate::pages::{says, text_of};
use makegood_engine::case::Case;
use makegood_engine::money::{Currency, Money};
use makegood_statement::{
    ContractPart, CreditState, Document, Period, Reached, Scope, ToDate, ToDateLine, Verdict,
    render, verify,
};

/// A contract in one month of 2026, with or without the outage of the 14th.
fn month(number: &str, month: u32, outage: bool) -> ContractPart {
    let mut part = northwind::document().contracts.remove(0);
    let json = part.case.to_json().replace("2026-10", &format!("2026-{month:02}"));
    part.case = Case::parse_file(json.as_bytes()).unwrap().remove(0);
    part.number = number.into();
    part.file_name = format!("{number}-2026-{month:02}-r1.json");
    let line = &mut part.lines[0];
    line.trend.clear();
    if !outage {
        part.case.lines[0].evidence.outages.clear();
        part.case.lines[0].evidence.exclusions.clear();
        line.credit = CreditState::None;
        line.narrative = None;
        line.root_cause = None;
    }
    part
}

fn reached(percent: &str, bad: &str, met: bool) -> Reached {
    Reached {
        attainment: Some(percent.into()),
        total: "2678400".into(),
        bad: bad.into(),
        met: Some(met),
    }
}

/// The windows before the quarter, as their settlements state them.
fn year_to_date() -> ToDate {
    let good = reached("1", "0", true);
    let missed = reached("22307/22320", "1560", false);
    ToDate {
        label: "2026".into(),
        lines: vec![ToDateLine {
            contract: "NW-1".into(),
            sla: "Orders API availability".into(),
            windows: [vec![good; 9], vec![missed]].concat(),
            is_time: true,
        }],
        granted: vec![Money::new(120_000, Currency::parse("EUR").unwrap())],
    }
}

pub(crate) fn quarter() -> Document {
    let mut document = northwind::document();
    document.number = "ST-2026-Q4-0007".into();
    document.period = Period {
        label: "2026-Q4".into(),
        from: at("2026-09-30T22:00:00Z"),
        to: at("2026-12-31T23:00:00Z"),
        zone: "Europe/Berlin".into(),
    };
    document.contracts =
        vec![month("NW-1", 10, true), month("NW-1", 11, false), month("NW-1", 12, true)];
    document.to_date = vec![year_to_date()];
    document
}

/// Two customers of a group, and two currencies.
pub(crate) fn group() -> Document {
    let mut document = northwind::document();
    document.scope = Scope::Group;
    document.customer = "Northwind".into();
    document.recipient = vec!["Northwind".into(), "Group procurement".into()];
    let (gmbh, mut inc) = (month("NW-1", 10, true), month("NW-3", 10, true));
    inc.case.contract.currency = Currency::parse("USD").unwrap();
    inc.customer = Some("Northwind Inc".into());
    document.contracts = vec![gmbh, inc];
    document.contracts[0].customer = Some("Northwind GmbH".into());
    document
}

fn holds(document: &Document) {
    let (bytes, trust) = northwind::sealed(&render(document).unwrap());
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
}

#[test]
fn a_quarter_names_the_window_of_each_row_and_tells_the_year_to_date() {
    let document = quarter();
    holds(&document);
    let text = text_of("quarter.pdf", &document);
    says(
        &text,
        &[
            "SLA statement, quarter 4 of 2026",
            "1 October – 31 December 2026",
            "Two of three service levels",
            "NW-1, Oct 2026, SLA credit granted €1,200.00",
            "NW-1 Oct 2026 Orders API 99.9 % 99.885880 %",
            "NW-1 Nov 2026 Orders API 99.9 % 100.000000 %",
            "NW-1 Dec 2026 Orders API 99.9 %",
            "Granted in total",
            "€2,400.00",
            "Year to date",
            "2026 so far",
            "99.994175 %",
            "26 min",
            "9 of 10",
            "SLA credits granted for 2026 so far: €1,200.00.",
        ],
    );
}

#[test]
fn a_quarter_that_still_runs_says_up_to_when_it_was_measured() {
    let whole = text_of("whole-quarter.pdf", &quarter());
    says(&whole, &["windows, as the calculations say"]);
    assert!(!whole.contains("the last until"), "{whole}");
    let mut document = quarter();
    document.contracts.truncate(2);
    holds(&document);
    let until = "windows, the last until 30 November 2026, as";
    says(&text_of("running-quarter.pdf", &document), &[until]);
    document.contracts.truncate(1);
    says(&text_of("quarter-begun.pdf", &document), &["One window, until 31 October 2026"]);
}

#[test]
fn a_year_holds_its_twelve_months() {
    let mut document = quarter();
    document.period.label = "2026".into();
    document.period.from = at("2025-12-31T23:00:00Z");
    document.contracts = (1..=12).map(|number| month("NW-1", number, number == 10)).collect();
    document.to_date.clear();
    holds(&document);
    let text = text_of("year.pdf", &document);
    says(&text, &["SLA statement, 2026", "One of 12 service levels was", "Jan 2026", "Dec 2026"]);
    assert!(!text.contains("to date"), "{text}");
}

#[test]
fn a_single_contract_says_that_it_is_the_only_one() {
    let mut document = northwind::document();
    document.scope = Scope::Contract;
    document.contracts.truncate(1);
    holds(&document);
    says(&text_of("contract.pdf", &document), &["Contract", "Contract NW-1 only"]);
}

#[test]
fn a_group_has_a_table_for_each_customer_and_a_total_for_each_currency() {
    let document = group();
    holds(&document);
    let text = text_of("group.pdf", &document);
    says(
        &text,
        &[
            "Northwind GmbH",
            "NW-1 Orders API availability",
            "EUR 1,200.00",
            "Northwind Inc",
            "NW-3 Orders API availability",
            "USD 1,200.00",
            "Granted in total EUR 1,200.00",
            "Granted in total USD 1,200.00",
        ],
    );
    assert!(!text.contains("2,400.00"), "{text}");
}

#[test]
fn quarter_and_year_stand_beside_each_other() {
    let mut document = northwind::document();
    let mut quarter = year_to_date();
    quarter.label = "2026-Q4".into();
    quarter.lines[0].windows = vec![reached("22307/22320", "1560", false)];
    let mut year = year_to_date();
    year.lines.push(ToDateLine {
        contract: "NW-2".into(),
        sla: "Reporting availability".into(),
        windows: vec![Reached { attainment: None, total: "0".into(), bad: "0".into(), met: None }],
        is_time: true,
    });
    document.to_date = vec![quarter, year];
    let text = text_of("to-date.pdf", &document);
    says(&text, &["Quarter and year to date", "99.941756 %", "0 of 1", "99.994175 %", "9 of 10"]);
    says(&text, &["NW-2 Reporting availability – – – 0 of 1"]);
}
