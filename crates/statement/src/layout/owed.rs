//! What each contract owes, and what became of it: the amounts at the right of the verdict.

use super::canvas::px;
use super::cover::HALF;
use super::flow::{Flow, RIGHT, TEXT};
use crate::document::CreditState;
use crate::error::StatementError;
use crate::figures::{Figures, Settled};
use crate::words::Words;
use chrono::NaiveDate;
use makegood_engine::money::Money;

/// More amounts than this are told in sums, one for each state and currency.
const TOLD_SINGLY: usize = 6;

/// An amount of a contract, with what is said of it.
struct Told<'a> {
    contract: &'a str,
    /// The key of one contract's text, and that of several contracts'.
    keys: [&'static str; 2],
    until: Option<NaiveDate>,
    amount: Money,
}

/// A line at the right of the verdict.
struct Owed {
    text: String,
    amount: Money,
}

/// Draws a line per contract and state; what is granted is never summed with what is not.
pub(crate) fn draw(
    flow: &mut Flow,
    settled: &[Settled<'_>],
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let words = flow.words;
    let all: Vec<Told<'_>> = settled.iter().flat_map(|one| told(one, lines)).collect();
    let owed = if all.len() > TOLD_SINGLY { summed(&all, words)? } else { single(&all, words) };
    flow.canvas.tree.open("P");
    for Owed { text, amount } in &owed {
        let amount = words.money(*amount, mixed);
        let room = RIGHT - HALF - flow.canvas.width(&TEXT.bold(), &amount)? - px(16);
        let broken = flow.lines(&[(TEXT, text)], room)?;
        let top = flow.y;
        flow.draw_lines(&broken, HALF)?;
        flow.canvas.text_right(&TEXT.bold(), RIGHT, top, &amount)?;
        flow.y += px(4);
    }
    if owed.is_empty() {
        flow.canvas.text(&TEXT, HALF, flow.y, &words.say("no_credit"))?;
        flow.y += TEXT.leading;
    }
    flow.canvas.tree.close();
    Ok(())
}

fn told<'a>(settled: &'a Settled<'_>, lines: &[Figures<'_>]) -> Vec<Told<'a>> {
    let contract = settled.label.as_str();
    let owed = states(settled, lines).into_iter().map(|(state, amount)| {
        let (keys, until) = match state {
            CreditState::Granted | CreditState::None | CreditState::InParts => {
                (["credit_granted", "many_granted"], None)
            }
            CreditState::OnRequest { until } => {
                (["credit_on_request", "many_on_request"], Some(until))
            }
            CreditState::Pending => (["credit_pending", "many_pending"], None),
            CreditState::NotGranted => (["credit_not_granted", "many_not_granted"], None),
            CreditState::Lapsed => (["credit_lapsed", "many_lapsed"], None),
        };
        Told { contract, keys, until, amount }
    });
    let beyond = settled.part.beyond.map(|beyond| {
        let keys = match beyond.decided {
            true => ["credit_kept", "many_kept"],
            false => ["credit_beyond", "many_beyond"],
        };
        Told { contract, keys, until: None, amount: beyond.amount }
    });
    owed.chain(beyond).collect()
}

fn single(all: &[Told<'_>], words: Words) -> Vec<Owed> {
    let tell = |one: &Told<'_>| {
        let date = one.until.map(|until| words.date(until)).unwrap_or_default();
        let text = words.fill(one.keys[0], &[("contract", one.contract), ("date", &date)]);
        Owed { text, amount: one.amount }
    };
    all.iter().map(tell).collect()
}

fn summed(all: &[Told<'_>], words: Words) -> Result<Vec<Owed>, StatementError> {
    let mut sums: Vec<(&'static str, i64, Money)> = Vec::new();
    for one in all {
        let [_, many] = one.keys;
        let same = sums
            .iter_mut()
            .find(|(have, _, sum)| *have == many && sum.currency() == one.amount.currency());
        match same {
            Some((_, count, sum)) => {
                *count += 1;
                *sum = sum.checked_add(one.amount).map_err(too_large)?;
            }
            None => sums.push((many, 1, one.amount)),
        }
    }
    let told = sums.into_iter().map(|(key, count, amount)| {
        let text = words.fill(key, &[("count", &words.count(count))]);
        Owed { text, amount }
    });
    Ok(told.collect())
}

/// Amounts that can't be added up.
pub(crate) fn too_large(error: impl std::fmt::Display) -> StatementError {
    StatementError::field("contracts", format!("the credits can't be added up: {error}"))
}

/// What a contract owes, by what became of it. Where one state holds for all its lines, the sum is
/// the contract's own (caps and combining included).
pub(crate) fn states(settled: &Settled<'_>, lines: &[Figures<'_>]) -> Vec<(CreditState, Money)> {
    if !settled.part.shares.is_empty() {
        return settled.part.shares.iter().map(|share| (share.state, share.amount)).collect();
    }
    let own = lines.iter().filter(|line| std::ptr::eq(line.settled, settled));
    let owing: Vec<&Figures<'_>> = own.filter(|line| line.has_credit()).collect();
    let Some(first) = owing.first() else {
        return Vec::new();
    };
    if owing.iter().all(|line| line.part.credit == first.part.credit) {
        return vec![(first.part.credit, settled.credit)];
    }
    owing.iter().map(|line| (line.part.credit, line.credit)).collect()
}
