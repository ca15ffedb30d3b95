//! Distance: where the lines of an open window stand, how far it is to what they may miss, and what
//! that would cost.
//!
//! Each answer rests on ordinary cases that anybody could compute: the case as it was known at an
//! instant, with the rest of the window filled in. What nobody has observed yet is taken as good
//! only where the question says so; a forecast takes it as what it is like.

use crate::attainment::Attainment;
use crate::case::{Case, Line};
use crate::fraction::{Fraction, cut, whole};
use crate::frame::Unmeasured;
use crate::measures::uptime::Piece;
use crate::measures::{Idle, Measure, Measured};
use crate::money::Money;
use crate::outcome::{self, Settled};
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::window::Span;
use chrono::{DateTime, Utc};
use num_bigint::BigInt;
use num_rational::BigRational;
use std::fmt;

mod allowance;
mod bound;
mod burn_rate;
mod due;
mod forecast;
mod rest;
mod tier;

pub use crate::measures::Unit;
pub use allowance::{Allowance, Distance, TotalOf};
pub use burn_rate::{BurnRate, LookBack};
pub use forecast::{Forecast, Like, LineForecast, UsedUp};
pub use tier::{Ahead, Costs, Ladder, Note, Step, When};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// A case that the answer needs breaks a rule.
    Refused(Refusal),
    /// The line is not measured in this window, or nothing of it has been counted yet.
    NotMeasured(Unmeasured),
    /// The evidence is a total of events: it doesn't say when they were.
    NoTimes,
    /// What is looked back on holds nothing that counts: all of it was unknown, excused or out of
    /// service hours. That is no reason to take the rest as good.
    NothingToGoBy,
    /// The earlier window has no line of this name whose evidence the measure could judge.
    NoEarlierLine,
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::NotMeasured(_) => f.write_str("the line is not measured"),
            Self::NoTimes => f.write_str("a total of events does not say when they were"),
            Self::NothingToGoBy => f.write_str("nothing was counted in the time looked back on"),
            Self::NoEarlierLine => {
                f.write_str("the earlier window has no line of this name with such evidence")
            }
        }
    }
}

impl std::error::Error for Unanswered {}

/// A case as it was known at an instant; lines are named by their place in it.
#[derive(Debug)]
pub struct OpenWindow {
    /// Without what was observed later.
    known: Case,
    as_of: DateTime<Utc>,
    /// The lines, as if nothing further went wrong.
    lines: Vec<Standing>,
}

/// Where a line stands.
#[derive(Debug)]
struct Standing {
    span: Span,
    /// What was counted, or why nothing was.
    counted: Result<Counted, Unmeasured>,
    /// Bad time that counts, in order; `uptime` only.
    bad_pieces: Vec<Piece>,
    /// The line's own credit.
    credit: Money,
}

/// What was counted, and what of it was bad: exactly, but where a sum of error rates is a fraction
/// of thousands of digits, hardly less than this.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counted {
    total: BigRational,
    bad: BigRational,
}

impl Counted {
    fn of(measured: &Measured) -> Result<Self, Unmeasured> {
        let (total, bad) = (&measured.total, &measured.bad);
        measured.attainment.as_ref().map_err(|why| *why)?;
        Ok(Self { total: total.exact(), bad: bad.at_most() })
    }

    fn nothing() -> Self {
        Self { total: whole(0), bad: whole(0) }
    }

    /// As if this had been measured; with nothing counted it is wholly good.
    fn measured(&self) -> Measured<'static> {
        let total = Quantity::Exact(self.total.clone());
        let bad = Quantity::Exact(self.bad.clone());
        let attainment = Ok(Attainment::of(&total, &bad).unwrap_or(Attainment::ONE));
        Measured { attainment, total, bad, excused: Quantity::ZERO }
    }

    fn less(self, other: &Self) -> Self {
        Self { total: self.total - &other.total, bad: self.bad - &other.bad }
    }
}

/// Measures a line in this case's window.
fn stand(case: &Case, index: usize, line: &Line) -> Result<Standing, Refusal> {
    let settled = Settled::of(line, case, index)?;
    Ok(Standing {
        span: settled.frame.span,
        counted: Counted::of(&settled.measured),
        bad_pieces: settled.timeline.map(|timeline| timeline.bad).unwrap_or_default(),
        credit: due::money(&settled.minor, case, &format!("lines[{index}].fee"))?,
    })
}

