//! A mirror as one ready file: central cuts it, the desk checks it and goes on from there. Several
//! times faster than the same rows one by one.

use crate::{
    apply::push_cells,
    column::columns,
    fill,
    read::Reader,
    replica::{MAPPED, MIGRATIONS, Mirror, Place},
};
use makegood_domain::{
    Code, Problem,
    wire::{Digest, Entity},
};
use sqlx::{
    ConnectOptions as _, Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection,
    SqlitePool,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, sync::Arc};
use tokio::sync::OnceCell;

/// Rows of one statement: single inserts are an order of magnitude slower.
const ROWS: usize = 400;

/// Which tables this release's mirrors have: the number of the last migration. A file of another
/// number is of no use here.
#[must_use]
pub fn schema() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// An entity on its way into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id as text.
    pub key: String,
    /// Whose it is; `None`: nobody's in particular.
    pub customer: Option<String>,
    /// Its version.
    pub version: i64,
    /// The whole entity as JSON.
    pub body: String,
}

/// A file that is being cut. Dropped before [`Cut::finish`] it is of no use.
#[derive(Debug)]
pub struct Cut {
    place: Arc<Place>,
    pool: SqlitePool,
    conn: PoolConnection<Sqlite>,
}

impl Cut {
    /// A new file at `path`, where none is yet.
    ///
    /// # Errors
    /// [`Code::Database`], [`Code::DiskFull`].
    pub async fn begin(path: &Path) -> Result<Self, Problem> {
        let place = Arc::new(Place::new(path));
        let refuse = |error: sqlx::Error| place.refused(&error);
        // Nobody reads it before it is whole, so it needs no journal.
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .pragma("locking_mode", "exclusive")
            .pragma("trusted_schema", "OFF")
            .pragma("cache_size", "-64000");
        let pool = alone(options).await.map_err(refuse)?;
        let mut conn = pool.acquire().await.map_err(refuse)?;
        fill::leave_out(&mut conn).await.map_err(refuse)?;
        sqlx::query("begin").execute(&mut *conn).await.map_err(refuse)?;
        Ok(Self { place, pool, conn })
    }

    /// Takes in rows, in the order of their keys: then the tables grow at their ends.
    ///
    /// # Errors
    /// [`Code::Database`] when a body lacks what a column asks for; [`Code::DiskFull`].
    pub async fn add(&mut self, entity: Entity, rows: &[Row]) -> Result<(), Problem> {
        let columns = columns(entity);
        let names: String = columns.iter().map(|column| format!(", {}", column.name)).collect();
        let begin =
            format!("insert into {} (key, customer, version, body{names}) ", entity.as_str());
        for some in rows.chunks(ROWS) {
            let mut insert = QueryBuilder::<Sqlite>::new(begin.as_str());
            insert.push_values(some, |mut into, row| {
                into.push_bind(&row.key)
                    .push_bind(&row.customer)
                    .push_bind(row.version)
                    .push_bind(&row.body);
                push_cells(&mut into, columns, &row.body);
            });
            let insert = insert.build().persistent(some.len() == ROWS);
            insert.execute(&mut *self.conn).await.map_err(|error| self.place.refused(&error))?;
        }
        Ok(())
    }

    /// How many bytes the file has so far.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn bytes(&mut self) -> Result<u64, Problem> {
        let sql = "select page_count * page_size from pragma_page_count, pragma_page_size";
        let found = sqlx::query_scalar(sql).fetch_one(&mut *self.conn).await;
        let bytes: i64 = found.map_err(|error| self.place.refused(&error))?;
        Ok(bytes.unsigned_abs())
    }

    /// Builds the indexes over what is in and all that follows from it, and closes the file.
    ///
    /// # Errors
    /// [`Code::Database`], [`Code::DiskFull`].
    pub async fn finish(mut self) -> Result<(), Problem> {
        let done = sqlx::query("commit").execute(&mut *self.conn).await;
        done.map_err(|error| self.place.refused(&error))?;
        drop(self.conn);
        let tx = self.pool.begin().await.map_err(|error| self.place.refused(&error))?;
        let mut writer = Reader::writes(tx, Arc::clone(&self.place));
        fill::build(&mut writer).await?;
        writer.commit().await?;
        let done = sqlx::query("analyze").execute(&self.pool).await;
        done.map_err(|error| self.place.refused(&error))?;
        self.pool.close().await;
        Ok(())
    }
}

impl Mirror {
    /// Opens a file that came from elsewhere, after a check that it is whole and has this release's
    /// tables and nothing besides, and notes where it stands. With it comes its [`Mirror::digest`].
    ///
    /// # Errors
    /// [`Code::MirrorDamaged`], saying what does not fit; [`Code::DiskFull`].
    pub async fn adopt(path: &Path, cursor: Option<&str>) -> Result<(Self, Digest), Problem> {
        let foreign = |why: String| {
            let at = path.display();
            Problem::new(Code::MirrorDamaged, format!("{at} is no mirror: {why}"))
        };
        let file = look_at(path).await.map_err(foreign)?;
        let opened = async {
            let mirror = Self::open(path).await?;
            if let Some(cursor) = cursor {
                mirror.apply(&[], cursor).await?;
            }
            // Both go through every page; on two cores they take the time of one.
            let (whole, digest) = tokio::join!(look_through(file), mirror.digest());
            whole.map_err(foreign)?;
            Ok((mirror, digest?))
        };
        let opened: Result<_, Problem> = opened.await;
        // What can't be read of a file that nobody has written to is a fault of the file.
        opened.map_err(|problem| match problem.code {
            Code::Database => Problem::new(Code::MirrorDamaged, problem.message),
            _ => problem,
        })
    }
}

/// This release's tables over one connection, the only one.
pub(crate) async fn alone(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    MIGRATIONS.run(&pool).await?;
    Ok(pool)
}

/// A connection to a foreign file with our tables. A statement in another schema would run with our
/// rights.
async fn look_at(path: &Path) -> Result<SqliteConnection, String> {
    static OURS: OnceCell<Tables> = OnceCell::const_new();
    let told = |error: sqlx::Error| error.to_string();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", MAPPED);
    let mut file = options.connect().await.map_err(told)?;
    let ours = OURS.get_or_try_init(|| async {
        let ours = alone(SqliteConnectOptions::new().in_memory(true)).await?;
        tables(&mut *ours.acquire().await?).await
    });
    if tables(&mut file).await.map_err(told)? != *ours.await.map_err(told)? {
        return Err("its tables are not those of this release".to_owned());
    }
    Ok(file)
}

async fn look_through(mut file: SqliteConnection) -> Result<(), String> {
    let said = sqlx::query_scalar("pragma quick_check(1)").fetch_one(&mut file).await;
    let said: String = said.map_err(|error| error.to_string())?;
    file.close().await.map_err(|error| error.to_string())?;
    if said == "ok" { Ok(()) } else { Err(said) }
}

/// Kind, name, table and text of what stands in a schema.
type Tables = Vec<[Option<String>; 4]>;

async fn tables(conn: &mut SqliteConnection) -> Result<Tables, sqlx::Error> {
    // What SQLite keeps for itself (statistics, indexes of keys) it makes itself.
    let sql = "select type, name, tbl_name, sql from sqlite_schema
               where name not like 'sqlite\\_%' escape '\\' order by type, name";
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    Ok(rows.iter().map(|row| [0, 1, 2, 3].map(|column| row.get(column))).collect())
}
