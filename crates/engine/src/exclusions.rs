//! Exclusions: what is excused, by which kind, and how much of it.

use crate::case::Line;
use crate::duration::Duration;
use crate::evidence::Exclusion;
use crate::frame::Frame;
use crate::interval::Intervals;
use crate::terms::{CapPer, ExclusionKind, ExclusionRule, Treatment};
use std::collections::BTreeMap;

/// Seconds that are excused: inside the window and the active time, in or out of service hours.
#[derive(Debug, Clone, Default)]
pub(crate) struct Excused {
    /// Out of the total, too.
    pub(crate) removed: Intervals,
    /// Counted as available.
    pub(crate) up: Intervals,
    /// The same, by the kind that excuses them.
    pub(crate) by_kind: BTreeMap<ExclusionKind, Intervals>,
}

impl Excused {
    /// All of them.
    pub(crate) fn all(&self) -> Intervals {
        self.removed.union(&self.up)
    }
}

/// Whether an exclusion was admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It was.
    Admitted,
    /// Its kind does not stand in the terms.
    NotInTerms,
    /// The terms ask for notice, and there was none.
    NoNotice {
        /// The notice that the terms ask for.
        needed: Duration,
    },
    /// There was notice, but too late.
    LateNotice {
        /// The notice that the terms ask for.
        needed: Duration,
        /// Seconds from the notice to the beginning; negative: afterwards.
        given: i64,
    },
}

/// Whether the terms admit this exclusion.
#[must_use]
pub fn admission(
    exclusion: &Exclusion,
    rules: &BTreeMap<ExclusionKind, ExclusionRule>,
) -> Admission {
    let Some(rule) = rules.get(&exclusion.kind) else { return Admission::NotInTerms };
    let Some(needed) = &rule.min_notice else { return Admission::Admitted };
    let Some(notified_at) = exclusion.notified_at else {
        return Admission::NoNotice { needed: needed.clone() };
    };
    let given = exclusion.from.timestamp() - notified_at.timestamp();
    if given >= needed.signed_seconds() {
        Admission::Admitted
    } else {
        Admission::LateNotice { needed: needed.clone(), given }
    }
}

/// What the line's exclusions excuse. Kinds come in their order: what an earlier one excuses uses
/// up nothing of a later one's cap, and what its cap no longer covers, the later one may excuse.
pub(crate) fn excused(line: &Line, frame: &Frame) -> Excused {
    let mut excused = Excused::default();
    let mut so_far = Intervals::default();
    for (kind, rule) in &line.terms.exclusions {
        let admitted = line.evidence.exclusions.iter().filter(|exclusion| {
            exclusion.kind == *kind
                && admission(exclusion, &line.terms.exclusions) == Admission::Admitted
        });
        let times = admitted.map(|e| (e.from.timestamp(), e.to.timestamp()));
        let all = Intervals::merge(times).intersect(&frame.active).without(&so_far);
        let covered = match left_of_cap(line, *kind, rule) {
            Some(seconds) => all.first(seconds),
            None => all,
        };
        so_far = so_far.union(&covered);
        match rule.treatment {
            Treatment::Removed => excused.removed = excused.removed.union(&covered),
            Treatment::Up => excused.up = excused.up.union(&covered),
        }
        excused.by_kind.insert(*kind, covered);
    }
    excused
}

/// Seconds that the kind's cap leaves to this window; `None`: no cap.
pub(crate) fn left_of_cap(line: &Line, kind: ExclusionKind, rule: &ExclusionRule) -> Option<i64> {
    let cap = rule.cap.as_ref()?;
    let used = match cap.per {
        CapPer::Window => 0,
        CapPer::Year => line.maintenance_used.get(&kind).map_or(0, Duration::signed_seconds),
    };
    Some((cap.length.signed_seconds() - used).max(0))
}
