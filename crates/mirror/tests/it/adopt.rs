//! A file that came from elsewhere: taken when it is whole and ours, refused before anything in it
//! runs otherwise.

use crate::northwind::House;
use makegood_domain::{Code, Problem, wire::Digest};
use makegood_mirror::Mirror;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
use std::path::Path;

const CURSOR: &str = "c3.e.1.40";

/// A mirror's file as it is sent, with all that the house holds.
async fn sent(path: &Path) -> Digest {
    let mirror = Mirror::create(path).await.expect("opens");
    mirror.apply(&House::new().changes(), CURSOR).await.expect("applies");
    let digest = mirror.digest().await.expect("reads");
    mirror.close().await;
    digest
}

async fn run(path: &Path, sql: &'static str) {
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await.expect("opens");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.expect("runs");
    conn.close().await.expect("closes");
}

async fn refused(path: &Path) -> Problem {
    Mirror::adopt(path, Some("c3.e.1.41")).await.expect_err("is refused")
}

#[tokio::test]
async fn law_9_a_mirror_that_is_taken_comes_with_the_digest_of_where_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.db");
    let there = sent(&path).await;
    let (mirror, digest) = Mirror::adopt(&path, Some("c3.e.1.41")).await.expect("is taken");
    assert_eq!((there.seq, digest.seq), (40, 41));
    assert_eq!((&digest.rows, &digest), (&there.rows, &mirror.digest().await.expect("reads")));
}

#[tokio::test]
async fn a_file_with_other_tables_is_refused() {
    let foreign = [
        "create trigger t after update on position begin delete from customer; end",
        "create view v as select 1",
        "create table more (x)",
        "drop table customer",
        "drop index if exists attainment_line; alter table credit add column more text",
    ];
    for sql in foreign {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one.db");
        sent(&path).await;
        run(&path, sql).await;
        let problem = refused(&path).await;
        assert_eq!(problem.code, Code::MirrorDamaged, "{sql}");
        assert!(problem.message.contains("not those of this release"), "{}", problem.message);
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused_wherever_the_damage_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole.db");
    sent(&whole).await;
    let bytes = std::fs::read(&whole).expect("reads");
    let page = 4096;
    let mut damaged = vec![Vec::new(), b"no mirror at all".to_vec(), bytes[..page].to_vec()];
    damaged.push(bytes[..bytes.len() / 2].to_vec());
    // The kind of a page, where its cells begin, and where the first of them is: of one page in three.
    for at in (1..bytes.len() / page).step_by(3) {
        let mut changed = bytes.clone();
        changed[at * page..at * page + 10].fill(0xA5);
        damaged.push(changed);
    }
    assert!(damaged.len() > 20, "{}", damaged.len());
    for (number, bytes) in damaged.iter().enumerate() {
        let path = folder.path().join(format!("{number}.db"));
        std::fs::write(&path, bytes).expect("is written");
        let problem = refused(&path).await;
        assert_eq!(problem.code, Code::MirrorDamaged, "{number}: {}", problem.message);
    }
    let problem = refused(&folder.path().join("nothing.db")).await;
    assert_eq!(problem.code, Code::MirrorDamaged, "{}", problem.message);
}
