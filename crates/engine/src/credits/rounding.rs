//! Rounding to the currency's minor unit, and the least amount that is due.

use super::Credit;
use crate::fraction::written;
use crate::money::{Currency, Rounding};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

/// An exact amount as whole minor units.
#[must_use]
pub fn to_minor(amount: &BigRational, rounding: Rounding, currency: Currency) -> BigInt {
    rounding.scaled(amount, u32::from(currency.minor_digits()))
}

/// Minor units as decimal text with the currency's decimals.
#[must_use]
pub fn to_text(minor: &BigInt, currency: Currency) -> String {
    written(minor, u32::from(currency.minor_digits()))
}

/// Minor units as a rational amount.
pub(crate) fn to_amount(minor: &BigInt, currency: Currency) -> BigRational {
    BigRational::new(minor.clone(), BigInt::from(10).pow(u32::from(currency.minor_digits())))
}

/// Rounds a line's credit; what is not larger than `minimum_over` is not due.
pub(crate) fn round(credit: &Credit, amount: &BigRational, currency: Currency) -> (BigInt, bool) {
    let minor = to_minor(amount, credit.rounding, currency);
    let least = credit.minimum_over.as_ref().map(crate::decimal::Decimal::ratio);
    let too_small = least.is_some_and(|least| to_amount(&minor, currency) <= least);
    if too_small { (BigInt::zero(), !minor.is_zero()) } else { (minor, false) }
}
