//! Tiers: whether each can hold, pays, and pays more the worse the service is.

use super::{Findings, What, grain};
use crate::credits::{Award, Condition, Credit, Tier, TierAward};
use crate::terms::Terms;
use num_traits::Zero;
use std::cmp::Ordering;

pub(super) fn lint(terms: &Terms, credit: &Credit, findings: &mut Findings) {
    let Award::Tiers(tiers) = &credit.award else { return };
    let (shortest, longest) = grain::days(&terms.window);
    let mut highest: Option<&crate::decimal::Decimal> = None;
    let mut only_bounds = true;
    for (place, tier) in tiers.iter().enumerate() {
        let path = format!("credit.tiers[{place}]");
        if !can_hold(&tier.when, longest * 86_400) {
            findings.add(&path, What::NeverHolds);
        } else if let Some(what) = beside(tiers, place) {
            findings.add(&path, what);
        }
        match &tier.when {
            Condition::Below(bound) | Condition::AtOrBelow(bound) => {
                if bound.compare(&terms.objective).is_gt() {
                    let (bound, objective) = (bound.clone(), terms.objective.clone());
                    findings.add(&path, What::PaysWhenMet { bound, objective });
                }
                if highest.is_none_or(|highest| bound.compare(highest).is_gt()) {
                    highest = Some(bound);
                }
            }
            Condition::DowntimeOver(_) | Condition::DowntimeAtLeast(_) => only_bounds = false,
        }
        if let TierAward::Days(days) = tier.award
            && i64::try_from(days).unwrap_or(i64::MAX) > shortest
        {
            findings.add(&path, What::MoreDaysThanWindow { days, shortest });
        }
    }
    if let (Some(bound), true) = (highest, only_bounds)
        && bound.compare(&terms.objective).is_lt()
    {
        let (bound, objective) = (bound.clone(), terms.objective.clone());
        findings.add("credit.tiers", What::FreeMiss { bound, objective });
    }
}

fn can_hold(when: &Condition, longest: i64) -> bool {
    match when {
        Condition::Below(bound) => !bound.value().is_zero(),
        Condition::AtOrBelow(_) => true,
        Condition::DowntimeOver(length) => length.signed_seconds() < longest,
        Condition::DowntimeAtLeast(length) => length.signed_seconds() <= longest,
    }
}

/// What another tier makes of this one.
fn beside(tiers: &[Tier], place: usize) -> Option<What> {
    let tier = tiers.get(place)?;
    let others = || tiers.iter().enumerate().filter(move |(other, _)| *other != place);
    if let Some((first, _)) = others().find(|(other, o)| *other < place && o.when == tier.when) {
        return Some(What::Twice { first });
    }
    let weaker = || others().filter(|(_, other)| holds_whenever(&other.when, &tier.when));
    let against = |other: &Tier| compare(&other.award, &tier.award);
    if let Some((other, _)) = weaker().find(|(_, other)| against(other) == Some(Ordering::Greater))
    {
        return Some(What::PaysLess { other });
    }
    let (other, _) = weaker().find(|(_, other)| against(other) == Some(Ordering::Equal))?;
    Some(What::NeverPays { other })
}

/// Whether `this` holds in strictly more windows than `that`, and in each in which that holds.
fn holds_whenever(this: &Condition, that: &Condition) -> bool {
    use Condition::{AtOrBelow, Below, DowntimeAtLeast, DowntimeOver};
    match (this, that) {
        // Of equal bounds, the one that includes itself holds in more windows.
        (Below(this), Below(that) | AtOrBelow(that)) | (AtOrBelow(this), AtOrBelow(that)) => {
            this.compare(that).is_gt()
        }
        (AtOrBelow(this), Below(that)) => this.compare(that).is_ge(),
        (DowntimeOver(this), DowntimeOver(that) | DowntimeAtLeast(that))
        | (DowntimeAtLeast(this), DowntimeAtLeast(that)) => this.seconds() < that.seconds(),
        (DowntimeAtLeast(this), DowntimeOver(that)) => this.seconds() <= that.seconds(),
        _ => false,
    }
}

/// How two awards of one form stand to each other.
fn compare(this: &TierAward, that: &TierAward) -> Option<Ordering> {
    match (this, that) {
        (TierAward::Percent(a), TierAward::Percent(b))
        | (TierAward::Amount(a), TierAward::Amount(b)) => Some(a.compare(b)),
        (TierAward::Days(a), TierAward::Days(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
