//! Several parts of a service as one: what a line with a scope is measured by.
//!
//! Slots are added up, instant by instant; a slot that any of the parts lacks is unknown, for the sum
//! is (law 3). Down is who is down anywhere; unknown is who is unknown anywhere and known to be down
//! nowhere. A part is missed from its first slot or probe on, not before it was there; one of which outages
//! and gaps alone are told is watched from the first of them on.

use super::{Spans, merged, outages, told_unknown};
use crate::{
    book::{Observed, part::BookPart},
    ingest::{Recorded, Stretch, laid::Laid, slots::Run},
};
use makegood_domain::{Code, Problem};
use makegood_engine::{
    Evidence,
    decimal::Decimal,
    measures::{Comparison, Measure},
};

/// A part's slots in a window.
struct Row {
    since: i64,
    stretches: Vec<Stretch>,
    /// The first that is not over.
    next: usize,
}

impl Row {
    fn of(one: &BookPart, (from, to): (i64, i64)) -> Self {
        let meets = |one: &&Recorded| one.stretch.start < to && one.stretch.end() > from;
        let laid = Laid::of(one.observed.slots.iter().filter(meets));
        let since = one.part.since.unwrap_or(i64::MAX);
        Self { since, stretches: laid.within((from, to)).collect(), next: 0 }
    }

    /// Leaves behind what is over; `at` never goes back.
    fn go_to(&mut self, at: i64) {
        while self.stretches.get(self.next).is_some_and(|stretch| stretch.end() <= at) {
            self.next += 1;
        }
    }

    /// What it says of the instant that it has gone to.
    fn at(&self, at: i64) -> Option<&Stretch> {
        self.stretches.get(self.next).filter(|stretch| stretch.start <= at)
    }

    /// When next it may say something else.
    fn changes_after(&self, at: i64) -> i64 {
        let stretch = self.stretches.get(self.next).map_or(i64::MAX, |stretch| {
            if stretch.start > at { stretch.start } else { stretch.end() }
        });
        if self.since > at { stretch.min(self.since) } else { stretch }
    }
}

