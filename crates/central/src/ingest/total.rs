//! What slots come to by calendar month (UTC), kept as days are sealed, so that a renewal needs no
//! slot. Each day is counted by itself: of two slots that meet, the one observed last.

use super::{
    days::ByDay,
    laid::{Laid, Recorded, Stretch},
};
use crate::store::{self, block::BlocksByDay};
use chrono::Datelike as _;
use makegood_domain::{Problem, id::SeriesId};
use std::collections::BTreeMap;

/// What a series' slots came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// Requests without an error, of slots that count both.
    pub good: u128,
    /// All of their requests.
    pub requests: u128,
    /// Slots that were seen.
    pub slots: u128,
    /// Seconds that they cover.
    pub seconds: u128,
}

/// A series and a month: years since year 0, times 12, plus months since January.
pub(crate) type OfMonth = (SeriesId, i64);

/// By series and month, what days came to before and what they come to now.
pub(crate) type Changes = BTreeMap<OfMonth, (Total, Total)>;

/// What sealing these days changes, beside the blocks `before` that they have.
///
/// # Errors
/// [`makegood_domain::Code::Internal`]: a day lies outside the calendar.
pub(crate) fn changes(by_day: &ByDay, before: &BlocksByDay) -> Result<Changes, Problem> {
    let mut changes = Changes::new();
    for ((series, day), slots) in by_day {
        let month = month_of(store::instant(*day)?.date_naive());
        let change = changes.entry((*series, month)).or_default();
        match before.get(&(*series, *day)) {
            None => change.1.add(&Total::of(slots.iter())),
            Some(earlier) => {
                change.0.add(&Total::of(earlier.slots.iter()));
                change.1.add(&Total::of(earlier.slots.iter().chain(slots)));
            }
        }
    }
    Ok(changes)
}

/// A day's month, as it is counted.
pub(crate) fn month_of(day: chrono::NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

impl Total {
    fn of<'r>(slots: impl Iterator<Item = &'r Recorded> + Clone) -> Self {
        let mut total = Self::default();
        let apart = |a: &&Recorded, b: &&Recorded| a.stretch.end() <= b.stretch.start;
        if slots.clone().is_sorted_by(apart) {
            slots.for_each(|one| total.count(&one.stretch));
        } else {
            let laid = Laid::of(slots);
            laid.within((i64::MIN, i64::MAX)).for_each(|stretch| total.count(&stretch));
        }
        total
    }

    fn count(&mut self, stretch: &Stretch) {
        if stretch.run.is_blank() {
            return;
        }
        let (run, slots) = (&stretch.run, u128::from(stretch.run.count));
        if let (Some(requests), Some(errors)) = (run.requests, run.errors) {
            self.good += slots * u128::from(requests.saturating_sub(errors));
            self.requests += slots * u128::from(requests);
        }
        self.slots += slots;
        self.seconds += slots * u128::from(stretch.slot.unsigned_abs());
    }

    /// Adds another.
    pub(crate) fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.requests += other.requests;
        self.slots += other.slots;
        self.seconds += other.seconds;
    }

    /// This, with what was counted before taken out and what is counted now put in.
    pub(crate) fn changed(mut self, (before, now): &(Self, Self)) -> Self {
        self.good = self.good.saturating_sub(before.good);
        self.requests = self.requests.saturating_sub(before.requests);
        self.slots = self.slots.saturating_sub(before.slots);
        self.seconds = self.seconds.saturating_sub(before.seconds);
        self.add(now);
        self
    }
}
