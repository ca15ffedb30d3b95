//! `uptime`: the share of counted time not lost to outages.

use super::impact::Impact;
use super::{Measured, Uptime};
use crate::case::Line;
use crate::evidence::Outage;
use crate::exclusions::Excused;
use crate::frame::{Frame, Unmeasured};
use crate::interval::Intervals;
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::terms::{NoData, PartialPeriod};
use num_bigint::BigInt;
use num_traits::One;
use std::collections::BTreeMap;

/// Time of one impact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// First second, since 1970.
    pub from: i64,
    /// End, exclusive.
    pub to: i64,
    /// How much was down.
    pub impact: Impact,
    /// Whether it is bad because nobody measured, not because it was down.
    pub unknown: bool,
}

impl Piece {
    fn down(from: i64, to: i64, impact: Impact) -> Self {
        Self { from, to, impact, unknown: false }
    }
}

/// What became of the time of an `uptime` line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timeline {
    /// Merged outages, whole.
    pub(crate) pieces: Vec<Piece>,
    /// Merged runs of outages, whole.
    pub(crate) runs: Intervals,
    /// Those of them that are too short to count.
    pub(crate) short: Intervals,
    /// Bad time that counts, in order.
    pub(crate) bad: Vec<Piece>,
    /// Unknown time that is in the active time and the service hours, and not excused.
    pub(crate) unknown: Intervals,
    /// Counted time, before `counted_as` replaces its length.
    pub(crate) counted: Intervals,
}

/// Overlapping outages as pieces in order: each instant once, with the largest impact there.
#[must_use]
pub fn merge(outages: &[Outage]) -> Vec<Piece> {
    if outages.iter().all(|outage| outage.impact.value().is_one()) {
        let times = outages.iter().map(|o| (o.from.timestamp(), o.to.timestamp()));
        let whole = |(from, to): &(i64, i64)| Piece::down(*from, *to, Impact::Whole);
        return Intervals::merge(times).as_slice().iter().map(whole).collect();
    }
    by_impact(outages)
}

/// The same where impacts differ.
fn by_impact(outages: &[Outage]) -> Vec<Piece> {
    let mut edges: Vec<(i64, bool, Impact)> = Vec::with_capacity(outages.len() * 2);
    for outage in outages {
        let (from, to) = (outage.from.timestamp(), outage.to.timestamp());
        if from < to {
            let impact = Impact::of(&outage.impact);
            edges.push((from, true, impact.clone()));
            edges.push((to, false, impact));
        }
    }
    edges.sort_unstable();
    let mut open: BTreeMap<Impact, usize> = BTreeMap::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    for (time, opens, impact) in edges {
        if let (true, Some((largest, _))) = (at < time, open.last_key_value()) {
            push(&mut pieces, at, time, largest);
        }
        at = time;
        if opens {
            *open.entry(impact).or_default() += 1;
        } else if let Some(count) = open.get_mut(&impact) {
            *count -= 1;
            if *count == 0 {
                open.remove(&impact);
            }
        }
    }
    pieces
}

fn push(pieces: &mut Vec<Piece>, from: i64, to: i64, impact: &Impact) {
    match pieces.last_mut() {
        Some(last) if last.to == from && last.impact == *impact => last.to = to,
        _ => pieces.push(Piece::down(from, to, impact.clone())),
    }
}

/// Seconds of these pieces, weighted by impact.
pub(crate) fn weighted(pieces: &[Piece]) -> Quantity<'static> {
    let mut whole = 0;
    let mut parts: BTreeMap<&Impact, i64> = BTreeMap::new();
    for piece in pieces {
        let seconds = piece.to - piece.from;
        match &piece.impact {
            Impact::Whole => whole += seconds,
            part => *parts.entry(part).or_default() += seconds,
        }
    }
    let whole = Quantity::of_size(whole);
    if parts.is_empty() {
        return whole;
    }
    let parts = parts.into_iter();
    let parts = parts.map(|(impact, seconds)| impact.fraction().ratio() * BigInt::from(seconds));
    whole.plus(&Quantity::Exact(parts.sum()))
}

