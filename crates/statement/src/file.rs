//! Files that appear whole or not at all.

mod writers;

pub use writers::Writers;

use crate::error::StatementError;
#[cfg(unix)]
use std::fs::File;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file whole: beside its place first, then under its name in one step. Whatever was there
/// stays until then; after an error, nothing new is left behind. Readable by its owner alone.
///
/// # Errors
/// [`StatementError::DiskFull`] when there is no room, [`StatementError::File`] for all else.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StatementError> {
    put(path, bytes)?;
    settle(folder(path)).map_err(|error| named(path, &error))
}

/// The bytes are on the disk, and under their name; a power cut may still take the name.
fn put(path: &Path, bytes: &[u8]) -> Result<(), StatementError> {
    let part = beside(path)?;
    let written = write_part(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        named(path, &error)
    })
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

fn beside(path: &Path) -> Result<PathBuf, StatementError> {
    let name = path.file_name().ok_or_else(|| StatementError::File {
        path: path.display().to_string(),
        message: "is not the name of a file".into(),
    })?;
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(part))
}

fn write_part(part: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let _ = fs::remove_file(part);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn named(path: &Path, error: &std::io::Error) -> StatementError {
    let path = path.display().to_string();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StatementError::DiskFull { path },
        _ => StatementError::File { path, message: error.to_string() },
    }
}
