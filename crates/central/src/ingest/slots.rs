//! Slots, pushed by a source as JSON:
//! `{"slots": [{"service", "path"?, "region"?, "slot_seconds", "start", "runs": […]}]}`, the runs as the case format
//! writes them, laid one after the other from `start`; or with a list of numbers for each, one of
//! every slot: `"requests": […], "errors": […]`. A block may say when it was `observed_at`; of two
//! that speak of the same slot the one observed later counts.

use super::{
    Adding, Push, Report, check::check_name, check_batch, days::DAY, document, laid::Stretch,
};
use crate::{import::document::Instant, store::Store};
use chrono::DateTime;
use makegood_domain::{Code, Problem, id::PersonId, series::SeriesName};
use serde::{Deserialize, Serialize};

/// How many days the slots of a batch may reach over, those of all its runs together.
const DAYS_MAX: i64 = 100_000;

/// How many slots a batch may list one by one.
const LISTED_MAX: usize = 1_000_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    slots: Vec<Block>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    service: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    region: String,
    slot_seconds: u32,
    start: Instant,
    observed_at: Option<Instant>,
    runs: Option<Vec<Run>>,
    requests: Option<Vec<u64>>,
    errors: Option<Vec<u64>>,
}

/// A run of alike slots, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// How many; at least 1.
    #[serde(default = "one")]
    pub count: u32,
    /// Requests in each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Errors in each; at most `requests`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<u64>,
    /// The value of each: decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Run {
    /// One slot.
    fn of(requests: Option<u64>, errors: Option<u64>) -> Self {
        Self { count: 1, requests, errors, value: None }
    }

    /// Slots of which nobody knows anything.
    pub(crate) fn blank(count: u32) -> Self {
        Self { count, requests: None, errors: None, value: None }
    }

    /// Whether nobody knows anything of the slots.
    pub(crate) fn is_blank(&self) -> bool {
        self.requests.is_none() && self.errors.is_none() && self.value.is_none()
    }

    /// Whether the slots of both say the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.requests, self.errors, &self.value) == (other.requests, other.errors, &other.value)
    }
}

fn one() -> u32 {
    1
}

/// Adds the blocks of `source`'s services.
///
/// # Errors
/// As [`take`].
pub async fn apply(
    store: &Store,
    by: PersonId,
    source: &str,
    bytes: &[u8],
) -> Result<Report, Problem> {
    take(&Push::kept(store, by, source), bytes).await
}

/// Takes the blocks of the services of the push's source.
///
/// # Errors
/// [`Code::TextInvalid`], [`Code::Invalid`] with the path; [`Code::TooLarge`]; [`Code::Database`].
/// Nothing is written then.
pub async fn take(push: &Push<'_>, bytes: &[u8]) -> Result<Report, Problem> {
    let pushed = read(bytes)?;
    check_batch(pushed.slots.iter().map(|block| block.runs.as_ref().map_or(1, Vec::len)).sum())?;
    let listed: usize = pushed.slots.iter().map(Block::listed).sum();
    if listed > LISTED_MAX {
        let message = format!(
            "{listed} slots listed in one batch, and it holds {LISTED_MAX}; send it in parts"
        );
        return Err(Problem::new(Code::TooLarge, message));
    }
    let mut blocks = Vec::with_capacity(pushed.slots.len());
    let mut days = 0;
    for (at, mut block) in pushed.slots.into_iter().enumerate() {
        let path = format!("slots[{at}]");
        let stretches = block.stretches(&path)?;
        days += stretches.iter().map(days_of).sum::<i64>();
        let observed_at = block.observed_at.map(|at| at.0);
        let name = SeriesName { service: block.service, path: block.path, region: block.region };
        check_name(&name, &path)?;
        blocks.push(super::Block { name, observed_at, stretches, path });
    }
    if days > DAYS_MAX {
        let message =
            format!("{days} days of slots in one batch, and it holds {DAYS_MAX}; send it in parts");
        return Err(Problem::new(Code::TooLarge, message));
    }
    let mut adding = Adding::begin(push).await?.pushed(bytes);
    adding.add_slots(blocks).await?;
    adding.finish("late evidence: slots").await
}

