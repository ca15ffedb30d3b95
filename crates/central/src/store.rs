//! Everything that central keeps: one text of SQL for SQLite and PostgreSQL, through sqlx `Any`.
//!
//! Rules of that one text: placeholders are numbered; columns are text and bigint (and bytea for slots); no LIKE, no JSON
//! operators, no `?`; sums are cast to bigint; rows are sorted by integers or ids. Synced entities are written through
//! [`Tx`] alone.

pub mod actor;
mod address;
pub mod alert;
pub mod approval;
pub mod attainment;
pub mod audit;
pub mod backup;
pub mod block;
pub mod breach;
pub mod charge;
pub mod claim;
pub mod columns;
pub mod command;
pub mod contract;
pub mod credit;
pub mod customer;
pub mod deadline;
pub mod delegation;
pub mod draft;
pub mod evidence;
pub mod exclusion;
pub mod feed;
pub mod incident;
mod lock;
pub mod message;
pub mod mrr;
pub mod part;
pub mod person;
pub mod policy;
pub mod proposal;
pub mod query;
mod release;
pub mod series;
pub mod settlement;
pub mod snapshot;
pub mod source;
pub mod statement;
pub mod token;
pub mod total;
pub mod tx;

pub use query::{
    Arg, bytes, execute, fetch, fetch_optional, int, joined, opt_int, opt_text, placeholders, text,
};
pub use tx::{Sealed, Tx};
pub use {columns::Stored, lock::Lock};

use crate::owner;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Clock, Code, Problem,
    id::{Ids, PersonId},
};
use sqlx::{
    Any, AnyConnection, AnyPool, Connection as _, any::AnyPoolOptions, pool::PoolConnection,
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::{Semaphore, watch};

/// Connections to the database.
const CONNECTIONS: u32 = 8;

/// The migrations, compiled in.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/central");

/// Which database stands behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, embedded.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The open store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
    clock: Clock,
    ids: Ids,
    /// Whose turn it is to write. SQLite has one writer: in-process, writers queue here in turn instead of on its
    /// busy timeout. On PostgreSQL they wait for each other's locks, each with a connection: some stay for readers.
    writers: Arc<Semaphore>,
    /// A streaming replica, where there is one: long reads go there.
    replica: Option<AnyPool>,
    /// The highest feed position that this process committed.
    changed: watch::Sender<i64>,
    /// The series that it has seen.
    remembered: series::Remembered,
}

