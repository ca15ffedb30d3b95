//! Tables with long figures: a number and its currency never break inside, and no award loses its number.

use crate::northwind;
use crate::pages::{says, text_of};
use crate::shared_out::{line, of};
use makegood_statement::{CreditState, Document, Language, Verdict, render, verify};
use serde_json::{Value, json};

/// Eight contracts in two currencies with large fees, one of days of service.
fn mixed(language: Language) -> Document {
    let one = |number: usize, currency: &str, fee: &str| {
        let mut line = line("Messaging, all regions", fee);
        line["terms"]["objective"] = json!("99.999");
        line["terms"]["credit"]["tiers"] = json!([
            { "below": "99.999", "days": 1 }, { "below": "99.9", "days": 8 },
        ]);
        let case: Value = json!({
            "format": "makegood/case/1", "contract": { "currency": currency },
            "period": "2026-10", "lines": [line],
        });
        let mut part = of(&case, &[CreditState::Granted]).contracts.remove(0);
        part.number = format!("MX-{number}");
        part.file_name = format!("MX-{number}.json");
        part
    };
    let mut document = northwind::document();
    document.language = language;
    // Then each row names its window: there is less room.
    document.period.label = "2026-Q4".into();
    document.contracts = vec![
        one(1, "EUR", "437.49"),
        one(2, "EUR", "12345678.90"),
        one(3, "KWD", "1234567.891"),
        one(4, "USD", "987654.32"),
    ];
    document
}

/// Words that end a line where a figure was broken: its rest stands alone in the next one.
#[track_caller]
fn whole(text: &str, figures: &[&str]) {
    for figure in figures {
        assert!(text.contains(figure), "{figure:?} is broken in {text}");
    }
}

#[test]
fn days_of_service_are_told_with_their_number_and_the_rate_as_a_percentage() {
    let text = text_of("days.pdf", &mixed(Language::En));
    says(&text, &["Measured below 99.999 %", "1 day of service", "8 days of service reached"]);
    assert!(!text.contains("/31"), "{text}");
    whole(&text, &["25.806451 %"]);
    let text = text_of("days-de.pdf", &mixed(Language::De));
    says(&text, &["1 Tag Leistung", "8 Tage Leistung"]);
    whole(&text, &["25,806451 %"]);
}

#[test]
fn no_figure_breaks_inside_however_narrow_its_column_would_be() {
    let text = text_of("mixed.pdf", &mixed(Language::En));
    let figures = [
        "EUR 112.90",
        "99.865771 %",
        "EUR 3,185,981.65",
        "KWD 318,598.165",
        "EUR 12,345,678.90",
        "KWD 1,234,567.891",
        "99.999 %",
    ];
    whole(&text, &figures);
    let document = mixed(Language::De);
    let text = text_of("mixed-de.pdf", &document);
    whole(&text, &["112,90 EUR", "3.185.981,65 EUR", "318.598,165 KWD", "1.234.567,891 KWD"]);
    let (bytes, trust) = northwind::sealed(&render(&document).unwrap());
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
}

#[test]
fn slots_are_told_in_whole_words() {
    let mut slots = line("Probes", "100.00");
    slots["terms"]["measure"] = json!({ "slots": { "slot": "5m",
        "bad_when": { "metric": "error_percent", "is": ">", "than": "5" } } });
    slots["evidence"] = json!({ "slots": [
        { "count": 8800, "requests": 10, "errors": 0 }, { "count": 128, "requests": 10, "errors": 9 },
    ] });
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-10",
        "lines": [slots],
    });
    let mut document = of(&case, &[CreditState::Granted]);
    document.language = Language::De;
    let text = text_of("slots-de.pdf", &document);
    assert!(text.contains("Zeitfenstern"), "{text}");
}

#[test]
fn with_a_fee_of_nothing_the_tier_that_applies_is_marked() {
    let mut free = line("Free", "0.00");
    free["evidence"]["outages"][0]["to"] = json!("2026-10-14T04:47:00Z");
    free["terms"]["credit"]["tiers"] =
        json!([{ "below": "99.9", "percent": "10" }, { "below": "99.8", "percent": "25" }]);
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-10",
        "lines": [free],
    });
    let text = text_of("free.pdf", &of(&case, &[CreditState::None]));
    says(&text, &["99.760", "Measured below 99.8 % 25 % of the fee reached"]);
    assert_eq!(text.matches("reached").count(), 1, "{text}");
}
