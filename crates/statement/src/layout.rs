//! From a document to pages.

pub(crate) mod award;
pub(crate) mod breach;
pub(crate) mod canvas;
pub(crate) mod closing;
pub(crate) mod cover;
pub(crate) mod fee;
pub(crate) mod flow;
pub(crate) mod letterhead;
pub(crate) mod levels;
pub(crate) mod notice;
pub(crate) mod owed;
pub(crate) mod room;
pub(crate) mod sheet;
pub(crate) mod table;
pub(crate) mod timeline;
pub(crate) mod to_date;
pub(crate) mod to_do;
pub(crate) mod trend;

use crate::colour;
use crate::document::{Document, Kind, Letterhead};
use crate::error::StatementError;
use crate::figures::{Figures, Settled};
use crate::logo::Picture;
use crate::words::Words;
use canvas::{Canvas, Ink};
use flow::{Flow, Inks};
use letterhead::Head;
use sheet::Sheet;

/// Lays the whole document out.
pub(crate) fn lay_out(
    document: &Document,
    settled: &[Settled<'_>],
) -> Result<Canvas, StatementError> {
    let words = Words::new(document.language);
    let entity = &document.legal_entity;
    let inks = inks(entity)?;
    let logo = entity.logo.as_deref().map(Picture::read).transpose()?;
    let mut flow = Flow::new(words, Sheet::of(entity.paper), inks);
    let number = number_line(document, words);
    let head = Head::set(&mut flow, document, logo.as_ref(), &number)?;
    let lines: Vec<Figures<'_>> = settled.iter().flat_map(Settled::lines).collect();
    let first = settled.first().map(|one| one.case.contract.currency);
    let mixed = settled.iter().any(|one| Some(one.case.contract.currency) != first);
    match &document.kind {
        Kind::Statement => cover::draw(&mut flow, document, settled, &lines, mixed)?,
        Kind::CreditNotice(notice) => notice::draw(&mut flow, document, notice)?,
    }
    levels::draw(&mut flow, document, &lines, mixed)?;
    breach::draw(&mut flow, document, &lines)?;
    levels::draw_credits(&mut flow, document, settled, &lines, mixed)?;
    award::draw(&mut flow, &lines, mixed)?;
    to_do::draw(&mut flow, settled, &lines, mixed)?;
    to_date::draw(&mut flow, document, mixed)?;
    trend::draw(&mut flow, &lines)?;
    closing::calculations(&mut flow, &lines)?;
    closing::please_note(&mut flow, &document.kind)?;
    closing::verification(&mut flow, document, settled)?;
    head.draw(&mut flow)?;
    Ok(flow.canvas)
}

/// The colours of a letterhead, once it is sure that they can be read.
fn inks(entity: &Letterhead) -> Result<Inks, StatementError> {
    let colours = entity.colours;
    colour::check("legal_entity.colours.heading", colours.heading, colour::TEXT)?;
    colour::check("legal_entity.colours.rule", colours.rule, colour::RULE)?;
    Ok(Inks { heading: Ink::of(colours.heading.0), rule: Ink::of(colours.rule.0) })
}

/// Number and revision, as every page bears them.
fn number_line(document: &Document, words: Words) -> String {
    let revision = document.revision.to_string();
    if matches!(document.kind, Kind::CreditNotice(_)) {
        return words.fill("notice_number", &[("number", &document.number)]);
    }
    // A draft has no number yet.
    let draft = document.number == "DRAFT";
    let number = if draft { words.say("draft") } else { document.number.clone() };
    words.fill("number", &[("number", &number), ("revision", &revision)])
}

/// More names than this are not told in a heading or a sentence.
const NAMED: usize = 6;

/// The first of these, and how many more there are: a heading never outgrows its page. Neighbours
/// that are the same are told once.
pub(crate) fn some(all: impl Iterator<Item = String>, words: Words) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in all {
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(NAMED);
    if more < 2 {
        return names.join("; ");
    }
    names.truncate(NAMED);
    let count = words.decimal(&more.to_string());
    names.push(words.fill("and_more", &[("count", &count)]));
    names.join("; ")
}

/// Contract and SLA of these lines.
pub(crate) fn names(lines: &[&Figures<'_>], words: Words) -> String {
    some(lines.iter().map(|line| format!("{}, {}", line.contract(), line.name(words))), words)
}
