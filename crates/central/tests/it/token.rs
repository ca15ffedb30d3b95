//! Personal tokens: a part of what their owner may do, for a year at most, and never a decision.

use crate::house::{House, Seat, houses};
use makegood_domain::person::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn make(house: &House, token: &str, wanted: &Value) -> (u16, Value) {
    let request = house.http.post(house.url("/v1/tokens/personal")).bearer_auth(token);
    let response = request.json(wanted).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn made(house: &House, seat: &Seat, wanted: &Value) -> (String, Seat) {
    let (status, answer) = make(house, &seat.token, wanted).await;
    assert_eq!(status, 201, "{answer}");
    let text = |key: &str| answer[key].as_str().unwrap().to_owned();
    (text("id"), Seat { person: seat.person, token: text("token") })
}

async fn answer(house: &House, seat: &Seat, path: &str) -> Value {
    house.get(seat, path).await.json().await.unwrap()
}

fn wanted(permissions: &[&str]) -> Value {
    json!({ "name": "nightly export", "permissions": permissions, "days": 90 })
}

#[tokio::test]
async fn a_personal_token_does_what_it_is_confined_to_and_no_more() {
    for house in houses().await {
        let (_, reader) = made(&house, &house.anna, &wanted(&["read"])).await;
        assert_eq!(house.get(&reader, "/v1/sync/scope").await.status(), StatusCode::OK);
        let propose = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let refused = house.send(&reader, &propose).await;
        assert_eq!(refused["problem"]["code"], "role_missing");
        let (_, writer) = made(&house, &house.anna, &wanted(&["propose_credit"])).await;
        let propose = house.about("propose_credit", house.nw1.credit, json!({})).await;
        assert_eq!(house.send(&writer, &propose).await["outcome"], "applied");
        assert_eq!(answer(&house, &writer, "/v1/sync/scope").await["code"], "role_missing");
        // What its owner loses, it loses.
        let (_, mut anna) =
            house.row::<makegood_domain::person::Person>(&house.anna.person.to_string()).await;
        anna.roles = [Role::AccountManager].into();
        house.app.put_person(&anna, &makegood_domain::person::Scope::All).await.unwrap();
        let propose = house.about("propose_credit", house.nw3.credit, json!({})).await;
        assert_eq!(house.send(&writer, &propose).await["problem"]["code"], "role_missing");
    }
}

#[tokio::test]
async fn law_9_a_token_for_some_customers_sees_theirs_and_its_mirror_is_its_own() {
    for house in houses().await {
        let mut some = wanted(&["read"]);
        some["customers"] = json!([house.inc]);
        let (_, narrow) = made(&house, &house.anna, &some).await;
        let (_, wide) = made(&house, &house.anna, &wanted(&["read"])).await;
        let scope = answer(&house, &narrow, "/v1/sync/scope").await;
        assert_eq!(scope["scope"]["customers"], json!([house.inc]));
        let digest = answer(&house, &narrow, "/v1/sync/digest").await.to_string();
        assert!(
            digest.contains(&house.inc.to_string()) && !digest.contains(&house.gmbh.to_string())
        );
        let case = format!("/v1/settlements/{}/case", house.nw1.settlement);
        assert_eq!(answer(&house, &narrow, &case).await["code"], "scope_missing");
        // A cursor of the whole scope is not continued by the part, nor the other way round.
        let cursor = |text: String| {
            let end = text.lines().rfind(|line| line.contains("\"end\"")).unwrap().to_owned();
            let end: Value = serde_json::from_str(&end).unwrap();
            end["cursor"].as_str().unwrap().to_owned()
        };
        for (from, to) in [(&wide, &narrow), (&narrow, &wide)] {
            let text = house.get(from, "/v1/sync/changes").await.text().await.unwrap();
            let path = format!("/v1/sync/changes?cursor={}", cursor(text));
            assert_eq!(house.get(from, &path).await.status(), StatusCode::OK);
            assert_eq!(answer(&house, to, &path).await["code"], "scope_changed");
        }
    }
}

#[tokio::test]
async fn law_5_no_script_decides_or_makes_tokens_and_none_has_more_than_its_owner() {
    for house in houses().await {
        let refused = async |seat: &Seat, change: Value| {
            let mut wanted = wanted(&["read"]);
            for (key, value) in change.as_object().unwrap() {
                wanted[key] = value.clone();
            }
            let (status, problem) = make(&house, &seat.token, &wanted).await;
            assert!(status >= 400, "{wanted}");
            let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
            (text("code"), text("path"))
        };
        let said = |code: &str, path: &str| (code.to_owned(), path.to_owned());
        for verb in ["approve_credit", "decide_exclusion"] {
            let found = refused(&house.carla, json!({ "permissions": [verb] })).await;
            assert_eq!(found, said("token_may_not_approve", "permissions"));
        }
        let found = refused(&house.root, json!({ "permissions": ["read", "administer"] })).await;
        assert_eq!(found, said("token_may_not_approve", "permissions"));
        let found = refused(&house.carla, json!({ "permissions": ["ingest"] })).await;
        assert_eq!(found, said("role_missing", "permissions"));
        let only = makegood_domain::person::Scope::Customers([house.inc].into());
        let ines = crate::house::seat(&house.app, "Ines", Role::Csm, only).await;
        let found = refused(&ines, json!({ "customers": [house.gmbh] })).await;
        assert_eq!(found, said("scope_missing", "customers"));
        for (key, value) in [
            ("days", json!(0)),
            ("days", json!(366)),
            ("name", json!(" ")),
            ("name", json!("a\nb")),
            ("permissions", json!([])),
            ("customers", json!([])),
        ] {
            assert_eq!(refused(&house.anna, json!({ key: value })).await, said("invalid", key));
        }
        let (_, script) = made(&house, &house.anna, &wanted(&["read"])).await;
        assert_eq!(refused(&script, json!({})).await.0, "token_may_not_approve");
    }
}

#[tokio::test]
async fn people_see_their_own_tokens_with_the_day_of_their_last_use_and_end_them() {
    for house in houses().await {
        let (id, script) = made(&house, &house.anna, &wanted(&["read", "review"])).await;
        let list = answer(&house, &house.anna, "/v1/tokens").await;
        let tokens = list["tokens"].as_array().unwrap();
        assert_eq!(tokens.len(), 2, "her session and her script's, nobody else's");
        let find = |list: &Value| {
            list["tokens"].as_array().unwrap().iter().find(|one| one["id"] == id.as_str()).cloned()
        };
        let before = find(&list).unwrap();
        assert_eq!(before["used_on"], Value::Null);
        assert_eq!(before["name"], "nightly export");
        assert_eq!(before["permissions"], json!(["read", "review"]));
        assert!(!list.to_string().contains(&script.token));
        house.get(&script, "/v1/sync/scope").await;
        house.ground.clock.advance(std::time::Duration::from_secs(86_400));
        let used = |list: &Value| find(list).unwrap()["used_on"].clone();
        assert_eq!(used(&answer(&house, &house.anna, "/v1/tokens").await), "2026-11-09");
        house.get(&script, "/v1/sync/scope").await;
        assert_eq!(used(&answer(&house, &house.anna, "/v1/tokens").await), "2026-11-10");

        let url = house.url(&format!("/v1/tokens/{id}"));
        let end = |seat: &Seat| house.http.delete(&url).bearer_auth(&seat.token).send();
        assert_eq!(end(&house.ben).await.unwrap().status(), StatusCode::FORBIDDEN);
        assert_eq!(end(&house.anna).await.unwrap().status(), StatusCode::NO_CONTENT);
        assert_eq!(answer(&house, &script, "/v1/sync/scope").await["code"], "token_invalid");
        assert_eq!(find(&answer(&house, &house.anna, "/v1/tokens").await), None);
    }
}
