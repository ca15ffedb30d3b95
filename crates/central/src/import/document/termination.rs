//! Rights to terminate, as a document says them.

use super::super::invalid;
use makegood_domain::{Problem, termination::TerminationRight};
use makegood_engine::{Terms, measures::Measure};
use serde::Deserialize;

/// A right to terminate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's type of the same name")]
pub struct Termination {
    pub windows: u16,
    pub of: Option<u16>,
    pub below: Option<String>,
    pub down_over_minutes: Option<String>,
    pub exercise_within_days: u16,
    pub clause: Option<String>,
}

impl Termination {
    /// The right.
    #[must_use]
    pub fn right(&self) -> TerminationRight {
        TerminationRight {
            windows: self.windows,
            of: self.of,
            below: self.below.clone(),
            down_over_minutes: self.down_over_minutes.clone(),
            exercise_within_days: self.exercise_within_days,
            clause: self.clause.clone(),
        }
    }

    /// Checks it beside the terms; `path` is its own.
    pub(super) fn check(&self, terms: &Terms, path: &str) -> Result<(), Problem> {
        self.right()
            .check()
            .map_err(|(field, message)| invalid(&format!("{path}.{field}"), &message))?;
        if self.down_over_minutes.is_some() && !matches!(terms.measure, Measure::Uptime(_)) {
            let message = "only a measure of uptime tells how long it was down; say below";
            return Err(invalid(&format!("{path}.down_over_minutes"), message));
        }
        Ok(())
    }
}
