//! The burn rate: how fast the allowance is used up.

use super::{Counted, OpenWindow, Standing, Unanswered, rest};
use crate::case::Line;
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::fraction::Fraction;
use crate::instant::from_seconds;
use chrono::{DateTime, Utc};
use num_rational::BigRational;
use num_traits::{One, Zero};

/// How far to look back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookBack {
    /// To the window's beginning.
    SoFar,
    /// So long, but not beyond the window's beginning. Of slots, those that begin in it.
    Last(Duration),
}

/// How fast a line used up its allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BurnRate {
    /// Where the time looked back on begins.
    pub from: DateTime<Utc>,
    /// Its end: `as_of`, or the end of the last slot before it.
    pub to: DateTime<Utc>,
    /// What was counted in it.
    pub total: Fraction,
    /// What of it was bad.
    pub bad: Fraction,
    /// The bad share ÷ (1 − objective): at 1 the allowance is used up just at the window's end, at
    /// 2 in half the time. `None`: an objective of 100 % allows nothing, so nothing is a multiple
    /// of it.
    pub objective: Option<Fraction>,
    /// The same by the internal objective. `None`, too: there is none.
    pub internal: Option<Fraction>,
}

impl OpenWindow {
    /// How fast a line's allowance was used up in the time looked back on: a share of the real time
    /// that counted, also where the terms fix the total.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn burn_rate(&self, line: usize, look_back: &LookBack) -> Result<BurnRate, Unanswered> {
        let (index, (line, standing, _)) = (line, self.measured(line)?);
        let ((from, to), counted) = self.look_back(index, line, standing, look_back)?;
        if counted.total.is_zero() {
            return Err(Unanswered::NothingToGoBy);
        }
        let share = &counted.bad / &counted.total;
        let of = |objective: &Decimal| {
            let allowed = BigRational::one() - objective.percent();
            (!allowed.is_zero()).then(|| Fraction::new(&share / allowed))
        };
        Ok(BurnRate {
            from: from_seconds(from),
            to: from_seconds(to),
            objective: of(&line.terms.objective),
            internal: line.terms.internal_objective.as_ref().and_then(of),
            total: Fraction::new(counted.total),
            bad: Fraction::new(counted.bad),
        })
    }

    /// When that which is bad in the time looked back on began; `None`: nothing in it is. It is
    /// searched for by computing, some twenty times.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn bad_since(
        &self,
        line: usize,
        look_back: &LookBack,
    ) -> Result<Option<DateTime<Utc>>, Unanswered> {
        let (index, (line, standing, _)) = (line, self.measured(line)?);
        if line.evidence.totals.is_some() {
            return Err(Unanswered::NoTimes);
        }
        let ((from, to), counted) = self.look_back(index, line, standing, look_back)?;
        if counted.bad.is_zero() {
            return Ok(None);
        }
        let good = self.filled(line, &standing.span, 0);
        // The latest beginning from which on all of it is still looked back on.
        let (mut all, mut part) = (from, to);
        while part - all > 1 {
            let middle = all + (part - all) / 2;
            if self.between(index, &good, (middle, to))?.bad == counted.bad {
                all = middle;
            } else {
                part = middle;
            }
        }
        Ok(Some(from_seconds(all)))
    }

    /// The seconds looked back on, and what the line counted in them.
    pub(super) fn look_back(
        &self,
        index: usize,
        line: &Line,
        standing: &Standing,
        look_back: &LookBack,
    ) -> Result<((i64, i64), Counted), Unanswered> {
        let span = &standing.span;
        let (begin, to) = (span.from.timestamp(), rest::seen(line, span, self.as_of));
        let from = match look_back {
            LookBack::SoFar => begin,
            LookBack::Last(length) => to.saturating_sub(length.signed_seconds()).max(begin),
        };
        if line.evidence.totals.is_some() {
            let counted = standing.counted.clone().map_err(Unanswered::NotMeasured)?;
            return if from == begin {
                Ok(((from, to), counted))
            } else {
                Err(Unanswered::NoTimes)
            };
        }
        let good = self.filled(line, span, 0);
        Ok(((from, to), self.between(index, &good, (from, to))?))
    }
}
