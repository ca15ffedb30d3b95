//! Many outages, told by day: a bar for the time that counts of each of the window's days.

use super::PLOT;
use crate::error::StatementError;
use crate::figures::Figures;
use crate::layout::canvas::{CRIMSON, FAINT, Length, RULE, px};
use crate::layout::flow::{Flow, LABEL, LEFT, RIGHT};
use chrono::NaiveDate;

/// Height of the plot.
const HEIGHT: Length = px(96);

/// A day, and how many of its seconds count.
type Day = (NaiveDate, i64);

/// Draws the bars.
pub(super) fn draw(flow: &mut Flow, line: &Figures<'_>) -> Result<(), StatementError> {
    let words = flow.words;
    let days = by_day(line);
    let Some(most) = days.iter().max_by_key(|(_, seconds)| *seconds).copied() else {
        return Ok(());
    };
    let span = &line.trace.span;
    let last = span.end_day.pred_opt().unwrap_or(span.end_day);
    let dates = words.date_range(span.first_day, last);
    flow.need(HEIGHT + px(64));
    flow.canvas.tree.open("Figure");
    let count = words.decimal(&line.trace.outages.len().to_string());
    let values = [
        ("dates", dates.as_str()),
        ("count", &count),
        ("counted", &line.bad(words)),
        ("date", &words.date(most.0)),
        ("most", &words.length(most.1)),
    ];
    flow.canvas.tree.describe(&words.fill("by_day_alt", &values));
    let top = flow.y + px(8);
    axis(flow, top, &words.length(most.1))?;
    bars(flow, top, &days, most.1)?;
    flow.y = top + HEIGHT + px(28);
    let note =
        flow.lines(&[(LABEL, &words.fill("by_day_note", &[("dates", &dates)]))], RIGHT - LEFT)?;
    flow.draw_lines(&note, LEFT)?;
    flow.canvas.tree.close();
    flow.y += px(4);
    Ok(())
}

/// The window's days in its own zone.
fn by_day(line: &Figures<'_>) -> Vec<Day> {
    let zone = &line.line.terms.window.time_zone;
    let span = &line.trace.span;
    let days = span.first_day.iter_days().take_while(|day| *day < span.end_day);
    let mut pieces = line.trace.bad_pieces.as_slice();
    let mut found = Vec::new();
    for day in days {
        let end = day.succ_opt().map_or(i64::MAX, |next| zone.day_start(next).timestamp());
        let start = zone.day_start(day).timestamp();
        let mut seconds = 0;
        while let [piece, rest @ ..] = pieces {
            if piece.from >= end {
                break;
            }
            seconds += piece.to.min(end) - piece.from.max(start);
            if piece.to > end {
                break;
            }
            pieces = rest;
        }
        found.push((day, seconds));
    }
    found
}

fn axis(flow: &mut Flow, top: Length, most: &str) -> Result<(), StatementError> {
    for (y, label) in [(top, most), (top + HEIGHT, "0")] {
        flow.canvas.fill(FAINT, PLOT, y, RIGHT - PLOT, px(1));
        flow.canvas.text_right(&LABEL, PLOT - px(8), y - px(8), label)?;
    }
    Ok(())
}

fn bars(flow: &mut Flow, top: Length, days: &[Day], most: i64) -> Result<(), StatementError> {
    let count = Length::try_from(days.len()).unwrap_or(1).max(1);
    let pitch = ((RIGHT - PLOT) / count).max(1);
    let gap = if pitch > px(8) { px(3) } else { pitch / 4 };
    let every = (days.len() / 7).max(1);
    let mut x = PLOT;
    for (at, (day, seconds)) in days.iter().enumerate() {
        let height = seconds * i64::from(HEIGHT) / most.max(1);
        // What counts is seen, however little it is.
        let least = if *seconds > 0 { px(1) } else { 0 };
        let height = Length::try_from(height).unwrap_or(HEIGHT).max(least);
        if height > 0 {
            flow.canvas.fill(CRIMSON, x, top + HEIGHT - height, (pitch - gap).max(250), height);
        }
        if at % every == 0 {
            flow.canvas.fill(RULE, x, top + HEIGHT, px(1), px(5));
            let label = flow.words.short_day(*day);
            let width = flow.canvas.width(&LABEL, &label)?;
            let left = x.min(RIGHT - width);
            flow.canvas.text(&LABEL, left, top + HEIGHT + px(6), &label)?;
        }
        x += pitch;
    }
    Ok(())
}
