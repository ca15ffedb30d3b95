//! The file, and where it stands.

use crate::{read::Reader, ready::Ready, rollup, room, statistics::migrate};
use makegood_domain::{
    Code, Problem,
    person::Scope,
    wire::{Cursor, Digest, DigestRow, Entity},
};
use sqlx::{
    AssertSqlSafe, Row as _, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The tables, compiled in.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/mirror");

/// How many bytes of a file are mapped into memory.
pub(crate) const MAPPED: &str = "4294967296";

/// Statements of a group of which the scope does not hold everybody, after what became of them.
macro_rules! partly_held {
    ($table:literal, $column:literal) => {
        concat!(
            "delete from ",
            $table,
            " where ",
            $column,
            " in (select statement.key from statement, json_each(statement.body, '$.customers') as one
             where one.value not in (select value from json_each($1)))"
        )
    };
}

const PARTLY_HELD: [&str; 3] = [
    partly_held!("delivery", "statement"),
    partly_held!("acknowledgement", "statement"),
    partly_held!("statement", "key"),
];

/// Where a mirror lies, and whether somebody found it damaged.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    damaged: AtomicBool,
}

impl Place {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), damaged: AtomicBool::new(false) }
    }

    /// What SQLite said of it.
    pub(crate) fn refused(&self, error: &sqlx::Error) -> Problem {
        // A cell of another kind than its column's was not written by us.
        if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) {
            return self.damaged(&error.to_string());
        }
        let problem = refused(&self.path, error);
        if problem.code == Code::MirrorDamaged {
            self.damaged.store(true, Ordering::Relaxed);
        }
        problem
    }

    /// It holds what can't be.
    pub(crate) fn damaged(&self, why: &str) -> Problem {
        self.damaged.store(true, Ordering::Relaxed);
        let at = self.path.display();
        Problem::new(Code::MirrorDamaged, format!("{at}: {why}; it is fetched anew"))
    }

    /// A row of it is not what it should be.
    pub(crate) fn unread(&self, what: &str, error: &serde_json::Error) -> Problem {
        self.damaged(&format!("a {what} can't be read ({error})"))
    }
}

/// An open mirror. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mirror {
    place: Arc<Place>,
    /// Who writes, and who asks one question.
    pool: SqlitePool,
    /// Who reads.
    ready: Arc<Ready>,
}

impl Mirror {
    /// A new mirror in the file at `path`, which is empty or not there yet.
    ///
    /// # Errors
    /// [`Code::Database`], naming the file.
    pub async fn create(path: &Path) -> Result<Self, Problem> {
        Self::connect(path, true).await
    }

    /// The mirror in the file at `path`.
    ///
    /// # Errors
    /// [`Code::Database`] when it is not there, can't be read, or was written by a newer version:
    /// create another one and fetch everything again.
    pub async fn open(path: &Path) -> Result<Self, Problem> {
        Self::connect(path, false).await
    }

    /// The mirror in the file at `path`, as it is: for whoever does not keep it in step. Who does may be of an
    /// older release, and would write on into tables that changed under it.
    ///
    /// # Errors
    /// [`Code::Database`] when it is not there, can't be read, is of another release, or is being filled.
    pub async fn see(path: &Path) -> Result<Self, Problem> {
        let mirror = Self::over(path, options(path, false)).await?;
        let mut reader = mirror.reader().await?;
        let tables = reader.number("select max(version) from _sqlx_migrations", &[]).await?;
        if tables != crate::snapshot::schema() || reader.is_bare().await? {
            let name = path.display();
            let why = format!(
                "the local copy {name} is of another release, or being filled; whoever keeps it in step \
                 brings it up to date"
            );
            return Err(Problem::new(Code::Database, why));
        }
        drop(reader);
        Ok(mirror)
    }