/// Measures an `uptime` line.
pub(crate) fn measure(
    uptime: &Uptime,
    line: &Line,
    frame: &Frame,
    excused: &Excused,
    path: &dyn Fn() -> String,
) -> Result<(Measured<'static>, Timeline), Refusal> {
    let timeline = timeline(uptime, line, frame, excused);
    check_fixed_total(line, frame, &timeline, path)?;
    let excused = Quantity::of_size(excused.all().intersect(&frame.live).size());
    let counted = timeline.counted.size();
    if counted == 0 {
        return Ok((Measured::none(Unmeasured::Nothing, excused), timeline));
    }
    let fixed = line.terms.window.counted_as.as_ref().map(|fixed| fixed.signed_seconds());
    let total = Quantity::of_size(fixed.unwrap_or(counted));
    Ok((Measured::share(total, weighted(&timeline.bad), excused), timeline))
}

pub(crate) fn timeline(uptime: &Uptime, line: &Line, frame: &Frame, excused: &Excused) -> Timeline {
    let evidence = &line.evidence;
    let pieces = merge(&evidence.outages);
    let runs = Intervals::merge(pieces.iter().map(|piece| (piece.from, piece.to)));
    let least = uptime.min_outage.as_ref().map_or(0, |least| least.signed_seconds());
    let short = runs.as_slice().iter().filter(|(from, to)| to - from < least);
    let short = Intervals::merge(short.copied());
    let rest = frame.live.without(&excused.removed).without(&excused.up);
    let unknown = evidence.unknown.iter().map(|u| (u.from.timestamp(), u.to.timestamp()));
    let unknown = Intervals::merge(unknown).intersect(&rest);
    let known = rest.without(&unknown).without(&short);
    let mut bad = cut(&pieces, &known);
    let mut counted = frame.live.union(&frame.inactive_up).without(&excused.removed);
    match line.terms.no_data {
        NoData::Removed => counted = counted.without(&unknown),
        NoData::Up => {}
        NoData::Down => {
            bad.extend(unknown.as_slice().iter().map(|(from, to)| Piece {
                from: *from,
                to: *to,
                impact: Impact::Whole,
                unknown: true,
            }));
            bad.sort_unstable_by_key(|piece| piece.from);
        }
    }
    if uptime.whole_minutes {
        bad = whole_minutes(&bad);
    }
    Timeline { pieces, runs, short, bad, unknown, counted }
}

/// The parts of the pieces that lie in `allowed`.
fn cut(pieces: &[Piece], allowed: &Intervals) -> Vec<Piece> {
    let mut parts = Vec::with_capacity(pieces.len());
    let mut spans = allowed.as_slice();
    for piece in pieces {
        let done = spans.partition_point(|(_, to)| *to <= piece.from);
        spans = &spans[done..];
        for (from, to) in spans.iter().take_while(|(from, _)| *from < piece.to) {
            let (from, to) = (piece.from.max(*from), piece.to.min(*to));
            parts.push(Piece { from, to, ..piece.clone() });
        }
    }
    parts
}

/// Each unbroken stretch, cut at its end to a whole multiple of 60 s.
fn whole_minutes(bad: &[Piece]) -> Vec<Piece> {
    let stretches = Intervals::merge(bad.iter().map(|piece| (piece.from, piece.to)));
    let whole = stretches.as_slice().iter().map(|(from, to)| (*from, to - (to - from) % 60));
    cut(bad, &Intervals::merge(whole))
}

/// A fixed total can't stand together with time that would have to be removed.
fn check_fixed_total(
    line: &Line,
    frame: &Frame,
    timeline: &Timeline,
    path: &dyn Fn() -> String,
) -> Result<(), Refusal> {
    if line.terms.window.counted_as.is_none() {
        return Ok(());
    }
    let refuse = |what: &str| {
        let message = format!("a fixed total can't stand with {what} that would be removed");
        Err(Refusal::new(format!("{}.terms.window.counted_as", path()), message))
    };
    if line.terms.no_data == NoData::Removed && !timeline.unknown.is_empty() {
        return refuse("unknown time");
    }
    if line.terms.partial_period == PartialPeriod::Prorate && frame.live != frame.hours {
        return refuse("inactive time");
    }
    Ok(())
}
