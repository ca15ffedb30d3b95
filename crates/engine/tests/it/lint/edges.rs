//! Where a rule begins: the figure that is just still sound, and the one that just isn't.

use super::{examples::slots, found, places};
use serde_json::{Value, json};

/// Places and codes of what is found in terms of one day.
fn day(over: &Value) -> Vec<(String, &'static str)> {
    let mut terms = over.clone();
    terms["window"] = json!({"rolling": "1d"});
    places(&found(&terms))
}

fn at(path: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(path.to_owned(), code)]
}

#[test]
fn a_tier_of_a_whole_window_holds_and_one_second_more_does_not() {
    let tier = |length: &str| {
        let tiers = json!([{"below": "99.9", "percent": "10"},
            {"downtime_at_least": length, "percent": "100"}]);
        places(&found(&json!({"credit": {"tiers": tiers}})))
    };
    assert_eq!(tier("744h"), []);
    assert_eq!(tier("744h1s"), at("credit.tiers[1].downtime_at_least", "tier_never_holds"));
}

#[test]
fn a_day_that_rolls_from_day_to_day_does_not_overlap() {
    assert_eq!(day(&json!({"credit": {"tiers": [{"below": "99.9", "percent": "10"}]}})), []);
}

#[test]
fn one_slot_fills_a_day_and_decides_it_alone() {
    let one = json!({"objective": "90", "measure": slots("24h")});
    assert_eq!(day(&one), at("objective", "finer_than_count"));
}

#[test]
fn a_run_as_long_as_the_window_counts() {
    let mut terms = json!({"objective": "50", "measure": slots("1h")});
    terms["measure"]["slots"]["min_run"] = 744.into();
    assert_eq!(places(&found(&terms)), at("objective", "finer_than_count"));
}

/// An outage of five minutes whose last two lie in the window counts with them, and one of impact 1/2 with half.
#[test]
fn a_part_of_an_outage_may_count_between_two_objectives() {
    let terms = json!({"objective": "99.99", "internal_objective": "99.995",
        "measure": {"uptime": {"min_outage": "5m"}}});
    let finer = |path: &str| (path.to_owned(), "finer_than_count");
    assert_eq!(places(&found(&terms)), [finer("internal_objective"), finer("objective")]);
}

#[test]
fn a_slot_is_in_the_service_hours_when_its_first_second_is() {
    // From 08:30 to 10:00 only the slot of 09:00 begins, so that one bad slot is all of them; from
    // 08:00 on there are two.
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let from = |from: &str| {
        let hours = json!([{"days": days, "from": from, "to": "10:00"}]);
        day(&json!({"objective": "50", "measure": slots("1h"), "service_hours": hours}))
    };
    assert_eq!(from("08:30"), at("objective", "finer_than_count"));
    assert_eq!(from("08:00"), []);
}

#[test]
fn a_years_cap_is_one_windows_where_the_window_is_a_year() {
    let rule = json!({"treatment": "removed", "cap": "96h", "cap_per": "year"});
    let terms = json!({"window": {"calendar": "year"}, "exclusions": {"other": rule}});
    assert_eq!(places(&found(&terms)), []);
}

#[test]
fn per_pays_for_what_begins_or_for_what_is_whole() {
    let per = |per: Value| day(&json!({"credit": {"per": per}}));
    let too_much = at("credit.cap", "uncapped_above_fee");
    let started = |count: &str| per(json!({"every": "23h", "percent": "50.5", "count": count}));
    assert_eq!(started("started"), too_much);
    assert_eq!(started("completed"), []);
    let after = |percent: &str| {
        per(json!({"every": "1h", "percent": percent, "count": "completed",
            "first": {"after": "23h", "percent": "10"}}))
    };
    assert_eq!(after("90.1"), too_much);
    assert_eq!(after("90"), []);
    let late = per(json!({"every": "1h", "percent": "90", "count": "started",
        "first": {"after": "24h1s", "percent": "200"}}));
    assert_eq!(late, at("credit.per.first.after", "per_never_due"));
}

#[test]
fn a_total_longer_than_the_window_keeps_attainment_up() {
    // A month counts as twice its longest length, so nothing falls below 50 %.
    let with = |objective: &str| {
        let window = json!({"calendar": "month", "counted_as": "62d"});
        places(&found(&json!({"objective": objective, "window": window})))
    };
    let long = ("window.counted_as".to_owned(), "counted_as_long");
    let always = ("objective".to_owned(), "objective_always_met");
    assert_eq!(with("50"), [always, long.clone()]);
    assert_eq!(with("50.1"), [long]);
}
