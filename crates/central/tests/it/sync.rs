//! What a desk follows: pages, cursors, scope and digest (law 9).

use crate::house::{House, Seat, houses, seat};
use makegood_domain::{
    id::CustomerId,
    note::Note,
    person::{Role, Scope, TokenKind},
    wire::{Change, Cursor, Digest, DigestRow, Frame, LineReader, ScopeAnswer},
};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Pages of an answer, each with its end.
pub(crate) fn pages(text: &str) -> Vec<(Vec<Change>, String, bool)> {
    let mut pages = Vec::new();
    let mut open: Option<(usize, Vec<Change>)> = None;
    let mut lines = LineReader::default();
    for line in text.lines() {
        match lines.read(line.as_bytes()).unwrap() {
            Frame::Page { rows } => {
                assert!(open.is_none());
                open = Some((rows, Vec::new()));
            }
            Frame::Change(change) => open.as_mut().unwrap().1.push(change),
            Frame::End { cursor, more, .. } => {
                let (rows, changes) = open.take().unwrap();
                assert_eq!(rows, changes.len());
                pages.push((changes, cursor, more));
            }
        }
    }
    assert!(open.is_none(), "a page without its end");
    pages
}

/// A desk's page, as its cursor asks for it.
pub(crate) async fn ask(house: &House, seat: &Seat, cursor: &str) -> Response {
    house.get(seat, &format!("/v1/sync/changes?cursor={cursor}")).await
}

pub(crate) async fn pull(house: &House, seat: &Seat, cursor: &str) -> (Vec<Change>, String) {
    let response = ask(house, seat, cursor).await;
    assert_eq!(response.status(), StatusCode::OK);
    let pages = pages(&response.text().await.unwrap());
    let (_, last, more) = pages.last().unwrap();
    assert!(!more);
    let cursor = last.clone();
    (pages.into_iter().flat_map(|page| page.0).collect(), cursor)
}

pub(crate) async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let document: Value = response.json().await.unwrap();
    (status, document["code"].as_str().unwrap_or_default().to_owned())
}

/// What a mirror that applied these changes would say of itself.
fn digest_of(changes: &[Change]) -> Vec<DigestRow> {
    let mut rows: BTreeMap<Option<CustomerId>, (i64, i64)> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.row.is_some()) {
        let row = rows.entry(change.customer).or_default();
        row.0 += 1;
        row.1 += change.version;
    }
    rows.into_iter()
        .map(|(customer, (count, versions))| DigestRow { customer, count, versions })
        .collect()
}

#[tokio::test]
async fn law_9_the_changes_come_to_the_digest_and_in_order() {
    for house in houses().await {
        let (changes, cursor) = pull(&house, &house.anna, "").await;
        assert!(changes.windows(2).all(|pair| pair[0].seq < pair[1].seq));
        let digest: Digest = house.get(&house.anna, "/v1/sync/digest").await.json().await.unwrap();
        assert_eq!(digest_of(&changes), digest.rows);
        assert_eq!(Cursor::parse(&cursor).unwrap().seq, digest.seq);
        let (none, same) = pull(&house, &house.anna, &cursor).await;
        assert!(none.is_empty());
        assert_eq!(same, cursor);
        let propose = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let receipt = house.send(&house.anna, &propose).await["receipt"].clone();
        let (news, after) = pull(&house, &house.anna, &cursor).await;
        let entities: BTreeSet<&str> = news.iter().map(|change| change.entity.as_str()).collect();
        assert_eq!(entities, BTreeSet::from(["audit_event", "credit"]));
        assert_eq!(Cursor::parse(&after).unwrap().seq, receipt["seq"].as_i64().unwrap());
    }
}

#[tokio::test]
async fn law_9_nobody_is_sent_what_lies_outside_their_scope() {
    for house in houses().await {
        let scope = Scope::Customers(BTreeSet::from([house.inc]));
        let ines = seat(&house.app, "Ines", Role::Csm, scope).await;
        let (changes, _) = pull(&house, &ines, "").await;
        assert!(changes.iter().all(|change| change.customer.is_none_or(|c| c == house.inc)));
        assert!(changes.iter().any(|change| change.customer == Some(house.inc)));
        let text = serde_json::to_string(&changes).unwrap();
        assert!(!text.contains("Northwind GmbH") && !text.contains(&house.gmbh.to_string()));
        let digest: Digest = house.get(&ines, "/v1/sync/digest").await.json().await.unwrap();
        assert_eq!(digest_of(&changes), digest.rows);
    }
}

