//! The feed: the latest change of every entity, in the order of commits.

use super::{Arg, Store, Tx, tx::Touched};
use makegood_domain::{
    Code, Problem,
    id::CustomerId,
    person::Scope,
    wire::{Change, Digest, DigestRow, Entity},
};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Gives the changes their positions; the last of them. The caller holds the commit lock.
pub(super) async fn append(tx: &mut Tx, touched: &[Touched]) -> Result<i64, Problem> {
    let count = i64::try_from(touched.len()).unwrap_or(i64::MAX);
    let last = tx.draw_many("feed", 0, count).await?;
    let mut seq = last - count;
    for some in touched.chunks(90) {
        let mut args = Vec::with_capacity(some.len() * 6);
        for change in some {
            seq += 1;
            args.extend([
                Arg::text(change.entity.as_str()),
                Arg::text(&change.key),
                Arg::opt_text(change.customer),
                Arg::text(if change.gone { "gone" } else { "put" }),
                Arg::Int(change.version),
                Arg::Int(seq),
            ]);
        }
        let sql = format!(
            "insert into feed (entity, id, customer, op, version, seq) values {} \
             on conflict (entity, id) do update set customer = excluded.customer, \
             op = excluded.op, version = excluded.version, seq = excluded.seq",
            super::placeholders(some.len(), 6, 1)
        );
        tx.execute(&sql, &args).await?;
    }
    Ok(last)
}

/// The feed's last position; 0 when nothing has happened yet.
///
/// # Errors
/// [`Code::Database`].
pub async fn last_seq(conn: &mut AnyConnection) -> Result<i64, Problem> {
    let row =
        super::fetch_optional(conn, "select value from counter where name = 'feed'", &[]).await?;
    row.map_or(Ok(0), |row| super::int(&row, 0))
}

/// One page of the feed, as somebody with a scope may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The changes, by position.
    pub changes: Vec<Change>,
    /// Where the reader stands after it.
    pub seq: i64,
    /// Whether more is ready now.
    pub more: bool,
}

impl Store {
    /// The changes after `after` in `scope`, at most `limit`.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn changes(&self, after: i64, scope: &Scope, limit: i64) -> Result<Page, Problem> {
        let mut tx = self.snapshot().await?;
        let last = last_seq(&mut tx).await?;
        let mut args = vec![Arg::Int(after), Arg::Int(limit + 1)];
        let filter = scope_filter(scope, &mut args);
        let sql = format!(
            "select entity, id, customer, op, version, seq from feed \
             where seq > $1 and {filter} order by seq limit $2"
        );
        let rows = super::fetch(&mut tx, &sql, &args).await?;
        let mut changes = Vec::with_capacity(rows.len());
        for row in &rows {
            let name = super::text(row, 0)?;
            let entity = Entity::parse(&name).ok_or_else(|| {
                Problem::new(Code::Internal, format!("the feed names {name}, which nobody knows"))
            })?;
            let change = Change {
                seq: super::int(row, 5)?,
                entity,
                key: super::text(row, 1)?,
                customer: customer(super::opt_text(row, 2)?)?,
                version: super::int(row, 4)?,
                row: None,
            };
            changes.push((change, super::text(row, 3)? == "put"));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = changes.len() > limit;
        changes.truncate(limit);
        let seq = match changes.last() {
            Some((change, _)) if more => change.seq,
            _ => last.max(after),
        };
        fill(&mut tx, &mut changes).await?;
        let changes = changes.into_iter().map(|(change, _)| change).collect();
        Ok(Page { changes, seq, more })
    }

    /// Count and sum of versions per customer in `scope` (law 9).
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn digest(&self, scope: &Scope) -> Result<Digest, Problem> {
        let mut tx = self.snapshot().await?;
        let seq = last_seq(&mut tx).await?;
        let mut args = Vec::new();
        let filter = scope_filter(scope, &mut args);
        let sql = format!(
            "select customer, cast(count(*) as bigint), cast(sum(version) as bigint) from feed \
             where op = 'put' and {filter} group by customer"
        );
        let mut rows = Vec::new();
        for row in super::fetch(&mut tx, &sql, &args).await? {
            rows.push(DigestRow {
                customer: customer(super::opt_text(&row, 0)?)?,
                count: super::int(&row, 1)?,
                versions: super::int(&row, 2)?,
            });
        }
        rows.sort();
        Ok(Digest { seq, rows })
    }

    /// A transaction that reads one moment.
    async fn snapshot(&self) -> Result<sqlx::Transaction<'static, sqlx::Any>, Problem> {
        let begun = match self.dialect() {
            super::Dialect::Sqlite => self.pool.begin().await,
            super::Dialect::Postgres => {
                self.pool.begin_with("begin isolation level repeatable read read only").await
            }
        };
        begun.map_err(super::refused)
    }
}

fn customer(text: Option<String>) -> Result<Option<CustomerId>, Problem> {
    text.map(|text| {
        text.parse().map_err(|_| Problem::new(Code::Internal, "the feed names a customer by no id"))
    })
    .transpose()
}

/// SQL that keeps to the scope: its customers, and what is nobody's in particular.
pub(super) fn scope_filter(scope: &Scope, args: &mut Vec<Arg>) -> String {
    match scope {
        Scope::All => "1 = 1".to_owned(),
        Scope::Customers(held) if held.is_empty() => "customer is null".to_owned(),
        Scope::Customers(held) => {
            let first = args.len() + 1;
            args.extend(held.iter().map(Arg::text));
            let numbers: Vec<String> =
                (first..=args.len()).map(|number| format!("${number}")).collect();
            format!("(customer is null or customer in ({}))", numbers.join(", "))
        }
    }
}

/// Lays the rows beside the changes that have one, entity by entity.
async fn fill(conn: &mut AnyConnection, changes: &mut [(Change, bool)]) -> Result<(), Problem> {
    let entities: BTreeSet<Entity> =
        changes.iter().filter(|(_, put)| *put).map(|(change, _)| change.entity).collect();
    for entity in entities {
        let keys: Vec<String> = changes
            .iter()
            .filter(|(change, put)| *put && change.entity == entity)
            .map(|(change, _)| change.key.clone())
            .collect();
        let mut bodies = BTreeMap::new();
        for some in keys.chunks(500) {
            let numbers: Vec<String> =
                (1..=some.len()).map(|number| format!("${number}")).collect();
            let sql = format!(
                "select id, body from {} where id in ({})",
                entity.as_str(),
                numbers.join(", ")
            );
            let args: Vec<Arg> = some.iter().map(Arg::text).collect();
            for row in super::fetch(conn, &sql, &args).await? {
                bodies.insert(super::text(&row, 0)?, super::text(&row, 1)?);
            }
        }
        for (change, _) in changes.iter_mut().filter(|(change, _)| change.entity == entity) {
            if let Some(body) = bodies.remove(&change.key) {
                change.row = Some(super::from_json(&body)?);
            }
        }
    }
    Ok(())
}