    /// A mirror of nothing, in memory: what is shown until one is here.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn nothing() -> Result<Self, Problem> {
        let path = Path::new("");
        // All connections see the same, for as long as the first one is open.
        let options = SqliteConnectOptions::from_str("sqlite::memory:");
        let options = options.map_err(|error| refused(path, &error))?;
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await
            .map_err(|error| refused(path, &error))?;
        MIGRATIONS.run(&pool).await.map_err(|error| refused(path, &error.into()))?;
        Ok(Self { place: Arc::new(Place::new(path)), pool, ready: Arc::new(Ready::new(options)) })
    }

    /// Connections to the file at `path`.
    async fn over(path: &Path, options: SqliteConnectOptions) -> Result<Self, Problem> {
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            // A file in this process answers, or says what is wrong when it is asked.
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await
            .map_err(|error| unusable(path, &error))?;
        Ok(Self { place: Arc::new(Place::new(path)), pool, ready: Arc::new(Ready::new(options)) })
    }

    async fn connect(path: &Path, create: bool) -> Result<Self, Problem> {
        let mirror = Self::over(path, options(path, create)).await?;
        let upgraded = migrate(&mirror.pool).await;
        let upgraded = upgraded.map_err(|error| unusable(path, &error.into()))?;
        mirror.complete(upgraded).await?;
        Ok(mirror)
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Whether anybody who read it found that it is damaged: it has to be fetched anew then.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.place.damaged.load(Ordering::Relaxed)
    }

    /// Looks through all of it.
    ///
    /// # Errors
    /// [`Code::MirrorDamaged`], saying where; [`Code::Database`].
    pub async fn check(&self) -> Result<(), Problem> {
        let said: String = sqlx::query_scalar("pragma quick_check(1)")
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.refused(&error))?;
        if said == "ok" { Ok(()) } else { Err(self.place.damaged(&said)) }
    }

    /// Closes every connection, so that the file can be deleted.
    pub async fn close(&self) {
        self.ready.close().await;
        self.pool.close().await;
    }

    /// The text that central gave with the last page; `None` before the first.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn cursor(&self) -> Result<Option<String>, Problem> {
        sqlx::query_scalar("select cursor from position")
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.refused(&error))
    }

    /// Whether there is nothing to show in it.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn is_empty(&self) -> Result<bool, Problem> {
        sqlx::query_scalar("select not exists (select 1 from customer)")
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.refused(&error))
    }

    /// The feed's position that the mirror has passed; 0 before the first page.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn seq(&self) -> Result<i64, Problem> {
        Ok(self.cursor().await?.and_then(|text| Cursor::parse(&text)).map_or(0, |at| at.seq))
    }

    /// Count and sum of versions of each customer's entities (law 9), sorted by customer, what is
    /// nobody's first.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn digest(&self) -> Result<Digest, Problem> {
        let tables: Vec<String> = Entity::ALL
            .iter()
            .map(|entity| format!("select customer, version from {}", entity.as_str()))
            .collect();
        let sql = format!(
            "select customer, count(*) as count, sum(version) as versions from ({}) group by customer",
            tables.join(" union all ")
        );
        let mut reader = self.reader().await?;
        let found = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(reader.connection())
            .await
            .map_err(|error| self.refused(&error))?;
        let cursor: Option<String> = sqlx::query_scalar("select cursor from position")
            .fetch_optional(reader.connection())
            .await
            .map_err(|error| self.refused(&error))?;
        let mut rows = Vec::with_capacity(found.len());
        for row in found {
            let customer: Option<String> =
                row.try_get("customer").map_err(|error| self.refused(&error))?;
            let customer = customer.map(|text| text.parse()).transpose().map_err(|error| {
                self.place.damaged(&format!("a customer has a bad id ({error})"))
            })?;
            rows.push(DigestRow {
                customer,
                count: row.try_get("count").map_err(|error| self.refused(&error))?,
                versions: row.try_get("versions").map_err(|error| self.refused(&error))?,
            });
        }
        rows.sort();
        let seq = cursor.and_then(|text| Cursor::parse(&text)).map_or(0, |at| at.seq);
        Ok(Digest { seq, rows })
    }

    /// Deletes what the scope no longer holds; of a group's statement that is all, if one customer left. Whether
    /// there was anything.
    ///
    /// # Errors
    /// [`Code::Database`]; then nothing is deleted.
    pub async fn keep_only(&self, scope: &Scope) -> Result<bool, Problem> {
        let Scope::Customers(held) = scope else { return Ok(false) };
        let held: Vec<String> = held.iter().map(ToString::to_string).collect();
        let held = serde_json::Value::from(held).to_string();
        let mut writer = self.writer().await?;
        let mut deleted = 0;
        let mut deletions = PARTLY_HELD.map(str::to_owned).to_vec();
        for table in Entity::ALL.map(Entity::as_str).into_iter().chain(["gone"]) {
            deletions.push(format!(
                "delete from {table} where customer is not null
                 and customer not in (select value from json_each($1))"
            ));
        }
        for sql in deletions {
            let done = sqlx::query(AssertSqlSafe(sql))
                .bind(&held)
                .execute(writer.connection())
                .await
                .map_err(|error| self.refused(&error))?;
            deleted += done.rows_affected();
        }
        if deleted > 0 {
            rollup::write_anew(&mut writer).await?;
        }
        writer.commit().await?;
        Ok(deleted > 0)
    }

    /// One consistent view of the whole, for as long as the reader lives.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn reader(&self) -> Result<Reader, Problem> {
        let lease = self.ready.take().await.map_err(|error| self.refused(&error))?;
        Ok(Reader::reads(lease, Arc::clone(&self.place)))
    }

    /// Writes what the write-ahead log holds into the file itself, where it is read faster.
    pub(crate) async fn checkpoint(&self) -> Result<(), Problem> {
        let done = sqlx::query("pragma wal_checkpoint(passive)").execute(&self.pool).await;
        done.map(|_| ()).map_err(|error| self.refused(&error))
    }

    /// A reader that may write, too: alone, until it commits.
    pub(crate) async fn writer(&self) -> Result<Reader, Problem> {
        let tx = self.pool.begin_with("begin immediate").await;
        let tx = tx.map_err(|error| self.refused(&error))?;
        Ok(Reader::writes(tx, Arc::clone(&self.place)))
    }

    pub(crate) fn ready(&self) -> &Ready {
        &self.ready
    }

    pub(crate) fn refused(&self, error: &sqlx::Error) -> Problem {
        self.place.refused(error)
    }
}

