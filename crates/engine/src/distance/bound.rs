//! Bounds: where a condition on attainment or on bad time begins to hold, exactly.

use super::{Counted, TotalOf};
use crate::credits::Condition;
use crate::decimal::Decimal;
use crate::fraction::{compare, whole};
use crate::measures::Measured;
use crate::money::Rounding;
use crate::terms::{ObjectiveIs, RoundAttainment, Terms};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use std::cmp::Ordering;

/// When a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    /// The unrounded percentage is below this, or just this.
    Percent { below: BigRational, or_at: bool },
    /// Bad time is over this, or just this.
    Bad { over: BigRational, or_at: bool },
}

/// How much more bad it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// None: it holds.
    Nothing,
    /// So much; where `beyond`, any more than this. The smaller is the nearer.
    More { units: BigRational, beyond: bool },
    /// No amount makes it hold.
    Never,
}

impl Bound {
    /// When the objective of these terms, or their internal one, is missed.
    pub(super) fn missed(terms: &Terms, objective: &Decimal) -> Self {
        let or_at = terms.objective_is == ObjectiveIs::Above;
        Self::percent(&objective.ratio(), or_at, terms.round_attainment)
    }

    /// When a tier of these terms holds.
    pub(super) fn of(terms: &Terms, condition: &Condition) -> Self {
        let round = terms.round_attainment;
        match condition {
            Condition::Below(bound) => Self::percent(&bound.ratio(), false, round),
            Condition::AtOrBelow(bound) => Self::percent(&bound.ratio(), true, round),
            Condition::DowntimeOver(length) => Self::bad(whole(length.seconds()), false),
            Condition::DowntimeAtLeast(length) => Self::bad(whole(length.seconds()), true),
        }
    }

    /// When attainment, never rounded, is below this percentage.
    pub(super) fn unrounded(percent: &Decimal) -> Self {
        Self::percent(&percent.ratio(), false, None)
    }

    pub(super) fn bad(over: BigRational, or_at: bool) -> Self {
        Self::Bad { over, or_at }
    }

    /// The rounding is folded into the bound: the largest rounded value that is low enough ends
    /// where the next one begins.
    fn percent(bound: &BigRational, or_at: bool, round: Option<RoundAttainment>) -> Self {
        let Some(RoundAttainment { decimals, mode }) = round else {
            return Self::Percent { below: bound.clone(), or_at };
        };
        let scale = BigInt::from(10).pow(decimals);
        let scaled = bound * &scale;
        let largest =
            if or_at { scaled.floor().to_integer() } else { scaled.ceil().to_integer() - 1_u32 };
        let (end, or_at) = match mode {
            Rounding::Floor => (whole(&largest + 1_u32), false),
            Rounding::HalfUp => (whole(largest) + half(), false),
            Rounding::HalfEven => (whole(largest.clone()) + half(), largest.is_even()),
        };
        Self::Percent { below: end / scale, or_at }
    }

    /// Whether it holds of what was measured.
    pub(super) fn holds(&self, measured: &Measured) -> bool {
        let (order, or_at) = match (self, &measured.attainment) {
            // Seen from below, so that both are "more than".
            (Self::Percent { below, or_at }, Ok(share)) => {
                (share.cmp_percent(below).reverse(), or_at)
            }
            (Self::Bad { over, or_at }, Ok(_)) => (measured.bad.exact().cmp(over), or_at),
            (_, Err(_)) => return false,
        };
        order.is_gt() || (*or_at && order.is_eq())
    }

    /// How much more bad it takes. Where the total is only what has happened so far, what is bad
    /// in addition adds to the total, too.
    pub(super) fn missing(&self, counted: &Counted, total_of: TotalOf) -> Missing {
        if self.holds(&counted.measured()) {
            return Missing::Nothing;
        }
        let (below, or_at) = match self {
            Self::Percent { below, or_at } => (below / BigInt::from(100), *or_at),
            Self::Bad { over, or_at } => {
                return Missing::More { units: over - &counted.bad, beyond: !or_at };
            }
        };
        // Attainment never falls below 0.
        if below.is_negative() || (below.is_zero() && !or_at) {
            return Missing::Never;
        }
        let Counted { total, bad } = counted;
        let units = match total_of {
            TotalOf::Window => total * (BigRational::one() - below) - bad,
            // With nothing counted, the first one that is bad brings attainment to 0.
            TotalOf::SoFar if total.is_zero() => {
                return Missing::More { units: BigRational::zero(), beyond: true };
            }
            TotalOf::SoFar if below.is_zero() => return Missing::Never,
            TotalOf::SoFar => (total - bad) / below - total,
        };
        Missing::More { units, beyond: !or_at }
    }
}

impl Missing {
    /// The least whole number of units.
    pub(super) fn whole(&self) -> BigInt {
        match self {
            Self::More { units, beyond: true } => units.floor().to_integer() + 1_u32,
            Self::More { units, beyond: false } => units.ceil().to_integer(),
            Self::Nothing | Self::Never => BigInt::zero(),
        }
    }

    /// The nearer first.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let place = |missing: &Self| match missing {
            Self::Nothing => 0,
            Self::More { .. } => 1,
            Self::Never => 2,
        };
        let within = match (self, other) {
            (Self::More { units, beyond }, Self::More { units: theirs, beyond: also }) => {
                compare(units, theirs).then(beyond.cmp(also))
            }
            _ => Ordering::Equal,
        };
        place(self).cmp(&place(other)).then(within)
    }
}

fn half() -> BigRational {
    BigRational::new(1.into(), 2.into())
}
