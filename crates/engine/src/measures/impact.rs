//! Impact: how much of a service an outage took down.

use crate::decimal::Decimal;
use crate::fraction::Fraction;
use num_rational::BigRational;
use num_traits::One;
use std::sync::Arc;

/// More than 0, at most 1. Larger impacts are greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// A part, less than 1.
    Part(Arc<BigRational>),
    /// Wholly down.
    Whole,
}

impl Impact {
    /// The impact of this decimal.
    #[must_use]
    pub fn of(impact: &Decimal) -> Self {
        if impact.value().is_one() {
            return Self::Whole;
        }
        Self::Part(Arc::new(impact.ratio()))
    }

    /// As a fraction.
    #[must_use]
    pub fn fraction(&self) -> Fraction {
        match self {
            Self::Part(part) => Fraction::new(BigRational::clone(part)),
            Self::Whole => Fraction::whole(1),
        }
    }
}