#[tokio::test]
async fn a_packed_answer_is_the_same_answer() {
    for house in houses().await {
        let plain = house.get(&house.anna, "/v1/sync/changes").await.bytes().await.unwrap();
        let request = house.http.get(house.url("/v1/sync/changes")).bearer_auth(&house.anna.token);
        let packed = request.header("accept-encoding", "gzip, zstd").send().await.unwrap();
        assert_eq!(packed.headers()["content-encoding"], "zstd");
        let packed = packed.bytes().await.unwrap();
        assert!(packed.len() < plain.len() / 3);
        assert_eq!(zstd::decode_all(packed.as_ref()).unwrap(), plain);
    }
}

pub(crate) fn note(house: &House, text: &str) -> Note {
    Note {
        id: house.app.store().ids().make(),
        customer: house.inc,
        subject_entity: "breach".to_owned(),
        subject: house.nw3.breach.to_string(),
        visibility: "internal".to_owned(),
        language: "en".to_owned(),
        text: text.to_owned(),
        by: house.anna.person,
        at: house.ground.clock.now(),
    }
}

#[tokio::test]
async fn a_large_answer_comes_in_pages_that_each_stand_alone() {
    for house in houses().await {
        let mut tx = house.app.store().begin(None).await.unwrap();
        for number in 0..2000 {
            let note = note(&house, &format!("note {number}"));
            tx.put(&note).await.unwrap();
        }
        tx.audit("test.noted", ("test", "notes"), None, json!({}));
        tx.commit().await.unwrap();
        let text = house.get(&house.anna, "/v1/sync/changes").await.text().await.unwrap();
        let pages = pages(&text);
        assert!(pages.len() >= 3, "{}", pages.len());
        let (last, others) = pages.split_last().unwrap();
        assert!(!last.2 && others.iter().all(|page| page.2));
        // Whoever lost the connection after the first page goes on from its cursor.
        let (rest, _) = pull(&house, &house.anna, &pages[0].1).await;
        let whole: usize = pages.iter().map(|page| page.0.len()).sum();
        assert_eq!(rest.len(), whole - pages[0].0.len());
    }
}

#[tokio::test]
async fn a_cursor_of_another_epoch_wire_or_scope_is_refused() {
    for house in houses().await {
        let (_, cursor) = pull(&house, &house.anna, "").await;
        let present = Cursor::parse(&cursor).unwrap();
        let get = async |cursor: String| code(ask(&house, &house.anna, &cursor).await).await;
        let other = Cursor { epoch: "0".repeat(32), ..present.clone() };
        assert_eq!(get(other.to_string()).await, (410, "cursor_gone".to_owned()));
        let beyond = Cursor { seq: present.seq + 1, ..present.clone() };
        assert_eq!(get(beyond.to_string()).await, (410, "cursor_gone".to_owned()));
        assert_eq!(get("nonsense".to_owned()).await, (410, "cursor_gone".to_owned()));
        let older = Cursor { schema: 1, ..present.clone() };
        assert_eq!(get(older.to_string()).await, (410, "cursor_gone".to_owned()));
        for version in ["1", "4", "new"] {
            let request = house.http.get(house.url("/v1/sync/scope"));
            let request = request.bearer_auth(&house.anna.token).header("makegood-wire", version);
            let refused = code(request.send().await.unwrap()).await;
            assert_eq!(refused, (426, "wire_version".to_owned()));
        }
        let (_, person) =
            house.row::<makegood_domain::person::Person>(&house.anna.person.to_string()).await;
        let scope = Scope::Customers(BTreeSet::from([house.gmbh]));
        house.app.put_person(&person, &scope).await.unwrap();
        assert_eq!(get(cursor).await, (409, "scope_changed".to_owned()));
        let answer: ScopeAnswer =
            house.get(&house.anna, "/v1/sync/scope").await.json().await.unwrap();
        assert_eq!(answer.scope, scope);
        assert_eq!(answer.revision, present.scope_revision + 1);
        assert_eq!(answer.epoch, present.epoch);
    }
}

