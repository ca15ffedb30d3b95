//! `slots`: the share of time slots that were good.

use super::grid::{Grid, Part};
use super::{BadWhen, Comparison, Idle, Measured, Metric, SlotsMeasure, count};
use crate::attainment::cmp_share;
use crate::evidence::Slots;
use crate::fraction::compare;
use crate::interval::Intervals;
use crate::quantity::Quantity;
use crate::terms::NoData;
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// Measures a line of `slots`.
pub(crate) fn measure<'a>(terms: &SlotsMeasure, no_data: NoData, grid: &Grid<'a>) -> Measured<'a> {
    let judge = Judge::of(terms, grid.slots);
    let rest = grid.parts(&grid.rest);
    let bad = match terms.min_run {
        Some(least) if least > 1 => long_runs(&judge, grid, least).intersect(&grid.rest).count(),
        _ => rest.iter().map(|part| judge.bad(part)).sum(),
    };
    let mut counted = grid.counted();
    if terms.idle == Idle::Removed {
        counted -= rest.iter().map(|part| judge.idle(part)).sum::<u64>();
    }
    let unknown = grid.unknown.count();
    let (counted, bad) = match no_data {
        NoData::Removed => (counted - unknown, bad),
        NoData::Up => (counted, bad),
        NoData::Down => (counted, bad + unknown),
    };
    let whole = |slots: u64| Quantity::Whole(slots.into());
    Measured::share(whole(counted), whole(bad), whole(grid.excused()))
}

/// Bad slots in runs of at least so many, over all the window's slots.
fn long_runs(judge: &Judge, grid: &Grid, least: u64) -> Intervals {
    let mut bad: Vec<(i64, i64)> = Vec::new();
    for part in grid.all() {
        let mut at = part.from;
        for entry in part.entries.clone() {
            let end = at.saturating_add_unsigned(part.times);
            if judge.is_bad(entry) {
                bad.push((at, end));
            }
            at = end;
        }
    }
    let runs = Intervals::merge(bad);
    let long = runs.as_slice().iter().filter(|(from, to)| to.abs_diff(*from) >= least);
    Intervals::merge(long.copied())
}

/// Whether slots are bad: the bound taken apart once for all of them.
struct Judge<'a> {
    slots: &'a Slots,
    bad_when: &'a BadWhen,
    bound: &'a BigRational,
    /// With fewer requests than this a slot is never bad.
    least: u128,
    /// Whether a slot without requests is idle.
    of_errors: bool,
}

impl<'a> Judge<'a> {
    fn of(terms: &'a SlotsMeasure, slots: &'a Slots) -> Self {
        let of_errors = terms.bad_when.metric == Metric::ErrorPercent;
        Self {
            slots,
            bad_when: &terms.bad_when,
            bound: terms.bad_when.than.value(),
            // Without a request there is no share of errors.
            least: terms.min_requests.unwrap_or_default().max(u128::from(of_errors)),
            of_errors,
        }
    }

    /// How many of these are bad.
    fn bad(&self, part: &Part) -> u64 {
        let one_by_one = || part.entries.clone().filter(|at| self.is_bad(*at)).count() as u64;
        part.times * self.quickly(part).unwrap_or_else(one_by_one)
    }

    /// How many entries of the part are bad, where small numbers decide.
    fn quickly(&self, part: &Part) -> Option<u64> {
        if self.bad_when.metric == Metric::Value {
            return None;
        }
        let requests = self.slots.requests().narrow(part.entries.clone())?;
        let errors = self.slots.errors().narrow(part.entries.clone())?;
        let (top, bottom) = (self.bound.numer().to_u32()?, self.bound.denom().to_u32()?);
        let bottom = bottom.checked_mul(100)?;
        let Ok(least) = u32::try_from(self.least) else { return Some(0) };
        // 32 bits times 32 bits: no product of the loop overflows.
        let product = |a: u32, b: u32| u64::from(a) * u64::from(b);
        let pairs = || {
            let pairs = requests.iter().zip(errors);
            pairs.map(|(r, e)| (*r >= least, product(*e, bottom), product(*r, top)))
        };
        Some(match self.bad_when.is {
            Comparison::Greater => tally(pairs().map(|(enough, a, b)| enough & (a > b))),
            Comparison::GreaterOrEqual => tally(pairs().map(|(enough, a, b)| enough & (a >= b))),
            Comparison::Less => tally(pairs().map(|(enough, a, b)| enough & (a < b))),
            Comparison::LessOrEqual => tally(pairs().map(|(enough, a, b)| enough & (a <= b))),
        })
    }

    /// Whether each slot of this entry is bad, whatever `min_run` says.
    fn is_bad(&self, at: usize) -> bool {
        let requests = self.slots.requests().number(at);
        if requests < self.least {
            return false;
        }
        let order = match self.bad_when.metric {
            Metric::Value => self.slots.value(at).map_or_else(
                || compare(&BigRational::default(), self.bound),
                |value| compare(value.value(), self.bound),
            ),
            Metric::ErrorPercent => cmp_share(self.slots.errors().number(at), requests, self.bound),
        };
        self.bad_when.is.holds(order)
    }

    /// How many of these have no request.
    fn idle(&self, part: &Part) -> u64 {
        if !self.of_errors {
            return 0;
        }
        let entries = part.entries.clone();
        part.times
            * match self.slots.requests().narrow(entries.clone()) {
                Some(requests) => count(requests, |requests| requests == 0),
                None => tally(entries.map(|at| self.slots.requests().number(at) == 0)),
            }
    }
}

/// How many of these hold.
fn tally(marks: impl Iterator<Item = bool>) -> u64 {
    marks.map(u64::from).sum()
}
