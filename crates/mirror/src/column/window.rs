//! In which calendar month a window is told of.

use super::{Cell, Fields, said};
use makegood_domain::statement::{month_of, months_of};

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
