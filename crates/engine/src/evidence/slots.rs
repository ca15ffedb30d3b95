//! Slots: what was observed slot by slot, kept as columns.
//!
//! A month of five-minute slots is 8,928 numbers of requests and as many of errors. Side by side in
//! memory they are counted in one tight loop; as a list of entries they are not.

use crate::decimal::Decimal;
use chrono::{DateTime, Utc};
use std::ops::Range;

/// A run of alike slots: one entry of the format's `slots`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRun {
    /// Where it begins: in the window, on the slot grid, not before the end of the entry above;
    /// `None`: at the end of the entry above.
    pub start: Option<DateTime<Utc>>,
    /// How many; at least 1.
    pub count: u64,
    /// Requests in each.
    pub requests: Option<u128>,
    /// Errors in each; at most `requests`.
    pub errors: Option<u128>,
    /// The value of each, where the metric is `value`; may be negative.
    pub value: Option<Decimal>,
}

impl SlotRun {
    /// So many slots with these requests and errors each, after the entry above.
    #[must_use]
    pub fn of_requests(count: u64, requests: u128, errors: u128) -> Self {
        Self { start: None, count, requests: Some(requests), errors: Some(errors), value: None }
    }
}

/// Runs of alike slots, laid one after the other from the window's first second on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slots {
    length: usize,
    /// Of the entries that say where they begin: which, and where.
    starts: Vec<(usize, DateTime<Utc>)>,
    /// Of the entries that are more than one slot: which, and how many.
    counts: Vec<(usize, u64)>,
    requests: Column,
    errors: Column,
    values: Values,
}

impl Slots {
    /// One slot for each pair of numbers of requests and errors, from the window's first second on.
    ///
    /// # Errors
    /// The place of the first pair whose errors exceed its requests or that lacks its other half.
    pub fn of_counts(requests: Vec<u32>, errors: Vec<u32>) -> Result<Self, usize> {
        let length = requests.len();
        if let Some(place) = requests.iter().zip(&errors).position(|(all, bad)| bad > all) {
            return Err(place);
        }
        if errors.len() != length {
            return Err(length.min(errors.len()));
        }
        let (requests, errors) = (Column::Narrow(requests), Column::Narrow(errors));
        Ok(Self { length, requests, errors, ..Self::default() })
    }

    /// Adds a run after the last one.
    pub fn push(&mut self, run: SlotRun) {
        let at = self.length;
        self.starts.extend(run.start.map(|start| (at, start)));
        if run.count != 1 {
            self.counts.push((at, run.count));
        }
        self.requests.push(run.requests);
        self.errors.push(run.errors);
        self.values.push(at, run.value);
        self.length += 1;
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = SlotRun> {
        let (mut starts, mut counts) = (self.starts.as_slice(), self.counts.as_slice());
        (0..self.length).map(move |at| SlotRun {
            start: take(&mut starts, at),
            count: take(&mut counts, at).unwrap_or(1),
            requests: self.requests.get(at),
            errors: self.errors.get(at),
            value: self.values.get(at).cloned(),
        })
    }

    /// Entries that begin elsewhere than at the end of the one above.
    pub(crate) fn starts(&self) -> &[(usize, DateTime<Utc>)] {
        &self.starts
    }

    /// Entries of more than one slot.
    pub(crate) fn counts(&self) -> &[(usize, u64)] {
        &self.counts
    }

    /// Requests of each slot, by entry.
    pub(crate) fn requests(&self) -> &Column {
        &self.requests
    }

    /// Errors of each slot, by entry.
    pub(crate) fn errors(&self) -> &Column {
        &self.errors
    }

    /// The value of each slot of an entry.
    pub(crate) fn value(&self, at: usize) -> Option<&Decimal> {
        self.values.get(at)
    }
}

impl FromIterator<SlotRun> for Slots {
    fn from_iter<I: IntoIterator<Item = SlotRun>>(runs: I) -> Self {
        let mut slots = Self::default();
        runs.into_iter().for_each(|run| slots.push(run));
        slots
    }
}

impl From<Vec<SlotRun>> for Slots {
    fn from(runs: Vec<SlotRun>) -> Self {
        runs.into_iter().collect()
    }
}

/// What stands for this entry, where the list's next one is for it.
fn take<T: Copy>(list: &mut &[(usize, T)], at: usize) -> Option<T> {
    let (first, rest) = list.split_first()?;
    if first.0 != at {
        return None;
    }
    *list = rest;
    Some(first.1)
}

/// One number of each entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// Every entry has one, of at most 32 bits.
    Narrow(Vec<u32>),
    /// Some have none, or a larger one.
    Wide(Vec<Option<u128>>),
}

impl Default for Column {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl Column {
    /// The number of this entry.
    pub(crate) fn get(&self, at: usize) -> Option<u128> {
        match self {
            Self::Narrow(numbers) => numbers.get(at).map(|number| u128::from(*number)),
            Self::Wide(numbers) => numbers.get(at).copied().flatten(),
        }
    }

    /// The number of this entry; 0 where it has none.
    pub(crate) fn number(&self, at: usize) -> u128 {
        self.get(at).unwrap_or_default()
    }

    /// The numbers of these entries, where each has one of at most 32 bits.
    pub(crate) fn narrow(&self, entries: Range<usize>) -> Option<&[u32]> {
        match self {
            Self::Narrow(numbers) => numbers.get(entries),
            Self::Wide(_) => None,
        }
    }

    fn push(&mut self, number: Option<u128>) {
        match (&mut *self, number.map(u32::try_from)) {
            (Self::Narrow(numbers), Some(Ok(number))) => numbers.push(number),
            (Self::Narrow(numbers), _) => {
                let mut wide: Vec<_> = numbers.drain(..).map(|n| Some(u128::from(n))).collect();
                wide.push(number);
                *self = Self::Wide(wide);
            }
            (Self::Wide(numbers), _) => numbers.push(number),
        }
    }
}

/// The values of the entries: all of them have one, or few.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Values(Vec<Option<Decimal>>);

impl Values {
    fn get(&self, at: usize) -> Option<&Decimal> {
        self.0.get(at)?.as_ref()
    }

    fn push(&mut self, at: usize, value: Option<Decimal>) {
        if value.is_some() {
            self.0.resize(at, None);
            self.0.push(value);
        }
    }
}
