//! Files that appear whole or not at all.

use crate::error::StatementError;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file whole: beside its place first, then under its name in one step. Whatever was there
/// stays until then; after an error, nothing new is left behind. Readable by its owner alone.
///
/// # Errors
/// [`StatementError::DiskFull`] when there is no room, [`StatementError::File`] for all else.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StatementError> {
    let part = beside(path)?;
    let written = write_part(&part, bytes).and_then(|()| fs::rename(&part, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&part);
        return Err(named(path, &error));
    }
    // The name, too, has to outlive a power cut.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| named(path, &e))?;
    }
    Ok(())
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
