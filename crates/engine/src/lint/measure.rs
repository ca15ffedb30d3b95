//! Measures: slots that don't fit, that can't be bad or always are, and requests that never came.

use super::reading::Reading;
use super::{Flaw, Found};
use crate::duration::Duration;
use crate::fraction::whole;
use crate::measures::{BadWhen, Comparison, Idle, Measure, Metric, SlotsMeasure};
use num_traits::Zero;

const DAY: u64 = 86_400;

pub(super) fn look(reading: &Reading, found: &mut Found) {
    let measure = &reading.terms.measure;
    let at = |key: &str| format!("measure.{}.{key}", measure.as_str());
    if let Some(slot) = measure.slot() {
        look_at_slot(reading, slot, &at("slot"), found);
    }
    if let Measure::Slots(slots) = measure {
        look_at_bad_when(&slots.bad_when, &at("bad_when"), found);
        look_at_run(reading, slots, &at("min_run"), found);
    }
    let slot = match measure {
        Measure::Slots(m) if m.bad_when.metric == Metric::ErrorPercent => (m.idle, Some(&m.slot)),
        Measure::MeanErrorRate(measure) => (measure.idle, Some(&measure.slot)),
        Measure::Requests(measure) => (measure.idle, None),
        Measure::Slots(_) | Measure::Uptime(_) => return,
    };
    if let (Idle::Good, slot) = slot {
        found.add(at("idle"), Flaw::IdleIsGood { slot: slot.cloned() });
    }
}

fn look_at_slot(reading: &Reading, slot: &Duration, at: &str, found: &mut Found) {
    let (_, longest) = reading.extent.seconds();
    let slot = slot.clone();
    if slot.seconds() > longest {
        found.add(at, Flaw::SlotExceedsWindow { slot, longest });
    } else if let rest @ 1.. = DAY % slot.seconds().max(1) {
        found.add(at, Flaw::SlotLeavesRest { slot, rest });
    }
}

/// An error rate lies between 0 and 100 %, both included.
fn look_at_bad_when(bad_when: &BadWhen, at: &str, found: &mut Found) {
    if bad_when.metric != Metric::ErrorPercent {
        return;
    }
    let bad = |rate: u8| bad_when.is.holds(whole(rate).cmp(&bad_when.than.ratio()));
    let (is, than) = (bad_when.is, bad_when.than.clone());
    let few = matches!(is, Comparison::Less | Comparison::LessOrEqual);
    match (bad(0), bad(100)) {
        (false, false) => found.add(at, Flaw::SlotNeverBad { is, than }),
        (true, true) => found.add(at, Flaw::SlotAlwaysBad { is, than }),
        _ if few => found.add(at, Flaw::BadWhenReversed { is, than }),
        _ => {}
    }
}

fn look_at_run(reading: &Reading, measure: &SlotsMeasure, at: &str, found: &mut Found) {
    // A run is reckoned over all slots of the window, in service hours or not.
    let slots = reading.extent.seconds().1 / measure.slot.seconds().max(1);
    if let Some(run) = measure.min_run.filter(|run| *run > slots && !slots.is_zero()) {
        found.add(at, Flaw::RunExceedsWindow { run, slots });
    }
}
