//! Taking in evidence: probe logs, and outages or slots as JSON. Evidence is only ever added;
//! what it changes in windows that are settled becomes a revision (law 4).
//!
//! What a source says again is recognised by series and instant. What it says otherwise is kept
//! beside the old, and counts from then on.

mod adding;
pub mod block;
pub mod calendar;
mod check;
pub(crate) mod days;
mod known;
pub(crate) mod laid;
pub mod outage;
pub mod pagerduty;
pub mod probe_log;
pub mod sealing;
pub mod slots;
mod standing;
pub mod statuspage;
pub mod total;
mod weighing;

use crate::store::Store;
pub(crate) use adding::{Adding, Block};
use adding::{Piece, Says};
pub use laid::{Recorded, Stretch};
pub(crate) use standing::{order, standing};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use makegood_domain::{Code, Problem, id::PersonId};
use makegood_engine::json::Json;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;

/// How many outages, gaps or runs of slots a batch may hold.
pub const BATCH_MAX: usize = 10_000;

/// Who sends something for which source, and whether only to see what would come of it.
#[derive(Debug, Clone, Copy)]
pub struct Push<'p> {
    /// Where it goes.
    pub store: &'p Store,
    /// Who sends it; `None`: central asked for it.
    pub by: Option<PersonId>,
    /// The source.
    pub source: &'p str,
    /// Do everything, answer, and keep nothing.
    pub dry_run: bool,
}

impl<'p> Push<'p> {
    /// What `by` sends for `source`, to be kept.
    #[must_use]
    pub fn kept(store: &'p Store, by: PersonId, source: &'p str) -> Self {
        Self { store, by: Some(by), source, dry_run: false }
    }
}
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// The text of a body, which is UTF-8 without U+0000.
fn utf8<'b>(bytes: &'b [u8], what: &str) -> Result<&'b str, Problem> {
    let place = |at: usize| {
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        (format!("line {line}"), at)
    };
    let refuse = |at: usize, why: &str| {
        let (line, byte) = place(at);
        let message = format!("{what}, {line}: {why} at byte {byte}; save it as UTF-8 text");
        Problem::new(Code::TextInvalid, message).at(line)
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| refuse(error.valid_up_to(), "the text is not UTF-8"))?;
    text.find('\0').map_or(Ok(text), |at| Err(refuse(at, "there is a U+0000")))
}

/// Reads a JSON body strictly; problems name the path.
pub(crate) fn document<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Problem> {
    let text = utf8(bytes, what)?;
    let invalid = |path: &str, message: &str| {
        let place = if path.is_empty() || path == "." { what } else { path };
        Problem::new(Code::Invalid, format!("{place}: {message}")).at(place)
    };
    Json::parse(bytes).map_err(|refusal| invalid(&refusal.path, &refusal.message))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| invalid(&error.path().to_string(), &error.inner().to_string()))
}

/// By which a batch is found again: SHA-256 of what was pushed, hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Whole seconds that hold all of what an export says to the millisecond.
fn around(from: DateTime<Utc>, to: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let second = |at: DateTime<Utc>| at.trunc_subsecs(0);
    let end = if second(to) == to { to } else { second(to) + TimeDelta::seconds(1) };
    (second(from), end)
}

/// Refuses a batch of more pieces than one may hold.
fn check_batch(pieces: usize) -> Result<(), Problem> {
    if pieces <= BATCH_MAX {
        return Ok(());
    }
    let message =
        format!("{pieces} pieces in one batch, and it holds {BATCH_MAX}; send it in parts");
    Err(Problem::new(Code::TooLarge, message))
}

/// What a push of evidence came to, in outages, gaps and blocks of slots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EvidenceReport)]
pub struct Report {
    /// Those that were added; the corrections among them.
    pub added: usize,
    /// Those that say otherwise than what was on record, which stays there beside them.
    pub corrected: usize,
    /// Those that were on record already, just so.
    pub repeated: usize,
    /// Those of an export that were left aside: about no outage, or of names that belong to no SLA
    /// line.
    pub ignored: usize,
    /// Services that it names and no SLA line rests on, so far: twenty at most. What it says of them is kept.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unread: BTreeSet<String>,
}
