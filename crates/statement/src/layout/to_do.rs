//! What the customer has to do for each credit: ask for it by a day, or nothing.

use super::canvas::px;
use super::flow::{Flow, TEXT};
use crate::document::CreditState;
use crate::error::StatementError;
use crate::figures::{Figures, Settled};
use crate::words::Words;
use makegood_engine::credits::Form;

/// Draws a paragraph for each contract and state; contracts with the same to do share one.
pub(crate) fn draw(
    flow: &mut Flow,
    settled: &[Settled<'_>],
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let words = flow.words;
    let mut groups: Vec<(&'static str, CreditState, Vec<String>)> = Vec::new();
    let mut add = |key, state, contract: String| match groups
        .iter_mut()
        .find(|(have, of, _)| *have == key && *of == state)
    {
        Some((_, _, contracts)) if contracts.contains(&contract) => {}
        Some((_, _, contracts)) => contracts.push(contract),
        None => groups.push((key, state, vec![contract])),
    };
    let of_it = |contract: &str, amount| format!("{contract} ({})", words.money(amount, mixed));
    for line in lines.iter().filter(|line| line.has_credit()) {
        let form = line.line.terms.credit.as_ref().map(|credit| credit.form).unwrap_or_default();
        if line.part.credit != CreditState::InParts {
            add(key(line.part.credit, form), line.part.credit, line.contract().to_owned());
            continue;
        }
        for share in &line.settled.part.shares {
            let contract = of_it(line.contract(), share.amount);
            add(key(share.state, form), share.state, contract);
        }
    }
    for one in settled {
        let Some(beyond) = one.part.beyond else { continue };
        let key = if beyond.decided { "todo_kept" } else { "todo_beyond" };
        add(key, CreditState::None, of_it(&one.label, beyond.amount));
    }
    if groups.is_empty() {
        return Ok(());
    }
    flow.heading(&words.say("to_do"), px(60))?;
    for (at, (key, state, contracts)) in groups.into_iter().enumerate() {
        flow.space(if at > 0 { px(6) } else { 0 });
        let contracts = super::some(contracts.into_iter(), words);
        paragraph(flow, key, state, &contracts)?;
    }
    Ok(())
}

fn paragraph(
    flow: &mut Flow,
    key: &str,
    state: CreditState,
    contracts: &str,
) -> Result<(), StatementError> {
    let words = flow.words;
    let CreditState::OnRequest { until } = state else {
        let text = words.fill(key, &[("contract", contracts)]);
        return flow.paragraph(&[(TEXT, &text)]);
    };
    let text = words.fill(key, &[("contract", contracts), ("date", "\u{1}")]);
    let (before, after) = text.split_once('\u{1}').unwrap_or((&text, ""));
    let date = date(words, until);
    flow.paragraph(&[(TEXT, before), (TEXT.bold(), &date), (TEXT, after)])
}

fn date(words: Words, until: chrono::NaiveDate) -> String {
    format!(" {}", words.date(until))
}

fn key(state: CreditState, form: Form) -> &'static str {
    match (state, form) {
        (CreditState::OnRequest { .. }, _) => "claim",
        (CreditState::Pending, _) => "todo_pending",
        (CreditState::NotGranted, _) => "todo_not_granted",
        (CreditState::Lapsed, _) => "todo_lapsed",
        (_, Form::ServiceDays) => "todo_days",
        (_, Form::Refund) => "todo_refund",
        (_, Form::Invoice) => "todo_granted",
    }
}