/// The sum of the parts' slots in a window, where all parts that are there by then were seen.
pub(super) fn slots(
    parts: &[&BookPart],
    (from, to): (i64, i64),
    measure: &Measure,
) -> Result<Vec<Stretch>, Problem> {
    let mut rows: Vec<Row> = parts.iter().map(|one| Row::of(one, (from, to))).collect();
    let (mut at, mut sum) = (from, Vec::new());
    while at < to {
        rows.iter_mut().for_each(|row| row.go_to(at));
        let mut there: Vec<&Stretch> = Vec::with_capacity(rows.len());
        let mut missed = false;
        for row in &rows {
            match row.at(at) {
                Some(stretch) if stretch.run.is_blank() => missed = true,
                Some(stretch) => there.push(stretch),
                None => missed |= row.since <= at,
            }
        }
        let until = rows.iter().map(|row| row.changes_after(at)).min().unwrap_or(to).min(to);
        let grid = there.first().map(|first| first.slot);
        let fits = |one: &&Stretch| Some(one.slot) == grid && (at - one.start) % one.slot == 0;
        let slot = grid.filter(|_| !missed && there.iter().all(fits));
        let whole = slot.map(|slot| (slot, (until - at) / slot)).filter(|(_, count)| *count > 0);
        let Some((slot, count)) = whole else {
            at = until.max(at + 1);
            continue;
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let run = Run { count, ..added(&there, measure)? };
        let stretch = Stretch { start: at, slot, run };
        at = stretch.end();
        sum.push(stretch);
    }
    Ok(sum)
}

/// What slots of one time come to. Counts add up; of values the worst counts, for an average of
/// averages would be none.
fn added(there: &[&Stretch], measure: &Measure) -> Result<Run, Problem> {
    let sum = |of: fn(&Run) -> Option<u64>| -> Result<Option<u64>, Problem> {
        let Some(all) = there.iter().map(|one| of(&one.run)).collect::<Option<Vec<u64>>>() else {
            return Ok(None);
        };
        let sum = all.into_iter().try_fold(0_u64, u64::checked_add);
        let large = || Problem::new(Code::CaseInvalid, "the counts of one slot exceed 64 bits");
        sum.map(Some).ok_or_else(large)
    };
    let least = matches!(measure, Measure::Slots(own)
        if matches!(own.bad_when.is, Comparison::Less | Comparison::LessOrEqual));
    let mut worst: Option<(Decimal, &str)> = None;
    let mut all = true;
    for one in there {
        let Some(text) = one.run.value.as_deref() else {
            all = false;
            continue;
        };
        let value = Decimal::parse_signed(text).map_err(|why| Problem::new(Code::Internal, why))?;
        let worse = worst.as_ref().is_none_or(|(held, _)| {
            if least { value.ratio() < held.ratio() } else { value.ratio() > held.ratio() }
        });
        if worse {
            worst = Some((value, text));
        }
    }
    let value = worst.filter(|_| all).map(|(_, text)| text.to_owned());
    Ok(Run { count: 1, requests: sum(|run| run.requests)?, errors: sum(|run| run.errors)?, value })
}

/// The outages of all parts, and what nobody knows of them. What is told of the service as a whole is
/// told of each part.
pub(super) fn downtime(
    parts: &[&BookPart],
    whole: &Observed,
    (from, to): (i64, i64),
    wide: (i64, i64),
    evidence: &mut Evidence,
) -> Result<(Spans, Spans), Problem> {
    let (mut unclear, mut down) = (Vec::new(), Vec::new());
    let mut begun = to;
    for one in parts {
        let since = one.watched_since().unwrap_or(to).clamp(from, to);
        begun = begun.min(since);
        let own = merged(told_unknown(&one.observed, (since, to)));
        down.extend(told_down(&one.observed, wide, &own, evidence)?);
        unclear.extend(own);
        if let Some(spans) = &one.observed.probes {
            // Before its first probe its source's word is what there is, as of a service as a whole.
            let probed = one.part.since.unwrap_or(to).clamp(since, to);
            unclear.push((one.observed.watched_until.clamp(since, probed), probed));
            unclear.extend(spans.unknown_in((probed, to)));
        }
        // An outage that is told of later time is known all the same.
        unclear.push((one.watched_until().clamp(since, to), to));
    }
    let own = merged(told_unknown(whole, (from, to)));
    down.extend(told_down(whole, wide, &own, evidence)?);
    unclear.extend(own);
    // Before the first of them nobody watched at all.
    unclear.push((from, begun));
    evidence.outages.sort_by_key(|outage| (outage.from, outage.to));
    Ok((unclear, merged(down)))
}

/// Adds the outages of one to the evidence; gives when it was wholly down and seen to be.
fn told_down(
    observed: &Observed,
    span: (i64, i64),
    unclear: &[(i64, i64)],
    evidence: &mut Evidence,
) -> Result<Spans, Problem> {
    let mut told = Evidence::default();
    outages(observed, span, &mut told)?;
    // Who is down in part may be down wholly where nobody looked.
    let wholly = Decimal::from_integer(1);
    let spans = told.outages.iter().filter(|one| one.impact.compare(&wholly).is_eq());
    let spans = spans.map(|outage| (outage.from.timestamp(), outage.to.timestamp()));
    let down = without(merged(spans.collect()), unclear);
    evidence.outages.extend(told.outages);
    Ok(down)
}

/// What of some spans lies in none of the others; both in order, and apart.
pub(super) fn without(spans: Spans, others: &[(i64, i64)]) -> Spans {
    let mut left = Vec::new();
    for (from, to) in spans {
        let mut at = from;
        for (a, b) in others.iter().filter(|(a, b)| *a < to && *b > from) {
            left.push((at, *a));
            at = at.max(*b);
        }
        left.push((at, to));
    }
    left.retain(|(from, to)| from < to);
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_is_taken_out_whole() {
        let left = without(vec![(0, 10), (20, 30), (40, 50)], &[(2, 4), (8, 22), (35, 60)]);
        assert_eq!(left, [(0, 2), (4, 8), (22, 30)]);
    }
}
