//! Settlements, their lines, and every revision with its case.

/// Which kind of window a label belongs to, by its form: `day` (`2026-04-30`), `month`, `quarter`
/// (`2026-Q1`) or `year`.
#[must_use]
pub fn window_kind(label: &str) -> &'static str {
    match label.len() {
        4 => "year",
        7 if label.contains('Q') => "quarter",
        7 => "month",
        _ => "day",
    }
}
