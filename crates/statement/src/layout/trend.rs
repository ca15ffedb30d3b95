//! The last twelve windows of a line against what was agreed.

use super::canvas::{CRIMSON, FAINT, GREY, INK, Length, WHITE, px};
use super::flow::{Flow, LABEL, LEFT, RIGHT, SMALL};
use crate::document::TrendPoint;
use crate::error::StatementError;
use crate::figures::Figures;

/// Height of the plot.
const HEIGHT: Length = px(104);
/// Where the plot begins and ends.
const PLOT_LEFT: Length = LEFT + px(64);
const PLOT_RIGHT: Length = RIGHT - px(16);
/// How many lines get a chart at most; the missed ones first.
const MOST: usize = 6;

/// Draws a chart for each line that has a trend.
pub(crate) fn draw(flow: &mut Flow, lines: &[Figures<'_>]) -> Result<(), StatementError> {
    let mut shown: Vec<&Figures<'_>> = lines.iter().filter(|line| has_trend(line)).collect();
    if shown.len() > MOST {
        shown.sort_by_key(|line| !line.is_missed());
        shown.truncate(MOST);
    }
    // Lines that were promised the same and reached the same share a chart.
    let mut groups: Vec<Vec<&Figures<'_>>> = Vec::new();
    for line in shown {
        let objective = &line.line.terms.objective;
        let same = groups.iter_mut().find(|group| {
            group[0].part.trend == line.part.trend && group[0].line.terms.objective == *objective
        });
        match same {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    for group in groups {
        chart(flow, &group)?;
    }
    Ok(())
}

fn has_trend(line: &Figures<'_>) -> bool {
    line.part.trend.iter().filter(|point| point.percent.is_some()).count() >= 2
}

/// A percentage in millionths of a percent.
fn millionths(percent: &str) -> Option<i64> {
    let (whole, part) = percent.split_once('.').unwrap_or((percent, ""));
    let digits: String = part.chars().chain("000000".chars()).take(6).collect();
    format!("{whole}{digits}").parse().ok()
}

/// The scale's lower end: below the lowest value, on a round number.
fn low_end(lowest: i64) -> i64 {
    const FULL: i64 = 100_000_000;
    // Room below the lowest value, for its label.
    let gap = ((FULL - lowest) * 3 / 2).max(1);
    let mut step = 10_000;
    for factor in [2, 5, 10].into_iter().cycle().take(12) {
        if gap <= step * 4 {
            break;
        }
        // 1, 2, 5, 10, 20, 50, …
        step = if factor == 5 { step / 2 * 5 } else { step * 2 };
    }
    let low = FULL - (gap + step - 1) / step * step;
    if low == lowest { (low - step).max(0) } else { low.max(0) }
}

/// As people write it: without needless zeros.
fn short(value: i64) -> String {
    let text = format!("{}.{:06}", value / 1_000_000, value % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

struct Plot {
    top: Length,
    low: i64,
    count: usize,
}

impl Plot {
    fn x(&self, at: usize) -> Length {
        let count = i32::try_from(self.count.saturating_sub(1)).unwrap_or(1).max(1);
        let at = i32::try_from(at).unwrap_or(0);
        let room = PLOT_RIGHT - PLOT_LEFT - px(48);
        PLOT_LEFT + px(24) + room / count * at
    }

    fn y(&self, value: i64) -> Length {
        let span = (100_000_000 - self.low).max(1);
        let down = (100_000_000 - value.max(self.low)) * i64::from(HEIGHT) / span;
        self.top + i32::try_from(down).unwrap_or(0)
    }
}

fn chart(flow: &mut Flow, group: &[&Figures<'_>]) -> Result<(), StatementError> {
    let words = flow.words;
    let line = group[0];
    let names = super::names(group, words);
    let months = line.part.trend.iter().all(|point| month(&point.label).is_some());
    let title = if months { "trend_months" } else { "trend_windows" };
    let title = words.fill(title, &[("lines", &names)]);
    flow.heading(&title, HEIGHT + px(60))?;
    let trend = &line.part.trend;
    let objective = millionths(line.line.terms.objective.as_str()).unwrap_or(0);
    let values: Vec<Option<i64>> =
        trend.iter().map(|point| point.percent.as_deref().and_then(millionths)).collect();
    let lowest = values.iter().flatten().copied().min().unwrap_or(objective).min(objective);
    let plot = Plot { top: flow.y + px(8), low: low_end(lowest), count: trend.len() };
    flow.canvas.tree.open("Figure");
    let points: Vec<String> = trend
        .iter()
        .map(|point| {
            let percent = point.percent.as_deref().map(|percent| words.percent(percent));
            let missing = words.say("result_not_measured");
            format!("{} {}", words.period(&point.label), percent.unwrap_or(missing))
        })
        .collect();
    let alternative = words.fill(
        "trend_alt",
        &[("sla", &names), ("objective", &line.objective(words)), ("points", &points.join(", "))],
    );
    flow.canvas.tree.describe(&alternative);
    axis(flow, &plot, objective, line)?;
    curve(flow, &plot, trend, &values)?;
    let low = words.percent(&short(plot.low));
    let note = words.fill("trend_axis", &[("low", &low)]);
    flow.canvas.text(&LABEL, LEFT, plot.top + HEIGHT + px(28), &note)?;
    flow.canvas.tree.close();
    flow.y = plot.top + HEIGHT + px(46);
    Ok(())
}

fn axis(
    flow: &mut Flow,
    plot: &Plot,
    objective: i64,
    line: &Figures<'_>,
) -> Result<(), StatementError> {
    let words = flow.words;
    for value in [100_000_000, plot.low] {
        let y = plot.y(value);
        flow.canvas.fill(FAINT, PLOT_LEFT, y, PLOT_RIGHT - PLOT_LEFT, px(1));
        let label = words.percent(&short(value));
        flow.canvas.text_right(&LABEL, PLOT_LEFT - px(8), y - px(8), &label)?;
    }
    let y = plot.y(objective);
    flow.canvas.fill(INK, PLOT_LEFT, y, PLOT_RIGHT - PLOT_LEFT, px(1));
    let near_end = y - plot.top < px(14) || plot.top + HEIGHT - y < px(14);
    if !near_end {
        flow.canvas.text_right(&SMALL, PLOT_LEFT - px(8), y - px(8), &line.objective(words))?;
    }
    Ok(())
}

fn curve(
    flow: &mut Flow,
    plot: &Plot,
    trend: &[TrendPoint],
    values: &[Option<i64>],
) -> Result<(), StatementError> {
    let words = flow.words;
    let mut stretch: Vec<(Length, Length)> = Vec::new();
    for (at, value) in values.iter().enumerate() {
        match value {
            Some(value) => stretch.push((plot.x(at), plot.y(*value))),
            None => draw_stretch(flow, &mut stretch),
        }
    }
    draw_stretch(flow, &mut stretch);
    for (at, (point, value)) in trend.iter().zip(values).enumerate() {
        let (x, size) = (plot.x(at), px(4));
        let label = month_label(&point.label, at, flow);
        let width = flow.canvas.width(&LABEL, &label)?;
        flow.canvas.text(&LABEL, x - width / 2, plot.top + HEIGHT + px(8), &label)?;
        let Some(value) = value else {
            flow.canvas.disc(GREY, (x, plot.top + HEIGHT - px(6)), size, true);
            continue;
        };
        let y = plot.y(*value);
        if point.met == Some(false) {
            flow.canvas.fill(CRIMSON, x - size, y - size, size * 2, size * 2);
            let text = words.percent(point.percent.as_deref().unwrap_or_default());
            let style = SMALL.bold().ink(CRIMSON);
            let width = flow.canvas.width(&style, &text)?;
            let left = (x - width / 2).clamp(PLOT_LEFT, RIGHT - width);
            let below = y + px(24) < plot.top + HEIGHT;
            let top = if below { y + px(7) } else { y - px(23) };
            flow.canvas.fill(WHITE, left - px(2), top + px(1), width + px(4), px(14));
            flow.canvas.text(&style, left, top, &text)?;
        } else {
            flow.canvas.disc(INK, (x, y), px(3), false);
        }
    }
    Ok(())
}

fn draw_stretch(flow: &mut Flow, stretch: &mut Vec<(Length, Length)>) {
    if stretch.len() > 1 {
        flow.canvas.polyline(INK, px(1) + 375, stretch);
    }
    stretch.clear();
}

/// The first day of the month that a label names.
fn month(label: &str) -> Option<chrono::NaiveDate> {
    chrono::NaiveDate::parse_from_str(&format!("{label}-01"), "%Y-%m-%d").ok()
}

/// The month, with the year at the first one and at each January; other labels as they are.
fn month_label(label: &str, at: usize, flow: &Flow) -> String {
    let Some(day) = month(label) else {
        return label.to_owned();
    };
    let month = flow.words.short_month(day);
    if at == 0 || label.ends_with("-01") { format!("{month} {}", &label[..4]) } else { month }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_begins_below_the_lowest_value() {
        for lowest in [99_885_880, 99_999_990, 0, 100_000_000, 95_000_000, 99_900_000] {
            let low = low_end(lowest);
            assert!(low <= lowest && low >= 0, "{lowest} {low}");
            assert!(low < lowest || lowest == 0, "{lowest} {low}");
        }
        assert_eq!(short(low_end(99_885_880)), "99.8");
    }
}
