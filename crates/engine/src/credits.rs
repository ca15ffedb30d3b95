//! Credits: what a miss costs.

use crate::attainment::Attainment;
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::fraction::{Fraction, hundredfold, times};
use crate::money::Rounding;
use crate::quantity::Quantity;
use num_rational::BigRational;

pub mod caps;
pub mod per;
pub mod prorata;
pub(crate) mod read;
pub mod rounding;
pub mod tiers;
pub(crate) mod write;

/// What a miss costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// How the amount is found.
    pub award: Award,
    /// What bounds it; all of them apply.
    pub caps: Vec<Cap>,
    /// A credit that is not larger than this amount is not due.
    pub minimum_over: Option<Decimal>,
    /// How it becomes whole minor units.
    pub rounding: Rounding,
    /// In what form it is given; it does not change the amount.
    pub form: Form,
    /// Whether it must be claimed; it does not change the amount.
    pub claim: Option<Claim>,
}

impl Credit {
    /// Credits by a table, without caps, rounded half up, set against an invoice.
    #[must_use]
    pub fn tiers(tiers: Vec<Tier>) -> Self {
        Self {
            award: Award::Tiers(tiers),
            caps: Vec::new(),
            minimum_over: None,
            rounding: Rounding::HalfUp,
            form: Form::Invoice,
            claim: None,
        }
    }
}

/// How the amount is found: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Award {
    /// By a table.
    Tiers(Vec<Tier>),
    /// In proportion to the bad time.
    Prorata(Prorata),
    /// For each so much bad time; `uptime` only.
    Per(Per),
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// When it holds.
    pub when: Condition,
    /// What it awards.
    pub award: TierAward,
}

/// When a tier holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Attainment in percent < bound (0 to 100).
    Below(Decimal),
    /// Attainment in percent ≤ bound (0 to 100).
    AtOrBelow(Decimal),
    /// Bad seconds, weighted by impact, > this; `uptime` only.
    DowntimeOver(Duration),
    /// Bad seconds, weighted by impact, ≥ this; `uptime` only.
    DowntimeAtLeast(Duration),
}

/// What a tier awards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TierAward {
    /// Percent of the fee.
    Percent(Decimal),
    /// So many days of service: fee × days / calendar days in the window.
    Days(u64),
    /// Money, in the contract's currency.
    Amount(Decimal),
}

/// `prorata`: fee × multiple × t / total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prorata {
    /// How many times.
    pub multiple: Decimal,
    /// What t is.
    pub of: ProrataOf,
    /// When it is due.
    pub when: ProrataWhen,
}

/// What a prorata credit is in proportion to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProrataOf {
    /// All bad time.
    Downtime,
    /// What exceeds the objective's allowance.
    Excess,
}

/// When a prorata credit is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProrataWhen {
    /// Only where the objective is not met.
    #[default]
    Missed,
    /// Always.
    Always,
}

/// `per`: percent of the fee for each so much bad time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Per {
    /// For each of this; longer than nothing.
    pub every: Duration,
    /// Percent of the fee.
    pub percent: Decimal,
    /// Which count.
    pub count: PerCount,
    /// What the first stretch is worth, and from where on `every` counts.
    pub first: Option<PerFirst>,
}

/// Which stretches count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerCount {
    /// Started ones, as whole.
    Started,
    /// Completed ones only.
    Completed,
}

/// The first stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerFirst {
    /// Once bad time reaches this; before, nothing is due.
    pub after: Duration,
    /// Percent of the fee.
    pub percent: Decimal,
}

/// What bounds a credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cap {
    /// Percent of this window's fee.
    Percent(Decimal),
    /// Money, in the contract's currency.
    Amount(Decimal),
    /// Percent of this fee and the history's, for this credit and the history's together.
    Rolling {
        /// Percent.
        percent: Decimal,
        /// What the history should hold; at least 1. It filters nothing.
        months: u64,
    },
}

/// In what form a credit is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Set against an invoice.
    #[default]
    Invoice,
    /// Days of service.
    ServiceDays,
    /// Paid back.
    Refund,
}

impl Form {
    /// All forms with their words.
    pub const WORDS: [(&'static str, Self); 3] =
        [("invoice", Self::Invoice), ("service_days", Self::ServiceDays), ("refund", Self::Refund)];

    /// Its word in the format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        crate::reader::word_of(&self, &Self::WORDS)
    }
}

/// Whether a credit must be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whether it must.
    pub required: bool,
    /// Within this time.
    pub within: Option<Duration>,
}

/// What an award is reckoned on.
#[derive(Debug)]
pub(crate) struct Basis<'a> {
    /// The fee.
    pub(crate) fee: &'a BigRational,
    /// The exact attainment.
    pub(crate) attainment: &'a Attainment<'a>,
    /// What is compared with bounds: attainment, rounded as the terms say.
    pub(crate) compared: &'a Attainment<'a>,
    /// The objective as a percentage.
    pub(crate) objective: &'a BigRational,
    /// Whether it was met.
    pub(crate) met: bool,
    /// Bad seconds, weighted by impact; only of `uptime` lines.
    pub(crate) bad: &'a Quantity<'a>,
    /// Calendar days in the window.
    pub(crate) days: i64,
}

/// What is awarded, before caps, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awarded {
    /// Money, exact.
    pub amount: Fraction,
    /// In percent of the fee; `None`: the award is an amount of money.
    pub percent: Option<Fraction>,
    /// By which rule.
    pub by: AwardedBy,
}

/// By which rule something, or nothing, is awarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwardedBy {
    /// The terms grant no credit.
    NoCredit,
    /// Nothing was measured.
    NotMeasured,
    /// The objective was met, and the rule pays only when it is missed.
    Met,
    /// No tier holds.
    NoTier,
    /// The tier at this place of the table.
    Tier(usize),
    /// In proportion.
    Prorata,
    /// For so many stretches, and whether the first one was reached.
    Per {
        /// How many.
        count: Fraction,
        /// Whether `first` is paid, too.
        first: bool,
    },
}

impl Awarded {
    /// Nothing.
    pub(crate) fn nothing(by: AwardedBy) -> Self {
        Self { amount: Fraction::whole(0), percent: Some(Fraction::whole(0)), by }
    }

    /// A share of the fee.
    pub(crate) fn share(fee: &BigRational, share: &BigRational, by: AwardedBy) -> Self {
        let percent = Fraction::new(hundredfold(share));
        Self { amount: Fraction::new(times(fee, share)), percent: Some(percent), by }
    }
}

impl Credit {
    /// What is awarded, before caps.
    pub(crate) fn award(&self, basis: &Basis) -> Awarded {
        match &self.award {
            Award::Tiers(tiers) => tiers::award(tiers, basis),
            Award::Prorata(prorata) => prorata::award(prorata, basis),
            Award::Per(per) => per::award(per, basis),
        }
    }
}
