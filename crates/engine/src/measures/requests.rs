//! `requests`: good events over all events in the window.

use super::grid::Grid;
use super::slots::events;
use super::{Idle, Measured, Requests};
use crate::evidence::Totals;
use crate::fraction::whole;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// Measures a line of `requests` from slots. Events of excused slots that count as up, and of
/// inactive time that counts as up, are good.
pub(crate) fn measure(terms: &Requests, grid: &Grid) -> Measured {
    let (total, bad) = events(&grid.runs, &grid.rest);
    let (up, _) = events(&grid.runs, &grid.up);
    let (inactive, _) = events(&grid.runs, &grid.inactive_up);
    let (removed, _) = events(&grid.runs, &grid.removed);
    share(terms, total + &up + inactive, bad, removed + up)
}

/// Measures a line of `requests` from totals.
pub(crate) fn measure_totals(terms: &Requests, totals: Totals) -> Measured {
    share(terms, totals.requests.into(), totals.errors.into(), BigInt::zero())
}

fn share(terms: &Requests, total: BigInt, bad: BigInt, excused: BigInt) -> Measured {
    let mut measured = Measured::share(whole(total), whole(bad), whole(excused));
    if terms.idle == Idle::Good && measured.total.is_zero() {
        measured.attainment = Ok(BigRational::one());
    }
    measured
}
