//! Whose a new database is. Central runs as the owner of the folder that it keeps its data in; root, who puts a backup back or
//! sets central up, makes files there that central could not open.

use std::{fs::File, io, path::Path};

/// The folder that a file lies in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives a file that was made just now to the owner of its folder. Whoever may not, which is everybody but root, keeps it.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub(crate) fn give_to_folders(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (made, owner) = (file.metadata()?, std::fs::metadata(folder(path))?);
    if made.uid() == owner.uid() {
        return Ok(());
    }
    // By the open file, not by its name: whoever owns the folder could have put a link there meanwhile.
    match fchown(file, Some(owner.uid()), Some(owner.gid())) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        done => done,
    }
}

/// Elsewhere a file has the rights of its folder.
#[cfg(not(unix))]
pub(crate) fn give_to_folders(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}
