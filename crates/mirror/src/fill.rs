//! A first fetch: while everything comes in as rows, the indexes and what follows from other rows are
//! left out, and at the end they are built over all of it. That takes about half as long as keeping
//! them with each page.

use crate::{read::Reader, refill, replica::Mirror, rollup, snapshot::alone};
use makegood_domain::{Code, Problem};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

impl Mirror {
    /// Makes a mirror, most likely an empty one, ready for very many rows: until [`Mirror::filled`]
    /// screens find next to nothing new in it. Whoever opens it before that finds it filled with what
    /// there is by then.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn fill(&self) -> Result<(), Problem> {
        let mut writer = self.writer().await?;
        let left_out = leave_out(writer.connection()).await;
        left_out.map_err(|error| self.refused(&error))?;
        writer.run("update rollup set built = 0", &[]).await?;
        writer.commit().await
    }

    /// Everything is in: builds what was left out. Where nothing was, nothing is done.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`], [`makegood_domain::Code::DiskFull`]; then all is as it was.
    pub async fn filled(&self) -> Result<(), Problem> {
        if self.reader().await?.is_bare().await? {
            self.checkpoint().await?;
            let mut writer = self.writer().await?;
            build(&mut writer).await?;
            writer.analyze().await?;
            writer.commit().await?;
            self.ready().renew();
        }
        Ok(())
    }

    /// Adds what a mirror lacks that an older version wrote, or that nobody finished filling.
    pub(crate) async fn complete(&self, upgraded: bool) -> Result<(), Problem> {
        let bare = self.reader().await?.is_bare().await?;
        if !bare && !upgraded {
            // While somebody else writes, or there is no room, it shows nothing less.
            return self.look_again().await.or_else(|problem| match problem.code {
                Code::Database | Code::DiskFull => Ok(()),
                _ => Err(problem),
            });
        }
        let empty = self.is_empty().await?;
        let mut writer = self.writer().await?;
        if bare {
            refill::columns_of_all(&mut writer).await?;
            build(&mut writer).await?;
        }
        // Of what is empty nothing is better known than that it will stay so.
        if !empty {
            writer.analyze().await?;
        }
        writer.commit().await?;
        self.ready().renew();
        Ok(())
    }
}

/// Builds the indexes over what is in, and all that follows from it.
pub(crate) async fn build(writer: &mut Reader) -> Result<(), Problem> {
    // What follows is worked out with the indexes of what it follows from; its own come last, so that
    // it is put down in order.
    writer.checkpoint_rarely(false).await?;
    put_back(writer, |table| !rollup::TABLES.contains(&table)).await?;
    rollup::write_anew(writer).await?;
    put_back(writer, |_| true).await?;
    writer.run("update rollup set built = 1", &[]).await
}

impl Reader {
    /// Has its transaction and those after it on the same connection written into the file itself soon,
    /// or, while very many rows come, only when the write-ahead log has 256 MB.
    pub(crate) async fn checkpoint_rarely(&mut self, rarely: bool) -> Result<(), Problem> {
        let often = if rarely { RARELY } else { SOON };
        self.run(often, &[]).await
    }

    /// Whether what follows from other rows is not kept yet.
    pub(crate) async fn is_bare(&mut self) -> Result<bool, Problem> {
        Ok(self.number("select built from rollup", &[]).await? == 0)
    }
}

const RARELY: &str = "pragma wal_autocheckpoint = 65536";
/// SQLite's own.
const SOON: &str = "pragma wal_autocheckpoint = 1000";

const INDEXES: &str =
    "select name, tbl_name, sql from sqlite_schema where type = 'index' and sql is not null";

/// Drops every index that no constraint needs.
pub(crate) async fn leave_out(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for row in sqlx::query(INDEXES).fetch_all(&mut *conn).await? {
        let drop = format!("drop index {}", row.try_get::<String, _>(0)?);
        sqlx::query(AssertSqlSafe(drop)).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Builds those of this release's indexes of some tables that are not there.
async fn put_back(writer: &mut Reader, wanted: impl Fn(&str) -> bool) -> Result<(), Problem> {
    let built = async {
        let conn = writer.connection();
        let here = sqlx::query(INDEXES).fetch_all(&mut *conn).await?;
        let here: Vec<String> = here.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let ours = alone(SqliteConnectOptions::new().in_memory(true)).await?;
        for row in sqlx::query(INDEXES).fetch_all(&ours).await? {
            if !here.contains(&row.try_get(0)?) && wanted(row.try_get(1)?) {
                let create: String = row.try_get(2)?;
                sqlx::query(AssertSqlSafe(create)).execute(&mut *conn).await?;
            }
        }
        Ok(())
    };
    let built: Result<(), sqlx::Error> = built.await;
    built.map_err(|error| writer.refused(&error))
}
