//! Impact: how much of a service an outage took down.

use crate::decimal::Decimal;
use crate::fraction::{Fraction, compare};
use num_rational::BigRational;
use num_traits::One;
use std::cmp::Ordering;
use std::sync::Arc;

/// More than 0, at most 1. Larger impacts are greater.
#[derive(Debug, Clone, Eq)]
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

impl Ord for Impact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Part(left), Self::Part(right)) => compare(left, right),
            (Self::Part(_), Self::Whole) => Ordering::Less,
            (Self::Whole, Self::Part(_)) => Ordering::Greater,
            (Self::Whole, Self::Whole) => Ordering::Equal,
        }
    }
}

impl PartialEq for Impact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl PartialOrd for Impact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
