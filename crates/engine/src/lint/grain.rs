//! The grain of a measure: the least that can be bad in a window, and how long windows are.

use crate::duration::Duration;
use crate::measures::Measure;
use crate::terms::Terms;
use crate::window::{Window, WindowKind};
use num_bigint::BigInt;
use num_rational::BigRational;

const DAY: i64 = 86_400;

/// Days of the shortest and of the longest window of this kind.
pub(super) fn days(window: &Window) -> (i64, i64) {
    match &window.kind {
        WindowKind::Month { .. } => (28, 31),
        WindowKind::Quarter { .. } => (89, 92),
        WindowKind::Year { .. } => (365, 366),
        WindowKind::Rolling { length } => {
            let days = length.signed_seconds() / DAY;
            (days, days)
        }
    }
}

/// Seconds that count in the longest window, clock changes aside.
pub(super) fn longest(terms: &Terms) -> i64 {
    if let Some(total) = &terms.window.counted_as {
        return total.signed_seconds();
    }
    let (_, days) = days(&terms.window);
    match &terms.service_hours {
        None => days * DAY,
        Some(hours) => {
            // A Monday to a Sunday in UTC, where no clock changes.
            let zone = crate::zone::Zone::utc();
            let monday = 4 * DAY;
            let week = crate::service_hours::within(hours, &[], &zone, monday, monday + 7 * DAY);
            week.size() * (days + 6).div_euclid(7)
        }
    }
}

/// The least that can be bad, in seconds; `None` where there is no such thing.
pub(super) fn grain(terms: &Terms) -> Option<i64> {
    match &terms.measure {
        Measure::Uptime(uptime) => {
            let least = uptime.min_outage.as_ref().map_or(1, Duration::signed_seconds);
            Some(if uptime.whole_minutes { least.max(60) } else { least.max(1) })
        }
        Measure::Slots(slots) => {
            let run = i64::try_from(slots.min_run.unwrap_or(1)).ok()?;
            slots.slot.signed_seconds().checked_mul(run)
        }
        Measure::MeanErrorRate(_) | Measure::Requests(_) => None,
    }
}

/// The step in which bad time grows: a second, a minute, a slot.
pub(super) fn step(terms: &Terms) -> Option<i64> {
    match &terms.measure {
        Measure::Uptime(uptime) => Some(if uptime.whole_minutes { 60 } else { 1 }),
        Measure::Slots(slots) => Some(slots.slot.signed_seconds()),
        Measure::MeanErrorRate(_) | Measure::Requests(_) => None,
    }
}

/// Attainment of the longest window in percent after so many bad seconds.
pub(super) fn after(terms: &Terms, bad: i64) -> BigRational {
    let total = longest(terms).max(1);
    BigRational::new(BigInt::from(total - bad) * 100_u32, total.into())
}
