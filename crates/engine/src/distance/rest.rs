//! What is known of a line at an instant, and the rest of its window filled in.

use crate::case::{Active, Line};
use crate::decimal::Decimal;
use crate::evidence::{Outage, SlotRun, Slots};
use crate::fraction::Fraction;
use crate::instant::from_seconds;
use crate::measures::{BadWhen, Comparison, Idle, Measure, Metric, SlotsMeasure};
use crate::terms::{NoData, PartialPeriod};
use crate::window::Span;
use chrono::{DateTime, Utc};
use num_bigint::BigInt;

/// The grid of a line's slots, as far as an instant.
struct Grid {
    /// The window's first second.
    from: i64,
    /// Length of a slot in seconds.
    slot: i64,
    /// How many have ended.
    ended: i64,
    /// How many are to come, the running one included.
    to_come: i64,
}

impl Grid {
    /// `None`: the line has no slots.
    fn of(measure: &Measure, span: &Span, as_of: DateTime<Utc>) -> Option<Self> {
        let slot = measure.slot()?.signed_seconds().max(1);
        let from = span.from.timestamp();
        let all = span.seconds() / slot;
        let ended = (as_of.timestamp() - from).div_euclid(slot).clamp(0, all);
        Some(Self { from, slot, ended, to_come: all - ended })
    }

    fn seen(&self) -> i64 {
        self.from + self.ended * self.slot
    }
}

/// Until when a line is known: `as_of`, or the end of the last slot that has ended; within the
/// window.
pub(super) fn seen(line: &Line, span: &Span, as_of: DateTime<Utc>) -> i64 {
    let grid = Grid::of(&line.terms.measure, span, as_of);
    let instant = || as_of.timestamp().clamp(span.from.timestamp(), span.to.timestamp());
    grid.map_or_else(instant, |grid| grid.seen())
}

/// How many seconds or slots can be bad from `as_of` on. An outage may outlast the window where it
/// must be long to count at all.
pub(super) fn to_come(line: &Line, span: &Span, as_of: DateTime<Utc>) -> i64 {
    if let Some(grid) = Grid::of(&line.terms.measure, span, as_of) {
        return grid.to_come;
    }
    let least = match &line.terms.measure {
        Measure::Uptime(uptime) => uptime.min_outage.as_ref().map_or(0, |m| m.signed_seconds()),
        _ => 0,
    };
    (span.to.timestamp() - as_of.timestamp()).max(0) + least
}

/// The end of so many seconds or slots from `as_of` on.
pub(super) fn end_of(line: &Line, span: &Span, as_of: DateTime<Utc>, count: i64) -> DateTime<Utc> {
    from_seconds(match Grid::of(&line.terms.measure, span, as_of) {
        Some(grid) => grid.seen() + count * grid.slot,
        None => as_of.timestamp() + count,
    })
}

/// Takes out what was observed from `as_of` on.
pub(super) fn cut(line: &mut Line, span: &Span, as_of: DateTime<Utc>) {
    let evidence = &mut line.evidence;
    evidence.outages.retain(|outage| outage.from < as_of);
    for outage in &mut evidence.outages {
        outage.to = outage.to.min(as_of);
    }
    evidence.unknown.retain(|unknown| unknown.from < as_of);
    for unknown in &mut evidence.unknown {
        unknown.to = unknown.to.min(as_of);
    }
    if let Some(grid) = Grid::of(&line.terms.measure, span, as_of) {
        evidence.slots = cut_slots(&evidence.slots, &grid);
    }
}

/// Entries that do not lie on the grid stay, so that they are refused as ever.
fn cut_slots(slots: &Slots, grid: &Grid) -> Slots {
    let mut next = 0_i64;
    let known = slots.iter().filter_map(|run| {
        if let Some(start) = run.start {
            let since = start.timestamp() - grid.from;
            if since.rem_euclid(grid.slot) != 0 || since / grid.slot < next {
                return Some(run);
            }
            next = since / grid.slot;
        }
        let left = (grid.ended - next).max(0);
        let count = i64::try_from(run.count).unwrap_or(i64::MAX).min(left);
        next += count;
        (count > 0).then(|| SlotRun { count: count.unsigned_abs(), ..run })
    });
    known.collect()
}

