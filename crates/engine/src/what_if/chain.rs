//! A contract's windows one after the other, each looking back on those before it.

use super::change::changed;
use super::{Answer, Pair, Question, Reached, reach};
use crate::allocate::allocate;
use crate::case::{Case, Combine};
use crate::decimal::Decimal;
use crate::money::Money;
use crate::refusal::Refusal;
use chrono::{DateTime, Utc};

/// An earlier window: what a later one may look back on, or that it was refused.
struct Earlier<'a> {
    period: &'a str,
    lines: Option<Vec<Part>>,
}

/// What a line's history would say of a window.
struct Part {
    sla: String,
    fee: Pair<Decimal>,
    credit: Pair<Money>,
}

/// Answers for some windows of a contract, in order.
pub(super) fn answer(
    question: &Question,
    contract: usize,
    cases: &[Case],
) -> Vec<Result<Answer, Refusal>> {
    let mut valid = Vec::new();
    let mut earlier: Vec<Earlier> = Vec::new();
    let mut last: Option<DateTime<Utc>> = None;
    let mut answers = Vec::with_capacity(cases.len());
    for case in cases {
        let ordered = if question.chained { follows(case, &mut last) } else { Ok(()) };
        let answered = ordered.and_then(|()| {
            let mut other = changed(case, &question.changes, &mut valid)?;
            look_back(&mut other, &earlier)?;
            let was = reach(case)?;
            let would_be = if other == *case { was.clone() } else { reach(&other)? };
            Ok((other, was, would_be))
        });
        let parts = answered.as_ref().ok().map(|(other, was, would_be)| {
            parts((case, &was.0, was.1), (other, &would_be.0, would_be.1))
        });
        if question.chained {
            earlier.push(Earlier { period: &case.period, lines: parts });
        }
        answers.push(answered.map(|(_, (was, owed), (would_be, would_owe))| {
            let lines = case.lines.iter().zip(was.into_iter().zip(would_be));
            let lines =
                lines.map(|(line, (was, would_be))| (line.sla.clone(), Pair { was, would_be }));
            Answer {
                contract,
                period: case.period.clone(),
                lines: lines.collect(),
                owed: Pair { was: owed, would_be: would_owe },
            }
        }));
    }
    answers
}

/// Windows of a chain begin one after the other.
fn follows(case: &Case, last: &mut Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let Some(line) = case.lines.first() else { return Ok(()) };
    let from = line.terms.window.span(&case.period)?.from;
    if last.is_some_and(|last| from <= last) {
        let message = format!("{:.40?} does not come after the window before it", case.period);
        return Err(Refusal::new("period", message));
    }
    *last = Some(from);
    Ok(())
}

/// Puts what earlier windows would have come to into the histories.
fn look_back(case: &mut Case, earlier: &[Earlier]) -> Result<(), Refusal> {
    for (number, line) in case.lines.iter_mut().enumerate() {
        for (place, entry) in line.history.iter_mut().enumerate() {
            let Some(found) = earlier.iter().rfind(|window| window.period == entry.period) else {
                continue;
            };
            let Some(parts) = &found.lines else {
                let at = format!("lines[{number}].history[{place}]");
                return Err(Refusal::new(at, "looks back on a window that was refused"));
            };
            let Some(part) = parts.iter().find(|part| part.sla == line.sla) else { continue };
            if part.credit.was != part.credit.would_be {
                let text = part.credit.would_be.to_decimal_string();
                entry.credit = Decimal::parse(&text).map_err(|why| Refusal::new("lines", why))?;
            }
            if part.fee.was != part.fee.would_be {
                entry.fee = part.fee.would_be.clone();
            }
        }
    }
    Ok(())
}

type Settled<'a> = (&'a Case, &'a [Reached], Money);

/// What of the amount is each line's: its history knows no other lines' caps.
fn parts(was: Settled, would_be: Settled) -> Vec<Part> {
    let shares = |(case, lines, owed): Settled| {
        let own = lines.iter().map(|line| line.credit.minor());
        let mut weights: Vec<i64> = own.collect();
        if case.contract.combine == Combine::Highest {
            let highest = weights.iter().copied().max().unwrap_or_default();
            let payer = weights.iter().position(|own| *own == highest);
            for (index, weight) in weights.iter_mut().enumerate() {
                *weight = if Some(index) == payer { *weight } else { 0 };
            }
        }
        let currency = owed.currency();
        let shares = allocate(owed.minor(), &weights).into_iter();
        shares.map(move |minor| Money::new(minor, currency)).collect::<Vec<_>>()
    };
    let lines = was.0.lines.iter().zip(&would_be.0.lines);
    let credits = shares(was).into_iter().zip(shares(would_be));
    lines
        .zip(credits)
        .map(|((line, other), (was, would_be))| Part {
            sla: line.sla.clone(),
            fee: Pair { was: line.fee.clone(), would_be: other.fee.clone() },
            credit: Pair { was, would_be },
        })
        .collect()
}
