//! Service hours: the local hours that count.

use crate::build::{Build, list};
use crate::instant::fields;
use crate::interval::Intervals;
use crate::json::Json;
use crate::reader::{self, Object, word_of};
use crate::refusal::{Refusal, excerpt};
use crate::zone::Zone;
use chrono::{NaiveDate, Weekday};
use std::collections::BTreeSet;

/// Hours of some weekdays, local to the window's time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceHours {
    /// At least one weekday.
    pub days: Vec<Weekday>,
    /// First minute of the day that counts: 0 to 1439.
    pub from_minute: u32,
    /// End, exclusive, after `from_minute`: at most 1440.
    pub to_minute: u32,
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// Reads one entry at `path`.
pub(crate) fn read(json: &Json, path: &str) -> Result<ServiceHours, Refusal> {
    let object = Object::read(json, path, &["days", "from", "to"])?;
    object.need("days")?;
    let days = object.list("days", |json, path| {
        let word = reader::text(json).map_err(|message| Refusal::new(path, message))?;
        let found = DAYS.iter().find(|(name, _)| *name == word);
        let message = || format!("{} is none of: mon, tue, wed, thu, fri, sat, sun", excerpt(word));
        found.map(|(_, day)| *day).ok_or_else(|| Refusal::new(path, message()))
    })?;
    let days = days.unwrap_or_default();
    if days.is_empty() {
        return Err(object.refuse("days", "must not be empty"));
    }
    let from_minute = object.required("from", |json| minute(json, 1_439))?;
    let to_minute = object.required("to", |json| minute(json, 1_440))?;
    if to_minute <= from_minute {
        return Err(object.refuse("to", "must be after from"));
    }
    Ok(ServiceHours { days, from_minute, to_minute })
}

fn minute(json: &Json, latest: u32) -> Result<u32, String> {
    let text = reader::text(json)?;
    let read = || {
        let numbers = fields(text, ':', &[2, 2])?;
        let minute = numbers[0] * 60 + numbers[1];
        (numbers[1] < 60 && minute <= latest).then_some(minute)
    };
    let end = if latest == 1_440 { "24:00" } else { "23:59" };
    read().ok_or_else(|| format!("{} is no time from 00:00 to {end}", excerpt(text)))
}

/// One entry as a tree.
pub(crate) fn tree(hours: &ServiceHours) -> Json {
    let minute = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    Build::default()
        .put("days", list(&hours.days, |day| Json::text(word_of(day, &DAYS))))
        .text("from", &minute(hours.from_minute))
        .text("to", &minute(hours.to_minute))
        .object()
}

/// The seconds of `from..to` in which the local clock shows such a weekday and time, and no
/// holiday. An hour that a clock change repeats is in them twice, one that it skips not at all.
pub(crate) fn within(
    hours: &[ServiceHours],
    holidays: &[NaiveDate],
    zone: &Zone,
    from: i64,
    to: i64,
) -> Intervals {
    let holidays: BTreeSet<i64> = holidays.iter().map(|day| day_number(*day)).collect();
    let week: Vec<Vec<(i64, i64)>> = DAYS.iter().map(|(_, day)| of_day(hours, *day)).collect();
    let mut found = Vec::new();
    for segment in zone.segments(from, to) {
        let first = (segment.from + segment.offset).div_euclid(DAY);
        let last = (segment.to - 1 + segment.offset).div_euclid(DAY);
        for number in first..=last {
            if holidays.contains(&number) {
                continue;
            }
            // Day 0, 1 January 1970, was a Thursday.
            let weekday = usize::try_from((number + 3).rem_euclid(7)).unwrap_or_default();
            let midnight = number * DAY - segment.offset;
            found.extend(week[weekday].iter().map(|(start, end)| {
                ((midnight + start).max(segment.from), (midnight + end).min(segment.to))
            }));
        }
    }
    Intervals::merge(found)
}

const DAY: i64 = 86_400;

fn day_number(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp().div_euclid(DAY)
}

/// Seconds of the local day that count on this weekday.
fn of_day(hours: &[ServiceHours], day: Weekday) -> Vec<(i64, i64)> {
    let of_day = hours.iter().filter(|hours| hours.days.contains(&day));
    let seconds = |minute: u32| i64::from(minute) * 60;
    let merged = Intervals::merge(of_day.map(|h| (seconds(h.from_minute), seconds(h.to_minute))));
    merged.as_slice().to_vec()
}
