//! Caps: what bounds a credit.

use super::Cap;
use crate::case::HistoryEntry;
use crate::fraction::{Fraction, compare};
use num_rational::BigRational;
use num_traits::Zero;

/// What a cap came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capped {
    /// Its place in the list.
    pub index: usize,
    /// The most that it lets pass; never negative.
    pub limit: Fraction,
    /// Whether it lowered the credit.
    pub lowered: bool,
}

/// Fees and credits of earlier windows, each in all: what a rolling cap takes together with this one.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// The sum of the fees.
    pub fees: BigRational,
    /// The sum of the credits.
    pub credits: BigRational,
}

impl Earlier {
    /// The sums of these entries.
    pub fn of<'a>(history: impl IntoIterator<Item = &'a HistoryEntry>) -> Self {
        let mut earlier = Self::default();
        for entry in history {
            earlier.fees += entry.fee.value();
            earlier.credits += entry.credit.value();
        }
        earlier
    }
}

/// The most that a cap lets pass, given the fee and what counts for a rolling one.
#[must_use]
pub fn limit(cap: &Cap, fee: &BigRational, earlier: &Earlier) -> BigRational {
    match cap {
        Cap::Percent(percent) => fee * percent.percent(),
        Cap::Amount(amount) => amount.ratio(),
        Cap::Rolling { percent, .. } => {
            let most = (fee + &earlier.fees) * percent.percent();
            (most - &earlier.credits).max(BigRational::zero())
        }
    }
}

/// Applies all caps, in the order of the list.
pub(crate) fn apply<'a>(
    caps: &[Cap],
    amount: &BigRational,
    fee: &BigRational,
    history: impl IntoIterator<Item = &'a HistoryEntry>,
) -> (BigRational, Vec<Capped>) {
    let rolling = caps.iter().any(|cap| matches!(cap, Cap::Rolling { .. }));
    let earlier = if rolling { Earlier::of(history) } else { Earlier::default() };
    let mut amount = amount.clone();
    let mut applied = Vec::with_capacity(caps.len());
    for (index, cap) in caps.iter().enumerate() {
        let limit = limit(cap, fee, &earlier);
        let lowered = compare(&limit, &amount).is_lt();
        applied.push(Capped { index, limit: Fraction::new(limit.clone()), lowered });
        if lowered {
            amount = limit;
        }
    }
    (amount, applied)
}
