//! Caps that look back, and how a contract adds up its lines: each over the time that it names.

use crate::{
    ground::{Ground, grounds},
    northwind::{self, SOURCE, all, apply, contract_id, october, outage, person, turn},
};
use makegood_central::{close, ingest, proposal, store::Arg};
use makegood_domain::{
    Problem,
    attainment::Attainment,
    credit::{Credit, Decision},
    id::PersonId,
    person::Role,
    settlement::Settlement,
};
use serde_json::{Value, json};

/// NW-1 alone, with these terms of its credit.
fn alone(credit: &Value) -> Value {
    let mut document = northwind::document();
    document["incidents"] = json!([]);
    document["contracts"].as_array_mut().unwrap().truncate(1);
    document["contracts"][0]["versions"][0]["lines"][0]["terms"]["credit"] = credit.clone();
    document
}

/// A quarter of the base below 99.8 %, at most a tenth of so many months.
fn rolling(months: u32) -> Value {
    json!({ "tiers": [{ "below": "99.8", "percent": "25" }],
        "cap": { "percent": "10", "months": months } })
}

async fn down(ground: &Ground, by: PersonId, from: &str, to: &str) {
    let body = outage(from, to);
    ingest::outage::apply(&ground.store, by, SOURCE, &body).await.unwrap();
}

async fn settled(ground: &Ground, window: &str) -> Settlement {
    let key = [Arg::text(contract_id(ground, "NW-1").await), Arg::text(window)];
    all::<Settlement>(ground, "contract = $1 and label = $2", &key).await.remove(0)
}

/// Everybody approves what is open of a window.
async fn approve(ground: &Ground, window: &str) {
    let key = [Arg::text(contract_id(ground, "NW-1").await), Arg::text(window)];
    let mut tx = ground.store.begin(None).await.unwrap();
    for mut credit in all::<Credit>(ground, "contract = $1 and label = $2", &key).await {
        credit.decision = Decision::Approved;
        tx.put(&credit).await.unwrap();
        tx.audit("credit.approved", ("credit", "x"), Some(credit.customer), json!({}));
        close::follow(&mut tx, &credit).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_cap_over_twelve_months_looks_back_on_time_and_not_on_so_many_windows() {
    for ground in grounds("2026-01-02T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let mut quarters = alone(&rolling(12));
        let version = &mut quarters["contracts"][0]["versions"][0];
        version["valid_from"] = json!("2023-12-31T23:00:00Z");
        version["lines"][0]["charges"][0]["from"] = json!("2024-01-01");
        version["lines"][0]["terms"]["window"]["calendar"] = json!("quarter");
        apply(&ground, admin, &quarters).await;
        // Of four quarters of €36,000.00, at most €14,400.00 together.
        for (window, day, locked, owed) in [
            ("2026-Q1", "2026-02-10", "2026-04-05T06:00:00Z", 900_000),
            ("2026-Q2", "2026-05-10", "2026-07-05T06:00:00Z", 540_000),
            ("2026-Q3", "2026-08-10", "2026-10-05T06:00:00Z", 0),
        ] {
            turn(&ground, &format!("{day}T20:00:00Z")).await;
            down(&ground, admin, &format!("{day}T09:00:00Z"), &format!("{day}T19:00:00Z")).await;
            turn(&ground, locked).await;
            assert_eq!(
                settled(&ground, window).await.total.minor(),
                owed,
                "{} {window}",
                ground.name
            );
            approve(&ground, window).await;
        }
    }
}

#[tokio::test]
async fn law_4_what_is_approved_stays_in_what_a_cap_looks_back_on_until_it_is_taken_back() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &alone(&rolling(12))).await;
        for day in ["2026-09-10", "2026-10-10"] {
            down(&ground, admin, &format!("{day}T09:00:00Z"), &format!("{day}T11:00:00Z")).await;
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        approve(&ground, "2026-09").await;
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 120_000);
        ground.clock.advance(std::time::Duration::from_secs(60));
        let body = json!({ "withdrawn": [{ "service": northwind::SERIES, "reason": "a false alarm",
            "outage_from": "2026-09-10T09:00:00Z" }] });
        let bytes = body.to_string();
        ingest::outage::apply(&ground.store, admin, SOURCE, bytes.as_bytes()).await.unwrap();
        assert_eq!(settled(&ground, "2026-09").await.total.minor(), 0, "{}", ground.name);
        // September's €1,200.00 are the customer's until somebody takes them back.
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 120_000, "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_a_corrected_fee_of_a_month_that_was_met_reaches_what_looks_back_on_it() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let mut told = alone(&rolling(12));
        let charge = |amount: &str, from: &str| json!({ "amount": amount, "frequency": "monthly", "from": from });
        let line = "/contracts/0/versions/0/lines/0/charges";
        *told.pointer_mut(line).unwrap() =
            json!([charge("1200.00", "2026-09-01"), charge("12000.00", "2026-10-01")]);
        apply(&ground, admin, &told).await;
        down(&ground, admin, "2026-10-10T09:00:00Z", "2026-10-10T11:00:00Z").await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        // A tenth of €1,200.00 and of both charges together.
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 144_000, "{}", ground.name);
        *told.pointer_mut(line).unwrap() =
            json!([charge("12000.00", "2026-09-01"), charge("12000.00", "2026-10-01")]);
        apply(&ground, admin, &told).await;
        assert_eq!(settled(&ground, "2026-09").await.lines[0].fee, "12000.00");
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 360_000, "{}", ground.name);
        let revision = october(&ground, "NW-1").await.0.revision;
        apply(&ground, admin, &told).await;
        assert_eq!(
            october(&ground, "NW-1").await.0.revision,
            revision,
            "told again, nothing changes"
        );
    }
}

