//! Calendars of maintenance become proposed exclusions, each occurrence at its instant.

use crate::{
    ground::{Ground, grounds, instant},
    northwind::{self, SERIES, SOURCE, all, october, person, turn},
};
use makegood_central::ingest::{
    Push,
    calendar::{self, Report},
};
use makegood_domain::{
    Code, Problem,
    exclusion::{Exclusion, ExclusionState},
    id::PersonId,
    person::Role,
};
use std::collections::BTreeSet;

fn event(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("BEGIN:VEVENT\r\n{lines}END:VEVENT\r\n")
}

fn calendar(events: &[String]) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{}END:VCALENDAR\r\n",
        events.concat()
    )
}

async fn take(
    ground: &Ground,
    by: PersonId,
    text: &str,
    (from, to): (&str, &str),
) -> Result<Report, Problem> {
    let push = Push::kept(&ground.store, by, SOURCE);
    calendar::take(&push, (instant(from), instant(to)), None, text.as_bytes()).await
}

/// When the proposed exclusions begin and end, each once for all customers.
async fn proposed(ground: &Ground) -> Vec<String> {
    let rows: Vec<Exclusion> = all(ground, "1 = 1", &[]).await;
    let spans: BTreeSet<String> = rows
        .iter()
        .map(|row| format!("{} {}", row.from.format("%m-%dT%H:%M"), row.to.format("%m-%dT%H:%M")))
        .collect();
    spans.into_iter().collect()
}

const SUNDAYS: &[&str] = &[
    "UID:sundays",
    "CREATED:20260901T080000Z",
    "LAST-MODIFIED:20260902T080000Z",
    "DTSTART;TZID=Europe/Berlin:20261004T020000",
    "DTEND;TZID=Europe/Berlin:20261004T030000",
    "RRULE:FREQ=WEEKLY;BYDAY=SU;UNTIL=20261108T010000Z",
    "EXDATE;TZID=Europe/Berlin:20261018T020000",
    "SUMMARY:Database upgrade",
    "CATEGORIES:Batch,plat",
    " form",
];

const ALL: (&str, &str) = ("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z");

#[tokio::test]
async fn a_recurring_maintenance_is_proposed_for_everybody_and_admitted_for_nobody() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = northwind::told(&ground).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        let before = october(&ground, "NW-1").await;
        let moved = [
            "UID:sundays",
            "RECURRENCE-ID;TZID=Europe/Berlin:20261101T020000",
            "DTSTART:20261102T040000Z",
            "DURATION:PT1H30M",
            "CATEGORIES:platform",
        ];
        let other = ["UID:other", "DTSTART:20261014T040000Z", "DURATION:PT1H", "CATEGORIES:Blog"];
        let text = calendar(&[event(SUNDAYS), event(&moved), event(&other)]);
        // The clocks go back on 25 October, at 03:00: 02:00 comes twice, and the first is meant.
        let expected = [
            "10-04T00:00 10-04T01:00",
            "10-11T00:00 10-11T01:00",
            "10-25T00:00 10-25T01:00",
            "11-02T04:00 11-02T05:30",
            "11-08T01:00 11-08T02:00",
        ];
        let report = |proposed, repeated| Report { events: 6, proposed, repeated, ignored: 1 };
        // Two customers of three contracts.
        for expected_report in [report(10, 0), report(0, 10)] {
            let came = take(&ground, admin, &text, ALL).await.unwrap();
            assert_eq!(came, expected_report, "{}", ground.name);
            assert_eq!(proposed(&ground).await, expected, "{}", ground.name);
        }
        let rows: Vec<Exclusion> = all(&ground, "1 = 1", &[]).await;
        assert!(rows.iter().all(|row| row.state == ExclusionState::Proposed));
        assert!(rows.iter().all(|row| row.proposed_by == admin && row.decided_by.is_none()));
        let told: BTreeSet<_> = rows.iter().map(|row| row.notified_at).collect();
        let expected = BTreeSet::from([None, Some(instant("2026-09-02T08:00:00Z"))]);
        assert_eq!(told, expected, "when the event, as it stands, was written down");
        assert_eq!(october(&ground, "NW-1").await, before, "what is proposed changes nothing");
    }
}

