//! From which attainment on a bound is reached, whatever rounding stands before the comparison.

use crate::decimal::Decimal;
use crate::money::Rounding;
use crate::terms::RoundAttainment;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// All exact percentages from here on; without this one itself where it is strict. The order is
/// that of difficulty: whatever reaches the larger one reaches the smaller one, too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Threshold {
    pub(super) percent: BigRational,
    pub(super) strict: bool,
}

impl Threshold {
    /// What is ≥ `bound` (or > where it is strict), compared unrounded.
    pub(super) fn unrounded(bound: &Decimal, strict: bool) -> Self {
        Self { percent: bound.ratio(), strict }
    }

    /// The same, compared as the terms say.
    pub(super) fn new(bound: &Decimal, strict: bool, round: Option<RoundAttainment>) -> Self {
        let Some(round) = round else { return Self::unrounded(bound, strict) };
        let step = step(round);
        let scaled = bound.ratio() / &step;
        // The least rounded percentage that is enough, in steps.
        let enough: BigInt = match strict {
            true => scaled.floor().to_integer() + 1,
            false => scaled.ceil().to_integer(),
        };
        let even = enough.is_even();
        let percent = BigRational::from_integer(enough) * &step;
        let half = step / BigInt::from(2);
        match round.mode {
            Rounding::Floor => Self { percent, strict: false },
            Rounding::HalfUp => Self { percent: percent - half, strict: false },
            Rounding::HalfEven => Self { percent: percent - half, strict: !even },
        }
    }

    /// Whether this percentage reaches it.
    pub(super) fn reached_by(&self, percent: &BigRational) -> bool {
        if self.strict { *percent > self.percent } else { *percent >= self.percent }
    }

    /// What of so large a total may be bad at most, exactly; negative where nothing is enough.
    pub(super) fn allows(&self, total: u64) -> BigRational {
        (BigRational::one() - &self.percent / BigInt::from(100)) * BigInt::from(total)
    }

    /// The largest whole number of bad ones among so many with which it is still reached; `None`:
    /// not even with none.
    pub(super) fn most_bad(&self, total: u64) -> Option<u64> {
        let allows = self.allows(total);
        let most = match self.strict {
            true => allows.ceil().to_integer() - 1,
            false => allows.floor().to_integer(),
        };
        // More than all can't be bad.
        u64::try_from(most.min(BigInt::from(total))).ok()
    }
}

/// The distance between two percentages that rounding keeps apart.
pub(super) fn step(round: RoundAttainment) -> BigRational {
    BigRational::new(BigInt::one(), BigInt::from(10).pow(round.decimals))
}

/// Whether rounding can give this bound at all.
pub(super) fn kept(bound: &Decimal, round: RoundAttainment) -> bool {
    (bound.ratio() % step(round)).is_zero()
}
