//! The outbox on the screen, and what its author can do about a row.

use crate::{
    desk::{Desk, Queued, id},
    outbox::{Entry, EntryState},
    seat::Inside,
};
use makegood_domain::{
    Problem,
    command::{Command, Outcome, Verb},
    credit::Credit,
    id::CommandId,
    row::Row,
    wire::Entity,
};
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
    /// Why it came back.
    #[ts(type = "{ code: string; message: string; path?: string; current?: unknown } | null")]
    pub problem: Option<Problem>,
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
        Ok(OutboxView { rows: entries.into_iter().map(|entry| row(entry, now)).collect(), waiting })
    }

    /// Why a decision came back, if it did.
    ///
    /// # Errors
    /// [`makegood_domain::Code::NotFound`]; [`makegood_domain::Code::Database`].
    pub async fn refusal(&self, command: &str) -> Result<Option<Problem>, Problem> {
        let inside = self.inside().await?;
        let entry = inside.outbox.entry(id("command", command)?).await?;
        Ok(row(entry, inside.now()).problem)
    }

    /// Takes back a decision that has not left yet.
    ///
    /// # Errors
    /// [`makegood_domain::Code::WrongState`] when it has left.
    pub async fn cancel_command(&self, command: &str) -> Result<(), Problem> {
        self.discard_command(command).await
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

    /// Decides again what came back: a new command, at the versions and amounts that the screen
    /// shows now. The old one is put aside.
    ///
    /// # Errors
    /// [`makegood_domain::Code::WrongState`] for one that did not come back;
    /// [`makegood_domain::Code::NotFound`] when what it is about is gone.
    pub async fn retry_command(&self, command: &str) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let old: CommandId = id("command", command)?;
        let entry = inside.outbox.entry(old).await?;
        inside.outbox.discard(old).await?;
        let again = anew(&inside, entry.command).await?;
        let queued = Queued { command_id: again.id.to_string() };
        let put = crate::outbox::Put {
            command: again,
            what: entry.what,
            subject: entry.subject,
            hold: chrono::TimeDelta::zero(),
        };
        inside.outbox.put(&[put]).await?;
        inside.tell(crate::event::Event::Changed);
        inside.wake.notify_one();
        Ok(queued)
    }
}

fn row(entry: Entry, now: chrono::DateTime<chrono::Utc>) -> OutboxRow {
    let held = entry.state == EntryState::Queued && entry.is_held(now);
    let (receipt, problem) = match entry.answer.map(|answer| answer.outcome) {
        Some(Outcome::Applied { receipt }) => (Some(receipt.number), None),
        Some(
            Outcome::Stale { problem }
            | Outcome::Forbidden { problem }
            | Outcome::Invalid { problem },
        ) => (None, Some(problem)),
        None => (None, None),
    };
    OutboxRow {
        id: entry.command.id.to_string(),
        at: Moment::utc(entry.made_at),
        what: entry.what,
        target: entry.subject,
        state: entry.state.as_str().to_owned(),
        receipt,
        problem,
        send_at: held.then(|| entry.send_at.to_rfc3339()),
    }
}

/// The same decision about what is current, under a new id.
async fn anew(inside: &Inside, old: Command) -> Result<Command, Problem> {
    let mut reader = inside.mirror().reader().await?;
    let mut command = Command { id: inside.ids.make(), decided_at: inside.now(), ..old };
    for base in &mut command.base {
        base.version = version(&mut reader, &base.entity, &base.key).await?.unwrap_or(base.version);
    }
    if let Verb::ApproveCredit { credit, amount } | Verb::ProposeCredit { credit, amount } =
        &mut command.verb
    {
        *amount = reader.get::<Credit>(&credit.to_string()).await?.amount;
    }
    Ok(command)
}

async fn version(reader: &mut Reader, entity: &str, key: &str) -> Result<Option<i64>, Problem> {
    async fn of<T: Row>(reader: &mut Reader, key: &str) -> Result<Option<i64>, Problem> {
        Ok(reader.find::<T>(key).await?.map(|found| found.version))
    }
    use makegood_domain::{
        alert::Alert, breach::Breach, contact::Contact, delivery::Delivery, exclusion::Exclusion,
        settlement::Settlement, statement::Statement,
    };
    match Entity::parse(entity) {
        Some(Entity::Alert) => of::<Alert>(reader, key).await,
        Some(Entity::Breach) => of::<Breach>(reader, key).await,
        Some(Entity::Contact) => of::<Contact>(reader, key).await,
        Some(Entity::Delivery) => of::<Delivery>(reader, key).await,
        Some(Entity::Credit) => of::<Credit>(reader, key).await,
        Some(Entity::Exclusion) => of::<Exclusion>(reader, key).await,
        Some(Entity::Settlement) => of::<Settlement>(reader, key).await,
        Some(Entity::Statement) => of::<Statement>(reader, key).await,
        _ => Ok(None),
    }
}