/// A row with the version under which it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Rises with every change, from 1.
    pub version: i64,
    /// The entity.
    pub row: T,
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH` or `postgres://…`), creating a SQLite file that is
    /// not there, and brings its tables up to date.
    ///
    /// # Errors
    /// [`Code::Database`] when it can't be reached or its migrations were changed.
    pub async fn connect(url: &str, clock: Clock, ids: Ids) -> Result<Self, Problem> {
        make_private(url);
        let store = Self::reach(url, "rwc", clock, ids).await?;
        MIGRATIONS.run(&store.pool).await.map_err(|error| {
            Problem::new(
                Code::Database,
                format!("the tables can't be brought up to date: {error}; restore a backup or use the release that made them"),
            )
        })?;
        store.settle_epoch().await?;
        Ok(store)
    }

    /// Connects to the database at `url`; a SQLite file is opened in `mode`.
    async fn reach(url: &str, mode: &str, clock: Clock, ids: Ids) -> Result<Self, Problem> {
        sqlx::any::install_default_drivers();
        let dialect = address::dialect(url)?;
        let at = match dialect {
            Dialect::Sqlite if !url.contains('?') => format!("{url}?mode={mode}"),
            Dialect::Sqlite => url.to_owned(),
            Dialect::Postgres => address::guarded(url),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            // A full disk makes SQLite end a transaction that sqlx then can't: such a connection is
            // given up.
            .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
            .after_connect(move |conn, _| {
                Box::pin(async move {
                    if dialect == Dialect::Sqlite {
                        for pragma in [
                            "pragma journal_mode = wal",
                            "pragma synchronous = full",
                            "pragma foreign_keys = on",
                            "pragma busy_timeout = 30000",
                            "pragma trusted_schema = off",
                        ] {
                            sqlx::query(pragma).execute(&mut *conn).await?;
                        }
                    } else {
                        be_missed(conn).await?;
                    }
                    Ok(())
                })
            })
            .connect(&at)
            .await
            .map_err(|error| address::unreached(url, refused(error)))?;
        let (changed, _) = watch::channel(0);
        let writers = match dialect {
            Dialect::Sqlite => 1,
            Dialect::Postgres => CONNECTIONS - 3,
        };
        let writers = Arc::new(Semaphore::new(writers as usize));
        let remembered = series::Remembered::default();
        Ok(Self { pool, dialect, clock, ids, writers, replica: None, changed, remembered })
    }

    /// Sends long reads to the PostgreSQL at `url`, a streaming replica of this one. It is connected to
    /// when it is needed: central works without it.
    ///
    /// # Errors
    /// [`Code::Database`] for an address that can't be one.
    pub fn with_replica(mut self, url: &str) -> Result<Self, Problem> {
        let pool = AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .after_connect(|conn, _| Box::pin(be_missed(conn)))
            .connect_lazy(&address::guarded(url))
            .map_err(refused)?;
        self.replica = Some(pool);
        Ok(self)
    }

    /// Closes every connection; on SQLite the write-ahead log goes into the database's file.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(replica) = &self.replica {
            replica.close().await;
        }
    }

    /// The first start names the epoch; it changes only with a restore.
    async fn settle_epoch(&self) -> Result<(), Problem> {
        let mut tx = self.begin(None).await?;
        let fresh: makegood_domain::id::CommandId = self.ids.make();
        tx.execute(
            "insert into meta (name, value) values ('epoch', $1) on conflict (name) do nothing",
            &[Arg::text(fresh.to_string().replace('-', ""))],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The clock by which everything here is dated.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The maker of ids.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Tells of every commit in this process: the feed's highest position.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<i64> {
        self.changed.subscribe()
    }

    fn remembered(&self) -> &series::Remembered {
        &self.remembered
    }

    /// How many listen to [`Self::changed`].
    #[must_use]
    pub fn listening(&self) -> usize {
        self.changed.receiver_count()
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn reading(&self) -> Result<PoolConnection<Any>, Problem> {
        self.pool.acquire().await.map_err(refused)
    }

    /// Begins a transaction that writes: everything that `person` (or central by itself) does.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn begin(&self, person: Option<PersonId>) -> Result<Tx, Problem> {
        let turn = Arc::clone(&self.writers).acquire_owned().await;
        let turn = turn.map_err(|_| Problem::new(Code::Database, "the store is closed"))?;
        let inner = match self.dialect {
            Dialect::Sqlite => self.pool.begin_with("begin immediate").await,
            Dialect::Postgres => self.pool.begin().await,
        };
        Ok(Tx::new(self.clone(), inner.map_err(refused)?, turn, person))
    }

    /// A value of `meta`.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn meta(&self, name: &str) -> Result<Option<String>, Problem> {
        meta(&mut *self.reading().await?, name).await
    }
}

/// Has PostgreSQL notice within minutes that this central is gone: until then it keeps what a transaction of it had
/// locked, two hours as a rule, and whoever follows it waits.
async fn be_missed(conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for setting in [
        "set idle_in_transaction_session_timeout = '10min'",
        "set tcp_keepalives_idle = 30",
        "set tcp_keepalives_interval = 10",
        "set tcp_keepalives_count = 3",
    ] {
        sqlx::query(setting).execute(&mut *conn).await?;
    }
    Ok(())
}

