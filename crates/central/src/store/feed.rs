//! The feed: the latest change of every entity, in the order of commits.

use super::{Arg, Store, Tx, tx::Touched};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::CustomerId,
    person::Scope,
    wire::{Body, Change, Digest, DigestRow, Entity, WIRE_VERSION},
};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Gives the changes their positions; the last of them. The caller holds the commit lock.
pub(super) async fn append(tx: &mut Tx, touched: &[Touched]) -> Result<i64, Problem> {
    let count = i64::try_from(touched.len()).unwrap_or(i64::MAX);
    let last = tx.draw_many("feed", 0, count).await?;
    let mut seq = last - count;
    let now = tx.now().timestamp();
    for some in touched.chunks(90) {
        let mut args = Vec::with_capacity(some.len() * 7);
        for change in some {
            seq += 1;
            args.extend([
                Arg::text(change.entity.as_str()),
                Arg::text(&change.key),
                Arg::opt_text(change.customer),
                Arg::text(if change.gone { "gone" } else { "put" }),
                Arg::Int(change.version),
                Arg::Int(seq),
                Arg::opt_int(change.gone.then_some(now)),
            ]);
        }
        let sql = format!(
            "insert into feed (entity, id, customer, op, version, seq, gone_at) values {} \
             on conflict (entity, id) do update set customer = excluded.customer, \
             op = excluded.op, version = excluded.version, seq = excluded.seq, \
             gone_at = excluded.gone_at",
            super::placeholders(some.len(), 7, 1)
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
    counter(conn, "feed").await
}

/// Up to which position tombstones were collected; 0: none was.
///
/// # Errors
/// [`Code::Database`].
pub async fn horizon(conn: &mut AnyConnection) -> Result<i64, Problem> {
    counter(conn, "horizon").await
}

/// The value of a counter; 0 when nothing was drawn from it yet.
pub(super) async fn counter(conn: &mut AnyConnection, name: &str) -> Result<i64, Problem> {
    let sql = "select value from counter where name = $1";
    let row = super::fetch_optional(conn, sql, &[Arg::text(name)]).await?;
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
    /// Up to which position tombstones were collected when it was read.
    pub horizon: i64,
}

impl Store {
    /// The changes after `after` in `view`, at most `limit`.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn changes(&self, after: i64, view: &View, limit: i64) -> Result<Page, Problem> {
        let mut tx = self.moment().await?;
        let at = (last_seq(&mut tx).await?, horizon(&mut tx).await?);
        page(&mut tx, at, (after, view), limit).await
    }

    /// The same for several, all of one moment.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn changes_of(
        &self,
        wanted: &[(i64, View)],
        limit: i64,
    ) -> Result<Vec<Page>, Problem> {
        let mut tx = self.moment().await?;
        let at = (last_seq(&mut tx).await?, horizon(&mut tx).await?);
        let mut pages = Vec::with_capacity(wanted.len());
        for (after, view) in wanted {
            pages.push(page(&mut tx, at, (*after, view), limit).await?);
        }
        Ok(pages)
    }

    /// Count and sum of versions per customer in `view` (law 9).
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn digest(&self, view: &View) -> Result<Digest, Problem> {
        let mut tx = self.moment().await?;
        let seq = last_seq(&mut tx).await?;
        let mut args = Vec::new();
        let filter = view.filter(&mut args);
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

    /// Forgets the tombstones of what went before `before`; how many those were. Whoever has not passed
    /// them by then begins anew.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn collect_tombstones(&self, before: DateTime<Utc>) -> Result<i64, Problem> {
        let mut tx = self.begin(None).await?;
        // Nobody stamps a change meanwhile: what comes back reads `collected`.
        tx.take_commit_lock().await?;
        let old = [Arg::Int(before.timestamp())];
        let sql = "select cast(count(*) as bigint), cast(max(seq) as bigint), \
                   cast(max(version) as bigint) from feed where gone_at < $1";
        let Some(row) = super::fetch_optional(tx.conn(), sql, &old).await? else { return Ok(0) };
        let (count, seq, version) =
            (super::int(&row, 0)?, super::opt_int(&row, 1)?, super::opt_int(&row, 2)?);
        for (name, reached) in [("horizon", seq), ("collected", version)] {
            let Some(reached) = reached else { return Ok(0) };
            let sql = "insert into counter (name, value) values ($1, $2) on conflict (name) \
                       do update set value = excluded.value where counter.value < excluded.value";
            tx.execute(sql, &[Arg::text(name), Arg::Int(reached)]).await?;
        }
        tx.execute("delete from feed where gone_at < $1", &old).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// A transaction that reads one moment.
    pub(super) async fn moment(&self) -> Result<sqlx::Transaction<'static, sqlx::Any>, Problem> {
        let begun = match self.dialect() {
            super::Dialect::Sqlite => self.pool.begin().await,
            super::Dialect::Postgres => {
                self.pool.begin_with("begin isolation level repeatable read read only").await
            }
        };
        begun.map_err(super::refused)
    }
}

