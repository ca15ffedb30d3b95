//! When an alert is due, and when it is over.
//!
//! Each condition ends later than it begins (hysteresis), so that a figure at its edge does not
//! raise one alert after another.

use crate::{
    book::Due,
    compute::Reckoned,
    distance::{Standing, answered},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    alert::{Alert, AlertKind, AlertLevel, Burning, Objective, Rung},
    distance::{Distance, Forecast},
};
use makegood_engine::{
    distance::{BurnRate, LookBack},
    duration::Duration,
    fraction::Fraction,
};

/// The share of a window that has to have passed before its rate so far foretells its end.
const FORETELLS_AFTER: i64 = 10;

/// A line of an open window, as its evidence shows it.
pub(super) struct Seen<'a> {
    pub(super) distance: Option<&'a Distance>,
    pub(super) as_of: DateTime<Utc>,
    standing: Option<&'a Standing>,
    line: usize,
    /// The line's first second in the window, and its length there in seconds.
    from: DateTime<Utc>,
    length: i64,
    /// The length of a slot in seconds; 0: the line has none.
    slot: i64,
}

/// What an alert is raised by.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) level: AlertLevel,
    pub(super) objective: Objective,
    pub(super) burning: Option<Burning>,
    /// The time that it rests on.
    rests_on: LookBack,
}

/// How a condition stands.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It holds.
    Holds(Finding),
    /// It would not begin now, but is not over either; or nothing can be said of it.
    Lingers,
    /// It is over.
    Over,
}

impl<'a> Seen<'a> {
    pub(super) fn of(reckoned: &'a Reckoned, due: &Due, line: usize) -> Self {
        let slot = reckoned.case.lines[line].terms.measure.slot();
        // A line that begins inside the window has used up nothing of its allowance before.
        let own = reckoned.case.lines[line].active.unwrap_or_default();
        let from = own.from.map_or(due.span.from, |from| from.max(due.span.from));
        let to = own.to.map_or(due.span.to, |to| to.min(due.span.to));
        Self {
            distance: reckoned.far[line].as_ref(),
            as_of: reckoned.as_of[line],
            standing: reckoned.standing.as_ref(),
            line,
            from,
            length: (to - from).num_seconds(),
            slot: slot.map_or(0, Duration::signed_seconds),
        }
    }

    /// How the condition of one kind stands; `before` is the alert that is open.
    pub(super) fn judge(
        &self,
        kind: AlertKind,
        before: Option<&Alert>,
    ) -> Result<Verdict, Problem> {
        let Some(distance) = self.distance else { return Ok(Verdict::Lingers) };
        match kind {
            AlertKind::BurnRate => self.burn_rate(distance),
            AlertKind::Forecast => Ok(self.forecast(distance, before)),
            AlertKind::Breached if distance.missed => {
                Ok(Verdict::Holds(whole(AlertLevel::Critical, Objective::Contracted)))
            }
            AlertKind::Breached => Ok(Verdict::Over),
        }
    }

    /// When that which a finding rests on first went wrong.
    pub(super) fn bad_since(&self, finding: &Finding) -> Result<Option<DateTime<Utc>>, Problem> {
        let Some(open) = self.standing.and_then(|standing| standing.of(self.line)) else {
            return Ok(None);
        };
        Ok(answered(open.bad_since(self.line, &finding.rests_on))?.flatten())
    }