#[tokio::test]
async fn whoever_waits_is_told_as_soon_as_something_happens() {
    for house in houses().await {
        let (_, cursor) = pull(&house, &house.anna, "").await;
        let path = format!("/v1/sync/changes?cursor={cursor}&wait=25");
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let waiting = house.get(&house.carla, &path);
        let deciding = house.send(&house.anna, &command);
        let (response, answer) = tokio::join!(waiting, deciding);
        assert_eq!(answer["outcome"], "applied");
        let text = response.text().await.unwrap();
        assert!(text.contains(&house.nw1.credit.to_string()), "{text}");
    }
}

#[tokio::test]
async fn an_orderly_end_answers_whoever_waits() {
    for house in houses().await {
        let (_, cursor) = pull(&house, &house.anna, "").await;
        let path = house.url(&format!("/v1/sync/changes?cursor={cursor}&wait=30"));
        let request = house.http.get(path).bearer_auth(&house.anna.token);
        let waiting = tokio::spawn(request.send());
        // A second request is answered: the first is under way or will be refused by nobody.
        house.get(&house.anna, "/v1/sync/scope").await;
        house.running.stop().await.unwrap();
        if let Ok(response) = waiting.await.unwrap() {
            assert_eq!(response.status(), StatusCode::OK);
        }
    }
}

/// More at once than there are connections: whoever held one and waited for another would get none.
#[tokio::test(flavor = "multi_thread")]
async fn many_desks_that_ask_at_once_are_all_answered() {
    for house in houses().await {
        let ask = |at: usize| {
            let path = if at.is_multiple_of(2) { "/v1/sync/scope" } else { "/v1/sync/changes" };
            house.get(&house.anna, path)
        };
        for answer in futures_util::future::join_all((0..32).map(ask)).await {
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }
}

/// Follows the feed until it tells of `credit`: all that was told.
async fn follow(
    house: &House,
    desk: &Seat,
    cursor: String,
    credit: &str,
) -> Result<String, Response> {
    let (mut cursor, mut all) = (cursor, String::new());
    while !all.contains(credit) {
        let path = format!("/v1/sync/changes?cursor={cursor}&wait=25");
        let response = house.get(desk, &path).await;
        if response.status() != StatusCode::OK {
            return Err(response);
        }
        let text = response.text().await.unwrap();
        cursor = pages(&text).pop().unwrap().1;
        all.push_str(&text);
    }
    Ok(all)
}

/// They share what is read for them, and nothing that is another's.
#[tokio::test(flavor = "multi_thread")]
async fn law_9_of_many_who_wait_together_each_is_told_what_is_theirs_and_who_is_revoked_nothing() {
    for house in houses().await {
        let mut desks = Vec::new();
        for at in 0..24 {
            let (customer, own, other) = match at % 2 {
                0 => (house.gmbh, house.nw1.credit, house.nw3.credit),
                _ => (house.inc, house.nw3.credit, house.nw1.credit),
            };
            let scope = Scope::Customers(BTreeSet::from([customer]));
            let desk = seat(&house.app, &format!("Desk {at}"), Role::Csm, scope).await;
            desks.push((desk, own.to_string(), other.to_string()));
        }
        let person = desks[0].0.person;
        let ended = house.app.issue_token(None, person, TokenKind::Session, 1).await.unwrap();
        let revoked = Seat { person, token: ended.text };
        let mut told = Vec::new();
        for (desk, own, _) in &desks {
            let (_, cursor) = pull(&house, desk, "").await;
            told.push(follow(&house, desk, cursor, own));
        }
        let (_, cursor) = pull(&house, &revoked, "").await;
        let not_told = follow(&house, &revoked, cursor, &desks[0].1);
        let change = async {
            let mut tx = house.app.store().begin(None).await.unwrap();
            tx.revoke_token(ended.id).await.unwrap();
            tx.commit().await.unwrap();
            for credit in [house.nw1.credit, house.nw3.credit] {
                let command = house.about("propose_credit", credit, json!({})).await;
                assert_eq!(house.send(&house.anna, &command).await["outcome"], "applied");
            }
        };
        let (told, not_told, ()) =
            tokio::join!(futures_util::future::join_all(told), not_told, change);
        assert_eq!(code(not_told.unwrap_err()).await, (401, "token_invalid".to_owned()));
        for (told, (_, _, other)) in told.into_iter().zip(&desks) {
            assert!(!told.unwrap().contains(other));
        }
    }
}
