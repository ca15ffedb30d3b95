//! The one way into the tables: what changes, changes in a [`Tx`], which stamps versions, keeps the
//! feed in commit order, and links the audit events (laws 9 and 10).

use super::{Arg, Dialect, Lock, Store, Stored, Versioned, audit::Pending, refused};
use makegood_domain::{
    Code, Problem,
    audit::AuditEvent,
    id::{CustomerId, PersonId},
    wire::Entity,
};
use sqlx::{Any, AnyConnection, Transaction, any::AnyRow};
use std::collections::BTreeMap;
use tokio::sync::OwnedSemaphorePermit;

/// The advisory lock under which commits are put in order on PostgreSQL.
const COMMIT_LOCK: i64 = 0x6d61_6b65_676f_6f64;

/// Counters of what a window's end draws, in no order.
const CLOSING: [&str; 3] = ["alert", "breach", "credit"];

/// How many rows are written by one statement.
const AT_ONCE: usize = 50;

/// A transaction that writes. Dropped without [`Tx::commit`], nothing has happened.
#[derive(Debug)]
pub struct Tx {
    store: Store,
    inner: Transaction<'static, Any>,
    person: Option<PersonId>,
    touched: BTreeMap<(Entity, String), Touched>,
    touches: u64,
    read: BTreeMap<(Entity, String), i64>,
    audit: Vec<Pending>,
    in_order: bool,
    made_series: bool,
    sealed: Option<Sealed>,
    numbering: bool,
    // Held until the transaction is over.
    _turn: OwnedSemaphorePermit,
}

/// An entity that this transaction changed.
#[derive(Debug, Clone)]
pub(super) struct Touched {
    pub(super) entity: Entity,
    pub(super) key: String,
    pub(super) customer: Option<CustomerId>,
    /// The version it has now; its tombstone's, when it is gone.
    pub(super) version: i64,
    pub(super) gone: bool,
    /// Which change of the transaction this was.
    turn: u64,
}

/// What a transaction came to: its place in the feed and in the audit chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    /// The highest feed position of its changes; where nothing changed, the feed's last.
    pub seq: i64,
    /// Its audit events, in order.
    pub events: Vec<AuditEvent>,
}

impl Tx {
    pub(super) fn new(
        store: Store,
        inner: Transaction<'static, Any>,
        turn: OwnedSemaphorePermit,
        person: Option<PersonId>,
    ) -> Self {
        Self {
            store,
            inner,
            person,
            touched: BTreeMap::new(),
            touches: 0,
            read: BTreeMap::new(),
            audit: Vec::new(),
            in_order: false,
            made_series: false,
            sealed: None,
            numbering: false,
            _turn: turn,
        }
    }

    /// The store this transaction belongs to.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Who acts; `None`: central by itself.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// Says who acts, where only the transaction can tell.
    pub(crate) fn act_as(&mut self, person: PersonId) {
        self.person = Some(person);
    }

    /// Notes that there is a series which only this transaction sees.
    pub(super) fn made_series(&mut self) {
        self.made_series = true;
    }

    pub(super) fn has_made_series(&self) -> bool {
        self.made_series
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.store.clock.now()
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.store.dialect
    }

    /// The connection, for the queries of `store/*`.
    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Runs a statement on a table that is not synced; the number of rows it touched.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn execute(&mut self, sql: &str, args: &[Arg]) -> Result<u64, Problem> {
        super::execute(&mut self.inner, sql, args).await
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn fetch(&mut self, sql: &str, args: &[Arg]) -> Result<Vec<AnyRow>, Problem> {
        super::fetch(&mut self.inner, sql, args).await
    }

    /// One entity; [`Tx::put`] then refuses when somebody else changed it meanwhile.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn get<T: Stored>(
        &mut self,
        key: impl ToString,
    ) -> Result<Option<Versioned<T>>, Problem> {
        let key = key.to_string();
        let found = super::get::<T>(&mut self.inner, &key).await?;
        if let Some(found) = &found {
            self.read.insert((T::ENTITY, key), found.version);
        }
        Ok(found)
    }

