//! The time line of a missed line's outages on one stretch of time: what was down, what was
//! excluded, what counted. Drawn only where one stretch can show it.

use super::canvas::{CRIMSON, GREY, Length, RULE, Style, WHITE, px};
use super::flow::{Flow, LABEL, LEFT, RIGHT, SMALL};
use crate::error::StatementError;
use crate::figures::Figures;
use crate::words::Words;
use chrono::{DateTime, Utc};
use makegood_engine::trace::LineTrace;

/// Where the lanes begin.
const PLOT: Length = LEFT + px(96);
/// Height of a bar, and from one lane to the next.
const BAR: Length = px(20);
const PITCH: Length = px(32);
/// The longest stretch that is drawn.
const LONGEST: i64 = 12 * 3600;
/// Distances of the grid, in seconds.
const STEPS: [i64; 9] = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

/// A stretch of time on paper.
struct Scale {
    from: i64,
    to: i64,
    step: i64,
}

impl Scale {
    /// A stretch with room for grid lines on both sides.
    fn around(from: i64, to: i64) -> Self {
        let step = STEPS.into_iter().find(|step| (to - from) / step <= 6).unwrap_or(14_400);
        Self {
            from: from.div_euclid(step) * step,
            to: (to + step - 1).div_euclid(step) * step,
            step,
        }
    }

    fn x(&self, at: i64) -> Length {
        let at = at.clamp(self.from, self.to);
        let width = i64::from(RIGHT - px(8) - PLOT);
        let x = i64::from(PLOT) + (at - self.from) * width / (self.to - self.from).max(1);
        i32::try_from(x).unwrap_or(PLOT)
    }
}

/// Draws the time line, where the counted outages lie close together.
pub(crate) fn draw(flow: &mut Flow, line: &Figures<'_>) -> Result<(), StatementError> {
    let trace = line.trace;
    let counted: Vec<_> =
        trace.outages.iter().filter(|outage| outage.counted_seconds > 0).collect();
    let (Some(first), Some(last)) = (counted.first(), counted.last()) else {
        return Ok(());
    };
    let (from, to) = (first.from.timestamp(), last.to.timestamp());
    if to - from > LONGEST || counted.len() > 4 {
        return Ok(());
    }
    let excluded = excluded(trace, from, to);
    let lanes = if excluded.is_empty() { 2 } else { 3 };
    let height = PITCH * lanes + px(44);
    flow.need(height);
    let words = flow.words;
    let scale = Scale::around(from, to);
    flow.canvas.tree.open("Figure");
    let alternative = describe(line, words, &excluded);
    flow.canvas.tree.describe(&alternative);
    let top = flow.y;
    grid(flow, &scale, top, PITCH * lanes)?;
    let outages: Vec<(i64, i64)> =
        counted.iter().map(|outage| (outage.from.timestamp(), outage.to.timestamp())).collect();
    outage_lane(flow, &scale, &outages, top)?;
    let mut y = top + PITCH;
    if !excluded.is_empty() {
        excluded_lane(flow, &scale, &excluded, y)?;
        y += PITCH;
    }
    counted_lane(flow, &scale, line, (from, to), y)?;
    flow.y = top + height - px(20);
    let date = words.date(first.from.date_naive());
    flow.canvas.text(&LABEL, LEFT, flow.y, &words.fill("chart_note", &[("date", &date)]))?;
    flow.canvas.tree.close();
    flow.y += px(20);
    Ok(())
}

/// Admitted exclusions that touch the stretch.
fn excluded(trace: &LineTrace, from: i64, to: i64) -> Vec<(i64, i64)> {
    let admitted = trace.exclusions.iter().filter(|one| one.excused_seconds > 0);
    admitted
        .map(|one| (one.from.timestamp(), one.to.timestamp()))
        .filter(|(start, end)| *start < to && *end > from)
        .collect()
}

fn grid(flow: &mut Flow, scale: &Scale, top: Length, height: Length) -> Result<(), StatementError> {
    let mut at = scale.from;
    while at <= scale.to {
        let x = scale.x(at);
        flow.canvas.fill(RULE, x, top - px(4), px(1), height + px(4));
        let label = Words::clock(instant(at));
        let width = flow.canvas.width(&LABEL, &label)?;
        let left = (x - width / 2).clamp(PLOT, RIGHT - width);
        flow.canvas.text(&LABEL, left, top + height + px(4), &label)?;
        at += scale.step;
    }
    Ok(())
}

fn lane_label(flow: &mut Flow, key: &'static str, y: Length) -> Result<(), StatementError> {
    let text = flow.words.say(key);
    flow.canvas.text(&LABEL, LEFT, y + px(2), &text).map(|_| ())
}

