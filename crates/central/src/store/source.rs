//! Sources: their definitions, and how each is doing.

use super::{Arg, Tx, fetch, from_json, int, opt_int, opt_text, text, to_json};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::SeriesId,
    source::{LATE_AFTER, SetAside, Source, SourceKind},
};
use serde_json::json;
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::BTreeMap;

const COLUMNS: &str = "name, kind, settings, late_after, cursor_at, seen_until, succeeded_at, \
                       failed_at, failures, problem, ignored, set_aside";

fn read(row: &AnyRow) -> Result<Source, Problem> {
    let instant = |column| opt_int(row, column)?.map(super::instant).transpose();
    Ok(Source {
        name: text(row, 0)?,
        kind: SourceKind::parse(&text(row, 1)?).ok_or_else(|| super::missing("kind of source"))?,
        settings: from_json(&text(row, 2)?)?,
        late_after_seconds: int(row, 3)?,
        cursor: instant(4)?,
        seen_until: instant(5)?,
        succeeded_at: instant(6)?,
        failed_at: instant(7)?,
        failures: int(row, 8)?,
        problem: opt_text(row, 9)?.map(|text| from_json(&text)).transpose()?,
        ignored: int(row, 10)?,
        set_aside: opt_text(row, 11)?.map_or_else(|| Ok(Vec::new()), |text| from_json(&text))?,
    })
}

/// Every source, by name.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn all(conn: &mut AnyConnection) -> Result<Vec<Source>, Problem> {
    let rows = fetch(conn, &format!("select {COLUMNS} from source order by name"), &[]).await?;
    let mut sources = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    // Databases disagree about the order of text.
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sources)
}

/// The source of this name.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn by_name(conn: &mut AnyConnection, name: &str) -> Result<Option<Source>, Problem> {
    let sql = format!("select {COLUMNS} from source where name = $1");
    fetch(conn, &sql, &[Arg::text(name)]).await?.first().map(read).transpose()
}

/// Until when a source watches that tells outages without saying how far it has seen.
pub const WATCHES: i64 = i64::MAX;

/// Until when somebody has watched each series, in seconds, as far as its source tells outages of it; those are left out
/// of whose source nothing has ever come.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn watched_until(
    conn: &mut AnyConnection,
    series: &[SeriesId],
) -> Result<BTreeMap<SeriesId, i64>, Problem> {
    let mut watched = BTreeMap::new();
    for some in series.chunks(500) {
        let sql = format!(
            "select series.id, watched_until from series join source on source.name = series.source \
             where watched_until is not null and series.id in {}",
            super::placeholders(1, some.len(), 1)
        );
        let args: Vec<Arg> = some.iter().map(Arg::text).collect();
        for row in fetch(conn, &sql, &args).await? {
            watched.insert(super::id(&text(&row, 0)?)?, int(&row, 1)?);
        }
    }
    Ok(watched)
}

/// What a delivery says of the time that its source watches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Watch {
    /// Nothing: it tells of no outages.
    #[default]
    None,
    /// It watches, without saying how far it has seen.
    On,
    /// It has seen so far.
    Until(DateTime<Utc>),
}

impl Watch {
    /// Until when it has watched after this, in seconds.
    fn after(self, before: Option<i64>) -> Option<i64> {
        match self {
            Self::None => before,
            Self::On => before.or(Some(WATCHES)),
            Self::Until(at) => {
                let told = before.filter(|before| *before != WATCHES);
                Some(told.map_or(at.timestamp(), |told| told.max(at.timestamp())))
            }
        }
    }
}

/// How far a source has got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// What it watches.
    pub watch: Watch,
    /// Until when it has said what it saw; what lies in the future counts as the present.
    pub seen_until: Option<DateTime<Utc>>,
    /// From where it is asked on.
    pub cursor: Option<DateTime<Utc>>,
    /// How many names belong to no SLA line.
    pub ignored: i64,
    /// What was set aside.
    pub set_aside: Vec<SetAside>,
}

