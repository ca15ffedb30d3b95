//! Objectives and other bounds: whether the measure and the rounding can tell them apart.

use super::{Findings, What, grain};
use crate::credits::{Award, Condition};
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::fraction::Fraction;
use crate::money::Rounding;
use crate::terms::{ObjectiveIs, Terms};
use num_bigint::BigInt;
use num_rational::BigRational;

pub(super) fn lint(terms: &Terms, findings: &mut Findings) {
    let bounds = bounds(terms);
    for (path, bound) in &bounds {
        if let Some(what) = too_coarse(terms, bound) {
            findings.add(path, what);
        }
    }
    if let Some(internal) = &terms.internal_objective
        && allows(terms, internal) == allows(terms, &terms.objective)
    {
        let (internal, objective) = (internal.clone(), terms.objective.clone());
        findings.add("internal_objective", What::NoBuffer { internal, objective });
    }
    rounding(terms, &bounds, findings);
}

/// Every percentage that attainment is compared with.
fn bounds(terms: &Terms) -> Vec<(String, Decimal)> {
    let mut bounds = vec![("objective".to_owned(), terms.objective.clone())];
    let internal = terms.internal_objective.iter();
    bounds.extend(internal.map(|bound| ("internal_objective".to_owned(), bound.clone())));
    if let Some(Award::Tiers(tiers)) = terms.credit.as_ref().map(|credit| &credit.award) {
        for (place, tier) in tiers.iter().enumerate() {
            let (key, bound) = match &tier.when {
                Condition::Below(bound) => ("below", bound),
                Condition::AtOrBelow(bound) => ("at_or_below", bound),
                _ => continue,
            };
            bounds.push((format!("credit.tiers[{place}].{key}"), bound.clone()));
        }
    }
    bounds
}

fn hundred() -> BigRational {
    BigRational::from_integer(100.into())
}

fn too_coarse(terms: &Terms, bound: &Decimal) -> Option<What> {
    let seconds = grain::grain(terms)?;
    let after = grain::after(terms, seconds);
    let misses = *bound.value() < hundred() && after < *bound.value();
    let grain = Duration::of_seconds(u32::try_from(seconds).ok()?);
    misses.then(|| What::TooCoarse { bound: bound.clone(), grain, after: Fraction::new(after) })
}

/// How many steps of the longest window may be bad, or which rounded percentage is the least, so
/// that an objective is still met: what tells two objectives apart.
fn allows(terms: &Terms, objective: &Decimal) -> Option<BigInt> {
    let above = terms.objective_is == ObjectiveIs::Above;
    if let Some(round) = terms.round_attainment {
        let scaled = objective.value() * BigInt::from(10).pow(round.decimals);
        return Some((if above { scaled.floor() } else { scaled.ceil() }).to_integer());
    }
    let step = grain::step(terms)?;
    let total = BigInt::from(grain::longest(terms));
    let bad = (hundred() - objective.value()) * total / BigInt::from(100 * step.max(1));
    Some((if above { bad.ceil() } else { bad.floor() }).to_integer())
}

fn rounding(terms: &Terms, bounds: &[(String, Decimal)], findings: &mut Findings) {
    let Some(round) = terms.round_attainment else { return };
    let scale = BigInt::from(10).pow(round.decimals);
    for (path, bound) in bounds {
        if !(bound.value() * &scale).is_integer() {
            let what = What::LostDecimals { bound: bound.clone(), kept: round.decimals };
            findings.add(path, what);
        }
    }
    if round.mode != Rounding::Floor {
        let half = BigRational::new(1.into(), scale * 2_u32);
        let from = Fraction::new(terms.objective.value() - half);
        let objective = terms.objective.clone();
        findings.add("round_attainment", What::RoundedUp { objective, from });
    }
}
