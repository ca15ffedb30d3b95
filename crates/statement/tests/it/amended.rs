//! An amendment inside a month makes two lines of one name: each is told apart, with what is its own.

use crate::pages::{says, text_of};
use crate::shared_out::{line, of};
use makegood_statement::{CreditState, Document, TrendPoint};
use serde_json::json;

/// October, amended at the 15th, local midnight; the first part missed, and nobody measured for an hour
/// of the second.
fn amended() -> Document {
    let amended_at = "2026-10-14T22:00:00Z";
    let mut first = line("Orders API", "451.61");
    first["active"] = json!({ "to": amended_at });
    // So far from the other one that the whole month is drawn.
    let early = json!({ "from": "2026-10-03T03:00:00Z", "to": "2026-10-03T04:00:00Z" });
    first["evidence"]["outages"].as_array_mut().unwrap().insert(0, early);
    let unknown = json!([{ "from": "2026-10-20T03:00:00Z", "to": "2026-10-20T04:00:00Z" }]);
    first["evidence"]["unknown"] = unknown.clone();
    let mut second = line("Orders API", "548.39");
    second["active"] = json!({ "from": amended_at });
    second["evidence"]["unknown"] = unknown;
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-10",
        "lines": [first, second],
    });
    let mut document = of(&case, &[CreditState::Granted, CreditState::None]);
    let point = |label: &str, percent: &str, met| TrendPoint {
        label: label.into(),
        percent: Some(percent.into()),
        met: Some(met),
    };
    let lines = &mut document.contracts[0].lines;
    let before = point("2026-09", "99.950000", true);
    lines[0].fee_note = Some("monthly EUR 1,000.00 × 14 ÷ 31 days, rounded half up".into());
    lines[1].fee_note = Some("monthly EUR 1,000.00 × 17 ÷ 31 days, rounded half up".into());
    lines[0].trend = vec![before.clone(), point("2026-10", "99.404762", false)];
    lines[1].trend = vec![before, point("2026-10", "100.000000", true)];
    document
}

#[test]
fn the_parts_of_an_amended_month_have_titles_of_their_own() {
    let text = text_of("amended.pdf", &amended());
    says(
        &text,
        &[
            "The last twelve months: CB-2, Orders API, 1–14 October 2026",
            "The last twelve months: CB-2, Orders API, 15–31 October 2026",
            "How the figures came about: CB-2, Orders API, 1–14 October 2026",
            "The fee: monthly EUR 1,000.00 × 14 ÷ 31 days, rounded half up.",
            "How the figures came about: CB-2, Orders API, 15–31 October 2026",
            "The fee: monthly EUR 1,000.00 × 17 ÷ 31 days, rounded half up.",
        ],
    );
    assert_eq!(text.matches("The fee:").count(), 2, "{text}");
}

#[test]
fn time_after_a_part_has_ended_is_not_in_its_time_line() {
    let text = text_of("amended.pdf", &amended());
    let part = text.split("Missed SLA").nth(1).unwrap().split("Outages, and").next().unwrap();
    assert!(!part.contains("Unknown"), "{part}");
}
