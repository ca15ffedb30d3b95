//! Letterheads: logo, colours, paper, and what is refused of them by name.

use crate::northwind;
use crate::pages::{says, text_of};
use crate::samples::folder;
use makegood_statement::{Colour, Colours, Document, Paper, Verdict, render, verify};
use std::process::Command;

const SVG: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">
  <circle cx="24" cy="24" r="22" fill="#0b3d5c"/>
  <path d="M8 30 C14 22 20 22 24 28 S36 34 41 25" fill="none" stroke="#ffffff" stroke-width="3"/>
  <path d="M15 20 L24 8 L33 20 Z" fill="#7fd1e8"/></svg>"##;

/// A PNG of two colours, with a hole that shows the paper.
fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 120, 40);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    let pixel = |at: u32| match (at % 120 / 20, at / 120 / 10) {
        (1, 1 | 2) => [0, 0, 0, 0],
        (column, _) if column % 2 == 0 => [0x0b, 0x3d, 0x5c, 0xff],
        _ => [0x7f, 0xd1, 0xe8, 0xff],
    };
    let data: Vec<u8> = (0..120 * 40).flat_map(pixel).collect();
    writer.write_image_data(&data).unwrap();
    drop(writer);
    bytes
}

pub(crate) fn letter() -> Document {
    let mut document = northwind::document();
    document.legal_entity.logo = Some(SVG.as_bytes().to_vec());
    document.legal_entity.paper = Paper::Letter;
    let blue = Colour::parse("#0b3d5c").unwrap();
    document.legal_entity.colours = Colours { heading: blue, rule: blue };
    document
}

pub(crate) fn pixels() -> Document {
    let mut document = northwind::document();
    document.legal_entity.logo = Some(png());
    document
}

#[test]
fn svg_and_png_logos_on_both_papers_verify() {
    let mut a4 = letter();
    a4.legal_entity.paper = Paper::A4;
    let mut small = pixels();
    small.legal_entity.paper = Paper::Letter;
    let all = [("letter", letter()), ("svg-a4", a4), ("pixels", pixels()), ("png-letter", small)];
    for (name, document) in all {
        let (bytes, trust) = northwind::sealed(&render(&document).unwrap());
        let found = verify(&bytes, &trust, northwind::sealing_time());
        assert_eq!(found.verdict, Verdict::Valid, "{name}: {found:#?}");
        text_of(&format!("{name}.pdf"), &document);
        let said = Command::new("pdfinfo").arg(folder().join(format!("{name}.pdf"))).output();
        let said = String::from_utf8(said.unwrap().stdout).unwrap();
        let letter = document.legal_entity.paper == Paper::Letter;
        assert_eq!(said.contains("612 x 792 pts (letter)"), letter, "{said}");
        assert_eq!(said.contains("(A4)"), !letter, "{said}");
    }
}

#[test]
fn colours_that_can_not_be_read_are_refused_by_name() {
    let refused = |colours: Colours| {
        let mut document = northwind::document();
        document.legal_entity.colours = colours;
        render(&document).unwrap_err().to_string()
    };
    let yellow = Colour::parse("#ffcc00").unwrap();
    let grey = Colour::parse("#8a8a8a").unwrap();
    let ink = Colours::default();
    let heading = refused(Colours { heading: yellow, ..ink });
    assert!(heading.starts_with("legal_entity.colours.heading: #ffcc00"), "{heading}");
    assert!(heading.contains("needs 4.50"), "{heading}");
    let rule = refused(Colours { rule: yellow, ..ink });
    assert!(rule.starts_with("legal_entity.colours.rule: #ffcc00"), "{rule}");
    // Enough for a rule, not for letters.
    assert!(refused(Colours { heading: grey, ..ink }).contains("legal_entity.colours.heading"));
    let mut document = northwind::document();
    document.legal_entity.colours = Colours { rule: grey, ..ink };
    assert!(render(&document).is_ok());
    assert_eq!(Colour::parse("#8a8a8"), None);
    assert_eq!(Colour::parse("#é8a8a"), None);
}

#[test]
fn a_logo_that_is_none_is_refused_by_name() {
    let mut document = northwind::document();
    document.legal_entity.logo = Some(b"GIF89a".to_vec());
    let error = render(&document).unwrap_err().to_string();
    assert_eq!(error, "legal_entity.logo: is neither PNG nor SVG");
}

#[test]
fn a_long_name_and_many_legal_lines_stand_whole_or_are_refused() {
    let mut document = pixels();
    document.legal_entity.name =
        "Fjordline Gesellschaft für Rechenzentrumsbetrieb und Datenverarbeitung im Ostseeraum \
         mit beschränkter Haftung und Compagnie Kommanditgesellschaft"
            .into();
    document.legal_entity.legal = (1..=9)
        .map(|number| format!("Registered office number {number}, Hamburg, HRB 9021{number}"))
        .collect();
    let text = text_of("long-letterhead.pdf", &document);
    let pages = text.matches('\u{c}').count();
    assert_eq!(text.matches("Kommanditgesellschaft").count(), pages, "{text}");
    assert_eq!(text.matches("HRB 90219").count(), pages, "{text}");
    says(&text, &["Fjordline Gesellschaft", "Page 1 of"]);
    document.legal_entity.legal = vec!["x ".repeat(95); 9];
    let error = render(&document).unwrap_err().to_string();
    assert!(error.starts_with("legal_entity.legal: takes more than five lines"), "{error}");
}

#[test]
fn the_same_logo_gives_the_same_bytes() {
    for document in [letter(), pixels()] {
        assert!(render(&document).unwrap().bytes == render(&document).unwrap().bytes);
    }
}
