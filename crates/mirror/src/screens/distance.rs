//! How far a line of a running window is from what it may miss.

use super::show::{Fact, fact};
use chrono::{DateTime, Utc};
use makegood_domain::{
    attainment::Attainment,
    distance::{Distance, Forecast, Next, Unit},
};
use makegood_engine::{
    distance::minutes,
    fraction::{Fraction, cut},
    money::group_thousands,
};

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
    if let Some(forecast) = &distance.forecast {
        facts.push(fact("At this rate", outlook(distance, forecast)));
    }
    if let Some(next) = &distance.next {
        facts.push(fact("To the next tier", ahead(distance.unit, next)));
    }
    facts
}

/// `the margin ends 14 Nov 03:12 UTC, €3,000.00 at the end`, `the SLO is missed 20 Nov 10:00 UTC`.
pub(crate) fn outlook(distance: &Distance, forecast: &Forecast) -> String {
    let at = |at: DateTime<Utc>| at.format("%-d %b %H:%M UTC").to_string();
    let ends = match (forecast.used_up_at, forecast.internal_used_up_at) {
        _ if distance.missed => "the SLA is missed already".to_owned(),
        (Some(end), _) => format!("the margin ends {}", at(end)),
        (None, Some(end)) => format!("the SLO's margin ends {}", at(end)),
        (None, None) if forecast.met => "the margin lasts".to_owned(),
        (None, None) => "the SLA will be missed".to_owned(),
    };
    match forecast.owed {
        Some(owed) if owed.minor() != 0 => format!("{ends}, {} at the end", owed.symbol()),
        _ => ends,
    }
}

/// `12.00 min, then €4,200.00`.
fn ahead(unit: Unit, next: &Next) -> String {
    format!("{}, then {}", units_left(unit, &next.more), next.credit.symbol())
}

/// So many units, cut so that what is left never looks better.
fn units_left(unit: Unit, text: &str) -> String {
    let Some(units) = Fraction::parse(text) else { return text.to_owned() };
    match unit {
        Unit::Seconds => format!("{} min", minutes(&units)),
        Unit::Slots => format!("{} slots", group_thousands(&cut(units.ratio(), 0))),
        Unit::Events => format!("{} events", group_thousands(&cut(units.ratio(), 0))),
    }
}

/// `2.61×`: rounded up, so that it never looks slower.
pub(crate) fn times(rate: &str) -> String {
    let Some(rate) = Fraction::parse(rate) else { return rate.to_owned() };
    let hundred = Fraction::whole(100);
    let up = (rate.ratio() * hundred.ratio()).ceil() / hundred.ratio();
    format!("{}×", cut(&up, 2))
}
