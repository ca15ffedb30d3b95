//! What is left to do before a window locks, and what an exclusion would do before it is decided.

use crate::{
    house::{House, Seat, houses},
    northwind::{self, SERIES, SOURCE},
};
use makegood_central::ingest;
use makegood_domain::exclusion::Exclusion;
use serde_json::{Value, json};

async fn get(house: &House, by: &Seat, path: &str) -> Value {
    let response = house.get(by, path).await;
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// An exclusion of NW-DE on 20 November, announced at `told`.
fn maintenance(told: &str, by: &str) -> Value {
    json!({ "format": "makegood/import/1", "exclusions": [{
        "customer": "NW-DE", "series": { "source": SOURCE, "service": SERIES },
        "kind": "planned_maintenance",
        "from": "2026-11-20T03:00:00Z", "to": "2026-11-20T03:20:00Z",
        "notified_at": told, "clause": "5.1", "proposed_by": by,
    }] })
}

/// November, with an hour of outage that nobody has looked at and maintenance that nobody has decided;
/// it closes.
async fn november(house: &House, told: &str) -> Exclusion {
    let body = northwind::outage("2026-11-20T03:00:00Z", "2026-11-20T04:00:00Z");
    ingest::outage::apply(&house.ground.store, house.root.person, SOURCE, &body).await.unwrap();
    northwind::apply(&house.ground, house.root.person, &maintenance(told, "dana")).await;
    northwind::turn(&house.ground, "2026-12-02T06:00:00Z").await;
    let mut all: Vec<Exclusion> =
        northwind::all(&house.ground, "state = 'proposed' order by id", &[]).await;
    all.pop().unwrap()
}

#[tokio::test]
async fn a_closing_window_lists_what_is_left_to_do_and_whose_it_is() {
    for house in houses().await {
        november(&house, "2026-11-10T00:00:00Z").await;
        let items = get(&house, &house.anna, "/v1/windows/checklist").await;
        let of = |what: &str| -> Vec<&Value> {
            items.as_array().unwrap().iter().filter(|item| item["what"] == what).collect()
        };
        let undecided = of("undecided_exclusion");
        assert_eq!(undecided.len(), 2, "NW-1 and NW-2: {items}");
        assert_eq!(undecided[0]["window"], "2026-11");
        assert_eq!(
            undecided[0]["detail"],
            "planned maintenance from 20 Nov 2026, 03:00 to 20 Nov 2026, 03:20 UTC, proposed by dana"
        );
        assert_eq!(undecided[0]["breach"], of("unreviewed_breach")[0]["breach"], "{items}");
        assert!(undecided[0]["breach"].is_string(), "one goes there to decide it");
        assert_eq!(undecided[0]["owner_name"], "nobody is named");
        assert_eq!(of("unreviewed_breach").len(), 3, "{items}");
        let dues = items.as_array().unwrap().iter().map(|item| item["due"].as_str().unwrap());
        assert!(dues.into_iter().all(|due| due > "2026-12-02"));
        // Once it is locked, nothing is left to do before.
        northwind::turn(&house.ground, "2026-12-05T06:00:00Z").await;
        assert_eq!(get(&house, &house.anna, "/v1/windows/checklist").await, json!([]));
    }
}

#[tokio::test]
async fn an_exclusion_says_what_it_would_do_before_it_is_decided() {
    for house in houses().await {
        let exclusion = november(&house, "2026-11-10T00:00:00Z").await;
        let path = format!("/v1/exclusions/{}/effect", exclusion.id);
        let effects = get(&house, &house.anna, &path).await;
        let lines: Vec<_> = effects.as_array().unwrap().iter().collect();
        assert_eq!(lines.len(), 2, "{effects}");
        assert_eq!(
            (&lines[0]["contract"], &lines[0]["window"]),
            (&json!("NW-1"), &json!("2026-11"))
        );
        assert_eq!(lines[0]["admission"], "admitted");
        assert_eq!(
            (&lines[0]["excused_seconds"], &lines[0]["locked"]),
            (&json!(1200), &json!(false))
        );
        // 60 of 43,200 minutes without; 40 of 43,180 with.
        assert_eq!(lines[0]["without"]["percent"], "99.861111");
        assert_eq!(lines[0]["with"]["percent"], "99.907364");
        assert_eq!(
            (&lines[0]["without"]["owed"], &lines[0]["with"]["owed"]),
            (&json!("1200.00"), &json!("0.00"))
        );
        assert_eq!(lines[0]["with"]["met"], true);
        let still: Vec<Exclusion> = northwind::all(&house.ground, "state = 'admitted'", &[]).await;
        assert!(still.iter().all(|one| one.id != exclusion.id), "asking decides nothing");
    }
}

#[tokio::test]
async fn law_3_notice_that_came_too_late_is_told_before_the_decision() {
    for house in houses().await {
        let exclusion = november(&house, "2026-11-19T03:00:00Z").await;
        let path = format!("/v1/exclusions/{}/effect", exclusion.id);
        let effects = get(&house, &house.anna, &path).await;
        let first = &effects[0];
        assert_eq!(first["admission"], "late_notice", "{effects}");
        assert_eq!(first["notice_needed"], "48h");
        assert_eq!(first["notice_given_seconds"], 86_400);
        assert_eq!((&first["excused_seconds"], &first["with"]), (&json!(0), &first["without"]));
    }
}

#[tokio::test]
async fn law_7_what_is_about_to_be_proposed_says_the_same_as_once_it_is() {
    for house in houses().await {
        let mut draft = json!({
            "breach": house.nw1.breach, "kind": "planned_maintenance",
            "from": "2026-10-14T03:55:00Z", "to": "2026-10-14T04:05:00Z",
            "notified_at": "2026-10-11T03:55:00Z", "clause": "5.1",
        });
        let ask = |by: &Seat, draft: &Value| {
            let request = house.http.post(house.url("/v1/exclusions/effect"));
            request.bearer_auth(&by.token).json(draft).send()
        };
        let asked = ask(&house.anna, &draft).await.unwrap();
        assert_eq!(asked.status(), 200);
        let before: Value = asked.json().await.unwrap();
        assert_eq!(before[0]["without"]["percent"], "99.863534", "{before}");
        assert_eq!(before[0]["with"]["percent"], "99.885880");
        let stored: Vec<Exclusion> = northwind::all(&house.ground, "1 = 1", &[]).await;
        assert!(stored.is_empty(), "asking proposes nothing");

        let mut late = draft.clone();
        late["notified_at"] = json!("2026-10-13T03:55:00Z");
        let late: Value = ask(&house.anna, &late).await.unwrap().json().await.unwrap();
        assert_eq!(late[0]["admission"], "late_notice", "{late}");

        let id: makegood_domain::id::ExclusionId = house.app.store().ids().make();
        let mut args = draft.clone();
        args["exclusion"] = json!(id);
        let command = house.command("propose_exclusion", args, &[]);
        assert_eq!(house.send(&house.anna, &command).await["outcome"], "applied");
        let path = format!("/v1/exclusions/{id}/effect");
        assert_eq!(get(&house, &house.anna, &path).await, before);

        // What could not be proposed is refused as it would be then.
        draft["kind"] = json!("emergency");
        let refused: Value = ask(&house.anna, &draft).await.unwrap().json().await.unwrap();
        assert_eq!((&refused["code"], &refused["path"]), (&json!("invalid"), &json!("kind")));
        let refused: Value = ask(&house.mira, &draft).await.unwrap().json().await.unwrap();
        assert_eq!(refused["code"], "role_missing");
    }
}
