//! Connections that read, each with its transaction begun: who shows a screen waits for its questions
//! alone. A transaction that has not read yet holds nothing, and sees what is there when it first does.

use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};
use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How many read at a time.
const MOST: u32 = 4;
/// How long somebody waits for one of them to be done.
const PATIENCE: Duration = Duration::from_secs(30);

/// Those that wait for somebody.
#[derive(Debug, Default)]
struct Waiting {
    /// Rises when what they know of the file is out of date.
    generation: u64,
    conns: Vec<Arc<Mutex<SqliteConnection>>>,
}

/// Connections to one file.
#[derive(Debug)]
pub(crate) struct Ready {
    options: SqliteConnectOptions,
    waiting: Arc<StdMutex<Waiting>>,
    places: Arc<Semaphore>,
    /// Has no places: who waits for one is told once it is closed.
    open: Semaphore,
}

impl Ready {
    /// None yet: each is opened when nobody has left one.
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        let places = Arc::new(Semaphore::new(MOST as usize));
        Self { options, waiting: Arc::default(), places, open: Semaphore::new(0) }
    }

    /// A connection within a transaction that has not read yet.
    ///
    /// # Errors
    /// What SQLite says of the file; [`sqlx::Error::PoolTimedOut`] when all are held for long;
    /// [`sqlx::Error::PoolClosed`].
    pub(crate) async fn take(&self) -> Result<Lease, sqlx::Error> {
        let place = timeout(PATIENCE, Arc::clone(&self.places).acquire_owned());
        let place = tokio::select! {
            biased;
            _ = self.open.acquire() => return Err(sqlx::Error::PoolClosed),
            place = place => place.map_err(|_| sqlx::Error::PoolTimedOut)?,
        };
        let place = Arc::new(place.map_err(|_| sqlx::Error::PoolClosed)?);
        let (generation, left) = {
            let mut waiting = lock(&self.waiting);
            (waiting.generation, waiting.conns.pop())
        };
        let conn = match left {
            Some(conn) => conn,
            None => {
                let mut conn = self.options.connect().await?;
                conn.execute("begin").await?;
                Arc::new(Mutex::new(conn))
            }
        };
        let guard = Arc::clone(&conn).lock_owned().await;
        let waiting = Arc::clone(&self.waiting);
        Ok(Lease { guard, back: Back { conn, place, generation, waiting } })
    }

    /// Lets go of all that know the file as it was: SQLite looks at its statistics when it opens one.
    pub(crate) fn renew(&self) {
        let mut waiting = lock(&self.waiting);
        waiting.generation += 1;
        waiting.conns.clear();
    }

    /// Closes them, once nobody reads any more. From now on nobody begins to.
    pub(crate) async fn close(&self) {
        self.open.close();
        // Already closed, it says so.
        let Ok(_all) = self.places.acquire_many(MOST).await else { return };
        self.places.close();
        let left = std::mem::take(&mut lock(&self.waiting).conns);
        for conn in left.into_iter().filter_map(Arc::into_inner) {
            // One that can't say goodbye ends with its thread.
            let _ = conn.into_inner().close().await;
        }
    }
}

fn lock(waiting: &StdMutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that somebody reads through; dropped, it is made ready for the next.
#[derive(Debug)]
pub(crate) struct Lease {
    guard: OwnedMutexGuard<SqliteConnection>,
    /// Let go after the guard.
    #[allow(dead_code, reason = "what it does when it is dropped")]
    back: Back,
}

impl Deref for Lease {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.guard
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.guard
    }
}

/// The way back, which nobody waits for.
#[derive(Debug)]
struct Back {
    conn: Arc<Mutex<SqliteConnection>>,
    place: Arc<OwnedSemaphorePermit>,
    generation: u64,
    waiting: Arc<StdMutex<Waiting>>,
}

impl Drop for Back {
    fn drop(&mut self) {
        // Without a runtime it ends with its thread.
        let Ok(runtime) = Handle::try_current() else { return };
        let (conn, place) = (Arc::clone(&self.conn), Arc::clone(&self.place));
        let (waiting, generation) = (Arc::clone(&self.waiting), self.generation);
        runtime.spawn(async move {
            let is_ready = conn.lock().await.execute("rollback; begin").await.is_ok();
            let mut waiting = lock(&waiting);
            if is_ready && waiting.generation == generation {
                waiting.conns.push(conn);
            } else {
                drop(conn);
            }
            drop(place);
        });
    }
}
