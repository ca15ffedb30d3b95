//! How desks follow the feed: a thousand that wait for news are told in groups, each of which shares
//! what is read, and who may read it is asked for all of them at once.

use crate::{
    app::App,
    gathered::Gathered,
    store::{
        Store,
        actor::{self, Bearer, Known},
        feed::{self, Page, View},
    },
};
use axum::body::Bytes;
use makegood_domain::{
    Code, Problem,
    id::TokenId,
    person::{Actor, Permission},
    policy,
    wire::{Cursor, Frame, LineWriter},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Rows of one page.
pub(crate) const PAGE_ROWS: i64 = 900;
/// Between two beats of a group, at most.
const LONGEST_BEAT: Duration = Duration::from_secs(2);
/// Desks of a group: as many answers are written one after the other, while commands wait.
const GROUP: u64 = 64;

/// Where the feed stands.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// Names this life of the store.
    pub(crate) epoch: String,
    /// The last position.
    pub(crate) last: i64,
    /// Up to which position tombstones were collected.
    pub(crate) horizon: i64,
}

/// A page as it is sent, but for its end, which is the reader's own.
#[derive(Debug)]
pub(crate) struct Told {
    /// Its first line and those of its changes.
    pub(crate) lines: Bytes,
    /// How many changes.
    pub(crate) rows: usize,
    /// Where the reader stands after it.
    pub(crate) seq: i64,
    /// Whether more is ready now.
    pub(crate) more: bool,
    /// Up to which position tombstones were collected when it was read.
    pub(crate) horizon: i64,
}

/// What is read for many at once.
#[derive(Debug)]
pub(crate) struct Following {
    askers: Gathered<Bearer, Result<Known, Problem>>,
    moments: Gathered<(), Moment>,
    pages: Gathered<(i64, View), Arc<Told>>,
    began: Instant,
}

impl Following {
    pub(crate) fn new() -> Self {
        Self {
            askers: Gathered::default(),
            moments: Gathered::default(),
            pages: Gathered::default(),
            began: Instant::now(),
        }
    }

    /// Who stands behind a token, as of now.
    ///
    /// # Errors
    /// As [`actor::by_hash`].
    pub(crate) async fn asker(&self, store: &Store, bearer: Bearer) -> Result<Known, Problem> {
        let store = store.clone();
        let read = move |bearers: Vec<Bearer>| {
            let store = store.clone();
            async move {
                let now = store.clock().now();
                actor::many(&mut *store.reading().await?, &bearers, now).await
            }
        };
        self.askers.get(bearer, read).await?
    }

    /// Where the feed stands, as of now.
    ///
    /// # Errors
    /// [`Code::Database`]; [`Code::Internal`] for a store without an epoch.
    pub(crate) async fn moment(&self, store: &Store) -> Result<Moment, Problem> {
        let store = store.clone();
        let read = move |_: Vec<()>| {
            let store = store.clone();
            async move { Ok(BTreeMap::from([((), moment(&store).await?)])) }
        };
        self.moments.get((), read).await
    }

    /// The changes after `after` in `view`, as of now.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub(crate) async fn page(
        &self,
        store: &Store,
        after: i64,
        view: &View,
    ) -> Result<Arc<Told>, Problem> {
        let store = store.clone();
        let read = move |wanted: Vec<(i64, View)>| {
            let store = store.clone();
            async move {
                let pages = store.changes_of(&wanted, PAGE_ROWS).await?;
                let told = wanted.into_iter().zip(pages);
                told.map(|(wanted, page)| {
                    let told = Told::of(page, wanted.1.wire)?;
                    Ok((wanted, Arc::new(told)))
                })
                .collect()
            }
        };
        self.pages.get((after, view.clone()), read).await
    }

    /// When whoever waits with this token is told of what was committed: two milliseconds for each who
    /// listens apart, at most two seconds. One desk is told at once; a thousand share what came
    /// meanwhile, and no more than a group of them is told at the same instant.
    fn beat(&self, listening: usize, token: TokenId) -> Instant {
        let listening = u64::try_from(listening).unwrap_or(u64::MAX).clamp(1, 1 << 20);
        let listening = listening.next_power_of_two();
        let period = Duration::from_millis(listening * 2).min(LONGEST_BEAT);
        let groups = u128::from(listening.div_ceil(GROUP));
        let group = uuid::Uuid::from(token).as_u128() % groups;
        let period = period.as_micros();
        let since = self.began.elapsed().as_micros() + period * (groups - group) / groups;
        let left = u64::try_from(period - since % period).unwrap_or_default();
        Instant::now() + Duration::from_micros(left)
    }
}

