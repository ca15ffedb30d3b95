//! Changes: what would be different.

use super::Question;
use crate::case::{Case, Line};
use crate::credits::{Award, Credit};
use crate::decimal::Decimal;
use crate::exclusions::{Admission, admission};
use crate::refusal::Refusal;
use crate::suits::suits;
use crate::terms::{ExclusionKind, ObjectiveIs, Terms, Treatment};
use chrono::TimeDelta;
use num_traits::Signed;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of which lines: all of this name.
    pub sla: String,
    /// What of them.
    pub what: What,
}

/// What changes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// All terms, over the same evidence. What counts as bad may change; what was observed can't:
    /// another kind of evidence is refused.
    Terms(Box<Terms>),
    /// The objective. The internal one falls away where it is no longer larger.
    Objective(Decimal),
    /// How attainment is compared with it.
    ObjectiveIs(ObjectiveIs),
    /// What a miss costs, or that it costs nothing.
    Credit(Option<Box<Credit>>),
    /// How the amount is found: other tiers, for one. Caps, rounding and claim stay.
    Award(Box<Award>),
    /// The fee of each window.
    Fee(Decimal),
    /// How a kind of exclusion that the terms know is treated.
    Treatment {
        /// Which.
        kind: ExclusionKind,
        /// How.
        treatment: Treatment,
    },
    /// Whether one exclusion of one window is admitted.
    Exclusion {
        /// The window's label.
        period: String,
        /// The exclusion's place in the evidence.
        index: usize,
        /// As if it had been notified in time, or as if it had never been.
        admitted: bool,
    },
}

/// A line that no window has would be changed in vain, and nobody would see it.
pub(super) fn check(question: &Question) -> Result<(), Refusal> {
    for (index, change) in question.changes.iter().enumerate() {
        let mut cases = question.contracts.iter().flat_map(|cases| cases.iter());
        let touched = |case: &Case| match &change.what {
            What::Exclusion { period, .. } => case.period == *period,
            _ => true,
        };
        let named = |line: &Line| line.sla == change.sla;
        if !cases.any(|case| touched(case) && case.lines.iter().any(named)) {
            let message = format!("no window has such a line: {:.40?}", change.sla);
            return Err(Refusal::new(format!("changes[{index}]"), message));
        }
        if matches!(&change.what, What::Fee(fee) if fee.ratio().is_negative()) {
            return Err(Refusal::new(format!("changes[{index}]"), "a fee can't be negative"));
        }
    }
    Ok(())
}

/// The case with the changes. `valid` holds terms that were found valid before.
pub(super) fn changed(
    case: &Case,
    changes: &[Change],
    valid: &mut Vec<Terms>,
) -> Result<Case, Refusal> {
    let mut other = case.clone();
    for (index, line) in other.lines.iter_mut().enumerate() {
        let path = format!("lines[{index}]");
        let was = &case.lines[index];
        // Exclusions keep their places until all changes are made.
        let mut gone: Vec<usize> = Vec::new();
        for change in changes.iter().filter(|change| change.sla == was.sla) {
            apply(line, &change.what, &case.period, &mut gone)
                .map_err(|refusal| refusal.within(&path))?;
        }
        let exclusions = std::mem::take(&mut line.evidence.exclusions).into_iter().enumerate();
        let kept = exclusions.filter(|(place, _)| !gone.contains(place));
        line.evidence.exclusions = kept.map(|(_, exclusion)| exclusion).collect();
        if line.terms != was.terms {
            if !suits(was, &line.terms.measure) {
                let message = "needs other evidence than was gathered";
                return Err(Refusal::new(format!("{path}.terms.measure"), message));
            }
            check_terms(line, valid).map_err(|refusal| refusal.within(&path))?;
        }
    }
    Ok(other)
}

fn apply(line: &mut Line, what: &What, period: &str, gone: &mut Vec<usize>) -> Result<(), Refusal> {
    match what {
        What::Terms(terms) => line.terms = (**terms).clone(),
        What::Objective(objective) => {
            line.terms.objective = objective.clone();
            let larger = |internal: &Decimal| internal.compare(objective).is_gt();
            line.terms.internal_objective = line.terms.internal_objective.take().filter(larger);
        }
        What::ObjectiveIs(is) => line.terms.objective_is = *is,
        What::Credit(credit) => line.terms.credit = credit.as_deref().cloned(),
        What::Award(award) => {
            let credit = line.terms.credit.get_or_insert_with(|| Credit::tiers(Vec::new()));
            credit.award = (**award).clone();
        }
        What::Fee(fee) => line.fee = fee.clone(),
        What::Treatment { kind, treatment } => {
            if let Some(rule) = line.terms.exclusions.get_mut(kind) {
                rule.treatment = *treatment;
            }
        }
        What::Exclusion { period: of, index, admitted } if of == period => {
            if *admitted {
                gone.retain(|place| place != index);
                admit(line, *index)?;
            } else if *index < line.evidence.exclusions.len() {
                gone.push(*index);
            } else {
                return Err(no_such(*index));
            }
        }
        What::Exclusion { .. } => {}
    }
    Ok(())
}

fn no_such(index: usize) -> Refusal {
    Refusal::new(format!("evidence.exclusions[{index}]"), "there is no such exclusion")
}

/// Has an exclusion notified just in time.
pub(super) fn admit(line: &mut Line, index: usize) -> Result<(), Refusal> {
    let Some(exclusion) = line.evidence.exclusions.get_mut(index) else {
        return Err(no_such(index));
    };
    match admission(exclusion, &line.terms.exclusions) {
        Admission::Admitted => {}
        Admission::NotInTerms => {
            let at = format!("evidence.exclusions[{index}].kind");
            let message = format!("the terms excuse no {}", exclusion.kind.as_str());
            return Err(Refusal::new(at, message));
        }
        Admission::NoNotice { needed } | Admission::LateNotice { needed, .. } => {
            let notice = TimeDelta::try_seconds(needed.signed_seconds()).unwrap_or_default();
            exclusion.notified_at = exclusion.from.checked_sub_signed(notice);
        }
    }
    Ok(())
}

/// Checks changed terms against the rules that reading checks.
fn check_terms(line: &Line, valid: &mut Vec<Terms>) -> Result<(), Refusal> {
    if line.evidence.totals.is_some() && line.terms.service_hours.is_some() {
        return Err(Refusal::new("evidence.totals", "can't stand with service hours"));
    }
    if !valid.contains(&line.terms) {
        Terms::from_tree(&line.terms.to_tree()).map_err(|refusal| refusal.within("terms"))?;
        valid.push(line.terms.clone());
    }
    Ok(())
}
