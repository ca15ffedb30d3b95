//! The grid of a window's slots, and where the runs of the evidence lie on it.

use crate::evidence::Slots;
use crate::exclusions::Excused;
use crate::frame::Frame;
use crate::instant::write_instant;
use crate::interval::Intervals;
use crate::refusal::Refusal;
use crate::terms::Terms;

/// A run of alike slots on the grid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    /// First slot.
    pub(crate) from: i64,
    /// End, exclusive.
    pub(crate) to: i64,
    /// What each of them holds.
    pub(crate) slots: &'a Slots,
}

/// The whole slots of a window, as sets of their numbers. A slot lies where its first second lies.
#[derive(Debug)]
pub(crate) struct Grid<'a> {
    /// What the evidence covers, in order, cut to whole slots.
    pub(crate) runs: Vec<Run<'a>>,
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
        evidence: &'a [Slots],
        slot: i64,
        frame: &Frame,
        excused: &Excused,
        path: &str,
    ) -> Result<Self, Refusal> {
        let start = frame.span.from.timestamp();
        let whole = frame.span.seconds() / slot;
        let runs = lay(evidence, slot, frame, path)?;
        let runs: Vec<Run> = runs
            .into_iter()
            .map(|run| Run { to: run.to.min(whole), ..run })
            .filter(|run| run.from < run.to)
            .collect();
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
        let covered = Intervals::merge(runs.iter().map(|run| (run.from, run.to)));
        let unknown = rest.without(&covered);
        Ok(Self { runs, rest, unknown, removed, up, inactive_up: on_grid(&frame.inactive_up) })
    }

    /// How many slots of this run lie in a set.
    pub(crate) fn count(run: &Run, set: &Intervals) -> i64 {
        set.size_within(run.from, run.to)
    }

    /// How many slots are excused.
    pub(crate) fn excused(&self) -> i64 {
        self.removed.size() + self.up.size()
    }
}

/// Lays the entries one after the other from the window's first second, or from their own start.
fn lay<'a>(
    evidence: &'a [Slots],
    slot: i64,
    frame: &Frame,
    path: &str,
) -> Result<Vec<Run<'a>>, Refusal> {
    let (start, length) = (frame.span.from.timestamp(), frame.span.seconds());
    let all = length / slot + i64::from(length % slot > 0);
    let mut next = 0_i64;
    let mut runs = Vec::with_capacity(evidence.len());
    for (index, slots) in evidence.iter().enumerate() {
        let at = |key: &str| format!("{path}.evidence.slots[{index}]{key}");
        if let Some(from) = slots.start {
            let since = from.timestamp() - start;
            let wrong = |why: &str| {
                Err(Refusal::new(at(".start"), format!("{} {why}", write_instant(from))))
            };
            if since < 0 || since >= length {
                return wrong("lies outside of the window");
            }
            if since % slot != 0 {
                return wrong("does not lie on the grid of slots");
            }
            if since / slot < next {
                return wrong("lies before the end of the entry above");
            }
            next = since / slot;
        }
        let to = i64::try_from(slots.count).ok().and_then(|count| next.checked_add(count));
        let Some(to) = to.filter(|to| *to <= all) else {
            return Err(Refusal::new(at(""), "reaches past the window's end"));
        };
        runs.push(Run { from: next, to, slots });
        next = to;
    }
    Ok(runs)
}

/// The length of the measure's slots in seconds; at least 1.
pub(crate) fn slot_seconds(terms: &Terms) -> i64 {
    terms.measure.slot().map_or(1, |slot| slot.signed_seconds()).max(1)
}
