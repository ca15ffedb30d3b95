//! Slots by the UTC day in which they begin.

use super::laid::{Recorded, Stretch};
use makegood_domain::id::SeriesId;
use std::collections::{BTreeMap, btree_map::Entry};

/// A day, in seconds.
pub(crate) const DAY: i64 = 86_400;

/// Slots on record by series and day; a day is its midnight, in seconds since 1970.
pub(crate) type ByDay = BTreeMap<(SeriesId, i64), Vec<Recorded>>;

/// Midnight of the day that holds an instant.
pub(crate) fn midnight(at: i64) -> i64 {
    at - at.rem_euclid(DAY)
}

/// Puts a series' slots to those of their days, cut where a day begins.
pub(crate) fn sort_in(by_day: &mut ByDay, series: SeriesId, recorded: Vec<Recorded>) {
    let first = recorded.first().map_or(0, |one| midnight(one.stretch.start));
    let within = |one: &Recorded| one.stretch.start >= first && one.stretch.end() <= first + DAY;
    if recorded.iter().all(within) {
        return keep(by_day, (series, first), recorded);
    }
    let (mut day, mut of_day) = (0, Vec::new());
    for mut one in recorded {
        loop {
            let own = midnight(one.stretch.start);
            if own != day {
                keep(by_day, (series, day), std::mem::take(&mut of_day));
                day = own;
            }
            let rest = after(&mut one.stretch, day + DAY);
            let next = rest.map(|stretch| Recorded { stretch, ..one.clone() });
            of_day.push(one);
            match next {
                Some(next) => one = next,
                None => break,
            }
        }
    }
    keep(by_day, (series, day), of_day);
}

fn keep(by_day: &mut ByDay, of: (SeriesId, i64), recorded: Vec<Recorded>) {
    if recorded.is_empty() {
        return;
    }
    match by_day.entry(of) {
        Entry::Vacant(entry) => {
            entry.insert(recorded);
        }
        Entry::Occupied(mut entry) => entry.get_mut().extend(recorded),
    }
}

/// Takes off those slots that begin at `next` or later.
fn after(stretch: &mut Stretch, next: i64) -> Option<Stretch> {
    let own = (next - stretch.start - 1).div_euclid(stretch.slot) + 1;
    let own = u32::try_from(own).ok().filter(|own| *own < stretch.run.count)?;
    let mut rest = stretch.clone();
    rest.run.count -= own;
    rest.start += stretch.slot * i64::from(own);
    stretch.run.count = own;
    Some(rest)
}

/// Whether slots of a day, which don't overlap, fill it and reach no further.
pub(crate) fn fill(day: i64, recorded: &[Recorded]) -> bool {
    let seconds = |one: &Recorded| one.stretch.end() - one.stretch.start;
    recorded.iter().map(seconds).sum::<i64>() == DAY
        && recorded.iter().all(|one| one.stretch.end() <= day + DAY)
}
