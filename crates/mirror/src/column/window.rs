//! In which calendar month a window is told of.

use super::{Cell, Fields, said};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::statement::months_of;

/// `2026-10`: the month that bears the label or, for other windows, the one in which they end.
pub(crate) fn month_of(label: &str, to: DateTime<Utc>) -> String {
    match label.get(..7) {
        Some(month) if is_month(month) && [7, 10].contains(&label.len()) => month.to_owned(),
        // A day back, because a window's end is local midnight, which may lie on either side in UTC.
        _ => (to - TimeDelta::days(1)).format("%Y-%m").to_string(),
    }
}

pub(super) fn month_of_body(body: &Fields<'_>) -> Option<String> {
    Some(month_of(&body.text("window")?, body.get("to")?))
}

/// `2026-12` for `2026-Q4`: the month in which the window ends that a label names, where nothing else
/// is known of it. Central takes it into that month's statement, too.
pub(crate) fn ends_in(label: &str) -> String {
    months_of(label).pop().unwrap_or_else(|| label.to_owned())
}

pub(super) fn ends_in_of_body(body: &Fields<'_>) -> Cell<'static> {
    said(ends_in(&body.text("window").unwrap_or_default()))
}

/// Whether a label is of the form `2026-10`.
pub(crate) fn is_month(label: &str) -> bool {
    label.len() == 7
        && label.bytes().enumerate().all(|(at, byte)| match at {
            4 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
