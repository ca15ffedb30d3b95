//! Numbers as YAML writes them, from text to text: no step passes through floating point.

use crate::decimal::Decimal;

/// No number of an objective has more digits, or its point further away.
const DIGITS_MAX: i64 = 1_000;

/// The decimal that a number's text stands for, its point moved to the right by so many places:
/// `0.9995` moved by 2 is `99.95`. Digits stay as they were written.
pub(super) fn moved(text: &str, places: i64) -> Result<Decimal, String> {
    read(text, places)
        .ok_or_else(|| format!("{text:.40?} is no number in decimal digits, as in 0.9995"))
}

fn read(text: &str, places: i64) -> Option<Decimal> {
    let (sign, size) = match text.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match size.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
        None => (size, 0_i64),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // One reader takes 010 for ten, another for eight.
    let padded = whole.len() > 1 && whole.starts_with('0');
    let count = i64::try_from(digits.len()).ok()?;
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_add(places)?;
    if !plain || padded || count > DIGITS_MAX || !(-DIGITS_MAX..=DIGITS_MAX).contains(&point) {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    let at = usize::try_from(point.clamp(0, count)).ok()?;
    let (whole, part) = digits.split_at(at);
    let whole = format!("{whole}{}", zeros(point - count));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = format!("{}{part}", zeros(-point));
    let point = if part.is_empty() { "" } else { "." };
    Decimal::parse_signed(&format!("{sign}{whole}{point}{part}")).ok()
}