/// The line with the rest of the window filled in: the first so many seconds or slots bad, all
/// others good. Good slots are idle ones: where such are not counted, nothing happens in the rest.
pub(super) fn filled(line: &Line, span: &Span, as_of: DateTime<Utc>, bad: i64) -> Line {
    let mut line = line.clone();
    let evidence = &mut line.evidence;
    let Some(grid) = Grid::of(&line.terms.measure, span, as_of) else {
        if bad > 0 && matches!(line.terms.measure, Measure::Uptime(_)) {
            evidence.outages.push(Outage::new(as_of, from_seconds(as_of.timestamp() + bad)));
        }
        return line;
    };
    if evidence.totals.is_some() {
        return line;
    }
    let bad = bad.clamp(0, grid.to_come);
    let idle = SlotRun::of_requests(1, 0, 0);
    let (good, failed) = match &line.terms.measure {
        Measure::Slots(slots) => alike(slots, idle),
        _ => (idle, SlotRun::of_requests(1, 1, 1)),
    };
    let mut start = Some(from_seconds(grid.seen()));
    for (run, count) in [(failed, bad), (good, grid.to_come - bad)] {
        if count > 0 {
            evidence.slots.push(SlotRun {
                start: start.take(),
                count: count.unsigned_abs(),
                ..run
            });
        }
    }
    line
}

/// A good slot and, where the terms know any, a bad one.
fn alike(measure: &SlotsMeasure, idle: SlotRun) -> (SlotRun, SlotRun) {
    let BadWhen { metric, is, than } = &measure.bad_when;
    let busy = measure.min_requests.unwrap_or_default().max(1);
    match metric {
        Metric::ErrorPercent => {
            let errors = match is {
                Comparison::Greater | Comparison::GreaterOrEqual => busy,
                Comparison::Less | Comparison::LessOrEqual => 0,
            };
            (idle, SlotRun::of_requests(1, busy, errors))
        }
        Metric::Value => {
            let (good, bad) = match is {
                Comparison::Greater => (moved(than, 0), moved(than, 1)),
                Comparison::GreaterOrEqual => (moved(than, -1), moved(than, 0)),
                Comparison::Less => (moved(than, 0), moved(than, -1)),
                Comparison::LessOrEqual => (moved(than, 1), moved(than, 0)),
            };
            let failed = SlotRun::of_requests(1, busy, 0);
            (SlotRun { value: Some(good), ..idle }, SlotRun { value: Some(bad), ..failed })
        }
    }
}

fn moved(decimal: &Decimal, by: i64) -> Decimal {
    let sum = Fraction::new(decimal.ratio() + BigInt::from(by)).decimal_or_fraction();
    Decimal::parse_signed(&sum).unwrap_or_else(|_| decimal.clone())
}

/// The line as if it had been under contract only until then: what it counts is what it had
/// counted by then.
pub(super) fn until(line: &Line, second: i64) -> Line {
    let own = line.active.unwrap_or_default();
    let end = from_seconds(second);
    let active = Active { to: Some(own.to.map_or(end, |to| to.min(end))), ..own };
    let mut part = Line { active: Some(active), ..line.clone() };
    part.terms.partial_period = PartialPeriod::Prorate;
    part.terms.window.counted_as = None;
    part
}

/// The line with a measure that counts known slots, whatever was in them.
pub(super) fn slots_alone(line: &Line) -> Line {
    let mut probe = line.clone();
    if let Some(slot) = line.terms.measure.slot() {
        let never = BadWhen {
            metric: Metric::ErrorPercent,
            is: Comparison::Greater,
            than: Decimal::from_integer(100),
        };
        // An unknown slot has no events; the other measures do with it what the terms say.
        if matches!(line.terms.measure, Measure::Requests(_)) {
            probe.terms.no_data = NoData::Removed;
        }
        probe.terms.measure = Measure::Slots(SlotsMeasure {
            slot: slot.clone(),
            bad_when: never,
            min_requests: None,
            min_run: None,
            idle: Idle::Good,
        });
    }
    probe
}
