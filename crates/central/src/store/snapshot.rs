//! Cutting a scope into one mirror file, as it was in one moment.

use super::{
    Arg, Store,
    feed::{self, View},
    int, opt_text, text,
};
use chrono::TimeDelta;
use makegood_domain::{
    Code, Problem,
    person::Scope,
    wire::{Entity, Extent, Part},
};
use makegood_mirror::snapshot::{Cut, Row};
use sqlx::{Any, Transaction};
use std::{path::Path, time::Duration};

/// Rows that are read at once.
const ROWS: i64 = 2000;
/// How long they are waited for: a replica that has gone without a word is as good as none. In a large house many rows
/// are passed before the first of a narrow scope.
const PATIENCE: Duration = Duration::from_secs(600);
/// Of attainments the portfolio shows those whose windows ended at most so long ago.
const PRESENT: TimeDelta = TimeDelta::days(70);

/// Where the feed stood in the moment that a file holds, and what the file has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The epoch.
    pub epoch: String,
    /// The feed's last position.
    pub seq: i64,
    /// The tables, in the order of the file.
    pub extent: Vec<Extent>,
}

impl Store {
    /// Writes what `part` holds of `scope` into a new mirror file at `path`: from the replica where
    /// there is one that answers and is of this epoch, or else from the database itself.
    ///
    /// # Errors
    /// [`Code::Database`], [`Code::DiskFull`]; then what stands at `path` is of no use.
    pub async fn cut(&self, scope: &Scope, part: Part, path: &Path) -> Result<Moment, Problem> {
        if let Some(replica) = &self.replica {
            let read = async {
                let begin = "begin isolation level repeatable read read only";
                let tx = replica.begin_with(begin).await.map_err(super::refused)?;
                self.cut_in(tx, scope, part, path).await
            };
            match read.await {
                Ok(moment) if Some(&moment.epoch) != self.meta("epoch").await?.as_ref() => {
                    tracing::warn!("the replica is of another epoch, and was not used");
                }
                // Of what it does not know yet, the tombstones are gone: nobody could go on from there.
                Ok(moment) if moment.seq < feed::horizon(&mut *self.reading().await?).await? => {
                    tracing::warn!("the replica is too far behind, and was not used");
                }
                Ok(moment) => return Ok(moment),
                Err(problem) => {
                    tracing::warn!(code = problem.code.as_str(), "the replica could not be used");
                }
            }
            // A file that may have been begun is in the way.
            let _ = tokio::fs::remove_file(path).await;
        }
        self.cut_in(self.moment().await?, scope, part, path).await
    }

    async fn cut_in(
        &self,
        mut tx: Transaction<'static, Any>,
        scope: &Scope,
        part: Part,
        path: &Path,
    ) -> Result<Moment, Problem> {
        let row =
            super::fetch_optional(&mut tx, "select value from meta where name = 'epoch'", &[]);
        let epoch = row.await?.map_or_else(
            || Err(Problem::new(Code::Internal, "central has no epoch; its store is not whole")),
            |row| text(&row, 0),
        )?;
        let seq = feed::last_seq(&mut tx).await?;
        let mut cut = Cut::begin(path).await?;
        let mut extent = Vec::new();
        for entity in Entity::ALL.into_iter().filter(|entity| part.holds(*entity)) {
            let (mut after, mut all) = (String::new(), 0);
            loop {
                let some = self.some_of(&mut tx, entity, part, scope, &after);
                let rows = tokio::time::timeout(PATIENCE, some).await.unwrap_or_else(|_| {
                    let why = format!("no {} came in {} s", entity.as_str(), PATIENCE.as_secs());
                    Err(Problem::new(Code::Database, why))
                })?;
                let Some(last) = rows.last() else { break };
                after.clone_from(&last.key);
                cut.add(entity, &rows).await?;
                all += rows.len() as u64;
            }
            extent.push(Extent { entity, rows: all, end: Some(cut.bytes().await?) });
        }
        cut.finish().await?;
        Ok(Moment { epoch, seq, extent })
    }

    /// How many rows `view` has of each table that it has any of.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn extent(&self, view: &View) -> Result<Vec<Extent>, Problem> {
        let mut args = Vec::new();
        let filter = view.filter(&mut args);
        let sql = format!(
            "select entity, cast(count(*) as bigint) from feed where op = 'put' and {filter} \
             group by entity"
        );
        let mut extent = Vec::new();
        for row in super::fetch(&mut *self.reading().await?, &sql, &args).await? {
            if let Some(entity) = Entity::parse(&text(&row, 0)?) {
                extent.push(Extent { entity, rows: int(&row, 1)?.unsigned_abs(), end: None });
            }
        }
        extent.sort_by_key(|one| one.entity);
        Ok(extent)
    }

    /// The next rows of an entity, by key.
    async fn some_of(
        &self,
        tx: &mut Transaction<'static, Any>,
        entity: Entity,
        part: Part,
        scope: &Scope,
        after: &str,
    ) -> Result<Vec<Row>, Problem> {
        let table = entity.as_str();
        let mut args = vec![Arg::text(table), Arg::text(after), Arg::Int(ROWS)];
        let mut filter = View::of(scope.clone()).filter(&mut args);
        if part == Part::Portfolio && entity == Entity::Attainment {
            args.push(Arg::Int((self.clock.now() - PRESENT).timestamp()));
            filter.push_str(&format!(" and {table}.to_at >= ${}", args.len()));
        }
        let sql = format!(
            "select feed.id, feed.customer, feed.version, {table}.body from feed \
             join {table} on {table}.id = feed.id where feed.entity = $1 and feed.op = 'put' \
             and feed.id > $2 and {filter} order by feed.id limit $3"
        );
        let rows = super::fetch(&mut *tx, &sql, &args).await?;
        rows.iter()
            .map(|row| {
                Ok(Row {
                    key: text(row, 0)?,
                    customer: opt_text(row, 1)?,
                    version: int(row, 2)?,
                    body: text(row, 3)?,
                })
            })
            .collect()
    }
}
