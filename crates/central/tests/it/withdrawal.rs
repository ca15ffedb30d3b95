//! Evidence that its source takes back: it stays on record, and no longer counts.

use crate::{
    ground::{Ground, grounds},
    northwind::{self, SERIES, SOURCE, all, apply, october, person, turn},
    scope::{block, push as push_slots, requests, scoped},
};
use makegood_central::{
    ingest::{Report, outage, slots},
    store,
};
use makegood_domain::{
    Code, Problem, attainment::Attainment, breach::BreachState, credit::Decision, id::PersonId,
    person::Role,
};
use serde_json::{Value, json};

async fn push(ground: &Ground, by: PersonId, body: &Value) -> Result<Report, Problem> {
    outage::apply(&ground.store, by, SOURCE, body.to_string().as_bytes()).await
}

fn withdrawn(more: &Value) -> Value {
    let mut one = json!({ "service": SERIES, "reason": "the prober's own network was down" });
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "withdrawn": [one] })
}

fn report(added: usize, corrected: usize, repeated: usize) -> Report {
    Report { added, corrected, repeated, ..Report::default() }
}

async fn bad(ground: &Ground) -> String {
    let rows: Vec<Attainment> = all(ground, "label = '2026-10' order by id", &[]).await;
    rows[0].bad.clone()
}

#[tokio::test]
async fn law_4_an_outage_that_is_withdrawn_revises_what_was_locked_and_stays_on_record() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind::told(&ground).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 120_000);
        let body = withdrawn(&json!({ "outage_from": "2026-10-14T03:12:00Z" }));
        assert_eq!(push(&ground, admin, &body).await.unwrap(), report(1, 1, 0));
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.minor()), (2, 0), "{}", ground.name);
        assert_eq!(attainment.bad, "0");
        // What a customer may read of it names no reason of the house's.
        let reason = "evidence withdrawn, 14 Oct 2026 03:12Z – 04:13Z";
        assert_eq!(settlement.reason.as_deref(), Some(reason));
        assert_eq!(northwind::breach(&ground, "NW-1").await.state, BreachState::Cleared);
        assert_eq!(northwind::credits(&ground, "NW-1").await[0].decision, Decision::Cancelled);
        // Sent again, it changes nothing; nor does the old message that was withdrawn.
        assert_eq!(push(&ground, admin, &body).await.unwrap(), report(0, 0, 1));
        assert_eq!(october(&ground, "NW-1").await.0.revision, 2);
        let mut conn = ground.store.reading().await.unwrap();
        let events = store::audit::events(&mut conn, 0, 1000).await.unwrap();
        let told: Vec<&str> = events
            .iter()
            .filter(|event| event.action == "evidence.withdrawn")
            .map(|event| event.detail["reason"].as_str().unwrap())
            .collect();
        assert_eq!(told, ["the prober's own network was down"], "{}", ground.name);
        let sql = "select kind from evidence order by recorded_at";
        let kinds = store::fetch(&mut conn, sql, &[]).await.unwrap();
        assert_eq!(kinds.len(), 2, "{}: both stay", ground.name);
        drop(conn);
        // It was right after all.
        ground.clock.advance(std::time::Duration::from_secs(60));
        let again = northwind::outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z");
        outage::apply(&ground.store, admin, SOURCE, &again).await.unwrap();
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, attainment.bad.as_str()), (3, "3660"), "{}", ground.name);
    }
}

#[tokio::test]
async fn of_each_outage_and_gap_what_was_observed_last_counts_a_withdrawal_too() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &northwind::document()).await;
        turn(&ground, "2026-10-20T06:00:00Z").await;
        let outage = |to: &str, observed: &str| {
            json!({ "outages": [{
                "service": SERIES, "from": "2026-10-14T03:00:00Z", "to": to, "reference": "p1",
                "observed_at": observed,
            }] })
        };
        let back = |observed: &str| withdrawn(&json!({ "outage": "p1", "observed_at": observed }));
        let steps = [
            (outage("2026-10-14T04:00:00Z", "2026-10-14T05:00:00Z"), report(1, 0, 0), "3600"),
            (outage("2026-10-14T03:30:00Z", "2026-10-15T05:00:00Z"), report(1, 1, 0), "1800"),
            // It comes late: what was observed after it stands.
            (back("2026-10-14T06:00:00Z"), report(1, 1, 0), "1800"),
            (back("2026-10-16T06:00:00Z"), report(1, 1, 0), "0"),
            (back("2026-10-16T07:00:00Z"), report(0, 0, 1), "0"),
            (outage("2026-10-14T03:30:00Z", "2026-10-15T05:00:00Z"), report(0, 0, 1), "0"),
            (outage("2026-10-14T03:10:00Z", "2026-10-17T05:00:00Z"), report(1, 1, 0), "600"),
        ];
        for (body, expected, seconds) in steps {
            let came = push(&ground, admin, &body).await.unwrap();
            assert_eq!((came, bad(&ground).await.as_str()), (expected, seconds), "{body}");
        }
        let gap = json!({ "unknown": [{
            "service": SERIES, "from": "2026-10-01T00:00:00Z", "to": "2026-10-02T00:00:00Z",
        }] });
        let total = async || {
            let rows: Vec<Attainment> = all(&ground, "label = '2026-10' order by id", &[]).await;
            rows[0].total.clone()
        };
        let before = total().await;
        push(&ground, admin, &gap).await.unwrap();
        assert_ne!(total().await, before, "nobody knows of that day");
        let body = withdrawn(&json!({ "unknown_from": "2026-10-01T00:00:00Z" }));
        push(&ground, admin, &body).await.unwrap();
        assert_eq!(total().await, before, "{}", ground.name);
    }
}

