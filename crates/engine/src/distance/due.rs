//! What would be due at counts that nobody has measured.

use super::Counted;
use crate::attainment::Attainment;
use crate::case::{Case, Line};
use crate::measures::Measured;
use crate::money::{Money, money_from_minor};
use crate::outcome::{Owed, supposed};
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::window::Span;
use num_bigint::BigInt;
use num_rational::BigRational;

/// A line, judged and paid.
pub(super) struct Due {
    pub(super) attainment: BigRational,
    pub(super) met: bool,
    pub(super) internal_met: Option<bool>,
    /// The line's own credit.
    pub(super) credit: Money,
}

/// What would be due of a line at these counts; with nothing counted it is wholly good.
pub(super) fn of_line(
    case: &Case,
    index: usize,
    line: &Line,
    span: &Span,
    counted: &Counted,
) -> Result<Due, Refusal> {
    let total = Quantity::Exact(counted.total.clone());
    let bad = Quantity::Exact(counted.bad.clone());
    let attainment = Attainment::of(&total, &bad).unwrap_or(Attainment::ONE);
    let exact = attainment.exact();
    let measured = Measured { attainment: Ok(attainment), total, bad, excused: Quantity::ZERO };
    let (judged, minor) = supposed(line, span, &measured, case.contract.currency);
    Ok(Due {
        attainment: exact,
        met: judged.met.unwrap_or_default(),
        internal_met: judged.internal_met,
        credit: money(&minor, case, &format!("lines[{index}].fee"))?,
    })
}

/// What the contract would owe where these are its lines' credits.
pub(super) fn of_contract(case: &Case, credits: &[Money]) -> Result<Money, Refusal> {
    let minors: Vec<BigInt> = credits.iter().map(|credit| credit.minor().into()).collect();
    let owed = Owed::of(case, &minors.iter().collect::<Vec<_>>());
    money(&owed.minor, case, "lines")
}

/// Minor units of the contract's currency.
pub(super) fn money(minor: &BigInt, case: &Case, path: &str) -> Result<Money, Refusal> {
    money_from_minor(minor, case.contract.currency)
        .map_err(|error| Refusal::new(path, error.to_string()))
}