    /// Whether the allowance is being used up too fast in both look-backs of a rung; it is over when it goes
    /// slower than nine tenths of every rung in one of them.
    fn burn_rate(&self, distance: &Distance) -> Result<Verdict, Problem> {
        let so_far = distance.internal_burn_rate.as_ref().or(distance.burn_rate.as_ref());
        // An objective of 100 % has no rate, and where nothing is bad nothing burns.
        if so_far.is_none_or(|rate| rate == "0") {
            return Ok(Verdict::Over);
        }
        let mut lingers = false;
        for rung in Rung::ALL {
            let (long, short) = rung.look_backs(self.length);
            let (long, short) = (long.max(self.slot), short.max(self.slot));
            // Where nothing was counted nothing is over (law 3).
            let Some((objective, long_rate)) = self.rate(long)? else {
                lingers = true;
                continue;
            };
            if below(&long_rate, rung.tenths * 9, 100) {
                continue;
            }
            let Some((_, short_rate)) = self.rate(short)? else {
                lingers = true;
                continue;
            };
            if below(&short_rate, rung.tenths * 9, 100) {
                continue;
            }
            if below(&long_rate, rung.tenths, 10) || below(&short_rate, rung.tenths, 10) {
                lingers = true;
                continue;
            }
            return Ok(Verdict::Holds(Finding {
                level: rung.level,
                objective,
                burning: Some(Burning {
                    factor: rung.factor(),
                    long_seconds: long,
                    short_seconds: short,
                    long_rate: long_rate.decimal_or_fraction(),
                    short_rate: short_rate.decimal_or_fraction(),
                }),
                rests_on: last(long),
            }));
        }
        Ok(if lingers { Verdict::Lingers } else { Verdict::Over })
    }

    /// The burn rate of the last so many seconds by the internal objective, or the contracted one
    /// where there is no other. What lies before the window used up nothing of its allowance.
    fn rate(&self, seconds: i64) -> Result<Option<(Objective, Fraction)>, Problem> {
        let Some(open) = self.standing.and_then(|standing| standing.of(self.line)) else {
            return Ok(None);
        };
        let Some(rate) = answered(open.burn_rate(self.line, &last(seconds)))? else {
            return Ok(None);
        };
        let BurnRate { from, to, objective, internal, .. } = rate;
        let found = match (internal, objective) {
            (Some(rate), _) => (Objective::Internal, rate),
            (None, Some(rate)) => (Objective::Contracted, rate),
            (None, None) => return Ok(None),
        };
        let seen = (to - from.max(self.from)).num_seconds().clamp(0, seconds);
        let share = Fraction::whole(seen).ratio() / Fraction::whole(seconds).ratio();
        Ok(Some((found.0, Fraction::new(found.1.ratio() * share))))
    }

    /// Whether an objective will be missed at the rate of the window so far; it is over when a tenth
    /// of the allowance would be left.
    fn forecast(&self, distance: &Distance, before: Option<&Alert>) -> Verdict {
        let Some(forecast) = &distance.forecast else { return Verdict::Lingers };
        if distance.missed {
            // It came true.
            return Verdict::Lingers;
        }
        let is_early = (self.as_of - self.from).num_seconds() < self.length / FORETELLS_AFTER;
        let finding = match (forecast.met, forecast.internal_met) {
            (false, _) => Some(whole(AlertLevel::Critical, Objective::Contracted)),
            (true, Some(false)) => Some(whole(AlertLevel::Warning, Objective::Internal)),
            (true, _) => None,
        };
        match (finding, before) {
            (Some(finding), _) if !is_early => Verdict::Holds(finding),
            (None, Some(before)) if !leaves_a_tenth(forecast, before.objective) => Verdict::Lingers,
            (None, _) => Verdict::Over,
            (Some(_), _) => Verdict::Lingers,
        }
    }
}

/// What rests on the window so far.
fn whole(level: AlertLevel, objective: Objective) -> Finding {
    Finding { level, objective, burning: None, rests_on: LookBack::SoFar }
}

fn last(seconds: i64) -> LookBack {
    LookBack::Last(Duration::of_seconds(u32::try_from(seconds).unwrap_or(u32::MAX)))
}

/// Whether a rate is below `over` ÷ `under`.
fn below(rate: &Fraction, over: i64, under: i64) -> bool {
    rate.ratio() * Fraction::whole(under).ratio() < *Fraction::whole(over).ratio()
}

/// Whether a tenth of what an objective allows will be left.
fn leaves_a_tenth(forecast: &Forecast, objective: Objective) -> bool {
    let left = match objective {
        Objective::Contracted => Some(&forecast.left),
        Objective::Internal => forecast.internal_left.as_ref(),
    };
    let both = left.and_then(|left| Fraction::parse(left)).zip(Fraction::parse(&forecast.bad));
    both.is_none_or(|(left, bad)| {
        let allowed = left.ratio() + bad.ratio();
        left.ratio() * Fraction::whole(10).ratio() >= allowed
    })
}
