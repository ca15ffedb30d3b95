//! The grid of a window's slots, and where the entries of the evidence lie on it.

use crate::evidence::Slots;
use crate::exclusions::Excused;
use crate::frame::Frame;
use crate::instant::write_instant;
use crate::interval::Intervals;
use crate::refusal::Refusal;
use crate::terms::Terms;
use std::ops::Range;

/// Entries that lie side by side on the grid: a slot each, or one entry for all of them.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// First slot.
    from: i64,
    /// End, exclusive.
    to: i64,
    /// The entry of the first slot.
    entry: usize,
    /// Whether it is the entry of all of them.
    alike: bool,
}

/// Slots of the evidence: those of these entries, each so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The first slot.
    pub(crate) from: i64,
    /// A slot each, or one entry.
    pub(crate) entries: Range<usize>,
    /// How many slots each entry stands for; more than 1 for a single one only.
    pub(crate) times: u64,
}

/// The whole slots of a window, as sets of their numbers. A slot lies where its first second lies.
#[derive(Debug)]
pub(crate) struct Grid<'a> {
    /// What was observed.
    pub(crate) slots: &'a Slots,
    /// Where that lies, in order, cut to whole slots.
    stretches: Vec<Stretch>,
    /// In the active time and the service hours, and not excused.
    pub(crate) rest: Intervals,
    /// Of `rest`, those that no entry covers.
    pub(crate) unknown: Intervals,
    /// Excused and taken out.
    pub(crate) removed: Intervals,
    /// Excused and counted as good.
    pub(crate) up: Intervals,
    /// In the service hours, not under contract, and counted as good.
    pub(crate) inactive_up: Intervals,
}

impl<'a> Grid<'a> {
    /// The grid of this evidence; `slot` is the slot's length in seconds, `path` the line's.
    pub(crate) fn of(
        slots: &'a Slots,
        slot: i64,
        frame: &Frame,
        excused: &Excused,
        path: &dyn Fn() -> String,
    ) -> Result<Self, Refusal> {
        let start = frame.span.from.timestamp();
        let whole = frame.span.seconds() / slot;
        let mut stretches = Laying::new(slot, frame, path).lay(slots)?;
        for stretch in &mut stretches {
            stretch.to = stretch.to.min(whole);
        }
        stretches.retain(|stretch| stretch.from < stretch.to);
        // The slots whose first second is in the set.
        let number = |second: i64| {
            let since = second - start;
            (since.div_euclid(slot) + i64::from(since.rem_euclid(slot) > 0)).min(whole)
        };
        let on_grid = |set: &Intervals| {
            Intervals::merge(set.as_slice().iter().map(|(from, to)| (number(*from), number(*to))))
        };
        let live = on_grid(&frame.live);
        let removed = on_grid(&excused.removed).intersect(&live);
        let up = on_grid(&excused.up).intersect(&live);
        let rest = live.without(&removed).without(&up);
        let covered = Intervals::merge(stretches.iter().map(|s| (s.from, s.to)));
        let unknown = rest.without(&covered);
        let inactive_up = on_grid(&frame.inactive_up);
        Ok(Self { slots, stretches, rest, unknown, removed, up, inactive_up })
    }

    /// The observed slots of a set, in order.
    pub(crate) fn parts(&self, set: &Intervals) -> Vec<Part> {
        let mut parts = Vec::with_capacity(self.stretches.len());
        let mut spans = set.as_slice();
        for stretch in &self.stretches {
            spans = &spans[spans.partition_point(|(_, to)| *to <= stretch.from)..];
            for (from, to) in spans.iter().take_while(|(from, _)| *from < stretch.to) {
                parts.push(stretch.part((*from).max(stretch.from), (*to).min(stretch.to)));
            }
        }
        parts
    }

    /// All observed slots of the window, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = Part> {
        self.stretches.iter().map(|stretch| stretch.part(stretch.from, stretch.to))
    }

    /// How many slots are excused.
    pub(crate) fn excused(&self) -> u64 {
        self.removed.count() + self.up.count()
    }

    /// How many slots are counted before idle and unknown ones are looked at.
    pub(crate) fn counted(&self) -> u64 {
        self.rest.count() + self.up.count() + self.inactive_up.count()
    }
}

