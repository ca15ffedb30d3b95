//! Files appear whole or not at all.

use makegood_statement::{StatementError, Writers, write_whole};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;

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

#[test]
fn of_many_files_each_is_told_once_and_when_it_lies_there_whole() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (writers, (tell, told)) = (Writers::start().unwrap(), channel());
    std::thread::scope(|scope| {
        for (at, folder) in folders.iter().enumerate() {
            let (writers, tell) = (&writers, tell.clone());
            scope.spawn(move || {
                for number in 0..60 {
                    let path = folder.path().join(format!("{number}.pdf"));
                    let (bytes, place, tell) = (vec![number; 9_000], path.clone(), tell.clone());
                    let done = move |written: Result<(), StatementError>| {
                        written.unwrap();
                        tell.send((at, number, std::fs::read(place).unwrap())).unwrap();
                    };
                    writers.write(path, bytes, done).unwrap();
                }
            });
        }
    });
    // What they were given is finished before they end.
    drop(writers);
    let mut told: Vec<_> = told.try_iter().collect();
    told.sort();
    let whole = |(at, number)| (at, number, vec![number; 9_000]);
    let all = (0..2).flat_map(|at| (0..60).map(move |number| (at, number)));
    assert_eq!(told, all.map(whole).collect::<Vec<_>>());
    assert!(folders.iter().all(|folder| names(folder.path()).len() == 60), "nothing else is left");
}

#[test]
fn a_file_that_can_not_be_written_tells_why_and_holds_no_other_up() {
    let folder = tempfile::tempdir().unwrap();
    let (writers, (tell, told)) = (Writers::start().unwrap(), channel());
    for (number, name) in ["a.pdf", "missing/b.pdf", "c.pdf", "..", "d.pdf"].iter().enumerate() {
        let tell = tell.clone();
        let done = move |written| tell.send((number, written)).unwrap();
        writers.write(folder.path().join(name), b"x".to_vec(), done).unwrap();
    }
    drop((writers, tell));
    let mut told: Vec<_> = told.into_iter().collect();
    told.sort_by_key(|(number, _)| *number);
    for (number, written) in told {
        match number {
            1 => assert!(written.unwrap_err().to_string().contains("missing/b.pdf")),
            3 => assert!(matches!(written, Err(StatementError::File { .. }))),
            _ => written.unwrap(),
        }
    }
    assert_eq!(names(folder.path()), ["a.pdf", "c.pdf", "d.pdf"]);
}
