//! Exclusions: notice where it can be given, and an end to what is excused.

use super::{Findings, What, grain};
use crate::terms::{CapPer, ExclusionKind, Terms};

pub(super) fn lint(terms: &Terms, findings: &mut Findings) {
    let (shortest, _) = grain::days(&terms.window);
    for (kind, rule) in &terms.exclusions {
        let path = format!("exclusions.{}", kind.as_str());
        match (&rule.min_notice, kind) {
            (None, ExclusionKind::PlannedMaintenance) => {
                findings.add(&path, What::NoNotice { kind: *kind });
            }
            (Some(notice), ExclusionKind::EmergencyMaintenance | ExclusionKind::ForceMajeure)
                if notice.seconds() > 0 =>
            {
                let notice = notice.clone();
                findings.add(&path, What::ImpossibleNotice { kind: *kind, notice });
            }
            _ => {}
        }
        match &rule.cap {
            None if is_in_our_hands(*kind) => {
                findings.add(&path, What::ExclusionWithoutCap { kind: *kind });
            }
            Some(cap)
                if cap.per == CapPer::Window
                    && cap.length.signed_seconds() >= shortest * 86_400 =>
            {
                findings.add(&path, What::CapBeyondWindow { cap: cap.length.clone() });
            }
            _ => {}
        }
    }
}

/// What whoever promises can do as often as they like. Nobody caps what others do to them.
fn is_in_our_hands(kind: ExclusionKind) -> bool {
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