/// What a line counts in this case's window; nothing where it is not measured. It is not judged:
/// a mean that is hardly off its objective would have to be reckoned exactly.
fn count(case: &Case, index: usize, line: &Line) -> Result<Counted, Refusal> {
    let measured = outcome::measured(line, case, index)?;
    Ok(Counted::of(&measured).unwrap_or_else(|_| Counted::nothing()))
}

impl OpenWindow {
    /// The case as it was known at `as_of`, which may be before its window, in it or after it.
    ///
    /// Slots count once they have ended; totals of events are taken as those up to `as_of`.
    /// Exclusions stay, also those to come: they were announced.
    ///
    /// # Errors
    /// As [`compute`](crate::compute::compute); a credit beyond the range of [`Money`].
    pub fn at(case: &Case, as_of: DateTime<Utc>) -> Result<Self, Refusal> {
        let mut known = case.clone();
        let mut lines = Vec::with_capacity(case.lines.len());
        for (index, line) in known.lines.iter_mut().enumerate() {
            let span = line.terms.window.span(&case.period)?;
            rest::cut(line, &span, as_of);
            let good = rest::filled(line, &span, as_of, 0);
            lines.push(stand(case, index, &good)?);
        }
        Ok(Self { known, as_of, lines })
    }

    fn line(&self, index: usize) -> Result<(&Line, &Standing), Refusal> {
        let both = self.known.lines.get(index).zip(self.lines.get(index));
        both.ok_or_else(|| Refusal::new(format!("lines[{index}]"), "there is no such line"))
    }

    /// The line, where it stands, and what it has counted.
    fn measured(&self, index: usize) -> Result<(&Line, &Standing, &Counted), Unanswered> {
        let (line, standing) = self.line(index)?;
        match &standing.counted {
            Ok(counted) => Ok((line, standing, counted)),
            Err(why) => Err(Unanswered::NotMeasured(*why)),
        }
    }

    /// The line with the first so many seconds or slots from `as_of` on bad, and the rest good.
    fn filled(&self, line: &Line, span: &Span, bad: i64) -> Line {
        rest::filled(line, span, self.as_of, bad)
    }

    /// What the line had counted by this second since 1970.
    fn until(&self, index: usize, line: &Line, second: i64) -> Result<Counted, Refusal> {
        count(&self.known, index, &rest::until(line, second))
    }

    /// What the line counted in these seconds: the difference of what it had counted by their
    /// ends, so that caps on exclusions are used up in order of time.
    fn between(&self, index: usize, line: &Line, span: (i64, i64)) -> Result<Counted, Refusal> {
        Ok(self.until(index, line, span.1)?.less(&self.until(index, line, span.0)?))
    }
}

/// Whether the window's total is known before its end.
fn total_of(measure: &Measure) -> TotalOf {
    let idle = match measure {
        Measure::Uptime(_) => Idle::Good,
        Measure::Slots(slots) => slots.idle,
        Measure::MeanErrorRate(mean) => mean.idle,
        Measure::Requests(_) => Idle::Removed,
    };
    match idle {
        Idle::Good => TotalOf::Window,
        Idle::Removed => TotalOf::SoFar,
    }
}

/// The distance of each line at `as_of`; the rest of the window is taken as good.
///
/// # Errors
/// As [`OpenWindow::at`].
pub fn distance(
    case: &Case,
    as_of: DateTime<Utc>,
) -> Result<Vec<Result<Distance, Unanswered>>, Refusal> {
    let open = OpenWindow::at(case, as_of)?;
    Ok((0..case.lines.len()).map(|index| open.distance(index)).collect())
}

/// Seconds as decimal minutes with two decimals, cut so that what is left never looks better:
/// `44.69`, `−6.31` (with U+2212).
#[must_use]
pub fn minutes(seconds: &Fraction) -> String {
    cut(&(seconds.ratio() / BigInt::from(60)), 2).replace('-', "\u{2212}")
}

/// Seconds of bad time as decimal minutes with two decimals, rounded up where they don't end:
/// bad time never looks less.
#[must_use]
pub fn bad_minutes(seconds: &Fraction) -> String {
    let hundredths = (seconds.ratio() * BigInt::from(100) / BigInt::from(60)).ceil();
    cut(&(hundredths / BigInt::from(100)), 2).replace('-', "\u{2212}")
}
