//! What outlives the program of a session: its token, and what renews it, in this computer's keychain;
//! where it was and whose profile belongs to it, in `desk.json`.

use super::{Mode, Session};
use crate::{
    central::Central,
    desk::Desk,
    event::{Event, Link},
    keychain,
    seat::{Inside, Seat},
    sign_in::Renewal,
};
use makegood_domain::{Code, Problem, id::PersonId};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// How long the person has to open their keychain; after that the session goes on without.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a program that starts waits for the keychain, so that its first questions to central have
/// a token; after that it opens all the same.
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
struct Found {
    token: String,
    renewal: Option<Renewal>,
}

/// Where a seat's session is kept, and whether it is.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The keychain's entry; `None`: this desk keeps none.
    name: Option<String>,
    /// Whether it is written still: what a seat that was left wanted to write must not come after the
    /// next one's, nor after it was forgotten.
    open: Arc<Mutex<bool>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether something may lie there.
    held: bool,
    why_not: Option<String>,
}

impl Kept {
    /// Nowhere: a terminal has its token file, and the demo's people need no session.
    pub(crate) fn nowhere() -> Self {
        Self { name: None, open: Arc::default(), state: Mutex::default() }
    }

    /// In the keychain. The entry's name has the address in it: whoever writes another one into
    /// `desk.json` gets nobody's token sent there.
    pub(crate) fn of(seat: &Remembered) -> Self {
        let state = State { held: seat.kept, why_not: None };
        Self {
            name: Some(format!("session of {} at {}", seat.person, seat.address)),
            open: Arc::new(Mutex::new(true)),
            state: Mutex::new(state),
        }
    }

    /// Whether it is kept, and why it is not.
    pub(crate) fn said(&self) -> (bool, Option<String>) {
        let state = locked(&self.state);
        (state.held && state.why_not.is_none(), state.why_not.clone())
    }

    /// Keeps a session in place of the one before. That it can't be kept does not end it: it is said.
    pub(crate) async fn keep(&self, central: &Central, renewal: Option<&Renewal>) {
        let Some(name) = &self.name else { return };
        let secret = match serde_json::to_string(&Held { token: &central.token(), renewal }) {
            Ok(secret) => secret,
            Err(error) => return self.failed(keychain::unavailable(&error.to_string())),
        };
        let open = Arc::clone(&self.open);
        let keeping = keychain::with(name, move |entry| match *locked(&open) {
            true => entry.set_secret(secret.as_bytes()),
            false => Ok(()),
        });
        match in_time(keeping).await {
            Some(Ok(())) => *locked(&self.state) = State { held: true, why_not: None },
            Some(Err(problem)) => self.failed(problem),
            None => {
                // It may be opened yet.
                locked(&self.state).held = true;
                self.failed(late());
            }
        }
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

    /// Deletes it, and keeps nothing from now on.
    ///
    /// # Errors
    /// Why the keychain does not.
    pub(crate) async fn forget(&self) -> Result<(), Problem> {
        let Some(name) = self.name.as_ref().filter(|_| locked(&self.state).held) else {
            self.close().await;
            return Ok(());
        };
        let open = Arc::clone(&self.open);
        let forgetting = keychain::with(name, move |entry| {
            let mut open = locked(&open);
            *open = false;
            keychain::delete(entry)
        });
        in_time(forgetting).await.unwrap_or_else(|| Err(late()))?;
        locked(&self.state).held = false;
        Ok(())
    }

    /// Keeps nothing from now on; what lies there stays.
    pub(crate) async fn close(&self) {
        let open = Arc::clone(&self.open);
        // A keychain that is about to be written is waited for, on a thread that may.
        let closing = tokio::task::spawn_blocking(move || *locked(&open) = false);
        let _ = timeout(AT_ONCE, closing).await;
    }

    fn failed(&self, problem: Problem) {
        tracing::info!(code = %problem.code, "the session is not kept");
        locked(&self.state).why_not = Some(problem.message);
    }
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

    /// Central takes the session no longer; tried once, as the keychain may ask the person.
    pub(crate) async fn forget_session(&self) {
        if self.standing.borrow().link == Link::Revoked {
            return;
        }
        if let Err(problem) = self.kept.forget().await {
            tracing::warn!(code = %problem.code, "a revoked session stays in the keychain");
        }
    }

    /// Whether central can be asked at all. Where somebody came back whose session was not kept it is
    /// not: that it takes nobody without a token says nothing about them.
    ///
    /// # Errors
    /// [`Code::SignInExpired`].
    pub(crate) fn is_signed_in(&self) -> Result<(), Problem> {
        if !self.central.token().is_empty() {
            return Ok(());
        }
        let why = "this computer has kept no session; sign in again";
        Err(Problem::new(Code::SignInExpired, why))
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
        if !folder.join("user.db").exists() {
            return self.session().await;
        }
        let (central, kept) = (Central::at(&seat.address)?, Kept::of(&seat));
        let (ground, events) = (self.ground.clone(), self.events.clone());
        let taken = Seat::take(&folder, central, None, kept, None, ground, events).await?;
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
    /// sit here.
    pub(super) async fn remember(&self, seat: Remembered, inside: &Inside) {
        let mut table = self.table.write().await;
        // Written down first: what lies in the keychain is always known here, and can be forgotten.
        let before = table.preferences.seat.replace(Remembered { kept: true, ..seat.clone() });
        let written = table.preferences.write(&self.root);
        drop(table);
        if let Some(before) = before
            && !before.is(&seat)
            && let Err(problem) = Kept::of(&before).forget().await
        {
            tracing::warn!(code = %problem.code, "another's session stays in the keychain");
        }
        match written {
            Ok(()) => {
                let renewal = inside.renewal.lock().await;
                inside.kept.keep(&inside.central, renewal.as_ref()).await;
            }
            Err(problem) => inside.kept.failed(problem),
        }
        let (kept, why_not) = {
            let state = locked(&inside.kept.state);
            (state.held, state.why_not.clone())
        };
        let mut table = self.table.write().await;
        table.preferences.seat = Some(Remembered { kept, ..seat });
        table.not_kept_is_news = why_not.is_some() && !table.preferences.told_not_kept;
        table.preferences.told_not_kept = why_not.is_some();
        if let Err(problem) = table.preferences.write(&self.root) {
            tracing::warn!(code = %problem.code, "desk.json was not written");
        }
    }

    /// Forgets who sits here, and what was kept of their session.
    ///
    /// # Errors
    /// Why `desk.json` can't be written, or the keychain does not forget.
    pub(crate) async fn forget_seat(&self, inside: &Inside) -> Result<(), Problem> {
        let forgotten = inside.kept.forget().await;
        let mut table = self.table.write().await;
        if self.remembers && table.mode == Mode::Central {
            table.preferences.seat = None;
            table.preferences.write(&self.root)?;
        }
        drop(table);
        forgotten.map_err(|problem| {
            let why = format!(
                "you are signed out, and what would sign you in again lies in the keychain still: {}",
                problem.message
            );
            Problem::new(problem.code, why)
        })
    }
}
