//! The one way into the tables: versions, the feed's order, the audit chain.

use crate::ground::{Ground, grounds};
use makegood_central::store::{
    self, Arg, Dialect, Store,
    feed::{self, View},
};
use makegood_domain::{
    Clock, Code,
    audit::first_break,
    id::{CustomerId, Ids, NoteId},
    note::Note,
    person::Scope,
    random::Random,
    series::SeriesName,
    wire::Entity,
};
use serde_json::json;
use std::collections::BTreeSet;

fn note(ground: &Ground, customer: CustomerId, text: &str) -> Note {
    Note {
        id: ground.store.ids().make(),
        customer,
        subject_entity: "customer".into(),
        subject: customer.to_string(),
        visibility: "internal".into(),
        language: "en".into(),
        text: text.into(),
        by: ground.store.ids().make(),
        at: ground.clock.now(),
    }
}

async fn write(store: &Store, note: &Note) -> i64 {
    let mut tx = store.begin(None).await.expect("begins");
    tx.put(note).await.expect("is written");
    tx.audit("note.written", ("note", &note.id.to_string()), Some(note.customer), json!({}));
    tx.commit().await.expect("commits").seq
}

#[tokio::test]
async fn a_version_rises_with_every_change_and_only_then() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let customer = ground.store.ids().make();
        let mut note = note(&ground, customer, "first");
        let first = write(&ground.store, &note).await;
        write(&ground.store, &note).await;
        let page = ground.store.changes(0, &View::of(Scope::All), 100).await.expect("reads");
        let changes: Vec<_> =
            page.changes.iter().filter(|change| change.entity == Entity::Note).collect();
        assert_eq!(changes.len(), 1, "{}: the feed holds the latest change alone", ground.name);
        assert_eq!((changes[0].version, changes[0].seq < first), (1, true), "{}", ground.name);
        note.text = "second".into();
        write(&ground.store, &note).await;
        let page = ground.store.changes(first, &View::of(Scope::All), 100).await.expect("reads");
        let change = page.changes.iter().find(|change| change.entity == Entity::Note);
        let change = change.expect("the change is in the feed");
        assert_eq!(change.version, 2);
        let row = change.row.as_ref().expect("the row").text();
        let row: serde_json::Value = serde_json::from_str(row).expect("JSON");
        assert_eq!(row["text"], "second");
    }
}

#[tokio::test]
async fn what_is_gone_leaves_a_tombstone_and_comes_back_above_it() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let customer = ground.store.ids().make();
        let note = note(&ground, customer, "first");
        let seq = write(&ground.store, &note).await;
        let mut tx = ground.store.begin(None).await.expect("begins");
        assert!(tx.delete::<Note>(Some(customer), note.id).await.expect("is removed"));
        assert!(!tx.delete::<Note>(Some(customer), note.id).await.expect("is not there"));
        tx.audit("note.removed", ("note", &note.id.to_string()), Some(customer), json!({}));
        tx.commit().await.expect("commits");
        let page = ground.store.changes(seq, &View::of(Scope::All), 100).await.expect("reads");
        let change = page.changes.iter().find(|change| change.entity == Entity::Note);
        let change = change.expect("the tombstone is in the feed");
        assert_eq!((change.version, &change.row), (2, &None));
        write(&ground.store, &note).await;
        let mut conn = ground.store.reading().await.expect("reads");
        let back = store::get::<Note>(&mut conn, note.id).await.expect("reads").expect("is back");
        assert_eq!(back.version, 2 + 1 - 1 + 1, "{}: above the tombstone's version", ground.name);
    }
}

#[tokio::test]
async fn law_9_tombstones_are_collected_and_what_comes_back_comes_back_above_them() {
    for ground in grounds("2026-06-01T00:00:00Z").await {
        let customer = ground.store.ids().make();
        let kept = note(&ground, customer, "kept");
        let mut gone = note(&ground, customer, "gone");
        write(&ground.store, &kept).await;
        for version in ["second", "third"] {
            gone.text = version.to_owned();
            write(&ground.store, &gone).await;
        }
        let mut tx = ground.store.begin(None).await.expect("begins");
        tx.delete::<Note>(Some(customer), gone.id).await.expect("is removed");
        tx.audit("note.removed", ("note", &gone.id.to_string()), Some(customer), json!({}));
        let sealed = tx.commit().await.expect("commits");
        let horizon = async || {
            feed::horizon(&mut ground.store.reading().await.expect("reads")).await.expect("reads")
        };
        let day = std::time::Duration::from_secs(86_400);
        let collect = async || {
            let before = ground.clock.now() - chrono::TimeDelta::days(90);
            ground.store.collect_tombstones(before).await.expect("collects")
        };
        ground.clock.advance(90 * day);
        assert_eq!((collect().await, horizon().await), (0, 0), "{}", ground.name);
        ground.clock.advance(day);
        assert_eq!(collect().await, 1, "{}", ground.name);
        // The tombstone's position, which lies just before its audit event's.
        assert!((1..=sealed.seq).contains(&horizon().await), "{}", ground.name);
        assert_eq!(collect().await, 0, "{}", ground.name);
        let page = ground.store.changes(0, &View::of(Scope::All), 100).await.expect("reads");
        assert!(page.changes.iter().all(|change| change.row.is_some()), "{}", ground.name);
        // A mirror that still knows the tombstone (version 3) takes what comes back.
        gone.text = "back".to_owned();
        write(&ground.store, &gone).await;
        let mut conn = ground.store.reading().await.expect("reads");
        let back = store::get::<Note>(&mut conn, gone.id).await.expect("reads").expect("is back");
        assert!(back.version > 3, "{}: {}", ground.name, back.version);
    }
}

