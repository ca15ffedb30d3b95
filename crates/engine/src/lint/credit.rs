//! Credits: caps, what is too small to be due, and claims.

use super::{Findings, What, grain};
use crate::case::Case;
use crate::credits::{Award, Cap, Credit, ProrataOf, Tier, TierAward};
use crate::decimal::Decimal;
use crate::fraction::{Fraction, hundredfold, whole};
use crate::terms::Terms;
use num_rational::BigRational;
use num_traits::Zero;

pub(super) fn lint(terms: &Terms, credit: &Credit, findings: &mut Findings) {
    let tiers = match &credit.award {
        Award::Tiers(tiers) => tiers.as_slice(),
        Award::Prorata(_) | Award::Per(_) => &[],
    };
    for (place, cap) in credit.caps.iter().enumerate() {
        let path = match credit.caps.as_slice() {
            [_] => "credit.cap".to_owned(),
            _ => format!("credit.cap[{place}]"),
        };
        against_tiers(cap, tiers, &path, findings);
    }
    if let Some(most) = most_percent(terms, credit)
        && credit.caps.is_empty()
        && most > whole(100)
    {
        findings.add("credit", What::NoCap { most: Fraction::new(most) });
    }
    if credit.claim.as_ref().is_some_and(|claim| claim.required && claim.within.is_none()) {
        findings.add("credit.claim", What::ClaimWithoutEnd);
    }
}

/// A cap beside what tiers of its form pay. A rolling one depends on other windows.
fn against_tiers(cap: &Cap, tiers: &[Tier], path: &str, findings: &mut Findings) {
    let (limit, percent) = match cap {
        Cap::Percent(limit) => (limit, true),
        Cap::Amount(limit) => (limit, false),
        Cap::Rolling { percent, .. } => (percent, true),
    };
    if limit.value().is_zero() {
        findings.add(path, What::CapOfNothing);
        return;
    }
    if matches!(cap, Cap::Rolling { .. }) {
        return;
    }
    let awards = tiers.iter().map(|tier| match &tier.award {
        TierAward::Percent(award) if percent => Some(award),
        TierAward::Amount(award) if !percent => Some(award),
        _ => None,
    });
    let Some(awards) = awards.collect::<Option<Vec<&Decimal>>>() else { return };
    let Some(least) = awards.iter().min_by(|a, b| a.compare(b)) else { return };
    if limit.compare(least).is_lt() {
        findings.add(path, What::CapBelowFirstTier { least: (*least).clone() });
        return;
    }
    let above = awards.iter().position(|award| award.compare(limit).is_gt());
    if let Some(tier) = above {
        findings.add(path, What::CapBelowTier { tier });
    }
}

/// The most that is due when all of the longest window is bad, in percent of the fee.
fn most_percent(terms: &Terms, credit: &Credit) -> Option<BigRational> {
    match &credit.award {
        Award::Tiers(_) => None,
        Award::Prorata(prorata) => {
            let share = match prorata.of {
                ProrataOf::Downtime => whole(1),
                ProrataOf::Excess => terms.objective.percent(),
            };
            Some(hundredfold(&(share * prorata.multiple.value())))
        }
        Award::Per(per) => {
            let stretches = grain::longest(terms) / per.every.signed_seconds().max(1);
            Some(per.percent.value() * num_bigint::BigInt::from(stretches))
        }
    }
}

/// The least that is due beside what tiers pay of this fee.
pub(super) fn minimum(terms: &Terms, fee: &BigRational, findings: &mut Findings) {
    let Some(credit) = &terms.credit else { return };
    let (Some(minimum), Award::Tiers(tiers)) = (&credit.minimum_over, &credit.award) else {
        return;
    };
    for (tier, row) in tiers.iter().enumerate() {
        let Some(pays) = pays(row, fee) else { continue };
        if !fee.is_zero() && pays <= *minimum.value() {
            let what = What::MinimumAboveTier { tier, pays: Fraction::new(pays) };
            findings.add("credit.minimum_over", what);
        }
    }
}

/// What a tier pays of a fee, before caps; days depend on the window.
fn pays(tier: &Tier, fee: &BigRational) -> Option<BigRational> {
    match &tier.award {
        TierAward::Percent(percent) => Some(fee * percent.percent()),
        TierAward::Amount(amount) => Some(amount.ratio()),
        TierAward::Days(_) => None,
    }
}

/// The contract's caps beside the least that any of its lines pays.
pub(super) fn contract(case: &Case, findings: &mut Findings) {
    let mut least: Option<BigRational> = None;
    let mut fees = BigRational::zero();
    for line in &case.lines {
        fees += line.fee.value();
        let Some(Award::Tiers(tiers)) = line.terms.credit.as_ref().map(|credit| &credit.award)
        else {
            return;
        };
        for tier in tiers {
            let Some(pays) = pays(tier, line.fee.value()) else { return };
            if least.as_ref().is_none_or(|least| pays < *least) {
                least = Some(pays);
            }
        }
    }
    let caps = &case.contract.caps;
    for (place, cap) in caps.iter().enumerate() {
        let path = if caps.len() == 1 { "cap".to_owned() } else { format!("cap[{place}]") };
        let limit = match cap {
            Cap::Percent(percent) => &fees * percent.percent(),
            Cap::Amount(amount) => amount.ratio(),
            Cap::Rolling { percent, .. } if percent.value().is_zero() => BigRational::zero(),
            Cap::Rolling { .. } => continue,
        };
        match &least {
            _ if limit.is_zero() && !fees.is_zero() => findings.add(path, What::CapOfNothing),
            Some(least) if limit < *least => {
                let text = Fraction::new(least.clone()).decimal_or_fraction();
                let least = Decimal::parse(&text).unwrap_or_else(|_| Decimal::from_integer(0));
                findings.add(path, What::CapBelowFirstTier { least });
            }
            _ => {}
        }
    }
}
