//! Authoring: a draft is written, looked at, tried on the past, proposed, and put in force by somebody
//! else (law 5).

use crate::{
    house::{House, Seat, houses},
    northwind,
};
use makegood_central::{ingest::slots, store::contract};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn ask(
    house: &House,
    by: &Seat,
    (method, path): (Method, &str),
    body: Option<&Value>,
) -> (u16, Value) {
    let mut request = house.http.request(method, house.url(path)).bearer_auth(&by.token);
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn get(house: &House, by: &Seat, path: &str) -> Value {
    let (status, answer) = ask(house, by, (Method::GET, path), None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// A draft, begun by Carla.
async fn begun(house: &House, body: &Value) -> Value {
    let (status, draft) = ask(house, &house.carla, (Method::POST, "/v1/drafts"), Some(body)).await;
    assert_eq!(status, 201, "{draft}");
    draft
}

fn path(draft: &Value, rest: &str) -> String {
    format!("/v1/drafts/{}{rest}", draft["id"].as_str().unwrap())
}

fn document(draft: &Value) -> Value {
    serde_json::from_str(draft["document"].as_str().unwrap()).unwrap()
}

/// NW-1 from December on, as it is in force.
async fn amendment(house: &House) -> Value {
    let body = json!({
        "title": "NW-1: twice the credit from December",
        "amend": { "contract": house.nw1.contract, "valid_from": "2026-11-30T23:00:00Z" },
    });
    begun(house, &body).await
}

#[tokio::test]
async fn a_contract_that_ends_with_the_year_is_renewed_from_there() {
    for house in houses().await {
        let mut ending = northwind::document();
        ending["contracts"][0]["versions"][0]["valid_to"] = json!("2026-12-31T23:00:00Z");
        northwind::apply(&house.ground, house.root.person, &ending).await;
        let body = json!({
            "title": "NW-1: 2027",
            "amend": { "contract": house.nw1.contract, "valid_from": "2026-12-31T23:00:00Z" },
        });
        let document = document(&begun(&house, &body).await);
        let version = &document["contracts"][0]["versions"][0];
        assert_eq!(version.get("valid_to"), None, "{version}");
        let line = &version["lines"][0];
        assert_eq!((&line["name"], line.get("active_to")), (&json!("API availability"), None));
    }
}

/// Writes the draft's next revision.
async fn rewritten(house: &House, draft: &Value, document: &Value) -> Value {
    let body = json!({
        "revision": draft["revision"], "title": draft["title"], "document": document,
    });
    let put = ask(house, &house.carla, (Method::PUT, &path(draft, "")), Some(&body)).await;
    assert_eq!(put.0, 200, "{}", put.1);
    put.1
}

fn line(document: &mut Value) -> &mut Value {
    &mut document["contracts"][0]["versions"][0]["lines"][0]
}

#[tokio::test]
async fn an_amendment_begins_as_what_is_in_force_and_is_tried_on_the_past() {
    for house in houses().await {
        let draft = amendment(&house).await;
        assert_eq!((&draft["number"], &draft["revision"]), (&json!("D-1"), &json!(1)));
        let mut written = document(&draft);
        assert_eq!(written["contracts"][0]["versions"][0]["number"], 2);
        assert_eq!(line(&mut written)["terms"]["objective"], "99.9");
        assert_eq!(line(&mut written)["charges"][0]["amount"], "12000.00");
        // As it is, the past comes to what was owed.
        let past = get(&house, &house.carla, &path(&draft, "/past?months=2")).await;
        let windows = past["contracts"][0]["windows"].as_array().unwrap();
        let labels: Vec<_> = windows.iter().map(|one| one["window"].as_str().unwrap()).collect();
        assert_eq!(labels, ["2026-09", "2026-10"]);
        assert_eq!(windows[1]["owed"], json!({ "currency": "EUR", "amount": "1200.00" }));
        assert_eq!(windows[1]["was"], windows[1]["owed"]);
        assert_eq!((&past["measured"], &past["missed"]), (&json!(2), &json!(1)));
        // Twice the share: twice the money, and the settlement stays.
        line(&mut written)["terms"]["credit"]["tiers"][0]["percent"] = json!("20");
        let draft = rewritten(&house, &draft, &written).await;
        let past = get(&house, &house.carla, &path(&draft, "/past?months=2")).await;
        assert_eq!(past["owed"], json!([{ "currency": "EUR", "amount": "2400.00" }]));
        assert_eq!(past["contracts"][0]["windows"][1]["was"]["amount"], "1200.00");
        let look = get(&house, &house.carla, &path(&draft, "")).await;
        assert_eq!((&look["problem"], &look["drives_money"]), (&Value::Null, &json!(true)));
        let versions = versions(&house).await;
        assert_eq!(versions, [1], "neither looking nor trying changes anything");
        let (status, answer) =
            ask(&house, &house.carla, (Method::GET, &path(&draft, "/past?months=37")), None).await;
        assert_eq!((status, &answer["path"]), (422, &json!("months")), "{answer}");
    }
}

async fn versions(house: &House) -> Vec<i64> {
    let mut conn = house.app.store().reading().await.unwrap();
    let versions = contract::versions(&mut conn, house.gmbh, house.nw1.contract).await.unwrap();
    versions.iter().map(|version| version.number).collect()
}

#[tokio::test]
async fn law_5_a_draft_takes_effect_by_a_second_person_and_is_proposed_once() {
    for house in houses().await {
        let draft = amendment(&house).await;
        let mut written = document(&draft);
        line(&mut written)["terms"]["objective"] = json!("99.95");
        line(&mut written)["terms"]["internal_objective"] = json!("99.97");
        let draft = rewritten(&house, &draft, &written).await;
        // Law 7: whoever looked at the first revision changes nothing.
        let old = json!({ "revision": 1 });
        let propose = (Method::POST, path(&draft, "/proposal"));
        let at = |which: &(Method, String)| (which.0.clone(), which.1.clone());
        let (method, to) = at(&propose);
        let (status, answer) = ask(&house, &house.carla, (method, &to), Some(&old)).await;
        assert_eq!((status, &answer["code"]), (409, &json!("stale")));
        let seen = json!({ "revision": draft["revision"] });
        let (method, to) = at(&propose);
        let (status, made) = ask(&house, &house.carla, (method, &to), Some(&seen)).await;
        assert_eq!(status, 202, "{made}");
        let (method, to) = at(&propose);
        let again = json!({ "revision": 3 });
        let (status, answer) = ask(&house, &house.carla, (method, &to), Some(&again)).await;
        assert_eq!((status, &answer["code"]), (409, &json!("wrong_state")), "{answer}");
        let decision = format!("/v1/proposals/{}/decision", made["id"].as_str().unwrap());
        let yes = json!({ "put_in_force": { "seen": made["seen"] } });
        let own = ask(&house, &house.carla, (Method::POST, &decision), Some(&yes)).await;
        assert_eq!((own.0, &own.1["code"]), (403, &json!("own_proposal")));
        let other = ask(&house, &house.david, (Method::POST, &decision), Some(&yes)).await;
        assert_eq!(other.0, 200, "{}", other.1);
        assert_eq!(versions(&house).await, [1, 2]);
        let listed = get(&house, &house.carla, "/v1/drafts").await;
        assert_eq!(listed[0]["state"], "proposed");
        assert_eq!(listed[0]["proposal"], made["id"]);
        assert_eq!(listed[0]["document"], Value::Null, "a list is short");
    }
}

#[tokio::test]
async fn what_is_wrong_and_what_is_unwise_is_told_by_its_place() {
    for house in houses().await {
        let draft = amendment(&house).await;
        let mut written = document(&draft);
        // Less money for worse service: valid, and nobody means it.
        line(&mut written)["terms"]["credit"]["tiers"][1]["percent"] = json!("5");
        let draft = rewritten(&house, &draft, &written).await;
        let look = get(&house, &house.carla, &path(&draft, "")).await;
        assert_eq!(look["problem"], Value::Null);
        let found = look["findings"].as_array().unwrap();
        let place = "contracts[0].versions[0].lines[0].terms.credit.tiers[1]";
        let is_there = |one: &&Value| one["path"].as_str().unwrap().starts_with(place);
        let about = found.iter().find(is_there);
        assert!(about.is_some_and(|one| !one["why"].as_str().unwrap().is_empty()), "{look}");
        line(&mut written)["terms"]["objective"] = json!("99,9");
        let draft = rewritten(&house, &draft, &written).await;
        let look = get(&house, &house.carla, &path(&draft, "")).await;
        let place = "contracts[0].versions[0].lines[0].terms.objective";
        assert_eq!(look["problem"]["path"], place, "{look}");
        assert_eq!(look["differences"], json!([]));
        let seen = json!({ "revision": draft["revision"] });
        let to = path(&draft, "/proposal");
        let proposed = ask(&house, &house.carla, (Method::POST, &to), Some(&seen)).await;
        assert_eq!((proposed.0, &proposed.1["code"]), (422, &json!("terms_invalid")));
        // It is as open as before, and can be thrown away.
        let away = path(&draft, &format!("?revision={}", draft["revision"]));
        let gone = ask(&house, &house.carla, (Method::DELETE, &away), None).await;
        assert_eq!((gone.0, &gone.1["state"]), (200, &json!("discarded")), "{}", gone.1);
        assert_eq!(get(&house, &house.carla, "/v1/drafts").await, json!([]));
    }
}

#[tokio::test]
async fn a_template_and_what_can_be_named_make_a_new_contract() {
    for house in houses().await {
        let named = get(&house, &house.carla, "/v1/authoring").await;
        assert_eq!(named["series"], json!([{ "source": "prober", "service": "platform" }]));
        let template = named["templates"][0]["id"].as_str().unwrap();
        let terms = get(&house, &house.carla, &format!("/v1/templates/{template}")).await;
        let document = json!({
            "format": "makegood/import/1",
            "contracts": [{
                "customer": named["customers"][0]["key"], "number": "NW-9",
                "legal_entity": named["legal_entities"][0]["key"], "currency": "EUR",
                "versions": [{
                    "number": 1, "valid_from": "2026-12-01T00:00:00Z",
                    "lines": [
                        {
                            "name": "Compute", "series": named["series"][0], "terms": terms["terms"],
                            "charges": [{
                                "amount": "900.00", "frequency": "monthly", "from": "2026-12-01",
                            }],
                        },
                        {
                            "name": "Not measured yet",
                            "series": { "source": "prober", "service": "new" },
                            "terms": terms["terms"],
                            "charges": [{
                                "amount": "1.00", "frequency": "monthly", "from": "2026-12-01",
                            }],
                        },
                    ],
                }],
            }],
        });
        let draft = begun(&house, &json!({ "title": "NW-9", "document": document })).await;
        let past = get(&house, &house.carla, &path(&draft, "/past")).await;
        let contract = &past["contracts"][0];
        assert_eq!(contract["windows"].as_array().unwrap().len(), 12, "{past}");
        assert_eq!(contract["without_evidence"], json!(["Not measured yet"]));
        let october = &contract["windows"][11];
        assert_eq!(october["lines"].as_array().unwrap().len(), 1);
        assert_eq!(october["lines"][0]["met"], false, "{october}");
        assert_eq!(october["was"], Value::Null);
        // Whom it does not concern sees none of it.
        for path in ["/v1/drafts", "/v1/authoring", &format!("/v1/templates/{template}")] {
            let (status, _) = ask(&house, &house.anna, (Method::GET, path), None).await;
            assert_eq!(status, StatusCode::FORBIDDEN.as_u16(), "{path}");
        }
        let both = json!({ "title": "?", "document": {}, "amend": {
            "contract": house.nw1.contract, "valid_from": "2026-12-01T00:00:00Z",
        } });
        let (status, _) =
            ask(&house, &house.carla, (Method::POST, "/v1/drafts"), Some(&both)).await;
        assert_eq!(status, 422);
    }
}

#[tokio::test]
async fn slots_are_tried_on_from_the_first_whole_window_that_they_cover() {
    for house in houses().await {
        let draft = amendment(&house).await;
        let mut written = document(&draft);
        line(&mut written)["series"] = json!({ "source": "counter", "service": "api" });
        line(&mut written)["terms"] = json!({
            "objective": "99", "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
            "measure": { "requests": { "slot": "1h" } },
            "credit": { "tiers": [{ "below": "99", "percent": "10" }] },
        });
        let draft = rewritten(&house, &draft, &written).await;
        let past = get(&house, &house.carla, &path(&draft, "/past")).await;
        assert_eq!(past["contracts"][0]["without_evidence"], json!(["API availability"]));
        // The middle of September to early November: October alone is whole and over.
        let body = json!({ "slots": [{
            "service": "api", "slot_seconds": 3600, "start": "2026-09-15T00:00:00Z",
            "runs": [{ "count": 1224, "requests": 1000, "errors": 20 }],
        }] });
        let (store, by) = (&house.ground.store, house.root.person);
        let report = slots::apply(store, by, "counter", body.to_string().as_bytes()).await;
        assert_eq!(report.unwrap().added, 1);
        let past = get(&house, &house.carla, &path(&draft, "/past")).await;
        let windows = past["contracts"][0]["windows"].as_array().unwrap();
        assert_eq!(windows.len(), 1, "{past}");
        assert_eq!(windows[0]["window"], "2026-10");
        assert_eq!(windows[0]["lines"][0]["percent"], "98.000000");
        assert_eq!(windows[0]["owed"]["amount"], "1200.00");
    }
}