#[tokio::test]
async fn law_7_a_row_that_changed_meanwhile_is_refused_as_stale() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let customer = ground.store.ids().make();
        let mut note = note(&ground, customer, "first");
        write(&ground.store, &note).await;
        if ground.store.dialect() == Dialect::Sqlite {
            continue; // there writers are alone: nothing can change meanwhile
        }
        let mut tx = ground.store.begin(None).await.expect("begins");
        tx.get::<Note>(note.id).await.expect("reads").expect("is there");
        note.text = "somebody else's".into();
        write(&ground.store, &note).await;
        note.text = "mine".into();
        let refused = tx.put(&note).await.expect_err("is refused");
        assert_eq!(refused.code, Code::Stale);
    }
}

#[tokio::test]
async fn law_10_a_change_without_an_audit_event_is_not_committed() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let note = note(&ground, ground.store.ids().make(), "first");
        let mut tx = ground.store.begin(None).await.expect("begins");
        tx.put(&note).await.expect("is written");
        assert_eq!(tx.commit().await.expect_err("is refused").code, Code::Internal);
        let mut conn = ground.store.reading().await.expect("reads");
        assert!(store::get::<Note>(&mut conn, note.id).await.expect("reads").is_none());
    }
}

#[tokio::test]
async fn text_with_a_null_character_is_refused() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let mut tx = ground.store.begin(None).await.expect("begins");
        let args = [Arg::text("a\0b"), Arg::text("c")];
        let refused = tx.execute("insert into meta (name, value) values ($1, $2)", &args).await;
        assert_eq!(refused.expect_err("is refused").code, Code::TextInvalid);
    }
}

#[tokio::test]
async fn law_10_the_audit_chain_holds_under_concurrent_writers() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let mut writers = Vec::new();
        for _ in 0..4 {
            let store = ground.store.clone();
            let notes: Vec<Note> = (0..12)
                .map(|number| note(&ground, ground.store.ids().make(), &number.to_string()))
                .collect();
            writers.push(tokio::spawn(async move {
                for note in &notes {
                    write(&store, note).await;
                }
            }));
        }
        let reader = read_while(&ground.store, 4 * 12);
        let mut seen = reader.await;
        for writer in writers {
            writer.await.expect("a writer ends well");
        }
        seen.retain(|(entity, _)| *entity == Entity::Note);
        assert_eq!(seen.len(), 4 * 12, "{}: no change is lost to a reader", ground.name);
        let mut conn = ground.store.reading().await.expect("reads");
        let events = store::audit::events(&mut conn, 0, 1000).await.expect("reads");
        assert_eq!(events.len(), 4 * 12);
        assert_eq!(first_break(&events), None, "{}", ground.name);
    }
}

/// Follows the feed until `notes` notes have come by, each once.
async fn read_while(store: &Store, notes: usize) -> BTreeSet<(Entity, String)> {
    let (mut cursor, mut seen) = (0, BTreeSet::new());
    while seen.iter().filter(|(entity, _)| *entity == Entity::Note).count() < notes {
        let page = store.changes(cursor, &View::of(Scope::All), 7).await.expect("reads");
        cursor = page.seq;
        seen.extend(page.changes.into_iter().map(|change| (change.entity, change.key)));
        tokio::task::yield_now().await;
    }
    seen
}

