//! Exports of incidents become outages of what an SLA line names.

use crate::{
    ground::{Ground, grounds},
    northwind::{self, SERIES, SOURCE, all, apply, person, turn},
};
use makegood_central::ingest::{Push, Report, pagerduty, statuspage};
use makegood_domain::{Code, attainment::Attainment, id::PersonId, person::Role};
use serde_json::{Value, json};

/// October's downtime of the first contract, in seconds.
async fn down(ground: &Ground) -> String {
    let rows: Vec<Attainment> = all(ground, "label = '2026-10' order by id", &[]).await;
    rows[0].bad.clone()
}

async fn told(ground: &Ground) -> PersonId {
    let admin = person(ground, "root", Role::Admin).await;
    apply(ground, admin, &northwind::document()).await;
    turn(ground, "2026-10-20T06:00:00Z").await;
    admin
}

fn report(added: usize, corrected: usize, repeated: usize, ignored: usize) -> Report {
    Report { added, corrected, repeated, ignored, ..Report::default() }
}

/// An update as a status page gives it: newest first, and with what is of no interest here.
fn update(at: &str, components: &[(&str, &str, &str)]) -> Value {
    let affected: Vec<Value> = components
        .iter()
        .map(|(name, old, new)| {
            json!({ "code": "k1", "name": name, "old_status": old, "new_status": new })
        })
        .collect();
    json!({
        "id": "u", "status": "investigating", "body": "We are looking into it.",
        "created_at": at, "display_at": at, "affected_components": affected,
    })
}

fn incident(id: &str, updates: &[Value], resolved: Option<&str>) -> Value {
    json!({
        "id": id, "name": "Errors", "status": "resolved", "impact": "major",
        "created_at": "2026-10-14T03:15:00.412Z", "started_at": "2026-10-14T03:12:00.900Z",
        "updated_at": resolved.unwrap_or("2026-10-14T03:20:00.000Z"), "resolved_at": resolved,
        "shortlink": "https://stspg.io/x", "page_id": "p", "components": [],
        "incident_updates": updates,
    })
}

#[tokio::test]
async fn a_status_pages_incident_is_an_outage_of_the_components_that_an_sla_names() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = told(&ground).await;
        let push = Push::kept(&ground.store, admin, SOURCE);
        let begin = update(
            "2026-10-14T03:15:00.412Z",
            &[(SERIES, "operational", "major_outage"), ("Blog", "operational", "major_outage")],
        );
        let slow =
            update("2026-10-14T03:42:00Z", &[(SERIES, "major_outage", "degraded_performance")]);
        let again =
            update("2026-10-14T04:00:00Z", &[(SERIES, "degraded_performance", "partial_outage")]);
        let good = update("2026-10-14T04:10:00.001Z", &[(SERIES, "partial_outage", "operational")]);
        let quiet = json!({
            "id": "i2", "impact": "none", "created_at": "2026-10-15T03:15:00Z", "resolved_at": null,
            "components": [{ "id": "k1", "name": SERIES }],
        });
        let export =
            |incident: Value| json!({ "page": { "id": "p" }, "incidents": [incident, quiet] });
        // It goes on: down until now, the beginning of the twentieth at 06:00.
        let open = export(incident("i1", std::slice::from_ref(&begin), None)).to_string();
        let came = statuspage::take(&push, open.as_bytes()).await.unwrap();
        assert_eq!(came, report(1, 0, 0, 2), "{}", ground.name);
        assert_eq!(down(&ground).await, (6 * 86_400 + 2 * 3600 + 48 * 60).to_string());
        // It is over: what was seen before is corrected. Whole seconds hold all of it.
        let end = Some("2026-10-20T06:00:01.000Z");
        let over = export(incident("i1", &[good, again, slow, begin], end)).to_string();
        for expected in [report(2, 1, 0, 2), report(0, 0, 2, 2)] {
            let came = statuspage::take(&push, over.as_bytes()).await.unwrap();
            assert_eq!(came, expected, "{}", ground.name);
            assert_eq!(down(&ground).await, (30 * 60 + 10 * 60 + 1).to_string());
        }
        ground.clock.advance(std::time::Duration::from_secs(3600));
        let dry = Push { dry_run: true, ..push };
        let came = statuspage::take(&dry, open.as_bytes()).await.unwrap();
        assert_eq!((came.added, down(&ground).await.as_str()), (1, "2401"));
    }
}

