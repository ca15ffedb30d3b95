//! What is known of how rows are spread over the indexes: without it most of them are never used.
//! A file that central cut brings it along.

use crate::{read::Reader, replica::MIGRATIONS, snapshot::schema};
use makegood_domain::Problem;
use sqlx::{SqlitePool, migrate::MigrateError};

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
        self.run("pragma analysis_limit = 1000", &[]).await?;
        self.run("analyze", &[]).await
    }
}
