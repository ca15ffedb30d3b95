//! A ready mirror for which there is no room, or was none when all of it was here.

use crate::house::House;
use makegood_desk::{Desk, Event};
use makegood_domain::{
    Code,
    person::Scope,
    wire::{Cursor, WIRE_VERSION},
};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::{
    collections::BTreeSet,
    io::{ErrorKind::StorageFull, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

/// Sam's profile as a full disk leaves it: the packed file is whole, and there is no mirror of it.
async fn packed(house: &House) -> PathBuf {
    house.notes(200, 1_500).await;
    house.wire.break_after(2_000);
    let desk = house.seat("sam").await;
    house.wire.break_after(60_000);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    desk.leave().await.unwrap();
    house.wire.break_after(usize::MAX);
    let schema = makegood_mirror::snapshot::schema();
    let url = format!("{}/v1/sync/snapshot?part=whole&schema={schema}", house.wire.url());
    let request = reqwest::Client::new().get(url).bearer_auth(house.token("sam"));
    let answer = request.header("makegood-wire", WIRE_VERSION).send().await.unwrap();
    let file = house.profile("sam").join("snapshot_whole.zst");
    let here = std::fs::read(&file).unwrap();
    let whole = answer.bytes().await.unwrap();
    assert!(whole.starts_with(&here) && whole.len() > here.len());
    std::fs::write(&file, whole).unwrap();
    house.wire.snapshots();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_unpacked_and_not_fetched_again() {
    let house = House::open().await;
    let file = packed(&house).await;
    let desk = house.desk("sam").await;
    assert!(desk.mirror_agrees().await.unwrap());
    assert!(house.wire.snapshots().is_empty());
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_fetched_anew_once_somebody_else_would_be_shown_it() {
    let house = House::open().await;
    packed(&house).await;
    house.see("sam", Scope::Customers(BTreeSet::from([house.customers().await[1]]))).await;
    let desk = house.desk("sam").await;
    assert!(desk.mirror_agrees().await.unwrap());
    assert_eq!(house.wire.snapshots(), [0_u64]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_fetched_anew_where_the_changes_since_are_no_longer_known() {
    let house = House::open().await;
    packed(&house).await;
    let user = house.profile("sam").join("user.db");
    let mut user = SqliteConnectOptions::new().filename(user).connect().await.unwrap();
    let sql = "select value from setting where key = 'snapshot_whole'";
    let stamp: String = sqlx::query_scalar(sql).fetch_one(&mut user).await.unwrap();
    let mut stamp: serde_json::Value = serde_json::from_str(&stamp).unwrap();
    let mut cursor = Cursor::parse(stamp["cursor"].as_str().unwrap()).unwrap();
    // Central knows no such position: it was restored to before it.
    cursor.seq += 1_000;
    stamp["cursor"] = cursor.to_string().into();
    let sql = "update setting set value = $1 where key = 'snapshot_whole'";
    sqlx::query(sql).bind(stamp.to_string()).execute(&mut user).await.unwrap();
    user.close().await.unwrap();
    let desk = house.desk("sam").await;
    assert!(desk.mirror_agrees().await.unwrap());
    assert_eq!(house.wire.snapshots(), [0_u64]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_for_room_without_central_and_takes_none_meanwhile() {
    let house = House::open().await;
    let file = packed(&house).await;
    let whole = std::fs::read(&file).unwrap();
    // A frame that has more in it than any disk holds: its size stands in eight bytes.
    let mut large = vec![0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x58];
    large.extend(15_u64.checked_shl(40).unwrap().to_le_bytes());
    large.extend(&whole[large.len()..]);
    std::fs::write(&file, &large).unwrap();
    let desk = house.seat("sam").await;
    for _ in 0..2 {
        let problem = desk.sync_now().await.unwrap_err();
        assert_eq!(problem.code, Code::DiskFull, "{problem}");
        assert!(
            problem
                .message
                .contains(": the disk is full. What central sends takes 16492674.5 MB more"),
            "{problem}"
        );
    }
    assert!(house.wire.snapshots().is_empty());
    std::fs::write(&file, &whole).unwrap();
    desk.sync_now().await.unwrap();
    assert!(desk.mirror_agrees().await.unwrap());
    assert!(house.wire.snapshots().is_empty());
}

/// A small disk. It goes with the test.
struct Small(PathBuf);

impl Small {
    /// `None`: nobody here may have one.
    fn at(path: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let size = format!("size={size},mode=700");
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path);
        let mounted = mount.output().is_ok_and(|done| done.status.success());
        mounted.then(|| Self(path.to_owned()))
    }

    fn grow(&self, size: &str) {
        let size = format!("remount,size={size}");
        let done = Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap();
        assert!(done.success());
    }

    /// Leaves no room on it, until what it gives is deleted; how much there was.
    fn fill(&self) -> (PathBuf, usize) {
        let path = self.0.join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        let mut written = 0;
        loop {
            match file.write(&[7; 4096]) {
                Ok(some) => written += some,
                Err(error) => {
                    assert_eq!(error.kind(), StorageFull);
                    return (path, written);
                }
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

async fn refused(desk: &Desk) {
    let problem = desk.sync_now().await.unwrap_err();
    assert_eq!(problem.code, Code::DiskFull, "{problem}");
    assert!(problem.message.contains(" MB packed are here and stay"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_arrived_is_gone_on_with_however_often_the_disk_is_full() {
    let house = House::open().await;
    house.notes(1_000, 1_500).await;
    let Some(disk) = Small::at(&house.folder.path().join("sam"), "5m") else {
        println!("nothing may be mounted here: a small disk was not tried");
        return;
    };
    let file = house.profile("sam").join("snapshot_whole.zst");
    let here = || file.metadata().unwrap().len();
    let desk = house.seat("sam").await;
    refused(&desk).await;
    // Its size is known from its first bytes: no more of it is fetched, and the disk not filled.
    let first = here();
    assert!((1..100_000).contains(&first), "{first}");
    assert_eq!(house.wire.snapshots(), [0_u64]);
    refused(&desk).await;
    let (filler, room) = disk.fill();
    assert!(room > 2_000_000, "{room}");
    std::fs::remove_file(filler).unwrap();
    assert_eq!((here(), house.wire.snapshots()), (first, vec![]));

    // There is room, and then somebody else takes it while the file comes.
    let mut events = desk.subscribe();
    house.wire.slow_down(400_000);
    disk.grow("64m");
    let (filler, ended) = tokio::join!(
        async {
            loop {
                if let Event::Sync(state) = events.recv().await.unwrap()
                    && state.progress.is_some()
                {
                    // Some of it has come before the disk is full.
                    while here() <= first {
                        tokio::task::yield_now().await;
                    }
                    return disk.fill().0;
                }
            }
        },
        desk.sync_now(),
    );
    // The round that was under way, or, on a disk that was full by then, the one after it.
    assert_eq!(ended.unwrap_err().code, Code::DiskFull);
    let then = here();
    assert!(then > first, "{then}");
    assert_eq!(house.wire.snapshots(), [first]);
    std::fs::remove_file(filler).unwrap();
    house.wire.slow_down(0);
    desk.sync_now().await.unwrap();
    assert_eq!(house.wire.snapshots(), [then]);
    assert!(desk.mirror_agrees().await.unwrap());
    assert!(!file.exists());
    desk.leave().await.unwrap();
}
