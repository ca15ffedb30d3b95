//! `makegood sync`: what a terminal is told, and what is left where there was no room.

use crate::{house::House, text};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The words of `makegood sync` for somebody's profile at `profile`.
fn words(house: &House, profile: &Path, token: &Path) -> Vec<String> {
    ["sync", "--central", &house.wire.url(), "--profile"]
        .map(str::to_owned)
        .into_iter()
        .chain([profile.display().to_string(), "--token-file".to_owned()])
        .chain([token.display().to_string()])
        .collect()
}

fn token(house: &House) -> PathBuf {
    let token = house.folder.path().join("token");
    std::fs::write(&token, house.token("dana")).unwrap();
    token
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_sync_says_how_far_each_table_is() {
    let house = House::open().await;
    house.notes(1_200, 1_500).await;
    let (profile, token) = (house.folder.path().join("profile"), token(&house));
    let sync = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
        command.args(words(&house, &profile, &token)).output().unwrap()
    };
    let first = sync();
    let told = text(&first.stderr);
    assert!(first.status.success(), "{told}");
    let at = |line: &str| {
        let found = told.lines().position(|told| told == line);
        found.unwrap_or_else(|| panic!("no line {line:?} in:\n{told}"))
    };
    assert!(at("  SLA lines: 3") < at("  Notes: 1,200"), "{told}");
    assert!(at("  Notes: 1,200") < at("everything: being checked"), "{told}");
    assert!(told.lines().any(|line| line.starts_with("everything: ") && line.contains(" waiting")));
    // Nothing is fetched again, and nothing is said.
    let told = text(&sync().stderr);
    assert!(told.ends_with("Syncing\n"), "{told}");
}

/// Whether a file system of a given size can be had here.
fn can_mount() -> bool {
    let mut mount = Command::new("unshare");
    mount.args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    cfg!(target_os = "linux") && mount.status().is_ok_and(|status| status.success())
}

/// Syncs on a small disk twice, then on one with room. After each: the code, and what is in the folder.
const ON_A_SMALL_DISK: &str = r#"
set -u
disk=$1; size=$2; shift 2
mount -t tmpfs -o size="$size" tmpfs "$disk" || exit 99
look() { echo "code $1"; (cd "$disk"/profile/profiles/* && stat -c '%n %s' ./*); }
for size in "$size" "$size" 256m; do
    mount -o remount,size="$size" "$disk" || exit 99
    "$@"; look $?
done
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_what_was_fetched_stays_and_is_gone_on_with() {
    if !can_mount() {
        println!("no file system of a given size can be made here: a full disk was not tried");
        return;
    }
    let house = House::open().await;
    house.notes(1_000, 1_500).await;
    let disk = house.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", ON_A_SMALL_DISK, "sh"]).arg(&disk).arg("4m");
    command.arg(env!("CARGO_BIN_EXE_makegood"));
    command.args(words(&house, &disk.join("profile"), &token(&house))).arg("--prove");
    let done = command.output().unwrap();
    let (out, told) = (text(&done.stdout), text(&done.stderr));
    assert!(done.status.success(), "{out}{told}");
    let tries: Vec<&str> = out.split("code ").skip(1).collect();
    let [first, second, third] = tries.as_slice() else { panic!("{out}{told}") };
    for small in [first, second] {
        assert!(small.starts_with("2\n"), "{out}{told}");
        // One mirror, the empty one that is shown; the piece that tells how large it will be is kept.
        assert_eq!(small.lines().filter(|line| line.contains(".db ")).count(), 2, "{small}");
        let packed = small.lines().find_map(|line| line.strip_prefix("./snapshot_whole.zst "));
        assert!(packed.unwrap().parse::<u64>().unwrap() > 0, "{small}");
    }
    assert!(third.starts_with("0\n") && !third.contains("snapshot_whole"), "{out}{told}");
    assert!(out.contains("The local copy equals central."), "{out}");
    let refused = told.lines().find(|line| line.starts_with("error[disk_full]: ")).unwrap();
    assert!(refused.contains("/disk/profile/profiles/") && refused.contains(" MB more there"));
    // It was begun once.
    let asked = house.wire.snapshots();
    assert_eq!(asked.iter().filter(|from| **from == 0).count(), 1, "{asked:?}");
    assert_eq!(asked[0], 0);
}