/// A SQLite file that is not there yet is made for its owner alone, who is its folder's where root makes it; its logs
/// have the rights that it has. What is in the way, opening says.
fn make_private(url: &str) {
    let path = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    let Some(path) = path.filter(|path| !path.contains([':', '?'])) else { return };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Ok(file) = options.open(path) {
        let _ = owner::give_to_folders(&file, Path::new(path));
    }
}

/// A value of `meta`.
///
/// # Errors
/// [`Code::Database`].
async fn meta(conn: &mut AnyConnection, name: &str) -> Result<Option<String>, Problem> {
    let sql = "select value from meta where name = $1";
    fetch_optional(conn, sql, &[Arg::text(name)]).await?.map(|row| text(&row, 0)).transpose()
}

/// One entity by its id.
///
/// # Errors
/// [`Code::Database`], or [`Code::Internal`] when what is stored can't be read.
pub async fn get<T: Stored>(
    conn: &mut AnyConnection,
    key: impl ToString,
) -> Result<Option<Versioned<T>>, Problem> {
    Ok(list(conn, "id = $1", &[Arg::text(key)]).await?.pop())
}

/// The entities for which `filter` (SQL after `where`, an `order by` included) holds.
///
/// # Errors
/// [`Code::Database`], or [`Code::Internal`] when what is stored can't be read.
pub async fn list<T: Stored>(
    conn: &mut AnyConnection,
    filter: &str,
    args: &[Arg],
) -> Result<Vec<Versioned<T>>, Problem> {
    let table = T::ENTITY.as_str();
    let rows =
        fetch(conn, &format!("select version, body from {table} where {filter}"), args).await?;
    rows.iter()
        .map(|row| Ok(Versioned { version: int(row, 0)?, row: from_json(&text(row, 1)?)? }))
        .collect()
}

/// Reads a stored id.
///
/// # Errors
/// [`Code::Internal`]: what stands there is none.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::new(Code::Internal, format!("{text:?} is stored as an id")))
}

/// A stored instant.
///
/// # Errors
/// [`Code::Internal`] when it lies outside the calendar.
pub fn instant(seconds: i64) -> Result<DateTime<Utc>, Problem> {
    DateTime::from_timestamp(seconds, 0)
        .ok_or_else(|| Problem::new(Code::Internal, format!("{seconds} is stored as an instant")))
}

/// What must be there and is not.
pub(crate) fn missing(what: &str) -> Problem {
    Problem::new(Code::Internal, format!("a {what} that must be stored is not"))
}

/// Reads a stored document.
///
/// # Errors
/// [`Code::Internal`]: what stands there was not written by this code.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| {
        Problem::new(Code::Internal, format!("a stored row can't be read: {error}"))
    })
}

/// Writes a document as it is stored.
///
/// # Errors
/// [`Code::Internal`].
pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string(value)
        .map_err(|error| Problem::new(Code::Internal, format!("a row can't be written: {error}")))
}

/// What the database said, as a problem. Values are never part of the message.
#[expect(clippy::needless_pass_by_value, reason = "used as `map_err(refused)`")]
pub(crate) fn refused(error: sqlx::Error) -> Problem {
    tracing::error!(%error, "the database refused");
    // SQLITE_FULL, and PostgreSQL's disk_full.
    let code = error.as_database_error().and_then(|error| error.code());
    if code.is_some_and(|code| matches!(code.as_ref(), "13" | "53100")) {
        let why = "the database's disk is full, and nothing was changed; make room, then try again";
        return Problem::new(Code::DiskFull, why);
    }
    let message = match &error {
        sqlx::Error::PoolTimedOut => "the database is busy; try again in a moment".to_owned(),
        // What its certificate is refused for comes so.
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            format!("the database's certificate does not match its address: {error}")
        }
        sqlx::Error::Io(_) => "the database can't be reached; see that it runs".to_owned(),
        other => format!("the database refused: {other}"),
    };
    Problem::new(Code::Database, message)
}
