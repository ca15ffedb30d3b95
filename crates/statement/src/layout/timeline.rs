//! The time line of a missed line's outages on one stretch of time: what was down, what was
//! excluded, what nobody measured, what counted.

mod days;

use super::canvas::{CRIMSON, GREY, Length, RULE, Style, WHITE, px};
use super::flow::{Flow, LABEL, LEFT, RIGHT, SMALL};
use crate::error::StatementError;
use crate::figures::Figures;
use crate::words::Words;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use makegood_engine::window::Span;

/// Where the lanes begin.
const PLOT: Length = LEFT + px(96);
/// Height of a bar, and from one lane to the next.
const BAR: Length = px(20);
const PITCH: Length = px(32);
/// The most that a time line takes: four lanes, and what is written below them.
pub(super) const TALLEST: Length = PITCH * 4 + px(44);
/// The longest stretch that is drawn.
const LONGEST: i64 = 12 * 3600;
/// The most outages that are shown with the hours around them.
const MOST_CLOSE: usize = 4;
/// More pieces than this would run into each other: they are told by day.
const MOST_PIECES: usize = 60;
/// Distances of the grid, in seconds.
const STEPS: [i64; 9] = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

/// A stretch of time on paper.
struct Scale {
    from: i64,
    to: i64,
    /// Where the grid's lines stand, and what is written below them.
    marks: Vec<(i64, String)>,
    /// Whether it is so long that bars have no room for words.
    long: bool,
}

impl Scale {
    /// A stretch with room for grid lines on both sides.
    fn around(from: i64, to: i64) -> Self {
        let step = STEPS.into_iter().find(|step| (to - from) / step <= 6).unwrap_or(14_400);
        let from = from.div_euclid(step) * step;
        let to = (to + step - 1).div_euclid(step) * step;
        let count = usize::try_from((to - from) / step).unwrap_or(0);
        let at = (0..=count).scan(from, |at, _| Some(std::mem::replace(at, *at + step)));
        let marks = at.map(|at| (at, Words::clock(instant(at)))).collect();
        Self { from, to, marks, long: false }
    }

    /// A whole window, with some six of its days.
    fn whole(span: &Span, words: Words) -> Self {
        let step = (span.days() + 5) / 6;
        let step = u64::try_from(step.max(1)).unwrap_or(1);
        let days = std::iter::successors(Some(span.first_day), |day| {
            day.checked_add_days(Days::new(step))
        });
        let days = days.take_while(|day| *day <= span.end_day);
        let start = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp();
        let marks = days.map(|day| (start(day), words.short_day(day))).collect();
        Self { from: span.from.timestamp(), to: span.to.timestamp(), marks, long: true }
    }

    fn x(&self, at: i64) -> Length {
        let at = at.clamp(self.from, self.to);
        let width = i64::from(RIGHT - px(8) - PLOT);
        let x = i64::from(PLOT) + (at - self.from) * width / (self.to - self.from).max(1);
        i32::try_from(x).unwrap_or(PLOT)
    }

    fn holds(&self, (from, to): &(i64, i64)) -> bool {
        *from < self.to && *to > self.from
    }
}

/// What stands in the lanes: from and to, in seconds.
struct Lanes {
    outages: Vec<(i64, i64)>,
    excluded: Vec<(i64, i64)>,
    unknown: Vec<(i64, i64)>,
}

impl Lanes {
    fn of(line: &Figures<'_>, scale: &Scale) -> Self {
        let counted = line.trace.outages.iter().filter(|outage| outage.counted_seconds > 0);
        let excluded = line.trace.exclusions.iter().filter(|one| one.excused_seconds > 0);
        let unknown = line.line.evidence.unknown.iter();
        let seconds = |from: DateTime<Utc>, to: DateTime<Utc>| (from.timestamp(), to.timestamp());
        let mut lanes = Self {
            outages: counted.map(|one| seconds(one.from, one.to)).collect(),
            excluded: excluded.map(|one| seconds(one.from, one.to)).collect(),
            unknown: unknown.map(|one| seconds(one.from, one.to)).collect(),
        };
        // What nobody measured, or was announced, after the line had ended is none of its time.
        let active = active(line);
        for lane in [&mut lanes.excluded, &mut lanes.unknown] {
            let inside = |(from, to): (i64, i64)| (from.max(active.0), to.min(active.1));
            *lane = lane.iter().copied().map(inside).filter(|(from, to)| from < to).collect();
        }
        for lane in [&mut lanes.outages, &mut lanes.excluded, &mut lanes.unknown] {
            lane.retain(|piece| scale.holds(piece));
        }
        lanes
    }
}

/// When the line was under contract, within its window.
fn active(line: &Figures<'_>) -> (i64, i64) {
    let (mut from, mut to) = (line.trace.span.from, line.trace.span.to);
    if let Some(active) = &line.line.active {
        from = active.from.map_or(from, |begin| begin.max(from));
        to = active.to.map_or(to, |end| end.min(to));
    }
    (from.timestamp(), to.timestamp())
}

