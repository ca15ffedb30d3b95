//! What outlives the program of a session: its token, and what renews it, in this computer's keychain;
//! where it was and whose profile belongs to it, in `desk.json`.

use super::{Mode, Session, place};
use crate::{
    central::Central,
    desk::{Desk, Table},
    event::Event,
    keychain,
    seat::{Inside, Seat},
    sign_in::Renewal,
};
use makegood_domain::{Problem, id::PersonId};
use serde::{Deserialize, Serialize};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::RwLock, time::timeout};

/// How long the person has to open their keychain; after that the session goes on without.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long anything else waits for it: a program that starts, so that its first questions to central
/// have a token; a sign-in and a renewal, so that they can say whether the session is kept.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whose profile is opened at the next start. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    /// Central's address.
    address: String,
    /// Who.
    person: PersonId,
    /// Whether their session may lie in the keychain.
    kept: bool,
}

impl Remembered {
    /// Somebody who sits down where, before, `before` sat.
    pub(super) fn new(address: &str, person: PersonId, before: Option<&Self>) -> Self {
        let seat = Self { address: address.to_owned(), person, kept: false };
        let kept = before.is_some_and(|before| before.kept && before.is(&seat));
        Self { kept, ..seat }
    }

    fn is(&self, other: &Self) -> bool {
        (self.person, &self.address) == (other.person, &other.address)
    }
}

/// A session, as the keychain holds it.
#[derive(Serialize)]
struct Held<'a> {
    token: &'a str,
    renewal: Option<&'a Renewal>,
}

/// The same, as it is read again.
#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) token: String,
    pub(super) renewal: Option<Renewal>,
}

/// Where a seat's session is kept, and whether it is.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The keychain's entry; `None`: this desk keeps none.
    name: Option<String>,
    gate: Arc<Mutex<Gate>>,
    state: Arc<Mutex<State>>,
}

/// What goes into the keychain: nothing that a seat which was left wanted to write after the next
/// one's or after it was forgotten, and nothing older than what lies there.
#[derive(Debug, Default)]
struct Gate {
    open: bool,
    last: u64,
}

#[derive(Debug, Default)]
struct State {
    /// Whether something may lie there.
    held: bool,
    /// How many writes the keychain has not answered: something may lie there yet.
    on_the_way: u64,
    asked: u64,
    why_not: Option<String>,
}

impl Kept {
    /// Nowhere: a terminal has its token file, and the demo's people need no session.
    pub(crate) fn nowhere() -> Self {
        Self { name: None, gate: Arc::default(), state: Arc::default() }
    }

