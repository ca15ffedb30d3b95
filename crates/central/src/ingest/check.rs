//! What is refused of a piece of evidence before it is looked at.

use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{Code, Problem, scope, series::SeriesName};

/// How far a source's clock may be ahead.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Refuses what would only be observed later: it would cover all that is said until then.
pub(super) fn check_observed(
    observed_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    path: &str,
) -> Result<(), Problem> {
    if observed_at.is_none_or(|at| at <= now + SKEW) {
        return Ok(());
    }
    let path = format!("{path}.observed_at");
    let message =
        format!("{path}: it lies in the future; say when it was observed, or leave it out");
    Err(Problem::new(Code::Invalid, message).at(path))
}

/// Checks the names of a part; `path` is where they stand in what was sent.
pub(super) fn check_name(name: &SeriesName, path: &str) -> Result<(), Problem> {
    for (key, text) in [("path", &name.path), ("region", &name.region)] {
        let refuse = |why: &str| {
            let path = format!("{path}.{key}");
            Problem::new(Code::Invalid, format!("{path}: {why}")).at(path)
        };
        scope::name(text).map_err(refuse)?;
    }
    Ok(())
}
