//! Awards other than tiers, and what stands around them: the least that is due, and claims.

use super::reading::{Reading, in_percent, is_zero, key};
use super::{Flaw, Found};
use crate::credits::{Award, Credit, Per, PerCount, ProrataOf, TierAward};
use crate::fraction::Fraction;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

pub(super) fn look(reading: &Reading, found: &mut Found) {
    let Some(credit) = reading.credit() else { return };
    look_at_nothing(&credit.award, found);
    if let Award::Per(per) = &credit.award {
        look_at_begin(reading, per, found);
    }
    look_at_most(reading, credit, found);
    look_at_minimum(reading, credit, found);
    let claim = credit.claim.as_ref().filter(|claim| claim.required);
    if claim.is_some_and(|claim| claim.within.is_none()) {
        found.add("credit.claim.within", Flaw::ClaimWithoutDeadline {});
    }
}

fn look_at_nothing(award: &Award, found: &mut Found) {
    match award {
        Award::Tiers(tiers) => {
            for (index, tier) in tiers.iter().enumerate().filter(|(_, tier)| is_zero(&tier.award)) {
                let path = format!("credit.tiers[{index}].{}", key(&tier.award));
                found.add(path, Flaw::AwardZero {});
            }
        }
        Award::Prorata(prorata) if prorata.multiple.ratio().is_zero() => {
            found.add("credit.prorata.multiple", Flaw::AwardZero {});
        }
        Award::Per(per) if per.percent.ratio().is_zero() => {
            found.add("credit.per.percent", Flaw::AwardZero {});
        }
        Award::Prorata(_) | Award::Per(_) => {}
    }
}

fn look_at_begin(reading: &Reading, per: &Per, found: &mut Found) {
    let (_, longest) = reading.extent.counted();
    let (key, from) = match (&per.first, per.count) {
        (Some(first), _) => ("first.after", first.after.seconds()),
        (None, PerCount::Completed) => ("every", per.every.seconds()),
        (None, PerCount::Started) => return,
    };
    if from > longest {
        found.add(format!("credit.per.{key}"), Flaw::PerNeverDue { from, longest });
    }
}

fn look_at_most(reading: &Reading, credit: &Credit, found: &mut Found) {
    if reading.bounded || !credit.caps.is_empty() {
        return;
    }
    let most = match &credit.award {
        Award::Tiers(tiers) => {
            let shares = tiers.iter().filter_map(|tier| match &tier.award {
                TierAward::Percent(percent) => Some(percent.percent()),
                TierAward::Amount(amount) => Some(amount.ratio() / reading.fee.as_ref()?),
                // Days beyond the window are said to be so where they stand.
                TierAward::Days(_) => None,
            });
            shares.max()
        }
        Award::Prorata(prorata) => Some(match prorata.of {
            ProrataOf::Downtime => prorata.multiple.ratio(),
            ProrataOf::Excess => prorata.multiple.ratio() * reading.terms.objective.percent(),
        }),
        Award::Per(per) => Some(most_of(per, reading.extent.counted().1)),
    };
    if let Some(most) = most.filter(|most| *most > BigRational::one()) {
        let most = Fraction::new(in_percent(&most));
        found.add("credit.cap", Flaw::UncappedAboveFee { most });
    }
}

/// What `per` pays for a window of nothing but downtime, as a share of the fee.
fn most_of(per: &Per, longest: u64) -> BigRational {
    let (after, first) = match &per.first {
        Some(first) => (first.after.seconds(), first.percent.percent()),
        None => (0, BigRational::zero()),
    };
    let Some(beyond) = longest.checked_sub(after) else { return BigRational::zero() };
    let every = per.every.seconds().max(1);
    let count = match per.count {
        PerCount::Started => beyond.div_ceil(every),
        PerCount::Completed => beyond / every,
    };
    first + per.percent.percent() * BigInt::from(count)
}

fn look_at_minimum(reading: &Reading, credit: &Credit, found: &mut Found) {
    let Some(minimum) = &credit.minimum_over else { return };
    let in_money = |award: TierAward| Some((reading.money(&award)?, award));
    let worths: Option<Vec<_>> = reading.awards().into_iter().map(in_money).collect();
    let worths = worths.unwrap_or_default();
    let too_small = |worth: &BigRational| *worth <= minimum.ratio();
    let all = worths.iter().all(|(worth, _)| too_small(worth));
    let least = worths.into_iter().min_by(|(one, _), (other, _)| one.cmp(other));
    if let Some((worth, award)) = least.filter(|(worth, _)| too_small(worth)) {
        // Of `per`, more downtime is worth more.
        let all = all && matches!(credit.award, Award::Tiers(_));
        let (minimum, worth) = (minimum.clone(), Fraction::new(worth));
        let flaw = Flaw::MinimumOverAward { minimum, award, worth, all };
        found.add("credit.minimum_over", flaw);
    }
}
