//! The first page's upper half of an SLA credit notice: how much, for what, and that it is not a tax
//! document.

use super::canvas::{INK, px};
use super::cover;
use super::flow::{Flow, LEFT, MEASURE, RIGHT, TEXT, VERDICT};
use super::owed::too_large;
use crate::document::{CreditNotice, Document};
use crate::error::StatementError;

/// Draws it.
pub(crate) fn draw(
    flow: &mut Flow,
    document: &Document,
    notice: &CreditNotice,
) -> Result<(), StatementError> {
    let words = flow.words;
    cover::head(flow, document, "notice_title", |flow| facts(flow, document, notice))?;
    flow.rule(INK, px(2));
    flow.y += px(16);
    row(flow, &words.say("notice_amount"), &words.money(notice.amount, false), true)?;
    beside(flow, notice)?;
    flow.y += px(8);
    flow.paragraph(&[(TEXT.bold(), &words.say("notice_not_tax"))])?;
    flow.y += px(14);
    flow.rule(INK, px(1));
    Ok(())
}

/// What was credited before and taken back, what it comes to, and what was not granted.
fn beside(flow: &mut Flow, notice: &CreditNotice) -> Result<(), StatementError> {
    let words = flow.words;
    if !notice.before.is_empty() || notice.not_granted.is_some() {
        flow.y += px(6);
    }
    let mut all = notice.amount;
    for before in &notice.before {
        let key = if before.amount.minor() < 0 { "notice_taken_back" } else { "notice_earlier" };
        let text = words.fill(key, &[("credit", &before.number)]);
        row(flow, &text, &words.money(before.amount, false), false)?;
        all = all.checked_add(before.amount).map_err(too_large)?;
    }
    if !notice.before.is_empty() {
        row(flow, &words.say("notice_in_all"), &words.money(all, false), false)?;
    }
    match notice.not_granted {
        None => Ok(()),
        Some(rest) => row(flow, &words.say("notice_not_granted"), &words.money(rest, false), false),
    }
}

fn facts(
    flow: &mut Flow,
    document: &Document,
    notice: &CreditNotice,
) -> Result<(), StatementError> {
    let words = flow.words;
    let contract = document.contracts.first().map(|part| part.number.clone()).unwrap_or_default();
    let mut facts = vec![
        ("notice_credit", document.number.clone()),
        ("contract_one", contract),
        ("period", cover::period(document, words)?),
        ("issued", cover::issued(document, words)?),
    ];
    if let Some(statement) = &notice.statement {
        facts.push(("notice_statement", statement.clone()));
    }
    cover::list(flow, facts)
}

/// Words, and an amount at the right.
fn row(flow: &mut Flow, text: &str, amount: &str, large: bool) -> Result<(), StatementError> {
    let style = if large { VERDICT } else { TEXT };
    let room = MEASURE - flow.canvas.width(&style.bold(), amount)? - px(24);
    let broken = flow.lines(&[(style, text)], room)?;
    flow.canvas.tree.open("P");
    let top = flow.y;
    flow.draw_lines(&broken, LEFT)?;
    let style = if large { VERDICT.bold() } else { TEXT.bold() };
    flow.canvas.text_right(&style, RIGHT, top, amount)?;
    flow.canvas.tree.close();
    Ok(())
}
