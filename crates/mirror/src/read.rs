//! Reading entities back.

use crate::replica::Place;
use makegood_domain::{Code, Problem, id::CustomerId, row::Row};
use serde::de::DeserializeOwned;
use sqlx::{
    AssertSqlSafe, Decode, Row as _, Sqlite, SqliteConnection, Transaction, Type, sqlite::SqliteRow,
};
use std::{ops::Deref, sync::Arc};

/// An entity as it was last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Rises with every change.
    pub version: i64,
    /// The entity.
    pub row: T,
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

/// One consistent view of the mirror: pages that arrive meanwhile are not seen.
#[derive(Debug)]
pub struct Reader {
    tx: Transaction<'static, Sqlite>,
    place: Arc<Place>,
}

impl Reader {
    pub(crate) fn new(tx: Transaction<'static, Sqlite>, place: Arc<Place>) -> Self {
        Self { tx, place }
    }

    /// The entity with this id.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it is not here; [`Code::Database`].
    pub async fn get<T: Row>(&mut self, key: &str) -> Result<Versioned<T>, Problem> {
        let found = self.find(key).await?;
        found.ok_or_else(|| {
            Problem::new(
                Code::NotFound,
                format!(
                    "no {} {key} in the local copy; it may be gone, or outside your scope",
                    T::ENTITY.as_str().replace('_', " ")
                ),
            )
        })
    }

    /// The entity with this id, if it is here.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn find<T: Row>(&mut self, key: &str) -> Result<Option<Versioned<T>>, Problem> {
        Ok(self.list("where key = $1", &[key]).await?.pop())
    }

    /// Every entity of a kind that a customer owns, by id.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn of_customer<T: Row>(&mut self, customer: CustomerId) -> Result<Vec<T>, Problem> {
        let found = self.list("where customer = $1 order by key", &[&customer.to_string()]).await?;
        Ok(found.into_iter().map(|found: Versioned<T>| found.row).collect())
    }

    /// Every entity of a kind that is here, by id.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn every<T: Row>(&mut self) -> Result<Vec<T>, Problem> {
        let found = self.list("order by key", &[]).await?;
        Ok(found.into_iter().map(|found: Versioned<T>| found.row).collect())
    }

    /// Entities by what follows `from` in SQL; `binds` are its `$1`, `$2`, ….
    pub(crate) async fn list<T: Row>(
        &mut self,
        tail: &'static str,
        binds: &[&str],
    ) -> Result<Vec<Versioned<T>>, Problem> {
        let table = T::ENTITY.as_str();
        let sql = format!("select version, body from {table} {tail}");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for bind in binds {
            query = query.bind(*bind);
        }
        let found = query.fetch_all(&mut *self.tx).await.map_err(|e| self.place.refused(&e))?;
        let mut rows = Vec::with_capacity(found.len());
        for row in found {
            let row_of: T = self.parsed(self.cell(&row, "body")?, table)?;
            rows.push(Versioned { version: self.cell(&row, "version")?, row: row_of });
        }
        Ok(rows)
    }

    /// As much of bodies as `T` has, by a whole statement that asks for `body`: lists read no more
    /// than they show.
    pub(crate) async fn parts<T: DeserializeOwned>(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<Vec<T>, Problem> {
        let found = self.rows(sql, binds).await?;
        found.iter().map(|row| self.parsed(self.cell(row, "body")?, "row")).collect()
    }

    /// Rows of whatever a whole statement asks for.
    pub(crate) async fn rows(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<Vec<SqliteRow>, Problem> {
        let mut query = sqlx::query(sql);
        for bind in binds {
            query = query.bind(*bind);
        }
        query.fetch_all(&mut *self.tx).await.map_err(|e| self.place.refused(&e))
    }

    /// Runs a statement that answers nothing; only in a transaction that writes.
    pub(crate) async fn run(&mut self, sql: &'static str, binds: &[&str]) -> Result<(), Problem> {
        let mut query = sqlx::query(sql);
        for bind in binds {
            query = query.bind(*bind);
        }
        let done = query.execute(&mut *self.tx).await;
        done.map(|_| ()).map_err(|e| self.place.refused(&e))
    }

    /// What it reads through; only in a transaction that writes.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }

    /// What SQLite said of a statement over [`Reader::connection`].
    pub(crate) fn refused(&self, error: &sqlx::Error) -> Problem {
        self.place.refused(error)
    }

    /// A cell of a row; of another type than its column's it was not written by us.
    pub(crate) fn cell<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(
        &self,
        row: &'r SqliteRow,
        name: &str,
    ) -> Result<T, Problem> {
        row.try_get(name).map_err(|error| self.place.refused(&error))
    }

    /// A body of this kind, or as much of it as `T` has.
    pub(crate) fn parsed<T: DeserializeOwned>(&self, body: &str, what: &str) -> Result<T, Problem> {
        let unread = |error| self.place.damaged(&format!("a {what} can't be read ({error})"));
        serde_json::from_str(body).map_err(unread)
    }

    /// Keeps what was written.
    pub(crate) async fn commit(self) -> Result<(), Problem> {
        self.tx.commit().await.map_err(|e| self.place.refused(&e))
    }

    /// Rows of text (NULL as empty), by a whole statement.
    pub(crate) async fn texts(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<Vec<Vec<String>>, Problem> {
        let found = self.rows(sql, binds).await?;
        let text = |row: &SqliteRow, at: usize| {
            let cell = row.try_get::<Option<String>, _>(at).map_err(|e| self.place.refused(&e));
            cell.map(Option::unwrap_or_default)
        };
        let texts = |row: &SqliteRow| (0..row.len()).map(|at| text(row, at)).collect();
        found.iter().map(texts).collect()
    }

    /// One number, by a whole statement.
    pub(crate) async fn number(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<i64, Problem> {
        let mut query = sqlx::query_scalar(sql);
        for bind in binds {
            query = query.bind(*bind);
        }
        query.fetch_one(&mut *self.tx).await.map_err(|e| self.place.refused(&e))
    }
}
