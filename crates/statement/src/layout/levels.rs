//! The table of service levels, and the table of credits.

use super::canvas::px;
use super::flow::{Flow, LABEL};
use super::owed::{states, too_large};
use super::table::{self, Cell, Column, Mark, rest};
use crate::document::{CreditState, Document};
use crate::error::StatementError;
use crate::figures::{Figures, Settled, several_windows};
use crate::words::Words;
use makegood_domain::scope::{Selection, SliScope};
use makegood_engine::money::Money;

/// Draws one row per SLA line.
///
/// Where windows are not the statement's own period, each row names its window; where the contracts
/// are several customers', each customer has a table.
pub(crate) fn draw(
    flow: &mut Flow,
    document: &Document,
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let words = flow.words;
    flow.heading(&words.say("service_levels"), px(80))?;
    let windows = several_windows(document);
    for (customer, lines) in by_customer(lines) {
        if let Some(customer) = customer {
            flow.subheading(&words.fill("customer_heading", &[("customer", customer)]), px(80))?;
        }
        let all_time = lines.iter().all(|line| line.is_time());
        let bad = if all_time { "column_downtime" } else { "column_bad" };
        let widths = [50, 58, 52, 84, 64, 84, 64];
        let mut taken = widths.to_vec();
        let mut columns = vec![Column::left(words.say("column_contract"), widths[0])];
        if windows {
            columns.push(Column::left(words.say("column_window"), widths[1]));
        } else {
            taken.remove(1);
        }
        let elastic = columns.len();
        columns.push(Column::left(words.say("column_sla"), rest(&taken)));
        columns.push(Column::right(words.say("column_objective"), widths[2]));
        columns.push(Column::right(words.say("column_attainment"), widths[3]));
        columns.push(Column::right(words.say(bad), widths[4]));
        columns.push(Column::left(words.say("column_result"), widths[5]));
        columns.push(Column::right(words.say("column_credit"), widths[6]));
        let tell = |line: &&Figures<'_>| row(line, words, mixed, windows);
        let rows: Vec<Vec<Cell>> = lines.iter().map(tell).collect();
        table::fit(flow, &mut columns, &rows, elastic)?;
        table::draw(flow, &columns, &rows, false)?;
    }
    flow.y += px(8);
    for about in about(lines, words) {
        flow.paragraph(&[(LABEL, &about)])?;
        flow.y += px(4);
    }
    flow.paragraph(&[(LABEL, &words.say("footnote"))])
}

/// What of its service each line is about that is not about all of it, each once: an amendment or several
/// windows name a line again.
fn about(lines: &[Figures<'_>], words: Words) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let name = |line: &Figures<'_>| (line.settled.part.number.clone(), line.part.sla.clone());
    let named: Vec<_> = lines.iter().filter(|line| line.part.about.is_some()).map(name).collect();
    for line in lines {
        let about = match &line.part.about {
            Some(scope) => scope_in(scope, words),
            // An amendment made it one about some of the service, or took that back.
            None if named.contains(&name(line)) => words.say("about_all"),
            None => continue,
        };
        let number = line.settled.part.number.as_str();
        let values = [("contract", number), ("sla", &line.part.sla), ("about", &about)];
        let text = words.fill("about_line", &values);
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

/// `paths /v1/*, without /v1/export; regions eu-1`
fn scope_in(scope: &SliScope, words: Words) -> String {
    let one = |key: &str, all: &Selection| {
        let without = words.fill("about_without", &[("names", &all.exclude.join(", "))]);
        let names = match (all.include.as_slice(), all.exclude.as_slice()) {
            ([], []) => return None,
            ([], _) => without,
            (names, []) => names.join(", "),
            (names, _) => format!("{}, {without}", names.join(", ")),
        };
        Some(words.fill(key, &[("names", &names)]))
    };
    let parts = [one("about_paths", &scope.paths), one("about_regions", &scope.regions)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { words.say("about_all") } else { parts.join("; ") }
}

/// Lines by customer, in order of appearance; without a name where there is but one customer.
fn by_customer<'a>(lines: &'a [Figures<'a>]) -> Vec<(Option<&'a str>, Vec<&'a Figures<'a>>)> {
    let mut groups: Vec<(Option<&str>, Vec<&Figures<'_>>)> = Vec::new();
    for line in lines {
        let customer = line.settled.part.customer.as_deref();
        match groups.iter_mut().find(|(have, _)| *have == customer) {
            Some((_, group)) => group.push(line),
            None => groups.push((customer, vec![line])),
        }
    }
    groups
}

fn row(line: &Figures<'_>, words: Words, mixed: bool, windows: bool) -> Vec<Cell> {
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
    let window = windows.then(|| Cell::new(words.short_period(&line.settled.case.period)));
    let mut row = vec![Cell::new(&line.settled.part.number)];
    row.extend(window);
    row.extend([
        Cell::new(&line.part.sla),
        Cell::new(line.objective(words)),
        Cell::new(line.attainment(words).unwrap_or_else(|| "–".into())),
        Cell::new(line.bad(words)),
        Cell::result(result, mark),
        Cell::new(credit),
    ]);
    row
}

fn state(state: CreditState, words: Words) -> String {
    words.say(match state {
        CreditState::Granted | CreditState::None => "state_granted",
        CreditState::OnRequest { .. } => "state_on_request",
        CreditState::Pending => "state_pending",
        CreditState::NotGranted => "state_not_granted",
        CreditState::Lapsed => "state_lapsed",
        CreditState::InParts => "state_in_parts",
    })
}

/// Draws the credits with clause, rate and fee; what is granted is summed, per currency.
pub(crate) fn draw_credits(
    flow: &mut Flow,
    document: &Document,
    settled: &[Settled<'_>],
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let owing: Vec<&Figures<'_>> = lines.iter().filter(|line| line.has_credit()).collect();
    if owing.is_empty() {
        return Ok(());
    }
    let words = flow.words;
    let windows = several_windows(document);
    flow.heading(&words.say("credits_section"), px(80))?;
    let widths = [50, 44, 56, 88, 82, 88];
    let contract = if windows { 104 } else { widths[0] };
    let taken = [contract, widths[1], widths[2], widths[3], widths[4], widths[5]];
    let mut columns = [
        Column::left(words.say("column_contract"), contract),
        Column::left(words.say("column_sla"), rest(&taken)),
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
    table::draw(flow, &columns, &rows, has_totals)
}

fn credit_row(line: &Figures<'_>, words: Words, mixed: bool) -> Vec<Cell> {
    let rate = line.result.credit_percent.as_deref().map(|percent| words.rate(percent));
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
