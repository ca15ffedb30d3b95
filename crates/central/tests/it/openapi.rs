//! The OpenAPI description: of every route, as committed, and true of real answers.

use crate::house::houses;
use makegood_central::routes::{described, openapi};
use serde_json::{Value, json};
use std::{env, fs, path::PathBuf};

fn description() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

#[test]
fn every_route_says_how_it_refuses() {
    let description = description();
    for (method, path) in described() {
        let operation = &description["paths"][&path][method.to_lowercase()];
        for (status, response) in operation["responses"].as_object().unwrap() {
            let refusal = status.as_str() >= "400";
            let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(
                refusal,
                problem == "#/components/schemas/ProblemDetails",
                "{path} {status}"
            );
        }
    }
}

#[test]
fn the_committed_description_is_that_of_the_routes() {
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json"));
    let fresh = serde_json::to_string_pretty(&description()).unwrap() + "\n";
    if env::var("MAKEGOOD_BINDINGS").is_ok_and(|wish| wish == "write") {
        fs::write(&file, &fresh).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/openapi.json is stale: run \
         `MAKEGOOD_BINDINGS=write cargo test -p makegood-central --test it openapi`"
    );
}

/// Whether a value has the described shape: nothing missing, nothing that is not described.
fn holds(all: &Value, shape: &Value, value: &Value, place: &str) {
    if let Some(name) = shape["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return holds(all, &all["components"]["schemas"][name], value, place);
    }
    if let Some(either) = shape["oneOf"].as_array() {
        let other = either.iter().find(|shape| shape["type"] != "null").unwrap();
        if !value.is_null() {
            holds(all, other, value, place);
        }
        return;
    }
    if let (Some(properties), Some(fields)) = (shape["properties"].as_object(), value.as_object()) {
        for name in shape["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(name.as_str().unwrap()), "{place} has no {name}");
        }
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            let shape = properties.get(name).unwrap_or_else(|| panic!("{place} is not described"));
            holds(all, shape, value, &place);
        }
    }
    if let (Some(items), Some(values)) = (shape.get("items"), value.as_array()) {
        for value in values {
            holds(all, items, value, &format!("{place}[]"));
        }
    }
    let kinds = match &shape["type"] {
        Value::String(kind) => vec![kind.as_str()],
        kinds => kinds.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.is_empty() || kinds.contains(&kind), "{place} is {kind}, not {kinds:?}");
}

#[tokio::test]
async fn what_is_described_is_what_is_answered() {
    let description = description();
    let shape = |path: &str, method: &str, status: &str| {
        let responses = &description["paths"][path][method]["responses"][status];
        let (_, content) = responses["content"].as_object().unwrap().iter().next().unwrap();
        content["schema"].clone()
    };
    for house in houses().await {
        crate::alert::alarmed(&house).await;
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let applied = house.batch(&house.anna, std::slice::from_ref(&command)).await;
        let refused = house.batch(&house.mira, &[house.command("none", json!({}), &[])]).await;
        let approve = house.about("approve_credit", house.nw1.credit, json!({})).await;
        let approved = house.send(&house.carla, &approve).await;
        let commands = shape("/v1/commands", "post", "200");
        for answers in [applied, refused] {
            holds(&description, &commands, &json!(answers), "commands");
        }
        let position = approved["receipt"]["number"].as_str().unwrap();
        let nobody = "00000000-0000-7000-8000-000000000000";
        for (path, asked, status) in [
            ("/v1/discovery", "/v1/discovery", "200"),
            ("/healthz", "/healthz", "200"),
            ("/readyz", "/readyz", "200"),
            ("/v1/sync/scope", "/v1/sync/scope", "200"),
            ("/v1/sync/digest", "/v1/sync/digest", "200"),
            ("/v1/sync/extent", "/v1/sync/extent", "200"),
            ("/v1/sync/changes", "/v1/sync/changes?wait=soon", "422"),
            ("/v1/windows/open", "/v1/windows/open", "200"),
            ("/v1/alerts", "/v1/alerts", "200"),
            ("/v1/audit/{position}", &format!("/v1/audit/{position}"), "200"),
            ("/v1/audit/{position}", "/v1/audit/A-1", "200"),
            ("/v1/audit/{position}", "/v1/audit/%ff", "404"),
            ("/v1/customers/{id}/totals", &format!("/v1/customers/{}/totals", house.gmbh), "200"),
            ("/v1/settlements/{id}/case", &format!("/v1/settlements/{nobody}/case"), "404"),
        ] {
            let answer = house.get(&house.anna, asked).await;
            assert_eq!(answer.status().as_str(), status, "{asked}");
            let value: Value = answer.json().await.unwrap();
            holds(&description, &shape(path, "get", status), &value, asked);
        }
        for (path, asked, body, status) in [
            ("/v1/windows/close", "/v1/windows/close", json!({}), "200"),
            ("/v1/import", "/v1/import", json!({ "format": "makegood/import/1" }), "200"),
            ("/v1/evidence/{source}/outages", "/v1/evidence/a/outages", json!({}), "200"),
            ("/v1/evidence/{source}/slots", "/v1/evidence/a/slots", json!({ "slots": [] }), "200"),
            (
                "/v1/tokens",
                "/v1/tokens",
                json!({ "person": house.anna.person, "kind": "session" }),
                "201",
            ),
        ] {
            let request = house.http.post(house.url(asked)).bearer_auth(&house.root.token);
            let answer = request.json(&body).send().await.unwrap();
            assert_eq!(answer.status().as_str(), status, "{asked}");
            let value: Value = answer.json().await.unwrap();
            holds(&description, &shape(path, "post", status), &value, asked);
        }
    }
}

#[test]
fn nobody_is_named_as_a_contact_and_no_address_stands_in_it() {
    assert_eq!(description()["info"].get("contact"), None);
    let text = description().to_string();
    assert!(!text.contains('@'), "an e-mail address stands in the description");
}
