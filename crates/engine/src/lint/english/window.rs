//! Windows in English.

use super::Advice;
use super::phrase::time;
use crate::duration::Duration;
use crate::lint::Flaw;

pub(super) fn advice(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::CountedAsShort { counted_as, longest } => Advice::new(
            format!(
                "Each window counts as {counted_as}, and the longest has {} that count: its attainment falls below what happened.",
                time(*longest)
            ),
            "no counted_as, so that each window counts as long as it is.",
        ),
        Flaw::CountedAsLong { counted_as, longest } => Advice::new(
            format!(
                "Each window counts as {counted_as}, and even the longest has only {} that count: no outage weighs what it lasted.",
                time(*longest)
            ),
            "no counted_as, so that each window counts as long as it is.",
        ),
        Flaw::RollingOverlaps { rolling } => Advice::new(
            format!(
                "Rolling windows of {rolling} overlap from one day to the next: the same downtime lowers several of them, and each pays for it."
            ),
            format!(
                "\"calendar\": \"{}\", so that each second lies in one window.",
                calendar(rolling)
            ),
        ),
        Flaw::NoDataUp {} => Advice::new(
            "Time that nobody observed counts as available: the less is measured, the better it looks.",
            "\"no_data\": \"removed\", or \"down\" where whoever measures shall bear it.",
        ),
        Flaw::PartialPeriodUp {} => Advice::new(
            "Time outside of the contract counts as available: a line that began yesterday may be down as long as one of a whole window.",
            "\"partial_period\": \"prorate\".",
        ),
        _ => return None,
    })
}

/// The calendar's window that is nearest to a rolling one.
fn calendar(rolling: &Duration) -> &'static str {
    match rolling.seconds() / 86_400 {
        0..=60 => "month",
        61..=180 => "quarter",
        _ => "year",
    }
}
