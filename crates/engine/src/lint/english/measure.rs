//! Measures in English.

use super::Advice;
use super::phrase::{number, percent, time};
use crate::lint::Flaw;

pub(super) fn advice(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::SlotExceedsWindow { slot, longest } => Advice::new(
            format!(
                "A slot of {slot} is longer than the longest window, {}: nothing is ever counted.",
                time(*longest)
            ),
            "a slot that fits into the window many times, as in \"slot\": \"5m\".",
        ),
        Flaw::SlotLeavesRest { slot, rest } => Advice::new(
            format!(
                "Slots of {slot} leave {} of a day: they drift through the days, and the last, shorter one of a window is not counted.",
                time(*rest)
            ),
            "a slot that divides a day, as in \"slot\": \"5m\".",
        ),
        Flaw::SlotNeverBad { is, than } => Advice::new(
            format!(
                "An error rate lies between 0\u{202f}% and 100\u{202f}%; it is never {} {}, so no slot is ever bad.",
                is.as_str(),
                percent(than)
            ),
            "a bound that an error rate can pass, as in \"is\": \">\", \"than\": \"5\".",
        ),
        Flaw::SlotAlwaysBad { is, than } => Advice::new(
            format!(
                "An error rate lies between 0\u{202f}% and 100\u{202f}%; it is always {} {}, so slots without an error are bad, too.",
                is.as_str(),
                percent(than)
            ),
            "a bound that a good slot stays clear of, as in \"is\": \">\", \"than\": \"5\".",
        ),
        Flaw::BadWhenReversed { is, than } => Advice::new(
            format!(
                "A slot is bad where its error rate is {} {}: slots without errors are bad, those full of errors are good.",
                is.as_str(),
                percent(than)
            ),
            "\"is\": \">\" or \">=\".",
        ),
        Flaw::RunExceedsWindow { run, slots } => Advice::new(
            format!(
                "Only {} in a row would count, and the longest window has {}: no slot is ever bad.",
                number(*run, "bad slot"),
                number(*slots, "slot")
            ),
            "a smaller min_run.",
        ),
        Flaw::IdleIsGood { slot } => Advice::new(
            match slot {
                Some(slot) => format!(
                    "A slot of {slot} without requests counts as good, also where it is the outage that kept them away."
                ),
                None => "A window without any event counts as 100\u{202f}%, also where it is the outage that kept them away.".to_owned(),
            },
            "\"idle\": \"removed\", and a probe that asks when nobody else does.",
        ),
        _ => return None,
    })
}
