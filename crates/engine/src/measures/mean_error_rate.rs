//! `mean_error_rate`: 1 less the mean over all counted slots of each slot's own error rate.

use super::grid::Grid;
use super::{Idle, MeanErrorRate, Measured};
use crate::fraction::whole;
use crate::terms::NoData;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use std::collections::BTreeMap;

/// Measures a line of `mean_error_rate`.
pub(crate) fn measure(terms: &MeanErrorRate, no_data: NoData, grid: &Grid) -> Measured {
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
    let rates = errors.into_iter();
    let mut rates: Vec<BigRational> =
        rates.map(|(requests, errors)| BigRational::new(errors, requests.into())).collect();
    let unknown = grid.unknown.size();
    match no_data {
        NoData::Removed => counted -= unknown,
        NoData::Up => {}
        NoData::Down => rates.push(whole(unknown)),
    }
    Measured::share(whole(counted), sum(&rates), whole(grid.excused()))
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
