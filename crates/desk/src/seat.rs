//! A seat: one person at one central. Profile, outbox, mirror and connection belong together here,
//! with the task that keeps them in step.

use crate::{
    central::Central,
    event::{CatchUp, Event, Link},
    keys::Keys,
    mail::MailKeys,
    outbox::Outbox,
    problem::unreadable,
    profile::Profile,
    session::Kept,
    sign_in::Renewal,
    sync,
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Clock, Code, Problem,
    id::Ids,
    person::{Actor, TokenKind},
    random::Random,
    wire::ScopeAnswer,
};
use makegood_mirror::Mirror;
use std::{
    fmt,
    path::Path,
    sync::{Arc, PoisonError, RwLock, atomic::AtomicBool},
};
use tokio::{
    sync::{Notify, broadcast, watch},
    task::JoinHandle,
};

/// What a seat needs from outside.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The one clock.
    pub clock: Clock,
    /// The one source of randomness.
    pub random: Random,
    /// How long an approval can be taken back before it leaves.
    pub hold: chrono::TimeDelta,
}

/// When central was heard of last: by its clock, and by the one here. How long ago that is, only the one
/// here says, however wrong it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) at: DateTime<Utc>,
    pub(crate) here: DateTime<Utc>,
}

impl Heard {
    /// Where it is written down.
    pub(crate) const SETTING: &str = "heard";

    /// Central says that it is `central`, in seconds.
    pub(crate) fn now(central: i64, here: DateTime<Utc>) -> Self {
        Self { at: DateTime::from_timestamp(central, 0).unwrap_or(here), here }
    }

    /// … as it was written down.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut both = text.split(' ').map(|text| DateTime::from_timestamp(text.parse().ok()?, 0));
        let at = both.next()??;
        Some(Self { at, here: both.next().flatten().unwrap_or(at) })
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at.timestamp(), self.here.timestamp())
    }
}

/// How things stand with central, as the syncer last saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) link: Link,
    pub(crate) heard: Option<Heard>,
    pub(crate) problem: Option<Problem>,
    pub(crate) progress: Option<CatchUp>,
    /// Rounds begun and rounds finished: whoever asks for a sync waits for one that began later.
    pub(crate) begun: u64,
    pub(crate) finished: u64,
    /// Whoever sat here has left: no round comes any more.
    pub(crate) left: bool,
    /// When a damaged mirror was thrown away last.
    pub(crate) discarded: Option<DateTime<Utc>>,
}

/// What belongs to one person at one central.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) profile: Profile,
    pub(crate) outbox: Outbox,
    pub(crate) central: Central,
    pub(crate) ground: Ground,
    pub(crate) ids: Ids,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) standing: watch::Sender<Standing>,
    pub(crate) wake: Notify,
    pub(crate) sealer: tokio::sync::Mutex<()>,
    pub(crate) keys: Keys,
    pub(crate) mail: MailKeys,
    /// What the session is renewed with; `None`: somebody pasted a token.
    pub(crate) renewal: tokio::sync::Mutex<Option<Renewal>>,
    pub(crate) kept: Kept,
    /// Whether central has to be asked again who sits here.
    pub(crate) asks_who: AtomicBool,
    mirror: RwLock<Arc<Mirror>>,
    who: RwLock<ScopeAnswer>,
}

/// A seat that is taken: its sync runs until it is dropped or left.
#[derive(Debug)]
pub(crate) struct Seat {
    inside: Arc<Inside>,
    task: JoinHandle<()>,
}