/// The control: with a plain sequence, a reader between two commits loses the slower one for ever.
#[tokio::test]
async fn law_9_the_feed_is_in_the_order_of_commits_where_a_sequence_is_not() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        if ground.store.dialect() == Dialect::Sqlite {
            continue; // it has one writer
        }
        let ids = Ids::new(Clock::system(), Random::system());
        let mut slow = ground.store.begin(None).await.expect("begins");
        let mut fast = ground.store.begin(None).await.expect("begins");
        slow.execute("create sequence if not exists control", &[]).await.expect("a sequence");
        slow.commit().await.expect("commits");
        let mut slow = ground.store.begin(None).await.expect("begins");
        let draw = "insert into meta (name, value) values ($1, cast(nextval('control') as text))";
        slow.execute(draw, &[Arg::text("slow")]).await.expect("draws 1");
        fast.execute(draw, &[Arg::text("fast")]).await.expect("draws 2");
        let note_of =
            |name: &str| Note { id: ids.make::<NoteId>(), ..note(&ground, ids.make(), name) };
        let (slow_note, fast_note) = (note_of("slow"), note_of("fast"));
        for (tx, note) in [(&mut slow, &slow_note), (&mut fast, &fast_note)] {
            tx.put(note).await.expect("is written");
            tx.audit("note.written", ("note", "x"), Some(note.customer), json!({}));
        }
        let after = |cursor: i64| {
            let store = ground.store.clone();
            async move {
                let mut conn = store.reading().await.expect("reads");
                let sql = "select cast(value as bigint) from meta where name in ('slow', 'fast') \
                           and cast(value as bigint) > $1";
                store::fetch(&mut conn, sql, &[Arg::Int(cursor)]).await.expect("reads").len()
            }
        };
        fast.commit().await.expect("commits");
        let page = ground.store.changes(0, &View::of(Scope::All), 100).await.expect("reads");
        assert_eq!(after(0).await, 1);
        slow.commit().await.expect("commits");
        assert_eq!(after(2).await, 0, "the control: the sequence's reader has lost the slow one");
        let later =
            ground.store.changes(page.seq, &View::of(Scope::All), 100).await.expect("reads");
        let key = slow_note.id.to_string();
        assert!(later.changes.iter().any(|change| change.key == key), "the feed's has not");
    }
}

#[tokio::test]
async fn law_9_the_digest_counts_what_a_scope_holds() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let (one, other): (CustomerId, CustomerId) =
            (ground.store.ids().make(), ground.store.ids().make());
        for customer in [one, one, other] {
            write(&ground.store, &note(&ground, customer, "a")).await;
        }
        let scope = Scope::Customers([one].into());
        let digest = ground.store.digest(&View::of(scope.clone())).await.expect("reads");
        let row = &digest.rows[0];
        assert_eq!(digest.rows.len(), 1);
        assert_eq!((row.customer, row.count, row.versions), (Some(one), 4, 4));
        let page = ground.store.changes(0, &View::of(scope.clone()), 100).await.expect("reads");
        assert!(page.changes.iter().all(|change| change.customer == Some(one)));
        assert_eq!((page.more, page.seq), (false, digest.seq));
    }
}

#[tokio::test]
async fn a_database_opens_again_with_the_same_epoch() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let epoch = ground.store.meta("epoch").await.expect("reads").expect("an epoch");
        let ids = Ids::new(ground.clock.clone(), Random::system());
        let again = Store::connect(&ground.url, ground.clock.clone(), ids).await.expect("opens");
        assert_eq!(again.meta("epoch").await.expect("reads"), Some(epoch));
    }
}

#[tokio::test]
async fn a_series_is_remembered_unless_it_was_undone_or_the_store_is_another() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let (store, services) = (&ground.store, SeriesName::whole("api"));
        let services = [&services];
        let mut undone = store.begin(None).await.expect("begins");
        for _ in 0..2 {
            undone.many_series("prober", &services).await.expect("is made");
        }
        drop(undone);
        let mut made = store.begin(None).await.expect("begins");
        let found = made.many_series("prober", &services).await.expect("is made");
        made.commit().await.expect("commits");
        let mut conn = store.reading().await.expect("reads");
        let known = store::series::of_source(&mut conn, "prober").await.expect("reads");
        assert_eq!(known["api"].id, found[0], "{}", ground.name);
        drop(conn);
        let mut later = store.begin(None).await.expect("begins");
        let again = later.many_series("prober", &services).await.expect("is found");
        assert_eq!(again, found);
        // A restore puts another series under the same name.
        for sql in [
            "update meta set value = 'another' where name = 'epoch'",
            "update series set id = 'd5f7a6de-0000-7000-8000-000000000001'",
        ] {
            later.execute(sql, &[]).await.expect("is restored");
        }
        let restored = later.many_series("prober", &services).await.expect("is found");
        assert_eq!(restored[0].to_string(), "d5f7a6de-0000-7000-8000-000000000001");
    }
}
