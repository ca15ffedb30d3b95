//! Windows: fixed totals beside real lengths, windows that overlap, and time that is not measured.

use super::reading::Reading;
use super::{Flaw, Found};
use crate::measures::Measure;
use crate::terms::{NoData, PartialPeriod};
use crate::window::WindowKind;

pub(super) fn look(reading: &Reading, found: &mut Found) {
    let terms = reading.terms;
    let (_, longest) = reading.extent.counted();
    if let Some(counted_as) = terms.window.counted_as.clone() {
        match counted_as.seconds().cmp(&longest) {
            std::cmp::Ordering::Less => {
                found.add("window.counted_as", Flaw::CountedAsShort { counted_as, longest });
            }
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => {
                found.add("window.counted_as", Flaw::CountedAsLong { counted_as, longest });
            }
        }
    }
    if let (WindowKind::Rolling { length }, Some(_)) = (&terms.window.kind, &terms.credit)
        && length.whole_days() > Some(1)
    {
        found.add("window.rolling", Flaw::RollingOverlaps { rolling: length.clone() });
    }
    // An unknown slot has no events, so that for `requests` nothing is to be decided.
    if terms.no_data == NoData::Up && !matches!(terms.measure, Measure::Requests(_)) {
        found.add("no_data", Flaw::NoDataUp {});
    }
    if terms.partial_period == PartialPeriod::Up {
        found.add("partial_period", Flaw::PartialPeriodUp {});
    }
}