impl Stretch {
    /// Its slots `from..to`.
    fn part(&self, from: i64, to: i64) -> Part {
        let count = |slots: i64| usize::try_from(slots).unwrap_or_default();
        if self.alike {
            let times = u64::try_from(to - from).unwrap_or_default();
            return Part { from, entries: self.entry..self.entry + 1, times };
        }
        let first = self.entry + count(from - self.from);
        Part { from, entries: first..first + count(to - from), times: 1 }
    }
}

/// Entries being laid one after the other from the window's first second, or from their own start.
struct Laying<'a> {
    frame: &'a Frame,
    path: &'a dyn Fn() -> String,
    /// A slot's length in seconds.
    slot: i64,
    /// How many slots the window has, the last one perhaps shorter.
    all: i64,
    /// Where the next entry lies.
    next: i64,
    stretches: Vec<Stretch>,
}

impl<'a> Laying<'a> {
    fn new(slot: i64, frame: &'a Frame, path: &'a dyn Fn() -> String) -> Self {
        let length = frame.span.seconds();
        let all = length / slot + i64::from(length % slot > 0);
        Self { frame, path, slot, all, next: 0, stretches: Vec::new() }
    }

    fn at(&self, entry: usize, key: &str) -> String {
        format!("{}.evidence.slots[{entry}]{key}", (self.path)())
    }

    fn lay(mut self, slots: &Slots) -> Result<Vec<Stretch>, Refusal> {
        let (mut starts, mut counts) = (slots.starts().iter(), slots.counts().iter());
        let (mut start, mut count) = (starts.next(), counts.next());
        let mut entry = 0;
        loop {
            // Up to the next entry that says where it begins, or is more than one slot.
            let ends = [start.map(|(at, _)| *at), count.map(|(at, _)| *at), Some(slots.len())];
            let end = ends.into_iter().flatten().min().unwrap_or(entry);
            self.side_by_side(entry..end)?;
            entry = end;
            if entry == slots.len() {
                return Ok(self.stretches);
            }
            if let Some((_, from)) = start.filter(|(at, _)| *at == entry) {
                self.move_to(entry, from.timestamp())?;
                start = starts.next();
            }
            if let Some((_, many)) = count.filter(|(at, _)| *at == entry) {
                let to = i64::try_from(*many).ok().and_then(|many| self.next.checked_add(many));
                self.push(entry, to, true)?;
                count = counts.next();
                entry += 1;
            }
        }
    }

    /// Entries of one slot each.
    fn side_by_side(&mut self, entries: Range<usize>) -> Result<(), Refusal> {
        if entries.is_empty() {
            return Ok(());
        }
        let free = usize::try_from(self.all - self.next).unwrap_or_default();
        let past = entries.start + free.min(entries.len());
        let to = i64::try_from(entries.len()).ok().and_then(|many| self.next.checked_add(many));
        self.push(entries.start, to, false).map_err(|_| self.past_the_end(past))
    }

    fn push(&mut self, entry: usize, to: Option<i64>, alike: bool) -> Result<(), Refusal> {
        let to = to.filter(|to| *to <= self.all).ok_or_else(|| self.past_the_end(entry))?;
        let from = std::mem::replace(&mut self.next, to);
        match self.stretches.last_mut() {
            // An entry that says where it begins may still begin right there.
            Some(last) if last.to == from && !last.alike && !alike => last.to = to,
            _ => self.stretches.push(Stretch { from, to, entry, alike }),
        }
        Ok(())
    }

    fn past_the_end(&self, entry: usize) -> Refusal {
        Refusal::new(self.at(entry, ""), "reaches past the window's end")
    }

    fn move_to(&mut self, entry: usize, from: i64) -> Result<(), Refusal> {
        let since = from - self.frame.span.from.timestamp();
        let wrong = if since < 0 || since >= self.frame.span.seconds() {
            "lies outside of the window"
        } else if since % self.slot != 0 {
            "does not lie on the grid of slots"
        } else if since / self.slot < self.next {
            "lies before the end of the entry above"
        } else {
            self.next = since / self.slot;
            return Ok(());
        };
        let from = write_instant(crate::instant::from_seconds(from));
        Err(Refusal::new(self.at(entry, ".start"), format!("{from} {wrong}")))
    }
}

/// The length of the measure's slots in seconds; at least 1.
pub(crate) fn slot_seconds(terms: &Terms) -> i64 {
    terms.measure.slot().map_or(1, |slot| slot.signed_seconds()).max(1)
}
