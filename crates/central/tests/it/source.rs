//! Sources in sight: where each stands, how far it has seen, what went wrong last.

use crate::house::{House, houses};
use makegood_central::store;
use serde_json::{Value, json};
use std::{io::Write as _, time::Duration};

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

/// A packed body; the status and, where refused, the code.
async fn push_packed(house: &House, path: &str, packing: &str, body: Vec<u8>) -> (u16, Value) {
    let request = house.http.post(house.url(path)).bearer_auth(&house.root.token);
    let response = request.header("content-encoding", packing).body(body).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
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

#[tokio::test]
async fn packed_bodies_are_read_and_the_limit_holds_for_what_comes_out() {
    for house in houses().await {
        let log = "service,observed_at,state\nx,2026-11-09T08:00:00Z,up\n".as_bytes();
        let probes = "/v1/evidence/lab/probes?hold=48h";
        let dry = push_packed(&house, &format!("{probes}&dry_run=true"), "gzip", gzip(log)).await;
        assert_eq!((dry.0, &dry.1["lines"], &dry.1["repeated"]), (200, &json!(1), &json!(0)));
        assert_eq!(status(&house, "lab").await, Value::Null, "a dry run keeps nothing");
        for (packing, body, repeated) in [("gzip", gzip(log), 0), ("zstd", zstd(log), 1)] {
            let (status, answer) = push_packed(&house, probes, packing, body).await;
            assert_eq!((status, &answer["repeated"]), (200, &json!(repeated)), "{packing}");
        }
        let bomb = vec![b' '; (64 << 20) + 1];
        for (packing, body) in [("gzip", gzip(&bomb)), ("zstd", zstd(&bomb))] {
            assert!(body.len() < 1 << 20, "{packing}");
            let outages = "/v1/evidence/lab/outages";
            let (status, problem) = push_packed(&house, outages, packing, body).await;
            assert_eq!((status, &problem["code"]), (413, &json!("too_large")), "{packing}");
        }
        let mut broken = gzip(log);
        broken.truncate(broken.len() / 2);
        for (packing, body) in [("gzip", broken), ("zstd", log.to_vec())] {
            let (status, problem) = push_packed(&house, probes, packing, body).await;
            assert_eq!((status, &problem["code"]), (422, &json!("invalid")), "{packing}");
        }
        let (status, problem) = push_packed(&house, probes, "br", vec![0x8b, 0x80, 0xff]).await;
        assert_eq!((status, &problem["code"]), (422, &json!("text_invalid")));
    }
}
