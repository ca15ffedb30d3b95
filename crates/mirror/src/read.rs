//! Reading entities back.

use crate::{ask, ready::Lease, replica::Place};
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
    through: Through,
    place: Arc<Place>,
}

/// What a reader has of the file.
#[derive(Debug)]
enum Through {
    Reads(Lease),
    Writes(Transaction<'static, Sqlite>),
}

impl Reader {
    /// One that only reads.
    pub(crate) fn reads(lease: Lease, place: Arc<Place>) -> Self {
        Self { through: Through::Reads(lease), place }
    }

    /// One that may write, too, until it commits.
    pub(crate) fn writes(tx: Transaction<'static, Sqlite>, place: Arc<Place>) -> Self {
        Self { through: Through::Writes(tx), place }
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
        query.fetch_optional(self.connection()).await.map_err(|error| self.place.refused(&error))
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
        self.ask(ask::list(tail, binds)).await
    }

    /// As much of bodies as `T` has, by a whole statement that asks for `body`: lists read no more
    /// than they show.
    pub(crate) async fn parts<T: DeserializeOwned>(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<Vec<T>, Problem> {
        self.ask(ask::parts(sql, binds)).await
    }

    /// Runs a statement that answers nothing; only in a transaction that writes.
    pub(crate) async fn run(&mut self, sql: &'static str, binds: &[&str]) -> Result<(), Problem> {
        let mut query = sqlx::query(sql);
        for bind in binds {
            query = query.bind(*bind);
        }
        let done = query.execute(self.connection()).await;
        done.map(|_| ()).map_err(|e| self.place.refused(&e))
    }

    /// What it reads through.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        match &mut self.through {
            Through::Reads(lease) => lease,
            Through::Writes(tx) => tx,
        }
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
        serde_json::from_str(body).map_err(|error| self.place.unread(what, &error))
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Keeps what was written.
    pub(crate) async fn commit(self) -> Result<(), Problem> {
        match self.through {
            Through::Reads(_) => Err(Problem::new(Code::Internal, "a reader writes nothing")),
            Through::Writes(tx) => tx.commit().await.map_err(|e| self.place.refused(&e)),
        }
    }

    /// Rows of `N` cells as text (NULL as empty), by a whole statement.
    pub(crate) async fn texts<const N: usize>(
        &mut self,
        sql: &'static str,
        binds: &[&str],
    ) -> Result<Vec<[String; N]>, Problem> {
        self.ask(ask::texts(sql, binds)).await
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
        query.fetch_one(self.connection()).await.map_err(|e| self.place.refused(&e))
    }
}
