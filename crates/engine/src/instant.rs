//! Instants and dates in the one form that a case knows.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Reads an instant of the form `2026-04-01T00:00:00Z`, and no other.
#[must_use]
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let date = parse_date(date)?;
    let numbers = fields(time, ':', &[2, 2, 2])?;
    let time = NaiveTime::from_hms_opt(numbers[0], numbers[1], numbers[2])?;
    Some(NaiveDateTime::new(date, time).and_utc())
}

/// Reads a date of the form `2026-04-30`.
#[must_use]
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let numbers = fields(text, '-', &[4, 2, 2])?;
    NaiveDate::from_ymd_opt(i32::try_from(numbers[0]).ok()?, numbers[1], numbers[2])
}

/// `2026-04-01T00:00:00Z`.
#[must_use]
pub fn write_instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An instant from seconds since 1970; the ends of time where there is none.
pub(crate) fn from_seconds(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(if seconds < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

/// Numbers of exactly these widths in digits, separated by `by`.
pub(crate) fn fields(text: &str, by: char, widths: &[usize]) -> Option<Vec<u32>> {
    let parts: Vec<&str> = text.split(by).collect();
    if parts.len() != widths.len() {
        return None;
    }
    parts.iter().zip(widths).map(|(part, width)| digits(part, *width)).collect()
}

fn digits(text: &str, width: usize) -> Option<u32> {
    let plain = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
