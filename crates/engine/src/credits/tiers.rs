//! `tiers`: of all rows of the table whose condition holds, the largest award in money.

use super::{Awarded, AwardedBy, Basis, Condition, Tier, TierAward};
use crate::fraction::{Fraction, whole};
use num_rational::BigRational;
use num_traits::Zero;

/// Whether a tier's condition holds.
fn holds(when: &Condition, basis: &Basis) -> bool {
    match when {
        Condition::Below(bound) => basis.compared.cmp_percent(bound.value()).is_lt(),
        Condition::AtOrBelow(bound) => basis.compared.cmp_percent(bound.value()).is_le(),
        Condition::DowntimeOver(length) => basis.bad.exact() > whole(length.seconds()),
        Condition::DowntimeAtLeast(length) => basis.bad.exact() >= whole(length.seconds()),
    }
}

/// The largest award; of equal ones the first. A share of no fee is nothing, whatever the share: there the
/// largest share is the one that holds.
pub(crate) fn award(tiers: &[Tier], basis: &Basis) -> Awarded {
    let mut best: Option<Awarded> = None;
    for (index, tier) in tiers.iter().enumerate() {
        if !holds(&tier.when, basis) {
            continue;
        }
        let awarded = one(&tier.award, basis, AwardedBy::Tier(index));
        let more = |best: &Awarded| {
            let free = basis.fee.is_zero() && awarded.amount == best.amount;
            awarded.amount > best.amount || (free && share(&awarded) > share(best))
        };
        if best.as_ref().is_none_or(more) {
            best = Some(awarded);
        }
    }
    best.unwrap_or_else(|| Awarded::nothing(AwardedBy::NoTier))
}

fn share(awarded: &Awarded) -> BigRational {
    awarded.percent.as_ref().map_or_else(BigRational::zero, |percent| percent.ratio().clone())
}

fn one(award: &TierAward, basis: &Basis, by: AwardedBy) -> Awarded {
    match award {
        TierAward::Percent(percent) => Awarded::share(basis.fee, &percent.percent(), by),
        TierAward::Days(days) => {
            let share = BigRational::new((*days).into(), basis.days.max(1).into());
            Awarded::share(basis.fee, &share, by)
        }
        TierAward::Amount(amount) => {
            Awarded { amount: Fraction::new(amount.ratio()), percent: None, by }
        }
    }
}
