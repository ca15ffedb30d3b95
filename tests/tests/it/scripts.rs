//! The scripts, on machines that are not this one.

use crate::tree;
use std::{fs, process::Command};

/// Whether a machine with this Node can build, and what it is told.
fn with_node(version: &str) -> (bool, String) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let node = folder.path().join("node");
    fs::write(&node, format!("#!/bin/sh\necho {version}\n")).expect("it is written");
    fs::set_permissions(&node, fs::Permissions::from_mode(0o755)).expect("it can be run");
    // The folder goes before whatever the script puts first.
    let script = ". scripts/common.sh; PATH=$0:$PATH; recent_node";
    let done = Command::new("bash")
        .args(["-c", script])
        .arg(folder.path())
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .current_dir(tree::root())
        .output()
        .expect("there is a shell");
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn a_node_that_is_too_old_is_told_before_anything_breaks() {
    for version in ["v20.19.0", "v20.19.10", "v22.12.0", "v24.0.1"] {
        let (fits, said) = with_node(version);
        assert!(fits && said.is_empty(), "{version}: {said}");
    }
    // Debian 12's own among them.
    for version in ["v18.19.0", "v20.9.0", "v20.18.3", "v8.10.0"] {
        let (fits, said) = with_node(version);
        assert!(!fits, "{version}");
        assert_eq!(said, "Please install Node 20.19 or newer first: https://nodejs.org\n");
    }
}
