//! Exclusions: what is excused without notice or without end, and what never is.

use super::reading::Reading;
use super::{Flaw, Found};
use crate::duration::Duration;
use crate::terms::{CapPer, ExclusionCap, ExclusionKind, ExclusionRule};
use crate::window::WindowKind;

pub(super) fn look(reading: &Reading, found: &mut Found) {
    for (kind, rule) in &reading.terms.exclusions {
        let at = |key: &str| format!("exclusions.{}.{key}", kind.as_str());
        look_at_notice(*kind, rule, &at("min_notice"), found);
        match &rule.cap {
            Some(cap) => look_at_cap(reading, *kind, cap, &at("cap"), found),
            None if one_side_decides(*kind) => {
                found.add(at("cap"), Flaw::ExclusionWithoutCap { kind: *kind });
            }
            None => {}
        }
    }
}

/// Whether whoever runs the service can make as much of it as they like.
fn one_side_decides(kind: ExclusionKind) -> bool {
    match kind {
        ExclusionKind::PlannedMaintenance
        | ExclusionKind::EmergencyMaintenance
        | ExclusionKind::Other => true,
        ExclusionKind::ForceMajeure
        | ExclusionKind::CustomerCaused
        | ExclusionKind::ThirdParty
        | ExclusionKind::BetaFeature => false,
    }
}

fn look_at_notice(kind: ExclusionKind, rule: &ExclusionRule, at: &str, found: &mut Found) {
    let notice = rule.min_notice.clone().filter(|notice| notice.seconds() > 0);
    match (kind, notice) {
        (ExclusionKind::PlannedMaintenance, None) => {
            found.add(at, Flaw::ExclusionWithoutNotice { kind });
        }
        (ExclusionKind::ForceMajeure | ExclusionKind::EmergencyMaintenance, Some(min_notice)) => {
            found.add(at, Flaw::NoticeImpossible { kind, min_notice });
        }
        _ => {}
    }
}

fn look_at_cap(
    reading: &Reading,
    kind: ExclusionKind,
    cap: &ExclusionCap,
    at: &str,
    found: &mut Found,
) {
    let (shortest, _) = reading.extent.seconds();
    let windows = match &reading.terms.window.kind {
        WindowKind::Month { .. } => 12,
        WindowKind::Quarter { .. } => 4,
        WindowKind::Year { .. } => 1,
        WindowKind::Rolling { length } => (YEAR / length.seconds().max(1)).max(1),
    };
    let length = Duration::seconds(&cap.length);
    if length == 0 {
        found.add(at, Flaw::ExclusionCapZero { kind });
    } else if length >= shortest {
        let cap = cap.length.clone();
        found.add(at, Flaw::ExclusionCapCoversWindow { kind, cap, shortest });
    } else if cap.per == CapPer::Year && windows > 1 {
        let (cap, share) = (cap.length.clone(), length / windows);
        found.add(at, Flaw::ExclusionCapYearly { kind, cap, share });
    }
}

/// 365 days.
const YEAR: u64 = 31_536_000;
