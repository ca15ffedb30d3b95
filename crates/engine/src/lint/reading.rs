//! Terms as the rules read them: with what several of them ask for.

use super::extent::{Counting, Extent};
use super::threshold::Threshold;
use crate::credits::{Award, Credit, Per, TierAward};
use crate::decimal::Decimal;
use crate::fraction::whole;
use crate::measures::Measure;
use crate::terms::{ObjectiveIs, Terms};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// The terms of one line, what is known of its windows, and its fee where there is one.
pub(super) struct Reading<'a> {
    pub(super) terms: &'a Terms,
    pub(super) extent: Extent,
    pub(super) counting: Option<Counting>,
    pub(super) fee: Option<BigRational>,
    /// Whether the contract caps what the lines pay together.
    pub(super) bounded: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(terms: &'a Terms) -> Self {
        let extent = Extent::of(terms);
        let counting = Counting::of(terms, &extent);
        Self { terms, extent, counting, fee: None, bounded: false }
    }

    pub(super) fn with_fee(self, fee: &Decimal) -> Self {
        let fee = Some(fee.ratio()).filter(|fee| !fee.is_zero());
        Self { fee, ..self }
    }

    pub(super) fn bounded(self, bounded: bool) -> Self {
        Self { bounded, ..self }
    }

    pub(super) fn credit(&self) -> Option<&'a Credit> {
        self.terms.credit.as_ref()
    }

    /// How slots are counted, where the measure counts them.
    pub(super) fn slots(&self) -> Option<&Counting> {
        self.counting.as_ref().filter(|_| matches!(self.terms.measure, Measure::Slots(_)))
    }

    /// From where on an objective is met.
    pub(super) fn met(&self, objective: &Decimal) -> Threshold {
        let strict = self.terms.objective_is == ObjectiveIs::Above;
        Threshold::new(objective, strict, self.terms.round_attainment)
    }

    /// The lowest attainment that a window can have: above 0 where a fixed total is longer than
    /// any of them.
    pub(super) fn lowest(&self) -> BigRational {
        let longest = whole(self.extent.counted().1);
        let lost = match &self.terms.window.counted_as {
            Some(fixed) => longest / whole(fixed.seconds().max(1)),
            None => BigRational::one(),
        };
        (BigRational::one() - lost).max(BigRational::zero())
    }

    /// What an award is of the fee at least and at most, over all lengths of the window; `None`:
    /// an amount, which is another share of each fee.
    pub(super) fn share(&self, award: &TierAward) -> Option<(BigRational, BigRational)> {
        match award {
            TierAward::Percent(percent) => Some((percent.percent(), percent.percent())),
            TierAward::Days(days) => {
                let (shortest, longest) = self.extent.days();
                let of = |length: u64| whole(*days) / whole(length.max(1));
                Some((of(longest), of(shortest)))
            }
            TierAward::Amount(_) => None,
        }
    }

    /// What an award is at least in money; `None`: a share, and the fee is not known.
    pub(super) fn money(&self, award: &TierAward) -> Option<BigRational> {
        match award {
            TierAward::Amount(amount) => Some(amount.ratio()),
            share => Some(self.share(share)?.0 * self.fee.as_ref()?),
        }
    }

    /// The awards that a credit can consist of, those of nothing left out; none of a `prorata`
    /// one, which can be as small as one likes.
    pub(super) fn awards(&self) -> Vec<TierAward> {
        match self.credit().map(|credit| &credit.award) {
            Some(Award::Tiers(tiers)) => {
                let awards = tiers.iter().map(|tier| &tier.award);
                awards.filter(|award| !is_zero(award)).cloned().collect()
            }
            Some(Award::Per(per)) => {
                let first = TierAward::Percent(first_percent(per).clone());
                if is_zero(&first) { Vec::new() } else { vec![first] }
            }
            Some(Award::Prorata(_)) | None => Vec::new(),
        }
    }
}

/// What `per` pays first.
fn first_percent(per: &Per) -> &Decimal {
    let first = per.first.as_ref().map(|first| &first.percent);
    first.filter(|percent| !percent.ratio().is_zero()).unwrap_or(&per.percent)
}

/// Whether an award is nothing.
pub(super) fn is_zero(award: &TierAward) -> bool {
    match award {
        TierAward::Percent(value) | TierAward::Amount(value) => value.ratio().is_zero(),
        TierAward::Days(days) => *days == 0,
    }
}

/// An award's key in the format.
pub(super) fn key(award: &TierAward) -> &'static str {
    match award {
        TierAward::Percent(_) => "percent",
        TierAward::Days(_) => "days",
        TierAward::Amount(_) => "amount",
    }
}

/// A share of the whole as a percentage.
pub(super) fn in_percent(share: &BigRational) -> BigRational {
    share * BigInt::from(100)
}
