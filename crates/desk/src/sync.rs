//! Keeping in step with central (ARCHITECTURE.md, "Syncing"): commands go out, pages come in, and what breaks in
//! between is tried again.

mod beside;
mod bootstrap;
mod current;
mod filling;
mod pause;
mod proof;
mod room;
pub(crate) mod sight;
mod state;
mod unpack;
mod who;

use self::{
    beside::{FOLLOW, Following},
    filling::Coming,
    state::{heard_just_now, tell_state},
};
pub(crate) use self::{current::present, state::state};
use crate::{
    central::LONG_POLL,
    delivery,
    event::{CatchUp, Event, Link},
    outbox::push,
    seat::{Heard, Inside, Standing},
    session::ended,
    statement,
};
use makegood_domain::{Code, Problem, person::Permission, policy::confined};
use makegood_mirror::Mirror;
use std::{sync::Arc, time::Duration};

/// While many pages come, so many rows are committed at once, with the last one's cursor: a commit
/// writes each page of an index that it touched.
const AT_ONCE: usize = 18_000;

/// Runs for as long as the seat is taken.
pub(crate) async fn run(inside: Arc<Inside>) {
    // What is here is shown before anybody is waited for, where nobody else keeps it in step.
    let mut mine = inside.profile.lock();
    if matches!(mine, Ok(Some(_))) {
        let _ = current::own(&inside).await;
    }
    inside.resume().await;
    let mut is_new = true;
    loop {
        let mut following = Following::begin();
        let lock = loop {
            match mine {
                Ok(Some(lock)) => break lock,
                Ok(None) => following.turn(&inside).await,
                Err(problem) => {
                    // A round that could not begin is over: whoever waits for it is told why.
                    set(&inside, |standing| {
                        standing.begun += 1;
                        standing.finished = standing.begun;
                        standing.link = Link::Offline;
                        standing.problem = Some(problem);
                    });
                    tokio::time::sleep(FOLLOW).await;
                }
            }
            mine = inside.profile.lock();
        };
        if std::mem::take(&mut is_new) {
            // What happened to the file while nobody had it open is found here; a round begins anew then.
            let _ = inside.mirror().check().await;
        }
        let ended = keep_in_step(&inside).await;
        // Whoever else has a session may go on here.
        drop(lock);
        match ended {
            // Of no use again, and what others fetch here is theirs.
            Code::TokenInvalid | Code::TokenMissing => inside.wake.notified().await,
            _ => pause::after_end(&inside).await,
        }
        mine = inside.profile.lock();
    }
}

/// Round after round, until the session is over.
async fn keep_in_step(inside: &Arc<Inside>) -> Code {
    let (mut failures, mut sure) = (0_u32, false);
    loop {
        set(inside, |standing| standing.begun += 1);
        let wanted = beside::wanted(inside).await;
        let outcome = round(inside, sure).await;
        let link = settle(inside, wanted, &outcome).await;
        match outcome {
            Ok(None) => {
                failures = 0;
                sure = wait_for_news(inside).await;
            }
            Ok(Some(problem)) | Err(problem) => {
                sure = false;
                failures = failures.saturating_add(1);
                tracing::info!(code = %problem.code, failures, "sync round failed");
                if matches!(link, Link::Revoked | Link::Expired) {
                    return problem.code;
                }
                pause::after(inside, failures).await;
            }
        }
    }
}

/// What central said of decisions that it did not take, where everything else is in step.
type Kept = Option<Problem>;

/// One round; where the session has run out it is renewed first, without the person. `sure`: central has
/// been there since the last one, and can't have been restored.
async fn round(inside: &Arc<Inside>, sure: bool) -> Result<Kept, Problem> {
    inside.is_signed_in()?;
    current::own(inside).await?;
    match round_in_session(inside, sure).await {
        Err(problem) if problem.code == Code::TokenExpired => {
            inside.renew(problem).await?;
            round_in_session(inside, sure).await
        }
        other => other,
    }
}

/// Everything due goes out, everything new comes in, statements go on. A mirror that turns out to be
/// damaged is fetched anew on the way.
async fn round_in_session(inside: &Arc<Inside>, sure: bool) -> Result<Kept, Problem> {
    // What there was no room for when everything had come is built once there is.
    let filled = inside.mirror().filled().await;
    let outcome = round_over_mirror(inside, sure).await;
    if inside.mirror().is_damaged() && proof::discard_damaged(inside).await? {
        return round_over_mirror(inside, sure).await;
    }
    outcome.and_then(|kept| filled.map(|()| kept))
}

