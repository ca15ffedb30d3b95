//! Whether it was for want of room that SQLite could not write a file.

use std::{
    fs::{self, File},
    io::{
        ErrorKind::{QuotaExceeded, StorageFull},
        Write as _,
    },
    path::Path,
};

/// What is tried.
const TRIED: usize = 64 << 10;

/// Whether what SQLite said of the database at `path`, by its extended code, is that there is no room.
#[must_use]
pub fn is_wanting(path: &Path, said: Option<&str>) -> bool {
    match said {
        // FULL, and no room for what it shares between processes (IOERR_SHMSIZE).
        Some("13" | "4874") => true,
        // IOERR_WRITE and IOERR_FSYNC: a quota, or a disk that fails. The system knows which.
        Some("778" | "1034") => is_full(path),
        _ => false,
    }
}

/// Whether nothing more can be written beside a file, because the disk is full, or what this person may
/// have of it.
fn is_full(path: &Path) -> bool {
    let mut tried = path.as_os_str().to_owned();
    tried.push("-room");
    let written = File::create(&tried).and_then(|mut file| {
        file.write_all(&[0; TRIED])?;
        file.sync_all()
    });
    let _ = fs::remove_file(&tried);
    written.is_err_and(|error| matches!(error.kind(), QuotaExceeded | StorageFull))
}