#[tokio::test]
async fn what_is_not_there_can_t_be_withdrawn_and_whatever_is_wrong_is_named() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = northwind::told(&ground).await;
        let from = "2026-10-14T03:12:00Z";
        let cases = [
            (json!({ "outage": "p9" }), "withdrawn[0]", "no outage \"p9\" of that service"),
            (json!({ "unknown_from": from }), "withdrawn[0]", "no gap from 2026-10-14T03:12:00Z"),
            (json!({}), "withdrawn[0]", "name one thing"),
            (json!({ "outage": "p1", "outage_from": from }), "withdrawn[0]", "name one thing"),
            (json!({ "outage_from": from, "reason": " " }), "withdrawn[0].reason", "say why"),
            (
                json!({ "outage_from": from, "observed_at": "2026-10-14T00:00:00Z" }),
                "withdrawn[0]",
                "observed later than that",
            ),
        ];
        for (more, path, said) in cases {
            let problem = push(&ground, admin, &withdrawn(&more)).await.unwrap_err();
            assert_eq!((problem.code, problem.path.as_deref()), (Code::Invalid, Some(path)));
            assert!(problem.message.contains(said), "{problem}");
        }
        // The batch that tells of it says in one way what it says.
        let mut both = withdrawn(&json!({ "outage": "p2" }));
        both["outages"] = json!([{
            "service": SERIES, "from": from, "to": "2026-10-14T04:00:00Z", "reference": "p2",
        }]);
        let problem = push(&ground, admin, &both).await.unwrap_err();
        assert_eq!(problem.path.as_deref(), Some("withdrawn[0]"), "{}: {problem}", ground.name);
    }
}

#[tokio::test]
async fn slots_that_say_nothing_take_back_what_was_said_of_them() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let mut document = scoped(&requests(), &Value::Null);
        let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
        line.as_object_mut().unwrap().remove("scope");
        apply(&ground, admin, &document).await;
        turn(&ground, "2026-10-20T06:00:00Z").await;
        push_slots(&ground, admin, &[block("", "", &[(100, 50), (100, 1)])]).await;
        assert_eq!(bad(&ground).await, "51");
        ground.clock.advance(std::time::Duration::from_secs(60));
        let mut nothing = block("", "", &[(100, 0)]);
        nothing["runs"] = json!([{ "count": 1 }]);
        push_slots(&ground, admin, &[nothing]).await;
        let rows: Vec<Attainment> = all(&ground, "label = '2026-10' order by id", &[]).await;
        let found = (rows[0].total.as_str(), rows[0].bad.as_str());
        assert_eq!(found, ("100", "1"), "{}: the first is unknown", ground.name);
    }
}

#[tokio::test]
async fn what_would_be_observed_in_the_future_is_refused_for_it_would_hide_all_until_then() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind::told(&ground).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let later =
            json!({ "outage_from": "2026-10-14T03:12:00Z", "observed_at": "2062-10-16T00:00:00Z" });
        let outage = json!({ "outages": [{ "service": SERIES, "from": "2026-10-14T03:12:00Z",
            "to": "2026-10-14T03:13:00Z", "observed_at": "2026-11-04T06:06:00Z" }] });
        for (body, place) in
            [(withdrawn(&later), "withdrawn[0].observed_at"), (outage, "outages[0].observed_at")]
        {
            let problem = push(&ground, admin, &body).await.unwrap_err();
            assert_eq!((problem.code, problem.path.as_deref()), (Code::Invalid, Some(place)));
        }
        let mut slots = block("/v1/a", "eu-1", &[(100, 1)]);
        slots["observed_at"] = json!("2062-10-16T00:00:00Z");
        let body = json!({ "slots": [slots] }).to_string();
        let refused =
            slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await.unwrap_err();
        assert!(refused.message.contains("observed_at: it lies in the future"), "{refused}");
        assert_eq!(october(&ground, "NW-1").await.0.revision, 1, "{}", ground.name);
    }
}

#[tokio::test]
async fn a_revision_says_of_a_batch_what_it_did_and_not_what_it_repeated() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind::told(&ground).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let one = |from: &str, to: &str| json!({ "service": SERIES, "from": from, "to": to });
        let other = one("2026-10-20T00:00:00Z", "2026-10-20T02:00:00Z");
        push(&ground, admin, &json!({ "outages": [other.clone()] })).await.unwrap();
        let mut body = withdrawn(&json!({ "outage_from": "2026-10-14T03:12:00Z" }));
        body["outages"] = json!([other]);
        assert_eq!(push(&ground, admin, &body).await.unwrap(), report(1, 1, 1));
        let reason = october(&ground, "NW-1").await.0.reason.unwrap();
        assert!(reason.starts_with("evidence withdrawn, 14 Oct 2026"), "{reason}");
        let mut both = withdrawn(&json!({ "outage_from": "2026-10-20T00:00:00Z" }));
        both["outages"] = json!([one("2026-10-21T00:00:00Z", "2026-10-21T03:00:00Z")]);
        push(&ground, admin, &both).await.unwrap();
        let reason = october(&ground, "NW-1").await.0.reason.unwrap();
        assert!(reason.starts_with("evidence added and withdrawn, "), "{reason}");
    }
}
