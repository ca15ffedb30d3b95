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
