//! Steps: how much more bad it takes until the objective is missed and until each tier holds, when
//! that could be, and what it would cost.

use super::bound::{Bound, Missing};
use super::{Counted, OpenWindow, Standing, TotalOf, Unanswered, count, due, rest, total_of};
use crate::case::Line;
use crate::credits::{Award, Per, PerCount, Prorata, ProrataOf, ProrataWhen};
use crate::duration::Duration;
use crate::fraction::{Fraction, whole};
use crate::measures::Measure;
use crate::money::Money;
use crate::outcome::Settled;
use crate::refusal::Refusal;
use chrono::{DateTime, Utc};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

/// What further bad time, slots or events would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    /// The line's own credit if nothing further goes wrong.
    pub credit: Money,
    /// What the contract owes then.
    pub owed: Money,
    /// Until the contracted objective is missed.
    pub objective: Step,
    /// Until the internal one is missed, where there is one.
    pub internal: Option<Step>,
    /// Until more is due.
    pub ladder: Ladder,
    /// What keeps bad time from counting second by second.
    pub notes: Vec<Note>,
}

impl Costs {
    /// The nearest tier or stretch that does not hold yet; of equally near ones the first.
    #[must_use]
    pub fn next(&self) -> Option<&Ahead> {
        let steps = match &self.ladder {
            Ladder::NoCredit => &[],
            Ladder::Tiers(steps) => steps.as_slice(),
            Ladder::Per(step) | Ladder::Prorata { from: step, .. } => std::slice::from_ref(step),
        };
        let ahead = steps.iter().filter_map(|step| match step {
            Step::Ahead(ahead) => Some(ahead),
            _ => None,
        });
        ahead.min_by(|a, b| a.whole.cmp(&b.whole).then_with(|| a.more.cmp(&b.more)))
    }
}

/// The steps of a credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ladder {
    /// The terms grant no credit.
    NoCredit,
    /// One step for each tier, in the table's order.
    Tiers(Vec<Step>),
    /// The next stretch of a `per` credit.
    Per(Step),
    /// A `prorata` credit grows from this step on, evenly.
    Prorata {
        /// From where on.
        from: Step,
        /// What one more second, slot or event costs from there on: exact money, before caps and
        /// rounding. Sixty times this is a minute's.
        each: Fraction,
    },
}

/// A step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It holds already.
    Holds,
    /// It would take more.
    Ahead(Ahead),
    /// No amount of bad makes it hold: nothing is below 0 %.
    Never,
}

/// A step that does not hold yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// How much more must count as bad, exactly, in the line's unit. Exactly so much is enough for
    /// `at_or_below` and `at_least`, and for missing an objective that is `above`; for the others
    /// it takes more than this.
    pub more: Fraction,
    /// The least whole number of units that is enough.
    pub whole: Fraction,
    /// When that could be at the earliest.
    pub when: When,
    /// The line's own credit that would be due then: award, caps and rounding applied.
    pub credit: Money,
    /// What the contract would owe then, its other lines staying as they are.
    pub owed: Money,
}

/// When a step would be reached if from now on everything were bad without a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Just so long, and no second or slot less. Service hours, exclusions that were announced,
    /// `whole_minutes` and `min_outage` are reckoned with, and so is an outage that is running.
    At(DateTime<Utc>),
    /// Not in what is left of this window.
    NotInWindow,
    /// Nobody knows when how many events come.
    Unknown,
}

/// What keeps bad time from counting second by second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Each stretch counts in whole minutes: the rest of a minute costs nothing.
    WholeMinutes,
    /// An outage that is shorter costs nothing; once it is so long, all of it counts.
    MinOutage(Duration),
    /// Bad slots cost nothing in a run of fewer; once there are so many, all of them count.
    MinRun(u64),
}

