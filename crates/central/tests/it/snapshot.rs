//! Ready mirrors (law 9): what is cut is the view, whole, and nothing besides.

use crate::{
    ground::grounds,
    house::{House, Seat, houses, open_with, seat},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use makegood_central::Config;
use makegood_domain::{
    id::ContactId,
    note::Note,
    person::{Role, Scope},
    wire::{
        CURSOR_HEADER, Change, Cursor, Digest, EXTENT_HEADER, Entity, Extent, Frame, LineReader,
    },
};
use makegood_mirror::{Mirror, snapshot::schema};
use reqwest::{Response, StatusCode};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _};
use std::{collections::BTreeSet, path::Path};

/// A snapshot as a desk takes it.
struct Taken {
    packed: Vec<u8>,
    etag: String,
    cursor: String,
    extent: Vec<Extent>,
}

impl Taken {
    fn plain(&self) -> Vec<u8> {
        zstd::decode_all(self.packed.as_slice()).unwrap()
    }

    async fn adopt(&self, folder: &Path) -> Mirror {
        let path = folder.join("mirror-0001.db");
        std::fs::write(&path, self.plain()).unwrap();
        Mirror::adopt(&path, Some(&self.cursor)).await.unwrap().0
    }
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

async fn read(response: Response) -> Taken {
    assert_eq!(response.status(), StatusCode::OK);
    let digest = header(&response, "repr-digest");
    let (etag, cursor) = (header(&response, "etag"), header(&response, CURSOR_HEADER));
    let extent = serde_json::from_str(&header(&response, EXTENT_HEADER)).unwrap();
    let packed = response.bytes().await.unwrap().to_vec();
    let told = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&packed)));
    assert_eq!(digest, told);
    Taken { packed, etag, cursor, extent }
}

fn path(part: &str) -> String {
    format!("/v1/sync/snapshot?part={part}&schema={}", schema())
}

async fn take(house: &House, seat: &Seat, part: &str) -> Taken {
    read(house.get(seat, &path(part)).await).await
}

/// A piece of the file that `etag` names.
async fn piece(house: &House, etag: &str, range: &str) -> Response {
    let request = house.http.get(house.url(&path("whole"))).bearer_auth(&house.anna.token);
    request.header("range", range).header("if-range", etag).send().await.unwrap()
}

async fn changes(house: &House, seat: &Seat, cursor: &str) -> (Vec<Change>, String) {
    let path = format!("/v1/sync/changes?cursor={cursor}");
    let text = house.get(seat, &path).await.text().await.unwrap();
    let (mut changes, mut after) = (Vec::new(), String::new());
    let mut lines = LineReader::default();
    for line in text.lines() {
        match lines.read(line.as_bytes()).unwrap() {
            Frame::Change(change) => changes.push(change),
            Frame::End { cursor, .. } => after = cursor,
            Frame::Page { .. } => {}
        }
    }
    (changes, after)
}

async fn digest(house: &House, seat: &Seat) -> Digest {
    house.get(seat, "/v1/sync/digest").await.json().await.unwrap()
}

#[tokio::test]
async fn law_9_a_snapshot_is_the_view_and_the_changes_go_on_from_it() {
    for house in houses().await {
        let folder = tempfile::tempdir().unwrap();
        let mirror = take(&house, &house.anna, "whole").await.adopt(folder.path()).await;
        assert_eq!(mirror.digest().await.unwrap(), digest(&house, &house.anna).await);
        let propose = house.about("propose_credit", house.nw1.credit, json!({})).await;
        assert_eq!(house.send(&house.anna, &propose).await["outcome"], "applied");
        let (news, after) =
            changes(&house, &house.anna, &mirror.cursor().await.unwrap().unwrap()).await;
        mirror.apply(&news, &after).await.unwrap();
        assert_eq!(mirror.digest().await.unwrap(), digest(&house, &house.anna).await);
    }
}

