//! How long the windows of the terms are, and in what steps their attainment moves.

use super::figure::Grain;
use super::threshold::Threshold;
use crate::instant::from_seconds;
use crate::interval::Intervals;
use crate::measures::Measure;
use crate::service_hours;
use crate::terms::{NoData, Terms};
use crate::window::{Span, WindowKind};

/// The windows of four years, one of them a leap year, each kind once: whatever holds for all of
/// these holds for any window of the terms. Inactive and excluded time is left aside.
#[derive(Debug)]
pub(super) struct Extent {
    windows: Vec<Length>,
}

/// The length of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Length {
    /// Seconds of it that count: those in the service hours.
    counted: u64,
    /// Seconds.
    seconds: u64,
    /// Calendar days.
    days: u64,
    /// Slots of it that count, where the measure has slots.
    slots: u64,
}

/// 2025-01-01: four years from here hold one leap year.
const START: i64 = 1_735_689_600;

impl Extent {
    /// The windows of these terms.
    pub(super) fn of(terms: &Terms) -> Self {
        let window = &terms.window;
        let mut label = window.label_at(from_seconds(START));
        let mut windows = Vec::new();
        for _ in 0..count(&window.kind) {
            windows.extend(window.span(&label).ok().map(|span| length(terms, &span)));
            let Ok(next) = window.next_label(&label) else { break };
            label = next;
        }
        if let (true, WindowKind::Rolling { length }) = (windows.is_empty(), &window.kind) {
            // Longer than the calendar: nothing is left to look at but the figure itself.
            let seconds = length.seconds();
            let days = length.whole_days().unwrap_or_default();
            let slots = terms.measure.slot().map_or(0, |slot| seconds / slot.seconds().max(1));
            windows.push(Length { counted: seconds, seconds, days, slots });
        }
        windows.retain(|window| window.counted > 0);
        windows.sort_unstable();
        windows.dedup();
        Self { windows }
    }

    /// Seconds of the shortest and of the longest window.
    pub(super) fn seconds(&self) -> (u64, u64) {
        self.ends(|window| window.seconds)
    }

    /// Seconds that count in the shortest and in the longest window.
    pub(super) fn counted(&self) -> (u64, u64) {
        self.ends(|window| window.counted)
    }

    /// Calendar days of the shortest and of the longest window.
    pub(super) fn days(&self) -> (u64, u64) {
        self.ends(|window| window.days)
    }

    fn ends(&self, of: fn(&Length) -> u64) -> (u64, u64) {
        let all = || self.windows.iter().map(of);
        (all().min().unwrap_or_default(), all().max().unwrap_or_default())
    }

