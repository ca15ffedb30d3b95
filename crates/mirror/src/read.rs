//! Reading entities back.

use crate::replica::Place;
use makegood_domain::{Code, Problem, id::CustomerId, row::Row, wire::Entity};
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

    /// The version of the entity with this id, if it is here.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn version(&mut self, entity: Entity, key: &str) -> Result<Option<i64>, Problem> {
        let sql = format!("select version from {} where key = $1", entity.as_str());
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(key);
        query.fetch_optional(&mut *self.tx).await.map_err(|error| self.place.refused(&error))
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
        let rows =
            format!("select '[' || version || ',' || body || ']' as one from {table} {tail}");
        let found: Vec<(i64, T)> = self.values(&rows, binds, table).await?;
        Ok(found.into_iter().map(|(version, row)| Versioned { version, row }).collect())
    }

    /// As much of bodies as `T` has, by a whole statement that asks for `body`: lists read no more
    /// than they show.
    pub(crate) async fn parts<T: DeserializeOwned>(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<Vec<T>, Problem> {
        self.values(&format!("select body as one from ({sql})"), binds, "row").await
    }

    /// The values of a statement whose one column, `one`, is JSON. They come over as one text: each
    /// row by itself would have the thread that reads it wait for SQLite's, and costs more than its
    /// reading.
    async fn values<T: DeserializeOwned>(
        &mut self,
        rows: &str,
        binds: &[&str],
        what: &str,
    ) -> Result<Vec<T>, Problem> {
        let sql = format!("select group_concat(one, char(10)) from ({rows})");
        let mut query = sqlx::query_scalar(AssertSqlSafe(sql));
        for bind in binds {
            query = query.bind(*bind);
        }
        let found = query.fetch_one(&mut *self.tx).await;
        let found: Option<String> = found.map_err(|error| self.place.refused(&error))?;
        let values = serde_json::Deserializer::from_str(found.as_deref().unwrap_or("")).into_iter();
        values.map(|value| value.map_err(|error| self.unread(what, &error))).collect()
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
        serde_json::from_str(body).map_err(|error| self.unread(what, &error))
    }

    fn unread(&self, what: &str, error: &serde_json::Error) -> Problem {
        self.place.damaged(&format!("a {what} can't be read ({error})"))
    }

    /// Keeps what was written.
    pub(crate) async fn commit(self) -> Result<(), Problem> {
        self.tx.commit().await.map_err(|e| self.place.refused(&e))
    }

    /// Rows of `N` cells as text (NULL as empty), by a whole statement.
    pub(crate) async fn texts<const N: usize>(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<Vec<[String; N]>, Problem> {
        let list = |of: fn(usize) -> String| (0..N).map(of).collect::<Vec<_>>().join(", ");
        let names = list(|at| format!("c{at}"));
        let cells = list(|at| format!("coalesce('' || c{at}, '')"));
        let rows =
            format!("with cells({names}) as ({sql}) select json_array({cells}) as one from cells");
        let found: Vec<Vec<String>> = self.values(&rows, binds, "row").await?;
        let whole = |row: Vec<String>| {
            let width = |_| Problem::new(Code::Internal, format!("not {N} columns: {sql}"));
            row.try_into().map_err(width)
        };
        found.into_iter().map(whole).collect()
    }

    /// A number for each of some whole statements, all of which see the same binds.
    pub(crate) async fn numbers<const N: usize>(
        &mut self,
        each: [&'static str; N],
        binds: &[&str],
    ) -> Result<[i64; N], Problem> {
        let rows = format!("select json_array(({})) as one", each.join("), ("));
        let found: Vec<Vec<i64>> = self.values(&rows, binds, "row").await?;
        let one = found.into_iter().next().and_then(|row| row.try_into().ok());
        one.ok_or_else(|| Problem::new(Code::Internal, format!("not {N} numbers: {rows}")))
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
