//! Taking in pages.

use crate::northwind::{House, change, id, person};
use makegood_domain::{
    Code,
    person::{Person, Scope},
    wire::{Body, Change, Entity},
};
use makegood_mirror::Mirror;
use std::collections::BTreeSet;

async fn empty() -> (tempfile::TempDir, Mirror) {
    let folder = tempfile::tempdir().expect("a folder");
    let mirror = Mirror::create(&folder.path().join("mirror-0001.db")).await.expect("opens");
    (folder, mirror)
}

fn gone(change: &Change, version: i64) -> Change {
    Change { row: None, version, ..change.clone() }
}

async fn name(mirror: &Mirror) -> Option<String> {
    let mut reader = mirror.reader().await.expect("reads");
    let found = reader.find::<Person>(&person(1).id.to_string()).await.expect("reads");
    found.map(|one| one.row.name)
}

fn renamed(name: &str, version: i64) -> Change {
    change(version, &Person { name: name.to_owned(), ..person(1) }, version)
}

#[tokio::test]
async fn law_9_a_page_that_fails_leaves_nothing_and_moves_no_cursor() {
    let (_folder, mirror) = empty().await;
    mirror.apply(&[renamed("Dana", 1)], "c1.e.1.1").await.expect("applies");
    // A credit without a number can't be stored: the page breaks in the middle.
    let nothing = Body::parse("{}".to_owned()).expect("JSON");
    let broken = Change { entity: Entity::Credit, row: Some(nothing), ..renamed("Dana", 2) };
    let problem = mirror
        .apply(&[renamed("Changed", 2), broken], "c1.e.1.2")
        .await
        .expect_err("a broken page");
    assert_eq!(problem.code, Code::Database);
    assert_eq!(mirror.cursor().await.expect("reads").as_deref(), Some("c1.e.1.1"));
    assert_eq!(name(&mirror).await.as_deref(), Some("Dana"));
}

#[tokio::test]
async fn an_older_version_never_wins_and_the_cursor_moves_with_the_page() {
    let (_folder, mirror) = empty().await;
    assert_eq!(mirror.cursor().await.expect("reads"), None);
    assert_eq!(mirror.seq().await.expect("reads"), 0);
    mirror.apply(&[renamed("New", 5)], "c1.e.1.5").await.expect("applies");
    mirror.apply(&[renamed("Old", 4)], "c1.e.1.6").await.expect("applies");
    assert_eq!(name(&mirror).await.as_deref(), Some("New"));
    assert_eq!(mirror.seq().await.expect("reads"), 6);
}

#[tokio::test]
async fn a_late_page_does_not_bring_back_what_is_gone() {
    let (_folder, mirror) = empty().await;
    mirror.apply(&[gone(&renamed("", 3), 3)], "c1.e.1.3").await.expect("applies");
    mirror.apply(&[renamed("Late", 2)], "c1.e.1.4").await.expect("applies");
    assert_eq!(name(&mirror).await, None);
    mirror.apply(&[renamed("Back", 4)], "c1.e.1.5").await.expect("applies");
    assert_eq!(name(&mirror).await.as_deref(), Some("Back"));
}

#[tokio::test]
async fn a_page_may_be_larger_than_a_statement() {
    let (_folder, mirror) = empty().await;
    let page: Vec<Change> = (1..=1500)
        .map(|number| change(i64::from(number), &Person { id: id(1, number), ..person(1) }, 1))
        .collect();
    mirror.apply(&page, "c1.e.1.1500").await.expect("applies");
    let digest = mirror.digest().await.expect("reads");
    assert_eq!((digest.seq, digest.rows[0].count, digest.rows[0].versions), (1500, 1500, 1500));
}

#[tokio::test]
async fn a_reader_does_not_see_what_arrives_while_it_lives() {
    let (_folder, mirror) = empty().await;
    mirror.apply(&[renamed("Before", 1)], "c1.e.1.1").await.expect("applies");
    let mut reader = mirror.reader().await.expect("reads");
    let key = person(1).id.to_string();
    assert_eq!(reader.get::<Person>(&key).await.expect("reads").name, "Before");
    mirror.apply(&[renamed("After", 2)], "c1.e.1.2").await.expect("applies");
    assert_eq!(reader.get::<Person>(&key).await.expect("reads").name, "Before");
    drop(reader);
    assert_eq!(name(&mirror).await.as_deref(), Some("After"));
}

#[tokio::test]
async fn a_mirror_opens_again_where_it_stood() {
    let (_folder, mirror) = House::new().mirror().await;
    let before = mirror.digest().await.expect("reads");
    let path = mirror.path().to_owned();
    mirror.close().await;
    let again = Mirror::open(&path).await.expect("opens");
    assert_eq!(again.digest().await.expect("reads"), before);
}

#[tokio::test]
async fn a_mirror_of_a_newer_version_is_refused_with_the_way_out() {
    let (_folder, mirror) = empty().await;
    let path = mirror.path().to_owned();
    mirror.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("opens");
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'newer', 1, x'00', 0)",
    )
    .execute(&pool)
    .await
    .expect("writes");
    pool.close().await;
    let problem = Mirror::open(&path).await.expect_err("a newer layout");
    assert_eq!(problem.code, Code::Database);
    assert!(problem.message.contains("has to be fetched anew"), "{}", problem.message);
}

#[tokio::test]
async fn a_mirror_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let problem = Mirror::open(&folder.path().join("none.db")).await.expect_err("no file");
    assert_eq!(problem.code, Code::Database);
}

#[tokio::test]
async fn law_9_what_leaves_the_scope_is_deleted() {
    let (_folder, mirror) = House::new().mirror().await;
    mirror.keep_only(&Scope::Customers(BTreeSet::from([id(3, 2)]))).await.expect("deletes");
    let digest = mirror.digest().await.expect("reads");
    let held: Vec<_> = digest.rows.iter().map(|row| row.customer).collect();
    assert_eq!(held, [None, Some(id(3, 2))]);
}
