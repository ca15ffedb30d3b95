//! Law 3: time that nobody watched is unknown, whoever was to tell of outages in it.

use crate::{
    ground::{Ground, grounds},
    northwind::{SERIES, SOURCE, all, apply, contract_id, document, october, outage, person, turn},
};
use makegood_central::{
    ingest::{self, probe_log, slots},
    store::Arg,
};
use makegood_domain::{attainment::Attainment, id::PersonId, person::Role, settlement::Settlement};
use serde_json::{Value, json};

/// Northwind is under contract, and nobody has said a word about its platform.
async fn silent(ground: &Ground) -> PersonId {
    let admin = person(ground, "root", Role::Admin).await;
    person(ground, "dana", Role::Csm).await;
    person(ground, "lee", Role::Finance).await;
    apply(ground, admin, &document()).await;
    admin
}

async fn push(ground: &Ground, by: PersonId, source: &str, body: &[u8]) -> ingest::Report {
    ingest::outage::apply(&ground.store, by, source, body).await.expect("is taken in")
}

async fn saw(ground: &Ground, by: PersonId, until: &str) {
    let body = json!({ "outages": [], "seen_until": until }).to_string();
    push(ground, by, SOURCE, body.as_bytes()).await;
}

/// What October came to for NW-1: percentage, whether it was met, seconds unknown, revision.
async fn figures(ground: &Ground) -> (Option<String>, Option<bool>, i64, i64) {
    let (settlement, attainment) = october(ground, "NW-1").await;
    (attainment.percent, attainment.met, attainment.unknown_seconds, settlement.revision)
}

#[tokio::test]
async fn law_3_a_month_that_nobody_watched_is_not_measured_until_somebody_says_what_they_saw() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = silent(&ground).await;
        // Another source's word is none about this one.
        push(&ground, admin, "probr", &outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z"))
            .await;
        turn(&ground, "2026-11-09T06:00:00Z").await;
        let month = 745 * 3600;
        assert_eq!(figures(&ground).await, (None, None, month, 1), "{}", ground.name);
        let report =
            push(&ground, admin, SOURCE, &outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z"))
                .await;
        assert!(report.unread.is_empty());
        let told = Some("99.863534".to_owned());
        assert_eq!(figures(&ground).await, (told, Some(false), 0, 2), "{}", ground.name);
        let (settlement, _) = october(&ground, "NW-1").await;
        let reason = settlement.reason.expect("a reason");
        assert_eq!(reason, "late evidence: outage, 14 Oct 2026 03:12Z – 04:13Z");
        // A month without an outage is told otherwise why it is measured now.
        let filter = "label = '2026-09' order by id";
        let september: Vec<Settlement> = all(&ground, filter, &[]).await;
        let reason = september[0].reason.as_deref().expect("a reason");
        assert_eq!(reason, "late evidence: watched until 9 Nov 2026 06:00Z");
    }
}

#[tokio::test]
async fn law_3_a_source_that_says_how_far_it_has_seen_is_taken_by_its_word() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = silent(&ground).await;
        turn(&ground, "2026-10-11T00:00:00Z").await;
        saw(&ground, admin, "2026-10-10T00:00:00Z").await;
        turn(&ground, "2026-10-12T00:00:00Z").await;
        let open: Vec<Attainment> = all(&ground, "label = '2026-10' order by id", &[]).await;
        let until = open[0].as_of.to_rfc3339();
        assert_eq!(until, "2026-10-10T00:00:00+00:00", "{}: complete so far", ground.name);
        turn(&ground, "2026-11-09T06:00:00Z").await;
        let (percent, met, unknown, revision) = figures(&ground).await;
        assert_eq!((percent.as_deref(), met), (Some("100.000000"), Some(true)));
        assert_eq!((unknown, revision), ((21 * 24 + 23) * 3600, 1), "after the 10th");
        // An outage says nothing of the time around it.
        let body = outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z");
        push(&ground, admin, SOURCE, &body).await;
        let (_, _, unknown, revision) = figures(&ground).await;
        assert_eq!((unknown, revision), ((21 * 24 + 23) * 3600 - 61 * 60, 2));
        saw(&ground, admin, "2026-11-09T06:00:00Z").await;
        let told = Some("99.863534".to_owned());
        assert_eq!(figures(&ground).await, (told, Some(false), 0, 3), "{}", ground.name);
        let (settlement, _) = october(&ground, "NW-1").await;
        let reason = settlement.reason.expect("a reason");
        assert_eq!(reason, "late evidence: watched until 9 Nov 2026 06:00Z");
        // Said again, it is nothing new.
        saw(&ground, admin, "2026-11-09T06:00:00Z").await;
        assert_eq!(figures(&ground).await.3, 3);
    }
}

/// The service is probed every quarter of an hour, from one instant to another, and is up.
async fn probed(ground: &Ground, by: PersonId, [from, to]: [&str; 2]) {
    let instant = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant");
    let (mut at, to) = (instant(from), instant(to));
    let mut log = "service,observed_at,state\n".to_owned();
    while at < to {
        log.push_str(&format!("{SERIES},{},up\n", at.format("%Y-%m-%dT%H:%M:%SZ")));
        at += chrono::TimeDelta::minutes(15);
    }
    probe_log::apply(&ground.store, by, SOURCE, 900, log.as_bytes()).await.expect("is taken in");
}

