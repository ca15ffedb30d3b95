//! Who reads: each sees one moment, whoever read before, and few read at a time.

use crate::northwind::{change, person};
use makegood_domain::{Code, person::Person, wire::Change};
use makegood_mirror::{Mirror, Reader};
use std::{future::Future, pin::pin, task::Poll};

async fn house() -> (tempfile::TempDir, Mirror) {
    let folder = tempfile::tempdir().expect("a folder");
    let mirror = Mirror::create(&folder.path().join("mirror-0001.db")).await.expect("opens");
    mirror.apply(&[renamed(1)], "c1.e.1.1").await.expect("applies");
    (folder, mirror)
}

fn renamed(turn: i64) -> Change {
    change(turn, &Person { name: format!("Dana {turn}"), ..person(1) }, turn)
}

async fn name(reader: &mut Reader) -> String {
    reader.get::<Person>(&person(1).id.to_string()).await.expect("reads").row.name
}

/// Whether something has come after one look at it.
async fn has_come<T>(work: impl Future<Output = T>) -> bool {
    let mut work = pin!(work);
    std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_ready())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_9_a_reader_sees_the_moment_of_its_first_question_and_the_next_one_what_came_since() {
    let (_folder, mirror) = house().await;
    for turn in 2..60 {
        let mut reader = mirror.reader().await.unwrap();
        assert_eq!(name(&mut reader).await, format!("Dana {}", turn - 1));
        mirror.apply(&[renamed(turn)], &format!("c1.e.1.{turn}")).await.unwrap();
        assert_eq!(name(&mut reader).await, format!("Dana {}", turn - 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_read_at_a_time_and_who_closes_waits_for_them() {
    let (_folder, mirror) = house().await;
    let mut readers = Vec::new();
    for _ in 0..4 {
        readers.push(mirror.reader().await.unwrap());
    }
    assert!(!has_come(mirror.reader()).await);
    readers.pop();
    let mut fifth = mirror.reader().await.unwrap();
    assert!(!has_come(mirror.close()).await);
    for reader in &mut readers {
        assert_eq!(name(reader).await, "Dana 1");
    }
    assert_eq!(name(&mut fifth).await, "Dana 1");
    // Who reads and asks for another meanwhile is told so, and lets go.
    assert_eq!(mirror.reader().await.unwrap_err().code, Code::Database);
    drop((fifth, readers));
    mirror.close().await;
    assert_eq!(mirror.reader().await.unwrap_err().code, Code::Database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_given_up_leaves_its_connection_to_the_next_reader() {
    let (_folder, mirror) = house().await;
    for turn in 2..40 {
        let mut reader = mirror.reader().await.unwrap();
        has_come(reader.every::<Person>()).await;
        drop(reader);
        mirror.apply(&[renamed(turn)], &format!("c1.e.1.{turn}")).await.unwrap();
        assert_eq!(name(&mut mirror.reader().await.unwrap()).await, format!("Dana {turn}"));
    }
}

#[tokio::test]
async fn nobody_s_mirror_is_read_like_any_other() {
    let mirror = Mirror::nothing().await.unwrap();
    for _ in 0..3 {
        let mut reader = mirror.reader().await.unwrap();
        assert_eq!(reader.every::<Person>().await.unwrap(), []);
    }
    mirror.close().await;
}

#[test]
fn a_mirror_outlives_its_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_folder, mirror) = runtime.block_on(house());
    let reader = runtime.block_on(mirror.reader()).unwrap();
    drop(runtime);
    drop(reader);
    drop(mirror);
}
