//! Runs of many statements, as they are written down.

use super::{BatchFailure, StatementBatch};
use crate::{
    problem::{database, unreadable},
    profile::Profile,
};
use chrono::{DateTime, Utc};
use makegood_domain::Problem;
use makegood_mirror::screens::ReadyCustomer;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use std::path::PathBuf;

/// So many failures are shown.
const SHOWN: i64 = 100;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) period: String,
    pub(super) language: String,
    pub(super) state: BatchState,
    pub(super) made_at: DateTime<Utc>,
    pub(super) ended: bool,
    /// Relative to the profile's folder.
    pub(super) list: Option<PathBuf>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BatchState {
    Running,
    Paused,
    Cancelled,
    Done,
}

impl BatchState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Cancelled, Self::Done]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A statement of a run that has not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) batch: String,
    pub(super) position: i64,
    pub(super) customer: String,
    pub(super) language: String,
}

/// A statement of a run that is over.
pub(super) struct Ended {
    pub(super) customer: String,
    pub(super) statement: Option<String>,
    /// Relative to the profile's folder; absent unless it is sealed.
    pub(super) file: Option<PathBuf>,
    pub(super) sha256: String,
    pub(super) verdict: String,
    pub(super) problem: Option<Problem>,
}

/// What an item's run has come to; of one without a statement, null.
const STATE: &str = "(select state from statement_run as one
    where one.statement = item.statement)";