#[tokio::test]
async fn law_3_first_probes_say_nothing_of_the_time_that_their_source_watched_before() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = silent(&ground).await;
        push(&ground, admin, SOURCE, br#"{ "outages": [] }"#).await;
        turn(&ground, "2026-11-09T06:00:00Z").await;
        assert_eq!(figures(&ground).await.2, 0, "{}", ground.name);
        probed(&ground, admin, ["2026-10-20T00:00:00Z", "2026-10-31T23:00:00Z"]).await;
        let (percent, met, unknown, _) = figures(&ground).await;
        assert_eq!((percent.as_deref(), met), (Some("100.000000"), Some(true)));
        assert_eq!(unknown, 0, "{}", ground.name);
    }
}

#[tokio::test]
async fn law_3_an_old_outage_makes_nobody_a_watcher_until_the_first_probe() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = silent(&ground).await;
        turn(&ground, "2026-10-11T00:00:00Z").await;
        let body = outage("2026-09-14T03:12:00Z", "2026-09-14T04:13:00Z");
        push(&ground, admin, SOURCE, &body).await;
        saw(&ground, admin, "2026-10-10T00:00:00Z").await;
        turn(&ground, "2026-11-09T06:00:00Z").await;
        probed(&ground, admin, ["2026-10-20T00:00:00Z", "2026-10-31T23:00:00Z"]).await;
        // Nobody watched from the tenth to the twentieth.
        assert_eq!(figures(&ground).await.2, 10 * 86_400, "{}", ground.name);
    }
}

#[tokio::test]
async fn law_3_from_the_first_probe_on_what_is_not_probed_is_unknown_in_locked_months_too() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = silent(&ground).await;
        push(&ground, admin, SOURCE, br#"{ "outages": [] }"#).await;
        turn(&ground, "2026-11-09T06:00:00Z").await;
        probed(&ground, admin, ["2026-09-20T00:00:00Z", "2026-09-21T00:00:00Z"]).await;
        let (_, met, unknown, revision) = figures(&ground).await;
        assert_eq!((met, unknown, revision), (None, 745 * 3600, 2), "{}", ground.name);
        // Told to have been probed before, nothing in between is up.
        probed(&ground, admin, ["2026-09-10T00:00:00Z", "2026-09-11T00:00:00Z"]).await;
        let key = [Arg::text(contract_id(&ground, "NW-1").await)];
        let filter = "label = '2026-09' and contract = $1";
        let september: Vec<Attainment> = all(&ground, filter, &key).await;
        assert_eq!(september[0].unknown_seconds, 18 * 86_400 + 22 * 3600, "{}", ground.name);
    }
}

#[tokio::test]
async fn what_is_told_of_a_service_that_no_line_rests_on_is_named() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = silent(&ground).await;
        let body = json!({ "outages": [
            { "service": "platfrom", "from": "2026-09-14T03:12:00Z", "to": "2026-09-14T04:13:00Z" },
            { "service": SERIES, "from": "2026-09-14T03:12:00Z", "to": "2026-09-14T04:13:00Z" },
        ] });
        turn(&ground, "2026-09-20T00:00:00Z").await;
        let report = push(&ground, admin, SOURCE, body.to_string().as_bytes()).await;
        assert_eq!(report.added, 2);
        assert_eq!(report.unread.into_iter().collect::<Vec<_>>(), ["platfrom"]);
    }
}

/// NW-1's line is judged by slots of five minutes.
fn by_slots() -> Value {
    let mut document = document();
    document["incidents"] = json!([]);
    document["contracts"].as_array_mut().expect("a list").truncate(1);
    document["contracts"][0]["versions"][0]["lines"][0]["terms"] = json!({
        "objective": "99.9",
        "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
        "measure": { "requests": { "slot": "5m" } },
    });
    document
}

#[tokio::test]
async fn law_3_slots_beside_the_grid_say_nothing_and_stop_nothing() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &by_slots()).await;
        let run = json!([{ "count": 12, "requests": 100, "errors": 10 }]);
        for start in ["2026-10-03T00:00:01Z", "2026-10-05T00:00:00Z"] {
            turn(&ground, "2026-10-20T00:00:00Z").await;
            let slots = json!({ "slots": [{
                "service": SERIES, "slot_seconds": 300, "start": start, "runs": run,
            }] });
            let slots = slots.to_string();
            slots::apply(&ground.store, admin, SOURCE, slots.as_bytes()).await.expect("is taken");
        }
        turn(&ground, "2026-11-09T06:00:00Z").await;
        let settled: Vec<Settlement> = all(&ground, "label = '2026-10'", &[]).await;
        assert_eq!(settled.len(), 1, "{}: it is locked", ground.name);
        let (_, attainment) = october(&ground, "NW-1").await;
        assert_eq!((attainment.total.as_str(), attainment.bad.as_str()), ("1200", "120"));
    }
}
