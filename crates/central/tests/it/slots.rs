//! Slots on record become a case's slots, cut to its window.

use crate::{
    ground::grounds,
    northwind::{SERIES, SOURCE, all, apply, document, person, turn},
};
use makegood_central::ingest::slots;
use makegood_domain::{Code, attainment::Attainment, person::Role};
use serde_json::{Value, json};

fn requests() -> Value {
    let mut document = document();
    document["incidents"] = json!([]);
    document["contracts"].as_array_mut().expect("a list").truncate(1);
    let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
    line["terms"] = json!({
        "objective": "99.9",
        "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
        "measure": { "slots": {
            "slot": "5m",
            "bad_when": { "metric": "error_percent", "is": ">", "than": "5" },
        } },
    });
    document
}

#[tokio::test]
async fn slots_that_cross_a_windows_end_count_in_the_window_they_lie_in() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &requests()).await;
        // October begins at 30 September 22:00Z; the block begins an hour before.
        let body = json!({ "slots": [{
            "service": SERIES, "slot_seconds": 300, "start": "2026-09-30T21:00:00Z",
            "runs": [
                { "count": 18, "requests": 100, "errors": 10 },
                { "count": 102, "requests": 100, "errors": 0 },
            ],
        }] });
        let body = body.to_string();
        for added in [1, 0] {
            let report = slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await;
            assert_eq!(report.expect("is taken in").added, added);
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let rows: Vec<Attainment> = all(&ground, "1 = 1 order by from_at, id", &[]).await;
        let figures: Vec<_> = rows
            .iter()
            .map(|row| (row.window.as_str(), row.total.as_str(), row.bad.as_str()))
            .collect();
        let expected = [("2026-09", "12", "12"), ("2026-10", "108", "6"), ("2026-11", "0", "0")];
        assert_eq!(figures, expected, "{}", ground.name);
        assert_eq!(rows[2].met, None, "nothing was measured yet");
        let complete: Vec<String> = rows.iter().map(|row| row.as_of.to_rfc3339()).collect();
        let expected =
            ["2026-09-30T22:00:00+00:00", "2026-10-01T07:00:00+00:00", "2026-10-31T23:00:00+00:00"];
        assert_eq!(complete, expected, "complete until the last slot on record");
    }
}

#[tokio::test]
async fn slots_that_break_a_rule_are_named() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let block = |run: Value| {
            json!({ "slots": [{
                "service": SERIES, "slot_seconds": 300, "start": "2026-10-01T00:00:00Z", "runs": [run],
            }] })
        };
        let cases = [
            (block(json!({ "requests": 10, "errors": 12 })), "slots[0].runs[0]"),
            (block(json!({ "count": 0 })), "slots[0].runs[0].count"),
            (block(json!({ "requests": 1, "colour": "red" })), "slots[0].runs[0].colour"),
        ];
        for (body, path) in cases {
            let refused =
                slots::apply(&ground.store, admin, SOURCE, body.to_string().as_bytes()).await;
            let problem = refused.expect_err("is refused");
            assert_eq!((problem.code, problem.path.as_deref()), (Code::Invalid, Some(path)));
        }
    }
}

/// A block of three slots.
fn block(more: &Value) -> String {
    let mut block =
        json!({ "service": SERIES, "slot_seconds": 300, "start": "2026-10-01T00:00:00Z" });
    for (key, value) in more.as_object().expect("an object") {
        block[key] = value.clone();
    }
    json!({ "slots": [block] }).to_string()
}

#[tokio::test]
async fn slots_listed_one_by_one_are_those_of_runs() {
    for ground in grounds("2026-10-09T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let listed = block(&json!({ "requests": [100, 100, 90], "errors": [10, 10, 0] }));
        let runs = block(&json!({ "runs": [
            { "count": 2, "requests": 100, "errors": 10 }, { "requests": 90, "errors": 0 },
        ] }));
        for (body, expected) in [(&listed, (1, 0)), (&runs, (0, 1)), (&listed, (0, 1))] {
            let report = slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await;
            let report = report.expect("is taken in");
            assert_eq!((report.added, report.repeated), expected, "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn lists_that_say_too_little_or_too_much_are_refused_by_name() {
    let ground = grounds("2026-10-09T00:00:00Z").await.remove(0);
    let admin = person(&ground, "root", Role::Admin).await;
    for (more, said) in [
        (json!({}), "slots[0]: give it runs, or lists of numbers"),
        (json!({ "requests": [1], "runs": [{}] }), "runs or lists of numbers, not both"),
        (json!({ "requests": [1, 2], "errors": [0] }), "slots[0].errors: 1 slots in a list of 2"),
        (json!({ "requests": [1], "errors": [2] }), "errors 2 exceed requests 1"),
        (json!({ "requests": [], "errors": [] }), "at least one run"),
        (json!({ "requests": [1.5], "errors": [0] }), "slots[0].requests[0]: "),
        (json!({ "requests": [1], "erors": [0] }), "erors"),
    ] {
        let body = block(&more);
        let problem = slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await;
        let problem = problem.expect_err("is refused");
        assert_eq!(problem.code, Code::Invalid, "{body}");
        assert!(problem.message.contains(said), "{body}: {}", problem.message);
    }
    let body = block(&json!({ "requests": vec![1; 1_000_001] }));
    let problem = slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await;
    assert_eq!(problem.expect_err("is refused").code, Code::TooLarge);
}
