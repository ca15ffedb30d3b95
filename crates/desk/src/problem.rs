//! How the desk words what went wrong on this machine.

use makegood_domain::{Code, Problem};
use std::{fmt::Display, io, path::Path};

/// A file that can't be read or written.
pub(crate) fn file(path: &Path, error: &io::Error) -> Problem {
    let code = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
        _ => Code::File,
    };
    Problem::new(code, format!("{}: {error}", path.display()))
}

/// A database of ours that refused.
pub(crate) fn database(path: &Path, error: &sqlx::Error) -> Problem {
    let said = error.as_database_error().and_then(|error| error.code());
    let full = makegood_mirror::room::is_wanting(path, said.as_deref());
    let code = if full { Code::DiskFull } else { Code::Database };
    Problem::new(code, format!("{}: {error}", path.display()))
}

/// Something stored here that no version of ours wrote.
pub(crate) fn unreadable(what: &str, error: &dyn Display) -> Problem {
    Problem::new(Code::Database, format!("{what} can't be read: {error}"))
}