impl Seat {
    /// Takes a seat in the profile at `folder`. Central has to be there the first time only.
    ///
    /// # Errors
    /// What [`Profile::open`] gives; on the first time what [`Central::scope`] gives, too.
    pub(crate) async fn take(
        folder: &Path,
        central: Central,
        renewal: Option<Renewal>,
        kept: Kept,
        who: Option<ScopeAnswer>,
        ground: Ground,
        events: broadcast::Sender<Event>,
    ) -> Result<Self, Problem> {
        let profile = Profile::open(folder).await?;
        let asked = who.is_some();
        let who = match who {
            Some(who) => {
                let text = serde_json::to_string(&who)
                    .map_err(|error| Problem::new(Code::Internal, format!("scope: {error}")))?;
                profile.set("who", &text).await?;
                who
            }
            None => match profile.setting("who").await? {
                // Who comes back does so in person, whatever script was here meanwhile.
                Some(text) => ScopeAnswer {
                    token: TokenKind::Session,
                    confined_to: None,
                    ..serde_json::from_str(&text)
                        .map_err(|error| unreadable("the profile's person", &error))?
                },
                None => central.scope().await?,
            },
        };
        // Another process may be at it just now, or of another release: only who syncs replaces it.
        let mirror = match sync::present(&profile).await {
            Ok(Some(mirror)) => mirror,
            Ok(None) | Err(_) => Mirror::nothing().await?,
        };
        let heard = profile.setting(Heard::SETTING).await?.and_then(|text| Heard::parse(&text));
        let inside = Arc::new(Inside {
            outbox: Outbox::new(profile.clone(), ground.clock.clone()),
            ids: Ids::new(ground.clock.clone(), ground.random.clone()),
            standing: watch::Sender::new(Standing {
                link: Link::Syncing,
                heard,
                problem: None,
                progress: None,
                begun: 0,
                finished: 0,
                left: false,
                discarded: None,
            }),
            wake: Notify::new(),
            sealer: tokio::sync::Mutex::new(()),
            keys: Keys::new(folder.with_file_name("seal")),
            mail: MailKeys::default(),
            renewal: tokio::sync::Mutex::new(renewal),
            kept,
            asks_who: AtomicBool::new(!asked),
            mirror: RwLock::new(Arc::new(mirror)),
            who: RwLock::new(who),
            profile,
            central: central.by(ground.clock.clone()),
            ground,
            events,
        });
        let task = tokio::spawn(sync::run(Arc::clone(&inside)));
        Ok(Self { inside, task })
    }

    /// What is inside.
    pub(crate) fn inside(&self) -> &Arc<Inside> {
        &self.inside
    }

    /// Leaves the seat: the sync stops where it is (every step of it survives that).
    pub(crate) async fn leave(mut self) {
        self.end();
        let _ = (&mut self.task).await;
        self.inside.kept.close().await;
        // Whoever sits down in this profile next finds files that nobody holds.
        self.inside.mirror().close().await;
        self.inside.profile.close().await;
    }
}

impl Seat {
    /// No round comes any more; whoever waits for one is told so.
    fn end(&self) {
        self.task.abort();
        self.inside.standing.send_modify(|standing| standing.left = true);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.end();
    }
}

impl Inside {
    /// The current mirror.
    pub(crate) fn mirror(&self) -> Arc<Mirror> {
        Arc::clone(&self.mirror.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another mirror in its place.
    pub(crate) fn set_mirror(&self, mirror: Mirror) {
        *self.mirror.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(mirror);
    }

    /// Who sits here, as central last said.
    pub(crate) fn who(&self) -> ScopeAnswer {
        self.who.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes down what central says about who sits here.
    pub(crate) async fn set_who(&self, who: ScopeAnswer) -> Result<(), Problem> {
        let text = serde_json::to_string(&who)
            .map_err(|error| Problem::new(Code::Internal, format!("scope: {error}")))?;
        self.profile.set("who", &text).await?;
        self.see_who(who);
        Ok(())
    }

    /// Goes by what was written down.
    pub(crate) fn see_who(&self, who: ScopeAnswer) {
        *self.who.write().unwrap_or_else(PoisonError::into_inner) = who;
    }

    /// Who sits here, as the policy asks: central decides by the token that it sees.
    pub(crate) fn actor(&self) -> Actor {
        let who = self.who();
        Actor {
            person: who.person.id,
            name: who.person.name,
            roles: who.roles,
            scope: who.scope,
            scope_revision: who.revision,
            token: self.ids.make(),
            token_kind: who.token,
            acts_for: who.acts_for,
            confined_to: who.confined_to,
            narrowing: who.narrowing,
        }
    }

    /// Tells whoever listens.
    pub(crate) fn tell(&self, event: Event) {
        // Nobody listening is no error.
        let _ = self.events.send(event);
    }

    /// The present instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.ground.clock.now()
    }
}
