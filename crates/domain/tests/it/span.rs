//! How a span of time is written: law 1, what is counted in seconds is not cut to the minute.

use chrono::{DateTime, Utc};
use makegood_domain::span::{clock, span};

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-10-{text}Z").parse().unwrap()
}

#[test]
fn law_1_a_span_says_its_seconds_where_it_has_some_and_its_days_where_there_are_two() {
    assert_eq!(span(at("14T03:12:00"), at("14T04:13:00")), "14 Oct 03:12–04:13");
    assert_eq!(span(at("14T03:12:40"), at("14T04:13:00")), "14 Oct 03:12:40–04:13");
    assert_eq!(span(at("14T23:50:00"), at("15T00:10:05")), "14 Oct 23:50–15 Oct 00:10:05");
    assert_eq!(clock(at("14T03:00:00")), "03:00");
}
