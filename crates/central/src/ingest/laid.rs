//! Slots laid over each other: where two pieces of evidence speak of the same time, the later one
//! counts, and the earlier one stays on record beneath it.

use super::slots::Run;
use crate::store;
use makegood_domain::{
    Code, Problem,
    series::{Evidence, EvidenceBody},
};
use std::collections::BTreeMap;

/// Alike slots in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Where the first begins: seconds since 1970.
    pub start: i64,
    /// The length of each, in seconds: 1 to 2^32 - 1.
    pub slot: i64,
    /// What each says; its `count` is how many there are.
    pub run: Run,
}

/// Alike slots in a row, as they are on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The slots.
    pub stretch: Stretch,
    /// When the source saw them: seconds since 1970.
    pub observed_at: i64,
    /// When central recorded them: seconds since 1970.
    pub recorded_at: i64,
    /// Their place in the order of recording: rises with every push.
    pub position: i64,
}

impl Stretch {
    /// Where the last one ends.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.start.saturating_add(self.slot.saturating_mul(i64::from(self.run.count)))
    }

    /// Those of its slots that lie wholly in `[from, to)`, if any.
    pub(crate) fn within(&self, (from, to): (i64, i64)) -> Option<Self> {
        let before = (from.saturating_sub(self.start)).max(0);
        let skip = before.div_euclid(self.slot) + i64::from(before % self.slot != 0);
        let start = self.start.saturating_add(skip.saturating_mul(self.slot));
        let count = self.end().min(to).saturating_sub(start).max(0) / self.slot;
        let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
        Some(Self { start, slot: self.slot, run: Run { count, ..self.run.clone() } })
    }

    /// Whether both say the same where they meet: slots of one length, at the same places.
    fn agrees(&self, other: &Self) -> bool {
        self.run.is_like(&other.run)
            && self.slot == other.slot
            && (self.start - other.start) % self.slot == 0
    }
}

/// The slots of a piece of evidence of before there were blocks; none where it is not about slots.
///
/// # Errors
/// [`Code::Internal`] when what is stored can't be read.
pub(crate) fn of_piece(piece: &Evidence) -> Result<Vec<Recorded>, Problem> {
    let EvidenceBody::Slots { slot_seconds, runs } = &piece.body else { return Ok(Vec::new()) };
    let runs: Vec<Run> = serde_json::from_value(runs.clone())
        .map_err(|error| Problem::new(Code::Internal, format!("stored slots: {error}")))?;
    if *slot_seconds == 0 {
        return Err(store::missing("slot's length"));
    }
    let mut start = piece.from.timestamp();
    let mut found = Vec::with_capacity(runs.len());
    for run in runs {
        let stretch = Stretch { start, slot: i64::from(*slot_seconds), run };
        start = stretch.end();
        found.push(Recorded {
            stretch,
            observed_at: piece.observed_at.timestamp(),
            recorded_at: piece.recorded_at.timestamp(),
            position: piece.position,
        });
    }
    Ok(found)
}

/// Of each instant, the slot that counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Laid(BTreeMap<i64, Stretch>);

impl Laid {
    /// Lays slots over each other: what was observed later covers what was observed earlier, and
    /// of the same instant what was recorded later.
    pub(crate) fn of<'r>(recorded: impl Iterator<Item = &'r Recorded>) -> Self {
        let mut recorded: Vec<&Recorded> = recorded.collect();
        recorded.sort_by_key(|one| (one.observed_at, one.position));
        let mut laid = Self::default();
        for one in recorded {
            laid.lay(one.stretch.clone());
        }
        laid
    }

    /// Covers what lies beneath. A slot that is covered in part no longer counts at all.
    pub(crate) fn lay(&mut self, new: Stretch) {
        let (from, to) = (new.start, new.end());
        for old in self.over((from, to)) {
            self.0.remove(&old.start);
            for rest in [(old.start, from), (to, old.end())] {
                if let Some(kept) = old.within(rest) {
                    self.0.insert(kept.start, kept);
                }
            }
        }
        self.0.insert(from, new);
    }

    /// What meets `[from, to)`, in order.
    fn over(&self, (from, to): (i64, i64)) -> Vec<Stretch> {
        let mut met = Vec::new();
        if let Some((_, before)) = self.0.range(..from).next_back()
            && before.end() > from
        {
            met.push(before.clone());
        }
        met.extend(self.0.range(from..to).map(|(_, stretch)| stretch.clone()));
        met
    }

    /// Whether something here says otherwise of the same time.
    pub(crate) fn contradicts(&self, new: &Stretch) -> bool {
        self.over((new.start, new.end())).iter().any(|old| !old.agrees(new))
    }

    /// The slots of `new` that are not here already, just so.
    pub(crate) fn lacking(&self, new: &Stretch) -> Vec<Stretch> {
        let mut lacking = Vec::new();
        let mut at = new.start;
        for old in self.over((new.start, new.end())) {
            if !old.agrees(new) {
                continue;
            }
            lacking.extend(new.within((at, old.start)));
            at = old.end();
        }
        lacking.extend(new.within((at, new.end())));
        lacking
    }

    /// The slots that lie wholly in `[from, to)`, in order of time.
    pub(crate) fn within(&self, span: (i64, i64)) -> impl Iterator<Item = Stretch> {
        self.over(span).into_iter().filter_map(move |stretch| stretch.within(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(start: i64, slot: i64, count: u32, errors: u64) -> Stretch {
        let run = Run { count, requests: Some(10), errors: Some(errors), value: None };
        Stretch { start, slot, run }
    }

    /// Start, count and errors of what counts.
    fn seen(laid: &Laid) -> Vec<(i64, u32, Option<u64>)> {
        let all = laid.within((i64::MIN, i64::MAX));
        all.map(|stretch| (stretch.start, stretch.run.count, stretch.run.errors)).collect()
    }

    #[test]
    fn the_later_slot_covers_the_earlier_and_leaves_its_neighbours() {
        let mut laid = Laid::default();
        laid.lay(stretch(0, 60, 10, 1));
        laid.lay(stretch(180, 60, 2, 7));
        assert_eq!(seen(&laid), [(0, 3, Some(1)), (180, 2, Some(7)), (300, 5, Some(1))]);
        // Another length cuts off every slot that it meets.
        laid.lay(stretch(270, 90, 1, 3));
        let expected = [(0, 3, Some(1)), (180, 1, Some(7)), (270, 1, Some(3)), (360, 4, Some(1))];
        assert_eq!(seen(&laid), expected);
    }

    #[test]
    fn what_is_there_already_is_not_lacking() {
        let mut laid = Laid::default();
        laid.lay(stretch(120, 60, 2, 1));
        laid.lay(stretch(300, 60, 1, 9));
        let new = stretch(0, 60, 7, 1);
        let starts: Vec<_> =
            laid.lacking(&new).iter().map(|part| (part.start, part.run.count)).collect();
        assert_eq!(starts, [(0, 2), (240, 3)]);
        assert!(laid.contradicts(&new));
        assert!(!laid.contradicts(&stretch(60, 60, 3, 1)));
        assert!(laid.contradicts(&stretch(90, 60, 3, 1)), "the same length at other places");
    }
}
