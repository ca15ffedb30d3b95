//! What is known of how rows are spread over the indexes: without it most of them are never used.
//! A file that central cut brings it along.

use crate::{Mirror, read::Reader, replica::MIGRATIONS, snapshot::schema};
use makegood_domain::Problem;
use sqlx::{SqlitePool, migrate::MigrateError};

/// How much of an index is looked at.
const LIMIT: &str = "pragma analysis_limit = 1000";

/// Brings the tables up to this release's; whether they were those of an older one.
pub(crate) async fn migrate(pool: &SqlitePool) -> Result<bool, MigrateError> {
    let sql = "select max(version) from _sqlx_migrations";
    // A new file has no such table.
    let had: Option<i64> = sqlx::query_scalar(sql).fetch_one(pool).await.ok();
    MIGRATIONS.run(pool).await?;
    Ok(had.is_some_and(|had| had < schema()))
}

impl Reader {
    /// Looks at the beginning of each index: in a large file that takes some tens of milliseconds.
    /// Other connections hear of it only where a table or an index changes in the same transaction, or
    /// when they are opened.
    pub(crate) async fn analyze(&mut self) -> Result<(), Problem> {
        self.run(LIMIT, &[]).await?;
        self.run("analyze", &[]).await
    }
}

impl Mirror {
    /// Looks again at tables that have ten times as many rows as when they were looked at, or a tenth, and at
    /// those that were empty then: a house that begins small would be asked for ever as a small one.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`]; then what was known is known.
    pub async fn look_again(&self) -> Result<(), Problem> {
        if self.is_known().await? {
            return Ok(());
        }
        let mut writer = self.writer().await?;
        writer.run(LIMIT, &[]).await?;
        writer.run("pragma optimize = 0x10002", &[]).await?;
        writer.commit().await?;
        self.ready().renew();
        Ok(())
    }

    /// Whether there is nothing to look at again; says so without writing.
    async fn is_known(&self) -> Result<bool, Problem> {
        let mut reader = self.reader().await?;
        let due = sqlx::query("pragma optimize = 0x10003").fetch_all(reader.connection()).await;
        due.map(|due| due.is_empty()).map_err(|error| self.refused(&error))
    }
}
