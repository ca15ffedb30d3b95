//! `uptime`: the share of counted time not lost to outages.

use super::{Measured, Uptime};
use crate::case::Line;
use crate::evidence::Outage;
use crate::exclusions::Excused;
use crate::fraction::whole;
use crate::frame::{Frame, Unmeasured};
use crate::interval::Intervals;
use crate::refusal::Refusal;
use crate::terms::{NoData, PartialPeriod};
use num_rational::BigRational;
use num_traits::{One, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// Time of one impact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// First second, since 1970.
    pub from: i64,
    /// End, exclusive.
    pub to: i64,
    /// How much was down: more than 0, at most 1.
    pub impact: BigRational,
    /// Whether it is bad because nobody measured, not because it was down.
    pub unknown: bool,
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
    let values: BTreeSet<BigRational> = outages.iter().map(|o| o.impact.ratio()).collect();
    let values: Vec<BigRational> = values.into_iter().collect();
    let mut edges: Vec<(i64, bool, usize)> = Vec::with_capacity(outages.len() * 2);
    for outage in outages {
        let (from, to) = (outage.from.timestamp(), outage.to.timestamp());
        if from < to {
            let rank = match values.as_slice() {
                [_] => 0,
                many => many.binary_search(&outage.impact.ratio()).unwrap_or_default(),
            };
            edges.push((from, true, rank));
            edges.push((to, false, rank));
        }
    }
    edges.sort_unstable();
    let mut open: BTreeMap<usize, usize> = BTreeMap::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    for (time, opens, rank) in edges {
        if let (true, Some((largest, _))) = (at < time, open.last_key_value()) {
            push(&mut pieces, at, time, &values[*largest]);
        }
        at = time;
        if opens {
            *open.entry(rank).or_default() += 1;
        } else if let Some(count) = open.get_mut(&rank) {
            *count -= 1;
            if *count == 0 {
                open.remove(&rank);
            }
        }
    }
    pieces
}

fn push(pieces: &mut Vec<Piece>, from: i64, to: i64, impact: &BigRational) {
    match pieces.last_mut() {
        Some(last) if last.to == from && last.impact == *impact => last.to = to,
        _ => pieces.push(Piece { from, to, impact: impact.clone(), unknown: false }),
    }
}

/// Seconds of these pieces, weighted by impact.
pub(crate) fn weighted(pieces: &[Piece]) -> BigRational {
    let mut by_impact: BTreeMap<&BigRational, i64> = BTreeMap::new();
    for piece in pieces {
        *by_impact.entry(&piece.impact).or_default() += piece.to - piece.from;
    }
    let parts = by_impact.into_iter();
    parts.map(|(impact, seconds)| impact * num_bigint::BigInt::from(seconds)).sum()
}

/// Measures an `uptime` line.
pub(crate) fn measure(
    uptime: &Uptime,
    line: &Line,
    frame: &Frame,
    excused: &Excused,
    path: &str,
) -> Result<(Measured, Timeline), Refusal> {
    let timeline = timeline(uptime, line, frame, excused);
    check_fixed_total(line, frame, &timeline, path)?;
    let counted = timeline.counted.size();
    if counted == 0 {
        let all = excused.all().intersect(&frame.live).size();
        return Ok((Measured::none(Unmeasured::Nothing, whole(all)), timeline));
    }
    let fixed = line.terms.window.counted_as.as_ref().map(|fixed| fixed.signed_seconds());
    let total = whole(fixed.unwrap_or(counted));
    let bad = weighted(&timeline.bad);
    let attainment = ((&total - &bad) / &total).max(BigRational::zero());
    let excused = whole(excused.all().intersect(&frame.live).size());
    Ok((Measured { attainment: Ok(attainment), total, bad, excused }, timeline))
}

fn timeline(uptime: &Uptime, line: &Line, frame: &Frame, excused: &Excused) -> Timeline {
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
                impact: BigRational::one(),
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
    path: &str,
) -> Result<(), Refusal> {
    if line.terms.window.counted_as.is_none() {
        return Ok(());
    }
    let refuse = |what: &str| {
        let message = format!("a fixed total can't stand with {what} that would be removed");
        Err(Refusal::new(format!("{path}.terms.window.counted_as"), message))
    };
    if line.terms.no_data == NoData::Removed && !timeline.unknown.is_empty() {
        return refuse("unknown time");
    }
    if line.terms.partial_period == PartialPeriod::Prorate && frame.live != frame.hours {
        return refuse("inactive time");
    }
    Ok(())
}