/// Another version of NW-1 from the middle of October on, or from its beginning.
fn with_second_version(mut document: Value, from: &str) -> Value {
    let versions = document["contracts"][0]["versions"].as_array_mut().unwrap();
    for version in versions.iter_mut() {
        version["lines"][0]["remedy"]["partial_base"] = json!("by_days");
    }
    let mut next = versions[0].clone();
    (next["number"], next["valid_from"]) = (json!(2), json!(from));
    next["treatment"] = json!("split");
    versions.push(next);
    document
}

#[tokio::test]
async fn a_contracts_cap_looks_back_once_where_an_amendment_split_the_window() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let tiers = json!({ "tiers": [{ "below": "99.8", "percent": "50" }] });
        let mut split = with_second_version(alone(&tiers), "2026-10-13T22:00:00Z");
        split["contracts"][0]["cap"] = json!({ "percent": "10", "months": 2 });
        apply(&ground, admin, &split).await;
        down(&ground, admin, "2026-10-20T09:00:00Z", "2026-10-20T19:00:00Z").await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        // A tenth of September and of October, and not of September for each part of October.
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 240_000, "{}", ground.name);
    }
}

#[tokio::test]
async fn a_lines_rolling_cap_is_one_for_both_parts_of_a_split_window() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let credit = json!({ "tiers": [{ "below": "99.8", "percent": "50" }],
            "cap": { "percent": "10", "months": 2 } });
        let split = with_second_version(alone(&credit), "2026-10-13T22:00:00Z");
        apply(&ground, admin, &split).await;
        for day in ["2026-10-05", "2026-10-20"] {
            down(&ground, admin, &format!("{day}T09:00:00Z"), &format!("{day}T19:00:00Z")).await;
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        // A tenth of September and of October.
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!(settlement.total.minor(), 240_000, "{}", ground.name);
    }
}

#[tokio::test]
async fn the_first_part_of_a_split_window_counts_once_in_the_contracts_cap() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let credit = json!({ "tiers": [{ "below": "99.8", "percent": "50" }],
            "cap": { "percent": "20", "months": 12 } });
        let mut split = with_second_version(alone(&credit), "2026-10-13T22:00:00Z");
        split["contracts"][0]["versions"][0]["valid_from"] = json!("2026-09-30T22:00:00Z");
        split["contracts"][0]["cap"] = json!({ "percent": "10", "months": 12 });
        apply(&ground, admin, &split).await;
        for day in ["2026-10-05", "2026-10-20"] {
            down(&ground, admin, &format!("{day}T09:00:00Z"), &format!("{day}T19:00:00Z")).await;
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!(settlement.total.minor(), 120_000, "{}: a tenth of October", ground.name);
    }
}

