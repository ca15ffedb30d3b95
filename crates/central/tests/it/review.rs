//! One incident, three contracts, one review; and no customer's text reaches another's.

use crate::house::{House, houses, seat};
use makegood_central::store::{Dialect, Lock};
use makegood_domain::{
    breach::{Breach, BreachState},
    customer::Customer,
    id::{CustomerId, IncidentId, NoteId},
    incident::{Hit, Incident},
    person::{Role, Scope},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

async fn incident(house: &House, number: &str) -> Incident {
    let mut conn = house.app.store().reading().await.unwrap();
    makegood_central::store::incident::by_number(&mut conn, number).await.unwrap().unwrap().row
}

async fn hit(house: &House, incident: IncidentId, customer: CustomerId) -> Option<Hit> {
    let mut conn = house.app.store().reading().await.unwrap();
    let hit = makegood_central::store::incident::hit(&mut conn, incident, customer).await.unwrap();
    hit.map(|found| found.row)
}

async fn breach(house: &House, id: impl ToString) -> Breach {
    house.row::<Breach>(&id.to_string()).await.1
}

/// A command about an incident at its present version.
async fn about(house: &House, kind: &str, incident: IncidentId, args: Value) -> Value {
    let (version, _) = house.row::<Incident>(&incident.to_string()).await;
    let mut all = json!({ "incident": incident });
    for (key, value) in args.as_object().unwrap() {
        all[key] = value.clone();
    }
    house.command(kind, all, &[("incident", incident.to_string(), version)])
}

fn told(house: &House) -> Value {
    json!({
        "root_cause": "Ingress misconfigured",
        "first_degraded_at": "2026-10-14T03:10:00Z", "detected_at": "2026-10-14T03:14:00Z",
        "narratives": {
            house.gmbh.to_string(): { "en": "Your ingress in Frankfurt.", "de": "Ihr Eingang." },
            house.inc.to_string(): { "en": "Your ingress in Ohio." },
        },
    })
}

#[tokio::test]
async fn one_review_confirms_the_breaches_of_every_contract_and_keeps_customers_apart() {
    for house in houses().await {
        let known = incident(&house, "INC-778").await;
        let review = about(&house, "review_incident", known.id, told(&house)).await;
        let answer = house.send(&house.anna, &review).await;
        assert_eq!(answer["outcome"], "applied", "{answer}");
        assert_eq!(answer["receipt"]["given"]["customers"], "2");
        assert_eq!(answer["receipt"]["given"]["confirmed"], "3");
        for id in [house.nw1.breach, house.nw2.breach, house.nw3.breach] {
            assert_eq!(breach(&house, id).await.state, BreachState::Confirmed);
        }
        let gmbh = hit(&house, known.id, house.gmbh).await.unwrap();
        let inc = hit(&house, known.id, house.inc).await.unwrap();
        assert_eq!(gmbh.narratives["de"], "Ihr Eingang.");
        assert!(!serde_json::to_string(&gmbh).unwrap().contains("Ohio"));
        assert!(!serde_json::to_string(&inc).unwrap().contains("Frankfurt"));
        assert_eq!(inc.detected_at, Some(crate::ground::instant("2026-10-14T03:14:00Z")));
        // Every customer's desk sees it in its own record, and nobody's name stands in the header's.
        let header = serde_json::to_string(&incident(&house, "INC-778").await).unwrap();
        assert!(!header.contains("Frankfurt") && !header.contains("Northwind"));
    }
}

#[tokio::test]
async fn a_review_reaches_as_far_as_the_reviewer_s_scope() {
    for house in houses().await {
        let only = Scope::Customers(BTreeSet::from([house.inc]));
        let ines = seat(&house.app, "Ines", Role::Csm, only).await;
        let known = incident(&house, "INC-778").await;
        let all = about(&house, "review_incident", known.id, told(&house)).await;
        let answer = house.send(&ines, &all).await;
        assert_eq!(answer["problem"]["path"], "narratives", "{answer}");
        assert_eq!(breach(&house, house.nw3.breach).await.state, BreachState::ToReview);
        let mut own = told(&house);
        own["narratives"].as_object_mut().unwrap().remove(&house.gmbh.to_string());
        let own = about(&house, "review_incident", known.id, own).await;
        let answer = house.send(&ines, &own).await;
        assert_eq!(answer["receipt"]["given"]["confirmed"], "1", "{answer}");
        assert_eq!(breach(&house, house.nw1.breach).await.state, BreachState::ToReview);
        let stays = hit(&house, known.id, house.gmbh).await.unwrap();
        assert_eq!(stays.root_cause, None);
        // Nor review what hit others only: its header is everybody's.
        let other = duplicate(&house).await;
        let seen = house.row::<Incident>(&other.id.to_string()).await;
        let text = json!({ "root_cause": "Theirs" });
        let theirs = about(&house, "review_incident", other.id, text).await;
        let answer = house.send(&ines, &theirs).await;
        assert_eq!(answer["problem"]["code"], "scope_missing", "{answer}");
        assert_eq!(house.row::<Incident>(&other.id.to_string()).await, seen);
        // Nor may they merge what hit others.
        let merge = about(&house, "merge_incident", known.id, json!({ "into": known.id })).await;
        assert_eq!(house.send(&ines, &merge).await["problem"]["path"], "into");
        let early = json!({ "root_cause": "x", "first_degraded_at": "2026-10-14T03:10:00Z",
            "detected_at": "2026-10-14T03:09:00Z" });
        let early = about(&house, "review_incident", known.id, early).await;
        assert_eq!(house.send(&house.anna, &early).await["problem"]["path"], "detected_at");
    }
}

/// Waits until somebody waits for a lock, or it is over; on SQLite every writer waits.
async fn waits(house: &House, is_over: &AtomicBool) {
    let sql = "select 1 from pg_locks where locktype = 'advisory' and not granted";
    while !is_over.load(Ordering::SeqCst) && house.app.store().dialect() == Dialect::Postgres {
        let mut conn = house.app.store().reading().await.unwrap();
        if !makegood_central::store::fetch(&mut conn, sql, &[]).await.unwrap().is_empty() {
            break;
        }
        drop(conn);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn law_6_a_review_that_is_confirmed_outlives_what_is_computed_meanwhile() {
    for house in houses().await {
        let (version, seen) = house.row::<Breach>(&house.nw1.breach.to_string()).await;
        let args = json!({
            "breach": seen.id, "root_cause": "Ingress misconfigured",
            "narratives": { "en": "Your ingress." }, "note": null,
            "note_id": house.app.store().ids().make::<NoteId>(),
        });
        let review =
            house.command("review_breach", args, &[("breach", seen.id.to_string(), version)]);
        // As the schedule does: it has the customer's group to itself, reads, and writes what it computed.
        let mut tx = house.app.store().begin(None).await.unwrap();
        let (_, customer) = house.row::<Customer>(&seen.customer.to_string()).await;
        tx.lock(Lock::Group(customer.group)).await.unwrap();
        let read = tx.breaches_of_window((seen.customer, seen.contract), &seen.window).await;
        let read = read.unwrap().remove(&seen.line).unwrap();
        let is_over = AtomicBool::new(false);
        let reviewed = async {
            let answer = house.send(&house.anna, &review).await;
            is_over.store(true, Ordering::SeqCst);
            answer
        };
        let computed = async {
            waits(&house, &is_over).await;
            let computed = Breach { reason: Some("computed anew".to_owned()), ..read };
            let written = tx.put(&computed).await;
            tx.audit("breach.kept", ("breach", &seen.id.to_string()), None, json!({}));
            written.and(tx.commit().await)
        };
        let (answer, computed) = tokio::join!(reviewed, computed);
        computed.unwrap();
        assert_eq!(answer["outcome"], "stale", "{}: {answer}", house.ground.name);
        let stands = breach(&house, seen.id).await;
        assert_eq!(stands.reason.as_deref(), Some("computed anew"), "{}", house.ground.name);
    }
}

/// Another incident of the same night, by import.
async fn duplicate(house: &House) -> Incident {
    let document = json!({ "format": "makegood/import/1", "incidents": [{
        "number": "INC-779", "title": "Errors in eu-central",
        "began_at": "2026-10-14T03:05:00Z", "ended_at": "2026-10-14T04:10:00Z",
        "hits": [{ "customer": "NW-DE", "narratives": { "de": "Doppelt.", "en": "Twice." } }],
    }] });
    let request = house.http.post(house.url("/v1/import")).bearer_auth(&house.root.token);
    assert_eq!(request.json(&document).send().await.unwrap().status(), 200);
    incident(house, "INC-779").await
}

#[tokio::test]
async fn a_breach_is_joined_to_another_incident_and_duplicates_are_merged() {
    for house in houses().await {
        let (known, twice) = (incident(&house, "INC-778").await, duplicate(&house).await);
        let (version, row) = house.row::<Breach>(&house.nw1.breach.to_string()).await;
        assert_eq!(row.incident, Some(known.id));
        let args = json!({ "breach": house.nw1.breach, "incident": twice.id });
        let base = [("breach", house.nw1.breach.to_string(), version)];
        let join = house.command("join_incident", args, &base);
        let answer = house.send(&house.anna, &join).await;
        assert_eq!(answer["receipt"]["given"]["number"], "INC-779", "{answer}");
        assert_eq!(breach(&house, house.nw1.breach).await.incident, Some(twice.id));
        let left = hit(&house, known.id, house.gmbh).await.unwrap();
        assert_eq!(left.breaches, [house.nw2.breach]);
        let joined = hit(&house, twice.id, house.gmbh).await.unwrap();
        assert_eq!(joined.breaches, [house.nw1.breach]);

        let merge = about(&house, "merge_incident", twice.id, json!({ "into": known.id })).await;
        let answer = house.send(&house.anna, &merge).await;
        assert_eq!(answer["receipt"]["given"]["number"], "INC-778", "{answer}");
        assert!(hit(&house, twice.id, house.gmbh).await.is_none());
        let merged = hit(&house, known.id, house.gmbh).await.unwrap();
        assert_eq!(merged.breaches.len(), 2);
        assert_eq!(merged.narratives["de"], "Doppelt.", "what only the duplicate told is kept");
        assert_eq!(breach(&house, house.nw1.breach).await.incident, Some(known.id));
        let stays = incident(&house, "INC-778").await;
        assert_eq!(stays.began_at, crate::ground::instant("2026-10-14T03:05:00Z"));
        assert_eq!(incident(&house, "INC-779").await.merged_into, Some(known.id));
        // What was merged is over.
        let again = about(&house, "review_incident", twice.id, json!({ "root_cause": "x" })).await;
        assert_eq!(house.send(&house.anna, &again).await["problem"]["code"], "wrong_state");
        let late = house.command(
            "join_incident",
            json!({ "breach": house.nw1.breach, "incident": twice.id }),
            &[(
                "breach",
                house.nw1.breach.to_string(),
                house.row::<Breach>(&house.nw1.breach.to_string()).await.0,
            )],
        );
        assert_eq!(house.send(&house.anna, &late).await["problem"]["code"], "wrong_state");
    }
}
