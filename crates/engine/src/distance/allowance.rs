//! The allowance: what an objective lets be bad, how much of it is left, and how it went day by day.

use super::{Counted, OpenWindow, Standing, Unanswered, Unit, total_of};
use crate::case::Line;
use crate::decimal::Decimal;
use crate::fraction::Fraction;
use crate::measures::Measure;
use crate::measures::uptime::{Piece, weighted};
use crate::refusal::Refusal;
use crate::zone::Zone;
use chrono::{DateTime, NaiveDate, Utc};
use num_rational::BigRational;
use num_traits::One;

/// How far a line is from missing its objectives, in its own unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distance {
    /// What is counted.
    pub unit: Unit,
    /// Of what `total` is the total.
    pub total_of: TotalOf,
    /// What is counted.
    pub total: Fraction,
    /// What of it has been bad.
    pub bad: Fraction,
    /// From the contracted objective.
    pub objective: Allowance,
    /// From the internal one, where there is one.
    pub internal: Option<Allowance>,
}

/// Of what a total is the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalOf {
    /// The whole window's: the rest of it is known to count, and taken as good.
    Window,
    /// What has happened so far: how many events, or slots that are not idle, will come is not
    /// known. The allowance grows with them.
    SoFar,
}

/// What an objective allows to be bad, in the line's unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// (1 − objective) × total. Rounding of attainment, where the terms have it, is not in it.
    pub allowed: Fraction,
    /// What is left of it; negative when it is overdrawn.
    pub left: Fraction,
    /// What was left at the end of each local day of the window that has begun; for the day that
    /// is running, at `as_of`. Empty where the evidence is a total of events and where more than
    /// 366 days have begun.
    pub by_day: Vec<(NaiveDate, Fraction)>,
}

/// Of measures of slots each day is a computation, and of all others a figure: a year of them is
/// enough.
const MOST_DAYS: usize = 366;

impl OpenWindow {
    /// The distance of a line from its objectives. For measures of slots each day that has begun
    /// is computed by itself.
    ///
    /// # Errors
    /// Why there is none.
    pub fn distance(&self, line: usize) -> Result<Distance, Unanswered> {
        let index = line;
        let (line, standing, counted) = self.measured(index)?;
        Ok(distance(line, counted, &self.by_day(index, line, standing, counted)?))
    }

    /// The same without how it went day by day, which takes no computation more.
    ///
    /// # Errors
    /// Why there is none.
    pub fn distance_now(&self, line: usize) -> Result<Distance, Unanswered> {
        let (line, _, counted) = self.measured(line)?;
        Ok(distance(line, counted, &[]))
    }

    /// What had been counted by the end of each day that has begun: of the window's total, where
    /// that is known, else of what had happened by then.
    fn by_day(
        &self,
        index: usize,
        line: &Line,
        standing: &Standing,
        counted: &Counted,
    ) -> Result<Vec<(NaiveDate, Counted)>, Refusal> {
        let (zone, span) = (&line.terms.window.time_zone, &standing.span);
        let days = days(zone, span.first_day, span.end_day, self.as_of);
        if line.evidence.totals.is_some() || days.len() > MOST_DAYS {
            return Ok(Vec::new());
        }
        let known = |bad| Counted { total: counted.total.clone(), bad };
        if matches!(line.terms.measure, Measure::Uptime(_)) {
            let bad = bad_by_day(&days, &standing.bad_pieces);
            return Ok(days
                .into_iter()
                .zip(bad)
                .map(|((day, _), bad)| (day, known(bad)))
                .collect());
        }
        let good = self.filled(line, span, 0);
        let by_end = |(day, end): (NaiveDate, i64)| {
            let until = self.until(index, &good, end)?;
            Ok(match total_of(&line.terms.measure) {
                TotalOf::Window => (day, known(until.bad)),
                TotalOf::SoFar => (day, until),
            })
        };
        days.into_iter().map(by_end).collect()
    }
}

fn distance(line: &Line, counted: &Counted, days: &[(NaiveDate, Counted)]) -> Distance {
    let of = |objective: &Decimal| allowance(objective, counted, days);
    Distance {
        unit: Unit::of(&line.terms.measure),
        total_of: total_of(&line.terms.measure),
        total: Fraction::new(counted.total.clone()),
        bad: Fraction::new(counted.bad.clone()),
        objective: of(&line.terms.objective),
        internal: line.terms.internal_objective.as_ref().map(of),
    }
}

fn allowance(objective: &Decimal, counted: &Counted, days: &[(NaiveDate, Counted)]) -> Allowance {
    let share = BigRational::one() - objective.percent();
    let allowed = |counted: &Counted| &share * &counted.total;
    let left = |counted: &Counted| Fraction::new(allowed(counted) - &counted.bad);
    let by_day = days.iter().map(|(day, counted)| (*day, left(counted))).collect();
    Allowance { allowed: Fraction::new(allowed(counted)), left: left(counted), by_day }
}

/// The window's local days that have begun, each with its end, or `as_of` where that is earlier; one
/// too many where there are.
fn days(
    zone: &Zone,
    first: NaiveDate,
    end: NaiveDate,
    as_of: DateTime<Utc>,
) -> Vec<(NaiveDate, i64)> {
    let days = first.iter_days().take_while(|day| *day < end);
    let begun = days.take_while(|day| zone.day_start(*day) < as_of);
    let ends = begun.map(|day| {
        let next = day.succ_opt().map_or(as_of, |next| zone.day_start(next));
        (day, next.min(as_of).timestamp())
    });
    ends.take(MOST_DAYS + 1).collect()
}

/// Weighted bad seconds until the end of each day.
fn bad_by_day(days: &[(NaiveDate, i64)], bad: &[Piece]) -> Vec<BigRational> {
    let mut pieces = bad.iter().peekable();
    let mut whole = BigRational::default();
    let mut used = Vec::with_capacity(days.len());
    for (_, end) in days {
        while let Some(piece) = pieces.next_if(|piece| piece.to <= *end) {
            whole += weighted(std::slice::from_ref(piece)).exact();
        }
        let part = pieces
            .peek()
            .filter(|piece| piece.from < *end)
            .map(|piece| weighted(&[Piece { to: *end, ..(*piece).clone() }]).exact());
        used.push(&whole + part.unwrap_or_default());
    }
    used
}
