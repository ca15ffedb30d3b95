//! SLA credit notices.

use crate::northwind;
use crate::pages::{says, text_of};
use makegood_engine::money::{Currency, Money};
use makegood_statement::{
    CreditNotice, CreditState, CreditedBefore, Document, Kind, Language, Share, Verdict, render,
    verify,
};

fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap())
}

pub(crate) fn notice() -> Document {
    let mut document = northwind::document();
    document.number = "CR-311".into();
    document.contracts.truncate(1);
    document.contracts[0].lines[0].trend.clear();
    document.kind = Kind::CreditNotice(CreditNotice {
        amount: euros(120_000),
        before: vec![],
        not_granted: None,
        statement: Some("ST-2026-10-0412".into()),
    });
    document
}

/// A late outage made 3,000.00 of the 1,200.00 that were credited.
pub(crate) fn adjustment() -> Document {
    let mut document = notice();
    document.number = "CR-340".into();
    let outage = makegood_engine::Outage::new(
        northwind::at("2026-10-21T09:00:00Z"),
        northwind::at("2026-10-21T09:45:00Z"),
    );
    document.contracts[0].case.lines[0].evidence.outages.push(outage);
    document.contracts[0].revision = 2;
    document.kind = Kind::CreditNotice(CreditNotice {
        amount: euros(180_000),
        before: vec![CreditedBefore { number: "CR-311".into(), amount: euros(120_000) }],
        not_granted: None,
        statement: None,
    });
    document
}

fn holds(document: &Document) {
    let (bytes, trust) = northwind::sealed(&render(document).unwrap());
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    assert_eq!(found.statement, Some(format!("SLA credit notice {}", document.number)));
}

#[test]
fn a_notice_tells_of_one_credit_and_is_no_tax_document() {
    let document = notice();
    holds(&document);
    let text = text_of("notice.pdf", &document);
    says(
        &text,
        &[
            "SLA credit notice CR-311",
            "SLA credit notice, October 2026",
            "SLA credit",
            "CR-311",
            "NW-1",
            "ST-2026-10-0412",
            "SLA credit, net",
            "€1,200.00",
            "This notice is not a tax document.",
            "99.885880 %",
            "reached",
            "nothing. The SLA credit is set against your next invoice.",
            "€12,000.00",
            "not a tax document: taxes are shown on the credit note",
        ],
    );
    assert!(!text.contains("revision"), "{text}");
}

#[test]
fn a_notice_of_an_adjustment_tells_what_was_credited_before() {
    let document = adjustment();
    holds(&document);
    let text = text_of("notice-adjustment.pdf", &document);
    says(
        &text,
        &[
            "€1,800.00",
            "Credited before with CR-311 €1,200.00",
            "Credited for this window in all €3,000.00",
            "99.785186 %",
        ],
    );
}

#[test]
fn a_german_notice_is_german() {
    let mut document = notice();
    document.language = Language::De;
    let text = text_of("notice-de.pdf", &document);
    says(
        &text,
        &["Anzeige eines SLA-Ausgleichs, Oktober 2026", "kein Steuerdokument", "1.200,00 €"],
    );
    assert!(!text.contains("Gutschrift"), "{text}");
}

#[test]
fn a_notice_that_does_not_add_up_is_refused() {
    let mut document = notice();
    let Kind::CreditNotice(of) = &mut document.kind else { panic!("a notice") };
    of.amount = euros(130_000);
    let error = render(&document).unwrap_err().to_string();
    assert_eq!(
        error,
        "kind.amount: comes to EUR 1,300.00 with what was credited before; the case owes EUR 1,200.00"
    );
    let mut document = northwind::document();
    document.kind = notice().kind;
    assert!(render(&document).unwrap_err().to_string().starts_with("contracts: is one contract"));
}

/// Of 3,000.00 that are owed, 1,200.00 were decided against.
fn partly_refused() -> Document {
    let mut document = adjustment();
    let share = |state, minor| Share { state, amount: euros(minor) };
    let part = &mut document.contracts[0];
    part.lines[0].credit = CreditState::InParts;
    part.shares =
        vec![share(CreditState::Granted, 180_000), share(CreditState::NotGranted, 120_000)];
    document.kind = Kind::CreditNotice(CreditNotice {
        amount: euros(180_000),
        before: vec![],
        not_granted: Some(euros(120_000)),
        statement: None,
    });
    document
}

#[test]
fn a_notice_says_what_was_not_granted_and_calls_none_of_it_credited() {
    let document = partly_refused();
    holds(&document);
    let text = text_of("notice-refused.pdf", &document);
    let parts = ["SLA credit, net €1,800.00", "Not granted for this window €1,200.00", "in parts"];
    says(&text, &parts);
    assert!(!text.contains("Credited before"), "{text}");
    // The rest of the page may not say otherwise.
    let mut all_granted = partly_refused();
    let part = &mut all_granted.contracts[0];
    part.lines[0].credit = CreditState::Granted;
    part.shares.clear();
    let error = render(&all_granted).unwrap_err().to_string();
    assert!(error.starts_with("kind.not_granted: "), "{error}");
    let mut untold = partly_refused();
    let Kind::CreditNotice(of) = &mut untold.kind else { panic!("a notice") };
    of.not_granted = None;
    assert!(render(&untold).unwrap_err().to_string().starts_with("kind.not_granted: "));
}

#[test]
fn a_notice_tells_apart_what_was_credited_and_what_was_taken_back() {
    let mut document = adjustment();
    let before =
        |number: &str, minor| CreditedBefore { number: number.into(), amount: euros(minor) };
    let Kind::CreditNotice(of) = &mut document.kind else { panic!("a notice") };
    of.before =
        vec![before("CR-311", 120_000), before("CR-320", -30_000), before("CR-322", 30_000)];
    holds(&document);
    let text = text_of("notice-taken-back.pdf", &document);
    let parts = [
        "Credited before with CR-311 €1,200.00",
        "Taken back with CR-320 €−300.00",
        "Credited before with CR-322 €300.00",
        "Credited for this window in all €3,000.00",
    ];
    says(&text, &parts);
}
