//! One step, as data.

use crate::credits::{AwardedBy, Cap, Condition, Form, PerFirst, TierAward};
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::exclusions::Admission;
use crate::fraction::Fraction;
use crate::frame::Unmeasured;
use crate::measures::Unit;
use crate::money::{Currency, Rounding};
use crate::terms::{ExclusionKind, NoData, PartialPeriod, Treatment};
use chrono::{NaiveDate, NaiveDateTime};

/// One step of the way from evidence to money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// How long the window is.
    Window {
        /// Its name.
        name: WindowName,
        /// The zone's name.
        zone: String,
        /// Calendar days.
        days: i64,
        /// Seconds.
        seconds: i64,
        /// Days of another length than 24 h, with their seconds.
        uneven: Vec<(NaiveDate, i64)>,
    },
    /// Time in which the line was not under contract.
    Inactive {
        /// Seconds.
        seconds: i64,
        /// What becomes of it.
        treatment: PartialPeriod,
    },
    /// Time out of service hours; it does not count.
    OutOfHours {
        /// Seconds.
        seconds: i64,
    },
    /// An exclusion that was admitted.
    Excluded {
        /// Its kind.
        kind: ExclusionKind,
        /// Local time of its first second.
        from: NaiveDateTime,
        /// Local time of its end.
        to: NaiveDateTime,
        /// Seconds that it excuses.
        seconds: i64,
        /// What becomes of them.
        treatment: Treatment,
    },
    /// Many exclusions of one kind.
    ExcludedMany {
        /// Their kind.
        kind: ExclusionKind,
        /// How many.
        count: usize,
        /// Seconds that they excuse.
        seconds: i64,
        /// What becomes of them.
        treatment: Treatment,
    },
    /// An exclusion that was not admitted.
    NotAdmitted {
        /// Its kind.
        kind: ExclusionKind,
        /// Local time of its first second.
        from: NaiveDateTime,
        /// Local time of its end.
        to: NaiveDateTime,
        /// Why not.
        admission: Admission,
    },
    /// Slots or events that are excused.
    Excused {
        /// Which.
        unit: Unit,
        /// How many.
        amount: Fraction,
    },
    /// Time that nobody measured.
    Unknown {
        /// Seconds.
        seconds: i64,
        /// What becomes of it.
        treatment: NoData,
    },
    /// The denominator is fixed.
    FixedTotal {
        /// To this.
        length: Duration,
    },
    /// What is left to count.
    Counted {
        /// Of what.
        unit: Unit,
        /// How much.
        total: Fraction,
        /// Whether something was taken out before.
        less: bool,
    },
    /// The outages, and what of them counts.
    Outages {
        /// How many touch the window.
        count: usize,
        /// Their seconds in the window.
        lasted: i64,
        /// Whether one of them reaches beyond the window.
        beyond: bool,
        /// Seconds that count, not weighted.
        counted: i64,
        /// What counts, weighted by impact.
        bad: Fraction,
    },
    /// An outage that does not wholly count, and what became of it.
    Outage {
        /// Local time of its first second, before any cut.
        from: NaiveDateTime,
        /// Local time of its end.
        to: NaiveDateTime,
        /// Its seconds that count, not weighted.
        counted: i64,
        /// Its seconds that are excused.
        excused: i64,
        /// Its seconds that nobody measured.
        unknown: i64,
        /// Its seconds outside of the window, the contract or the service hours.
        outside: i64,
        /// Its seconds that are cut off from whole minutes.
        cut: i64,
        /// What it would have to last to count, where it lasted less.
        shorter_than: Option<Duration>,
    },
    /// Bad slots, or bad events.
    Bad {
        /// Of what.
        unit: Unit,
        /// How much.
        bad: Fraction,
    },
    /// Attainment, cut off.
    Attainment {
        /// Of what.
        unit: Unit,
        /// What was counted.
        total: Fraction,
        /// What was bad.
        bad: Fraction,
        /// The exact fraction.
        attainment: Fraction,
    },
    /// The percentage that is compared, rounded.
    Rounded {
        /// To this.
        compared: Fraction,
        /// So many decimals.
        decimals: u32,
    },
    /// How attainment stands to the objective.
    Compared {
        /// The contracted percentage.
        objective: Decimal,
        /// Whether attainment must be above it, not only at it.
        above: bool,
        /// Whether it was met.
        met: bool,
    },
    /// Nothing was measured.
    NotMeasured {
        /// Why.
        why: Unmeasured,
    },
    /// A tier holds.
    Tier {
        /// Its condition.
        when: Condition,
        /// The nearest bound that does not hold, of a tier for worse service.
        not_below: Option<Decimal>,
        /// What it awards.
        award: TierAward,
        /// In percent of the fee, where it is a share of it.
        percent: Option<Fraction>,
    },
    /// In proportion to the bad time.
    Prorata {
        /// How many times.
        multiple: Decimal,
        /// Whether only what exceeds the objective's allowance counts.
        excess: bool,
        /// In percent of the fee.
        percent: Fraction,
    },
    /// For each so much bad time.
    Per {
        /// What is paid once, from so much on.
        first: Option<PerFirst>,
        /// Each of this.
        every: Duration,
        /// What each is worth, in percent of the fee.
        each: Decimal,
        /// How many.
        count: Fraction,
        /// In percent of the fee, all together.
        percent: Fraction,
    },
    /// Nothing is awarded.
    NoAward {
        /// Why.
        by: AwardedBy,
    },
    /// The fee.
    Fee {
        /// So much.
        fee: Decimal,
        /// Of this.
        currency: Currency,
    },
    /// A cap that lowered the credit.
    Cap {
        /// The cap.
        cap: Cap,
        /// The most that it lets pass.
        limit: Fraction,
        /// In this.
        currency: Currency,
    },
    /// An amount that was no whole number of minor units.
    RoundedCredit {
        /// What it became.
        credit: Fraction,
        /// In this.
        currency: Currency,
        /// How.
        rounding: Rounding,
    },
    /// Too small to be due.
    TooSmall {
        /// What a credit must be larger than.
        minimum: Decimal,
        /// In this.
        currency: Currency,
    },
    /// The line's own credit, where its contract leaves it another amount.
    OwnCredit {
        /// So much.
        credit: Fraction,
        /// In this.
        currency: Currency,
    },
    /// The contract pays only the highest credit, and this is not it.
    Outranked {
        /// The name of the line that pays.
        by: String,
        /// That line's own credit.
        credit: Fraction,
        /// In this.
        currency: Currency,
    },
    /// The contract's cap, and what of it is this line's.
    ContractCap {
        /// What all lines come to together, where it is not this one alone.
        all: Option<Fraction>,
        /// What the cap lets pass.
        most: Fraction,
        /// The line's share of it.
        share: Fraction,
        /// In this.
        currency: Currency,
    },
    /// What the line has of what its contract owes.
    Credit {
        /// So much.
        credit: Fraction,
        /// In this.
        currency: Currency,
        /// In what form it is given.
        form: Form,
    },
}

/// What a window is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowName {
    /// A month: year and month.
    Month(i32, u32),
    /// A quarter: year and number.
    Quarter(i32, u32),
    /// A year.
    Year(i32),
    /// So many days, and the last of them.
    Days(i64, NaiveDate),
}