#[tokio::test]
async fn a_contracts_rolling_cap_looks_back_on_a_line_that_has_another_name_now() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let tiers = json!({ "tiers": [{ "below": "99.8", "percent": "50" }] });
        let mut told = with_second_version(alone(&tiers), "2026-09-30T22:00:00Z");
        told["contracts"][0]["cap"] = json!({ "percent": "10", "months": 12 });
        told["contracts"][0]["versions"][1]["lines"][0]["name"] = json!("API, as it is called now");
        apply(&ground, admin, &told).await;
        down(&ground, admin, "2026-10-10T09:00:00Z", "2026-10-10T19:00:00Z").await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        // A tenth of September and of October, whatever the line was called in September.
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!(settlement.total.minor(), 240_000, "{}", ground.name);
    }
}

#[tokio::test]
async fn another_form_of_window_begins_no_new_year_of_maintenance() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = people(&ground).await;
        let capped = with_yearly_maintenance("2026-09-30T22:00:00Z", |next| {
            next["lines"][0]["terms"]["window"]["calendar"] = json!("quarter");
        });
        apply(&ground, admin, &capped).await;
        for day in ["2026-09-10", "2026-10-14"] {
            maintained(&ground, admin, day).await;
        }
        turn(&ground, "2027-01-04T06:00:00Z").await;
        // Ten of the fifteen minutes are used in September.
        assert_eq!(excused(&ground, "2026-Q4").await, ["300"], "{}", ground.name);
    }
}

#[tokio::test]
async fn what_was_maintained_while_a_line_was_under_no_contract_uses_up_nothing() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = people(&ground).await;
        let mut capped = with_yearly_maintenance("2026-10-13T22:00:00Z", |_| ());
        let first = &mut capped["contracts"][0]["versions"][0]["lines"][0];
        first["active_to"] = json!("2026-09-15T22:00:00Z");
        apply(&ground, admin, &capped).await;
        for day in ["2026-09-20", "2026-10-20"] {
            maintained(&ground, admin, day).await;
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        assert_eq!(excused(&ground, "2026-10").await, ["600"], "{}", ground.name);
    }
}

/// Who imports; and who proposes and admits exclusions.
async fn people(ground: &Ground) -> PersonId {
    person(ground, "dana", Role::Csm).await;
    person(ground, "lee", Role::Finance).await;
    person(ground, "root", Role::Admin).await
}

/// NW-1 with a second version from then on; fifteen minutes of maintenance a year are excused.
fn with_yearly_maintenance(from: &str, change: fn(&mut Value)) -> Value {
    let mut capped = alone(&json!({ "tiers": [{ "below": "99.9", "percent": "10" }] }));
    capped["contracts"][0]["versions"][0]["lines"][0]["terms"]["exclusions"] = json!({ "planned_maintenance": { "treatment": "removed", "cap": "15m", "cap_per": "year" } });
    let mut capped = with_second_version(capped, from);
    change(&mut capped["contracts"][0]["versions"][1]);
    capped
}

/// Ten minutes of maintenance on a day, in time told and admitted.
async fn maintained(ground: &Ground, admin: PersonId, day: &str) {
    let mut maintenance = northwind::maintenance(true);
    let exclusions = maintenance["exclusions"].as_array_mut().unwrap();
    exclusions.truncate(1);
    exclusions[0]["from"] = json!(format!("{day}T03:55:00Z"));
    exclusions[0]["to"] = json!(format!("{day}T04:05:00Z"));
    exclusions[0]["notified_at"] = json!("2026-09-01T00:00:00Z");
    apply(ground, admin, &maintenance).await;
}

/// Seconds that are excused on each line of one of NW-1's windows, in order.
async fn excused(ground: &Ground, window: &str) -> Vec<String> {
    let key = [Arg::text(contract_id(ground, "NW-1").await), Arg::text(window)];
    let rows = all::<Attainment>(ground, "contract = $1 and label = $2", &key).await;
    let mut excused: Vec<String> = rows.into_iter().map(|one| one.excused).collect();
    excused.sort_unstable();
    excused
}

#[tokio::test]
async fn an_amendment_begins_no_new_year_of_maintenance() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = people(&ground).await;
        apply(&ground, admin, &with_yearly_maintenance("2026-09-30T22:00:00Z", |_| ())).await;
        for day in ["2026-09-10", "2026-10-14"] {
            maintained(&ground, admin, day).await;
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        // Ten of the fifteen minutes are used in September.
        assert_eq!(excused(&ground, "2026-10").await, ["300"], "{}", ground.name);
    }
}

