//! Quarter and year to date: what each line reached over the windows that have ended, and what was
//! granted for them.

use super::canvas::px;
use super::flow::{Flow, LABEL};
use super::table::{self, Cell, Column, rest};
use crate::document::{Document, ToDate, ToDateLine};
use crate::error::StatementError;
use crate::figures::whole_up;
use crate::to_date::so_far;
use crate::words::Words;

/// More stretches than this do not fit beside each other.
const MOST: usize = 2;

/// Draws the section, where a stretch is longer than the period.
pub(crate) fn draw(
    flow: &mut Flow,
    document: &Document,
    mixed: bool,
) -> Result<(), StatementError> {
    let stretches = &document.to_date[..document.to_date.len().min(MOST)];
    let Some(last) = stretches.last() else {
        return Ok(());
    };
    let words = flow.words;
    let title = if stretches.len() > 1 { "to_date" } else { "year_to_date" };
    flow.heading(&words.say(title), px(110))?;
    let mut widths = vec![50];
    let downtime = stretches.len() == 1;
    for _ in stretches {
        widths.extend([88, 62]);
        widths.extend(downtime.then_some(76));
    }
    let mut columns = vec![
        Column::left(words.say("column_contract"), widths[0]),
        Column::left(words.say("column_sla"), rest(&widths)),
    ];
    for stretch in stretches {
        let period = words.period(&stretch.label);
        let reached = words.fill("column_reached", &[("period", &period)]);
        columns.push(Column::right(reached, 88));
        if downtime {
            columns.push(Column::right(words.say("column_bad"), 76));
        }
        columns.push(Column::right(words.say("column_met"), 62));
    }
    let rows: Vec<Vec<Cell>> = last.lines.iter().map(|line| row(line, stretches, words)).collect();
    table::draw(flow, &columns, &rows, false)?;
    flow.y += px(8);
    for stretch in stretches.iter().filter(|stretch| !stretch.granted.is_empty()) {
        let amounts: Vec<String> =
            stretch.granted.iter().map(|sum| words.money(*sum, mixed)).collect();
        let period = words.period(&stretch.label);
        let values = [("period", period.as_str()), ("amounts", &amounts.join("; "))];
        flow.paragraph(&[(LABEL, &words.fill("granted_to_date", &values))])?;
    }
    flow.paragraph(&[(LABEL, &words.say("to_date_note"))])
}

fn row(line: &ToDateLine, stretches: &[ToDate], words: Words) -> Vec<Cell> {
    let mut row = vec![Cell::new(&line.contract), Cell::new(&line.sla)];
    for stretch in stretches {
        let same = |one: &&ToDateLine| one.contract == line.contract && one.sla == line.sla;
        let (percent, bad, met) = told(stretch.lines.iter().find(same), words);
        row.push(Cell::new(percent));
        if stretches.len() == 1 {
            row.push(Cell::new(bad));
        }
        row.push(Cell::new(met));
    }
    row
}

/// What was reached, what was not good, and how many windows met the objective.
fn told(line: Option<&ToDateLine>, words: Words) -> (String, String, String) {
    let Some(line) = line else {
        return ("–".into(), "–".into(), "–".into());
    };
    let found = so_far(line);
    let (percent, bad) = match &found.all {
        Some((percent, bad)) if line.is_time => {
            (words.percent(percent), words.length(whole_up(bad).unwrap_or(i64::MAX)))
        }
        Some((percent, bad)) => (words.percent(percent), words.decimal(&bad.decimal_or_fraction())),
        None => ("–".into(), "–".into()),
    };
    let (met, count) = (found.met.to_string(), found.windows.to_string());
    let met = words.fill("met_of", &[("met", &met), ("count", &count)]);
    (percent, bad, met)
}