    fn distinct(&self, of: fn(&Length) -> u64) -> Vec<u64> {
        let mut all: Vec<u64> = self.windows.iter().map(of).filter(|total| *total > 0).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// How many windows are looked at.
fn count(kind: &WindowKind) -> usize {
    match kind {
        WindowKind::Month { .. } => 48,
        WindowKind::Quarter { .. } => 16,
        WindowKind::Year { .. } => 4,
        // The longer they are, the less they differ, and the longer it takes to look at one.
        WindowKind::Rolling { length } => match length.seconds() / 86_400 {
            0..=400 => 366,
            401..=4_000 => 7,
            _ => 1,
        },
    }
}

fn length(terms: &Terms, span: &Span) -> Length {
    let (from, to) = (span.from.timestamp(), span.to.timestamp());
    let hours = match &terms.service_hours {
        None => Intervals::one(from, to),
        Some(hours) => {
            let holidays = terms.holidays.as_deref().unwrap_or_default();
            service_hours::within(hours, holidays, &terms.window.time_zone, from, to)
        }
    };
    let slot = terms.measure.slot().map(crate::duration::Duration::signed_seconds);
    Length {
        counted: hours.size().unsigned_abs(),
        seconds: (to - from).unsigned_abs(),
        days: span.days().unsigned_abs(),
        slots: slot.map_or(0, |slot| slots_in(&hours, from, to, slot)),
    }
}

/// How many whole slots of the grid have their first second in these hours.
fn slots_in(hours: &Intervals, from: i64, to: i64, slot: i64) -> u64 {
    let whole = (to - from) / slot;
    let before = |at: i64| ((at - from + slot - 1) / slot).min(whole);
    hours
        .as_slice()
        .iter()
        .map(|(start, end)| before(*end) - before(*start))
        .sum::<i64>()
        .unsigned_abs()
}

/// In what steps bad time or bad slots are counted; of measures whose steps the terms alone tell.
#[derive(Debug)]
pub(super) struct Counting {
    /// What is counted, and the least that counts.
    pub(super) grain: Grain,
    /// The least whole outage or run that counts, in seconds or slots.
    least: u64,
    /// The least that counts of one of which only a part does.
    part: u64,
    /// What all that counts is a multiple of.
    unit: u64,
    /// What attainment is divided by, in the windows that there are; ascending.
    totals: Vec<u64>,
}

impl Counting {
    /// How these terms count; `None`: by events or rates, of which they don't know how
    /// many, or there is nothing to count.
    pub(super) fn of(terms: &Terms, extent: &Extent) -> Option<Self> {
        let counting = match &terms.measure {
            Measure::Uptime(uptime) => {
                let unit = if uptime.whole_minutes { 60 } else { 1 };
                let outage = uptime.min_outage.as_ref().filter(|outage| outage.seconds() > unit);
                let grain = match (outage, uptime.whole_minutes) {
                    (Some(outage), _) => Grain::Outage(outage.clone()),
                    (None, true) => Grain::Minute,
                    (None, false) => Grain::Second,
                };
                let totals = match &terms.window.counted_as {
                    Some(fixed) => vec![fixed.seconds()],
                    None => extent.distinct(|window| window.counted),
                };
                let least =
                    outage.map_or(unit, |outage| outage.seconds() - outage.seconds() % unit);
                // The window's end may cut any outage, and its impact make little of it.
                Self { grain, least, part: unit, unit, totals }
            }
            Measure::Slots(slots) => {
                let run = slots.min_run.filter(|run| *run > 1);
                let slot = slots.slot.clone();
                let grain = match run {
                    Some(count) => Grain::Run { count, slot },
                    None => Grain::Slot(slot),
                };
                let totals = extent.distinct(|window| window.slots);
                let is_cut = !terms.exclusions.is_empty()
                    || terms.service_hours.is_some()
                    || terms.no_data == NoData::Down;
                let least = run.unwrap_or(1);
                Self { grain, least, part: if is_cut { 1 } else { least }, unit: 1, totals }
            }
            Measure::MeanErrorRate(_) | Measure::Requests(_) => return None,
        };
        (!counting.totals.is_empty()).then_some(counting)
    }

    /// The least that counts.
    pub(super) fn least(&self) -> u64 {
        self.least
    }

    /// What the least that counts at all is.
    pub(super) fn finest(&self) -> Grain {
        match &self.grain {
            whole if self.part == self.least => whole.clone(),
            Grain::Outage(_) if self.unit > 1 => Grain::Minute,
            Grain::Outage(_) => Grain::Second,
            Grain::Run { slot, .. } => Grain::Slot(slot.clone()),
            other => other.clone(),
        }
    }

    /// The largest total, in which a single step weighs least.
    pub(super) fn largest(&self) -> Option<u64> {
        self.totals.last().copied()
    }

    /// The smallest total.
    pub(super) fn smallest(&self) -> Option<u64> {
        self.totals.first().copied()
    }

    /// Whether in some window a number that can be counted reaches the one and not the other.
    pub(super) fn between(&self, reached: &Threshold, not_reached: &Threshold) -> bool {
        self.totals.iter().any(|total| {
            let Some(most) = reached.most_bad(*total) else { return false };
            // Less than the least counts as nothing.
            let most = if most < self.part { 0 } else { most - most % self.unit };
            not_reached.most_bad(*total).is_none_or(|other| other < most)
        })
    }
}
