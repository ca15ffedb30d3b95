//! The audit chain (law 10): one line of events over all of central.

use super::{Arg, Tx};
use makegood_domain::{
    Problem,
    audit::{AuditEvent, GENESIS},
    id::CustomerId,
    row::Row as _,
};
use sqlx::AnyConnection;

/// An event that waits for its place in the chain.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) action: String,
    pub(super) entity: String,
    pub(super) subject: String,
    pub(super) customer: Option<CustomerId>,
    pub(super) detail: serde_json::Value,
}

/// Position and hash of the chain's last event.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn head(conn: &mut AnyConnection) -> Result<(i64, String), Problem> {
    let last: Option<super::Versioned<AuditEvent>> =
        super::list(conn, "position = (select max(position) from audit_event)", &[]).await?.pop();
    Ok(last.map_or((0, GENESIS.to_owned()), |last| (last.row.position, last.row.hash)))
}

impl Tx {
    /// The chain's head as this transaction will find it when it is sealed: nobody else commits in
    /// between.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn audit_head(&mut self) -> Result<String, Problem> {
        self.take_commit_lock().await?;
        Ok(head(self.conn()).await?.1)
    }
}

/// Links events to the chain's end. The caller holds the commit lock.
pub(super) async fn link(tx: &mut Tx, pending: Vec<Pending>) -> Result<Vec<AuditEvent>, Problem> {
    let (mut position, mut previous) = head(tx.conn()).await?;
    let mut events = Vec::with_capacity(pending.len());
    for event in pending {
        position += 1;
        let mut event = AuditEvent {
            id: tx.store().ids().make(),
            position,
            at: tx.now(),
            person: tx.person(),
            customer: event.customer,
            action: event.action,
            entity: event.entity,
            subject: event.subject,
            detail: event.detail,
            previous,
            hash: String::new(),
        };
        event.hash = event.computed_hash();
        previous = event.hash.clone();
        events.push(event);
    }
    for some in events.chunks(90) {
        let mut args = Vec::with_capacity(some.len() * 6);
        for event in some {
            args.extend([
                Arg::text(event.key()),
                Arg::Int(event.position),
                Arg::opt_text(event.customer),
                Arg::text(&event.action),
                Arg::Int(1),
                Arg::Text(super::to_json(event)?),
            ]);
        }
        let sql = format!(
            "insert into audit_event (id, position, customer, action, version, body) values {}",
            super::placeholders(some.len(), 6, 1)
        );
        tx.execute(&sql, &args).await?;
    }
    Ok(events)
}

/// The chain from `after` on, in order, at most `limit` events.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn events(
    conn: &mut AnyConnection,
    after: i64,
    limit: i64,
) -> Result<Vec<AuditEvent>, Problem> {
    let filter = "position > $1 order by position limit $2";
    let rows = super::list(conn, filter, &[Arg::Int(after), Arg::Int(limit)]).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}

/// An event as it is stored: its columns, and the body that they stand beside.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The column `position`.
    pub position: i64,
    id: String,
    customer: Option<String>,
    action: String,
    version: i64,
    body: String,
}

impl Kept {
    /// The event, if the columns say what the body says and the body is as it was written.
    ///
    /// # Errors
    /// What does not agree, in words.
    pub fn event(&self) -> Result<AuditEvent, String> {
        let event: AuditEvent = serde_json::from_str(&self.body)
            .map_err(|error| format!("its body can't be read: {error}"))?;
        let (id, customer) = (event.id.to_string(), event.customer.map(|id| id.to_string()));
        let differing = [
            ("id", self.id != id),
            ("position", self.position != event.position),
            ("customer", self.customer != customer),
            ("action", self.action != event.action),
            ("version", self.version != 1),
        ];
        if let Some((column, _)) = differing.iter().find(|(_, differs)| *differs) {
            return Err(format!("its column {column} says other than its body"));
        }
        if super::to_json(&event).ok().as_deref() != Some(self.body.as_str()) {
            return Err("its body is not written as central writes it".to_owned());
        }
        Ok(event)
    }
}

/// What is kept from `after` on, in order of the column `position`, at most `limit` events.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn kept(conn: &mut AnyConnection, after: i64, limit: i64) -> Result<Vec<Kept>, Problem> {
    let sql = "select position, id, customer, action, version, body from audit_event \
               where position > $1 order by position limit $2";
    let rows = super::fetch(conn, sql, &[Arg::Int(after), Arg::Int(limit)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Kept {
                position: super::int(row, 0)?,
                id: super::text(row, 1)?,
                customer: super::opt_text(row, 2)?,
                action: super::text(row, 3)?,
                version: super::int(row, 4)?,
                body: super::text(row, 5)?,
            })
        })
        .collect()
}

/// The id of an event that was once sent to desks and is no longer in the chain, if there is one.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn sent_and_gone(conn: &mut AnyConnection) -> Result<Option<String>, Problem> {
    let sql = "select id from feed where entity = 'audit_event' and not exists \
               (select 1 from audit_event where audit_event.id = feed.id) order by seq limit 1";
    let row = super::fetch_optional(conn, sql, &[]).await?;
    row.map(|row| super::text(&row, 0)).transpose()
}
