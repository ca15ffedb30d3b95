//! Which release the tables are of. A central that serves brings them up to date; whatever else is done beside it
//! leaves them as they are.

use super::{Dialect, MIGRATIONS, Store, fetch_optional, opt_int};
use makegood_domain::{Clock, Code, Problem, id::Ids};

impl Store {
    /// Opens the database at `url` as it is: nothing is made, and no table changed.
    ///
    /// # Errors
    /// [`Code::NotFound`] where there is no central; [`Code::Database`] when it can't be reached.
    pub async fn present(url: &str, clock: Clock, ids: Ids) -> Result<Self, Problem> {
        let nothing = || {
            // An address of PostgreSQL may hold a password.
            let place =
                if url.starts_with("sqlite:") { url } else { "the PostgreSQL that is named" };
            let why =
                format!("there is no central at {place}; name one with --config or --database");
            Problem::new(Code::NotFound, why)
        };
        let file = url.strip_prefix("sqlite:").filter(|path| !path.contains('?'));
        if let Some(path) = file
            && !std::path::Path::new(path.trim_start_matches("//")).exists()
        {
            return Err(nothing());
        }
        let store = Self::reach(url, "rw", clock, ids).await?;
        let sql = match store.dialect {
            Dialect::Sqlite => "select 1 from sqlite_master where name = '_sqlx_migrations'",
            Dialect::Postgres => {
                "select 1 from pg_class where oid = to_regclass('_sqlx_migrations')"
            }
        };
        let made = fetch_optional(&mut *store.reading().await?, sql, &[]).await?;
        if made.is_none() {
            store.close().await;
            return Err(nothing());
        }
        Ok(store)
    }

    /// Refuses tables of another release.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn must_be_current(&self) -> Result<(), Problem> {
        if self.is_current().await? {
            return Ok(());
        }
        let why = "the tables are of another release; use the `makegood-central` that serves them, or let \
                   this one serve first: that brings older ones up to date";
        Err(Problem::new(Code::Database, why))
    }

    /// Whether the tables are those of this release, neither older nor newer.
    ///
    /// # Errors
    /// [`Code::Database`] when it can't be reached.
    pub async fn is_current(&self) -> Result<bool, Problem> {
        let sql = "select cast(max(version) as bigint) from _sqlx_migrations";
        let row = fetch_optional(&mut *self.reading().await?, sql, &[]).await?;
        let last = row.map_or(Ok(None), |row| opt_int(&row, 0))?;
        Ok(last == MIGRATIONS.iter().map(|migration| migration.version).max())
    }
}
