//! Attainment: the share of what was counted that was good, exact, and compared without a big
//! fraction wherever small numbers or two bounds decide.

use crate::measures::mean_error_rate::Rates;
use crate::money::Rounding;
use crate::quantity::Quantity;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use std::cmp::Ordering;

/// From 0 to 1.
#[derive(Debug, Clone)]
pub(crate) enum Attainment<'a> {
    /// So many of so many, which is more than 0; not reduced.
    Share {
        /// Good ones; at most `total`.
        good: u128,
        /// All.
        total: u128,
    },
    /// A fraction of any size.
    Exact(BigRational),
    /// 1 less the mean of error rates.
    Mean {
        /// Their sum.
        rates: Rates<'a>,
        /// Over so many slots, which is more than 0.
        slots: u128,
    },
}

impl<'a> Attainment<'a> {
    /// Wholly good.
    pub(crate) const ONE: Self = Self::Share { good: 1, total: 1 };

    /// `(total − bad) / total`, never below 0; `None` where nothing was counted.
    pub(crate) fn of(total: &Quantity<'a>, bad: &Quantity<'a>) -> Option<Self> {
        if total.is_zero() {
            return None;
        }
        Some(match (total, bad) {
            (Quantity::Whole(total), Quantity::Whole(bad)) => {
                Self::Share { good: total.saturating_sub(*bad), total: *total }
            }
            (Quantity::Whole(slots), Quantity::Rates(rates)) => {
                Self::Mean { rates: rates.clone(), slots: *slots }
            }
            _ => {
                let total = total.exact();
                Self::Exact(((&total - bad.exact()) / total).max(BigRational::zero()))
            }
        })
    }

    /// This many of 10^`decimals` percent.
    pub(crate) fn of_percent(scaled: u128, decimals: u32) -> Self {
        Self::Share { good: scaled, total: 100 * 10_u128.pow(decimals.min(9)) }
    }

    /// Its exact value.
    pub(crate) fn exact(&self) -> BigRational {
        match self {
            Self::Share { good, total } => BigRational::new((*good).into(), (*total).into()),
            Self::Exact(value) => value.clone(),
            Self::Mean { rates, slots } => rates.good_share(*slots),
        }
    }

    /// How it stands, as a percentage, to this one.
    pub(crate) fn cmp_percent(&self, bound: &BigRational) -> Ordering {
        match self {
            Self::Share { good, total } => cmp_share(*good, *total, bound),
            Self::Exact(value) => {
                let left: BigInt = value.numer() * 100_u32 * bound.denom();
                left.cmp(&(value.denom() * bound.numer()))
            }
            Self::Mean { rates, slots } => {
                let ends = rates.good_of(*slots).map(|(least, most, of)| {
                    (cmp_share(least, of, bound), cmp_share(most, of, bound))
                });
                // Only where the two ends disagree the fraction has to say.
                match ends {
                    Some((low, high)) if low == high => low,
                    _ => Self::Exact(self.exact()).cmp_percent(bound),
                }
            }
        }
    }

    /// The percentage × 10^`decimals` (at most 9), rounded so: 0 to 10^11.
    pub(crate) fn percent_scaled(&self, decimals: u32, rounding: Rounding) -> u128 {
        match self {
            Self::Share { good, total } => {
                let scale = 100 * 10_u128.pow(decimals.min(9));
                match good.checked_mul(scale) {
                    Some(top) => rounding.divided(top, *total),
                    None => Self::Exact(self.exact()).percent_scaled(decimals, rounding),
                }
            }
            Self::Exact(value) => {
                rounding.scaled(value, decimals.min(9) + 2).to_u128().unwrap_or_default()
            }
            Self::Mean { rates, slots } => {
                let ends = rates.good_of(*slots).map(|(least, most, total)| {
                    [least, most]
                        .map(|good| Self::Share { good, total }.percent_scaled(decimals, rounding))
                });
                match ends {
                    Some([low, high]) if low == high => low,
                    _ => Self::Exact(self.exact()).percent_scaled(decimals, rounding),
                }
            }
        }
    }
}

/// `part × 100 / total` against the bound, without dividing.
pub(crate) fn cmp_share(part: u128, total: u128, bound: &BigRational) -> Ordering {
    let small = || {
        let (top, bottom) = (bound.numer().to_u128()?, bound.denom().to_u128()?);
        let left = part.checked_mul(100)?.checked_mul(bottom)?;
        Some(left.cmp(&total.checked_mul(top)?))
    };
    small().unwrap_or_else(|| {
        let left: BigInt = BigInt::from(part) * 100_u32 * bound.denom();
        left.cmp(&(BigInt::from(total) * bound.numer()))
    })
}
