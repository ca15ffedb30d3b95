//! Caps: what bounds a credit.

use super::Cap;
use crate::case::HistoryEntry;
use crate::fraction::Fraction;
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

/// The most that a cap lets pass, given the fee and what counts for a rolling one.
#[must_use]
pub fn limit<'a>(
    cap: &Cap,
    fee: &BigRational,
    history: impl IntoIterator<Item = &'a HistoryEntry>,
) -> BigRational {
    match cap {
        Cap::Percent(percent) => fee * percent.percent(),
        Cap::Amount(amount) => amount.ratio(),
        Cap::Rolling { percent, .. } => {
            let mut fees = fee.clone();
            let mut credits = BigRational::zero();
            for entry in history {
                fees += entry.fee.ratio();
                credits += entry.credit.ratio();
            }
            (fees * percent.percent() - credits).max(BigRational::zero())
        }
    }
}

/// Applies all caps, in the order of the list.
pub(crate) fn apply<'a, H>(
    caps: &[Cap],
    amount: &BigRational,
    fee: &BigRational,
    history: &H,
) -> (BigRational, Vec<Capped>)
where
    H: IntoIterator<Item = &'a HistoryEntry> + Clone,
{
    let mut amount = amount.clone();
    let mut applied = Vec::with_capacity(caps.len());
    for (index, cap) in caps.iter().enumerate() {
        let limit = limit(cap, fee, history.clone());
        let lowered = limit < amount;
        applied.push(Capped { index, limit: Fraction::new(limit.clone()), lowered });
        amount = amount.min(limit);
    }
    (amount, applied)
}