#[tokio::test]
async fn law_9_a_snapshot_holds_nothing_outside_the_scope() {
    for house in houses().await {
        let scope = Scope::Customers(BTreeSet::from([house.inc]));
        let ines = seat(&house.app, "Ines", Role::Csm, scope).await;
        let taken = take(&house, &ines, "whole").await;
        let bytes = taken.plain();
        let found = |what: &str| bytes.windows(what.len()).any(|bytes| bytes == what.as_bytes());
        assert!(found("Northwind Inc") && found(&house.inc.to_string()));
        assert!(!found("Northwind GmbH") && !found(&house.gmbh.to_string()));
        let folder = tempfile::tempdir().unwrap();
        let mirror = taken.adopt(folder.path()).await;
        assert_eq!(mirror.digest().await.unwrap(), digest(&house, &ines).await);
        // Whoever sees something else is given another file.
        assert_ne!(take(&house, &house.anna, "whole").await.etag, taken.etag);
        assert_eq!(take(&house, &house.ben, "whole").await.etag, {
            take(&house, &house.anna, "whole").await.etag
        });
    }
}

#[tokio::test]
async fn the_portfolio_comes_alone_where_it_is_asked_for() {
    for house in houses().await {
        let portfolio = take(&house, &house.anna, "portfolio").await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mirror-0001.db");
        std::fs::write(&file, portfolio.plain()).unwrap();
        let (mirror, _) = Mirror::adopt(&file, None).await.unwrap();
        assert!(!mirror.is_empty().await.unwrap());
        assert_eq!(mirror.cursor().await.unwrap(), None);
        let mut conn = AnyConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        for (table, some) in
            [("sla_line", true), ("attainment", true), ("credit", false), ("audit_event", false)]
        {
            let sql = format!("select count(*) from {table}");
            let count: i64 =
                conn.fetch_one(sqlx::AssertSqlSafe(sql)).await.unwrap().try_get(0).unwrap();
            assert_eq!(count > 0, some, "{table}");
        }
        assert!(portfolio.packed.len() < take(&house, &house.anna, "whole").await.packed.len());
    }
}

#[tokio::test]
async fn a_file_says_of_each_table_how_many_rows_it_has_and_where_they_end() {
    for house in houses().await {
        let scope = Scope::Customers(BTreeSet::from([house.inc]));
        let ines = seat(&house.app, "Ines", Role::Csm, scope).await;
        for (seat, part) in [(&ines, "whole"), (&house.anna, "whole"), (&house.anna, "portfolio")] {
            let taken = take(&house, seat, part).await;
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("mirror-0001.db");
            std::fs::write(&file, taken.plain()).unwrap();
            let url = format!("sqlite:{}", file.display());
            let mut conn = AnyConnection::connect(&url).await.unwrap();
            let mut end = 0;
            for one in &taken.extent {
                let sql = format!("select count(*) from {}", one.entity.as_str());
                let rows = conn.fetch_one(sqlx::AssertSqlSafe(sql)).await.unwrap();
                assert_eq!(one.rows, rows.get::<i64, _>(0).unsigned_abs(), "{:?}", one.entity);
                assert!(one.end.unwrap() >= end);
                end = one.end.unwrap();
            }
            assert!(end <= file.metadata().unwrap().len());
            assert!(taken.extent.iter().map(|one| one.rows).sum::<u64>() > 0);
            if part == "portfolio" {
                continue;
            }
            // Whoever takes the changes instead is told the same.
            let told: Vec<Extent> = house.get(seat, "/v1/sync/extent").await.json().await.unwrap();
            let rows = |extent: &[Extent]| -> Vec<(Entity, u64)> {
                let some = extent.iter().filter(|one| one.rows > 0);
                some.map(|one| (one.entity, one.rows)).collect()
            };
            assert_eq!(rows(&told), rows(&taken.extent));
        }
    }
}

#[tokio::test]
async fn a_file_can_be_taken_in_pieces_and_only_of_the_same_bytes() {
    for house in houses().await {
        let whole = take(&house, &house.anna, "whole").await;
        let first = piece(&house, &whole.etag, "bytes=0-999").await;
        assert_eq!(first.status(), StatusCode::PARTIAL_CONTENT);
        let all = whole.packed.len();
        assert_eq!(header(&first, "content-range"), format!("bytes 0-999/{all}"));
        let mut joined = first.bytes().await.unwrap().to_vec();
        let rest = piece(&house, &whole.etag, "bytes=1000-").await;
        assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(header(&rest, CURSOR_HEADER), whole.cursor);
        joined.extend(rest.bytes().await.unwrap());
        assert_eq!(joined, whole.packed);
        // Other bytes, no condition, several ranges, or what is no range: all of it.
        for (etag, range) in [
            ("\"other\"", "bytes=1000-"),
            (whole.etag.as_str(), "bytes=0-1,5-6"),
            (whole.etag.as_str(), "lines=1-2"),
        ] {
            let response = piece(&house, etag, range).await;
            assert_eq!(response.status(), StatusCode::OK, "{range}");
            assert_eq!(response.content_length(), Some(all as u64));
        }
        let request = house.http.get(house.url(&path("whole"))).bearer_auth(&house.anna.token);
        let unconditional = request.header("range", "bytes=1000-").send().await.unwrap();
        assert_eq!(unconditional.status(), StatusCode::OK);
        let beyond = piece(&house, &whole.etag, &format!("bytes={all}-")).await;
        assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(header(&beyond, "content-range"), format!("bytes */{all}"));
    }
}