/// A page of the feed, whose last position is `last`, and whose tombstones are gone up to `horizon`.
async fn page(
    conn: &mut AnyConnection,
    (last, horizon): (i64, i64),
    (after, view): (i64, &View),
    limit: i64,
) -> Result<Page, Problem> {
    if last <= after {
        return Ok(Page { changes: Vec::new(), seq: after, more: false, horizon });
    }
    let mut args = vec![Arg::Int(after), Arg::Int(limit + 1), Arg::text("\n")];
    let filter = view.filter(&mut args);
    let sql = format!(
        "select string_agg(seq || ' ' || version || ' ' || op || ' ' || entity || ' ' || \
         coalesce(customer, '') || ' ' || id, $3 order by seq) from ( \
         select seq, version, op, entity, customer, id from feed \
         where seq > $1 and {filter} order by seq limit $2) as one"
    );
    let found = super::joined(conn, &sql, &args).await?;
    let mut changes = found.lines().map(change).collect::<Result<Vec<_>, _>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = changes.len() > limit;
    changes.truncate(limit);
    let seq = match changes.last() {
        Some((change, _)) if more => change.seq,
        _ => last.max(after),
    };
    fill(conn, &mut changes).await?;
    let changes = changes.into_iter().map(|(change, _)| change).collect();
    Ok(Page { changes, seq, more, horizon })
}

/// A line of the feed, and whether it was put there, or is gone.
fn change(line: &str) -> Result<(Change, bool), Problem> {
    let unknown = || Problem::new(Code::Internal, format!("the feed holds {line:?}"));
    let mut words = line.splitn(6, ' ');
    let mut next = || words.next().ok_or_else(unknown);
    let (seq, version, op, entity) = (next()?, next()?, next()?, next()?);
    let (of, key) = (next()?, next()?);
    let change = Change {
        seq: seq.parse().map_err(|_| unknown())?,
        entity: Entity::parse(entity).ok_or_else(unknown)?,
        key: key.to_owned(),
        customer: customer(Some(of.to_owned()).filter(|of| !of.is_empty()))?,
        version: version.parse().map_err(|_| unknown())?,
        row: None,
    };
    Ok((change, op == "put"))
}

fn customer(text: Option<String>) -> Result<Option<CustomerId>, Problem> {
    text.map(|text| {
        text.parse().map_err(|_| Problem::new(Code::Internal, "the feed names a customer by no id"))
    })
    .transpose()
}

/// What a desk may be sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    /// Whose data.
    pub scope: Scope,
    /// The wire's version that it speaks: of what came later it knows nothing.
    pub wire: u32,
}

impl View {
    /// Of a scope, in this release's words.
    #[must_use]
    pub fn of(scope: Scope) -> Self {
        Self { scope, wire: WIRE_VERSION }
    }