    /// In the keychain. The entry's name has the address in it: whoever writes another one into
    /// `desk.json` gets nobody's token sent there.
    pub(crate) fn of(seat: &Remembered) -> Self {
        let state = State { held: seat.kept, ..State::default() };
        Self {
            name: Some(format!("session of {} at {}", seat.person, seat.address)),
            gate: Arc::new(Mutex::new(Gate { open: true, last: 0 })),
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Whether it is kept, and why it is not.
    pub(crate) fn said(&self) -> (bool, Option<String>) {
        let state = locked(&self.state);
        let kept = state.held && state.on_the_way == 0 && state.why_not.is_none();
        (kept, state.why_not.clone())
    }

    /// Keeps a session that was renewed in place of the one before. That it can't be kept does not end
    /// it: it is said. A keychain that waits for the person is not waited for.
    pub(crate) async fn keep(&self, central: &Central, renewal: Option<&Renewal>) {
        let (kept, secret) = (self.clone(), secret(central, renewal));
        let keeping = async move {
            let written = kept.write(secret).await;
            kept.note(written);
        };
        let _ = timeout(AT_ONCE, tokio::spawn(keeping)).await;
    }

    /// Writes it into the keychain; `false`: it was closed meanwhile.
    async fn write(&self, secret: Result<String, Problem>) -> Result<bool, Problem> {
        let (Some(name), secret) = (&self.name, secret?) else { return Ok(false) };
        let number = {
            let mut state = locked(&self.state);
            state.on_the_way += 1;
            state.asked += 1;
            state.asked
        };
        let gate = Arc::clone(&self.gate);
        let writing = keychain::with(name, move |entry| {
            let mut gate = locked(&gate);
            if gate.open && gate.last < number {
                entry.set_secret(secret.as_bytes())?;
                gate.last = number;
            }
            Ok(gate.open)
        });
        // A keychain that did not answer may be opened yet: that one stays on the way.
        let written = in_time(writing).await.ok_or_else(late)?;
        self.arrived();
        written
    }

    fn arrived(&self) {
        let mut state = locked(&self.state);
        state.on_the_way = state.on_the_way.saturating_sub(1);
    }

    /// Notes what has come of a write.
    fn note(&self, written: Result<bool, Problem>) {
        match written {
            Ok(true) => {
                let mut state = locked(&self.state);
                (state.held, state.why_not) = (true, None);
            }
            Ok(false) => {}
            Err(problem) => self.failed(problem),
        }
    }

    fn may_lie_there(&self) -> bool {
        let state = locked(&self.state);
        state.held || state.on_the_way > 0
    }

    /// The session that lies there.
    async fn take(&self) -> Option<Found> {
        let name = self.name.as_ref().filter(|_| locked(&self.state).held)?;
        match in_time(keychain::kept(name)).await.unwrap_or_else(|| Err(late())) {
            Ok(text) => {
                let found = text.and_then(|text| serde_json::from_str(&text).ok());
                locked(&self.state).held = found.is_some();
                found
            }
            Err(problem) => {
                self.failed(problem);
                None
            }
        }
    }

    /// Deletes it, keeps nothing from now on, and gives what lay there.
    ///
    /// # Errors
    /// Why the keychain does not.
    pub(super) async fn forget(&self) -> Result<Option<Found>, Problem> {
        let Some(name) = self.name.as_ref().filter(|_| self.may_lie_there()) else {
            self.close().await;
            return Ok(None);
        };
        let gate = Arc::clone(&self.gate);
        let forgetting = keychain::with(name, move |entry| {
            let mut gate = locked(&gate);
            gate.open = false;
            let found = match entry.get_secret() {
                Err(keyring_core::Error::NoEntry) => return Ok(None),
                found => found?,
            };
            keychain::delete(entry)?;
            Ok(Some(found))
        });
        let found = in_time(forgetting).await.unwrap_or_else(|| Err(late()))?;
        let mut state = locked(&self.state);
        (state.held, state.on_the_way) = (false, 0);
        Ok(found.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Keeps nothing from now on; what lies there stays.
    pub(crate) async fn close(&self) {
        let gate = Arc::clone(&self.gate);
        // A keychain that is about to be written is waited for, on a thread that may.
        let closing = tokio::task::spawn_blocking(move || locked(&gate).open = false);
        let _ = timeout(AT_ONCE, closing).await;
    }

    pub(super) fn failed(&self, problem: Problem) {
        tracing::info!(code = %problem.code, "the session is not kept");
        locked(&self.state).why_not = Some(problem.message);
    }
}

/// A session as it is written.
fn secret(central: &Central, renewal: Option<&Renewal>) -> Result<String, Problem> {
    serde_json::to_string(&Held { token: &central.token(), renewal })
        .map_err(|error| keychain::unavailable(&error.to_string()))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `None`: the keychain waits for somebody still.
async fn in_time<T>(asked: impl Future<Output = T>) -> Option<T> {
    timeout(PATIENCE, asked).await.ok()
}

fn late() -> Problem {
    keychain::unavailable("nobody opened it in time")
}

impl Inside {
    /// Goes on with the session that was kept, where somebody has come back.
    pub(crate) async fn resume(&self) {
        if !self.central.token().is_empty() {
            return;
        }
        if let Some(found) = self.kept.take().await {
            *self.renewal.lock().await = found.renewal;
            self.central.set_token(&found.token);
        }
        self.tell(Event::Changed);
    }
}

impl Desk {
    /// The same desk, which remembers who sits there. At the next start [`Desk::come_back`] opens their
    /// profile again; their session lies in this computer's keychain.
    #[must_use]
    pub fn remembering(mut self) -> Self {
        self.remembers = true;
        self
    }

    /// Sits down where somebody sat when the program ended, unless they signed out. Neither central
    /// nor the keychain has to answer for that.
    ///
    /// # Errors
    /// What opening the profile gives.
    pub async fn come_back(&self) -> Result<Session, Problem> {
        let seat = self.table.read().await.preferences.seat.clone();
        let Some(seat) = seat.filter(|_| self.remembers) else { return self.session().await };
        let folder = self.root.join("profiles").join(seat.person.to_string());
        let folder = place::folder(folder, &seat.address).await?;
        if !folder.join("user.db").exists() {
            return self.session().await;
        }
        let (central, kept) = (Central::at(&seat.address)?, Kept::of(&seat));
        let (ground, events) = (self.ground.clone(), self.events.clone());
        let taken = Seat::take(&folder, central, None, kept, None, ground, events).await?;
        place::note(&taken.inside().profile, &seat.address).await?;
        let mut standing = taken.inside().standing.subscribe();
        let mut table = self.table.write().await;
        table.seat = Some(taken);
        table.mode = Mode::Central;
        drop(table);
        let _ = self.events.send(Event::Changed);
        let _ = timeout(AT_ONCE, standing.wait_for(|standing| standing.begun > 0)).await;
        self.session().await
    }

    /// Remembers who has sat down, and keeps their session. That it can't be kept is no reason not to
    /// sit here; a keychain that waits for the person is not waited for.
    pub(super) async fn remember(&self, seat: Remembered, inside: &Arc<Inside>) {
        let mut table = self.table.write().await;
        if !table.is_seat_of(inside) {
            return;
        }
        // Written down first: what lies in the keychain is always known here, and can be forgotten.
        let before = table.preferences.seat.replace(Remembered { kept: true, ..seat.clone() });
        let written = table.preferences.write(&self.root);
        drop(table);
        locked(&inside.kept.state).on_the_way += 1;
        let (table, root) = (Arc::clone(&self.table), self.root.clone());
        let inside = Arc::clone(inside);
        let before = before.filter(|before| !before.is(&seat));
        let keeping = Keeping { table, root, inside, seat };
        let _ = timeout(AT_ONCE, tokio::spawn(keeping.run(before, written))).await;
    }

    /// Forgets who sits here.
    ///
    /// # Errors
    /// Why `desk.json` can't be written.
    pub(crate) async fn forget_seat(&self) -> Result<(), Problem> {
        let mut table = self.table.write().await;
        if self.remembers && table.mode == Mode::Central {
            table.preferences.seat = None;
            table.preferences.write(&self.root)?;
        }
        Ok(())
    }
}

/// A first sign-in, whose session goes into the keychain.
struct Keeping {
    table: Arc<RwLock<Table>>,
    root: PathBuf,
    inside: Arc<Inside>,
    seat: Remembered,
}

impl Keeping {
    /// Forgets `before`, keeps the session where its seat was `written` down, and tells what came of it.
    async fn run(self, before: Option<Remembered>, written: Result<(), Problem>) {
        let mut left = None;
        if let Some(before) = before {
            match Kept::of(&before).forget().await {
                Ok(found) => left = found.map(|found| (before, found)),
                Err(problem) => {
                    tracing::warn!(code = %problem.code, "another's session stays in the keychain");
                }
            }
        }
        let kept = match written {
            Ok(()) => {
                let renewal = self.inside.renewal.lock().await;
                let secret = secret(&self.inside.central, renewal.as_ref());
                drop(renewal);
                self.inside.kept.write(secret).await
            }
            Err(problem) => Err(problem),
        };
        self.note(kept).await;
        self.inside.tell(Event::Changed);
        if let Some((before, found)) = left
            && let Err(problem) = found.end(&before.address).await
        {
            tracing::info!(code = %problem.code, "another's session ends by itself");
        }
    }

    /// Notes whether it is kept; whoever signed out meanwhile stays signed out.
    async fn note(&self, written: Result<bool, Problem>) {
        let mut table = self.table.write().await;
        let kept = &self.inside.kept;
        kept.arrived();
        kept.note(written);
        if !table.preferences.seat.as_ref().is_some_and(|it| it.is(&self.seat)) {
            drop(table);
            if let Err(problem) = kept.forget().await {
                tracing::warn!(code = %problem.code, "a session that was left stays in the keychain");
            }
            return;
        }
        if !table.is_seat_of(&self.inside) {
            return;
        }
        let not_kept = kept.said().1.is_some();
        table.preferences.seat =
            Some(Remembered { kept: kept.may_lie_there(), ..self.seat.clone() });
        table.not_kept_is_news = not_kept && !table.preferences.told_not_kept;
        table.preferences.told_not_kept = not_kept;
        if let Err(problem) = table.preferences.write(&self.root) {
            tracing::warn!(code = %problem.code, "desk.json was not written");
        }
    }
}
