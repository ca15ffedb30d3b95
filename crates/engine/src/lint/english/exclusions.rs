//! Exclusions in English.

use super::Advice;
use super::phrase::{kind, sentence, time};
use crate::lint::Flaw;
use crate::terms::ExclusionKind;

pub(super) fn advice(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::ExclusionWithoutNotice { kind: of } => Advice::new(
            format!(
                "{} is excused without notice: any outage can be called planned once it is over.",
                sentence(kind(*of))
            ),
            "\"min_notice\": \"48h\".",
        ),
        Flaw::ExclusionWithoutCap { kind: of } => Advice::new(
            format!(
                "{} is excused without end, and how much of it there is lies with one side.",
                sentence(kind(*of))
            ),
            "\"cap\": \"8h\", \"cap_per\": \"window\".",
        ),
        Flaw::ExclusionCapZero { kind: of } => Advice::new(
            format!("Its cap is nothing: {} is never excused.", kind(*of)),
            "a cap of some length, or this kind left out.",
        ),
        Flaw::ExclusionCapCoversWindow { kind: of, cap, shortest } => Advice::new(
            format!(
                "A cap of {cap} covers a whole window of {}: {} may excuse all of it.",
                time(*shortest),
                kind(*of)
            ),
            "a cap of hours, as in \"8h\".",
        ),
        Flaw::ExclusionCapYearly { kind: of, cap, share } => Advice::new(
            format!(
                "The {cap} of a year may all fall into one window: {} has then no cap that this window feels.",
                kind(*of)
            ),
            format!("\"cap\": \"{}\", \"cap_per\": \"window\".", written(*share)),
        ),
        Flaw::NoticeImpossible { kind: of @ ExclusionKind::EmergencyMaintenance, min_notice } => {
            Advice::new(
                format!(
                    "What can wait {min_notice} is no emergency: {} is hardly ever excused.",
                    kind(*of)
                ),
                "no min_notice here; a cap keeps it rare.",
            )
        }
        Flaw::NoticeImpossible { kind: of, min_notice } => Advice::new(
            format!("Nobody can announce {} {min_notice} ahead: it is never excused.", kind(*of)),
            "no min_notice here.",
        ),
        _ => return None,
    })
}

/// Seconds as the format writes durations, down to the minute.
fn written(seconds: u64) -> String {
    let minutes = (seconds / 60).max(1);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}
