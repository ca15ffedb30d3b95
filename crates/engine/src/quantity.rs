//! Quantities: how much was counted, and how much of it was bad.

use crate::fraction::whole;
use crate::measures::mean_error_rate::Rates;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

/// Seconds, slots, events or error rates: exact, and small numbers without a big fraction.
#[derive(Debug, Clone)]
pub(crate) enum Quantity<'a> {
    /// A whole number.
    Whole(u128),
    /// A number of any size.
    Exact(BigRational),
    /// A sum of error rates.
    Rates(Rates<'a>),
}

impl Quantity<'_> {
    /// Nothing.
    pub(crate) const ZERO: Self = Self::Whole(0);

    /// So many; nothing where there are fewer than none.
    pub(crate) fn of_size(size: i64) -> Self {
        Self::Whole(u128::try_from(size).unwrap_or_default())
    }

    /// A whole number of any size.
    pub(crate) fn of_whole(number: BigInt) -> Self {
        match u128::try_from(&number) {
            Ok(small) => Self::Whole(small),
            Err(_) => Self::Exact(BigRational::from_integer(number)),
        }
    }

    /// Its exact value.
    pub(crate) fn exact(&self) -> BigRational {
        match self {
            Self::Whole(number) => whole(*number),
            Self::Exact(number) => number.clone(),
            Self::Rates(rates) => rates.exact(),
        }
    }

    /// Its exact value, or a short number that is hardly larger; see [`Rates::at_most`].
    pub(crate) fn at_most(&self) -> BigRational {
        match self {
            Self::Rates(rates) => rates.at_most(),
            exact => exact.exact(),
        }
    }

    /// The sum.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => match a.checked_add(*b) {
                Some(sum) => Self::Whole(sum),
                None => Self::Exact(whole(*a) + whole(*b)),
            },
            _ => Self::Exact(self.exact() + other.exact()),
        }
    }

    /// Whether it is nothing.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Whole(number) => *number == 0,
            other => other.exact().is_zero(),
        }
    }
}
