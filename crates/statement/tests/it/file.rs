//! Files appear whole or not at all.

use makegood_statement::{StatementError, write_whole};
use std::path::Path;
use std::process::Command;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_in_one_step_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statement.pdf");
    write_whole(&path, b"first").unwrap();
    write_whole(&path, b"second").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"second");
    assert_eq!(names(folder.path()), ["statement.pdf"]);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = write_whole(&folder.path().join("missing/statement.pdf"), b"x").unwrap_err();
    assert!(matches!(&error, StatementError::File { path, .. } if path.contains("missing")));
}

/// A file system of 64 KB. Mounting one takes root's rights: where they are missing, the folder
/// takes any file, and only the names are checked.
#[test]
fn a_full_disk_leaves_no_half_file_and_keeps_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(folder.path())
        .output()
        .is_ok_and(|output| output.status.success());
    let path = folder.path().join("statement.pdf");
    write_whole(&path, b"old").unwrap();
    let result = write_whole(&path, &vec![b'x'; 1 << 20]);
    let (kept, left) = (std::fs::read(&path).unwrap(), names(folder.path()));
    if mounted {
        let unmounted = Command::new("umount").arg(folder.path()).status().unwrap();
        assert!(unmounted.success());
        assert!(matches!(result, Err(StatementError::DiskFull { .. })), "{result:?}");
        assert_eq!(kept, b"old");
    } else {
        eprintln!("no small file system could be mounted: the full disk was not tried");
    }
    assert_eq!(left, ["statement.pdf"]);
}
