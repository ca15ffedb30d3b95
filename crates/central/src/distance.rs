//! Where the lines of an open window stand: what is left of each allowance, how fast it is used up,
//! where that leads, and what more would cost.

use crate::compute::broken;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    distance::{Distance, Forecast, Next},
};
use makegood_engine::{
    Case,
    distance::{
        self as engine, Costs, Like, LookBack, OpenWindow, Step, TotalOf, Unanswered, UsedUp, When,
    },
    fraction::Fraction,
};
use std::collections::BTreeMap;

/// The rest of a window is taken to be like the window so far.
const SO_FAR: Like<'static> = Like::Last(LookBack::SoFar);

/// An open window, seen at the instant up to which the evidence of each line is complete: a source
/// that is late is no outage.
#[derive(Debug)]
pub(crate) struct Standing {
    seen: BTreeMap<DateTime<Utc>, OpenWindow>,
    as_of: Vec<DateTime<Utc>>,
}

impl Standing {
    /// `open` is the window as seen at `present`.
    pub(crate) fn at(
        case: &Case,
        as_of: &[DateTime<Utc>],
        (present, open): (DateTime<Utc>, OpenWindow),
    ) -> Result<Self, Problem> {
        let mut seen = BTreeMap::from([(present, open)]);
        for at in as_of {
            if !seen.contains_key(at) {
                let open = OpenWindow::at(case, *at).map_err(|refusal| broken(&refusal))?;
                seen.insert(*at, open);
            }
        }
        Ok(Self { seen, as_of: as_of.to_vec() })
    }

    /// The window as a line's evidence shows it.
    pub(crate) fn of(&self, line: usize) -> Option<&OpenWindow> {
        self.seen.get(self.as_of.get(line)?)
    }

    /// Each line's distance; `None` where nothing can be said of it.
    pub(crate) fn distances(&self) -> Result<Vec<Option<Distance>>, Problem> {
        // Of all lines at once: what the contract will owe takes each of them.
        let mut forecasts = BTreeMap::new();
        for (at, open) in self.seen.iter().filter(|(at, _)| self.as_of.contains(at)) {
            let forecast = open.forecast(&SO_FAR).map_err(|refusal| broken(&refusal))?;
            forecasts.insert(*at, (open, forecast));
        }
        let lines = self.as_of.iter().enumerate();
        let distance = |(line, at)| match forecasts.get(at) {
            Some((open, whole)) => distance(open, whole, line),
            None => Ok(None),
        };
        lines.map(distance).collect()
    }
}

fn distance(
    open: &OpenWindow,
    whole: &engine::Forecast,
    line: usize,
) -> Result<Option<Distance>, Problem> {
    let Some(now) = answered(open.distance_now(line))? else { return Ok(None) };
    let Some(costs) = answered(open.costs(line))? else { return Ok(None) };
    let rate = answered(open.burn_rate(line, &LookBack::SoFar))?;
    let rate_of = |of: fn(&makegood_engine::distance::BurnRate) -> &Option<Fraction>| {
        rate.as_ref().and_then(|rate| of(rate).as_ref()).map(written)
    };
    Ok(Some(Distance {
        unit: now.unit.into(),
        left: written(&now.objective.left),
        internal_left: now.internal.as_ref().map(|internal| written(&internal.left)),
        burn_rate: rate_of(|rate| &rate.objective),
        internal_burn_rate: rate_of(|rate| &rate.internal),
        missed: now.total_of == TotalOf::Window && costs.objective == Step::Holds,
        forecast: forecast(open, whole, line)?,
        next: next(&costs),
    }))
}

fn forecast(
    open: &OpenWindow,
    whole: &engine::Forecast,
    line: usize,
) -> Result<Option<Forecast>, Problem> {
    let Some(Ok(then)) = whole.lines.get(line) else { return Ok(None) };
    let is_short = !then.met || then.internal_met == Some(false);
    let used_up = if is_short { answered(open.used_up(line, &SO_FAR))? } else { None };
    let used_up = used_up.unwrap_or(UsedUp { objective: None, internal: None });
    Ok(Some(Forecast {
        percent: then.attainment.percent(),
        bad: written(&then.bad),
        left: written(&then.left),
        internal_left: then.internal_left.as_ref().map(written),
        met: then.met,
        internal_met: then.internal_met,
        used_up_at: used_up.objective,
        internal_used_up_at: used_up.internal,
        credit: then.credit,
        owed: whole.owed,
    }))
}

fn written(fraction: &Fraction) -> String {
    fraction.decimal_or_fraction()
}

fn next(costs: &Costs) -> Option<Next> {
    let ahead = costs.next()?;
    let at = match ahead.when {
        When::At(at) => Some(at),
        When::NotInWindow | When::Unknown => None,
    };
    Some(Next { more: written(&ahead.more), at, credit: ahead.credit, owed: ahead.owed })
}

/// What there is no answer to is no mistake; a case that breaks a rule is.
pub(crate) fn answered<T>(answer: Result<T, Unanswered>) -> Result<Option<T>, Problem> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Unanswered::Refused(refusal)) => Err(broken(&refusal)),
        Err(_) => Ok(None),
    }
}