async fn round_over_mirror(inside: &Arc<Inside>, sure: bool) -> Result<Kept, Problem> {
    let mut in_step = sure && heard_just_now(inside);
    if !in_step {
        in_step = match pull(inside, 0).await {
            // A central that can't cut a mirror now may have been restored: see below.
            Err(problem) if matches!(problem.code, Code::CentralUnreachable | Code::Busy) => {
                return Err(problem);
            }
            // The next one meets it again, after what can leave all the same.
            other => other.is_ok(),
        };
    }
    // What a restored central lost leaves before what was decided after it. By half a mirror nobody can
    // tell what that is.
    if in_step {
        inside.recall().await?;
    }
    loop {
        let pushed = push(inside).await;
        if pushed.as_ref().is_err_and(|problem| problem.code.http_status() == 401) {
            return pushed.map(|()| None);
        }
        let pulled = match pull(inside, 0).await {
            Ok(()) => inside.recall().await,
            Err(problem) => Err(problem),
        };
        match (pulled, &pushed) {
            (Err(problem), Ok(())) => return Err(problem),
            (Err(_), Err(problem)) => return Err(problem.clone()),
            (Ok(true), Ok(())) => continue,
            _ => {}
        }
        proof::prove_if_due(inside).await?;
        who::ask_if_due(inside).await?;
        // What another session of theirs began, that one goes on with.
        if confined(&inside.actor(), Permission::IssueStatement).is_err() {
            return Ok(pushed.err());
        }
        let sealed = statement::advance(inside).await?;
        if let Err(problem) = pushed {
            // No message leaves before what was decided about it.
            return Ok(Some(problem));
        }
        if !delivery::advance(inside).await? && !sealed {
            return Ok(None);
        }
    }
}

/// Takes in what is new, page by page.
async fn pull(inside: &Inside, wait: u32) -> Result<(), Problem> {
    let mirror = inside.mirror();
    let Some(cursor) = mirror.cursor().await? else { return begin(inside).await };
    match tail(inside, &mirror, (Some(cursor), wait), Coming::default()).await {
        Err(problem) if matches!(problem.code, Code::CursorGone | Code::ScopeChanged) => {
            begin(inside).await
        }
        other => other,
    }
}

async fn tail(
    inside: &Inside,
    mirror: &Mirror,
    (mut cursor, wait): (Option<String>, u32),
    mut coming: Coming,
) -> Result<(), Problem> {
    loop {
        let mut more = false;
        let mut pages = inside.central.changes(cursor.as_deref(), wait).await?;
        let mut next = pages.several(AT_ONCE).await?;
        while let Some(page) = next {
            more = page.more;
            // The next rows come while these go in.
            let (applied, after) =
                tokio::join!(mirror.apply(&page.changes, &page.cursor), pages.several(AT_ONCE));
            applied?;
            coming.add(&page.changes);
            who::note(inside, &page.changes);
            heard(inside, page.now, more.then_some(&coming)).await?;
            if !page.changes.is_empty() {
                inside.tell(Event::Changed);
            }
            cursor = Some(page.cursor);
            next = after?;
        }
        if !more {
            return Ok(());
        }
    }
}

/// Everything anew, and nothing kept beside it that is not in it. What a scope lost goes at once; what it
/// gained has old sequence numbers, and comes only so.
async fn begin(inside: &Inside) -> Result<(), Problem> {
    bootstrap::begin(inside).await?;
    inside.drop_lost_cases().await
}

/// Notes central's clock, or how far catching up is.
async fn heard(inside: &Inside, now: i64, more: Option<&Coming>) -> Result<(), Problem> {
    if let Some(coming) = more {
        return progress(inside, CatchUp::rows(coming.changes, coming.tables())).await;
    }
    let heard = Heard::now(now, inside.now());
    inside.profile.set(Heard::SETTING, &heard.to_string()).await?;
    set(inside, |standing| {
        standing.progress = None;
        standing.heard = Some(heard);
    });
    Ok(())
}

