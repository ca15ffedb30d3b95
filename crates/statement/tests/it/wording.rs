//! Words that read as meant: German without English in it, counts with the right noun, and a headline that
//! does not mislead.

use crate::northwind::{self, at};
use crate::pages::{says, text_of};
use crate::shared_out::{line, of};
use makegood_statement::{CreditState, Document, Language, Trust, render, verify};
use serde_json::{Value, json};

fn german() -> Document {
    let mut document = northwind::document();
    document.language = Language::De;
    document.number = "DRAFT".into();
    document.revision = 2;
    document.supersedes = Some("ST-2026-10-0412, revision 1".into());
    document.change = Some("late evidence: outage, 21 Oct 2026".into());
    document.seal_name = "Fjordline Cloud GmbH, key without a name".into();
    for line in document.contracts.iter_mut().flat_map(|part| &mut part.lines) {
        line.fee_note = line.fee_note.take().map(|_| {
            "annual EUR 120,000.00 ÷ 12 × 14 ÷ 31 days, rounded half up + monthly EUR 1,000.50"
                .into()
        });
    }
    document
}

#[test]
fn a_german_statement_says_in_german_what_comes_to_it_in_english() {
    let text = text_of("wording-de.pdf", &german());
    says(
        &text,
        &[
            "SLA-Bericht ENTWURF",
            "Ersetzt ST-2026-10-0412, Revision 1",
            "„late evidence: outage, 21 Oct 2026“",
            "Das Entgelt: jährlich 120.000,00 EUR ÷ 12 × 14 ÷ 31 Tage, kaufmännisch gerundet + monatlich \
             1.000,50 EUR.",
            "Fjordline Cloud GmbH, Schlüssel ohne Namen",
        ],
    );
    for english in ["revision", "key", "DRAFT", "annual", "monthly", "rounded"] {
        assert!(!text.contains(english), "{english}: {text}");
    }
}

#[test]
fn a_fee_note_that_is_no_known_sum_stays_as_it_is() {
    let mut document = german();
    document.contracts[1].lines[0].fee_note = Some("the annual fee, as agreed on 3 days".into());
    let text = text_of("wording-note.pdf", &document);
    says(&text, &["Das Entgelt: the annual fee, as agreed on 3 days."]);
}

fn one(change: impl FnOnce(&mut Value), language: Language) -> Document {
    let mut one = line("API", "1000.00");
    change(&mut one);
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-10",
        "lines": [one],
    });
    let mut document = of(&case, &[CreditState::Granted]);
    document.language = language;
    document
}

#[test]
fn lengths_in_the_steps_are_written_as_everywhere_else() {
    let per = |line: &mut Value| {
        line["terms"]["credit"] = json!({ "per": { "every": "1h30m", "percent": "5",
            "count": "started", "first": { "after": "15m", "percent": "10" } } });
    };
    let text = text_of("lengths.pdf", &one(per, Language::De));
    says(&text, &["10 % ab 15 min Ausfall, und 5 % je weitere 1 h 30 min"]);
    let least = |line: &mut Value| {
        line["terms"]["credit"]["tiers"] = json!([{ "downtime_at_least": "45m", "percent": "5" }]);
    };
    let text = text_of("lengths-least.pdf", &one(least, Language::De));
    says(&text, &["Mindestens 45 min Ausfall"]);
    let text = text_of("lengths-least-en.pdf", &one(least, Language::En));
    says(&text, &["At least 45 min of downtime"]);
}

#[test]
fn one_window_is_one_window() {
    let mut document = northwind::document();
    document.period.to = at("2026-10-31T22:00:00Z");
    says(&text_of("window.pdf", &document), &["Measured One window, as the calculation says"]);
    document.language = Language::De;
    says(&text_of("window-de.pdf", &document), &["Gemessen Ein Zeitraum, siehe Berechnung"]);
}

#[test]
fn law_3_the_headline_says_of_how_many_lines_nobody_measured_and_how_long_at_most() {
    let lines: Vec<Value> = (0..5)
        .map(|number| {
            let mut one = line(&format!("API {number}"), "1000.00");
            if number < 2 {
                let to = format!("2026-10-20T0{}:00:00Z", 4 + number);
                one["evidence"]["unknown"] = json!([{ "from": "2026-10-20T03:00:00Z", "to": to }]);
            }
            one
        })
        .collect();
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-10",
        "lines": lines,
    });
    let mut document = of(&case, &[CreditState::Granted; 5]);
    let text = text_of("unknown-some.pdf", &document);
    let told = "For two of five service levels there is time that nobody measured, up to 120 min; it is shown as \
                unknown.";
    says(&text, &[told]);
    document.language = Language::De;
    let text = text_of("unknown-some-de.pdf", &document);
    let told = "Bei zwei von fünf Service-Levels hat zeitweise niemand gemessen, bis zu 120 min; diese Zeit ist als \
                unbekannt ausgewiesen.";
    says(&text, &[told]);
}

#[test]
fn an_outage_beyond_the_window_is_told_with_what_lies_in_it() {
    let beyond = |line: &mut Value| {
        line["evidence"]["outages"] =
            json!([{ "from": "2026-10-30T12:30:00Z", "to": "2026-11-01T12:30:00Z" }]);
    };
    let text = text_of("beyond.pdf", &one(beyond, Language::En));
    says(&text, &["2,880 min", "The outage lasted 2,070 min in this window; all of it counts."]);
    let text = text_of("beyond-de.pdf", &one(beyond, Language::De));
    says(&text, &["Der Ausfall dauerte in diesem Zeitraum 2.070 min; alles davon zählt."]);
}

#[test]
fn the_verdict_never_begins_with_what_was_not_found() {
    let (bytes, trust) = northwind::sealed(&render(&northwind::document()).unwrap());
    let unproven = verify(&bytes, &Trust::none(), northwind::sealing_time());
    assert_eq!(
        unproven.words,
        "Unchanged since sealing. Not checked: “The seal's issuer is trusted”: no trusted certificate was \
         given to compare with."
    );
    let mut broken = bytes;
    broken.truncate(broken.len() / 2);
    let wrong = verify(&broken, &trust, northwind::sealing_time());
    assert!(
        wrong
            .words
            .starts_with("Not valid. Failed: “The file is a PDF as statements are written”: "),
        "{}",
        wrong.words
    );
}
