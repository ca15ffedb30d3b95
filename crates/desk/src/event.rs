//! What the desk tells whoever shows it: that something changed, how the sync stands, how far a
//! long job is.

use crate::sign_in::DeviceCode;
use makegood_domain::wire::Part;
use makegood_mirror::screens::Moment;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something happened. Screens reload what they show; an event lost costs nothing but time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "payload", rename_all = "snake_case")]
pub enum Event {
    /// Something in the mirror, the outbox or the session changed.
    Changed,
    /// How the sync stands.
    Sync(SyncState),
    /// How far a long job is.
    Progress(Progress),
    /// Somebody signs in by this code.
    DeviceCode(DeviceCode),
}

/// How far a long job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Progress {
    /// Which: `statements`.
    pub job: String,
    /// Steps done.
    #[ts(type = "number")]
    pub done: u64,
    /// Steps in all, once known.
    #[ts(type = "number | null")]
    pub total: Option<u64>,
    /// What is being done now.
    pub text: String,
}

/// How the sync stands, ready to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SyncState {
    /// For colours and icons.
    pub state: Link,
    /// `Online`.
    pub text: String,
    /// `synced 08:15 UTC`, `3 changes waiting`.
    pub detail: String,
    /// Changes that wait to be sent or answered.
    pub waiting: u32,
    /// Central's time when this desk last heard everything.
    pub as_of: Option<Moment>,
    /// While catching up.
    pub progress: Option<Box<CatchUp>>,
}

/// How far catching up is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CatchUp {
    /// Rows or bytes so far.
    #[ts(type = "number")]
    pub done: u64,
    /// In all, where known.
    #[ts(type = "number | null")]
    pub total: Option<u64>,
    /// `records`; of bytes `portfolio` or `everything`.
    pub what: String,
    /// `everything: 3.2 of 12.0 MB`.
    pub text: String,
    /// `SLA lines 31,000 of 50,000 · Attainment waiting`; empty where there is nothing to say.
    pub now: String,
    /// How far each table is, where anything is in it or to come.
    pub tables: Vec<Filling>,
    /// Whether everything is here, and `text` says what is done with it.
    #[serde(skip)]
    #[ts(skip)]
    pub is_here: bool,
}

/// How far a table of the local copy is while it is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Filling {
    /// `SLA lines`.
    pub name: String,
    /// Whether it has begun, and whether it is all here.
    pub state: Fill,
    /// `31,000 of 50,000`, `50,000` when all are here, `waiting`.
    pub text: String,
}

/// How a table stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum Fill {
    /// Nothing of it is here.
    Waits,
    /// Some of it is here.
    Filling,
    /// All of it is here.
    Done,
}

impl CatchUp {
    /// Rows, of nobody knows how many.
    pub(crate) fn rows(done: u64, tables: Vec<Filling>) -> Self {
        let now = now(&tables).unwrap_or_default();
        let text = format!("{done} records");
        Self { done, total: None, what: "records".to_owned(), text, now, tables, is_here: false }
    }

    /// Bytes of a part of everything.
    pub(crate) fn bytes(part: Part, done: u64, total: u64, tables: Vec<Filling>) -> Self {
        let what = match part {
            Part::Portfolio => "portfolio",
            Part::Whole => "everything",
        };
        // Behind the tables stands what is worked out from them.
        let rest = if tables.is_empty() { "" } else { "Lists and search" };
        let now = now(&tables).unwrap_or_else(|| rest.to_owned());
        let text = format!("{what}: {} of {} MB", Self::megabytes(done), Self::megabytes(total));
        Self { done, total: Some(total), what: what.to_owned(), text, now, tables, is_here: false }
    }

    /// `12.0`, never too few.
    pub(crate) fn megabytes(bytes: u64) -> String {
        let tenths = bytes.div_ceil(100_000);
        format!("{}.{}", tenths / 10, tenths % 10)
    }

    /// Everything is here, and this is done with it.
    pub(crate) fn last_step(self, now: &str) -> Self {
        let text = format!("{}: {now}", self.what);
        Self { text, now: String::new(), is_here: true, ..self }
    }
}

/// The tables that are being filled, and the one after them; `None`: all are here.
fn now(tables: &[Filling]) -> Option<String> {
    let mut told = tables.iter().filter(|table| table.state == Fill::Filling).collect::<Vec<_>>();
    told.extend(tables.iter().find(|table| table.state == Fill::Waits));
    if told.is_empty() {
        return None;
    }
    // Rows may come of many at once.
    let some = told.iter().take(3).map(|table| format!("{} {}", table.name, table.text));
    Some(some.collect::<Vec<_>>().join(" · "))
}

/// How this desk stands with its central.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum Link {
    /// Up to date.
    Online,
    /// Catching up: totals may be incomplete.
    Syncing,
    /// Central can't be reached; what is shown is the last known.
    Offline,
    /// Not reached for more than a day.
    Stale,
    /// Central no longer takes this token.
    Revoked,
    /// The session has run out: sign in again.
    Expired,
}