#[tokio::test]
async fn a_file_is_cut_once_for_all_who_begin_and_kept_for_whoever_was_cut_off() {
    for house in houses().await {
        let old = take(&house, &house.anna, "whole").await;
        house.ground.clock.advance(std::time::Duration::from_secs(4 * 60));
        assert_eq!(take(&house, &house.ben, "whole").await.etag, old.etag);
        let propose = house.about("propose_credit", house.nw1.credit, json!({})).await;
        house.send(&house.anna, &propose).await;
        house.ground.clock.advance(std::time::Duration::from_secs(2 * 60));
        let new = take(&house, &house.ben, "whole").await;
        assert_ne!(new.etag, old.etag);
        assert!(Cursor::parse(&new.cursor).unwrap().seq > Cursor::parse(&old.cursor).unwrap().seq);
        // The lid is opened again in the evening.
        house.ground.clock.advance(std::time::Duration::from_secs(11 * 3600));
        let rest = piece(&house, &old.etag, "bytes=1000-").await;
        assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(rest.bytes().await.unwrap(), old.packed[1000..]);
        house.ground.clock.advance(std::time::Duration::from_secs(3600));
        let gone = piece(&house, &old.etag, "bytes=1000-").await;
        assert_eq!(gone.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn tables_of_another_release_are_not_cut() {
    for house in houses().await {
        let path = format!("/v1/sync/snapshot?schema={}", schema() - 1);
        let refused = house.get(&house.anna, &path).await;
        assert_eq!(refused.status(), StatusCode::UPGRADE_REQUIRED);
    }
}

#[tokio::test]
async fn when_all_come_back_at_once_some_are_asked_to_wait() {
    for house in houses().await {
        let ids = house.app.store().ids();
        let mut tx = house.app.store().begin(None).await.unwrap();
        for _ in 0..2000 {
            let note = Note {
                id: ids.make(),
                customer: house.inc,
                subject_entity: "breach".to_owned(),
                subject: house.nw3.breach.to_string(),
                visibility: "internal".to_owned(),
                language: "en".to_owned(),
                text: "more than a socket takes".repeat(500),
                by: house.anna.person,
                at: house.ground.clock.now(),
            };
            tx.put(&note).await.unwrap();
        }
        tx.audit("test.noted", ("test", "notes"), None, json!({}));
        tx.commit().await.unwrap();
        let mut held = Vec::new();
        for _ in 0..16 {
            let response = house.get(&house.anna, "/v1/sync/changes").await;
            assert_eq!(response.status(), StatusCode::OK);
            held.push(response);
        }
        let refused = house.get(&house.anna, "/v1/sync/changes").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(header(&refused, "retry-after"), "10");
        // Whoever has a cursor is answered all the same.
        let cursor = take(&house, &house.anna, "whole").await.cursor;
        let tail = house.get(&house.anna, &format!("/v1/sync/changes?cursor={cursor}")).await;
        assert_eq!(tail.status(), StatusCode::OK);
        held.pop().unwrap().bytes().await.unwrap();
        let begun = house.get(&house.anna, "/v1/sync/changes").await;
        assert_eq!(begun.status(), StatusCode::OK);
    }
}

/// On the replica everything stands still from here on.
async fn hold(replica: &mut AnyConnection, seq: i64) {
    loop {
        let sql = "select value from counter where name = 'feed'";
        let here = match replica.fetch_optional(sql).await {
            Ok(Some(row)) => row.try_get::<i64, _>(0).unwrap(),
            _ => 0,
        };
        if here >= seq {
            break;
        }
        tokio::task::yield_now().await;
    }
    replica.execute("select pg_wal_replay_pause()").await.unwrap();
}

#[tokio::test]
async fn long_reads_go_to_a_streaming_replica_while_it_answers() {
    let Ok(replica) = std::env::var("MAKEGOOD_TEST_POSTGRES_REPLICA") else {
        println!("skipped: MAKEGOOD_TEST_POSTGRES_REPLICA names no replica");
        return;
    };
    let mut grounds = grounds("2026-10-20T06:00:00Z").await;
    let ground = grounds.remove(1);
    let name = ground.url.rsplit_once('/').unwrap().1.to_owned();
    let address = format!("{}/{name}", replica.rsplit_once('/').unwrap().0);
    let config =
        |replica: &str| Config { replica: Some(replica.to_owned()), ..Config::new("Meridian") };
    let app = open_with(&ground, config(&address)).await;
    let anna = seat(&app, "Anna", Role::Csm, Scope::All).await;
    let before = app.store().digest(&makegood_central::store::feed::View::of(Scope::All)).await;
    let before = before.unwrap().seq;
    let mut there = loop {
        // The database is there once its creation has been replayed.
        if let Ok(conn) = AnyConnection::connect(&address).await {
            break conn;
        }
        tokio::task::yield_now().await;
    };
    hold(&mut there, before).await;
    seat(&app, "Ben", Role::Csm, Scope::All).await;
    let folder = tempfile::tempdir().unwrap();
    let cut = |app: makegood_central::App, file: &str| {
        let path = folder.path().join(file);
        async move {
            let part = makegood_domain::wire::Part::Whole;
            app.store().cut(&Scope::All, part, &path).await.unwrap().seq
        }
    };
    // What the replica has not replayed yet is not in the file: the changes bring it.
    assert_eq!(cut(app.clone(), "replica.db").await, before);
    there.execute("select pg_wal_replay_resume()").await.unwrap();
    let nowhere = open_with(&ground, config("postgres://nobody@127.0.0.1:1/nothing")).await;
    assert!(cut(nowhere, "primary.db").await > before);
    let elsewhere = open_with(&ground, config(&replica)).await;
    assert!(cut(elsewhere, "other.db").await > before);
    drop(anna);
}

#[tokio::test]
async fn law_9_a_desk_of_the_release_before_is_sent_what_it_knows() {
    for house in houses().await {
        let contact: ContactId = house.app.store().ids().make();
        let put = crate::contact::put(&house, &house.anna, contact, serde_json::json!({})).await;
        assert_eq!(put["outcome"], "applied", "{put}");
        let get = |path: String, wire: &'static str| {
            let request = house.http.get(house.url(&path)).bearer_auth(&house.anna.token);
            request.header("makegood-wire", wire).send()
        };
        let text = get("/v1/sync/changes".to_owned(), "2").await.unwrap().text().await.unwrap();
        let (mut rows, mut cursor) = (0, String::new());
        let mut lines = LineReader::default();
        for line in text.lines() {
            match lines.read(line.as_bytes()).unwrap() {
                Frame::Change(change) => {
                    assert!(change.entity.since() <= 2, "{:?}", change.entity);
                    rows += 1;
                }
                Frame::End { cursor: after, .. } => cursor = after,
                Frame::Page { .. } => {}
            }
        }
        let digest: Digest =
            get("/v1/sync/digest".to_owned(), "2").await.unwrap().json().await.unwrap();
        assert_eq!(digest.rows.iter().map(|row| row.count).sum::<i64>(), rows);
        let extent: Vec<Extent> =
            get("/v1/sync/extent".to_owned(), "2").await.unwrap().json().await.unwrap();
        assert_eq!(extent.iter().map(|one| one.rows).sum::<u64>(), rows.unsigned_abs());
        let (all, _) = changes(&house, &house.anna, "").await;
        assert!(all.iter().any(|change| change.entity == Entity::Contact));
        // The desk is updated: what it was never sent has old positions, so it begins anew.
        let path = format!("/v1/sync/changes?cursor={cursor}");
        assert_eq!(get(path.clone(), "2").await.unwrap().status(), StatusCode::OK);
        assert_eq!(get(path, "3").await.unwrap().status(), StatusCode::GONE);
    }
}
