//! `budgetingMethod`: how attainment is computed, in OpenSLO's words and in ours.
//!
//! | OpenSLO | ours |
//! |---|---|
//! | `Occurrences` | `requests`: good events over all; of a thresholdMetric, an event is a value |
//! | `RatioTimeslices` | `mean_error_rate`: the mean of the slices' own ratios |
//! | `Timeslices`, thresholdMetric, `timeSliceTarget: 1` | `slots` of a `value`, bad when `op` does not hold |
//! | `Timeslices`, else | `slots` of an `error_percent`, bad when it is over 100 − 100 × `timeSliceTarget`; of a thresholdMetric, an event is a value |

use super::duration_shorthand::duration;
use super::sli::GoodWhen;
use crate::duration::Duration;
use crate::fraction::{Fraction, whole};
use crate::measures::{
    BadWhen, Comparison, Idle, MeanErrorRate, Measure, Metric as SlotMetric, Requests, SlotsMeasure,
};
use num_rational::BigRational;
use num_traits::One;

/// OpenSLO's methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Occurrences,
    Timeslices,
    RatioTimeslices,
}

pub(super) const METHOD: [(&str, Method); 3] = [
    ("Occurrences", Method::Occurrences),
    ("Timeslices", Method::Timeslices),
    ("RatioTimeslices", Method::RatioTimeslices),
];

/// A measure in OpenSLO's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) method: Method,
    /// `timeSliceWindow`, in seconds.
    pub(super) window: Option<u64>,
    /// `timeSliceTarget`.
    pub(super) target: Option<BigRational>,
    /// `op` and `value`, where the measure is about values.
    pub(super) good_when: Option<GoodWhen>,
}

impl Said {
    /// The measure in OpenSLO's words or, where it has none, in the nearest: [`super::beyond`] says
    /// where.
    pub(super) fn of(measure: &Measure) -> Self {
        let said = |method, slot: Option<&Duration>| Self {
            method,
            window: slot.map(window_of),
            target: None,
            good_when: None,
        };
        match measure {
            Measure::Requests(_) => said(Method::Occurrences, None),
            Measure::MeanErrorRate(mean) => said(Method::RatioTimeslices, Some(&mean.slot)),
            Measure::Uptime(_) => Self {
                window: Some(60),
                target: Some(BigRational::one()),
                ..said(Method::Timeslices, None)
            },
            Measure::Slots(slots) => {
                let said = said(Method::Timeslices, Some(&slots.slot));
                let BadWhen { metric, is, than } = &slots.bad_when;
                match metric {
                    SlotMetric::Value => {
                        let good_when = Some(GoodWhen { is: is.negated(), than: than.clone() });
                        Self { target: Some(BigRational::one()), good_when, ..said }
                    }
                    SlotMetric::ErrorPercent => {
                        let target = target_of(&slots.bad_when);
                        let least = BigRational::new(1.into(), 1_000_000.into());
                        Self { target: Some(target.clamp(least, BigRational::one())), ..said }
                    }
                }
            }
        }
    }

    /// The measure of these words; `None` where they lack one that the method needs.
    pub(super) fn measure(&self) -> Option<Measure> {
        let slot = || duration(self.window?).ok();
        Some(match self.method {
            Method::Occurrences => Measure::Requests(Requests { slot: None, idle: Idle::Removed }),
            Method::RatioTimeslices => {
                Measure::MeanErrorRate(MeanErrorRate { slot: slot()?, idle: Idle::Good })
            }
            Method::Timeslices => {
                let bad_when = match &self.good_when {
                    Some(GoodWhen { is, than }) => {
                        BadWhen { metric: SlotMetric::Value, is: is.negated(), than: than.clone() }
                    }
                    None => {
                        let than = (BigRational::one() - self.target.as_ref()?) * whole(100);
                        let than = Fraction::new(than).decimal_or_fraction();
                        let than = crate::decimal::Decimal::parse(&than).ok()?;
                        BadWhen { metric: SlotMetric::ErrorPercent, is: Comparison::Greater, than }
                    }
                };
                let (slot, idle) = (slot()?, Idle::Good);
                let (min_requests, min_run) = (None, None);
                Measure::Slots(SlotsMeasure { slot, bad_when, min_requests, min_run, idle })
            }
        })
    }
}

/// The share of good events from which on a slot is good.
pub(super) fn target_of(bad_when: &BadWhen) -> BigRational {
    BigRational::one() - bad_when.than.percent()
}

/// A slice in seconds that OpenSLO can write: a number of minutes that ends, else the next whole
/// one.
pub(super) fn window_of(slot: &Duration) -> u64 {
    let seconds = slot.seconds();
    if seconds.is_multiple_of(3) { seconds } else { seconds.div_ceil(60).saturating_mul(60) }
}
