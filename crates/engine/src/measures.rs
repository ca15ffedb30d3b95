//! Measures: how attainment is computed.

use crate::attainment::Attainment;
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::frame::Unmeasured;
use crate::quantity::Quantity;

pub(crate) mod grid;
pub mod impact;
pub mod mean_error_rate;
pub(crate) mod read;
pub mod requests;
pub mod slots;
pub mod uptime;
pub(crate) mod write;

/// What a line measured.
#[derive(Debug, Clone)]
pub(crate) struct Measured<'a> {
    /// Attainment, or why there is none.
    pub(crate) attainment: Result<Attainment<'a>, Unmeasured>,
    /// What was counted: seconds, slots or events.
    pub(crate) total: Quantity<'a>,
    /// What of it was bad.
    pub(crate) bad: Quantity<'a>,
    /// What was excused of the active time and the service hours.
    pub(crate) excused: Quantity<'a>,
}

impl<'a> Measured<'a> {
    /// Not measured.
    pub(crate) fn none(why: Unmeasured, excused: Quantity<'a>) -> Self {
        Self { attainment: Err(why), total: Quantity::ZERO, bad: Quantity::ZERO, excused }
    }

    /// `(total − bad) / total`, or nothing where nothing is left to count.
    pub(crate) fn share(total: Quantity<'a>, bad: Quantity<'a>, excused: Quantity<'a>) -> Self {
        match Attainment::of(&total, &bad) {
            Some(share) => Self { attainment: Ok(share), total, bad, excused },
            None => Self::none(Unmeasured::Nothing, excused),
        }
    }
}

/// How many of these numbers are such.
pub(crate) fn count(numbers: &[u32], such: impl Fn(u32) -> bool) -> u64 {
    numbers.iter().filter(|number| such(**number)).count() as u64
}

/// How attainment is computed: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Share of counted time not lost to outages.
    Uptime(Uptime),
    /// Share of time slots that were good.
    Slots(SlotsMeasure),
    /// 1 less the mean over all counted slots of each slot's own error rate.
    MeanErrorRate(MeanErrorRate),
    /// Good events over all events in the window.
    Requests(Requests),
}

impl Measure {
    /// Its key in the format.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Uptime(_) => "uptime",
            Self::Slots(_) => "slots",
            Self::MeanErrorRate(_) => "mean_error_rate",
            Self::Requests(_) => "requests",
        }
    }

    /// Plain uptime: every second of every outage counts.
    #[must_use]
    pub fn uptime() -> Self {
        Self::Uptime(Uptime::default())
    }

    /// The slot's length, where the measure has slots.
    #[must_use]
    pub fn slot(&self) -> Option<&Duration> {
        match self {
            Self::Uptime(_) => None,
            Self::Slots(measure) => Some(&measure.slot),
            Self::MeanErrorRate(measure) => Some(&measure.slot),
            Self::Requests(measure) => measure.slot.as_ref(),
        }
    }
}

/// What a measure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, weighted by impact (`uptime`).
    Seconds,
    /// Slots (`slots`).
    Slots,
    /// Slots, each by its error rate: two slots of which half the requests fail are one
    /// (`mean_error_rate`).
    Rates,
    /// Events (`requests`).
    Events,
}

impl Unit {
    /// What this measure counts.
    #[must_use]
    pub fn of(measure: &Measure) -> Self {
        match measure {
            Measure::Uptime(_) => Self::Seconds,
            Measure::Slots(_) => Self::Slots,
            Measure::MeanErrorRate(_) => Self::Rates,
            Measure::Requests(_) => Self::Events,
        }
    }
}

/// `uptime`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uptime {
    /// A run of touching outages whose whole length is shorter does not count.
    pub min_outage: Option<Duration>,
    /// Each unbroken stretch of bad time is cut at its end to a multiple of 60 s.
    pub whole_minutes: bool,
}

/// `slots`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotsMeasure {
    /// Length of a slot; longer than nothing.
    pub slot: Duration,
    /// When a slot is bad.
    pub bad_when: BadWhen,
    /// With fewer requests than this a slot is never bad.
    pub min_requests: Option<u128>,
    /// Bad slots in a run of fewer consecutive slots do not count as bad; at least 1.
    pub min_run: Option<u64>,
    /// What a slot without requests is.
    pub idle: Idle,
}

/// When a slot is bad: its metric stands so to the bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadWhen {
    /// What is compared.
    pub metric: Metric,
    /// How.
    pub is: Comparison,
    /// With what; may be negative.
    pub than: Decimal,
}

/// What of a slot is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Errors in percent of requests.
    ErrorPercent,
    /// The slot's `value`.
    Value,
}

/// How a slot's metric is compared with the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// Its word in the format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        crate::reader::word_of(&self, &read::COMPARISON)
    }

    /// Whether `left` stands so to `right`, given their order.
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }

    /// What holds exactly where this does not.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
        }
    }
}

/// What is without requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// Good.
    Good,
    /// Not counted, or not measured.
    Removed,
}

/// `mean_error_rate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeanErrorRate {
    /// Length of a slot; longer than nothing.
    pub slot: Duration,
    /// What a slot without requests is: of rate 0, or not counted.
    pub idle: Idle,
}

/// `requests`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    /// Length of a slot; required where the evidence is slots.
    pub slot: Option<Duration>,
    /// What a window with no event left to count is: of attainment 1, or not measured.
    pub idle: Idle,
}