impl OpenWindow {
    /// What it takes until a line's objectives are missed and its credit grows.
    ///
    /// Each step that is ahead is searched for by computing: three times where seconds or slots
    /// count one by one, else some twenty times.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn costs(&self, line: usize) -> Result<Costs, Unanswered> {
        let index = line;
        let (line, standing, counted) = self.measured(index)?;
        let total_of = total_of(&line.terms.measure);
        let start = Start { open: self, index, line, standing, counted, total_of };
        let missed = Bound::missed(&line.terms, &line.terms.objective);
        let internal = line.terms.internal_objective.as_ref();
        let internal = internal.map(|objective| Bound::missed(&line.terms, objective));
        let ladder = match line.terms.credit.as_ref().map(|credit| &credit.award) {
            None => Ladder::NoCredit,
            Some(Award::Tiers(tiers)) => {
                let bounds = tiers.iter().map(|tier| Bound::of(&line.terms, &tier.when));
                Ladder::Tiers(bounds.map(|bound| start.step(&bound)).collect::<Result<_, _>>()?)
            }
            Some(Award::Per(per)) => Ladder::Per(start.step(&start.next_of(per, &missed))?),
            Some(Award::Prorata(prorata)) => {
                let begin = start.begin_of(prorata, missed.clone());
                Ladder::Prorata { from: start.step(&begin)?, each: start.each_of(prorata) }
            }
        };
        Ok(Costs {
            credit: standing.credit,
            owed: start.owed(standing.credit)?,
            objective: start.step(&missed)?,
            internal: internal.map(|bound| start.step(&bound)).transpose()?,
            ladder,
            notes: notes(&line.terms.measure),
        })
    }
}

