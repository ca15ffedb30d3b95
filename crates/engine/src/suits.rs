//! Whether evidence that was gathered for one measure can be judged by another.

use crate::case::Line;
use crate::measures::{Measure, Metric};

/// What evidence of a measure holds.
struct Holds {
    outages: bool,
    /// Length of a slot in seconds.
    slot: Option<u64>,
    requests: bool,
    value: bool,
}

impl Holds {
    fn of(measure: &Measure) -> Self {
        let value = match measure {
            Measure::Slots(slots) => slots.bad_when.metric == Metric::Value,
            _ => false,
        };
        let requests = match measure {
            Measure::Uptime(_) => false,
            Measure::Slots(slots) => !value || slots.min_requests.is_some(),
            Measure::MeanErrorRate(_) | Measure::Requests(_) => true,
        };
        let slot = measure.slot().map(|slot| slot.seconds());
        Self { outages: matches!(measure, Measure::Uptime(_)), slot, requests, value }
    }
}

/// Whether the line's evidence says all that this measure looks at, and means the same to it.
pub(crate) fn suits(line: &Line, measure: &Measure) -> bool {
    if line.evidence.totals.is_some() {
        return matches!(measure, Measure::Requests(_));
    }
    let (had, asked) = (Holds::of(&line.terms.measure), Holds::of(measure));
    had.outages == asked.outages
        && had.slot == asked.slot
        && had.value == asked.value
        && (had.requests || !asked.requests)
}
