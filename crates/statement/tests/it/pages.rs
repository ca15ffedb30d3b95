//! What the pages say, as another program reads it.

use crate::northwind::{self, at};
use crate::samples::folder;
use makegood_domain::scope::{Selection, SliScope};
use makegood_statement::{Document, Language, StatementError, render, write_whole};
use std::process::Command;

/// The text of all pages in reading order, with plain spaces.
pub(crate) fn text_of(name: &str, document: &Document) -> String {
    let (bytes, _) = northwind::sealed(&render(document).unwrap());
    let path = folder().join(name);
    write_whole(&path, &bytes).unwrap();
    let output =
        Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().expect("pdftotext");
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.replace(['\u{202f}', '\u{2009}', '\u{a0}'], " ")
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the text says these, in this order.
#[track_caller]
pub(crate) fn says(text: &str, parts: &[&str]) {
    let text = squeezed(text);
    let mut rest = text.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not in {rest:.1500}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn northwinds_october_says_its_figures_in_reading_order() {
    let text = text_of("northwind-en.pdf", &northwind::document());
    says(
        &text,
        &[
            "SLA statement, October 2026",
            "1–31 October 2026, Europe/Berlin",
            "44,700 minutes, one day of 25 hours",
            "€1,200.00",
            "€1,000.00",
            "NW-1",
            "99.9 %",
            "99.885880 %",
            "51 min",
            "Missed",
            "Planned",
            "6.1",
            "72 h before",
            "admitted",
            "Granted",
            "€1,200.00",
            "30 November 2026",
            "44,690 min",
            "10 %",
            "€12,000.00",
            "annual EUR 120,000.00 ÷ 12",
            "not a tax document",
            "Verification",
        ],
    );
    // Each service level stands on one line of its own.
    let row = "NW-1 Orders API availability 99.9 % 99.885880 % 51 min";
    assert!(squeezed(&text).contains(row), "{text}");
    // Granted and on request are never added up.
    assert!(!text.contains("2,200.00"));
}

/// Northwind's October where its first contract is about some paths in some regions alone.
pub(crate) fn of_parts(language: Language) -> Document {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut document = if language == Language::De { german() } else { northwind::document() };
    document.contracts[0].lines[0].about = Some(SliScope {
        paths: Selection {
            include: names(&["/v1/*"]),
            exclude: names(&["/v1/export", "/v1/beta/*"]),
        },
        regions: Selection { include: names(&["eu-1", "eu-2"]), exclude: vec![] },
    });
    document
}

#[test]
fn a_line_over_some_paths_and_regions_says_which_and_one_over_the_whole_says_nothing() {
    let english = text_of("parts-en.pdf", &of_parts(Language::En));
    let about = "NW-1, Orders API availability: paths /v1/*, without /v1/export, /v1/beta/*; regions eu-1, eu-2.";
    says(&english, &["Result", about, "Measured values are cut off"]);
    assert!(!squeezed(&english).contains("NW-2, Reporting availability:"), "{english}");
    let german = text_of("parts-de.pdf", &of_parts(Language::De));
    let about = "Pfade /v1/*, ohne /v1/export, /v1/beta/*; Regionen eu-1, eu-2.";
    says(&german, &["Ergebnis", about, "Gemessene Werte"]);
}

/// The German edition.
pub(crate) fn german() -> Document {
    let mut document = northwind::document();
    document.language = Language::De;
    for part in &mut document.contracts {
        part.lines.iter_mut().for_each(|line| line.fee_note = None);
        for line in &mut part.lines {
            line.sla = "Verfügbarkeit der Bestell-API".into();
            line.narrative = Some("Von 03:12 bis 04:13 UTC schlugen Anfragen fehl.".into());
            line.root_cause = Some("eine Änderung an der Namensauflösung.".into());
        }
    }
    document
}

#[test]
fn the_german_edition_is_german_throughout() {
    let text = text_of("northwind-de.pdf", &german());
    says(
        &text,
        &[
            "SLA-Bericht, Oktober 2026",
            "1.–31. Oktober 2026",
            "44.700 Minuten",
            "1.200,00 €",
            "99,885880 %",
            "Verfehlt",
            "Geplante",
            "30. November 2026",
            "kein Steuerdokument",
            "Prüfung",
        ],
    );
    for english in
        ["statement", "Missed", "credit", "outage", "clause", "granted", "Please", "Gutschrift"]
    {
        let plain = text.replace("statement.json", "");
        assert!(!plain.contains(english), "{english}");
    }
}

#[test]
fn a_demo_says_so_on_every_page_and_a_revision_what_changed() {
    let mut document = northwind::document();
    document.demo = true;
    document.revision = 2;
    document.supersedes = Some("ST-2026-10-0412, revision 1".into());
    document.change =
        Some("a late outage on 21 October changed 99.885880 % to 99.785186 %.".into());
    let text = text_of("northwind-demo.pdf", &document);
    let pages = text.matches('\u{c}').count();
    assert_eq!(text.matches("Demo: nothing here is real").count(), pages);
    says(&text, &["revision 2", "Supersedes", "revision 1", "What has changed: a late outage"]);
}

#[test]
fn a_character_outside_of_the_fonts_is_refused_by_name_never_printed_wrong() {
    let mut document = northwind::document();
    document.recipient[0] = "Łódź Søftware 株式会社".into();
    let error = render(&document).unwrap_err();
    assert_eq!(error, StatementError::Character { field: "recipient[0]".into(), character: '株' });
    document.recipient[0] = "Łódź Søftware".into();
    let text = text_of("lodz.pdf", &document);
    says(&text, &["Łódź Søftware"]);
}

#[test]
fn fields_that_do_not_fit_are_refused_by_name() {
    let refuse = |change: &dyn Fn(&mut Document)| {
        let mut document = northwind::document();
        change(&mut document);
        render(&document).unwrap_err().to_string()
    };
    assert!(refuse(&|d| d.number = String::new()).contains("number"));
    assert!(refuse(&|d| d.contracts[1].file_name = "../evil.json".into()).contains("contracts[1]"));
    assert!(
        refuse(&|d| d.contracts[1].file_name = "NW-1-2026-10-r1.json".into()).contains("twice")
    );
    assert!(refuse(&|d| d.contracts[0].lines.clear()).contains("contracts[0].lines"));
    assert!(refuse(&|d| d.period.to = at("2026-01-01T00:00:00Z")).contains("period"));
    assert!(refuse(&|d| d.contracts[0].case.period = "2026-13".into()).contains("NW-1-2026-10"));
    for turn in ["\u{202a}", "\u{202e}", "\u{2066}", "\u{2069}"] {
        assert!(refuse(&|d| d.customer = format!("a{turn}b")).contains("customer"));
    }
    assert_eq!(refuse(&|d| d.customer = "\u{200b}".into()), "customer: is empty");
}

/// Streams are unpacked, so that nothing hides behind compression.
#[test]
fn law_11_no_internal_word_is_in_the_bytes() {
    let (bytes, _) = northwind::sealed(&render(&northwind::document()).unwrap());
    let path = folder().join("internal.pdf");
    write_whole(&path, &bytes).unwrap();
    let found = makegood_statement::verify(
        &bytes,
        &makegood_statement::Trust::none(),
        northwind::sealing_time(),
    );
    let mut all = bytes.clone();
    for case in &found.cases {
        all.extend(case.json.bytes());
    }
    let text = Command::new("pdftotext").arg(&path).arg("-").output().expect("pdftotext").stdout;
    all.extend(text);
    let all = String::from_utf8_lossy(&all).into_owned();
    assert!(all.contains("99.885880"));
    for word in ["internal_", "99.95", "SECRET-SOURCE", "\"source\"", "internal note"] {
        assert!(!all.contains(word), "{word}");
    }
}

/// As a person's program wrote it: letters with their marks apart, and what nobody sees.
#[test]
fn names_that_are_written_otherwise_are_set_like_others_and_verify() {
    for (written, shown) in [
        ("Orders\u{200b}API", "OrdersAPI"),
        ("Mu\u{308}nchner Ru\u{308}ck", "Münchner Rück"),
        ("Verfu\u{308}gbar\u{ad}keit", "Verfügbarkeit"),
        ("\u{feff}Orders\u{200d} A\u{2060}PI\u{fe0f}", "Orders API"),
    ] {
        let mut document = northwind::document();
        document.contracts.truncate(1);
        document.contracts[0].lines[0].sla = written.into();
        document.customer = written.into();
        document.recipient[0] = written.into();
        let (bytes, trust) = northwind::sealed(&render(&document).unwrap());
        let found = makegood_statement::verify(&bytes, &trust, northwind::sealing_time());
        assert!(found.is_valid(), "{written:?}: {found:#?}");
        let text = text_of("written.pdf", &document);
        assert!(text.contains(shown), "{written:?}: {text:.800}");
    }
}
