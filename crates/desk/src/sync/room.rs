//! Room on the disk, set aside before it is written to: so a disk is not filled with what finds no
//! room there in the end.

use std::{
    fs::{File, OpenOptions},
    io::{
        self,
        ErrorKind::{QuotaExceeded, StorageFull},
    },
    path::Path,
};

/// Makes the file at `path` so many bytes long, with room for them that nobody else takes, if there is
/// room for `more` bytes beside it. Where the file system sets no room aside, nothing is refused.
///
/// # Errors
/// No room, or none that this person may take.
pub(super) fn set_aside(path: &Path, bytes: u64, more: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    match allocate(&file, bytes.saturating_add(more)) {
        Err(error) if matches!(error.kind(), StorageFull | QuotaExceeded) => Err(error),
        _ => file.set_len(bytes),
    }
}

#[cfg(unix)]
fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    // Some file systems give what they have before they refuse: for that moment nobody has room.
    #[cfg(target_os = "linux")]
    if let Ok(disk) = rustix::fs::fstatvfs(file)
        && disk.f_blocks > 0
        && disk.f_bavail.saturating_mul(disk.f_frsize) < bytes
    {
        return Err(StorageFull.into());
    }
    Ok(rustix::io::retry_on_intr(|| fallocate(file, FallocateFlags::empty(), 0, bytes))?)
}

/// Elsewhere a file that is made longer takes its room at once.
#[cfg(not(unix))]
fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    file.set_len(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_room_and_no_more_than_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        File::create(&path).unwrap();
        set_aside(&path, 100_000, 3_000_000).unwrap();
        let file = path.metadata().unwrap();
        assert_eq!(file.len(), 100_000);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            assert!(file.blocks() * 512 < 1_000_000, "{}", file.blocks());
        }
    }

    #[test]
    fn what_no_disk_has_room_for_is_refused_and_takes_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        File::create(&path).unwrap();
        for (bytes, more) in [(15 << 40, 0), (1_000, 15 << 40)] {
            let error = set_aside(&path, bytes, more).unwrap_err();
            assert_eq!(error.kind(), StorageFull);
            assert_eq!(path.metadata().unwrap().len(), 0);
        }
    }
}
