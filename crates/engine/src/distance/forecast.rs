//! The forecast: where lines will stand at the window's end if the rest of it is like something
//! that was observed.
//!
//! The rest is known by its length: the seconds, or slots, of it that will count. So much of them
//! is bad as was of those looked back on. Nothing is rounded on the way: a forecast's counts are
//! fractions.

use super::{
    Counted, LookBack, OpenWindow, Standing, TotalOf, Unanswered, count, due, rest, total_of,
};
use crate::case::{Case, Line};
use crate::decimal::Decimal;
use crate::fraction::Fraction;
use crate::frame::Unmeasured;
use crate::instant::from_seconds;
use crate::measures::{Idle, Measure};
use crate::money::Money;
use crate::refusal::Refusal;
use crate::suits::suits;
use chrono::{DateTime, Utc};
use num_rational::BigRational;
use num_traits::{One, Zero};

/// What the rest of the window will be like.
#[derive(Debug, Clone)]
pub enum Like<'a> {
    /// What was last observed in it.
    Last(LookBack),
    /// The same part of an earlier window, such as that of the year before: what followed as long
    /// after its beginning. Its lines are found by their names and judged by today's terms.
    Earlier(&'a Case),
}

/// Where a case will stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// Each line, or why nothing can be said of it.
    pub lines: Vec<Result<LineForecast, Unanswered>>,
    /// What the contract will owe; `None` where a line that is measured has no forecast.
    pub owed: Option<Money>,
}

/// Where a line will stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineForecast {
    /// Where that what the rest is like begins.
    pub like_from: DateTime<Utc>,
    /// Its end.
    pub like_to: DateTime<Utc>,
    /// What will be counted, in the line's unit.
    pub total: Fraction,
    /// What of it will be bad; [`bad_minutes`](super::bad_minutes) writes it.
    pub bad: Fraction,
    /// Attainment; [`Fraction::percent`] cuts it.
    pub attainment: Fraction,
    /// Whether the objective will be met.
    pub met: bool,
    /// Whether the internal one will, where there is one.
    pub internal_met: Option<bool>,
    /// What of the objective's allowance will be left; negative when it will be overdrawn.
    pub left: Fraction,
    /// The same of the internal objective, where there is one.
    pub internal_left: Option<Fraction>,
    /// The line's own credit.
    pub credit: Money,
}

/// When an objective's allowance is used up, if the rest is like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedUp {
    /// The last second at which something of the objective's allowance is left, or `as_of` where
    /// nothing is; `None`: it lasts to the window's end.
    pub objective: Option<DateTime<Utc>>,
    /// The same of the internal objective. `None`, too: there is none.
    pub internal: Option<DateTime<Utc>>,
}

/// What was observed that the rest will be like.
struct Sample {
    from: i64,
    to: i64,
    counted: Counted,
    /// The seconds or slots in which it was counted.
    time: BigRational,
}

impl OpenWindow {
    /// Where the lines will stand at the window's end if the rest is like this.
    ///
    /// # Errors
    /// A credit beyond the range of [`Money`]; what concerns one line stands there.
    pub fn forecast(&self, like: &Like) -> Result<Forecast, Refusal> {
        let lines = (0..self.known.lines.len()).map(|index| self.forecast_of(index, like));
        let lines: Vec<Result<LineForecast, Unanswered>> = lines.collect();
        let credits = lines.iter().map(|line| match line {
            Ok(line) => Some(line.credit),
            Err(Unanswered::NotMeasured(_)) => Some(Money::zero(self.known.contract.currency)),
            Err(_) => None,
        });
        let credits: Option<Vec<Money>> = credits.collect();
        let owed = credits.map(|credits| due::of_contract(&self.known, &credits)).transpose()?;
        Ok(Forecast { lines, owed })
    }

    fn forecast_of(&self, index: usize, like: &Like) -> Result<LineForecast, Unanswered> {
        let (line, standing) = self.line(index)?;
        let counted = match &standing.counted {
            Ok(counted) => counted.clone(),
            // Nothing yet.
            Err(Unmeasured::Nothing) => Counted::nothing(),
            Err(why) => return Err(Unanswered::NotMeasured(*why)),
        };
        let span = &standing.span;
        let rest = (rest::seen(line, span, self.as_of), span.to.timestamp());
        let to_come = match line.evidence.totals {
            Some(_) if rest.0 < rest.1 => return Err(Unanswered::NoTimes),
            Some(_) => BigRational::zero(),
            None => self.time(index, &self.filled(line, span, 0), rest)?,
        };
        let (mut then, mut like_span) = (counted, rest);
        if !to_come.is_zero() {
            let sample = self.sample(index, line, standing, like)?;
            if sample.time.is_zero() {
                return Err(Unanswered::NothingToGoBy);
            }
            let share = to_come / sample.time;
            then.bad += &share * sample.counted.bad;
            if total_of(&line.terms.measure) == TotalOf::SoFar {
                then.total += share * sample.counted.total;
            }
            like_span = (sample.from, sample.to);
        }
        if then.total.is_zero() && !counts_idle(&line.terms.measure) {
            return Err(Unanswered::NotMeasured(Unmeasured::Nothing));
        }
        let due = due::of_line(&self.known, index, line, span, &then)?;
        let left = |objective: &Decimal| {
            let allowed = (BigRational::one() - objective.percent()) * &then.total;
            Fraction::new(allowed - &then.bad)
        };
        let internal = line.terms.internal_objective.as_ref();
        Ok(LineForecast {
            like_from: from_seconds(like_span.0),
            like_to: from_seconds(like_span.1),
            left: left(&line.terms.objective),
            internal_left: internal.map(left),
            total: Fraction::new(then.total),
            bad: Fraction::new(then.bad),
            attainment: Fraction::new(due.attainment),
            met: due.met,
            internal_met: due.internal_met,
            credit: due.credit,
        })
    }