    /// Entities by a filter; [`Tx::put`] then refuses as it does after [`Tx::get`].
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn list<T: Stored>(
        &mut self,
        filter: &str,
        args: &[Arg],
    ) -> Result<Vec<Versioned<T>>, Problem> {
        let found = super::list::<T>(&mut self.inner, filter, args).await?;
        for one in &found {
            self.read.insert((T::ENTITY, one.row.key()), one.version);
        }
        Ok(found)
    }

    /// Writes an entity; its version afterwards. Where nothing differs from what is stored, nothing
    /// happens, and the version stays.
    ///
    /// # Errors
    /// [`Code::Stale`] when it has changed since this transaction read it; [`Code::Database`].
    pub async fn put<T: Stored>(&mut self, row: &T) -> Result<i64, Problem> {
        let key = row.key();
        let seen = self.read.get(&(T::ENTITY, key.clone())).copied();
        if let Some(version) = self.upsert(&[row], seen).await?.get(&key) {
            return Ok(*version);
        }
        let current = super::get::<T>(&mut self.inner, &key).await?.map_or(0, |row| row.version);
        if seen.is_some_and(|seen| seen != current) {
            return Err(Problem::new(
                Code::Stale,
                format!("the {} changed meanwhile; look again, then decide", T::ENTITY.as_str()),
            ));
        }
        Ok(current)
    }

    /// Writes several entities, as [`Tx::put`] does each.
    ///
    /// # Errors
    /// As [`Tx::put`].
    pub async fn put_many<T: Stored>(&mut self, rows: &[T]) -> Result<(), Problem> {
        let was_read = |row: &&T| self.read.contains_key(&(T::ENTITY, row.key()));
        let (read, other): (Vec<&T>, Vec<&T>) = rows.iter().partition(was_read);
        for row in read {
            self.put(row).await?;
        }
        for some in other.chunks(AT_ONCE) {
            self.upsert(some, None).await?;
        }
        Ok(())
    }

    /// The versions of those that differ from what was stored.
    async fn upsert<T: Stored>(
        &mut self,
        rows: &[&T],
        seen: Option<i64>,
    ) -> Result<BTreeMap<String, i64>, Problem> {
        let (sql, args) = super::columns::upsert(rows, seen)?;
        let mut versions = BTreeMap::new();
        for written in super::fetch(&mut self.inner, &sql, &args).await? {
            versions.insert(super::text(&written, 0)?, super::int(&written, 1)?);
        }
        for row in rows {
            if let Some(version) = versions.get(&row.key()) {
                self.read.insert((T::ENTITY, row.key()), *version);
                self.touch(T::ENTITY, row.key(), row.customer(), *version, false);
            }
        }
        Ok(versions)
    }

    /// Whether this transaction has changed the entity.
    #[must_use]
    pub fn has_changed<T: Stored>(&self, row: &T) -> bool {
        self.touched.contains_key(&(T::ENTITY, row.key()))
    }

