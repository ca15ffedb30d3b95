//! Slots, pushed by a source as JSON:
//! `{"slots": [{"service", "slot_seconds", "start", "runs": […]}]}`, the runs as the case format
//! writes them, laid one after the other from `start`.

use super::{Adding, document};
use crate::{import::document::Instant, store::Store};
use chrono::TimeDelta;
use makegood_domain::{Code, Problem, id::PersonId, series::EvidenceBody};
use serde::{Deserialize, Serialize};

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

fn one() -> u32 {
    1
}

/// Adds the blocks of `source`'s services.
///
/// # Errors
/// [`Code::TextInvalid`], [`Code::Invalid`] with the path; [`Code::Database`]. Nothing is written
/// then.
pub async fn apply(
    store: &Store,
    by: PersonId,
    source: &str,
    bytes: &[u8],
) -> Result<super::Report, Problem> {
    let pushed: Document = document(bytes, "the slots")?;
    let mut adding = Adding::begin(store, by, source, bytes).await?;
    for (at, block) in pushed.slots.iter().enumerate() {
        let path = format!("slots[{at}]");
        let count = check(block, &path)?;
        let length = i64::from(block.slot_seconds).saturating_mul(count);
        let to = TimeDelta::try_seconds(length)
            .and_then(|length| block.start.0.checked_add_signed(length))
            .ok_or_else(|| refuse(&path, "it reaches past the calendar"))?;
        let runs = serde_json::to_value(&block.runs)
            .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
        let body = EvidenceBody::Slots { slot_seconds: block.slot_seconds, runs };
        adding.add(&block.service, (block.start.0, to), None, body, &path).await?;
    }
    adding.finish("late evidence: slots").await
}

fn check(block: &Block, path: &str) -> Result<i64, Problem> {
    if block.slot_seconds == 0 {
        return Err(refuse(&format!("{path}.slot_seconds"), "a slot is longer than nothing"));
    }
    let mut count = 0_i64;
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
        count += i64::from(run.count);
    }
    Ok(count)
}

fn refuse(path: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("{path}: {why}")).at(path)
}
