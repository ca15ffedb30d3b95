//! `requests`: good events over all events in the window.

use super::grid::{Grid, Part};
use super::{Idle, Measured, Requests};
use crate::attainment::Attainment;
use crate::evidence::Totals;
use crate::evidence::slots::Column;
use crate::interval::Intervals;
use crate::quantity::Quantity;
use num_bigint::BigInt;

/// Measures a line of `requests` from slots. Events of excused slots that count as up, and of
/// inactive time that counts as up, are good.
pub(crate) fn measure<'a>(terms: &Requests, grid: &Grid<'a>) -> Measured<'a> {
    let requests = |set: &Intervals| events(grid.slots.requests(), &grid.parts(set));
    let rest = grid.parts(&grid.rest);
    let bad = events(grid.slots.errors(), &rest);
    let up = requests(&grid.up);
    let total = events(grid.slots.requests(), &rest).plus(&up).plus(&requests(&grid.inactive_up));
    share(terms, total, bad, requests(&grid.removed).plus(&up))
}

/// Measures a line of `requests` from totals.
pub(crate) fn measure_totals<'a>(terms: &Requests, totals: Totals) -> Measured<'a> {
    let (total, bad) = (Quantity::Whole(totals.requests), Quantity::Whole(totals.errors));
    share(terms, total, bad, Quantity::ZERO)
}

fn share<'a>(
    terms: &Requests,
    total: Quantity<'a>,
    bad: Quantity<'a>,
    excused: Quantity<'a>,
) -> Measured<'a> {
    let mut measured = Measured::share(total, bad, excused);
    if terms.idle == Idle::Good && measured.total.is_zero() {
        measured.attainment = Ok(Attainment::ONE);
    }
    measured
}

/// How many events these slots hold.
fn events<'a>(column: &Column, parts: &[Part]) -> Quantity<'a> {
    let small = parts.iter().try_fold(0_u128, |sum, part| {
        let of_part = match column.narrow(part.entries.clone()) {
            Some(numbers) => numbers.iter().map(|number| u64::from(*number)).sum::<u64>().into(),
            None => part
                .entries
                .clone()
                .try_fold(0_u128, |sum, at| sum.checked_add(column.number(at)))?,
        };
        sum.checked_add(of_part.checked_mul(part.times.into())?)
    });
    if let Some(sum) = small {
        return Quantity::Whole(sum);
    }
    let of_part = |part: &Part| -> BigInt {
        let numbers = part.entries.clone().map(|at| BigInt::from(column.number(at)));
        numbers.sum::<BigInt>() * part.times
    };
    Quantity::of_whole(parts.iter().map(of_part).sum())
}
