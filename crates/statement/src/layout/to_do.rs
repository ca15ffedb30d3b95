//! What the customer has to do for each credit: ask for it by a day, or nothing.

use super::canvas::px;
use super::flow::{Flow, TEXT};
use crate::document::CreditState;
use crate::error::StatementError;
use crate::figures::Figures;
use crate::words::Words;
use makegood_engine::credits::Form;

/// Draws a paragraph for each contract and state; contracts with the same to do share one.
pub(crate) fn draw(flow: &mut Flow, lines: &[Figures<'_>]) -> Result<(), StatementError> {
    let mut groups: Vec<(CreditState, Form, Vec<&str>)> = Vec::new();
    for line in lines.iter().filter(|line| line.has_credit()) {
        let form = line.line.terms.credit.as_ref().map(|credit| credit.form).unwrap_or_default();
        let state = line.part.credit;
        match groups.iter_mut().find(|(have, of, _)| *have == state && *of == form) {
            Some((_, _, contracts)) if contracts.contains(&line.contract()) => {}
            Some((_, _, contracts)) => contracts.push(line.contract()),
            None => groups.push((state, form, vec![line.contract()])),
        }
    }
    if groups.is_empty() {
        return Ok(());
    }
    let words = flow.words;
    flow.heading(&words.say("to_do"), px(60))?;
    for (at, (state, form, contracts)) in groups.iter().enumerate() {
        flow.space(if at > 0 { px(6) } else { 0 });
        let contracts = super::some(contracts.iter().map(|one| (*one).to_owned()), words);
        paragraph(flow, *state, *form, &contracts)?;
    }
    Ok(())
}

fn paragraph(
    flow: &mut Flow,
    state: CreditState,
    form: Form,
    contracts: &str,
) -> Result<(), StatementError> {
    let words = flow.words;
    let CreditState::OnRequest { until } = state else {
        let text = words.fill(key(state, form), &[("contract", contracts)]);
        return flow.paragraph(&[(TEXT, &text)]);
    };
    let text = words.fill("claim", &[("contract", contracts), ("date", "\u{1}")]);
    let (before, after) = text.split_once('\u{1}').unwrap_or((&text, ""));
    let date = date(words, until);
    flow.paragraph(&[(TEXT, before), (TEXT.bold(), &date), (TEXT, after)])
}

fn date(words: Words, until: chrono::NaiveDate) -> String {
    format!(" {}", words.date(until))
}

fn key(state: CreditState, form: Form) -> &'static str {
    match (state, form) {
        (CreditState::Pending, _) => "todo_pending",
        (CreditState::NotGranted, _) => "todo_not_granted",
        (CreditState::Lapsed, _) => "todo_lapsed",
        (_, Form::ServiceDays) => "todo_days",
        (_, Form::Refund) => "todo_refund",
        (_, Form::Invoice) => "todo_granted",
    }
}
