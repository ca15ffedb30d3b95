//! What would be due at counts that nobody has measured.

use super::Counted;
use crate::case::{Case, Line};
use crate::fraction::whole;
use crate::money::{Money, money_from_minor};
use crate::outcome::{Owed, supposed};
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
    let measured = counted.measured();
    let (judged, minor) = supposed(line, span, &measured, case.contract.currency);
    let attainment = measured.attainment.map_or_else(|_| whole(1), |share| share.exact());
    Ok(Due {
        attainment,
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
