//! Several processes over one profile: one of them syncs, the others see what it did and ask it for a
//! round, by way of `user.db`.

use super::set;
use crate::{
    event::{Event, Link},
    profile::Profile,
    seat::{Heard, Inside},
};
use makegood_domain::{Code, Problem, wire::ScopeAnswer};
use makegood_mirror::Mirror;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// How often the lock is tried again, and what others decided or asked for is looked for.
pub(super) const FOLLOW: Duration = Duration::from_secs(2);
/// How often while somebody here waits for a round.
const SOON: Duration = Duration::from_millis(200);
/// So often it is looked for: ten minutes. One of an older release answers nobody.
const PATIENCE: u32 = 3_000;
/// The number of the last round that a process without the lock has asked for.
const WANTED: &str = "round_wanted";
const DONE: &str = "round_done";
const LINK: &str = "link";

/// The last round that was done for somebody in another process.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Done {
    number: i64,
    problem: Option<Problem>,
}

/// What a process without the lock waits for.
pub(super) struct Following {
    /// Somebody here wants a round of which the other process has not been told.
    asked: bool,
    /// The round that it was asked for.
    wanted: Option<Wanted>,
}

/// A round that the other process was asked for.
struct Wanted {
    /// Its number, or why it could not be asked.
    round: Result<i64, Problem>,
    /// How often it was looked for.
    turns: u32,
}

impl Following {
    /// Whoever opens a profile wants to see what is new.
    pub(super) fn begin() -> Self {
        Self { asked: true, wanted: None }
    }

    /// Sees what the other process did, and asks it for what somebody here wants.
    pub(super) async fn turn(&mut self, inside: &Arc<Inside>) {
        // First whether it is done: what is seen after that is at least what it was done with.
        let over = self.is_over(inside).await;
        let mut news = see_mirror(inside).await;
        news |= see_standing(inside).await;
        news |= see_who(inside).await;
        if let Some(problem) = over {
            self.wanted = None;
            set(inside, |standing| {
                standing.finished = standing.begun;
                standing.problem = problem;
            });
            news = true;
        }
        if self.asked && self.wanted.is_none() {
            self.asked = false;
            set(inside, |standing| standing.begun += 1);
            self.wanted = Some(Wanted { round: inside.profile.count_up(WANTED).await, turns: 0 });
        }
        if news {
            inside.tell(Event::Changed);
        }
        let pause = if self.wanted.is_some() { SOON } else { FOLLOW };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = inside.wake.notified() => self.asked = true,
        }
    }

    /// What came of the round that was asked for, once it is over, or nobody answers any more.
    async fn is_over(&mut self, inside: &Inside) -> Option<Option<Problem>> {
        let wanted = self.wanted.as_mut()?;
        wanted.turns += 1;
        let round = match &wanted.round {
            Ok(round) => *round,
            Err(problem) => return Some(Some(problem.clone())),
        };
        match done(&inside.profile).await {
            Ok(done) if done.number >= round => Some(done.problem),
            Ok(_) if wanted.turns < PATIENCE => None,
            Ok(_) => {
                let why = "another process keeps this folder in step and has not answered for ten \
                           minutes; close it, or wait until it has fetched everything";
                Some(Some(Problem::new(Code::ProfileBusy, why)))
            }
            Err(problem) => Some(Some(problem)),
        }
    }
}

/// Whether the other process shows another mirror by now.
async fn see_mirror(inside: &Inside) -> bool {
    let Ok(Some(path)) = inside.profile.mirror_file().await else { return false };
    if path == inside.mirror().path() {
        return false;
    }
    let Ok(mirror) = Mirror::see(&path).await else { return false };
    inside.set_mirror(mirror);
    true
}

/// Whether it has heard of central since, or stands otherwise. No clock is asked: it says so itself.
async fn see_standing(inside: &Inside) -> bool {
    let heard = inside.profile.setting(Heard::SETTING).await.ok().flatten();
    let heard = heard.and_then(|text| Heard::parse(&text));
    let link = inside.profile.setting(LINK).await.ok().flatten();
    let link = link.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Link::Syncing);
    let before = inside.standing.borrow().clone();
    let heard = heard.or(before.heard);
    set(inside, |standing| {
        if link != standing.link {
            standing.problem = None;
        }
        (standing.link, standing.heard) = (link, heard);
    });
    (link, heard) != (before.link, before.heard)
}

/// Whether it has heard that somebody else may do or see something else; the token is one's own.
async fn see_who(inside: &Inside) -> bool {
    let text = inside.profile.setting("who").await.ok().flatten();
    let said = text.and_then(|text| serde_json::from_str::<ScopeAnswer>(&text).ok());
    let own = inside.who();
    let Some(said) = said.filter(|said| said.person.id == own.person.id) else { return false };
    let who = ScopeAnswer {
        token: own.token,
        confined_to: own.confined_to.clone(),
        narrowing: own.narrowing.clone(),
        ..said
    };
    let news = who != own;
    if news {
        inside.see_who(who);
    }
    news
}

/// The process that syncs says how it stands.
pub(super) async fn tell_link(inside: &Inside, link: Link) -> Result<(), Problem> {
    let text = serde_json::to_string(&link)
        .map_err(|error| Problem::new(Code::Internal, format!("link: {error}")))?;
    if inside.profile.setting(LINK).await?.as_deref() == Some(text.as_str()) {
        return Ok(());
    }
    inside.profile.set(LINK, &text).await
}

/// The round that another process wants, if it has not been done yet.
pub(super) async fn wanted(inside: &Inside) -> Option<i64> {
    let wanted = inside.profile.setting(WANTED).await.ok().flatten()?.parse().ok()?;
    let done = done(&inside.profile).await.ok()?;
    (done.number < wanted).then_some(wanted)
}

/// Tells whoever wanted it that the round is over, and how it went.
pub(super) async fn tell_done(
    inside: &Inside,
    number: i64,
    problem: Option<Problem>,
) -> Result<(), Problem> {
    let text = serde_json::to_string(&Done { number, problem })
        .map_err(|error| Problem::new(Code::Internal, format!("round: {error}")))?;
    inside.profile.set(DONE, &text).await
}

async fn done(profile: &Profile) -> Result<Done, Problem> {
    let text = profile.setting(DONE).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}
