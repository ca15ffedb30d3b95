//! A ready mirror that is all here and could not be unpacked for want of room.

use crate::house::House;
use makegood_domain::{
    Code,
    person::Scope,
    wire::{Cursor, WIRE_VERSION},
};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::{collections::BTreeSet, path::PathBuf};

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
