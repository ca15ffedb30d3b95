//! What was measured for a customer, by month: moved as days are sealed, and by what comes late.

use crate::{
    house::{House, Seat, houses, seat},
    northwind::{SERIES, SOURCE},
};
use chrono::{DateTime, Utc};
use makegood_central::ingest::{sealing, slots};
use makegood_domain::person::{Role, Scope};
use serde_json::{Value, json};

async fn push(house: &House, start: &str, count: u32, errors: u64) {
    let run = json!({ "count": count, "requests": 1000, "errors": errors });
    let body = json!({ "slots": [
        { "service": SERIES, "slot_seconds": 300, "start": start, "runs": [run] },
        { "service": "nobody's", "slot_seconds": 300, "start": start, "runs": [run] },
    ] });
    let body = body.to_string();
    let store = house.app.store();
    slots::apply(store, house.root.person, SOURCE, body.as_bytes()).await.unwrap();
}

/// The months asked for: of each, good, total, slots and unknown seconds.
async fn asked(house: &House, who: &Seat, query: &str) -> Vec<(String, [String; 3], i64)> {
    let path = format!("/v1/customers/{}/totals{query}", house.gmbh);
    let answer: Value = house.get(who, &path).await.json().await.unwrap();
    let months = answer["totals"].as_array().unwrap_or_else(|| panic!("{answer}")).iter();
    let text = |month: &Value, key: &str| month[key].as_str().unwrap().to_owned();
    months
        .map(|month| {
            assert_eq!(month["service"], SERIES);
            let numbers = ["good", "total", "slots"].map(|key| text(month, key));
            (text(month, "month"), numbers, month["unknown_seconds"].as_i64().unwrap())
        })
        .collect()
}

fn month(name: &str, numbers: [u64; 3], unknown: i64) -> (String, [String; 3], i64) {
    (name.to_owned(), numbers.map(|number| number.to_string()), unknown)
}

async fn next_night(house: &House) {
    let now = house.ground.clock.now();
    let night: DateTime<Utc> = (now.date_naive().and_hms_opt(2, 0, 0).unwrap()).and_utc();
    let by = night + chrono::TimeDelta::days(1) - now;
    house.ground.clock.advance(by.to_std().unwrap());
    sealing::turn(house.app.store()).await.unwrap();
}

#[tokio::test]
async fn law_3_a_month_says_what_was_seen_and_what_nobody_saw() {
    for house in houses().await {
        let name = house.ground.name;
        let begun = house.ground.clock.now().date_naive().to_string();
        assert_eq!(begun, "2026-11-09");
        push(&house, "2026-10-01T00:00:00Z", 31 * 288, 1).await;
        push(&house, "2026-11-03T06:00:00Z", 144, 0).await;
        let reader = seat(&house.app, "Rita", Role::Csm, Scope::All).await;
        let october = month("2026-10", [999 * 8928, 8_928_000, 8928], 0);
        assert_eq!(asked(&house, &reader, "").await, std::slice::from_ref(&october), "{name}");

        next_night(&house).await;
        // Until 10 November; of the 3rd, half was seen.
        let november = month("2026-11", [144_000, 144_000, 144], 9 * 86_400 - 43_200);
        let both = [october, november.clone()];
        assert_eq!(asked(&house, &reader, "?from=2026-10&to=2026-11").await, both, "{name}");
        assert_eq!(asked(&house, &reader, "?from=2026-11").await.len(), 1, "{name}");
        assert!(asked(&house, &reader, "?to=2026-09").await.is_empty(), "{name}");

        // A slot that is corrected, and two more that were missing.
        push(&house, "2026-10-14T10:00:00Z", 1, 501).await;
        push(&house, "2026-11-03T18:00:00Z", 2, 0).await;
        assert_eq!(asked(&house, &reader, "").await, both, "{name}: not before the night");
        next_night(&house).await;
        let october = month("2026-10", [999 * 8928 - 500, 8_928_000, 8928], 0);
        let november = month("2026-11", [146_000, 146_000, 146], 10 * 86_400 - 43_800);
        assert_eq!(asked(&house, &reader, "").await, [october, november], "{name}");
    }
}

#[tokio::test]
async fn totals_are_for_those_who_may_see_the_customer() {
    for house in houses().await {
        let outside = Scope::Customers([house.inc].into());
        let ines = seat(&house.app, "Ines", Role::Csm, outside).await;
        let path = format!("/v1/customers/{}/totals", house.gmbh);
        let answer = house.get(&ines, &path).await;
        assert_eq!(answer.status(), 403);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "scope_missing");
        for query in ["from=2026-13", "to=2026-1", "to=+026-01", "from=", "to=2026-10-01"] {
            let answer = house.get(&house.anna, &format!("{path}?{query}")).await;
            assert_eq!(answer.status(), 422, "{query}");
        }
    }
}
