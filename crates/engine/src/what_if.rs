//! What-if: the same evidence under other terms, over many windows at once.
//!
//! Both sides are computed, as it was and as it would be, by the one function that computes every
//! case. Windows are independent of each other unless they are asked about as a chain.

use crate::case::Case;
use crate::money::{Currency, Money, MoneyError, money_from_minor};
use crate::outcome::{Outcome, outcome};
use crate::refusal::Refusal;
use num_bigint::BigInt;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

mod chain;
mod change;
mod parallel;
mod side_by_side;

pub use change::{Change, What};
pub use side_by_side::{Side, SideBySide, side_by_side};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The windows, contract by contract; where they are chained, each contract's in order.
    pub contracts: Vec<&'a [Case]>,
    /// What is different, one after the other.
    pub changes: Vec<Change>,
    /// Whether a contract's later windows look back on the earlier ones as they would be: entries
    /// of a line's `history` that name the period of an earlier window here take the fee and the
    /// credit that it would have had, where they differ from what they were. Where windows look
    /// back on each other in any other way (`maintenance_used`), that stays as it is.
    pub chained: bool,
}

/// As it was, and as it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pair<T> {
    /// Under the terms and the evidence of the case.
    pub was: T,
    /// With the changes.
    pub would_be: T,
}

/// What a line reaches in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Attainment in millionths of a percent, cut off; `None`: not measured.
    pub millionths: Option<u32>,
    /// Whether the objective is met; `None`: not measured.
    pub met: Option<bool>,
    /// Whether the internal one is; `None`: not measured, or there is none.
    pub internal_met: Option<bool>,
    /// The line's own credit.
    pub credit: Money,
}

/// One window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The place of its contract in the question.
    pub contract: usize,
    /// The window's label.
    pub period: String,
    /// Each line's name, and what it reaches, in the case's order.
    pub lines: Vec<(String, Pair<Reached>)>,
    /// What the contract owes.
    pub owed: Pair<Money>,
}

/// All windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// One for each window, in the question's order: or why it could not be computed.
    pub windows: Vec<Result<Answer, Refusal>>,
    /// What they add up to.
    pub totals: Totals,
}

/// What windows add up to. Refused ones are in none of the other figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Windows that were computed.
    pub windows: usize,
    /// Windows that were refused.
    pub refused: usize,
    /// Lines that are measured, over all windows.
    pub measured: Pair<usize>,
    /// Of them, those that miss their objective.
    pub missed: Pair<usize>,
    /// What is owed, by currency: money is never added across currencies.
    pub owed: BTreeMap<Currency, Pair<Money>>,
}

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Windows that are done.
    pub done: usize,
    /// All windows.
    pub of: usize,
}

/// Why there are no answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswers {
    /// The question itself is refused, or its totals are beyond the range of [`Money`].
    Refused(Refusal),
    /// Whoever watched the progress said stop.
    Stopped,
}

impl fmt::Display for NoAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Stopped => f.write_str("stopped before all windows were computed"),
        }
    }
}

impl std::error::Error for NoAnswers {}

impl From<Refusal> for NoAnswers {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Reached {
    /// Attainment in percent with all six decimals, cut off: `99.885880`.
    #[must_use]
    pub fn percent(&self) -> Option<String> {
        self.millionths.map(|millionths| crate::fraction::written(&millionths.into(), 6))
    }
}

/// Answers a question with so many threads; 0 and 1 are the caller's own. However many there are,
/// the answers are the same and in the same order. `watch` is called from the caller's thread
/// after each piece of work, and may end it.
///
/// # Errors
/// [`NoAnswers`]. A single window that can't be computed is refused in its own place.
pub fn ask(
    question: &Question,
    workers: usize,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Answers, NoAnswers> {
    change::check(question)?;
    let mut pieces: Vec<Piece> = Vec::new();
    for (contract, cases) in question.contracts.iter().enumerate() {
        let length = if question.chained { cases.len() } else { PIECE };
        pieces.extend(cases.chunks(length.max(1)).map(|cases| Piece { contract, cases }));
    }
    let of = pieces.iter().map(|piece| piece.cases.len()).sum();
    let mut done = 0;
    let answered = parallel::each(
        &pieces,
        workers,
        |piece| chain::answer(question, piece.contract, piece.cases),
        |answers: &Vec<_>| {
            done += answers.len();
            watch(Progress { done, of })
        },
    );
    let windows: Vec<_> = answered.ok_or(NoAnswers::Stopped)?.into_iter().flatten().collect();
    Ok(Answers { totals: Totals::of(&windows)?, windows })
}

/// Windows that are not chained are done so many at a time.
const PIECE: usize = 16;

/// What one thread does at a time: a whole chain, or a few windows.
struct Piece<'a> {
    contract: usize,
    cases: &'a [Case],
}

/// What a case comes to: the one place here that computes.
fn reach(case: &Case) -> Result<(Vec<Reached>, Money), Refusal> {
    let Outcome { lines, credit } = outcome(case)?;
    let money = |minor: &BigInt, path: String| {
        money_from_minor(minor, case.contract.currency)
            .map_err(|error| Refusal::new(path, error.to_string()))
    };
    let owed = money(&credit, "lines".to_owned())?;
    let reached = lines.into_iter().enumerate().map(|(index, line)| {
        Ok(Reached {
            millionths: line.millionths,
            met: line.met,
            internal_met: line.internal_met,
            credit: money(&line.credit, format!("lines[{index}].fee"))?,
        })
    });
    Ok((reached.collect::<Result<_, Refusal>>()?, owed))
}

impl Totals {
    fn of(windows: &[Result<Answer, Refusal>]) -> Result<Self, Refusal> {
        let mut totals = Self::default();
        let add = |sum: Money, more: Money| {
            sum.checked_add(more)
                .map_err(|error: MoneyError| Refusal::new("owed", error.to_string()))
        };
        for answer in windows {
            let Ok(answer) = answer else {
                totals.refused += 1;
                continue;
            };
            totals.windows += 1;
            for (_, line) in &answer.lines {
                let tell = |met: Option<bool>, measured: &mut usize, missed: &mut usize| {
                    *measured += usize::from(met.is_some());
                    *missed += usize::from(met == Some(false));
                };
                tell(line.was.met, &mut totals.measured.was, &mut totals.missed.was);
                tell(line.would_be.met, &mut totals.measured.would_be, &mut totals.missed.would_be);
            }
            let currency = answer.owed.was.currency();
            let zero = Money::zero(currency);
            let owed = totals.owed.entry(currency).or_insert(Pair { was: zero, would_be: zero });
            owed.was = add(owed.was, answer.owed.was)?;
            owed.would_be = add(owed.would_be, answer.owed.would_be)?;
        }
        Ok(totals)
    }
}
