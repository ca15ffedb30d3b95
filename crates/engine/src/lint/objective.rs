//! Objectives, contracted and internal: whether they decide anything, and what rounding and
//! counting make of them.

use super::reading::{Reading, in_percent};
use super::threshold::{Threshold, kept};
use super::{Flaw, Found};
use crate::decimal::Decimal;
use crate::fraction::{Fraction, whole};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

const PATH: &str = "objective";
const INTERNAL: &str = "internal_objective";

pub(super) fn look(reading: &Reading, found: &mut Found) {
    let objective = &reading.terms.objective;
    let (met, lowest) = (reading.met(objective), reading.lowest());
    if met.reached_by(&in_percent(&lowest)) {
        let (objective, lowest) = (objective.clone(), Fraction::new(lowest));
        found.add(PATH, Flaw::ObjectiveAlwaysMet { objective, lowest });
    } else {
        bound(reading, objective, &met, PATH, found);
    }
    lifted(reading, &met, found);
    if let Some(internal) = &reading.terms.internal_objective {
        look_at_internal(reading, internal, &met, found);
    }
}

/// What can be wrong with an objective by itself.
fn bound(reading: &Reading, objective: &Decimal, met: &Threshold, at: &str, found: &mut Found) {
    if met.reached_by(&hundred()) {
        look_at_bound(reading, objective, met, at, found);
    } else {
        found.add(at, Flaw::ObjectiveNeverMet { objective: objective.clone() });
    }
}

fn look_at_internal(reading: &Reading, internal: &Decimal, met: &Threshold, found: &mut Found) {
    let objective = reading.terms.objective.clone();
    let of_internal = reading.met(internal);
    if !of_internal.reached_by(&hundred()) {
        found.add(INTERNAL, Flaw::ObjectiveNeverMet { objective: internal.clone() });
        return;
    }
    if of_internal <= *met {
        if let Some(round) = reading.terms.round_attainment {
            let met_from = Fraction::new(met.percent.clone());
            let (internal, decimals) = (internal.clone(), round.decimals);
            let flaw = Flaw::InternalNotTighter { objective, internal, decimals, met_from };
            found.add(INTERNAL, flaw);
        }
        return;
    }
    let counting = reading.counting.as_ref();
    if let Some((counting, total)) = counting.and_then(|c| Some((c, c.largest()?)))
        && !counting.between(met, &of_internal)
    {
        let flaw = Flaw::InternalWithoutBuffer {
            objective,
            internal: internal.clone(),
            allowed: Fraction::new(met.allows(total)),
            internal_allowed: Fraction::new(of_internal.allows(total)),
            grain: counting.finest(),
        };
        found.add(INTERNAL, flaw);
    } else if internal.ratio() == hundred() {
        found.add(INTERNAL, Flaw::InternalWithoutBudget { internal: internal.clone() });
    } else {
        look_at_bound(reading, internal, &of_internal, INTERNAL, found);
    }
}

fn lifted(reading: &Reading, met: &Threshold, found: &mut Found) {
    let Some(round) = reading.terms.round_attainment else { return };
    let objective = &reading.terms.objective;
    let unrounded = Threshold { percent: objective.ratio(), ..met.clone() };
    if kept(objective, round) && *met < unrounded && met.percent < objective.ratio() {
        let met_from = Fraction::new(met.percent.clone());
        let (objective, decimals) = (objective.clone(), round.decimals);
        found.add("round_attainment", Flaw::RoundingLiftsMiss { objective, decimals, met_from });
    }
}

/// What rounding and counting make of a percentage: an objective, or the bound of a tier.
pub(super) fn look_at_bound(
    reading: &Reading,
    bound: &Decimal,
    reached: &Threshold,
    at: &str,
    found: &mut Found,
) {
    let round = reading.terms.round_attainment.filter(|round| !kept(bound, *round));
    if let Some(round) = round.filter(|_| reached.percent != bound.ratio()) {
        let reached_from = Fraction::new(reached.percent.clone());
        let (bound, decimals) = (bound.clone(), round.decimals);
        found.add(at, Flaw::FinerThanRounding { bound, decimals, reached_from });
        return;
    }
    let Some(counting) = &reading.counting else { return };
    let Some(total) = counting.largest().filter(|total| counting.least() <= *total) else { return };
    let attainment = BigRational::one() - whole(counting.least()) / whole(total);
    if bound.ratio() == hundred() || reached.reached_by(&in_percent(&attainment)) {
        return;
    }
    let flaw = Flaw::FinerThanCount {
        bound: bound.clone(),
        allowed: Fraction::new(reached.allows(total)),
        total,
        grain: counting.grain.clone(),
        attainment: Fraction::new(attainment),
    };
    found.add(at, flaw);
}

fn hundred() -> BigRational {
    BigRational::from_integer(BigInt::from(100))
}
