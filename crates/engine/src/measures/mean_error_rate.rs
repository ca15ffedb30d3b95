//! `mean_error_rate`: 1 less the mean over all counted slots of each slot's own error rate.

use super::grid::Grid;
use super::{Idle, MeanErrorRate, Measured};
use crate::fraction::whole;
use crate::refusal::Refusal;
use crate::terms::NoData;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use std::collections::BTreeMap;

/// The exact mean has a denominator of up to this many bits (some 300,000 digits); beyond that a
/// computation would take minutes, and no reader could check it by hand.
const DENOMINATOR_BITS: u64 = 1_000_000;

/// Measures a line of `mean_error_rate` at `path`.
pub(crate) fn measure(
    terms: &MeanErrorRate,
    no_data: NoData,
    grid: &Grid,
    path: &str,
) -> Result<Measured, Refusal> {
    let mut counted = grid.rest.size() + grid.up.size() + grid.inactive_up.size();
    // Errors by their denominator: most slots share one, and big fractions are added last.
    let mut errors: BTreeMap<u128, BigInt> = BTreeMap::new();
    for run in &grid.runs {
        let count = Grid::count(run, &grid.rest);
        match run.slots.requests.unwrap_or_default() {
            0 if terms.idle == Idle::Removed => counted -= count,
            0 => {}
            requests => {
                let bad = run.slots.errors.unwrap_or_default();
                if bad > 0 && count > 0 {
                    *errors.entry(requests).or_default() += BigInt::from(bad) * count;
                }
            }
        }
    }
    let bits: u64 = errors.keys().map(|requests| u64::from(requests.ilog2()) + 1).sum();
    if bits > DENOMINATOR_BITS {
        let message = "the slots have so many different numbers of requests that the exact mean \
            of their error rates grows too large; take longer slots";
        return Err(Refusal::new(format!("{path}.evidence.slots"), message));
    }
    let rates = errors.into_iter();
    let mut rates: Vec<BigRational> =
        rates.map(|(requests, errors)| BigRational::new(errors, requests.into())).collect();
    let unknown = grid.unknown.size();
    match no_data {
        NoData::Removed => counted -= unknown,
        NoData::Up => {}
        NoData::Down => rates.push(whole(unknown)),
    }
    Ok(Measured::share(whole(counted), sum(&rates), whole(grid.excused())))
}

/// The sum, by halves: denominators stay as small as they can for as long as they can.
fn sum(rates: &[BigRational]) -> BigRational {
    match rates {
        [] => BigRational::zero(),
        [one] => one.clone(),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            sum(left) + sum(right)
        }
    }
}
