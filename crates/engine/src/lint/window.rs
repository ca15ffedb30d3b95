//! Windows, and what counts in them.

use super::{Findings, What, grain};
use crate::terms::{NoData, PartialPeriod, Terms};
use crate::window::WindowKind;

pub(super) fn lint(terms: &Terms, findings: &mut Findings) {
    if let (WindowKind::Rolling { length }, Some(_)) = (&terms.window.kind, &terms.credit) {
        findings.add("window.rolling", What::Overlapping { length: length.clone() });
    }
    let shortest = grain::days(&terms.window).0 * 86_400;
    if let Some(total) = &terms.window.counted_as
        && terms.service_hours.is_none()
        && total.signed_seconds() > shortest
    {
        let total = total.clone();
        findings.add("window.counted_as", What::FlatteringTotal { total, shortest });
    }
    if let Some(slot) = terms.measure.slot()
        && 86_400 % slot.seconds().max(1) != 0
    {
        let path = format!("measure.{}.slot", terms.measure.as_str());
        findings.add(path, What::UnevenSlots { slot: slot.clone() });
    }
    if terms.no_data == NoData::Up {
        findings.add("no_data", What::UnseenIsUp);
    }
    if terms.partial_period == PartialPeriod::Up {
        findings.add("partial_period", What::InactiveIsUp);
    }
}