#[tokio::test]
async fn an_incident_that_tells_of_no_component_by_update_is_down_from_end_to_end() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = told(&ground).await;
        let push = Push::kept(&ground.store, admin, SOURCE);
        let mut whole = incident("i1", &[], Some("2026-10-14T04:12:00Z"));
        whole["components"] = json!([{ "id": "k1", "name": SERIES, "status": "operational" }]);
        let export = json!({ "incidents": [whole] }).to_string();
        let came = statuspage::take(&push, export.as_bytes()).await.unwrap();
        assert_eq!((came, down(&ground).await.as_str()), (report(1, 0, 0, 0), "3600"));
    }
}

fn page(id: &str, status: &str, urgency: &str, service: &str, resolved: &Value) -> Value {
    json!({
        "id": id, "type": "incident", "incident_number": 7, "title": "5xx",
        "status": status, "urgency": urgency, "created_at": "2026-10-14T03:12:00Z",
        "last_status_change_at": "2026-10-14T03:22:00Z", "resolved_at": resolved,
        "service": { "id": "PS", "type": "service_reference", "summary": service },
    })
}

#[tokio::test]
async fn a_page_of_high_urgency_is_an_outage_until_it_is_resolved() {
    for ground in grounds("2026-10-14T03:32:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &northwind::document()).await;
        turn(&ground, "2026-10-14T03:32:00Z").await;
        let push = Push::kept(&ground.store, admin, SOURCE);
        let export = |first: Value| {
            let others = [
                page("P2", "resolved", "low", SERIES, &json!("2026-10-14T05:00:00Z")),
                page("P3", "resolved", "high", "Batch", &json!("2026-10-14T05:00:00Z")),
            ];
            let incidents = [vec![first], others.to_vec()].concat();
            json!({ "incidents": incidents, "limit": 25, "offset": 0, "more": false }).to_string()
        };
        let open = export(page("P1", "acknowledged", "high", SERIES, &Value::Null));
        let came = pagerduty::take(&push, open.as_bytes()).await.unwrap();
        assert_eq!((came, down(&ground).await.as_str()), (report(1, 0, 0, 2), "1200"));
        ground.clock.advance(std::time::Duration::from_secs(3600));
        // Without `resolved_at`, as older versions of the API have it.
        let mut over = page("P1", "resolved", "high", SERIES, &Value::Null);
        over["last_status_change_at"] = json!("2026-10-14T03:52:00Z");
        let came = pagerduty::take(&push, export(over).as_bytes()).await.unwrap();
        assert_eq!((came, down(&ground).await.as_str()), (report(1, 1, 0, 2), "2400"));
        let strange = export(page("P1", "snoozed", "high", SERIES, &Value::Null));
        let problem = pagerduty::take(&push, strange.as_bytes()).await.unwrap_err();
        let place = problem.path.as_deref();
        assert_eq!((problem.code, place), (Code::Invalid, Some("incidents[0].status")));
    }
}

#[tokio::test]
async fn an_export_that_came_late_does_not_outlast_the_word_that_it_is_over() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = told(&ground).await;
        let push = Push::kept(&ground.store, admin, SOURCE);
        let export = |resolved: Option<&str>, updated: Option<&str>| {
            json!({ "incidents": [{
                "id": "PT4", "incident_number": 4, "title": "Down", "urgency": "high",
                "status": if resolved.is_some() { "resolved" } else { "triggered" },
                "created_at": "2026-10-20T02:00:00Z", "resolved_at": resolved, "updated_at": updated,
                "service": { "summary": SERIES },
            }] })
            .to_string()
        };
        // It was fetched at three, over at half past three, and is taken in at six.
        let late = pagerduty::take(&push, export(None, None).as_bytes()).await.unwrap();
        assert_eq!((late, down(&ground).await.as_str()), (report(1, 0, 0, 0), "14400"));
        ground.clock.advance(std::time::Duration::from_secs(3600));
        let half_past = Some("2026-10-20T03:30:00Z");
        let over = export(half_past, half_past);
        let next = pagerduty::take(&push, over.as_bytes()).await.unwrap();
        assert_eq!(next, report(1, 1, 0, 0), "{}", ground.name);
        assert_eq!(down(&ground).await, "5400", "{}", ground.name);
        let again = pagerduty::take(&push, over.as_bytes()).await.unwrap();
        assert_eq!((again, down(&ground).await.as_str()), (report(0, 0, 1, 0), "5400"));
        // It opens again and is over later; the old export changes nothing of that.
        let later = export(Some("2026-10-20T04:00:00Z"), Some("2026-10-20T06:30:00Z"));
        pagerduty::take(&push, later.as_bytes()).await.unwrap();
        pagerduty::take(&push, over.as_bytes()).await.unwrap();
        assert_eq!(down(&ground).await, "7200", "{}", ground.name);
    }
}
