//! What happened: the outages, gaps and maintenance of three years, by service.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use makegood_domain::random::Random;
use std::collections::BTreeMap;

/// A span during which a service was down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// From (half open).
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
    /// When central learns of it; most often the same hour.
    pub known_at: DateTime<Utc>,
}

/// What a service went through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// When it was down.
    pub outages: Vec<Outage>,
    /// When nobody measured.
    pub unknown: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

/// An instant of the book: `2026-10-14T03:12`.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap_or_default().and_utc()
}

fn outage(from: &str, minutes: i64) -> Outage {
    let from = at(from);
    let to = from + TimeDelta::minutes(minutes);
    Outage { from, to, known_at: to }
}

/// Outages that the story needs: service, from, minutes.
const TOLD: &[(&str, &str, i64)] = &[
    // 14 October 2026: name resolution fails for two products.
    ("orders-api", "2026-10-14T03:12", 61),
    ("reporting", "2026-10-14T03:12", 61),
    ("uk/tracking", "2026-10-06T08:40", 52),
    ("uk/tracking", "2026-10-19T14:05", 29),
    ("uk/tracking", "2026-10-27T20:11", 11),
    ("us/export", "2026-10-08T17:20", 33),
    ("us/export", "2026-10-22T02:45", 25),
    ("eu/booking", "2026-10-03T07:15", 12),
    ("eu/booking", "2026-10-16T11:02", 21),
    ("eu/booking", "2026-10-28T15:48", 14),
    ("eu/quote", "2026-10-12T09:30", 46),
    // September: what finance still has to decide in November.
    ("eu/payments", "2026-09-09T10:00", 58),
    ("us/payments", "2026-09-17T15:10", 71),
    ("eu/search", "2026-09-23T06:25", 49),
    ("us/search", "2026-09-04T19:00", 62),
    // November so far: four that run close to their allowance.
    ("us/checkout", "2026-11-02T13:00", 18),
    ("uk/meter", "2026-11-04T22:10", 36),
    ("eu/webhooks", "2026-11-05T04:30", 24),
    ("eu/booking-2", "2026-11-03T12:00", 37),
];

/// Services of the region that failed as a whole on 17 June 2026.
const REGION: &str = "eu/";

/// Months in which only what is told happens: October is the story's, and what is known of
/// September and November matters to it.
fn is_told(month: NaiveDate) -> bool {
    month >= NaiveDate::from_ymd_opt(2026, 9, 1).unwrap_or_default()
}

/// The records of these services, the same for the same seed.
pub(crate) fn records(services: &[&str], random: &Random) -> BTreeMap<String, Record> {
    let mut records = BTreeMap::new();
    for service in services {
        let mut record = Record::default();
        everyday(&mut record, random);
        told(service, &mut record);
        special(service, &mut record);
        record.outages.sort_by_key(|outage| outage.from);
        records.insert((*service).to_owned(), record);
    }
    records
}

/// Thirty-four months of ordinary operation: mostly quiet, some short outages, rarely a long one.
fn everyday(record: &mut Record, random: &Random) {
    let mut month = NaiveDate::from_ymd_opt(2023, 11, 1).unwrap_or_default();
    while !is_told(month) {
        let luck = random.integer();
        let outages = match luck % 100 {
            0..=54 => 0,
            55..=79 => 1,
            80..=93 => 2,
            _ => 3,
        };
        for _ in 0..outages {
            let draw = random.integer();
            let day = Days::new(draw % 27);
            let minute = TimeDelta::minutes(i64::try_from(draw / 1_000 % 1_380).unwrap_or(0));
            // Spread evenly to 17 minutes; one in twenty-two is long enough to cost something.
            let long = (draw / 7).is_multiple_of(22);
            let length = if long { 46 + draw / 3 % 90 } else { 2 + draw / 11 % 16 };
            let from = (month + day).and_time(chrono::NaiveTime::MIN).and_utc() + minute;
            let to = from + TimeDelta::minutes(i64::try_from(length).unwrap_or(5));
            record.outages.push(Outage { from, to, known_at: to });
        }
        month = month.checked_add_months(chrono::Months::new(1)).unwrap_or(month);
    }
}

fn told(service: &str, record: &mut Record) {
    let own = TOLD.iter().filter(|(name, ..)| *name == service);
    record.outages.extend(own.map(|(_, from, minutes)| outage(from, *minutes)));
}

fn special(service: &str, record: &mut Record) {
    if service.starts_with(REGION) {
        record.outages.push(outage("2026-06-17T09:05", 87));
    }
    match service {
        // A flapping service: forty short outages in two days.
        "us/webhooks" => {
            let start = at("2026-03-11T06:00");
            record.outages.extend((0..40).map(|n| {
                let from = start + TimeDelta::minutes(n * 67);
                let to = from + TimeDelta::minutes(1 + n % 4);
                Outage { from, to, known_at: to }
            }));
        }
        // Late evidence: August was locked when it came.
        "uk/meter" => record
            .outages
            .push(Outage { known_at: at("2026-09-20T08:00"), ..outage("2026-08-09T18:20", 66) }),
        // Maintenance that was announced too late to count.
        "uk/search" => record.outages.push(outage("2026-08-12T01:00", 90)),
        // The source was disconnected: nobody measured.
        "eu/ingest" => record.unknown.push((at("2026-09-28T00:00"), at("2026-11-03T09:00"))),
        // A short gap in a running month.
        "eu/search" => record.unknown.push((at("2026-11-06T02:10"), at("2026-11-06T02:40"))),
        _ => {}
    }
}
