//! How the sync stands, as it is shown.

use super::proof::DIFFERS;
use crate::{
    central::LONG_POLL,
    event::{Event, Link, SyncState},
    seat::Inside,
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{Code, Problem};
use makegood_mirror::screens::Moment;

/// How the sync stands, ready to show.
pub(crate) async fn state(inside: &Inside) -> Result<SyncState, Problem> {
    let counts = inside.outbox.counts().await?;
    let standing = inside.standing.borrow().clone();
    let age = standing.heard.map(|heard| inside.now() - heard.here);
    let heard = standing.heard.map(|heard| heard.at);
    let link = match (standing.link, age) {
        (Link::Offline, Some(age)) if age > TimeDelta::hours(24) => Link::Stale,
        // It woke up, and has not heard of central yet.
        (Link::Online, Some(age)) if age > silent() => Link::Syncing,
        (link, _) => link,
    };
    let waits = counts.in_words();
    let met = |code| standing.problem.as_ref().is_some_and(|problem| problem.code == code);
    let (full, foreign) = (met(Code::DiskFull), met(Code::WireVersion));
    let synced = |at: DateTime<Utc>| format!("synced {} UTC", at.format("%H:%M"));
    let last = heard.map(|at| format!("last synced {} UTC", at.format("%-d %b %H:%M")));
    let (text, detail) = match link {
        Link::Online => ("Online".to_owned(), waits.or(heard.map(synced))),
        Link::Syncing => {
            let so_far = standing.progress.as_ref().map(|progress| progress.text.clone());
            ("Syncing".to_owned(), so_far.or(waits))
        }
        Link::Offline if full => {
            ("Disk full".to_owned(), Some("make room: sync resumes by itself".to_owned()))
        }
        // No line is at fault, and no time mends it.
        Link::Offline | Link::Stale if foreign => {
            let why = "update the app or central, whichever is older";
            ("Versions differ".to_owned(), Some(with(why, waits.or(last))))
        }
        Link::Offline => ("Offline".to_owned(), waits.or(last)),
        Link::Stale => {
            let hours = age.map_or(0, |age| age.num_hours());
            ("Offline".to_owned(), Some(format!("data is {hours} h old")))
        }
        Link::Revoked => {
            let taken = standing.problem.is_some_and(|it| it.code == Code::RoleMissing);
            let why = match taken {
                true => "your roles were removed; ask an administrator",
                false => "central no longer accepts this token; sign in again",
            };
            ("Signed out".to_owned(), Some(why.to_owned()))
        }
        Link::Expired => {
            let refused = standing.problem.filter(|it| it.code == Code::SignInRefused);
            let why = refused.map_or("your session has ended".to_owned(), |it| it.message);
            ("Sign in again".to_owned(), waits.or(Some(why)))
        }
    };
    let differs = is_noted(inside, DIFFERS).await?;
    let detail = if differs { Some(with(DIFFERENT, detail)) } else { detail };
    Ok(SyncState {
        state: link,
        text,
        detail: detail.unwrap_or_default(),
        waiting: counts.waiting,
        as_of: heard.map(Moment::utc),
        progress: standing.progress.map(Box::new),
    })
}

/// What a mirror is shown with that differs from central though it was just fetched.
const DIFFERENT: &str = "figures here differ from central's: tell whoever runs it";

fn with(first: &str, more: Option<String>) -> String {
    more.map_or_else(|| first.to_owned(), |more| format!("{first}; {more}"))
}

async fn is_noted(inside: &Inside, key: &str) -> Result<bool, Problem> {
    Ok(inside.profile.setting(key).await?.is_some_and(|text| !text.is_empty()))
}

/// Whether central was there within the last long poll: after a lid was closed nothing else says so.
pub(super) fn heard_just_now(inside: &Inside) -> bool {
    let heard = inside.standing.borrow().heard.map(|heard| inside.now() - heard.here);
    heard.is_some_and(|age| age < silent())
}

/// Who has not heard of central for so long does not know that it is there.
fn silent() -> TimeDelta {
    TimeDelta::seconds(2 * i64::from(LONG_POLL))
}

/// Tells whoever listens.
pub(super) async fn tell_state(inside: &Inside) {
    if let Ok(state) = state(inside).await {
        inside.tell(Event::Sync(state));
    }
}