fn notes(measure: &Measure) -> Vec<Note> {
    match measure {
        Measure::Uptime(uptime) => {
            let minutes = uptime.whole_minutes.then_some(Note::WholeMinutes);
            minutes.into_iter().chain(uptime.min_outage.clone().map(Note::MinOutage)).collect()
        }
        Measure::Slots(slots) => {
            slots.min_run.filter(|run| *run > 1).map(Note::MinRun).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Where steps begin.
struct Start<'a> {
    open: &'a OpenWindow,
    index: usize,
    line: &'a Line,
    standing: &'a Standing,
    counted: &'a Counted,
    total_of: TotalOf,
}

impl Start<'_> {
    fn step(&self, bound: &Bound) -> Result<Step, Refusal> {
        if self.holds(bound, 0)? {
            return Ok(Step::Holds);
        }
        let mut missing = bound.missing(self.counted, self.total_of);
        if missing == Missing::Nothing {
            // It misses by less than what a sum of error rates was rounded up by.
            missing = Missing::More { units: whole(0), beyond: true };
        }
        let Missing::More { units, .. } = &missing else { return Ok(Step::Never) };
        let least = missing.whole();
        let mut then = self.with_more(&whole(least.clone()));
        let mut when = When::Unknown;
        if !matches!(self.line.terms.measure, Measure::Requests(_)) {
            when = When::NotInWindow;
            if let Some((at, counted)) = self.first(bound, &least)? {
                (when, then) = (When::At(at), counted);
            }
        }
        let credit = self.credit(&then)?;
        Ok(Step::Ahead(Ahead {
            more: Fraction::new(units.clone()),
            whole: Fraction::whole(least),
            when,
            credit,
            owed: self.owed(credit)?,
        }))
    }

    /// Whether the bound holds, exactly, when the first so many seconds or slots to come are bad.
    fn holds(&self, bound: &Bound, bad: i64) -> Result<bool, Refusal> {
        let mut line = self.open.filled(self.line, &self.standing.span, bad);
        // What it costs is not asked here.
        line.terms.credit = None;
        Ok(bound.holds(&Settled::of(&line, &self.open.known, self.index)?.measured))
    }

    /// What is counted once so much more is bad.
    fn with_more(&self, more: &BigRational) -> Counted {
        let Counted { total, bad } = self.counted;
        match self.total_of {
            TotalOf::Window => Counted { total: total.clone(), bad: bad + more },
            TotalOf::SoFar => Counted { total: total + more, bad: bad + more },
        }
    }

    /// The end of the shortest stretch from now on that makes the bound hold when all of it is
    /// bad, and what is counted then. A longer stretch is never better. `guess` is how long it is
    /// where each second or slot counts by itself: then two looks are enough.
    fn first(
        &self,
        bound: &Bound,
        guess: &BigInt,
    ) -> Result<Option<(DateTime<Utc>, Counted)>, Refusal> {
        let (span, as_of) = (&self.standing.span, self.open.as_of);
        let last = rest::to_come(self.line, span, as_of);
        if last < 1 {
            return Ok(None);
        }
        let guess = guess.to_i64().unwrap_or(i64::MAX).clamp(1, last);
        // It does not hold at `no`, and does at `yes`; from the guess on in steps that double.
        let (mut no, mut yes, mut step) = (0, guess, 1);
        if self.holds(bound, guess)? {
            while yes - no > 1 {
                let before = (yes - step).max(no + 1);
                if !self.holds(bound, before)? {
                    no = before;
                    break;
                }
                (yes, step) = (before, step.saturating_mul(2));
            }
        } else {
            no = guess;
            loop {
                if no == last {
                    return Ok(None);
                }
                let after = no.saturating_add(step).min(last);
                if self.holds(bound, after)? {
                    yes = after;
                    break;
                }
                (no, step) = (after, step.saturating_mul(2));
            }
        }
        while yes - no > 1 {
            let middle = no + (yes - no) / 2;
            if self.holds(bound, middle)? {
                yes = middle;
            } else {
                no = middle;
            }
        }
        let known = &self.open.known;
        let then = count(known, self.index, &self.open.filled(self.line, span, yes))?;
        Ok(Some((rest::end_of(self.line, span, as_of, yes), then)))
    }

    fn credit(&self, counted: &Counted) -> Result<Money, Refusal> {
        let (open, span) = (self.open, &self.standing.span);
        Ok(due::of_line(&open.known, self.index, self.line, span, counted)?.credit)
    }

    /// What the contract owes where this line's credit is this.
    fn owed(&self, credit: Money) -> Result<Money, Refusal> {
        let mut credits: Vec<Money> = self.open.lines.iter().map(|line| line.credit).collect();
        credits[self.index] = credit;
        due::of_contract(&self.open.known, &credits)
    }

    /// When the next stretch is due. It is paid only where the objective is missed: so that may be
    /// the step, with all the stretches that it brings.
    fn next_of(&self, per: &Per, missed: &Bound) -> Bound {
        let missing = missed.missing(self.counted, self.total_of);
        if missing == Missing::Never {
            return missed.clone();
        }
        let bad = &self.counted.bad + whole(missing.whole());
        let first = per.first.as_ref();
        let after = first.map(|first| whole(first.after.seconds())).unwrap_or_default();
        // A first stretch that pays nothing is a time of grace, and no step.
        let pays = first.is_some_and(|first| !first.percent.value().is_zero());
        if pays && bad < after {
            return Bound::bad(after, true);
        }
        let bad = bad.max(after.clone());
        let every = whole(per.every.seconds().max(1));
        let stretches = (&bad - &after) / &every;
        let (count, next) = match per.count {
            PerCount::Started => {
                (stretches.ceil(), Bound::bad(after + stretches.ceil() * every, false))
            }
            PerCount::Completed => {
                let completed = stretches.floor();
                let next = Bound::bad(after + (&completed + whole(1)) * every, true);
                (completed, next)
            }
        };
        let paid = pays || !count.is_zero();
        if missing != Missing::Nothing && paid { missed.clone() } else { next }
    }

    /// From where on a prorata credit grows.
    fn begin_of(&self, prorata: &Prorata, missed: Bound) -> Bound {
        let due = match prorata.when {
            ProrataWhen::Missed => missed,
            ProrataWhen::Always => Bound::bad(BigRational::zero(), false),
        };
        let excess = match prorata.of {
            ProrataOf::Downtime => return due,
            ProrataOf::Excess => Bound::unrounded(&self.line.terms.objective),
        };
        let missing = |bound: &Bound| bound.missing(self.counted, self.total_of);
        if missing(&excess).order(&missing(&due)).is_gt() { excess } else { due }
    }

    /// What one more unit costs, once the credit grows.
    fn each_of(&self, prorata: &Prorata) -> Fraction {
        let share = |counted: &Counted| match counted.total.is_zero() {
            true => BigRational::zero(),
            false => (&counted.bad / &counted.total).min(whole(1)),
        };
        let more = share(&self.with_more(&whole(1))) - share(self.counted);
        Fraction::new(self.line.fee.ratio() * prorata.multiple.ratio() * more)
    }
}
