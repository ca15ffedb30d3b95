//! Filling: what is left out while very many rows come in is there in the end, also where nobody
//! came to the end.

use crate::{
    northwind::House,
    rollup::{kept, rows},
};
use makegood_domain::wire::Change;
use makegood_mirror::{Mirror, screens};
use std::path::Path;

async fn indexes(path: &Path) -> Vec<String> {
    rows(path, "select name from sqlite_schema where type = 'index' order by name").await
}

async fn half_filled(path: &Path) -> (Mirror, Vec<Change>) {
    let changes = House::new().changes();
    let mirror = Mirror::create(path).await.expect("opens");
    mirror.fill().await.expect("is ready for rows");
    mirror.apply(&changes[..changes.len() / 2], "c3.e.1.20").await.expect("applies");
    (mirror, changes)
}

#[tokio::test]
async fn a_mirror_that_was_filled_has_every_index_and_is_searched() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("one.db"), folder.path().join("other.db"));
    Mirror::create(&other).await.expect("opens").close().await;
    let (mirror, changes) = half_filled(&one).await;
    assert_ne!(indexes(&one).await, indexes(&other).await);
    mirror.apply(&changes[changes.len() / 2..], "c3.e.1.40").await.expect("applies");
    mirror.filled().await.expect("is built");
    mirror.filled().await.expect("nothing is left to do");
    assert_eq!(indexes(&one).await, indexes(&other).await);
    let hits = screens::search(&mut mirror.reader().await.expect("reads"), "northwind").await;
    assert!(!hits.expect("finds").is_empty());
    mirror.close().await;
    // Its tables are those of a ready mirror, too.
    Mirror::adopt(&one, None).await.expect("is sound");
}

#[tokio::test]
async fn law_6_a_mirror_that_nobody_finished_filling_is_whole_up_to_its_cursor_when_it_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("one.db"), folder.path().join("other.db"));
    let (mirror, changes) = half_filled(&one).await;
    let straight = Mirror::create(&other).await.expect("opens");
    straight.apply(&changes[..changes.len() / 2], "c3.e.1.20").await.expect("applies");
    // Another process opens it while this one goes on.
    let opened = Mirror::open(&one).await.expect("opens");
    assert_eq!(indexes(&one).await, indexes(&other).await);
    for mirror in [&mirror, &straight] {
        mirror.apply(&changes[changes.len() / 2..], "c3.e.1.40").await.expect("applies");
    }
    mirror.filled().await.expect("was built");
    assert_eq!(opened.digest().await.expect("reads"), straight.digest().await.expect("reads"));
    assert_eq!(kept(&opened).await, kept(&straight).await);
    opened.check().await.expect("is whole");
}
