//! The closed list of flaws: each with its code, its severity and the figures that it is about.

use super::Severity;
use super::figure::{Figure, Grain};
use crate::build::Build;
use crate::credits::{Cap, Condition, Tier, TierAward};
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::fraction::Fraction;
use crate::json::Json;
use crate::measures::Comparison;
use crate::terms::ExclusionKind;

macro_rules! flaws {
    ($(
        $(#[$doc:meta])*
        $name:ident = $word:literal, $severity:ident { $($(#[$about:meta])* $figure:ident: $type:ty,)* }
    )*) => {
        /// The name of a flaw. A code, once released, keeps its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code with its word, in the order of the list.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$name),)*];

            /// Its word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }

        /// What is wrong, with the figures concerned. Times are in seconds where they are not
        /// durations that stand in the terms.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Flaw { $($(#[$doc])* $name { $($(#[$about])* $figure: $type,)* },)* }

        impl Flaw {
            /// Its name.
            #[must_use]
            pub fn code(&self) -> Code {
                match self { $(Self::$name { .. } => Code::$name,)* }
            }

            /// Its figures by name: decimals, durations and fractions as text, counts as integers,
            /// parts of the terms as the format writes them.
            #[must_use]
            pub fn figures(&self) -> Json {
                match self {
                    $(Self::$name { $($figure,)* } => {
                        Build::default()$(.put(stringify!($figure), $figure.figure()))*.object()
                    })*
                }
            }
        }
    };
}

flaws! {
    /// Not even a window of nothing but downtime misses it.
    ObjectiveAlwaysMet = "objective_always_met", Error {
        /// The objective.
        objective: Decimal,
        /// The lowest attainment that there can be.
        lowest: Fraction,
    }
    /// Attainment must be above 100 %.
    ObjectiveNeverMet = "objective_never_met", Error {
        /// The objective, contracted or internal.
        objective: Decimal,
    }
    /// Rounded as the terms say, the internal objective is met exactly where the contracted is.
    InternalNotTighter = "internal_not_tighter", Error {
        /// The contracted objective.
        objective: Decimal,
        /// The internal one.
        internal: Decimal,
        /// Decimals that rounding keeps.
        decimals: u32,
        /// The percentage from which on both are met.
        met_from: Fraction,
    }
    /// No second (minute, slot) lies between the two objectives: whatever misses the internal one
    /// misses the contracted one, too.
    InternalWithoutBuffer = "internal_without_buffer", Error {
        /// The contracted objective.
        objective: Decimal,
        /// The internal one.
        internal: Decimal,
        /// What of the longest window the contracted one allows to be bad, in seconds or slots.
        allowed: Fraction,
        /// What of it the internal one allows.
        internal_allowed: Fraction,
        /// The least that counts as bad.
        grain: Grain,
    }
    /// An internal objective of 100 %: missed by the first bad second, and no budget to spend.
    InternalWithoutBudget = "internal_without_budget", Warning {
        /// The internal objective.
        internal: Decimal,
    }
    /// The least that the measure counts as bad already misses this percentage, which therefore
    /// works as 100 % would.
    FinerThanCount = "finer_than_count", Warning {
        /// The percentage: an objective or a tier's bound.
        bound: Decimal,
        /// What of the longest window it allows to be bad, in seconds or slots.
        allowed: Fraction,
        /// Seconds or slots of that window.
        total: u64,
        /// The least that counts as bad.
        grain: Grain,
        /// Attainment with just that.
        attainment: Fraction,
    }
    /// Attainment is compared with fewer decimals than this percentage has.
    FinerThanRounding = "finer_than_rounding", Warning {
        /// The percentage: an objective or a tier's bound.
        bound: Decimal,
        /// Decimals that rounding keeps.
        decimals: u32,
        /// The percentage from which on it is reached in effect.
        reached_from: Fraction,
    }
    /// Rounding makes a missed objective a met one.
    RoundingLiftsMiss = "rounding_lifts_miss", Warning {
        /// The objective.
        objective: Decimal,
        /// Decimals that rounding keeps.
        decimals: u32,
        /// The percentage from which on it is met in effect.
        met_from: Fraction,
    }
    /// A slot is longer than the window, so that nothing is ever counted.
    SlotExceedsWindow = "slot_exceeds_window", Error {
        /// Length of a slot.
        slot: Duration,
        /// Seconds of the longest window.
        longest: u64,
    }
    /// A day is no whole number of slots: they drift through the days, and the last, shorter one of
    /// the window is not counted.
    SlotLeavesRest = "slot_leaves_rest", Warning {
        /// Length of a slot.
        slot: Duration,
        /// Seconds of a day that are left.
        rest: u64,
    }
    /// No slot can be as bad as `bad_when` asks.
    SlotNeverBad = "slot_never_bad", Error {
        /// How the error rate is compared.
        is: Comparison,
        /// With which percentage.
        than: Decimal,
    }
    /// Any slot is bad, whatever its errors.
    SlotAlwaysBad = "slot_always_bad", Error {
        /// How the error rate is compared.
        is: Comparison,
        /// With which percentage.
        than: Decimal,
    }
    /// A slot is bad where it has few errors.
    BadWhenReversed = "bad_when_reversed", Warning {
        /// How the error rate is compared.
        is: Comparison,
        /// With which percentage.
        than: Decimal,
    }
    /// Only a longer run of bad slots would count than the window has slots.
    RunExceedsWindow = "run_exceeds_window", Error {
        /// `min_run`.
        run: u64,
        /// Slots of the longest window.
        slots: u64,
    }
    /// Time without requests counts as good, also where it is the outage that kept them away.
    IdleIsGood = "idle_is_good", Warning {
        /// Length of a slot; none: of the `requests` measure, the window as a whole.
        slot: Option<Duration>,
    }
    /// Time that nobody observed counts as available.
    NoDataUp = "no_data_up", Warning {}
    /// Time before the contract counts as available.
    PartialPeriodUp = "partial_period_up", Warning {}
    /// The fixed total is shorter than a real window: attainment falls below what happened.
    CountedAsShort = "counted_as_short", Warning {
        /// The fixed total.
        counted_as: Duration,
        /// Seconds that count in the longest window.
        longest: u64,
    }
    /// The fixed total is longer than any real window: attainment never falls to what happened.
    CountedAsLong = "counted_as_long", Warning {
        /// The fixed total.
        counted_as: Duration,
        /// Seconds that count in the longest window.
        longest: u64,
    }
    /// Rolling windows overlap: the same downtime is paid for in several of them.
    RollingOverlaps = "rolling_overlaps", Warning {
        /// Length of the window.
        rolling: Duration,
    }
    /// Planned maintenance is excused that nobody announced.
    ExclusionWithoutNotice = "exclusion_without_notice", Warning {
        /// Its kind.
        kind: ExclusionKind,
    }
    /// What one side alone decides on is excused without end.
    ExclusionWithoutCap = "exclusion_without_cap", Warning {
        /// Its kind.
        kind: ExclusionKind,
    }
    /// Nothing of this kind is ever excused.
    ExclusionCapZero = "exclusion_cap_zero", Error {
        /// Its kind.
        kind: ExclusionKind,
    }
    /// A whole window may be excused.
    ExclusionCapCoversWindow = "exclusion_cap_covers_window", Warning {
        /// Its kind.
        kind: ExclusionKind,
        /// Its cap.
        cap: Duration,
        /// Seconds of the shortest window.
        shortest: u64,
    }
    /// A year's cap may be used up in a single window.
    ExclusionCapYearly = "exclusion_cap_yearly", Warning {
        /// Its kind.
        kind: ExclusionKind,
        /// Its cap.
        cap: Duration,
        /// Seconds of the cap that fall on one window.
        share: u64,
    }
    /// Notice is asked for of what nobody can announce.
    NoticeImpossible = "notice_impossible", Warning {
        /// Its kind.
        kind: ExclusionKind,
        /// The notice that is asked for.
        min_notice: Duration,
    }
    /// No window is as bad as this tier asks.
    TierNeverHolds = "tier_never_holds", Error {
        /// Its condition.
        when: Condition,
        /// The lowest attainment that there can be.
        lowest: Fraction,
        /// Seconds that count in the longest window.
        longest: u64,
    }
    /// Two tiers have the same condition: only the larger award is ever due.
    TierDuplicated = "tier_duplicated", Error {
        /// The tier that is never due.
        tier: Tier,
        /// Place of the other in the table, from 0.
        other: usize,
        /// The other.
        beside: Tier,
    }
    /// A tier for worse service pays less than another that holds then, too.
    TierPaysLess = "tier_pays_less", Error {
        /// The tier that is never due.
        tier: Tier,
        /// Place of the other in the table, from 0.
        other: usize,
        /// The other.
        beside: Tier,
    }
    /// Whenever this tier holds, another one holds that pays as much.
    TierShadowed = "tier_shadowed", Error {
        /// The tier that is never due.
        tier: Tier,
        /// Place of the other in the table, from 0.
        other: usize,
        /// The other.
        beside: Tier,
    }
    /// No number of bad slots lies between this tier and the next one, which pays as much or more.
    TierLostBetweenSlots = "tier_lost_between_slots", Warning {
        /// The tier that is never due.
        tier: Tier,
        /// Place of the other in the table, from 0.
        other: usize,
        /// The other.
        beside: Tier,
        /// Slots of the longest window.
        slots: u64,
    }
    /// Tiers pay whether or not the objective is met, and this one does where it is.
    TierPaysWhenMet = "tier_pays_when_met", Warning {
        /// Its condition.
        when: Condition,
        /// The objective.
        objective: Decimal,
    }
    /// The objective can be missed without any tier holding.
    MissPaysNothing = "miss_pays_nothing", Warning {
        /// The objective.
        objective: Decimal,
        /// Condition of the tier that holds first.
        first: Condition,
    }
    /// It awards nothing.
    AwardZero = "award_zero", Warning {}
    /// More days are awarded than the window has.
    DaysExceedWindow = "days_exceed_window", Warning {
        /// Days awarded.
        days: u64,
        /// Days of the shortest window.
        shortest: u64,
    }
    /// The cap lets nothing pass: no credit is ever due.
    CapZero = "cap_zero", Error {}
    /// The cap is lower than the smallest award: all awards pay the same.
    CapBelowAwards = "cap_below_awards", Error {
        /// The cap.
        cap: Cap,
        /// The smallest award.
        award: TierAward,
        /// What the cap lets pass, in money; none where the two can be compared without a fee.
        limit: Option<Fraction>,
        /// What the smallest award comes to, in money.
        worth: Option<Fraction>,
    }
    /// The cap is lower than this tier's award: it never pays what it says.
    TierAboveCap = "tier_above_cap", Error {
        /// Its award.
        award: TierAward,
        /// The cap.
        cap: Cap,
        /// Place of a tier for better service that pays the same then, from 0.
        same_as: Option<usize>,
    }
    /// Another cap of the list is never larger.
    CapShadowed = "cap_shadowed", Error {
        /// The cap that never acts.
        cap: Cap,
        /// The one that does.
        by: Cap,
    }
    /// The credit can exceed the fee, and nothing caps it.
    UncappedAboveFee = "uncapped_above_fee", Warning {
        /// The largest award that there can be, in percent of the fee.
        most: Fraction,
    }
    /// `per` begins to pay beyond the longest window.
    PerNeverDue = "per_never_due", Error {
        /// Bad time from which on it pays, in seconds.
        from: u64,
        /// Seconds that count in the longest window.
        longest: u64,
    }
    /// The smallest award is not larger than `minimum_over`, and so never due.
    MinimumOverAward = "minimum_over_award", Warning {
        /// `minimum_over`.
        minimum: Decimal,
        /// The smallest award.
        award: TierAward,
        /// What it comes to, in money.
        worth: Fraction,
        /// Whether no award is larger.
        all: bool,
    }
    /// A credit must be claimed, and nothing says until when.
    ClaimWithoutDeadline = "claim_without_deadline", Warning {}
    /// Lines of one contract differ in whether their credit must be claimed.
    ClaimMixed = "claim_mixed", Warning {
        /// Place of a line whose credit need not be claimed, from 0.
        other: usize,
    }
}
