//! Files that appear whole or not at all.

mod writers;

pub use writers::Writers;

use crate::error::StatementError;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file whole: beside its place first, then under its name in one step. Whatever was there
/// stays until then; after an error, nothing new is left behind. Readable by its owner alone.
///
/// # Errors
/// [`StatementError::DiskFull`] when there is no room, [`StatementError::File`] for all else.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StatementError> {
    Part::write(path, bytes)?.name()?;
    settle(folder(path)).map_err(|error| named(path, &error))
}

/// A file beside its place. Dropped before it has its name, it is gone.
struct Part {
    path: PathBuf,
    part: PathBuf,
    file: File,
}

impl Part {
    /// The bytes are written; the disk may not have them yet.
    fn write(path: &Path, bytes: &[u8]) -> Result<Self, StatementError> {
        let part = beside(path)?;
        let file = new_file(&part).map_err(|error| named(path, &error))?;
        let mut part = Self { path: path.to_owned(), part, file };
        part.file.write_all(bytes).map_err(|error| named(path, &error))?;
        Ok(part)
    }

    /// The bytes are on the disk, and under their name; a power cut may still take the name.
    fn name(self) -> Result<(), StatementError> {
        let named_so = self.file.sync_all().and_then(|()| fs::rename(&self.part, &self.path));
        named_so.map_err(|error| named(&self.path, &error))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.part);
    }
}

/// The names in a folder outlive a power cut from now on.
#[cfg(unix)]
fn settle(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder can't be waited for.
#[cfg(not(unix))]
fn settle(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A name that no other has, in this process or another.
fn beside(path: &Path) -> Result<PathBuf, StatementError> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| StatementError::File {
        path: path.display().to_string(),
        message: "is not the name of a file".into(),
    })?;
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    part.push(format!(".{}-{number}.part", std::process::id()));
    Ok(path.with_file_name(part))
}

fn new_file(part: &Path) -> std::io::Result<File> {
    // Of a process of this number that was cut off.
    let _ = fs::remove_file(part);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(part)
}

fn named(path: &Path, error: &std::io::Error) -> StatementError {
    let path = path.display().to_string();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StatementError::DiskFull { path },
        _ => StatementError::File { path, message: error.to_string() },
    }
}
