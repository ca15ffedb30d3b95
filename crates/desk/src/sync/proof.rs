//! Law 9 in operation: now and then the desk asks central for the digest of what it should hold. A
//! mirror that differs, or that SQLite finds damaged, is thrown away and fetched anew; the outbox is
//! another file, and stays.

use super::{begin, current, pull, set};
use crate::{event::Event, seat::Inside};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::Problem;
use std::sync::atomic::Ordering;

/// How long a proof is good for.
const GOOD_FOR: TimeDelta = TimeDelta::hours(6);
/// A mirror that differs, or is damaged, is thrown away at most this often: fetching it again would not help.
const AT_MOST: TimeDelta = TimeDelta::hours(1);
/// When a mirror that had just been fetched was found to differ all the same; nothing once one agrees.
pub(super) const DIFFERS: &str = "differs";
/// Something may change between the question and the look; so often it is tried again.
const TRIES: usize = 3;
/// … and then not before so long: while everybody decides, something always does.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// Proves the mirror where the last proof is old, or none is there.
pub(super) async fn prove_if_due(inside: &Inside) -> Result<(), Problem> {
    let now = inside.now();
    for (note, long) in [("proved", GOOD_FOR), ("prove_tried", AGAIN), (DIFFERS, GOOD_FOR)] {
        if within(inside, note, long).await? {
            return Ok(());
        }
    }
    inside.asks_who.store(true, Ordering::Relaxed);
    for _ in 0..TRIES {
        let theirs = inside.central.digest().await?;
        let ours = inside.mirror().digest().await?;
        if theirs == ours {
            if let Err(problem) = inside.mirror().look_again().await {
                tracing::info!(code = %problem.code, "how large tables are is not known anew");
            }
            return proved(inside).await;
        }
        if theirs.seq == ours.seq {
            return differs(inside, now).await;
        }
        pull(inside, 0).await?;
    }
    note(inside, "prove_tried", now).await
}

/// A mirror that was just fetched is proven already, or will be as soon as it is looked at.
pub(super) async fn note_fetched(inside: &Inside, proven: bool) -> Result<(), Problem> {
    if proven {
        return proved(inside).await;
    }
    inside.profile.set(DIFFERS, "").await?;
    inside.profile.set("prove_tried", "").await?;
    inside.profile.set("proved", "").await
}

async fn proved(inside: &Inside) -> Result<(), Problem> {
    inside.profile.set(DIFFERS, "").await?;
    note(inside, "proved", inside.now()).await
}

async fn differs(inside: &Inside, now: DateTime<Utc>) -> Result<(), Problem> {
    if within(inside, "rebuilt", AT_MOST).await? {
        tracing::error!("the mirror differs from central, and did so just before it was fetched");
        return note(inside, DIFFERS, now).await;
    }
    tracing::warn!("the mirror differs from central: it is fetched anew");
    begin(inside).await?;
    // Only now: where it did not come, nothing says that fetching would not help.
    note(inside, "rebuilt", now).await
}

/// Puts an empty mirror in the place of one that can't be read. `false`: that was done just before, and did
/// not help; what can be read of it is shown.
pub(super) async fn discard_damaged(inside: &Inside) -> Result<bool, Problem> {
    let now = inside.now();
    let before = inside.standing.borrow().discarded;
    if before.is_some_and(|at| at <= now && now - at < AT_MOST) {
        tracing::error!("the mirror is damaged, and was so just before it was fetched");
        return Ok(false);
    }
    tracing::warn!("the mirror is damaged: it is fetched anew");
    set(inside, |standing| standing.discarded = Some(now));
    inside.set_mirror(current::empty(&inside.profile).await?);
    inside.tell(Event::Changed);
    Ok(true)
}

/// Whether something was noted, and not so long ago.
async fn within(inside: &Inside, key: &str, long: TimeDelta) -> Result<bool, Problem> {
    let at = inside.profile.setting(key).await?;
    let at = at.and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let now = inside.now();
    Ok(at.is_some_and(|at| at <= now && now - at < long))
}

async fn note(inside: &Inside, key: &str, now: DateTime<Utc>) -> Result<(), Problem> {
    inside.profile.set(key, &now.to_rfc3339()).await
}
