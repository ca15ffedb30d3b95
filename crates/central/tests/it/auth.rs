//! Every route behind its token, its role and its scope; and tokens by two people.

use crate::house::{House, Seat, houses, seat};
use makegood_central::routes::{OPEN, described};
use makegood_domain::{
    id::CustomerId,
    person::{Role, Scope, TokenKind},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn call(house: &House, method: &str, path: &str, token: Option<&str>) -> Response {
    let path = path
        .replace("/v1/settlements/{id}", &format!("/v1/settlements/{}", house.nw1.settlement))
        .replace("/v1/customers/{id}", &format!("/v1/customers/{}", house.gmbh))
        .replace("{id}", &house.nw1.settlement.to_string())
        .replace("{position}", "A-1")
        .replace("{source}", "prober");
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = house.http.request(method, house.url(&path)).body("[]");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let document: Value = response.json().await.unwrap();
    assert_eq!(document["status"], status);
    (status, document["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_route_that_is_not_open_refuses_without_and_with_a_wrong_token() {
    for house in houses().await {
        for (method, path) in described() {
            let path = path.as_str();
            let response = call(&house, method, path, None).await;
            if OPEN.contains(&path) {
                assert_eq!(response.status(), StatusCode::OK);
                continue;
            }
            if (method, path) == ("POST", "/v1/session") {
                // What it is sent is what gives a token.
                assert_eq!(problem(response).await, (422, "invalid".to_owned()));
                continue;
            }
            assert_eq!(problem(response).await, (401, "token_missing".to_owned()), "{path}");
            let wrong = format!("mgd_{}", "0".repeat(64));
            let response = call(&house, method, path, Some(&wrong)).await;
            assert_eq!(problem(response).await, (401, "token_invalid".to_owned()), "{path}");
        }
        let nowhere = call(&house, "GET", "/v1/nowhere", None).await;
        assert_eq!(problem(nowhere).await, (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn every_route_asks_for_its_role() {
    for house in houses().await {
        let nobody = seat(&house.app, "Nobody", Role::Csm, Scope::All).await;
        let (_, mut person) =
            house.row::<makegood_domain::person::Person>(&nobody.person.to_string()).await;
        person.roles.clear();
        house.app.put_person(&person, &Scope::All).await.unwrap();
        for (method, path) in described() {
            let path = path.as_str();
            // Commands ask for their role one by one; tests of approval walk them.
            // Everybody may sign in and out.
            if OPEN.contains(&path) || matches!(path, "/v1/commands" | "/v1/session") {
                continue;
            }
            let response = call(&house, method, path, Some(&nobody.token)).await;
            assert_eq!(problem(response).await, (403, "role_missing".to_owned()), "{path}");
            // An account manager has tokens of their own, reads what is synced, and none of the
            // house's own business.
            if path == "/v1/tokens/personal" {
                continue;
            }
            let reads = [
                "/v1/sync/",
                "/v1/settlements/",
                "/v1/customers/",
                "/v1/audit/",
                "/metrics",
                "/v1/windows/checklist",
                "/v1/windows/closing",
                "/v1/windows/open",
                "/v1/alerts",
            ]
            .iter()
            .any(|at| path.starts_with(at))
                || (method, path) == ("GET", "/v1/tokens");
            let response = call(&house, method, path, Some(&house.mira.token)).await;
            if path == "/v1/settlements/{id}/beside" {
                // They may ask; what they sent is no log.
                assert_eq!(problem(response).await, (422, "invalid".to_owned()), "{path}");
            } else if reads {
                assert_eq!(response.status(), StatusCode::OK, "{path}");
            } else if path == "/v1/exclusions/{id}/effect" {
                // They may read it; there is none of that id.
                assert_eq!(problem(response).await, (404, "not_found".to_owned()), "{path}");
            } else {
                assert_eq!(problem(response).await, (403, "role_missing".to_owned()), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn what_lies_outside_the_scope_is_refused() {
    for house in houses().await {
        let inc = Scope::Customers(BTreeSet::from([house.inc]));
        let csm = seat(&house.app, "Ines", Role::Csm, inc.clone()).await;
        let path = format!("/v1/settlements/{}/case", house.nw1.settlement);
        let refused = problem(house.get(&csm, &path).await).await;
        assert_eq!(refused, (403, "scope_missing".to_owned()));
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let answer = house.send(&csm, &command).await;
        assert_eq!(answer["outcome"], "forbidden");
        assert_eq!(answer["problem"]["code"], "scope_missing");
        let own = house.about("propose_credit", house.nw3.credit, json!({})).await;
        assert_eq!(house.send(&csm, &own).await["outcome"], "applied");
        let admin = seat(&house.app, "Adam", Role::Admin, inc).await;
        for (method, path) in [
            ("POST", "/v1/import"),
            ("POST", "/v1/windows/close"),
            ("POST", "/v1/evidence/{source}/outages"),
            ("GET", "/v1/people"),
            ("POST", "/v1/people"),
            ("POST", "/v1/policy"),
            ("GET", "/v1/proposals"),
            ("POST", "/v1/proposals/{id}/decision"),
            ("GET", "/v1/sources"),
            ("GET", "/v1/messages"),
            ("POST", "/v1/messages/{id}/resend"),
            ("POST", "/v1/tokens"),
            ("POST", "/v1/tokens/{id}/confirm"),
        ] {
            let response = call(&house, method, path, Some(&admin.token)).await;
            assert_eq!(problem(response).await, (403, "scope_missing".to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn a_token_ends_when_it_expires_or_is_revoked() {
    for house in houses().await {
        let person = house.anna.person;
        let short = house.app.issue_token(None, person, TokenKind::Session, 1).await.unwrap();
        let long = house.app.issue_token(None, person, TokenKind::Personal, 300).await.unwrap();
        let [short, long] =
            [short, long].map(|issued| (issued.id, Seat { person, token: issued.text }));
        assert_eq!(house.get(&short.1, "/v1/sync/scope").await.status(), StatusCode::OK);
        house.ground.clock.advance(std::time::Duration::from_secs(86_400));
        let refused = problem(house.get(&short.1, "/v1/sync/scope").await).await;
        assert_eq!(refused, (401, "token_expired".to_owned()));
        assert_eq!(house.get(&long.1, "/v1/sync/scope").await.status(), StatusCode::OK);
        let path = house.url(&format!("/v1/tokens/{}", long.0));
        let request = house.http.delete(path).bearer_auth(&house.root.token);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::NO_CONTENT);
        let refused = problem(house.get(&long.1, "/v1/sync/scope").await).await;
        assert_eq!(refused, (401, "token_invalid".to_owned()));
    }
}

#[tokio::test]
async fn law_5_a_token_takes_effect_when_a_second_administrator_has_confirmed_it() {
    for house in houses().await {
        let second = seat(&house.app, "Second", Role::Admin, Scope::All).await;
        let wanted = json!({ "person": house.carla.person, "kind": "session" });
        let request = house.http.post(house.url("/v1/tokens")).bearer_auth(&house.root.token);
        let response = request.json(&wanted).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        let issued: Value = response.json().await.unwrap();
        let text = issued["token"].as_str().unwrap().to_owned();
        let carla = Seat { person: house.carla.person, token: text.clone() };
        let refused = problem(house.get(&carla, "/v1/sync/scope").await).await;
        assert_eq!(refused, (401, "token_invalid".to_owned()));
        let path = house.url(&format!("/v1/tokens/{}/confirm", issued["id"].as_str().unwrap()));
        let confirm = |seat: &Seat| house.http.post(&path).bearer_auth(&seat.token).send();
        let own = problem(confirm(&house.root).await.unwrap()).await;
        assert_eq!(own, (403, "own_proposal".to_owned()));
        assert_eq!(confirm(&second).await.unwrap().status(), StatusCode::NO_CONTENT);
        assert_eq!(house.get(&carla, "/v1/sync/scope").await.status(), StatusCode::OK);
        // The text itself is nowhere: not in the store, not on record.
        let mut conn = house.app.store().reading().await.unwrap();
        let events = makegood_central::store::audit::events(&mut conn, 0, 1000).await.unwrap();
        assert!(!serde_json::to_string(&events).unwrap().contains(&text));
    }
}

#[tokio::test]
async fn law_5_a_role_that_was_taken_away_is_gone_at_once() {
    for house in houses().await {
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let (_, mut person) =
            house.row::<makegood_domain::person::Person>(&house.anna.person.to_string()).await;
        person.roles = BTreeSet::from([Role::AccountManager]);
        house.app.put_person(&person, &Scope::All).await.unwrap();
        let answer = house.send(&house.anna, &command).await;
        assert_eq!(answer["problem"]["code"], "role_missing");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_text_is_refused() {
    for house in houses().await {
        let post = |body: Vec<u8>| {
            let request = house.http.post(house.url("/v1/commands"));
            request.bearer_auth(&house.anna.token).body(body).send()
        };
        let large = problem(post(vec![b' '; (1 << 20) + 1]).await.unwrap()).await;
        assert_eq!(large, (413, "too_large".to_owned()));
        let broken = problem(post(b"[\"\xff\"]".to_vec()).await.unwrap()).await;
        assert_eq!(broken, (422, "text_invalid".to_owned()));
        let garbage = problem(post(b"[{".to_vec()).await.unwrap()).await;
        assert_eq!(garbage, (422, "invalid".to_owned()));
        let gone: CustomerId = house.app.store().ids().make();
        let path = format!("/v1/settlements/{gone}/case");
        assert_eq!(problem(house.get(&house.anna, &path).await).await.0, 404);
    }
}
