//! Exact fractions, and how they are written: nothing that is shown looks better than it is.

use crate::money::Rounding;
use dashu_int::UBig;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use std::cmp::Ordering;
use std::fmt;

/// An exact fraction in lowest terms, of whatever size it needs. Its text is `2591741/2592000`,
/// without a denominator where that is 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fraction(BigRational);

impl Fraction {
    /// A fraction of this value.
    #[must_use]
    pub fn new(ratio: BigRational) -> Self {
        Self(ratio)
    }

    /// A whole number.
    #[must_use]
    pub fn whole(value: impl Into<BigInt>) -> Self {
        Self(BigRational::from_integer(value.into()))
    }

    /// Its value.
    #[must_use]
    pub fn ratio(&self) -> &BigRational {
        &self.0
    }

    /// Reads `3/4`, `0.75` or `1`; any of them may be negative.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let whole = |text: &str| -> Option<BigInt> { text.parse().ok() };
        if let Some((top, bottom)) = text.split_once('/') {
            let bottom = whole(bottom).filter(|bottom| bottom.is_positive())?;
            return Some(Self(BigRational::new(whole(top)?, bottom)));
        }
        crate::decimal::Decimal::parse_signed(text).ok().map(|decimal| decimal.fraction())
    }

    /// Times 100, cut off (never rounded up) after six decimals, all six written: `99.990007`.
    #[must_use]
    pub fn percent(&self) -> String {
        written(&Rounding::Floor.scaled(&self.0, 8), 6)
    }

    /// A decimal without trailing zeros where it ends, else the fraction: `26956.8`, `1/3`.
    #[must_use]
    pub fn decimal_or_fraction(&self) -> String {
        ending_decimal(&self.0).unwrap_or_else(|| self.to_string())
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digits(self.0.numer()))?;
        if self.0.is_integer() {
            return Ok(());
        }
        write!(f, "/{}", digits(self.0.denom()))
    }
}

/// An integer as text. Beyond some thousand digits a way that takes less than the square of their
/// number pays.
fn digits(number: &BigInt) -> String {
    if number.bits() < 10_000 {
        return number.to_string();
    }
    let sign = if number.is_negative() { "-" } else { "" };
    let (_, bytes) = number.to_bytes_le();
    format!("{sign}{}", UBig::from_le_bytes(&bytes))
}

/// `value` with exactly so many decimals, rounded towards negative infinity: never flattering.
#[must_use]
pub fn cut(value: &BigRational, decimals: u32) -> String {
    written(&Rounding::Floor.scaled(value, decimals), decimals)
}

/// An integer count of 10^-`decimals` as decimal text with all its decimals.
#[must_use]
pub fn written(scaled: &BigInt, decimals: u32) -> String {
    let sign = if scaled.is_negative() { "-" } else { "" };
    let width = usize::try_from(decimals).unwrap_or(usize::MAX).saturating_add(1);
    let digits = format!("{:0>width$}", digits(&scaled.abs()));
    if decimals == 0 {
        return format!("{sign}{digits}");
    }
    let (whole, part) = digits.split_at(digits.len() + 1 - width);
    format!("{sign}{whole}.{part}")
}

fn ending_decimal(value: &BigRational) -> Option<String> {
    if value.is_integer() {
        return Some(value.numer().to_string());
    }
    let count = |mut rest: BigInt, factor: u32| {
        let factor = BigInt::from(factor);
        let mut times = 0_u32;
        loop {
            let (divided, left) = rest.div_rem(&factor);
            if !left.is_zero() {
                return (times, rest);
            }
            rest = divided;
            times += 1;
        }
    };
    let (twos, rest) = count(value.denom().clone(), 2);
    let (fives, rest) = count(rest, 5);
    let decimals = twos.max(fives);
    rest.is_one().then(|| written(&Rounding::Floor.scaled(value, decimals), decimals))
}

/// A hundred times this: what a share is in percent. Reduced by what 100 has in common with the
/// denominator, because a general reduction of thousands of digits takes long.
pub(crate) fn hundredfold(share: &BigRational) -> BigRational {
    let hundred = BigInt::from(100);
    let common = (share.denom() % &hundred).gcd(&hundred);
    BigRational::new_raw(share.numer() * (hundred / &common), share.denom() / common)
}

/// What a part in lowest terms leaves of a whole number; it needs no reduction.
pub(crate) fn less(whole: &BigInt, part: &BigRational) -> BigRational {
    BigRational::new_raw(whole * part.denom() - part.numer(), part.denom().clone())
}

/// How two fractions stand to each other. The library's own comparison divides its way down both
/// continued fractions, one call within the other; two decimals of a thousand digits that differ in
/// the last of them can be 2,400 calls apart.
pub(crate) fn compare(left: &BigRational, right: &BigRational) -> Ordering {
    if left.denom() == right.denom() {
        return left.numer().cmp(right.numer());
    }
    (left.numer() * right.denom()).cmp(&(right.numer() * left.denom()))
}

/// The product. The library reduces one bit a step, which takes minutes where one fraction has a
/// million digits and the other a thousand.
pub(crate) fn times(left: &BigRational, right: &BigRational) -> BigRational {
    let across = common(left.numer(), right.denom());
    let back = common(right.numer(), left.denom());
    let top = (left.numer() / &across) * (right.numer() / &back);
    BigRational::new_raw(top, (left.denom() / back) * (right.denom() / across))
}

/// The difference; as quick as [`times`].
pub(crate) fn minus(left: &BigRational, right: &BigRational) -> BigRational {
    let shared = common(left.denom(), right.denom());
    let (more, rest) = (right.denom() / &shared, left.denom() / &shared);
    let top = left.numer() * &more - right.numer() * rest;
    // Only what the denominators share can be left to take out.
    let left_over = common(&top, &shared);
    BigRational::new_raw(top / &left_over, (left.denom() / left_over) * more)
}

/// What two numbers have in common, the second one not 0: one division makes them equally long.
fn common(one: &BigInt, other: &BigInt) -> BigInt {
    let (long, short) = if one.bits() < other.bits() { (other, one) } else { (one, other) };
    if short.is_zero() { long.abs() } else { (long % short).gcd(short) }
}

/// A whole number as a rational one.
pub(crate) fn whole(value: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(value.into())
}