#[tokio::test]
async fn both_parts_of_a_split_window_use_up_one_year_of_maintenance() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = people(&ground).await;
        apply(&ground, admin, &with_yearly_maintenance("2026-10-13T22:00:00Z", |_| ())).await;
        for day in ["2026-09-10", "2026-10-05", "2026-10-20"] {
            maintained(&ground, admin, day).await;
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        // Ten of the fifteen minutes are used in September, the rest on the fifth.
        assert_eq!(excused(&ground, "2026-10").await, ["0", "300"], "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_what_an_earlier_window_used_of_a_year_counts_though_it_came_to_the_same() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = people(&ground).await;
        let mut capped = alone(&json!({ "tiers": [{ "below": "99.9", "percent": "10" }] }));
        let terms = &mut capped["contracts"][0]["versions"][0]["lines"][0]["terms"];
        terms["exclusions"] = json!({ "planned_maintenance": { "treatment": "removed", "cap": "15m", "cap_per": "year" } });
        terms["service_hours"] = json!([{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "05:00", "to": "20:00" }]);
        apply(&ground, admin, &capped).await;
        let admit = async |from: &str, to: &str| {
            let mut maintenance = northwind::maintenance(true);
            let exclusions = maintenance["exclusions"].as_array_mut().unwrap();
            exclusions.truncate(1);
            (exclusions[0]["from"], exclusions[0]["to"]) = (json!(from), json!(to));
            apply(&ground, admin, &maintenance).await;
        };
        admit("2026-10-14T03:55:00Z", "2026-10-14T04:05:00Z").await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.1.excused, "600");
        // A Sunday's: nothing of it lies in September's service hours.
        admit("2026-09-06T08:00:00Z", "2026-09-06T08:10:00Z").await;
        assert_eq!(settled(&ground, "2026-09").await.revision, 1, "{}", ground.name);
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!(
            (settlement.revision, attainment.excused.as_str()),
            (2, "300"),
            "{}",
            ground.name
        );
        let reason = "it rests on what 2026-09 has used of the year's maintenance";
        assert_eq!(settlement.reason.as_deref(), Some(reason));
    }
}

async fn refused(ground: &Ground, admin: PersonId, document: &Value) -> Problem {
    let bytes = document.to_string();
    proposal::import(&ground.store, admin, bytes.as_bytes()).await.unwrap_err()
}

#[tokio::test]
async fn law_4_how_lines_add_up_changes_no_window_that_has_begun() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let tiers = json!({ "tiers": [{ "below": "99.8", "percent": "25" }] });
        let mut told = alone(&tiers);
        told["contracts"][0]["cap"] = json!({ "percent": "50" });
        apply(&ground, admin, &told).await;
        // Nothing has begun yet.
        told["contracts"][0].as_object_mut().unwrap().remove("cap");
        apply(&ground, admin, &told).await;
        turn(&ground, "2026-09-02T06:00:00Z").await;
        told["contracts"][0]["cap"] = json!({ "percent": "10" });
        let problem = refused(&ground, admin, &told).await;
        assert_eq!(problem.path.as_deref(), Some("contracts[0].cap"), "{problem}");
        told["contracts"][0].as_object_mut().unwrap().remove("cap");
        told["contracts"][0]["combine"] = json!("highest");
        let problem = refused(&ground, admin, &told).await;
        assert_eq!(problem.path.as_deref(), Some("contracts[0].combine"), "{problem}");
        told["contracts"][0]["combine"] = json!("sum");
        told["contracts"][0]["renews_on"] = json!("2027-09-01");
        apply(&ground, admin, &told).await;
    }
}

#[tokio::test]
async fn law_4_a_line_that_ends_earlier_than_was_told_revises_what_is_locked() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let mut told = alone(&json!({ "tiers": [{ "below": "99.8", "percent": "25" }] }));
        apply(&ground, admin, &told).await;
        down(&ground, admin, "2026-10-20T09:00:00Z", "2026-10-20T19:00:00Z").await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 300_000);
        let line = &mut told["contracts"][0]["versions"][0]["lines"][0];
        line["active_to"] = json!("2026-10-15T22:00:00Z");
        apply(&ground, admin, &told).await;
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.minor()), (2, 0), "{}", ground.name);
        let reason = "API availability of NW-1 is under contract for another time";
        assert_eq!(settlement.reason.as_deref(), Some(reason));
    }
}
