//! The table of service levels, and the table of credits.

use super::canvas::px;
use super::cover::{states, too_large};
use super::flow::{Flow, LABEL};
use super::table::{self, Cell, Column, Mark, rest};
use crate::document::CreditState;
use crate::error::StatementError;
use crate::figures::{Figures, Settled};
use crate::words::Words;
use makegood_engine::money::Money;

/// Draws one row per SLA line.
pub(crate) fn draw(
    flow: &mut Flow,
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let words = flow.words;
    flow.heading(&words.say("service_levels"), px(80))?;
    let all_time = lines.iter().all(Figures::is_time);
    let bad = if all_time { "column_downtime" } else { "column_bad" };
    let widths = [50, 52, 84, 68, 84, 68];
    let mut columns = [
        Column::left(words.say("column_contract"), widths[0]),
        Column::left(words.say("column_sla"), rest(&widths)),
        Column::right(words.say("column_objective"), widths[1]),
        Column::right(words.say("column_attainment"), widths[2]),
        Column::right(words.say(bad), widths[3]),
        Column::left(words.say("column_result"), widths[4]),
        Column::right(words.say("column_credit"), widths[5]),
    ];
    let rows: Vec<Vec<Cell>> = lines.iter().map(|line| row(line, words, mixed)).collect();
    table::fit(flow, &mut columns, &rows, 1)?;
    table::draw(flow, &columns, &rows, false)?;
    flow.y += px(8);
    flow.paragraph(&[(LABEL, &words.say("footnote"))])
}

fn row(line: &Figures<'_>, words: Words, mixed: bool) -> Vec<Cell> {
    let mark = Mark::of(line.result.met);
    let result = words.say(match mark {
        Mark::Met => "result_met",
        Mark::Missed => "result_missed",
        Mark::NotMeasured => "result_not_measured",
    });
    let credit = match line.part.credit {
        _ if !line.has_credit() => "–".into(),
        CreditState::Granted | CreditState::None => words.money(line.credit, mixed),
        other => state(other, words),
    };
    vec![
        Cell::new(line.contract()),
        Cell::new(&line.part.sla),
        Cell::new(line.objective(words)),
        Cell::new(line.attainment(words).unwrap_or_else(|| "–".into())),
        Cell::new(line.bad(words)),
        Cell::result(result, mark),
        Cell::new(credit),
    ]
}

fn state(state: CreditState, words: Words) -> String {
    words.say(match state {
        CreditState::Granted | CreditState::None => "state_granted",
        CreditState::OnRequest { .. } => "state_on_request",
        CreditState::Pending => "state_pending",
        CreditState::NotGranted => "state_not_granted",
        CreditState::Lapsed => "state_lapsed",
    })
}

/// Draws the credits with clause, rate and fee; what is granted is summed, per currency.
pub(crate) fn draw_credits(
    flow: &mut Flow,
    settled: &[Settled<'_>],
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let owing: Vec<&Figures<'_>> = lines.iter().filter(|line| line.has_credit()).collect();
    if owing.is_empty() {
        return Ok(());
    }
    let words = flow.words;
    flow.heading(&words.say("credits_section"), px(80))?;
    let widths = [50, 44, 56, 88, 82, 88];
    let mut columns = [
        Column::left(words.say("column_contract"), widths[0]),
        Column::left(words.say("column_sla"), rest(&widths)),
        Column::left(words.say("column_clause"), widths[1]),
        Column::right(words.say("column_rate"), widths[2]),
        Column::right(words.say("column_fee"), widths[3]),
        Column::left(words.say("column_state"), widths[4]),
        Column::right(words.say("column_amount"), widths[5]),
    ];
    let mut rows: Vec<Vec<Cell>> =
        owing.iter().map(|line| credit_row(line, words, mixed)).collect();
    let totals = granted(settled, lines)?;
    let has_totals = !totals.is_empty();
    for total in totals {
        let mut row = vec![Cell::new(""), Cell::bold(words.say("granted_total"))];
        row.extend((0..4).map(|_| Cell::new("")));
        row.push(Cell::bold(words.money(total, mixed)));
        rows.push(row);
    }
    table::fit(flow, &mut columns, &rows, 1)?;
    table::draw(flow, &columns, &rows, has_totals)?;
    claims(flow, lines)
}

fn credit_row(line: &Figures<'_>, words: Words, mixed: bool) -> Vec<Cell> {
    let rate = line.result.credit_percent.as_deref().map(|percent| words.percent(percent));
    let currency = line.settled.case.contract.currency;
    let fee = line.line.fee.as_str();
    let fee = Money::parse_decimal(fee, currency)
        .map_or_else(|_| words.decimal(fee), |fee| words.money(fee, mixed));
    let clause = line.part.clauses.credit.clone();
    vec![
        Cell::new(line.contract()),
        Cell::new(&line.part.sla),
        Cell::new(clause.unwrap_or_else(|| words.say("no_clause"))),
        Cell::new(rate.unwrap_or_else(|| "–".into())),
        Cell::new(fee),
        Cell::new(state(line.part.credit, words)),
        Cell::new(words.money(line.credit, mixed)),
    ]
}

/// The sums of what is granted, one per currency, in order of appearance. A contract's own sum
/// (with its caps) is taken where all that it owes is granted.
fn granted(settled: &[Settled<'_>], lines: &[Figures<'_>]) -> Result<Vec<Money>, StatementError> {
    let mut sums: Vec<Money> = Vec::new();
    for one in settled {
        for (state, amount) in states(one, lines) {
            if state != CreditState::Granted {
                continue;
            }
            let same = sums.iter_mut().find(|sum| sum.currency() == amount.currency());
            match same {
                Some(sum) => *sum = sum.checked_add(amount).map_err(too_large)?,
                None => sums.push(amount),
            }
        }
    }
    Ok(sums)
}

/// What the customer has to do for a credit that is owed on request.
fn claims(flow: &mut Flow, lines: &[Figures<'_>]) -> Result<(), StatementError> {
    let words = flow.words;
    let mut said: Vec<(&str, CreditState)> = Vec::new();
    for line in lines.iter().filter(|line| line.has_credit()) {
        let CreditState::OnRequest { until } = line.part.credit else {
            continue;
        };
        if said.contains(&(line.contract(), line.part.credit)) {
            continue;
        }
        said.push((line.contract(), line.part.credit));
        let date = words.date(until);
        let text = words.fill("claim", &[("contract", line.contract()), ("date", "\u{1}")]);
        let (before, after) = text.split_once('\u{1}').unwrap_or((&text, ""));
        flow.y += px(10);
        let style = super::flow::TEXT;
        flow.paragraph(&[(style, before), (style.bold(), &format!(" {date}")), (style, after)])?;
    }
    Ok(())
}
