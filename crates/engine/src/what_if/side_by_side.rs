//! One exclusion, side by side: not admitted, admitted and taken out, admitted and counted as
//! available.

use super::change::admit;
use crate::case::Case;
use crate::compute::compute;
use crate::evidence::Exclusion;
use crate::fraction::Fraction;
use crate::money::Money;
use crate::refusal::Refusal;
use crate::terms::{ExclusionRule, Treatment};

/// A window with an exclusion admitted and not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBySide {
    /// As if the exclusion had never been asked for.
    pub not_admitted: Side,
    /// Admitted, and its kind `removed`: out of the total, too. Refused where the terms fix the
    /// total.
    pub removed: Result<Side, Refusal>,
    /// Admitted, and its kind `up`: counted as available.
    pub up: Result<Side, Refusal>,
}

/// What a line and its contract come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Attainment; `None`: not measured. [`Fraction::percent`] cuts it.
    pub attainment: Option<Fraction>,
    /// Whether the objective is met; `None`: not measured.
    pub met: Option<bool>,
    /// What is counted: seconds, slots or events. [`minutes`](crate::distance::minutes) of seconds.
    pub total: Fraction,
    /// What of it is bad.
    pub bad: Fraction,
    /// What is excused.
    pub excused: Fraction,
    /// The line's own credit.
    pub credit: Money,
    /// What the contract owes.
    pub owed: Money,
}

/// The same window with one exclusion of a line (by their places) in each of three ways. How a
/// kind is treated is a matter of the terms: other exclusions of that kind are treated alike. A kind
/// that the terms do not know is taken as one without notice or cap, for this exclusion alone.
///
/// # Errors
/// There is no such line or exclusion, or the case can't be computed without it.
pub fn side_by_side(case: &Case, line: usize, exclusion: usize) -> Result<SideBySide, Refusal> {
    let path = format!("lines[{line}]");
    let found = case.lines.get(line);
    let own = found.ok_or_else(|| Refusal::new(path.clone(), "there is no such line"))?;
    let at = format!("{path}.evidence.exclusions[{exclusion}]");
    let kind = own.evidence.exclusions.get(exclusion).map(|exclusion| exclusion.kind);
    let kind = kind.ok_or_else(|| Refusal::new(at, "there is no such exclusion"))?;
    let mut without = case.clone();
    without.lines[line].evidence.exclusions.remove(exclusion);
    let admitted = |treatment: Treatment| {
        let mut with = case.clone();
        let own = &mut with.lines[line];
        if let Some(rule) = own.terms.exclusions.get_mut(&kind) {
            rule.treatment = treatment;
            admit(own, exclusion).map_err(|refusal| refusal.within(&path))?;
        } else {
            let rule = ExclusionRule { treatment, min_notice: None, cap: None };
            own.terms.exclusions.insert(kind, rule);
            // The others of the kind stay what they are: not admitted.
            let mut place = 0_usize..;
            let alone = |one: &Exclusion| place.next() == Some(exclusion) || one.kind != kind;
            own.evidence.exclusions.retain(alone);
        }
        with.validate()?;
        side(&with, line)
    };
    Ok(SideBySide {
        not_admitted: side(&without, line)?,
        removed: admitted(Treatment::Removed),
        up: admitted(Treatment::Up),
    })
}

fn side(case: &Case, line: usize) -> Result<Side, Refusal> {
    let computed = compute(case)?;
    let (result, trace) = (&computed.result.lines[line], &computed.lines[line]);
    let money = |text: &str, path: String| {
        Money::parse_decimal(text, case.contract.currency)
            .map_err(|error| Refusal::new(path, error.to_string()))
    };
    Ok(Side {
        attainment: result.attainment.clone(),
        met: result.met,
        total: trace.total.clone(),
        bad: trace.bad.clone(),
        excused: trace.excused.clone(),
        credit: money(&result.credit, format!("lines[{line}].fee"))?,
        owed: money(&computed.result.credit, "lines".to_owned())?,
    })
}
