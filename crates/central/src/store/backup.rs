//! A copy of the database, and the new epoch after one was put back.

use super::{Arg, Dialect, Store, Tx, execute, fetch_optional, from_json, refused, text};
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem, audit::AuditEvent, id::CommandId};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};
use std::path::Path;

/// Whether the SQLite file at `path` is a central's: one that has an epoch.
///
/// # Errors
/// [`Code::Database`] when it is no database, or not a central's.
pub async fn is_central(path: &Path) -> Result<(), Problem> {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite:{}?mode=rw", path.display());
    let mut conn = AnyConnection::connect(&url).await.map_err(refused)?;
    let found = fetch_optional(&mut conn, "select value from meta where name = 'epoch'", &[]).await;
    // A connection that is open for reading leaves nothing to lose.
    let _ = conn.close().await;
    match found {
        Ok(Some(_)) => Ok(()),
        _ => Err(Problem::new(
            Code::Database,
            format!(
                "{} is not a central's database; give a file that `backup` wrote",
                path.display()
            ),
        )),
    }
}

impl Store {
    /// Writes what is committed now to a new SQLite file, while others go on writing here.
    ///
    /// # Errors
    /// [`Code::Invalid`] on PostgreSQL, which has its own tools; [`Code::Database`].
    pub async fn copy_to(&self, path: &Path) -> Result<(), Problem> {
        if self.dialect() == Dialect::Postgres {
            let why = "PostgreSQL is backed up with its own tools: `pg_dump --format=custom`, or \
                       pg_basebackup; after `pg_restore`, run `makegood-central restore`";
            return Err(Problem::new(Code::Invalid, why));
        }
        let mut conn = self.reading().await?;
        execute(&mut conn, "vacuum into $1", &[Arg::text(path.display())]).await?;
        let check = fetch_optional(&mut conn, "pragma quick_check", &[]).await?;
        match check.map(|row| text(&row, 0)).transpose()?.as_deref() {
            Some("ok") => Ok(()),
            _ => Err(Problem::new(
                Code::Database,
                "the database is damaged: what was copied is, too; restore an earlier backup",
            )),
        }
    }

    /// Names a new epoch, on record: what desks have seen may no longer be so, and each loads
    /// everything again. With `end_tokens` all tokens end, too: which of them were revoked since, a
    /// backup can't know. How many ended.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn renew_epoch(&self, end_tokens: bool) -> Result<u64, Problem> {
        let before = self.meta("epoch").await?;
        let fresh: CommandId = self.ids().make();
        let after = fresh.to_string().replace('-', "");
        let mut tx = self.begin(None).await?;
        let sql = "update meta set value = $1 where name = 'epoch'";
        tx.execute(sql, &[Arg::text(&after)]).await?;
        never_again(&mut tx).await?;
        pass_over_numbers(&mut tx).await?;
        let mut ended = 0;
        if end_tokens {
            let sql =
                "update token set expires_at = $1 where expires_at > $1 and revoked_at is null";
            ended = tx.execute(sql, &[Arg::Int(tx.now().timestamp())]).await?;
        }
        let detail = json!({ "before": before, "after": after, "tokens_ended": ended });
        tx.audit("central.restored", ("epoch", &after), None, detail);
        tx.commit().await?;
        Ok(ended)
    }
}

/// Counters whose values are on no paper: places in the feed and among evidence.
const PLACES: [&str; 2] = ["feed", "evidence"];
/// How many numbers of one kind may have been given in a minute since a backup was made …
const GIVEN_A_MINUTE: i64 = 1000;
/// … and of how many minutes they are passed over at least.
const MINUTES: i64 = 10;
/// The counter of how many numbers were passed over because they may be on lost papers.
const LOST: &str = "lost_numbers";

/// What is added to the start of a counter that nothing was drawn from yet: numbers of papers, such as sealed
/// statements, that a restore may have lost are not given again.
pub(super) fn start_after(counter: &str) -> String {
    match PLACES.contains(&counter) {
        true => "0".to_owned(),
        false => format!("coalesce((select value from counter where name = '{LOST}'), 0)"),
    }
}

/// Passes over the numbers that may have been given since the backup was made: a sealed statement may bear one.
/// By the minutes since then, so that one backup that is put back twice passes over other ones.
async fn pass_over_numbers(tx: &mut Tx) -> Result<(), Problem> {
    let sql = "select body from audit_event order by position desc limit 1";
    let last = tx.fetch(sql, &[]).await?;
    let last = last.first().map(|row| from_json::<AuditEvent>(&text(row, 0)?)).transpose()?;
    let minutes = last.map_or(0, |event| (tx.now() - event.at).num_minutes().max(0));
    let step = GIVEN_A_MINUTE.saturating_mul(minutes + MINUTES);
    let sql = "update counter set value = value + $1 where name not in \
               ('feed', 'evidence', 'horizon', 'collected', 'restored', 'lost_numbers')";
    tx.execute(sql, &[Arg::Int(step)]).await?;
    let sql = "insert into counter (name, value) values ($1, $2) on conflict (name) \
               do update set value = counter.value + excluded.value";
    tx.execute(sql, &[Arg::text(LOST), Arg::Int(step)]).await.map(|_| ())
}

/// When a backup was put back last, if one ever was: what was issued before may have gone on since.
///
/// # Errors
/// [`Code::Database`].
pub async fn restored_at(conn: &mut AnyConnection) -> Result<Option<DateTime<Utc>>, Problem> {
    let above = super::feed::counter(conn, "restored").await?;
    (above > 0).then(|| super::instant(above >> 10)).transpose()
}

/// What is written from now on gets versions that nothing had which was lost: somebody may have seen that, and
/// what they decide by it must not meet another content under the same number (law 7). How high those were a
/// backup can't know; they rose by less than a thousand for each second since 1970.
async fn never_again(tx: &mut Tx) -> Result<(), Problem> {
    let above = tx.now().timestamp() << 10;
    let sql = "insert into counter (name, value) values ('restored', $1) on conflict (name) \
               do update set value = excluded.value where counter.value < excluded.value";
    tx.execute(sql, &[Arg::Int(above)]).await.map(|_| ())
}
