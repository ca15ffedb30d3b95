//! Whose access has ended reads and does nothing more, also where they had begun before.

use crate::{
    horizon::{many, sent},
    house::{House, Seat, houses},
};
use makegood_domain::person::{Person, Scope, TokenKind};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Somebody's roles are taken.
async fn roles_taken(house: &House, seat: &Seat) {
    let (_, person) = house.row::<Person>(&seat.person.to_string()).await;
    let person = Person { roles: [].into(), ..person };
    house.app.put_person(&person, &Scope::All).await.unwrap();
}

/// Ends every token of somebody, as an administrator who finds them in the access review.
async fn end(house: &House, seat: &Seat) {
    let lines: Value = house.get(&house.root, "/v1/access-review").await.json().await.unwrap();
    let theirs = lines.as_array().unwrap().iter().filter(|line| {
        line["person"] == seat.person.to_string().as_str() && line["way"] != "person"
    });
    let ids: Vec<&str> = theirs.map(|line| line["token"].as_str().unwrap()).collect();
    assert!(!ids.is_empty());
    for id in ids {
        let url = house.url(&format!("/v1/tokens/{id}"));
        let request = house.http.delete(url).bearer_auth(&house.root.token);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn who_is_revoked_between_two_pages_gets_no_other() {
    for house in houses().await {
        many(&house).await;
        let refused = sent(&house, async || end(&house, &house.anna).await).await.unwrap_err();
        assert!(refused.contains("token"), "{refused}");
    }
    for house in houses().await {
        many(&house).await;
        let taken = async || roles_taken(&house, &house.anna).await;
        let refused = sent(&house, taken).await.unwrap_err();
        assert!(refused.contains("may not read"), "{refused}");
    }
}

#[tokio::test]
async fn a_body_that_comes_after_its_sender_was_revoked_changes_nothing() {
    for house in houses().await {
        let body = json!({ "format": "makegood/import/1", "incidents": [{
            "number": "INC-999", "title": "Late", "began_at": "2026-10-14T03:05:00Z",
            "ended_at": "2026-10-14T04:10:00Z", "hits": [],
        }] });
        let body = body.to_string();
        let mut slow = TcpStream::connect(house.running.address()).await.unwrap();
        let (first, rest) = body.split_at(10);
        let head = format!(
            "POST /v1/import HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
             expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
            house.root.token,
            body.len()
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        // It asks for the body once it knows who sends it.
        let mut asked = [0; 25];
        slow.read_exact(&mut asked).await.unwrap();
        assert!(asked.starts_with(b"HTTP/1.1 100"), "{:?}", String::from_utf8_lossy(&asked));
        slow.write_all(first.as_bytes()).await.unwrap();
        end(&house, &house.root).await;
        slow.write_all(rest.as_bytes()).await.unwrap();
        let mut said = String::new();
        slow.read_to_string(&mut said).await.unwrap();
        assert!(said.starts_with("HTTP/1.1 401") && said.contains("token_invalid"), "{said}");
        let mut conn = house.app.store().reading().await.unwrap();
        let found = makegood_central::store::incident::by_number(&mut conn, "INC-999").await;
        assert!(found.unwrap().is_none());
    }
}

#[tokio::test]
async fn law_5_a_personal_token_administers_nothing_however_it_came_about() {
    for house in houses().await {
        let root = house.root.person;
        let issued = house.app.issue_token(None, root, TokenKind::Personal, 30).await.unwrap();
        let wanted = json!({ "person": house.anna.person, "kind": "session" });
        let request = house.http.post(house.url("/v1/tokens")).bearer_auth(&issued.text);
        let answer = request.json(&wanted).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "token_may_not_approve");
    }
}

#[tokio::test]
async fn a_script_sees_and_ends_its_own_token_alone() {
    for house in houses().await {
        let wanted = json!({ "name": "export", "permissions": ["read"], "days": 9 });
        let request = house.http.post(house.url("/v1/tokens/personal"));
        let request = request.bearer_auth(&house.anna.token).json(&wanted);
        let made: Value = request.send().await.unwrap().json().await.unwrap();
        let token = made["token"].as_str().unwrap().to_owned();
        let script = Seat { person: house.anna.person, token };
        let list: Value = house.get(&house.anna, "/v1/tokens").await.json().await.unwrap();
        let mut ids =
            list["tokens"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap());
        let session = ids.find(|id| *id != made["id"]).unwrap().to_owned();
        let list: Value = house.get(&script, "/v1/tokens").await.json().await.unwrap();
        assert_eq!(list["tokens"].as_array().unwrap().len(), 1, "{list}");
        assert_eq!(list["tokens"][0]["id"], made["id"]);
        let end = async |id: &str| {
            let url = house.url(&format!("/v1/tokens/{id}"));
            house.http.delete(url).bearer_auth(&script.token).send().await.unwrap().status()
        };
        assert_eq!(end(&session).await, StatusCode::FORBIDDEN);
        let own = made["id"].as_str().unwrap();
        assert_eq!(end(own).await, StatusCode::NO_CONTENT);
        assert_eq!(house.get(&house.anna, "/v1/tokens").await.status(), StatusCode::OK);
    }
}