/// A mirror that a statement failed on.
fn refused(path: &Path, error: &sqlx::Error) -> Problem {
    Problem::new(code(path, error), format!("{}: {error}", path.display()))
}

fn code(path: &Path, error: &sqlx::Error) -> Code {
    let said = error.as_database_error().and_then(|error| error.code());
    match said.as_deref() {
        said if room::is_wanting(path, said) => Code::DiskFull,
        // CORRUPT (with what it adds to tell apart) and NOTADB.
        Some("11" | "267" | "523" | "779" | "26") => Code::MirrorDamaged,
        _ => Code::Database,
    }
}

/// How connections to the file at `path` are opened.
fn options(path: &Path, create: bool) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(std::time::Duration::from_secs(10))
        // More than there are statements behind all screens: each is prepared once.
        .statement_cache_capacity(1000)
        .pragma("trusted_schema", "OFF")
        .pragma("cache_size", "-64000")
        // Reads go past the cache without a copy; a mirror is never cut short while it is open.
        .pragma("mmap_size", MAPPED)
}

fn unusable(path: &Path, error: &sqlx::Error) -> Problem {
    if code(path, error) == Code::DiskFull {
        return refused(path, error);
    }
    let name = path.display();
    Problem::new(
        Code::Database,
        format!("the local copy {name} can't be used ({error}); it has to be fetched anew"),
    )
}