    /// When a line's allowances are used up, if the rest is like this. Each is searched for by
    /// computing, some twenty times.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn used_up(&self, line: usize, like: &Like) -> Result<UsedUp, Unanswered> {
        let index = line;
        let (line, standing, counted) = self.measured(index)?;
        if line.evidence.totals.is_some() {
            return Err(Unanswered::NoTimes);
        }
        let sample = self.sample(index, line, standing, like)?;
        if sample.time.is_zero() {
            return Err(Unanswered::NothingToGoBy);
        }
        let grows = total_of(&line.terms.measure) == TotalOf::SoFar;
        let good = self.filled(line, &standing.span, 0);
        let (seen, end) =
            (rest::seen(line, &standing.span, self.as_of), standing.span.to.timestamp());
        let last = |objective: &Decimal| -> Result<Option<DateTime<Utc>>, Unanswered> {
            let allowed = BigRational::one() - objective.percent();
            let is_left = |second: i64| -> Result<bool, Refusal> {
                let share = self.time(index, &good, (seen, second))? / &sample.time;
                let bad = &counted.bad + &share * &sample.counted.bad;
                let more = if grows { share * &sample.counted.total } else { BigRational::zero() };
                Ok(&allowed * (&counted.total + more) > bad)
            };
            Ok(last_second(seen, end, is_left)?.map(from_seconds))
        };
        let internal = line.terms.internal_objective.as_ref();
        Ok(UsedUp {
            objective: last(&line.terms.objective)?,
            internal: internal.map(last).transpose()?.flatten(),
        })
    }

    /// The seconds or slots of `from..to` that count.
    fn time(&self, index: usize, line: &Line, span: (i64, i64)) -> Result<BigRational, Refusal> {
        Ok(self.between(index, &rest::slots_alone(line), span)?.total)
    }

    fn sample(
        &self,
        index: usize,
        line: &Line,
        standing: &Standing,
        like: &Like,
    ) -> Result<Sample, Unanswered> {
        match like {
            Like::Last(back) => {
                let ((from, to), counted) = self.look_back(index, line, standing, back)?;
                let good = self.filled(line, &standing.span, 0);
                Ok(Sample { from, to, counted, time: self.time(index, &good, (from, to))? })
            }
            Like::Earlier(earlier) => self.earlier(line, standing, earlier),
        }
    }

    fn earlier(
        &self,
        line: &Line,
        standing: &Standing,
        earlier: &Case,
    ) -> Result<Sample, Unanswered> {
        let suitable = |other: &Line| other.sla == line.sla && suits(other, &line.terms.measure);
        let Some(index) = earlier.lines.iter().position(suitable) else {
            return Err(Unanswered::NoEarlierLine);
        };
        let found = &earlier.lines[index];
        if found.evidence.totals.is_some() {
            return Err(Unanswered::NoTimes);
        }
        let judged = Line { terms: line.terms.clone(), ..found.clone() };
        let span = line.terms.window.span(&earlier.period)?;
        let passed = rest::seen(line, &standing.span, self.as_of) - standing.span.from.timestamp();
        let to = span.to.timestamp();
        let from = (span.from.timestamp() + passed).min(to);
        let between = |line: &Line| -> Result<Counted, Refusal> {
            let until = |second| count(earlier, index, &rest::until(line, second));
            Ok(until(to)?.less(&until(from)?))
        };
        let time = between(&rest::slots_alone(&judged))?.total;
        Ok(Sample { from, to, counted: between(&judged)?, time })
    }
}

/// The last second for which `holds`, where it does not until `end`; `from` where it never does.
fn last_second(
    from: i64,
    end: i64,
    holds: impl Fn(i64) -> Result<bool, Refusal>,
) -> Result<Option<i64>, Refusal> {
    if from >= end || holds(end)? {
        return Ok(None);
    }
    let (mut yes, mut no) = (from, end);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(middle)? {
            yes = middle;
        } else {
            no = middle;
        }
    }
    Ok(Some(yes))
}

/// Whether a window without a single event is wholly good.
fn counts_idle(measure: &Measure) -> bool {
    matches!(measure, Measure::Requests(requests) if requests.idle == Idle::Good)
}
