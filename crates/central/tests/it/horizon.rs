//! What is gone, and forgotten as gone: whoever was told of it goes on, everybody else begins anew
//! (law 9).

use crate::{
    house::{House, houses},
    sync::{ask, code, note, pages, pull},
};
use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use futures_util::StreamExt as _;
use makegood_domain::{note::Note, wire::Cursor};
use reqwest::StatusCode;
use serde_json::json;

async fn put(house: &House, notes: &[Note]) {
    let mut tx = house.app.store().begin(None).await.unwrap();
    for note in notes {
        tx.put(note).await.unwrap();
    }
    tx.audit("test.noted", ("test", "note"), None, json!({}));
    tx.commit().await.unwrap();
}

async fn delete(house: &House, note: &Note) {
    let mut tx = house.app.store().begin(None).await.unwrap();
    tx.delete::<Note>(Some(note.customer), note.id).await.unwrap();
    tx.audit("test.noted", ("test", "note"), None, json!({}));
    tx.commit().await.unwrap();
}

/// Forgets the one tombstone that there is.
async fn collect(house: &House) {
    let later = house.ground.clock.now() + TimeDelta::seconds(1);
    assert_eq!(house.app.store().collect_tombstones(later).await.unwrap(), 1);
}

#[tokio::test]
async fn law_9_a_cursor_from_before_what_was_collected_is_refused() {
    for house in houses().await {
        let (changes, cursor) = pull(&house, &house.anna, "").await;
        let present = Cursor::parse(&cursor).unwrap();
        let note = note(&house, "soon gone");
        put(&house, std::slice::from_ref(&note)).await;
        delete(&house, &note).await;
        let (news, passed) = pull(&house, &house.anna, &cursor).await;
        let gone = news.iter().find(|change| change.row.is_none()).unwrap().seq;
        collect(&house).await;
        let get = async |cursor: &Cursor| {
            ask(&house, &house.anna, &cursor.to_string()).await.status().as_u16()
        };
        assert_eq!(get(&Cursor { begun: 0, ..present.clone() }).await, 410);
        // Whoever has passed it goes on, and so does whoever began after it was gone.
        let passed = Cursor::parse(&passed).unwrap();
        assert_eq!(get(&passed).await, 200);
        let begins = Cursor { seq: changes[0].seq, begun: passed.seq, ..passed.clone() };
        assert_eq!(get(&begins).await, 200);
        assert_eq!(get(&Cursor { seq: gone, begun: 0, ..passed.clone() }).await, 200);
        assert_eq!(get(&Cursor { seq: gone - 1, begun: 0, ..passed }).await, 410);
    }
}

/// What a desk that begins is sent when `meanwhile` happens between the first page and the next.
pub(crate) async fn sent(house: &House, meanwhile: impl AsyncFn()) -> Result<String, String> {
    let router = makegood_central::routes::router(house.app.clone());
    let bearer = format!("Bearer {}", house.anna.token);
    let request = Request::get("/v1/sync/changes").header("authorization", bearer);
    let request = request.body(Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut body = answer.into_body().into_data_stream();
    let mut text = body.next().await.unwrap().unwrap().to_vec();
    // A page is read when the one before has gone.
    meanwhile().await;
    while let Some(piece) = body.next().await {
        text.extend(piece.map_err(|error| error.to_string())?);
    }
    Ok(String::from_utf8(text).unwrap())
}

/// Notes that make an answer of several pages, and one that will be gone.
pub(crate) async fn many(house: &House) -> Note {
    let soon = note(house, "soon gone");
    let notes: Vec<Note> = (0..2000).map(|number| note(house, &format!("{number}"))).collect();
    put(house, std::slice::from_ref(&soon)).await;
    put(house, &notes).await;
    soon
}

/// The first page may have told of what is gone by the second, and nothing after it would say so.
#[tokio::test]
async fn law_9_an_answer_ends_where_what_is_gone_since_it_began_is_forgotten() {
    for house in houses().await {
        let soon = many(&house).await;
        let meanwhile = async || {
            delete(&house, &soon).await;
            collect(&house).await;
        };
        let refused = sent(&house, meanwhile).await.unwrap_err();
        assert!(refused.contains("what was deleted since is no longer known"), "{refused}");
    }
}

#[tokio::test]
async fn law_9_an_answer_goes_on_where_what_was_gone_before_it_began_is_forgotten() {
    for house in houses().await {
        let soon = many(&house).await;
        delete(&house, &soon).await;
        let text = sent(&house, async || collect(&house).await).await.unwrap();
        let pages = pages(&text);
        assert!(pages.len() >= 3, "{}", pages.len());
        assert!(!pages.last().unwrap().2);
        assert!(!text.contains(&soon.id.to_string()));
    }
}

/// Asks for what comes after `cursor`, and lets `meanwhile` happen while that is waited for.
async fn waited(house: &House, cursor: &str, meanwhile: impl AsyncFn()) -> reqwest::Response {
    let before = house.app.store().listening();
    let url = house.url(&format!("/v1/sync/changes?cursor={cursor}&wait=25"));
    let waiting = tokio::spawn(house.http.get(url).bearer_auth(&house.anna.token).send());
    while house.app.store().listening() == before && !waiting.is_finished() {
        tokio::task::yield_now().await;
    }
    meanwhile().await;
    waiting.await.unwrap().unwrap()
}

/// They begin anew: of what is gone nobody tells them any more.
#[tokio::test(flavor = "multi_thread")]
async fn law_9_whoever_waits_while_tombstones_are_collected_begins_anew() {
    for house in houses().await {
        let note = note(&house, "soon gone");
        put(&house, std::slice::from_ref(&note)).await;
        let (_, cursor) = pull(&house, &house.anna, "").await;
        // With so many who listen, each is told at most every two seconds: both commits lie between.
        let crowd: Vec<_> = (0..2000).map(|_| house.app.store().changed()).collect();
        let meanwhile = async || {
            delete(&house, &note).await;
            collect(&house).await;
        };
        let answer = waited(&house, &cursor, meanwhile).await;
        if answer.status() == StatusCode::OK {
            // Told between the two, by chance.
            assert!(answer.text().await.unwrap().contains(&note.id.to_string()));
        } else {
            assert_eq!(code(answer).await, (410, "cursor_gone".to_owned()));
        }
        drop(crowd);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_whoever_waits_and_was_told_of_what_is_collected_hears_the_next_news() {
    for house in houses().await {
        let (soon, next) = (note(&house, "soon gone"), note(&house, "next"));
        put(&house, std::slice::from_ref(&soon)).await;
        delete(&house, &soon).await;
        let (_, cursor) = pull(&house, &house.anna, "").await;
        let answer = waited(&house, &cursor, async || {
            collect(&house).await;
            put(&house, std::slice::from_ref(&next)).await;
        });
        let answer = answer.await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.text().await.unwrap().contains(&next.id.to_string()));
    }
}
