//! Slots, pushed by a source as JSON:
//! `{"slots": [{"service", "slot_seconds", "start", "runs": […]}]}`, the runs as the case format
//! writes them, laid one after the other from `start`. A block may say when it was `observed_at`; of
//! two that speak of the same slot the one observed later counts.

use super::{Adding, Push, Report, check_batch, days::DAY, document, laid::Stretch};
use crate::{import::document::Instant, store::Store};
use chrono::TimeDelta;
use makegood_domain::{Code, Problem, id::PersonId};
use serde::{Deserialize, Serialize};

/// How many days the slots of a batch may reach over, those of all its runs together.
const DAYS_MAX: i64 = 100_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    slots: Vec<Block>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    service: String,
    slot_seconds: u32,
    start: Instant,
    observed_at: Option<Instant>,
    runs: Vec<Run>,
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
    let pushed: Document = document(bytes, "the slots")?;
    check_batch(pushed.slots.iter().map(|block| block.runs.len()).sum())?;
    let mut blocks = Vec::with_capacity(pushed.slots.len());
    let mut days = 0;
    for (at, block) in pushed.slots.into_iter().enumerate() {
        let path = format!("slots[{at}]");
        let stretches = check(&block, &path)?;
        days += stretches.iter().map(days_of).sum::<i64>();
        let observed_at = block.observed_at.map(|at| at.0);
        blocks.push(super::Block { service: block.service, observed_at, stretches, path });
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

fn check(block: &Block, path: &str) -> Result<Vec<Stretch>, Problem> {
    if block.slot_seconds == 0 {
        return Err(refuse(&format!("{path}.slot_seconds"), "a slot is longer than nothing"));
    }
    if block.runs.is_empty() {
        return Err(refuse(&format!("{path}.runs"), "a block has at least one run"));
    }
    let slot = i64::from(block.slot_seconds);
    let (mut start, mut stretches) = (block.start.0, Vec::with_capacity(block.runs.len()));
    for (at, run) in block.runs.iter().enumerate() {
        let path = format!("{path}.runs[{at}]");
        if run.count == 0 {
            return Err(refuse(&format!("{path}.count"), "a run has at least one slot"));
        }
        if let (Some(requests), Some(errors)) = (run.requests, run.errors)
            && errors > requests
        {
            return Err(refuse(&path, &format!("errors {errors} exceed requests {requests}")));
        }
        stretches.push(Stretch { start: start.timestamp(), slot, run: run.clone() });
        start = TimeDelta::try_seconds(slot.saturating_mul(i64::from(run.count)))
            .and_then(|length| start.checked_add_signed(length))
            .ok_or_else(|| refuse(&path, "it reaches past the calendar"))?;
    }
    Ok(stretches)
}

/// In order of time, alike slots in a row as one stretch.
pub(super) fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    if !stretches.is_sorted_by_key(|stretch| stretch.start) {
        stretches.sort_by_key(|stretch| stretch.start);
    }
    let mut joined: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match joined.last_mut() {
            Some(last)
                if last.end() == stretch.start
                    && last.slot == stretch.slot
                    && last.run.is_like(&stretch.run)
                    && last.run.count.checked_add(stretch.run.count).is_some() =>
            {
                last.run.count += stretch.run.count;
            }
            _ => joined.push(stretch),
        }
    }
    joined
}

fn refuse(path: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("{path}: {why}")).at(path)
}