    /// Removes an entity; a tombstone tells the mirrors. `false`: there was none.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn delete<T: Stored>(
        &mut self,
        customer: Option<CustomerId>,
        key: impl ToString,
    ) -> Result<bool, Problem> {
        let (key, table) = (key.to_string(), T::ENTITY.as_str());
        let sql = format!("delete from {table} where id = $1 returning version");
        let row = super::fetch_optional(&mut self.inner, &sql, &[Arg::text(&key)]).await?;
        let Some(row) = row else { return Ok(false) };
        let version = super::int(&row, 0)? + 1;
        self.read.remove(&(T::ENTITY, key.clone()));
        self.touch(T::ENTITY, key, customer, version, true);
        Ok(true)
    }

    fn touch(
        &mut self,
        entity: Entity,
        key: String,
        customer: Option<CustomerId>,
        version: i64,
        gone: bool,
    ) {
        self.touches += 1;
        let touched =
            Touched { entity, key: key.clone(), customer, version, gone, turn: self.touches };
        self.touched.insert((entity, key), touched);
    }

    /// Puts an event on record; it is linked into the chain when the transaction is sealed.
    pub fn audit(
        &mut self,
        action: &str,
        (entity, subject): (&str, &str),
        customer: Option<CustomerId>,
        detail: serde_json::Value,
    ) {
        self.audit.push(Pending {
            action: action.to_owned(),
            entity: entity.to_owned(),
            subject: subject.to_owned(),
            customer,
            detail,
        });
    }

    /// Draws the next number of a counter, which starts after `start`.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn draw(&mut self, counter: &str, start: i64) -> Result<i64, Problem> {
        self.draw_many(counter, start, 1).await
    }

    /// Draws `count` numbers in a row; the last of them.
    pub(crate) async fn draw_many(
        &mut self,
        counter: &str,
        start: i64,
        count: i64,
    ) -> Result<i64, Problem> {
        // Whoever closes windows draws of each as it comes: two that do would wait for each other.
        if CLOSING.contains(&counter) && !std::mem::replace(&mut self.numbering, true) {
            self.lock(Lock::Numbers).await?;
        }
        let lost = super::backup::start_after(counter);
        let sql = format!(
            "insert into counter (name, value) values ($1, $2 + {lost}) \
             on conflict (name) do update set value = counter.value + $3 returning value"
        );
        let args = [Arg::text(counter), Arg::Int(start + count), Arg::Int(count)];
        let row = super::fetch_optional(&mut self.inner, &sql, &args).await?;
        row.map_or_else(
            || Err(Problem::new(Code::Database, format!("the counter {counter} gave no number"))),
            |row| super::int(&row, 0),
        )
    }

    /// From here on this transaction is alone in committing: the feed and the audit chain stand
    /// still until it is over.
    pub(super) async fn take_commit_lock(&mut self) -> Result<(), Problem> {
        if !self.in_order && self.dialect() == Dialect::Postgres {
            let sql = "select cast(pg_advisory_xact_lock($1) as text)";
            super::fetch(&mut self.inner, sql, &[Arg::Int(COMMIT_LOCK)]).await?;
        }
        self.in_order = true;
        Ok(())
    }

    /// The last step before the commit: takes the commit lock, gives the changes their feed
    /// positions and links the audit events. After it only tables that are not synced may be written
    /// (the answer to a command, say).
    ///
    /// # Errors
    /// [`Code::Database`]; [`Code::Internal`] when something changed without an audit event.
    pub async fn seal(&mut self) -> Result<Sealed, Problem> {
        if let Some(sealed) = &self.sealed {
            return Ok(sealed.clone());
        }
        if !self.touched.is_empty() && self.audit.is_empty() {
            return Err(Problem::new(
                Code::Internal,
                "a change without an audit event was about to be committed; it was not",
            ));
        }
        let mut sealed = Sealed::default();
        if self.touched.is_empty() && self.audit.is_empty() {
            sealed.seq = super::feed::last_seq(&mut self.inner).await?;
        } else {
            self.take_commit_lock().await?;
            let pending = std::mem::take(&mut self.audit);
            sealed.events = super::audit::link(self, pending).await?;
            for event in &sealed.events {
                if event.customer.is_some() {
                    let key = event.id.to_string();
                    self.touch(Entity::AuditEvent, key, event.customer, 1, false);
                }
            }
            let touched = std::mem::take(&mut self.touched);
            let mut touched: Vec<Touched> = touched.into_values().collect();
            touched.sort_by_key(|touched| touched.turn);
            sealed.seq = super::feed::append(self, &touched).await?;
        }
        self.sealed = Some(sealed.clone());
        Ok(sealed)
    }

    /// Makes it so.
    ///
    /// # Errors
    /// As [`Tx::seal`]; [`Code::Internal`] when something was changed after it.
    pub async fn commit(mut self) -> Result<Sealed, Problem> {
        let sealed = self.seal().await?;
        if !self.touched.is_empty() || !self.audit.is_empty() {
            return Err(Problem::new(Code::Internal, "a change came after its transaction's seal"));
        }
        let Self { store, inner, .. } = self;
        inner.commit().await.map_err(refused)?;
        store.changed.send_if_modified(|seq| {
            let newer = sealed.seq > *seq;
            *seq = sealed.seq.max(*seq);
            newer
        });
        Ok(sealed)
    }
}
