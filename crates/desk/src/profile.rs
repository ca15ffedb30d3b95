//! A person's profile: a folder that only they can read, with `user.db` (what can't be fetched
//! again), the mirrors (what can), the statements they wrote, and the syncer's lock.

use crate::problem::{database, file};
use makegood_domain::{Code, Problem, wire::Part};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

/// An open profile. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Profile {
    folder: PathBuf,
    pool: SqlitePool,
}

/// Held by the one process that syncs a profile; let go when dropped, also by a crash.
#[derive(Debug)]
pub struct SyncLock {
    _file: File,
}

impl Profile {
    /// Opens the profile in `folder`, or makes it.
    ///
    /// # Errors
    /// [`Code::File`] when the folder can't be made; [`Code::Database`] when `user.db` is not one
    /// of ours, or was written by a newer version.
    pub async fn open(folder: &Path) -> Result<Self, Problem> {
        private_folder(folder)?;
        let path = folder.join("user.db");
        private_file(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(10))
            .pragma("trusted_schema", "OFF");
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(|error| database(&path, &error))?;
        sqlx::migrate!("../../migrations/user").run(&pool).await.map_err(|error| {
            Problem::new(
                Code::Database,
                format!("{}: {error}; was it written by a newer version?", path.display()),
            )
        })?;
        Ok(Self { folder: folder.to_owned(), pool })
    }

    /// Where it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Closes `user.db`.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// `user.db`.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Takes the syncer's lock; `None` while another process holds it.
    ///
    /// # Errors
    /// [`Code::File`] when the lock file can't be opened.
    pub fn lock(&self) -> Result<Option<SyncLock>, Problem> {
        let path = self.folder.join("sync.lock");
        private_file(&path)?;
        let held = OpenOptions::new().write(true).open(&path).map_err(|e| file(&path, &e))?;
        match held.try_lock() {
            Ok(()) => Ok(Some(SyncLock { _file: held })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(file(&path, &error)),
        }
    }

    /// Reads a setting.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn setting(&self, key: &str) -> Result<Option<String>, Problem> {
        sqlx::query_scalar("select value from setting where key = $1")
            .bind(key)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| database(&self.folder, &error))
    }

    /// Writes a setting.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn set(&self, key: &str, value: &str) -> Result<(), Problem> {
        sqlx::query(
            "insert into setting (key, value) values ($1, $2)
             on conflict (key) do update set value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(|error| database(&self.folder, &error))
    }

    /// Counts a setting up, from 1, and answers what it is then.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn count_up(&self, key: &str) -> Result<i64, Problem> {
        sqlx::query_scalar(
            "insert into setting (key, value) values ($1, '1')
             on conflict (key) do update set value = cast(cast(value as integer) + 1 as text)
             returning cast(value as integer)",
        )
        .bind(key)
        .fetch_one(&self.pool)
        .await
        .map_err(|error| database(&self.folder, &error))
    }

    /// The current mirror's file, if there is one.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn mirror_file(&self) -> Result<Option<PathBuf>, Problem> {
        Ok(self.setting("mirror").await?.map(|name| self.folder.join(name)))
    }

    /// A path for a new mirror: always a new name, because a dropped connection's write-ahead log
    /// would be replayed over a file that took the old one's place.
    ///
    /// # Errors
    /// [`Code::Database`], [`Code::File`].
    pub async fn new_mirror_file(&self) -> Result<PathBuf, Problem> {
        // What an earlier attempt left is of no use.
        let current = self.setting("mirror").await?;
        self.delete_mirrors_but(current.as_deref());
        let last = self.setting("mirror_last").await?.and_then(|n| n.parse().ok()).unwrap_or(0_u64);
        let number = last + 1;
        self.set("mirror_last", &number.to_string()).await?;
        let path = self.folder.join(format!("mirror-{number:04}.db"));
        remove_database(&path);
        private_file(&path)?;
        Ok(path)
    }

    /// Makes the file at `path` the current mirror and deletes the others.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn switch_mirror(&self, path: &Path) -> Result<(), Problem> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name else {
            return Err(Problem::new(Code::Internal, "a mirror without a file name"));
        };
        self.set("mirror", &name).await?;
        self.delete_mirrors_but(Some(&name));
        Ok(())
    }

    /// Deletes every mirror, because its person may no longer see what it holds.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn delete_mirrors(&self) -> Result<(), Problem> {
        sqlx::query("delete from setting where key = 'mirror'")
            .execute(&self.pool)
            .await
            .map_err(|error| database(&self.folder, &error))?;
        sqlx::query("delete from case_file")
            .execute(&self.pool)
            .await
            .map_err(|error| database(&self.folder, &error))?;
        self.delete_mirrors_but(None);
        for part in [Part::Portfolio, Part::Whole] {
            let _ = std::fs::remove_file(self.packed(part));
        }
        Ok(())
    }

    /// Where a mirror is kept packed until all of it is here, and in a mirror.
    pub(crate) fn packed(&self, part: Part) -> PathBuf {
        self.folder.join(format!("snapshot_{}.zst", part.as_str()))
    }

    /// Best effort: what is left over now is deleted at the next switch.
    fn delete_mirrors_but(&self, kept: Option<&str>) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("mirror-") && name.ends_with(".db") && Some(name.as_str()) != kept {
                remove_database(&entry.path());
            }
        }
    }
}

/// Deletes a database, and what SQLite keeps beside it.
pub(crate) fn remove_database(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(name);
    }
}

/// Makes a folder that only its owner can enter.
///
/// # Errors
/// [`Code::File`], naming the path.
pub fn private_folder(path: &Path) -> Result<(), Problem> {
    std::fs::create_dir_all(path).map_err(|error| file(path, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .map_err(|error| file(path, &error))?;
    }
    Ok(())
}

/// Makes sure that a file exists and that only its owner can read it. One that exists is not opened:
/// closing it again would take SQLite's locks away that this process holds on it.
///
/// # Errors
/// [`Code::File`], naming the path.
pub fn private_file(path: &Path) -> Result<(), Problem> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(0o600);
        match options.open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let mode = std::fs::Permissions::from_mode(0o600);
                std::fs::set_permissions(path, mode).map_err(|error| file(path, &error))
            }
            other => other.map(|_| ()).map_err(|error| file(path, &error)),
        }
    }
    #[cfg(not(unix))]
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(|_| ()).map_err(|error| file(path, &error)),
    }
}
