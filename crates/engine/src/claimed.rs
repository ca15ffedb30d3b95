//! What a customer's own log of outages says, laid beside what was measured: what both call down, what
//! is disputed, and what it would come to if the log were right.

use crate::case::{Case, Line};
use crate::evidence::{Outage, Unknown};
use crate::exclusions;
use crate::frame::Frame;
use crate::instant::from_seconds;
use crate::interval::Intervals;
use crate::measures::Measure;
use crate::measures::uptime::{self, Timeline};
use crate::outcome::{Outcome, outcome};
use crate::refusal::Refusal;

/// A log beside a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// One for each line of the case; `None`: it counts no outages (slots, requests), or is not
    /// measured in this window.
    pub lines: Vec<Option<Parts>>,
    /// What the case would come to if all that is disputed or was not observed had been down.
    pub if_right: Outcome,
}

/// The log's time, each second in one part; and what it leaves out. Seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// Both call it down, and it counts (at an outage's own impact).
    pub agreed: Intervals,
    /// Measured as up.
    pub disputed: Intervals,
    /// Excused by an exclusion that was admitted.
    pub excused: Intervals,
    /// Part of an outage that is too short to count.
    pub too_short: Intervals,
    /// Nobody measured it, and it does not count as down.
    pub unobserved: Intervals,
    /// Outside of the window, the contract or the service hours.
    pub outside: Intervals,
    /// Counted as down, and not in the log.
    pub not_in_log: Intervals,
}

/// Lays a log beside a case.
///
/// # Errors
/// As [`compute`](crate::compute::compute).
pub fn claimed(case: &Case, log: &Intervals) -> Result<Claimed, Refusal> {
    let mut right = case.clone();
    let mut lines = Vec::with_capacity(case.lines.len());
    for (line, amended) in case.lines.iter().zip(&mut right.lines) {
        let parts = parts(line, &case.period, log)?;
        if let Some(parts) = &parts {
            amend(amended, &parts.disputed.union(&parts.unobserved));
        }
        lines.push(parts);
    }
    Ok(Claimed { lines, if_right: outcome(&right)? })
}

fn parts(line: &Line, period: &str, log: &Intervals) -> Result<Option<Parts>, Refusal> {
    let Measure::Uptime(terms) = &line.terms.measure else { return Ok(None) };
    let frame = Frame::of(line, period)?;
    if frame.unmeasured.is_some() {
        return Ok(None);
    }
    let excused = exclusions::excused(line, &frame);
    let Timeline { pieces, short, bad, unknown, .. } =
        uptime::timeline(terms, line, &frame, &excused);
    let excused = excused.all();
    let rest = frame.live.without(&excused);
    // Where nobody measured, the terms may call it down; whole minutes are the arithmetic's matter.
    let unseen = bad.iter().filter(|piece| piece.unknown).map(|piece| (piece.from, piece.to));
    let seen = pieces.iter().map(|piece| (piece.from, piece.to));
    let seen = Intervals::merge(seen).without(&short).without(&unknown);
    let down = seen.union(&Intervals::merge(unseen)).intersect(&rest);
    let asked = log.intersect(&rest);
    let short = asked.intersect(&short).without(&down);
    let unobserved = asked.intersect(&unknown).without(&down).without(&short);
    Ok(Some(Parts {
        agreed: asked.intersect(&down),
        disputed: asked.without(&down).without(&short).without(&unobserved),
        excused: log.intersect(&frame.live).intersect(&excused),
        outside: log.without(&frame.live),
        not_in_log: down.without(log),
        too_short: short,
        unobserved,
    }))
}

/// The line as if these seconds had been measured as down.
fn amend(line: &mut Line, down: &Intervals) {
    let evidence = &mut line.evidence;
    let outage = |(from, to): &(i64, i64)| Outage::new(from_seconds(*from), from_seconds(*to));
    evidence.outages.extend(down.as_slice().iter().map(outage));
    let unknown = evidence.unknown.iter().map(|one| (one.from.timestamp(), one.to.timestamp()));
    let unknown = Intervals::merge(unknown).without(down);
    let stretch =
        |(from, to): &(i64, i64)| Unknown { from: from_seconds(*from), to: from_seconds(*to) };
    evidence.unknown = unknown.as_slice().iter().map(stretch).collect();
}