/// The one event, and when it takes place.
async fn times(ground: &Ground, lines: &[&str], window: (&str, &str)) -> Vec<String> {
    let admin = person(ground, "root", Role::Admin).await;
    let own = format!("CATEGORIES:{SERIES}");
    let lines = [lines, &[own.as_str()]].concat();
    take(ground, admin, &calendar(&[event(&lines)]), window).await.unwrap();
    proposed(ground).await
}

#[tokio::test]
async fn zones_are_the_engines_and_days_are_days_of_the_local_clock() {
    // Vancouver keeps its summer time from November 2026 on; other libraries are an hour late.
    let vancouver = ["UID:v", "DTSTART;TZID=America/Vancouver:20261110T220000", "DURATION:PT1H"];
    let found = "11-11T05:00 11-11T06:00";
    // A day on which the clocks go back has 25 hours. Asked for half of it, all of it comes.
    let day = ["UID:d", "DTSTART;VALUE=DATE;TZID=Europe/Berlin:20261025"];
    let daily = ["UID:n", "DTSTART:20261030T230000Z", "DURATION:PT2H", "RRULE:FREQ=DAILY;COUNT=3"];
    let november = ("2026-11-01T00:30:00Z", "2026-12-01T00:00:00Z");
    let late = ("2026-10-25T12:00:00Z", "2026-10-26T00:00:00Z");
    let cases: [(&[&str], _, &[&str]); 4] = [
        (&vancouver, ALL, &[found]),
        (&day, late, &["10-24T22:00 10-25T23:00"]),
        (&daily, november, &["10-31T23:00 11-01T01:00", "11-01T23:00 11-02T01:00"]),
        (&["UID:c", "STATUS:CANCELLED", "DTSTART:20261110T220000Z", "DURATION:PT1H"], ALL, &[]),
    ];
    for (lines, window, expected) in cases {
        for ground in grounds("2026-10-20T06:00:00Z").await {
            northwind::told(&ground).await;
            assert_eq!(times(&ground, lines, window).await, expected, "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn a_calendar_that_can_t_be_read_or_goes_on_for_ever_is_refused() {
    let ground = grounds("2026-10-20T06:00:00Z").await.remove(0);
    let admin = northwind::told(&ground).await;
    let deep = "BEGIN:X\r\n".repeat(100_000);
    let start = "DTSTART:20261004T020000Z";
    let cases = [
        ("hello".to_owned(), Code::Invalid),
        (format!("BEGIN:VCALENDAR\r\n{deep}"), Code::Invalid),
        (calendar(&[event(&["UID:x", "DURATION:PT1H"])]), Code::Invalid),
        (calendar(&[event(&[start, "DURATION:PT1H", "RRULE:FREQ=OFTEN"])]), Code::Invalid),
        (calendar(&[event(&[start, "DURATION:PT1H", "RRULE:FREQ=SECONDLY"])]), Code::TooLarge),
        (calendar(&[event(&[start, "DTEND:20261004T010000Z"])]), Code::Invalid),
        (calendar(&[event(&[start, "DURATION:P4294967295W"])]), Code::Invalid),
        (calendar(&[event(&["DTSTART:20261004T020000", "DURATION:PT1H"])]), Code::Invalid),
        (calendar(&[event(&["DTSTART:+2621431004T020000Z", "DURATION:PT1H"])]), Code::Invalid),
        (
            calendar(&[event(&["DTSTART;TZID=W. Europe Standard Time:20261004T020000"])]),
            Code::Invalid,
        ),
    ];
    for (text, code) in cases {
        let problem = take(&ground, admin, &text, ALL).await.unwrap_err();
        assert_eq!(problem.code, code, "{problem}");
        assert!(proposed(&ground).await.is_empty());
    }
}
