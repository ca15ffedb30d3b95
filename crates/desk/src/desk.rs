//! The desk itself: one seat, and every verb a window or a terminal calls.

use crate::{
    event::{Event, SyncState},
    outbox::Put,
    profile::private_folder,
    seat::{Ground, Inside, Seat},
    session::{DemoPerson, Mode, Preferences},
    sync,
};
use makegood_domain::{
    Clock, Code, Problem,
    command::{Base, Command, Verb},
    id::CommandId,
    policy,
};
use makegood_mirror::{Overlay, Pending, Reader, Stage, Viewer};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};
use tokio::sync::{Notify, RwLock, broadcast};
use ts_rs::TS;

/// One person's desk.
#[derive(Debug)]
pub struct Desk {
    pub(crate) root: PathBuf,
    pub(crate) ground: Ground,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) table: Arc<RwLock<Table>>,
    /// Whether it remembers who sits here beyond this program's end.
    pub(crate) remembers: bool,
    /// Told when somebody breaks a sign-in off.
    pub(crate) cancelled: Notify,
}

/// Who sits at it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) seat: Option<Seat>,
    pub(crate) mode: Mode,
    pub(crate) people: Vec<DemoPerson>,
    pub(crate) demo: Option<(String, Clock)>,
    pub(crate) preferences: Preferences,
    /// That the session is not kept was not told before.
    pub(crate) not_kept_is_news: bool,
}

impl Table {
    /// Whether that seat is the one that is taken.
    pub(crate) fn is_seat_of(&self, inside: &Arc<Inside>) -> bool {
        self.seat.as_ref().is_some_and(|seat| Arc::ptr_eq(seat.inside(), inside))
    }
}

/// A decision was put down: this is its id in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Queued {
    /// The command's id.
    pub command_id: String,
}

/// A decision, ready to be put down.
pub(crate) struct Decision {
    pub(crate) verb: Verb,
    pub(crate) base: Vec<Base>,
    pub(crate) what: String,
    pub(crate) subject: String,
    pub(crate) hold: bool,
}

impl Desk {
    /// A desk that keeps its files under `root`.
    ///
    /// # Errors
    /// [`Code::File`] when the folder can't be made.
    pub fn open(root: &Path, ground: Ground) -> Result<Self, Problem> {
        private_folder(root)?;
        let table = Table { preferences: Preferences::read(root), ..Table::default() };
        Ok(Self {
            root: root.to_owned(),
            ground,
            events: broadcast::Sender::new(256),
            table: Arc::new(RwLock::new(table)),
            remembers: false,
            cancelled: Notify::new(),
        })
    }

    /// What happens from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// The seat.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] while nobody sits here.
    pub(crate) async fn inside(&self) -> Result<Arc<Inside>, Problem> {
        let table = self.table.read().await;
        table.seat.as_ref().map(|seat| Arc::clone(seat.inside())).ok_or_else(|| {
            Problem::new(Code::TokenMissing, "nobody is signed in: start the demo, or connect")
        })
    }

    /// How the sync stands.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] while nobody sits here; [`Code::Database`].
    pub async fn sync_state(&self) -> Result<SyncState, Problem> {
        sync::state(&*self.inside().await?).await
    }

    /// Syncs now, and waits until everything due has gone out and everything new has come in.
    ///
    /// # Errors
    /// What went wrong: [`Code::CentralUnreachable`], [`Code::TokenInvalid`], ….
    pub async fn sync_now(&self) -> Result<SyncState, Problem> {
        let inside = self.inside().await?;
        sync::now(&inside).await?;
        sync::state(&inside).await
    }

    /// Whether the mirror equals what central holds for this person (law 9).
    ///
    /// # Errors
    /// What asking central gives.
    pub async fn mirror_agrees(&self) -> Result<bool, Problem> {
        sync::agrees(&*self.inside().await?).await
    }

    /// Puts a decision down and wakes the sync.
    pub(crate) async fn decide(
        &self,
        inside: &Inside,
        decision: Decision,
    ) -> Result<Queued, Problem> {
        let mut queued = self.decide_all(inside, vec![decision]).await?;
        queued.pop().ok_or_else(|| Problem::new(Code::Internal, "nothing was decided"))
    }

    /// Puts decisions down, all or none.
    pub(crate) async fn decide_all(
        &self,
        inside: &Inside,
        decisions: Vec<Decision>,
    ) -> Result<Vec<Queued>, Problem> {
        let puts: Vec<Put> =
            decisions.into_iter().map(|one| inside.put(one)).collect::<Result<_, _>>()?;
        inside.outbox.put(&puts).await?;
        inside.tell(Event::Changed);
        if let Ok(state) = sync::state(inside).await {
            inside.tell(Event::Sync(state));
        }
        inside.wake.notify_one();
        Ok(puts.iter().map(|put| Queued { command_id: put.command.id.to_string() }).collect())
    }
}

impl Inside {
    /// A decision as it is put down.
    ///
    /// # Errors
    /// What [`policy::token_carries`] gives: another session would send it as its own.
    pub(crate) fn put(&self, decision: Decision) -> Result<Put, Problem> {
        let Decision { verb, base, what, subject, hold } = decision;
        policy::token_carries(&self.actor(), &verb)?;
        let id: CommandId = self.ids.make();
        Ok(Put {
            command: Command { id, decided_at: self.now(), verb, base },
            what,
            subject,
            hold: if hold { self.ground.hold } else { chrono::TimeDelta::zero() },
        })
    }

    /// Who looks, and when.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer { actor: self.actor(), now: self.now() }
    }

    /// The mirror, and what is to be laid over it.
    pub(crate) async fn view(&self) -> Result<(Reader, Viewer, Overlay), Problem> {
        let mirror = self.mirror();
        // The outbox first: what the mirror passes meanwhile is laid over once too often, which is
        // harmless; the other way round it would be missing.
        let pending = self.outbox.pending(mirror.seq().await?).await?;
        let overlay = pending
            .into_iter()
            .map(|entry| Pending { stage: stage(&entry), command: entry.command })
            .collect();
        Ok((mirror.reader().await?, self.viewer(), overlay))
    }
}

fn stage(entry: &crate::outbox::Entry) -> Stage {
    use crate::outbox::EntryState;
    match entry.state {
        EntryState::Queued => Stage::Queued,
        EntryState::Confirmed => Stage::Confirmed,
        _ => Stage::Sent,
    }
}

/// The version of an entity as its author saw it.
pub(crate) fn seen(entity: &str, key: &str, version: i64) -> Base {
    Base { entity: entity.to_owned(), key: key.to_owned(), version }
}

/// Reads an id that came over a seam.
pub(crate) fn id<T: FromStr>(what: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::new(Code::Invalid, format!("{what}: {text:?} is no id")))
}
