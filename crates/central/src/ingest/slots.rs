//! Slots, pushed by a source as JSON:
//! `{"slots": [{"service", "slot_seconds", "start", "runs": […]}]}`, the runs as the case format
//! writes them, laid one after the other from `start`. A block may say when it was `observed_at`; of
//! two that speak of the same slot the one observed later counts.

use super::{Adding, Push, Report, check_batch, document, laid::Stretch};
use crate::{import::document::Instant, store::Store};
use chrono::TimeDelta;
use makegood_domain::{Code, Problem, id::PersonId, series::EvidenceBody};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    let mut together: BTreeMap<_, Vec<super::Block>> = BTreeMap::new();
    for (at, block) in pushed.slots.iter().enumerate() {
        let path = format!("slots[{at}]");
        let stretches = check(block, &path)?;
        let observed_at = block.observed_at.map(|at| at.0);
        let alike = together.entry((block.service.as_str(), observed_at)).or_default();
        alike.push(super::Block { stretches, path });
    }
    let mut adding = Adding::begin(push).await?.pushed(bytes);
    for ((service, observed_at), blocks) in together {
        adding.add_slots(service, observed_at, &blocks).await?;
    }
    adding.finish("late evidence: slots").await
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

/// Slots in a row, as one piece of evidence holds them.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) from: i64,
    pub(super) to: i64,
    slot: i64,
    runs: Vec<Run>,
}

impl Row {
    pub(super) fn body(&self) -> Result<EvidenceBody, Problem> {
        let internal = |why: String| Problem::new(Code::Internal, why);
        let slot_seconds = u32::try_from(self.slot).map_err(|error| internal(error.to_string()))?;
        let runs = serde_json::to_value(&self.runs).map_err(|error| internal(error.to_string()))?;
        Ok(EvidenceBody::Slots { slot_seconds, runs })
    }
}

/// Joins what follows on each other, with slots of one length, and alike slots in a row.
pub(super) fn pieces(mut stretches: Vec<Stretch>) -> Vec<Row> {
    stretches.sort_by_key(|stretch| stretch.start);
    let mut rows: Vec<Row> = Vec::new();
    for stretch in stretches {
        let (to, slot) = (stretch.end(), stretch.slot);
        match rows.last_mut().filter(|row| row.to == stretch.start && row.slot == slot) {
            Some(row) => {
                row.to = to;
                match row.runs.last_mut() {
                    Some(run)
                        if run.is_like(&stretch.run)
                            && run.count.checked_add(stretch.run.count).is_some() =>
                    {
                        run.count += stretch.run.count;
                    }
                    _ => row.runs.push(stretch.run),
                }
            }
            None => {
                rows.push(Row { from: stretch.start, to, slot, runs: vec![stretch.run] });
            }
        }
    }
    rows
}

fn refuse(path: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("{path}: {why}")).at(path)
}