impl Tx {
    /// Defines a source, or changes how it is defined. Where it has got to stays.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn put_source(
        &mut self,
        name: &str,
        kind: SourceKind,
        settings: &serde_json::Value,
        late_after_seconds: i64,
    ) -> Result<(), Problem> {
        let sql = "insert into source (name, kind, settings, late_after, failures, ignored) \
                   values ($1, $2, $3, $4, 0, 0) on conflict (name) do update set \
                   settings = excluded.settings, late_after = excluded.late_after";
        let args = [
            Arg::text(name),
            Arg::text(kind.as_str()),
            Arg::Text(to_json(settings)?),
            Arg::Int(late_after_seconds),
        ];
        self.execute(sql, &args).await?;
        let detail = json!({
            "kind": kind,
            "settings": settings,
            "late_after_seconds": late_after_seconds,
        });
        self.audit("source.put", ("source", name), None, detail);
        Ok(())
    }

    /// Keeps that a source has delivered. One that nobody defined is one that pushes. `seen_until`
    /// and the cursor never go back. Gives the time of which it says otherwise now whether anybody watched.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn source_delivered(
        &mut self,
        name: &str,
        reached: Reached,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, Problem> {
        let known = by_name(self.conn(), name).await?;
        let sql = "select watched_until from source where name = $1";
        let watched = fetch(self.conn(), sql, &[Arg::text(name)]).await?;
        let watched = watched.first().map(|row| opt_int(row, 0)).transpose()?.flatten();
        let watches = reached.watch.after(watched);
        let now = self.now();
        let later = |old: Option<DateTime<Utc>>, new: Option<DateTime<Utc>>| {
            old.max(new).map(|at| at.timestamp())
        };
        let seen = reached.seen_until.map(|until| until.min(now));
        let (old_seen, old_cursor) =
            known.as_ref().map_or((None, None), |known| (known.seen_until, known.cursor));
        let sql = "insert into source (name, kind, settings, late_after, cursor_at, seen_until, \
                   succeeded_at, failures, ignored, set_aside, watched_until) \
                   values ($1, $2, '{}', $3, $4, $5, $6, 0, $7, $8, $9) \
                   on conflict (name) do update set cursor_at = excluded.cursor_at, \
                   seen_until = excluded.seen_until, succeeded_at = excluded.succeeded_at, \
                   failures = 0, ignored = excluded.ignored, set_aside = excluded.set_aside, \
                   watched_until = excluded.watched_until";
        let aside = Some(&reached.set_aside).filter(|all| !all.is_empty());
        let args = [
            Arg::text(name),
            Arg::text(SourceKind::Push.as_str()),
            Arg::Int(LATE_AFTER),
            Arg::opt_int(later(old_cursor, reached.cursor)),
            Arg::opt_int(later(old_seen, seen)),
            Arg::Int(now.timestamp()),
            Arg::Int(reached.ignored),
            Arg::opt_text(aside.map(to_json).transpose()?),
            Arg::opt_int(watches),
        ];
        self.execute(sql, &args).await?;
        if let Some(known) = known.filter(|known| known.failures > 0) {
            let detail = json!({ "failures": known.failures });
            self.audit("source.recovered", ("source", name), None, detail);
        }
        let seconds = |watched: Option<i64>| watched.unwrap_or(0).min(now.timestamp());
        let (was, is) = (seconds(watched), seconds(watches));
        if was == is {
            return Ok(None);
        }
        Ok(Some((super::instant(was.min(is))?, super::instant(was.max(is))?)))
    }

    /// Keeps what went wrong with a source. It goes on record when it begins, and not each time.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn source_failed(&mut self, name: &str, problem: &Problem) -> Result<(), Problem> {
        let failing = by_name(self.conn(), name).await?.is_some_and(|known| known.failures > 0);
        let sql = "insert into source (name, kind, settings, late_after, failed_at, failures, \
                   problem, ignored) values ($1, $2, '{}', $3, $4, 1, $5, 0) \
                   on conflict (name) do update set failed_at = excluded.failed_at, \
                   failures = source.failures + 1, problem = excluded.problem";
        let args = [
            Arg::text(name),
            Arg::text(SourceKind::Push.as_str()),
            Arg::Int(LATE_AFTER),
            Arg::Int(self.now().timestamp()),
            Arg::Text(to_json(problem)?),
        ];
        self.execute(sql, &args).await?;
        if !failing {
            let detail = json!({ "code": problem.code });
            self.audit("source.failing", ("source", name), None, detail);
        }
        Ok(())
    }
}
