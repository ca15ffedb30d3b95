//! `slots`: the share of time slots that were good.

use super::grid::{Grid, Run};
use super::{BadWhen, Idle, Measured, Metric, SlotsMeasure};
use crate::evidence::Slots;
use crate::fraction::whole;
use crate::interval::Intervals;
use crate::terms::NoData;
use num_bigint::BigInt;

/// Measures a line of `slots`.
pub(crate) fn measure(terms: &SlotsMeasure, no_data: NoData, grid: &Grid) -> Measured {
    let judge = Judge::of(&terms.bad_when);
    let bad = grid.runs.iter().filter(|run| is_bad(terms, &judge, run.slots));
    let bad = Intervals::merge(bad.map(|run| (run.from, run.to)));
    let least = terms.min_run.map_or(1, |run| i64::try_from(run).unwrap_or(i64::MAX));
    let long = bad.as_slice().iter().filter(|(from, to)| to - from >= least).copied();
    let bad = Intervals::merge(long).intersect(&grid.rest).size();
    let mut counted = grid.rest.size() + grid.up.size() + grid.inactive_up.size();
    if terms.idle == Idle::Removed {
        let idle = grid.runs.iter().filter(|run| run.slots.requests == Some(0));
        counted -= idle.map(|run| Grid::count(run, &grid.rest)).sum::<i64>();
    }
    let unknown = grid.unknown.size();
    let (counted, bad) = match no_data {
        NoData::Removed => (counted - unknown, bad),
        NoData::Up => (counted, bad),
        NoData::Down => (counted, bad + unknown),
    };
    Measured::share(whole(counted), whole(bad), whole(grid.excused()))
}

/// Whether each slot of such an entry is bad, whatever `min_run` says.
fn is_bad(terms: &SlotsMeasure, judge: &Judge, slots: &Slots) -> bool {
    let requests = slots.requests.unwrap_or_default();
    if terms.min_requests.is_some_and(|least| requests < least) {
        return false;
    }
    match terms.bad_when.metric {
        Metric::ErrorPercent if requests == 0 => false,
        _ => judge.holds(terms, slots),
    }
}

/// The bound, taken apart once for all slots.
struct Judge {
    numerator: BigInt,
    denominator: BigInt,
    /// Both as 64-bit numbers, where they and their products with usual counts fit.
    small: Option<(i128, i128)>,
}

impl Judge {
    fn of(bad_when: &BadWhen) -> Self {
        let than = bad_when.than.ratio();
        let small = |part: &BigInt| i64::try_from(part).ok().map(i128::from);
        let pair = small(than.numer()).zip(small(than.denom()));
        Self { numerator: than.numer().clone(), denominator: than.denom().clone(), small: pair }
    }

    fn holds(&self, terms: &SlotsMeasure, slots: &Slots) -> bool {
        let order = match terms.bad_when.metric {
            Metric::Value => {
                let value = slots.value.as_ref().map(crate::decimal::Decimal::ratio);
                let value = value.unwrap_or_default();
                (value.numer() * &self.denominator).cmp(&(&self.numerator * value.denom()))
            }
            // errors × 100 / requests against the bound, without dividing.
            Metric::ErrorPercent => self.error_percent(slots),
        };
        terms.bad_when.is.holds(order)
    }

    fn error_percent(&self, slots: &Slots) -> std::cmp::Ordering {
        let (requests, errors) =
            (slots.requests.unwrap_or_default(), slots.errors.unwrap_or_default());
        let small = |count: u128| i64::try_from(count).ok().map(i128::from);
        if let (Some((numerator, denominator)), Some(requests), Some(errors)) =
            (self.small, small(requests), small(errors))
        {
            let left = (errors * 100).checked_mul(denominator);
            if let (Some(left), Some(right)) = (left, requests.checked_mul(numerator)) {
                return left.cmp(&right);
            }
        }
        let left: BigInt = BigInt::from(errors) * 100 * &self.denominator;
        left.cmp(&(BigInt::from(requests) * &self.numerator))
    }
}

/// How many events a set of slots holds: requests and errors.
pub(crate) fn events(runs: &[Run], set: &Intervals) -> (BigInt, BigInt) {
    let mut sums = (BigInt::default(), BigInt::default());
    for run in runs {
        let count = Grid::count(run, set);
        if count > 0 {
            sums.0 += BigInt::from(run.slots.requests.unwrap_or_default()) * count;
            sums.1 += BigInt::from(run.slots.errors.unwrap_or_default()) * count;
        }
    }
    sums
}
