//! A mirror as one ready file: central cuts it, the desk checks it and goes on from there. Several
//! times faster than the same rows one by one.

use crate::{
    apply::push_cells,
    column::columns,
    fill,
    read::Reader,
    replica::{MIGRATIONS, Mirror, Place},
};
use makegood_domain::{Code, Problem, wire::Entity};
use sqlx::{
    ConnectOptions as _, Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection,
    SqlitePool,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, sync::Arc};

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

    /// Builds the indexes over what is in and all that follows from it, and closes the file.
    ///
    /// # Errors
    /// [`Code::Database`], [`Code::DiskFull`].
    pub async fn finish(mut self) -> Result<(), Problem> {
        let done = sqlx::query("commit").execute(&mut *self.conn).await;
        done.map_err(|error| self.place.refused(&error))?;
        drop(self.conn);
        let tx = self.pool.begin().await.map_err(|error| self.place.refused(&error))?;
        fill::build(Reader::new(tx, Arc::clone(&self.place))).await?;
        let done = sqlx::query("analyze").execute(&self.pool).await;
        done.map_err(|error| self.place.refused(&error))?;
        self.pool.close().await;
        Ok(())
    }
}

impl Mirror {
    /// Opens a file that came from elsewhere, after a check that it is whole and has this release's
    /// tables and nothing besides, and notes where it stands.
    ///
    /// # Errors
    /// [`Code::MirrorDamaged`], saying what does not fit; [`Code::Database`].
    pub async fn adopt(path: &Path, cursor: Option<&str>) -> Result<Self, Problem> {
        if let Err(why) = sound(path).await {
            let at = path.display();
            return Err(Problem::new(Code::MirrorDamaged, format!("{at} is no mirror: {why}")));
        }
        let mirror = Self::open(path).await?;
        if let Some(cursor) = cursor {
            mirror.apply(&[], cursor).await?;
        }
        Ok(mirror)
    }
}

/// This release's tables over one connection, the only one.
pub(crate) async fn alone(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    MIGRATIONS.run(&pool).await?;
    Ok(pool)
}

/// A statement in a foreign file's schema would run with our rights, so the schema has to be ours.
async fn sound(path: &Path) -> Result<(), String> {
    let told = |error: sqlx::Error| error.to_string();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON");
    let mut file = options.connect().await.map_err(told)?;
    let ours = alone(SqliteConnectOptions::new().in_memory(true)).await.map_err(told)?;
    let mut ours = ours.acquire().await.map_err(told)?;
    if tables(&mut file).await.map_err(told)? != tables(&mut ours).await.map_err(told)? {
        return Err("its tables are not those of this release".to_owned());
    }
    let said: String =
        sqlx::query_scalar("pragma quick_check(1)").fetch_one(&mut file).await.map_err(told)?;
    if said != "ok" {
        return Err(said);
    }
    file.close().await.map_err(told)
}

async fn tables(conn: &mut SqliteConnection) -> Result<Vec<[Option<String>; 4]>, sqlx::Error> {
    // What SQLite keeps for itself (statistics, indexes of keys) it makes itself.
    let sql = "select type, name, tbl_name, sql from sqlite_schema
               where name not like 'sqlite\\_%' escape '\\' order by type, name";
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    Ok(rows.iter().map(|row| [0, 1, 2, 3].map(|column| row.get(column))).collect())
}
