//! Sources in sight: where each stands, how far it has seen, what went wrong last.

use crate::house::{House, houses};
use makegood_central::store;
use serde_json::{Value, json};
use std::time::Duration;

async fn statuses(house: &House) -> Vec<Value> {
    let response = house.get(&house.root, "/v1/sources").await;
    assert_eq!(response.status(), 200);
    let mut answer: Value = response.json().await.unwrap();
    serde_json::from_value(answer["sources"].take()).unwrap()
}

async fn status(house: &House, name: &str) -> Value {
    let statuses = statuses(house).await;
    statuses.into_iter().find(|status| status["name"] == name).unwrap_or(Value::Null)
}

async fn push(house: &House, path: &str, body: impl Into<String>) -> u16 {
    let request = house.http.post(house.url(path)).bearer_auth(&house.root.token);
    request.body(body.into()).send().await.unwrap().status().as_u16()
}

/// What is on record of sources: action and subject, in order.
async fn recorded(house: &House) -> Vec<String> {
    let mut conn = house.app.store().reading().await.unwrap();
    let events = store::audit::events(&mut conn, 0, 1000).await.unwrap();
    let of_sources = events.iter().filter(|event| event.action.starts_with("source."));
    of_sources.map(|event| format!("{} {}", event.action, event.subject)).collect()
}

#[tokio::test]
async fn a_push_moves_its_source_on_and_its_lag_grows_with_time() {
    for house in houses().await {
        // The house's outage of 14 October came through here; it is 9 November, 08:15.
        let prober = status(&house, "prober").await;
        assert_eq!(prober["kind"], "push");
        assert_eq!(prober["seen_until"], "2026-10-14T04:13:00Z");
        assert_eq!((&prober["state"], &prober["lag_seconds"]), (&json!("late"), &json!(2_260_920)));
        let outages = "/v1/evidence/prober/outages";
        let watching = json!({ "seen_until": "2026-11-09T08:10:00Z" }).to_string();
        assert_eq!(push(&house, outages, watching).await, 200);
        let prober = status(&house, "prober").await;
        assert_eq!((&prober["state"], &prober["lag_seconds"]), (&json!("ok"), &json!(300)));
        // What is older does not take it back, and nobody has seen the future.
        let older = json!({ "seen_until": "2026-11-01T00:00:00Z" }).to_string();
        assert_eq!(push(&house, outages, older).await, 200);
        assert_eq!(status(&house, "prober").await["seen_until"], "2026-11-09T08:10:00Z");
        let future = json!({ "seen_until": "2027-01-01T00:00:00Z" }).to_string();
        assert_eq!(push(&house, outages, future).await, 200);
        assert_eq!(status(&house, "prober").await["lag_seconds"], 0);
        house.ground.clock.advance(Duration::from_secs(86_400));
        assert_eq!(status(&house, "prober").await["state"], "ok");
        house.ground.clock.advance(Duration::from_secs(1));
        assert_eq!(status(&house, "prober").await["state"], "late", "{}", house.ground.name);
    }
}

#[tokio::test]
async fn what_was_refused_stays_in_sight_and_is_on_record_once() {
    for house in houses().await {
        assert_eq!(status(&house, "lab").await, Value::Null);
        let probes = "/v1/evidence/lab/probes?hold=48h";
        let log =
            |state: &str| format!("service,observed_at,state\nx,2026-11-09T08:00:00Z,{state}\n");
        for _ in 0..2 {
            assert_eq!(push(&house, probes, log("sideways")).await, 422);
        }
        let lab = status(&house, "lab").await;
        assert_eq!((&lab["state"], &lab["lag_seconds"]), (&json!("failing"), &Value::Null));
        assert_eq!(lab["problem"]["code"], "probe_state_unknown");
        assert_eq!(lab["problem"]["path"], "line 2");
        assert_eq!(push(&house, probes, log("up")).await, 200);
        let lab = status(&house, "lab").await;
        assert_eq!((&lab["state"], &lab["lag_seconds"]), (&json!("ok"), &json!(900)));
        assert_eq!(lab["problem"]["code"], "probe_state_unknown", "what went wrong stays in sight");
        let expected = ["source.failing lab", "source.recovered lab"];
        assert_eq!(recorded(&house).await, expected, "{}", house.ground.name);
    }
}
