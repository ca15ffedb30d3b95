//! Locking by hand: as it was seen, in order, by whoever may close, and never twice.

use crate::{
    house::{House, Seat, houses, seat},
    northwind::{self, SOURCE},
};
use makegood_central::ingest;
use makegood_domain::{
    attainment::Attainment,
    person::{Role, Scope},
    settlement::Settlement,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// November is over, with an hour of outage in it; nothing of it is locked.
async fn november(house: &House) {
    down(house, "2026-11-20T03:00:00Z", "2026-11-20T04:00:00Z").await;
    northwind::turn(&house.ground, "2026-12-02T06:00:00Z").await;
}

async fn down(house: &House, from: &str, to: &str) {
    let body = northwind::outage(from, to);
    ingest::outage::apply(&house.ground.store, house.root.person, SOURCE, &body).await.unwrap();
}

/// The windows that are closing.
async fn closing(house: &House, by: &Seat) -> Vec<Value> {
    let response = house.get(by, "/v1/windows/closing").await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

async fn of(house: &House, number: &str) -> Value {
    let all = closing(house, &house.root).await;
    all.into_iter().find(|one| one["number"] == number).unwrap()
}

async fn lock(house: &House, by: &Seat, windows: &[&Value]) -> (u16, Value) {
    let windows: Vec<Value> = windows
        .iter()
        .map(|one| {
            json!({ "contract": one["contract"], "window": one["window"], "seen": one["seen"] })
        })
        .collect();
    let request = house.http.post(house.url("/v1/windows/lock")).bearer_auth(&by.token);
    let response = request.json(&json!({ "windows": windows })).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn settled(house: &House, number: &str) -> Vec<Settlement> {
    let contract = northwind::contract_id(&house.ground, number).await;
    let args = [makegood_central::store::Arg::text(contract)];
    northwind::all(&house.ground, "contract = $1 and label = '2026-11'", &args).await
}

#[tokio::test]
async fn a_line_that_left_a_window_that_is_over_is_no_line_of_it() {
    for house in houses().await {
        november(&house).await;
        let mut amended = northwind::document();
        let mut next = amended["contracts"][0]["versions"][0].clone();
        (next["number"], next["valid_from"]) = (json!(2), json!("2026-11-14T23:00:00Z"));
        next["treatment"] = json!("whole_window");
        amended["contracts"][0]["versions"].as_array_mut().unwrap().push(next);
        northwind::apply(&house.ground, house.root.person, &amended).await;
        northwind::turn(&house.ground, "2026-12-02T07:00:00Z").await;
        let one = of(&house, "NW-1").await;
        assert_eq!((&one["lines"], &one["missed"]), (&json!(1), &json!(1)), "{one}");
        let (_, report) = lock(&house, &house.root, &[&one]).await;
        assert_eq!(report["locked"], 1, "{report}");
        assert_eq!(settled(&house, "NW-1").await[0].lines.len(), 1);
        // Its row locks with the others: nothing waits for it.
        northwind::turn(&house.ground, "2026-12-05T06:00:00Z").await;
        let open = "label = '2026-11' and state <> 'locked'";
        assert_eq!(northwind::all::<Attainment>(&house.ground, open, &[]).await, []);
    }
}

#[tokio::test]
async fn a_month_locks_by_hand_as_it_was_seen_and_once() {
    for house in houses().await {
        november(&house).await;
        let one = of(&house, "NW-1").await;
        assert_eq!((&one["name"], &one["window"]), (&json!("Northwind GmbH"), &json!("2026-11")));
        assert_eq!((&one["lines"], &one["missed"]), (&json!(1), &json!(1)));
        assert_eq!(one["left"].as_array().unwrap().last().unwrap()["what"], "unreviewed_breach");
        let (status, report) = lock(&house, &house.root, &[&one]).await;
        assert_eq!((status, &report), (200, &json!({ "locked": 1, "refused": [] })));
        let settlement = settled(&house, "NW-1").await.remove(0);
        assert_eq!((settlement.revision, settlement.total.minor()), (1, 120_000));
        // The others go on by themselves; the schedule changes nothing of what is locked.
        assert!(settled(&house, "NW-2").await.is_empty());
        assert!(closing(&house, &house.root).await.iter().all(|one| one["number"] != "NW-1"));
        let (_, report) = lock(&house, &house.root, &[&one]).await;
        assert_eq!(
            (&report["locked"], &report["refused"][0]["code"]),
            (&json!(0), &json!("wrong_state"))
        );
        northwind::turn(&house.ground, "2026-12-05T06:00:00Z").await;
        assert_eq!(settled(&house, "NW-1").await, [settlement]);
        let sql = "select body from audit_event where action = 'window.locked_by_hand'";
        let mut conn = house.ground.store.reading().await.unwrap();
        let found = makegood_central::store::fetch(&mut conn, sql, &[]).await.unwrap();
        assert_eq!(found.len(), 1);
    }
}

#[tokio::test]
async fn law_7_what_has_changed_since_it_was_seen_is_not_locked() {
    for house in houses().await {
        november(&house).await;
        let (one, two) = (of(&house, "NW-1").await, of(&house, "NW-3").await);
        // NW-3 counts its November by another zone: this minute is NW-1's alone.
        down(&house, "2026-11-01T00:00:00Z", "2026-11-01T00:10:00Z").await;
        let (_, report) = lock(&house, &house.root, &[&one, &two]).await;
        assert_eq!(report["locked"], 1, "one holds up no other: {report}");
        assert_eq!(report["refused"][0]["code"], "stale", "{report}");
        assert_eq!(report["refused"][0]["contract"], one["contract"]);
        assert!(settled(&house, "NW-1").await.is_empty());
        let again = of(&house, "NW-1").await;
        assert_ne!(again["seen"], one["seen"]);
        assert_eq!(lock(&house, &house.root, &[&again]).await.1["locked"], 1);
    }
}

#[tokio::test]
async fn what_runs_or_comes_later_does_not_lock_and_nobody_without_the_right_locks() {
    for house in houses().await {
        november(&house).await;
        let one = of(&house, "NW-1").await;
        let runs = json!({ "contract": one["contract"], "window": "2026-12", "seen": "" });
        let (_, report) = lock(&house, &house.root, &[&runs]).await;
        assert_eq!(report["refused"][0]["code"], "wrong_state", "{report}");
        let why = report["refused"][0]["message"].as_str().unwrap();
        assert!(why.contains("lock it before"), "November comes first: {why}");
        let none = json!({ "contract": one["contract"], "window": "2027-12", "seen": "" });
        let (_, report) = lock(&house, &house.root, &[&none]).await;
        assert_eq!(report["refused"][0]["code"], "not_found", "{report}");
        assert_eq!(lock(&house, &house.root, &[&one]).await.1["locked"], 1);
        let (_, report) = lock(&house, &house.root, &[&runs]).await;
        let why = report["refused"][0]["message"].as_str().unwrap();
        assert!(why.contains("is not over yet"), "{why}");
        // Nobody but administrators, and they within their scope.
        let (status, answer) = lock(&house, &house.anna, &[&of(&house, "NW-2").await]).await;
        assert_eq!((status, &answer["code"]), (403, &json!("role_missing")));
        let inc = Scope::Customers(BTreeSet::from([house.inc]));
        let adam = seat(&house.app, "Adam", Role::Admin, inc).await;
        assert_eq!(closing(&house, &adam).await.len(), 1, "Northwind Inc's NW-3");
        let (_, report) = lock(&house, &adam, &[&of(&house, "NW-2").await]).await;
        assert_eq!(report["refused"][0]["code"], "scope_missing", "{report}");
        assert_eq!(lock(&house, &adam, &[&of(&house, "NW-3").await]).await.1["locked"], 1);
        let many = vec![&one; 101];
        assert_eq!(lock(&house, &house.root, &many).await.0, 413);
    }
}
