//! How far a line of a running window is from what it may miss.

use super::show::{Fact, fact};
use makegood_domain::{attainment::Attainment, distance::times};

/// What stands beside the chart of a running window: how fast the allowance goes, where that leads,
/// and what more would cost.
pub(crate) fn facts(attainment: &Attainment) -> Vec<Fact> {
    let Some(distance) = &attainment.distance else { return Vec::new() };
    let mut facts = Vec::new();
    if let Some(rate) = distance.internal_burn_rate.as_ref().or(distance.burn_rate.as_ref()) {
        let label =
            if distance.internal_burn_rate.is_some() { "Burn rate (SLO)" } else { "Burn rate" };
        facts.push(fact(label, times(rate)));
    }
    facts.extend(distance.outlook().map(|outlook| fact("At this rate", outlook)));
    facts.extend(distance.ahead().map(|ahead| fact("To the next tier", ahead)));
    facts
}