    /// SQL over `feed` that keeps to it.
    pub(super) fn filter(&self, args: &mut Vec<Arg>) -> String {
        let first = args.len() + 1;
        let mut filter = scope_filter(&self.scope, "feed.customer", args);
        if self.scope != Scope::All {
            let held = (first..=args.len()).map(|number| format!("${number}"));
            filter.push_str(&whole_statements(&held.collect::<Vec<_>>().join(", ")));
        }
        for later in Entity::ALL.into_iter().filter(|entity| entity.since() > self.wire) {
            args.push(Arg::text(later.as_str()));
            filter.push_str(&format!(" and feed.entity <> ${}", args.len()));
        }
        if self.wire < STATEMENT_OF {
            filter.push_str(OF_CUSTOMERS);
            filter.push_str(OF_CREDITS);
        }
        filter
    }
}

/// The version of the wire that first carried statements of a contract or a group.
const STATEMENT_OF: u32 = 3;
/// Leaves out what an older desk would take for the whole customer's. Of what became of statements it
/// is sent nothing anyway.
const OF_CUSTOMERS: &str = " and not (feed.entity = 'statement' and exists (\
    select 1 from statement where statement.id = feed.id and statement.of_kind <> 'customer'))";

/// Leaves out deadlines that are about no credit: an older desk knows no other.
const OF_CREDITS: &str = " and not (feed.entity = 'deadline' and exists (\
    select 1 from deadline where deadline.id = feed.id and deadline.kind = 'termination'))";

/// Leaves out statements of a group, and what became of them, where one of its customers lies outside
/// the scope.
fn whole_statements(held: &str) -> String {
    // Of nobody's customers everything lies outside: what is sent then has no customer at all.
    let outside = match held {
        "" => "1 = 1".to_owned(),
        held => format!("told.customer not in ({held})"),
    };
    format!(
        " and not (feed.entity in ('statement', 'delivery', 'acknowledgement') and exists ( \
         select 1 from statement_customer as told where {outside} and told.statement = case \
         feed.entity when 'statement' then feed.id when 'delivery' then \
         (select statement from delivery where delivery.id = feed.id) else \
         (select statement from acknowledgement where acknowledgement.id = feed.id) end))"
    )
}

/// SQL that keeps to the scope, by the column `customer`: its customers, and what is nobody's in
/// particular.
pub(super) fn scope_filter(scope: &Scope, customer: &str, args: &mut Vec<Arg>) -> String {
    match scope {
        Scope::All => "1 = 1".to_owned(),
        Scope::Customers(held) if held.is_empty() => format!("{customer} is null"),
        Scope::Customers(held) => {
            let first = args.len() + 1;
            args.extend(held.iter().map(Arg::text));
            let numbers: Vec<String> =
                (first..=args.len()).map(|number| format!("${number}")).collect();
            format!("({customer} is null or {customer} in ({}))", numbers.join(", "))
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
                (2..2 + some.len()).map(|number| format!("${number}")).collect();
            // A body is one line: JSON writes what would break it as an escape.
            let sql = format!(
                "select string_agg(id || ' ' || body, $1) from {} where id in ({})",
                entity.as_str(),
                numbers.join(", ")
            );
            let mut args = vec![Arg::text("\n")];
            args.extend(some.iter().map(Arg::text));
            let found = super::joined(conn, &sql, &args).await?;
            for line in found.split('\n').filter(|line| !line.is_empty()) {
                // Left out, it would be taken for gone.
                let (id, body) = line.split_once(' ').ok_or_else(|| {
                    let name = entity.as_str();
                    Problem::new(Code::Internal, format!("a stored {name} is no line of text"))
                })?;
                bodies.insert(id.to_owned(), body.to_owned());
            }
        }
        for (change, _) in changes.iter_mut().filter(|(change, _)| change.entity == entity) {
            if let Some(body) = bodies.remove(&change.key) {
                change.row = Some(Body::parse(body).map_err(|error| {
                    let name = entity.as_str();
                    Problem::new(Code::Internal, format!("a stored {name} is no JSON: {error}"))
                })?);
            }
        }
    }
    Ok(())
}