/// Puts a run down with everybody it is for.
pub(super) async fn begin(
    tx: &mut SqliteConnection,
    profile: &Profile,
    batch: &Batch,
    ready: &[ReadyCustomer],
) -> Result<(), Problem> {
    sqlx::query(
        "insert into statement_batch (id, period, language, state, made_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(&batch.id)
    .bind(&batch.period)
    .bind(&batch.language)
    .bind(batch.state.as_str())
    .bind(batch.made_at.timestamp())
    .execute(&mut *tx)
    .await
    .map_err(|error| database(profile.folder(), &error))?;
    for (position, one) in (0_i64..).zip(ready) {
        sqlx::query(
            "insert into statement_batch_item (batch, position, customer, name, language)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(&batch.id)
        .bind(position)
        .bind(&one.customer)
        .bind(&one.name)
        .bind(one.language.as_ref().unwrap_or(&batch.language))
        .execute(&mut *tx)
        .await
        .map_err(|error| database(profile.folder(), &error))?;
    }
    Ok(())
}

/// One run.
pub(super) async fn find(profile: &Profile, id: &str) -> Result<Option<Batch>, Problem> {
    one(profile, "select * from statement_batch where id = $1", id).await
}

/// A period's latest run.
pub(super) async fn latest(profile: &Profile, period: &str) -> Result<Option<Batch>, Problem> {
    let sql = "select * from statement_batch where period = $1 order by rowid desc limit 1";
    one(profile, sql, period).await
}

/// The run whose statements are next.
pub(super) async fn running(profile: &Profile) -> Result<Option<Batch>, Problem> {
    let sql = "select * from statement_batch where state = $1 and exists (
        select 1 from statement_batch_item where batch = id and statement is null
          and problem is null) order by rowid limit 1";
    one(profile, sql, BatchState::Running.as_str()).await
}

/// The runs that are not ended, and of which nothing is left to do.
pub(super) async fn finished(profile: &Profile) -> Result<Vec<Batch>, Problem> {
    let sql = format!(
        "select * from statement_batch where ended_at is null
         and (state = 'cancelled' or not exists (select 1 from statement_batch_item
           where batch = id and statement is null and problem is null))
         and not exists (select 1 from statement_batch_item as item
           where batch = id and {STATE} not in ('sealed', 'failed'))"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(profile.pool()).await;
    rows.map_err(|error| database(profile.folder(), &error))?.iter().map(read).collect()
}

/// The next of a run.
pub(super) async fn waiting(
    profile: &Profile,
    batch: &str,
    most: usize,
) -> Result<Vec<Item>, Problem> {
    let rows = sqlx::query(
        "select batch, position, customer, language from statement_batch_item
         where batch = $1 and statement is null and problem is null order by position limit $2",
    )
    .bind(batch)
    .bind(i64::try_from(most).unwrap_or(0))
    .fetch_all(profile.pool())
    .await
    .map_err(|error| database(profile.folder(), &error))?;
    let item = |row: &SqliteRow| Item {
        batch: row.get("batch"),
        position: row.get("position"),
        customer: row.get("customer"),
        language: row.get("language"),
    };
    Ok(rows.iter().map(item).collect())
}

/// A statement's number was asked for; in the transaction that puts the command into the outbox.
pub(super) async fn asked(
    tx: &mut SqliteConnection,
    profile: &Profile,
    item: &Item,
    statement: &str,
) -> Result<(), Problem> {
    mark(tx, profile, item, (Some(statement), None)).await
}

/// A statement could not be asked for.
pub(super) async fn refused(
    tx: &mut SqliteConnection,
    profile: &Profile,
    item: &Item,
    problem: &Problem,
) -> Result<(), Problem> {
    mark(tx, profile, item, (None, serde_json::to_string(problem).ok())).await
}

async fn mark(
    tx: &mut SqliteConnection,
    profile: &Profile,
    item: &Item,
    (statement, problem): (Option<&str>, Option<String>),
) -> Result<(), Problem> {
    let sql = "update statement_batch_item set statement = $3, problem = $4
               where batch = $1 and position = $2";
    let query = sqlx::query(sql).bind(&item.batch).bind(item.position);
    let done = query.bind(statement).bind(problem).execute(tx).await;
    done.map(|_| ()).map_err(|error| database(profile.folder(), &error))
}

/// Turns a run into another state; one that has ended meanwhile stays as it is.
pub(super) async fn set_state(
    profile: &Profile,
    batch: &str,
    state: BatchState,
) -> Result<(), Problem> {
    let query =
        sqlx::query("update statement_batch set state = $2 where id = $1 and ended_at is null");
    let done = query.bind(batch).bind(state.as_str()).execute(profile.pool()).await;
    done.map(|_| ()).map_err(|error| database(profile.folder(), &error))
}

/// Nothing is left to do.
pub(super) async fn end(
    profile: &Profile,
    batch: &str,
    state: BatchState,
    at: DateTime<Utc>,
    list: Option<&std::path::Path>,
) -> Result<(), Problem> {
    sqlx::query("update statement_batch set state = $2, ended_at = $3, list = $4 where id = $1")
        .bind(batch)
        .bind(state.as_str())
        .bind(at.timestamp())
        .bind(list.map(|path| path.to_string_lossy().into_owned()))
        .execute(profile.pool())
        .await
        .map(|_| ())
        .map_err(|error| database(profile.folder(), &error))
}

/// Those that failed wait again; how many.
pub(super) async fn again(profile: &Profile, batch: &str) -> Result<u64, Problem> {
    let failed = |error: sqlx::Error| database(profile.folder(), &error);
    let mut tx = profile.pool().begin().await.map_err(failed)?;
    let sql = format!(
        "update statement_batch_item as item set statement = null, problem = null
         where batch = $1 and (problem is not null or {STATE} = 'failed')"
    );
    let done = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(batch).execute(&mut *tx).await;
    let again = done.map_err(failed)?.rows_affected();
    if again > 0 {
        let sql = "update statement_batch set state = 'running', ended_at = null, list = null
                   where id = $1";
        sqlx::query(sql).bind(batch).execute(&mut *tx).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    Ok(again)
}

/// The statements of a run, in its order.
pub(super) async fn ended(profile: &Profile, batch: &str) -> Result<Vec<Ended>, Problem> {
    let rows = sqlx::query(
        "select item.name, item.statement, run.sha256, run.verdict,
                coalesce(item.problem, run.problem) as problem,
                case run.state when 'sealed' then run.file end as file
         from statement_batch_item as item
         left join statement_run as run on run.statement = item.statement
         where batch = $1 order by position",
    )
    .bind(batch)
    .fetch_all(profile.pool())
    .await
    .map_err(|error| database(profile.folder(), &error))?;
    let ended = |row: &SqliteRow| Ended {
        customer: row.get("name"),
        statement: row.get("statement"),
        file: row.get::<Option<String>, _>("file").map(PathBuf::from),
        sha256: row.get::<Option<String>, _>("sha256").unwrap_or_default(),
        verdict: row.get::<Option<String>, _>("verdict").unwrap_or_default(),
        problem: problem(row),
    };
    Ok(rows.iter().map(ended).collect())
}

/// A run as it stands.
pub(super) async fn shown(profile: &Profile, batch: Batch) -> Result<StatementBatch, Problem> {
    let failed = |error: sqlx::Error| database(profile.folder(), &error);
    let sql = format!(
        "select count(*), count(*) filter (where state = 'sealed'),
                count(*) filter (where problem is not null or state = 'failed'),
                count(*) filter (where state not in ('sealed', 'failed')),
                count(*) filter (where statement is null and problem is null)
         from (select item.*, {STATE} as state from statement_batch_item as item
               where batch = $1)"
    );
    let counts = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&batch.id).fetch_one(profile.pool());
    let counts = counts.await.map_err(failed)?;
    let count = |at: usize| usize::try_from(counts.get::<i64, _>(at)).unwrap_or(0);
    let last = sqlx::query_scalar(
        "select name from statement_batch_item as item join statement_run as run
         using (statement) where batch = $1 and run.state = 'sealed' order by position desc limit 1",
    );
    let last = last.bind(&batch.id).fetch_optional(profile.pool()).await.map_err(failed)?;
    let held_up = sqlx::query(
        "select run.problem from statement_batch_item as item join statement_run as run
         using (statement) where batch = $1 and run.state not in ('sealed', 'failed')
         and run.problem is not null order by position limit 1",
    );
    let held_up = held_up.bind(&batch.id).fetch_optional(profile.pool()).await.map_err(failed)?;
    let failures = sqlx::query(
        "select item.customer, item.name, coalesce(item.problem, run.problem) as problem
         from statement_batch_item as item
         left join statement_run as run on run.statement = item.statement
         where batch = $1 and (item.problem is not null or run.state = 'failed')
         order by position limit $2",
    );
    let failures = failures.bind(&batch.id).bind(SHOWN).fetch_all(profile.pool());
    let failure = |row: &SqliteRow| BatchFailure {
        customer_id: row.get("customer"),
        customer: row.get("name"),
        reason: problem(row).map_or_else(|| "its number was given back".into(), |it| it.message),
    };
    Ok(StatementBatch {
        total: count(0),
        sealed: count(1),
        failed: count(2),
        on_the_way: count(3),
        waiting: count(4),
        last,
        held_up: held_up.as_ref().and_then(problem),
        failures: failures.await.map_err(failed)?.iter().map(failure).collect(),
        list: batch.list.map(|list| profile.folder().join(list).to_string_lossy().into_owned()),
        id: batch.id,
        period: batch.period,
        state: batch.state.as_str().to_owned(),
        ended: batch.ended,
    })
}

async fn one(profile: &Profile, sql: &'static str, with: &str) -> Result<Option<Batch>, Problem> {
    let row = sqlx::query(sql).bind(with).fetch_optional(profile.pool()).await;
    row.map_err(|error| database(profile.folder(), &error))?.as_ref().map(read).transpose()
}

fn problem(row: &SqliteRow) -> Option<Problem> {
    serde_json::from_str(&row.get::<Option<String>, _>("problem")?).ok()
}

fn read(row: &SqliteRow) -> Result<Batch, Problem> {
    let state: &str = row.get("state");
    Ok(Batch {
        id: row.get("id"),
        period: row.get("period"),
        language: row.get("language"),
        state: BatchState::parse(state).ok_or_else(|| unreadable("a run's state", &state))?,
        made_at: DateTime::from_timestamp(row.get("made_at"), 0).unwrap_or_default(),
        ended: row.get::<Option<i64>, _>("ended_at").is_some(),
        list: row.get::<Option<String>, _>("list").map(PathBuf::from),
    })
}