/// Draws the time line: of the hours around the counted outages where those lie close together,
/// else of the whole window.
pub(crate) fn draw(flow: &mut Flow, line: &Figures<'_>) -> Result<(), StatementError> {
    let words = flow.words;
    if line.trace.bad_pieces.is_empty() {
        return Ok(());
    }
    if line.trace.bad_pieces.len() > MOST_PIECES {
        return days::draw(flow, line);
    }
    let scale = scale(line, words);
    let lanes = Lanes::of(line, &scale);
    let shown = [&lanes.outages, &lanes.excluded, &lanes.unknown];
    let count =
        1 + i32::try_from(shown.iter().filter(|lane| !lane.is_empty()).count()).unwrap_or(3);
    let height = PITCH * count + px(44);
    flow.need(height);
    flow.canvas.tree.open("Figure");
    flow.canvas.tree.describe(&describe(line, words, &lanes));
    let top = flow.y;
    grid(flow, &scale, top, PITCH * count)?;
    let mut y = top;
    if !lanes.outages.is_empty() {
        outage_lane(flow, &scale, &lanes.outages, y)?;
        y += PITCH;
    }
    if !lanes.excluded.is_empty() {
        excluded_lane(flow, &scale, &lanes.excluded, y)?;
        y += PITCH;
    }
    if !lanes.unknown.is_empty() {
        unknown_lane(flow, &scale, &lanes.unknown, y)?;
        y += PITCH;
    }
    counted_lane(flow, &scale, line, y)?;
    flow.y = top + height - px(20);
    let last = instant(scale.to - 1).date_naive();
    let note = if scale.long {
        let span = &line.trace.span;
        let last = span.end_day.pred_opt().unwrap_or(last);
        words.fill("chart_note_days", &[("dates", &words.date_range(span.first_day, last))])
    } else {
        let first = instant(scale.from).date_naive();
        words.fill("chart_note", &[("date", &words.date_range(first, last))])
    };
    let note = flow.lines(&[(LABEL, &note)], RIGHT - LEFT)?;
    flow.draw_lines(&note, LEFT)?;
    flow.canvas.tree.close();
    flow.y += px(4);
    Ok(())
}

fn scale(line: &Figures<'_>, words: Words) -> Scale {
    let counted: Vec<_> =
        line.trace.outages.iter().filter(|outage| outage.counted_seconds > 0).collect();
    let only_outages = line.trace.bad_pieces.iter().all(|piece| !piece.unknown);
    match (counted.first(), counted.last()) {
        (Some(first), Some(last)) if only_outages && counted.len() <= MOST_CLOSE => {
            let (from, to) = (first.from.timestamp(), last.to.timestamp());
            if to - from <= LONGEST {
                return Scale::around(from, to);
            }
        }
        _ => {}
    }
    Scale::whole(&line.trace.span, words)
}

fn grid(flow: &mut Flow, scale: &Scale, top: Length, height: Length) -> Result<(), StatementError> {
    let mut free = PLOT;
    for (at, label) in &scale.marks {
        let x = scale.x(*at);
        flow.canvas.fill(RULE, x, top - px(4), px(1), height + px(4));
        let width = flow.canvas.width(&LABEL, label)?;
        let left = (x - width / 2).clamp(PLOT, RIGHT - width);
        if left >= free {
            flow.canvas.text(&LABEL, left, top + height + px(4), label)?;
            free = left + width + px(6);
        }
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
        if scale.long {
            continue;
        }
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
        if !scale.long {
            let label = flow.words.length(to - from);
            beside(flow, &label, &SMALL.bold(), (left, right), y)?;
        }
    }
    Ok(())
}

/// Time that nobody measured: two grey lines with nothing between them.
fn unknown_lane(
    flow: &mut Flow,
    scale: &Scale,
    unknown: &[(i64, i64)],
    y: Length,
) -> Result<(), StatementError> {
    lane_label(flow, "unknown_lane", y)?;
    for (from, to) in unknown {
        let (left, right) = (scale.x(*from), scale.x(*to));
        let width = (right - left).max(px(3));
        flow.canvas.fill(GREY, left, y, width, px(1) + 375);
        flow.canvas.fill(GREY, left, y + BAR - px(1) - 375, width, px(1) + 375);
    }
    Ok(())
}

fn counted_lane(
    flow: &mut Flow,
    scale: &Scale,
    line: &Figures<'_>,
    y: Length,
) -> Result<(), StatementError> {
    lane_label(flow, "counted_lane", y)?;
    let words = flow.words;
    let pieces: Vec<(i64, i64)> = line
        .trace
        .bad_pieces
        .iter()
        .map(|piece| (piece.from, piece.to))
        .filter(|piece| scale.holds(piece))
        .collect();
    let mut end = PLOT;
    for (start, stop) in &pieces {
        let (left, right) = (scale.x(*start), scale.x(*stop));
        let width = (right - left).max(px(3));
        flow.canvas.outline(CRIMSON, [left, y, width, BAR], px(1) + 375);
        let label = words.length(stop - start);
        let style = SMALL.bold().ink(CRIMSON);
        let wide = flow.canvas.width(&style, &label)?;
        if wide + px(6) <= width && !scale.long {
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

/// More outages than this are told by their number alone.
const TOLD: usize = 6;

fn describe(line: &Figures<'_>, words: Words, lanes: &Lanes) -> String {
    let span = |(from, to): &(i64, i64)| {
        format!("{}–{}", Words::clock(instant(*from)), Words::clock(instant(*to)))
    };
    let list = |pieces: &[(i64, i64)]| match pieces.len() {
        0 => words.say("zero"),
        1..=TOLD => pieces.iter().map(span).collect::<Vec<_>>().join(", "),
        count => words.decimal(&count.to_string()),
    };
    let first = lanes.outages.first().map(|(from, _)| instant(*from).date_naive());
    let date = first.map_or_else(|| words.period(&line.trace.label), |day| words.date(day));
    let values = [
        ("date", date.as_str()),
        ("outages", &list(&lanes.outages)),
        ("excluded", &list(&lanes.excluded)),
        ("unknown", &list(&lanes.unknown)),
        ("counted", &line.bad(words)),
    ];
    words.fill("chart_alt", &values)
}
