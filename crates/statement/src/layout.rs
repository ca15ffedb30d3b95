//! From a document to pages.

pub(crate) mod breach;
pub(crate) mod canvas;
pub(crate) mod closing;
pub(crate) mod cover;
pub(crate) mod flow;
pub(crate) mod levels;
pub(crate) mod table;
pub(crate) mod timeline;
pub(crate) mod trend;

use crate::document::Document;
use crate::error::StatementError;
use crate::figures::{Figures, Settled};
use crate::words::Words;
use canvas::Canvas;
use flow::Flow;

/// Lays the whole document out.
pub(crate) fn lay_out(
    document: &Document,
    settled: &[Settled<'_>],
) -> Result<Canvas, StatementError> {
    let words = Words::new(document.language);
    let mut flow = Flow::new(words);
    let lines: Vec<Figures<'_>> = settled.iter().flat_map(Settled::lines).collect();
    let first = settled.first().map(|one| one.case.contract.currency);
    let mixed = settled.iter().any(|one| Some(one.case.contract.currency) != first);
    cover::draw(&mut flow, document, settled, &lines, mixed)?;
    levels::draw(&mut flow, &lines, mixed)?;
    breach::draw(&mut flow, document, &lines)?;
    levels::draw_credits(&mut flow, settled, &lines, mixed)?;
    closing::calculations(&mut flow, &lines)?;
    trend::draw(&mut flow, &lines)?;
    closing::please_note(&mut flow)?;
    closing::verification(&mut flow, document, settled)?;
    let number = number_line(document, words);
    let entity = &document.legal_entity;
    let legal: Vec<&str> = entity.address.iter().chain(&entity.legal).map(String::as_str).collect();
    flow.furniture(&entity.name, &number, &legal.join(" · "), document.demo)?;
    Ok(flow.canvas)
}

/// Number and revision, as every page bears them.
fn number_line(document: &Document, words: Words) -> String {
    let revision = document.revision.to_string();
    words.fill("number", &[("number", &document.number), ("revision", &revision)])
}