/// Tells how far catching up is.
async fn progress(inside: &Inside, so_far: CatchUp) -> Result<(), Problem> {
    set(inside, |standing| {
        standing.progress = Some(so_far);
        standing.link = Link::Syncing;
    });
    beside::tell_link(inside, Link::Syncing).await?;
    inside.tell(Event::Sync(state(inside).await?));
    Ok(())
}

/// A round is over: says how it went.
async fn settle(inside: &Inside, wanted: Option<i64>, outcome: &Result<Kept, Problem>) -> Link {
    let link = match outcome.as_ref().err().map(|problem| problem.code) {
        None => Link::Online,
        Some(Code::TokenInvalid | Code::TokenMissing) => {
            if let Err(problem) = sight::forget(inside).await {
                tracing::warn!(code = %problem.code, "a revoked mirror could not be deleted");
            }
            Link::Revoked
        }
        // Whose roles were taken sees nothing any more; their session may be of use again.
        Some(Code::RoleMissing) if sight::is_lost(inside).await => {
            if let Err(problem) = sight::lose(inside).await {
                tracing::warn!(code = %problem.code, "a mirror without a reader could not be deleted");
            }
            Link::Revoked
        }
        Some(code) if ended(code) => Link::Expired,
        Some(_) => Link::Offline,
    };
    let problem = outcome.clone().unwrap_or_else(Some);
    let mut told = beside::tell_link(inside, link).await;
    // Where it is this session that is over, whoever asked has one of their own.
    if let Some(wanted) = wanted.filter(|_| !matches!(link, Link::Revoked | Link::Expired)) {
        told = told.and(beside::tell_done(inside, wanted, problem.clone()).await);
    }
    if let Err(problem) = told {
        tracing::warn!(code = %problem.code, "other processes could not be told");
    }
    set(inside, |standing| {
        standing.finished = standing.begun;
        standing.link = link;
        standing.progress = None;
        standing.problem = problem;
    });
    tell_state(inside).await;
    link
}

/// Waits until central has something, somebody here (in this process or another) has, or a held
/// decision may leave. Whether central was there all the time; an error is left for the next round to
/// meet.
async fn wait_for_news(inside: &Inside) -> bool {
    let news = pull(inside, LONG_POLL);
    tokio::pin!(news);
    loop {
        let due = match inside.next_due().await {
            Ok(Some(at)) => (at - inside.now()).to_std().unwrap_or_default(),
            _ => Duration::MAX,
        };
        let pause = due.saturating_add(Duration::from_millis(50)).min(FOLLOW);
        tokio::select! {
            result = &mut news => {
                if let Err(problem) = &result {
                    tracing::debug!(code = %problem.code, "long poll ended");
                    // The lid may have been closed: how long ago central was heard of is known anew.
                    tell_state(inside).await;
                }
                return result.is_ok();
            }
            () = tokio::time::sleep(pause) => {
                if due <= pause || beside::wanted(inside).await.is_some() {
                    return true;
                }
            }
            () = inside.wake.notified() => return true,
        }
    }
}

fn set(inside: &Inside, change: impl FnOnce(&mut Standing)) {
    inside.standing.send_modify(change);
}

/// Asks for a round now and waits until one that began after this is over.
///
/// # Errors
/// What went wrong in it.
pub(crate) async fn now(inside: &Inside) -> Result<(), Problem> {
    let mut standing = inside.standing.subscribe();
    let wanted = standing.borrow().begun + 1;
    inside.wake.notify_one();
    let reached = standing
        .wait_for(|standing| standing.finished >= wanted || standing.left)
        .await
        .map_err(|_| left())?;
    if reached.finished < wanted {
        return Err(left());
    }
    reached.problem.clone().map_or(Ok(()), Err)
}

fn left() -> Problem {
    Problem::new(Code::TokenMissing, "somebody signed out meanwhile: sign in, and sync again")
}

/// Whether the mirror equals what central holds for this person (law 9). Asks central; quiet only
/// when nothing changed in between.
///
/// # Errors
/// What [`crate::central::Central::digest`] gives.
pub(crate) async fn agrees(inside: &Inside) -> Result<bool, Problem> {
    let theirs = inside.central.digest().await?;
    Ok(theirs == inside.mirror().digest().await?)
}
