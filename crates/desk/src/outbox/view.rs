//! The outbox on the screen, and what its author can do about a row.

use crate::{
    desk::{Desk, id},
    outbox::{
        Entry, EntryState,
        again::{Again, DecideAgain},
        order::Order,
        typed::{self, Typed},
    },
};
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem, command::Outcome};
use makegood_mirror::{Reader, screens::Moment};
use serde::Serialize;
use ts_rs::TS;

/// The outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct OutboxView {
    /// The latest first.
    pub rows: Vec<OutboxRow>,
    /// How many wait to be sent or answered.
    pub waiting: u32,
}

/// One decision on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct OutboxRow {
    /// The command's id.
    pub id: String,
    /// When it was decided.
    pub at: Moment,
    /// In words.
    pub what: String,
    /// About whom.
    pub target: String,
    /// `queued`, `sent`, `confirmed`, `refused`, `stale`.
    pub state: String,
    /// Confirmation no.
    pub receipt: Option<String>,
    /// Why it came back; while it waits, what central fails over.
    #[ts(type = "{ code: string; message: string; path?: string; current?: unknown } | null")]
    pub problem: Option<Problem>,
    /// What its author wrote or chose, while it is not in effect; of a review that came back beside what
    /// stands there now.
    pub typed: Vec<Typed>,
    /// What deciding it again would be about; absent where there is nothing to decide again.
    pub again: Option<DecideAgain>,
    /// The id of the breach whose review came back: it is reviewed again there.
    pub review: Option<String>,
    /// RFC 3339; only while it can still be taken back.
    pub send_at: Option<String>,
}

impl Desk {
    /// The outbox.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn outbox(&self) -> Result<OutboxView, Problem> {
        let inside = self.inside().await?;
        let entries = inside.outbox.recent().await?;
        let waiting = inside.outbox.counts().await?.waiting;
        let now = inside.now();
        // What was decided is readable whatever the mirror is like.
        let mut reader = inside.mirror().reader().await.ok();
        let (mut rows, mut order) = (Vec::with_capacity(entries.len()), Order::default());
        for entry in entries.into_iter().rev() {
            let rests = rests(&mut order, &entry);
            let mut row = match &mut reader {
                Some(reader) => row_with(reader, entry, now).await,
                None => row(entry, now),
            };
            row.problem = row.problem.or(rests);
            rows.push(row);
        }
        rows.reverse();
        Ok(OutboxView { rows, waiting })
    }

    /// Why a decision came back, if it did.
    ///
    /// # Errors
    /// [`makegood_domain::Code::NotFound`]; [`makegood_domain::Code::Database`].
    pub async fn refusal(&self, command: &str) -> Result<Option<Problem>, Problem> {
        let inside = self.inside().await?;
        let entry = inside.outbox.entry(id("command", command)?).await?;
        let came_back = entry.came_back();
        Ok(row(entry, inside.now()).problem.filter(|_| came_back))
    }

    /// Takes back those of some decisions that have not left yet; how many those were.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Invalid`] for an id that is none; [`makegood_domain::Code::Database`]:
    /// then none was taken back.
    pub async fn cancel_commands(&self, commands: &[String]) -> Result<u64, Problem> {
        let inside = self.inside().await?;
        let ids = commands.iter().map(|command| id("command", command));
        let taken = inside.outbox.take_back(&ids.collect::<Result<Vec<_>, _>>()?).await?;
        inside.tell(crate::event::Event::Changed);
        inside.wake.notify_one();
        Ok(taken)
    }

    /// Takes back a decision that has not left, or puts a refusal aside.
    ///
    /// # Errors
    /// [`makegood_domain::Code::WrongState`] when it has left or took effect.
    pub async fn discard_command(&self, command: &str) -> Result<(), Problem> {
        let inside = self.inside().await?;
        inside.outbox.discard(id("command", command)?).await?;
        inside.tell(crate::event::Event::Changed);
        inside.wake.notify_one();
        Ok(())
    }
}

/// Why a decision waits that nothing is wrong with: central fails over an earlier one about the same thing.
fn rests(order: &mut Order, entry: &Entry) -> Option<Problem> {
    if !matches!(entry.state, EntryState::Queued | EntryState::Sent) {
        return None;
    }
    if entry.trouble.is_some() {
        order.keep(&entry.command);
        return None;
    }
    let why =
        "central fails over an earlier change about the same thing; this one is sent after it";
    (!order.lets(&entry.command)).then(|| Problem::new(Code::WrongState, why))
}

/// A row, with what is known here of what it is about.
async fn row_with(reader: &mut Reader, entry: Entry, now: DateTime<Utc>) -> OutboxRow {
    let verb = &entry.command.verb;
    let again = Again::of(reader, &entry).await.ok().map(|it| it.shown());
    let reviewed = typed::reviewed(verb).filter(|_| entry.came_back());
    let mut row = OutboxRow { again, ..row(entry, now) };
    if let Some(breach) = reviewed
        && let Ok(stands) = typed::standing(reader, breach).await
    {
        row.review = Some(breach.to_string());
        typed::lay_beside(&mut row.typed, stands);
    }
    row
}

fn row(entry: Entry, now: DateTime<Utc>) -> OutboxRow {
    let in_effect = entry.state == EntryState::Confirmed;
    let typed = if in_effect { Vec::new() } else { typed::of(&entry.command.verb) };
    let held = entry.state == EntryState::Queued && entry.is_held(now);
    let (receipt, problem) = match entry.answer.map(|answer| answer.outcome) {
        Some(Outcome::Applied { receipt }) => (Some(receipt.number), None),
        Some(
            Outcome::Stale { problem }
            | Outcome::Forbidden { problem }
            | Outcome::Invalid { problem },
        ) => (None, Some(problem)),
        None => (None, entry.trouble.filter(|_| entry.state == EntryState::Sent)),
    };
    OutboxRow {
        id: entry.command.id.to_string(),
        at: Moment::utc(entry.made_at),
        what: entry.what,
        target: entry.subject,
        state: entry.state.as_str().to_owned(),
        receipt,
        problem,
        typed,
        again: None,
        review: None,
        send_at: held.then(|| entry.send_at.to_rfc3339()),
    }
}
