//! Lint: terms that are valid, and that a careful reader would not sign.
//!
//! A finding is data, so that it can be worded in any language; [`Finding::why`] and
//! [`Finding::instead`] word it in English. What is refused when terms are read is not repeated
//! here.

use crate::case::Case;
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::fraction::Fraction;
use crate::terms::{ExclusionKind, Terms};

mod credit;
mod english;
mod exclusions;
mod grain;
mod objective;
mod tiers;
mod window;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: `credit.tiers[1].below`, of a case `lines[0].terms.credit.tiers[1].below`.
    pub path: String,
    /// What.
    pub what: What,
}

/// What was found, with the figures that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The internal objective allows exactly as much as the contracted one: there is no buffer.
    NoBuffer {
        /// The internal objective.
        internal: Decimal,
        /// The contracted one.
        objective: Decimal,
    },
    /// The least that can be bad already misses a bound below 100 %.
    TooCoarse {
        /// The bound.
        bound: Decimal,
        /// The least that can be bad: a slot, a run of slots, an outage that counts.
        grain: Duration,
        /// Attainment after it, of the longest window.
        after: Fraction,
    },
    /// Attainment below the objective is rounded up to it.
    RoundedUp {
        /// The objective.
        objective: Decimal,
        /// The least percentage that is rounded up to it.
        from: Fraction,
    },
    /// A bound has more decimals than rounding keeps.
    LostDecimals {
        /// The bound.
        bound: Decimal,
        /// So many are kept.
        kept: u32,
    },
    /// A tier whose condition can't hold.
    NeverHolds,
    /// A tier that never pays, because another one holds whenever it does and pays as much.
    NeverPays {
        /// The other one's place in the table.
        other: usize,
    },
    /// A tier for worse service that pays less than one for better service.
    PaysLess {
        /// The other one's place in the table.
        other: usize,
    },
    /// A condition that stands in the table twice.
    Twice {
        /// Where it stands first.
        first: usize,
    },
    /// A tier that pays although the objective is met.
    PaysWhenMet {
        /// Its bound.
        bound: Decimal,
        /// The objective.
        objective: Decimal,
    },
    /// Below the objective, and above the first tier, a miss costs nothing.
    FreeMiss {
        /// The highest bound.
        bound: Decimal,
        /// The objective.
        objective: Decimal,
    },
    /// More days of service than the shortest window has.
    MoreDaysThanWindow {
        /// Days awarded.
        days: u64,
        /// Days of the shortest window.
        shortest: i64,
    },
    /// A cap of nothing.
    CapOfNothing,
    /// A cap below the least that any tier pays: the table does not matter.
    CapBelowFirstTier {
        /// The least award.
        least: Decimal,
    },
    /// A cap below what a tier pays.
    CapBelowTier {
        /// The tier's place in the table.
        tier: usize,
    },
    /// A credit that can exceed the fee, with no cap.
    NoCap {
        /// The most that it can be, in percent of the fee.
        most: Fraction,
    },
    /// The least credit that is due is more than what a tier pays of this fee.
    MinimumAboveTier {
        /// The tier's place in the table.
        tier: usize,
        /// What it pays.
        pays: Fraction,
    },
    /// A claim that is required, and may come at any time.
    ClaimWithoutEnd,
    /// Maintenance that nobody has to announce.
    NoNotice {
        /// Its kind.
        kind: ExclusionKind,
    },
    /// An exclusion without an end.
    ExclusionWithoutCap {
        /// Its kind.
        kind: ExclusionKind,
    },
    /// Notice of what can't be announced.
    ImpossibleNotice {
        /// Its kind.
        kind: ExclusionKind,
        /// The notice asked for.
        notice: Duration,
    },
    /// An exclusion's cap that the shortest window never reaches.
    CapBeyondWindow {
        /// The cap.
        cap: Duration,
    },
    /// A window that overlaps the next one, with a credit for each.
    Overlapping {
        /// Its length.
        length: Duration,
    },
    /// A fixed total that is longer than the shortest window: attainment looks better than it was.
    FlatteringTotal {
        /// The total.
        total: Duration,
        /// Seconds of the shortest window.
        shortest: i64,
    },
    /// Slots that do not divide a day: the last one of a window may not be counted.
    UnevenSlots {
        /// A slot's length.
        slot: Duration,
    },
    /// What nobody observed counts as available.
    UnseenIsUp,
    /// Time without a contract counts as available.
    InactiveIsUp,
}

/// What is to be looked at in these terms, by place. Paths begin at the terms.
#[must_use]
pub fn terms(terms: &Terms) -> Vec<Finding> {
    let mut findings = Findings::default();
    all(terms, &mut findings);
    findings.in_order()
}

/// What is to be looked at in the terms of a case, with its fees and what holds for all its lines.
/// Paths begin at the case.
#[must_use]
pub fn case(case: &Case) -> Vec<Finding> {
    let mut findings = Findings::default();
    for (index, line) in case.lines.iter().enumerate() {
        findings.prefix = format!("lines[{index}].terms.");
        all(&line.terms, &mut findings);
        credit::minimum(&line.terms, line.fee.value(), &mut findings);
    }
    findings.prefix = "contract.".to_owned();
    credit::contract(case, &mut findings);
    findings.in_order()
}

fn all(terms: &Terms, findings: &mut Findings) {
    objective::lint(terms, findings);
    window::lint(terms, findings);
    exclusions::lint(terms, findings);
    if let Some(credit) = &terms.credit {
        tiers::lint(terms, credit, findings);
        credit::lint(terms, credit, findings);
    }
}

/// Findings as they come.
#[derive(Default)]
struct Findings {
    prefix: String,
    list: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, path: impl AsRef<str>, what: What) {
        self.list.push(Finding { path: format!("{}{}", self.prefix, path.as_ref()), what });
    }

    fn in_order(mut self) -> Vec<Finding> {
        self.list.sort_by(|a, b| (&a.path, a.code()).cmp(&(&b.path, b.code())));
        self.list
    }
}
