//! Backups of a central on SQLite, and putting one back. On PostgreSQL its own tools copy and
//! restore; what central adds is the new epoch.

use crate::{
    audit::{self, Whole},
    owner,
    store::{self, Store},
};
use makegood_domain::{Clock, Code, Problem, id::Ids, random::Random};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// What SQLite keeps beside a database, by which its file alone is not whole.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Writes a backup to `to` while central serves, and verifies the record in it.
///
/// # Errors
/// [`Code::File`] when `to` or a log beside it exists, or it can't be written;
/// [`Code::VerificationFailed`]; [`Code::Invalid`] on PostgreSQL; [`Code::Database`]. There is no
/// new file at `to` then.
pub async fn backup(store: &Store, to: &Path) -> Result<Whole, Problem> {
    absent(to)?;
    let part = Part::new(to)?;
    store.copy_to(&part.path).await?;
    // As it is: whoever goes back to an older release needs its tables.
    let ids = Ids::new(store.clock().clone(), Random::system());
    let copy = Store::present(&address(&part.path), store.clock().clone(), ids).await?;
    let whole = audit::verify(&copy, 1, &[]).await;
    copy.close().await;
    let whole = whole?;
    part.keep(to)?;
    Ok(whole)
}

/// Puts the backup at `from` where `to` names a database that is not there yet, under a new epoch. Done by root, the file is
/// given to the owner of its folder, as whom central runs.
///
/// # Errors
/// [`Code::File`] when `to` or a log beside it exists, or either can't be read or written;
/// [`Code::Database`] when `from` is not a central's; [`Code::VerificationFailed`]. There is no new
/// file at `to` then.
pub async fn restore(
    (from, to): (&Path, &Path),
    clock: &Clock,
    tokens: Tokens,
) -> Result<Restored, Problem> {
    absent(to)?;
    let log = beside(from, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let why = format!(
            "{} holds changes that are not in {} yet: that is no backup; make one with \
             `makegood-central backup`",
            log.display(),
            from.display()
        );
        return Err(Problem::new(Code::File, why));
    }
    let part = Part::new(to)?;
    let mut source = File::open(from).map_err(|error| failed(from, &error))?;
    let copied = io::copy(&mut source, &mut &part.file);
    copied.map_err(|error| failed(&part.path, &error))?;
    store::backup::is_central(&part.path).await?;
    let copy = open(&part.path, clock).await?;
    let restored = renewed(&copy, tokens).await;
    copy.close().await;
    let restored = restored?;
    owner::give_to_folders(&part.file, &part.path).map_err(|error| failed(to, &error))?;
    part.keep(to)?;
    Ok(restored)
}

/// What becomes of the sessions and personal tokens in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// They end: what was revoked since the backup does not become good again.
    End,
    /// They stay: nothing was revoked since.
    Keep,
}

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The record of the backup as it was.
    pub whole: Whole,
    /// How many sessions and personal tokens ended.
    pub ended: u64,
}

/// Verifies the record of a database that was just restored, and renews its epoch.
///
/// # Errors
/// [`Code::VerificationFailed`]; [`Code::Database`].
pub async fn renewed(store: &Store, tokens: Tokens) -> Result<Restored, Problem> {
    let whole = audit::verify(store, 1, &[]).await?;
    let ended = store.renew_epoch(tokens == Tokens::End).await?;
    Ok(Restored { whole, ended })
}

/// The file of a SQLite address.
///
/// # Errors
/// [`Code::Invalid`] for an address of PostgreSQL, or one with options.
pub fn file_of(address: &str) -> Result<PathBuf, Problem> {
    let path = address.strip_prefix("sqlite:").filter(|path| !path.contains('?'));
    path.map(|path| PathBuf::from(path.trim_start_matches("//"))).ok_or_else(|| {
        let why = "a backup is put back as sqlite:PATH; on PostgreSQL use `pg_restore`, then \
                   `makegood-central restore` without a file";
        Problem::new(Code::Invalid, why).at("database")
    })
}

async fn open(path: &Path, clock: &Clock) -> Result<Store, Problem> {
    let ids = Ids::new(clock.clone(), Random::system());
    Store::connect(&address(path), clock.clone(), ids).await
}

fn address(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn failed(path: &Path, error: &io::Error) -> Problem {
    let code = if error.kind() == io::ErrorKind::StorageFull { Code::DiskFull } else { Code::File };
    Problem::new(code, format!("{}: {error}; see that it can be read and written", path.display()))
}

/// Refuses a place where there is a database, or what SQLite would read as a part of the next one.
fn absent(to: &Path) -> Result<(), Problem> {
    if to.try_exists().map_err(|error| failed(to, &error))? {
        let why = format!("{} exists; move it away, or name another file", to.display());
        return Err(Problem::new(Code::File, why));
    }
    for ending in LOGS {
        let log = beside(to, ending);
        if log.try_exists().map_err(|error| failed(&log, &error))? {
            let why = format!(
                "{} is left of a database that lay here, and may hold its last changes; move it to \
                 where that database is now, or name another file",
                log.display()
            );
            return Err(Problem::new(Code::File, why));
        }
    }
    Ok(())
}

/// A file that is not whole yet. Dropped, it is gone.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    /// An empty file beside `to`, for its owner alone.
    fn new(to: &Path) -> Result<Self, Problem> {
        let path = beside(to, ".part");
        // Of an earlier attempt that was killed.
        remove(&path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| failed(&path, &error))?;
        Ok(Self { path, file })
    }

    /// Gives the file its name, once it is on the disk.
    fn keep(self, to: &Path) -> Result<(), Problem> {
        let kept = self.file.sync_all().and_then(|()| fs::rename(&self.path, to));
        kept.map_err(|error| failed(to, &error))?;
        #[cfg(unix)]
        {
            let folder = owner::folder(to);
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| failed(folder, &error))?;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes a file that is not whole, with what SQLite keeps beside it.
fn remove(path: &Path) {
    for ending in [""].into_iter().chain(LOGS) {
        // It was kept under another name, or is not wanted.
        let _ = fs::remove_file(beside(path, ending));
    }
}