fn outage_lane(
    flow: &mut Flow,
    scale: &Scale,
    outages: &[(i64, i64)],
    y: Length,
) -> Result<(), StatementError> {
    lane_label(flow, "outage", y)?;
    let words = flow.words;
    for (from, to) in outages {
        let (left, right) = (scale.x(*from), scale.x(*to));
        flow.canvas.fill(CRIMSON, left, y, (right - left).max(px(2)), BAR);
        let length = words.length(to - from);
        let times = format!("{}–{}", Words::clock(instant(*from)), Words::clock(instant(*to)));
        let long = format!("{times}, {length}");
        let style = SMALL.bold().ink(WHITE);
        for label in [long.as_str(), times.as_str()] {
            if flow.canvas.width(&style, label)? + px(16) <= right - left {
                flow.canvas.text(&style, left + px(8), y + px(2), label)?;
                break;
            }
        }
    }
    Ok(())
}

fn excluded_lane(
    flow: &mut Flow,
    scale: &Scale,
    excluded: &[(i64, i64)],
    y: Length,
) -> Result<(), StatementError> {
    lane_label(flow, "excluded_lane", y)?;
    for (from, to) in excluded {
        let (left, right) = (scale.x(*from), scale.x(*to));
        let area = [left, y, (right - left).max(px(3)), BAR];
        flow.canvas.hatch(GREY, area, px(7), px(1));
        flow.canvas.outline(GREY, area, px(1) + 375);
        let label = flow.words.length(to - from);
        beside(flow, &label, &SMALL.bold(), (left, right), y)?;
    }
    Ok(())
}

fn counted_lane(
    flow: &mut Flow,
    scale: &Scale,
    line: &Figures<'_>,
    (from, to): (i64, i64),
    y: Length,
) -> Result<(), StatementError> {
    lane_label(flow, "counted_lane", y)?;
    let words = flow.words;
    let pieces: Vec<(i64, i64)> = line
        .trace
        .bad_pieces
        .iter()
        .map(|piece| (piece.from, piece.to))
        .filter(|(start, end)| *start < to && *end > from)
        .collect();
    let mut end = PLOT;
    for (start, stop) in &pieces {
        let (left, right) = (scale.x(*start), scale.x(*stop));
        let width = (right - left).max(px(3));
        flow.canvas.outline(CRIMSON, [left, y, width, BAR], px(1) + 375);
        let label = words.length(stop - start);
        let style = SMALL.bold().ink(CRIMSON);
        let wide = flow.canvas.width(&style, &label)?;
        if wide + px(6) <= width {
            backed(flow, left + (width - wide) / 2, y, wide);
            flow.canvas.text(&style, left + (width - wide) / 2, y + px(2), &label)?;
        }
        end = end.max(left + width);
    }
    let sum = words.fill("equals", &[("length", &line.bad(words))]);
    let style = SMALL.bold();
    let wide = flow.canvas.width(&style, &sum)?;
    if end + px(8) + wide <= RIGHT {
        backed(flow, end + px(8), y, wide);
        flow.canvas.text(&style, end + px(8), y + px(2), &sum)?;
    }
    Ok(())
}

/// A label at the right of a bar, or at its left where there is no room.
fn beside(
    flow: &mut Flow,
    label: &str,
    style: &Style,
    (left, right): (Length, Length),
    y: Length,
) -> Result<(), StatementError> {
    let wide = flow.canvas.width(style, label)?;
    let x = if right + px(8) + wide <= RIGHT { right + px(8) } else { left - px(8) - wide };
    backed(flow, x, y, wide);
    flow.canvas.text(style, x, y + px(2), label).map(|_| ())
}

/// White under a label, so that grid lines do not run through it.
fn backed(flow: &mut Flow, x: Length, y: Length, wide: Length) {
    flow.canvas.fill(WHITE, x - px(2), y + px(2), wide + px(4), px(16));
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

fn describe(line: &Figures<'_>, words: Words, excluded: &[(i64, i64)]) -> String {
    let span = |from: DateTime<Utc>, to: DateTime<Utc>| {
        format!("{}–{}", Words::clock(from), Words::clock(to))
    };
    let counted = line.trace.outages.iter().filter(|outage| outage.counted_seconds > 0);
    let outages: Vec<String> = counted.clone().map(|one| span(one.from, one.to)).collect();
    let date =
        counted.clone().next().map_or_else(String::new, |one| words.date(one.from.date_naive()));
    let excluded: Vec<String> =
        excluded.iter().map(|(from, to)| span(instant(*from), instant(*to))).collect();
    let excluded = if excluded.is_empty() { words.say("zero") } else { excluded.join(", ") };
    let values = [
        ("date", date.as_str()),
        ("outages", &outages.join(", ")),
        ("excluded", &excluded),
        ("counted", &line.bad(words)),
    ];
    words.fill("chart_alt", &values)
}