async fn moment(store: &Store) -> Result<Moment, Problem> {
    let epoch = epoch(store).await?;
    let mut conn = store.reading().await?;
    let last = feed::last_seq(&mut conn).await?;
    Ok(Moment { epoch, last, horizon: feed::horizon(&mut conn).await? })
}

/// What names this life of the store.
///
/// # Errors
/// [`Code::Database`]; [`Code::Internal`] where there is none.
pub(crate) async fn epoch(store: &Store) -> Result<String, Problem> {
    store
        .meta("epoch")
        .await?
        .ok_or_else(|| Problem::new(Code::Internal, "central has no epoch; its store is not whole"))
}

impl Told {
    /// In the words of a version of the wire.
    ///
    /// # Errors
    /// [`Code::Internal`] for a change that can't be written.
    pub(crate) fn of(page: Page, wire: u32) -> Result<Self, Problem> {
        let (rows, seq, more, horizon) = (page.changes.len(), page.seq, page.more, page.horizon);
        let (mut writer, mut lines) = (LineWriter::new(wire), Vec::new());
        writer.write(&Frame::Page { rows }, &mut lines).map_err(unwritten)?;
        for change in page.changes {
            writer.write(&Frame::Change(change), &mut lines).map_err(unwritten)?;
        }
        Ok(Self { lines: lines.into(), rows, seq, more, horizon })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
pub(crate) fn unwritten(error: serde_json::Error) -> Problem {
    Problem::new(Code::Internal, format!("a change can't be written: {error}"))
}

/// Whether who has come so far was told of all that is gone. Asked of each page as it was read: while
/// somebody waits, or reads, tombstones are collected.
///
/// # Errors
/// [`Code::CursorGone`]: what they have may be gone, and nobody knows any more.
pub(crate) fn still_known(cursor: &Cursor, horizon: i64) -> Result<(), Problem> {
    if cursor.seq.max(cursor.begun) < horizon {
        return Err(gone("what was deleted since is no longer known"));
    }
    Ok(())
}

/// A cursor from which nobody can go on.
pub(crate) fn gone(why: &str) -> Problem {
    Problem::new(Code::CursorGone, format!("{why}; load everything again from the beginning"))
}

/// The first page after the cursor that says something, or an empty one when the wait is over.
///
/// # Errors
/// [`Code::Database`]; as [`still_held`] and [`still_known`].
pub(crate) async fn news(
    app: &App,
    actor: &Actor,
    view: &View,
    mut cursor: Cursor,
    wait: Duration,
) -> Result<Arc<Told>, Problem> {
    let (store, following) = (app.store(), app.following());
    let mut changed = store.changed();
    let mut stopping = app.stopping();
    let over = tokio::time::sleep(wait);
    tokio::pin!(over);
    // Another process over the same database commits unheard: it is looked for now and then.
    let mut glance = tokio::time::interval(LONGEST_BEAT);
    glance.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    glance.reset();
    loop {
        if !wait.is_zero() {
            // Even with news at hand: whoever was just told would else be told of each commit alone.
            tokio::time::sleep_until(following.beat(store.listening(), actor.token)).await;
            still_held(app, actor).await?;
        }
        let page = following.page(store, cursor.seq, view).await?;
        still_known(&cursor, page.horizon)?;
        if page.rows > 0 || *stopping.borrow() {
            return Ok(page);
        }
        cursor.seq = page.seq;
        tokio::select! {
            () = &mut over => return Ok(page),
            _ = stopping.wait_for(|stop| *stop) => return Ok(page),
            moved = changed.wait_for(|seq| *seq > cursor.seq) => {
                if moved.is_err() { return Ok(page) }
            }
            _ = glance.tick() => (),
        };
    }
}

/// Whoever waits, or reads slowly, may have been revoked meanwhile, or see other customers now.
pub(crate) async fn still_held(app: &App, actor: &Actor) -> Result<(), Problem> {
    let present = app.following().asker(app.store(), Bearer::Id(actor.token)).await?.actor;
    policy::require(&present, Permission::Read)?;
    if present.scope_revision == actor.scope_revision { Ok(()) } else { Err(scope_changed()) }
}

pub(crate) fn scope_changed() -> Problem {
    Problem::new(Code::ScopeChanged, "your scope has changed; ask for it, then go on")
}
