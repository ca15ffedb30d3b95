//! Sources at the desk: who delivers evidence, and how each is doing. Asked of central each time.

use crate::desk::Desk;
use makegood_domain::{
    Problem,
    alert::lasting,
    source::{SetAside, SourceKind, SourceState, SourceStatus},
};
use makegood_mirror::screens::Moment;
use serde::Serialize;
use ts_rs::TS;

/// A source and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SourceRow {
    /// Its name.
    pub name: String,
    /// `Sends what it has`, `Prometheus, asked by your service`.
    pub kind: String,
    /// `ok`, `late`, `failing` or `never`.
    pub state: String,
    /// `Delivers`, `Late`, `Failing`, `Nothing came yet`.
    pub state_name: String,
    /// Until when it has said what it saw; after that its time is unknown.
    pub seen_until: Option<Moment>,
    /// How far it is behind: `4 min`; `–` where it has said nothing.
    pub behind: String,
    /// From which lag on it is late: `15 min`.
    pub late_after: String,
    /// When it last delivered.
    pub succeeded: Option<Moment>,
    /// When something last went wrong.
    pub failed: Option<Moment>,
    /// What that was.
    pub problem: Option<String>,
    /// How many names in what it last delivered belong to no SLA line.
    pub ignored: i64,
    /// What of it was set aside, and what that means: a sentence or two for each reason.
    pub set_aside: Vec<String>,
}

impl From<SourceStatus> for SourceRow {
    fn from(one: SourceStatus) -> Self {
        let state_name = match one.state {
            SourceState::Ok => "Delivers",
            SourceState::Late => "Late",
            SourceState::Failing => "Failing",
            SourceState::Never => "Nothing came yet",
        };
        let kind = match one.kind {
            SourceKind::Push => "Sends what it has",
            SourceKind::Prometheus => "Prometheus, asked by your service",
        };
        Self {
            name: one.name,
            kind: kind.to_owned(),
            state: one.state.as_str().to_owned(),
            state_name: state_name.to_owned(),
            seen_until: one.seen_until.map(Moment::utc),
            behind: one.lag_seconds.map_or_else(|| "–".to_owned(), lasting),
            late_after: lasting(one.late_after_seconds),
            succeeded: one.succeeded_at.map(Moment::utc),
            failed: one.failed_at.map(Moment::utc),
            problem: one.problem.map(|problem| problem.message),
            ignored: one.ignored,
            set_aside: one.set_aside.iter().map(SetAside::told).collect(),
        }
    }
}

impl Desk {
    /// Every source, and how it is doing.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`] for who neither sends evidence nor administers;
    /// [`makegood_domain::Code::ScopeMissing`]; [`makegood_domain::Code::CentralUnreachable`].
    pub async fn sources(&self) -> Result<Vec<SourceRow>, Problem> {
        let sources = self.inside().await?.central.sources().await?;
        Ok(sources.into_iter().map(SourceRow::from).collect())
    }
}