/// How many UTC days a stretch reaches over.
fn days_of(stretch: &Stretch) -> i64 {
    stretch.end().div_euclid(DAY) - stretch.start.div_euclid(DAY)
}

/// What is right is read once; what is not, again and slowly, to say where it is wrong.
fn read(bytes: &[u8]) -> Result<Document, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(pushed) => Ok(pushed),
        Err(_) => document(bytes, "the slots"),
    }
}

impl Block {
    /// How many slots it lists one by one.
    fn listed(&self) -> usize {
        let length = |list: &Option<Vec<u64>>| list.as_ref().map_or(0, Vec::len);
        length(&self.requests).max(length(&self.errors))
    }

    fn stretches(&mut self, path: &str) -> Result<Vec<Stretch>, Problem> {
        if self.slot_seconds == 0 {
            return Err(refuse(&format!("{path}.slot_seconds"), "a slot is longer than nothing"));
        }
        let slot = i64::from(self.slot_seconds);
        let mut start = self.start.0.timestamp();
        let runs = self.runs(path)?;
        let mut stretches = Vec::with_capacity(runs.size_hint().0);
        for (at, run) in runs.enumerate() {
            let path = || format!("{path}.runs[{at}]");
            if run.count == 0 {
                return Err(refuse(&format!("{}.count", path()), "a run has at least one slot"));
            }
            if let (Some(requests), Some(errors)) = (run.requests, run.errors)
                && errors > requests
            {
                return Err(refuse(
                    &path(),
                    &format!("errors {errors} exceed requests {requests}"),
                ));
            }
            let stretch = Stretch { start, slot, run };
            start = stretch.end();
            stretches.push(stretch);
        }
        if stretches.is_empty() {
            return Err(refuse(&format!("{path}.runs"), "a block has at least one run"));
        }
        match DateTime::from_timestamp(start, 0) {
            Some(_) => Ok(stretches),
            None => Err(refuse(path, "it reaches past the calendar")),
        }
    }

    /// Its runs; of lists, one for each slot.
    fn runs(&mut self, path: &str) -> Result<Box<dyn Iterator<Item = Run>>, Problem> {
        match (self.runs.take(), self.requests.take(), self.errors.take()) {
            (Some(runs), None, None) => Ok(Box::new(runs.into_iter())),
            (None, Some(requests), Some(errors)) if requests.len() == errors.len() => {
                let slots = requests.into_iter().zip(errors);
                Ok(Box::new(slots.map(|(all, bad)| Run::of(Some(all), Some(bad)))))
            }
            (None, Some(requests), Some(errors)) => {
                let (requests, errors) = (requests.len(), errors.len());
                let why = format!("{errors} slots in a list of {requests}; list as many of both");
                Err(refuse(&format!("{path}.errors"), &why))
            }
            (None, Some(requests), None) => {
                Ok(Box::new(requests.into_iter().map(|requests| Run::of(Some(requests), None))))
            }
            (None, None, Some(errors)) => {
                Ok(Box::new(errors.into_iter().map(|errors| Run::of(None, Some(errors)))))
            }
            (None, None, None) => Err(refuse(path, "give it runs, or lists of numbers")),
            (Some(_), _, _) => Err(refuse(path, "give it runs or lists of numbers, not both")),
        }
    }
}

/// In order of time, alike slots in a row as one stretch.
pub(super) fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    if !stretches.is_sorted_by_key(|stretch| stretch.start) {
        stretches.sort_by_key(|stretch| stretch.start);
    }
    stretches.dedup_by(|next, last| {
        let alike = last.end() == next.start
            && last.slot == next.slot
            && last.run.is_like(&next.run)
            && last.run.count.checked_add(next.run.count).is_some();
        if alike {
            last.run.count += next.run.count;
        }
        alike
    });
    stretches
}

fn refuse(path: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("{path}: {why}")).at(path)
}
