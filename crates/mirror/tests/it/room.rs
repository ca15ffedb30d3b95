//! What SQLite could not write is told of a full disk only where the disk is full.

use makegood_mirror::room;
use std::{fs, path::Path, process::Command};

/// Written, synced, read; a damaged page; full, twice; nothing.
const SAID: [Option<&str>; 7] =
    [Some("778"), Some("1034"), Some("266"), Some("11"), Some("13"), Some("4874"), None];

fn told(folder: &Path) -> [bool; 7] {
    let told = SAID.map(|said| room::is_wanting(&folder.join("mirror.db"), said));
    assert_eq!(fs::read_dir(folder).expect("reads").count(), 0, "what was tried is gone");
    told
}

#[test]
fn a_write_that_failed_is_for_want_of_room_only_where_the_system_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    assert_eq!(told(folder), [false, false, false, false, true, true, false]);
    let mut mount = Command::new("mount");
    let mount = mount.args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"]).arg(folder);
    if !mount.output().is_ok_and(|done| done.status.success()) {
        println!("nothing may be mounted here: a small disk was not tried");
        return;
    }
    let small = std::panic::catch_unwind(|| told(folder));
    let gone = Command::new("umount").arg("-l").arg(folder).status().expect("runs");
    assert!(gone.success());
    assert_eq!(small.expect("tells"), [true, true, false, false, true, true, false]);
}
