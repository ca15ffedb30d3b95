//! Amendments: a later version of a contract, what it does to a window that is running, and to one
//! that is locked (law 4).

use crate::{
    ground::{Ground, grounds, instant},
    northwind::{
        SOURCE, all, apply, breach, contract_id, credits, document, october, outage, person, told,
        turn,
    },
};
use makegood_central::{ingest, proposal, store::Arg};
use makegood_domain::{
    alert::Alert,
    attainment::{Attainment, WindowState},
    breach::BreachState,
    contract::SlaLine,
    credit::Decision,
    person::Role,
    settlement::Settlement,
};
use makegood_engine::money::{Currency, Money};
use serde_json::{Value, json};

/// Northwind with a second version of NW-1: from the middle of October on, 99.5 % are enough.
pub(crate) fn amended(treatment: &str) -> Value {
    let mut amended = document();
    let mut next = amended["contracts"][0]["versions"][0].clone();
    next["number"] = json!(2);
    next["valid_from"] = json!("2026-10-13T22:00:00Z");
    next["treatment"] = json!(treatment);
    next["lines"][0]["terms"]["objective"] = json!("99.5");
    next["lines"][0]["terms"]["credit"]["tiers"][0]["below"] = json!("99.5");
    next["lines"][0]["terms"]["credit"]["tiers"][1]["below"] = json!("99.4");
    amended["contracts"][0]["versions"].as_array_mut().expect("a list").push(next);
    amended
}

pub(crate) async fn lines(ground: &Ground) -> Vec<SlaLine> {
    let key = [Arg::text(contract_id(ground, "NW-1").await)];
    let mut lines: Vec<SlaLine> = all(ground, "contract = $1 order by id", &key).await;
    lines.sort_by_key(|line| line.active_from);
    lines
}

#[tokio::test]
async fn law_4_an_amendment_for_the_whole_of_a_locked_window_revises_it() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 120_000);
        apply(&ground, admin, &amended("whole_window")).await;
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.minor()), (2, 0), "{}", ground.name);
        assert_eq!(settlement.reason.as_deref(), Some("NW-1 was amended: version 2"));
        let own = lines(&ground).await;
        assert_eq!(settlement.lines.len(), 1, "the new terms count for the whole window");
        assert_eq!(settlement.lines[0].line, own[1].id);
        assert_eq!(own[0].active_to, Some(instant("2026-09-30T22:00:00Z")));
        assert_eq!(own[1].active_from, Some(instant("2026-09-30T22:00:00Z")));
        // What the old terms had missed is no breach any more, and its credit is not owed.
        assert_eq!(breach(&ground, "NW-1").await.state, BreachState::Cleared);
        assert_eq!(credits(&ground, "NW-1").await[0].decision, Decision::Cancelled);
        let key = [Arg::text(own[0].id)];
        let filter = "line = $1 and label = '2026-10'";
        let old = all::<Attainment>(&ground, filter, &key).await.remove(0);
        assert_eq!((old.met, old.percent), (None, None));
        // Its siblings over the same series stay as they are.
        assert_eq!(october(&ground, "NW-2").await.0.revision, 1);
    }
}

#[tokio::test]
async fn law_4_an_amendment_that_splits_a_locked_window_revises_it() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        apply(&ground, admin, &amended("split")).await;
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.lines.len()), (2, 2), "{}", ground.name);
        // The outage of the 14th falls under the new terms, and the old ones were met.
        assert_eq!(settlement.lines[0].met, Some(true));
        let own = lines(&ground).await;
        assert_eq!(own[0].active_to, Some(instant("2026-10-13T22:00:00Z")));
    }
}

#[tokio::test]
async fn each_part_of_a_split_window_has_the_base_of_its_days_where_the_contract_says_so() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        person(&ground, "dana", Role::Csm).await;
        let mut split = amended("split");
        for version in split["contracts"][0]["versions"].as_array_mut().unwrap() {
            version["lines"][0]["remedy"]["partial_base"] = json!("by_days");
            version["lines"][0]["terms"]["objective"] = json!("99.9");
            version["lines"][0]["terms"]["credit"]["tiers"] =
                json!([{ "below": "99.9", "percent": "10" }, { "below": "99.8", "percent": "25" }]);
        }
        apply(&ground, admin, &split).await;
        let body = outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.unwrap();
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let (settlement, _) = october(&ground, "NW-1").await;
        // 13 and 18 of October's 31 days; of the second, a quarter is owed.
        let bases: Vec<&str> = settlement.lines.iter().map(|line| line.fee.as_str()).collect();
        assert_eq!(bases, ["5032.26", "6967.74"], "{}", ground.name);
        assert_eq!(settlement.total.minor(), 174_194);
        let trace = "monthly EUR 12,000.00 × 18 ÷ 31 days, rounded half up";
        assert_eq!(settlement.lines[1].fee_trace, trace);
        // A whole window has the whole base, and a base in force changes by a version alone.
        turn(&ground, "2026-12-04T06:00:00Z").await;
        let key = [Arg::text(contract_id(&ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-11'";
        let november = all::<Settlement>(&ground, filter, &key).await.remove(0);
        assert_eq!(november.lines[0].fee, "12000.00");
        let refused = async |document: &Value| {
            let bytes = document.to_string();
            let problem = proposal::import(&ground.store, admin, bytes.as_bytes()).await;
            problem.unwrap_err().path.unwrap()
        };
        let place = "contracts[0].versions[1].lines[0].remedy.partial_base";
        split["contracts"][0]["versions"][1]["lines"][0]["remedy"]["partial_base"] = json!("whole");
        assert_eq!(refused(&split).await, place);
        let mut next = split["contracts"][0]["versions"][1].clone();
        (next["number"], next["valid_from"]) = (json!(3), json!("2026-12-31T23:00:00Z"));
        next["lines"][0]["remedy"]["partial_base"] = json!("by_days");
        next["lines"][0]["terms"]["credit"]["tiers"] = json!([{ "below": "99.9", "days": 1 }]);
        split["contracts"][0]["versions"] = json!([next]);
        assert_eq!(refused(&split).await, place.replace("[1]", "[0]"));
    }
}

/// Two versions of NW-1 whose base is their days', the second from `from` on, with a cap over two months.
fn by_days(from: &str) -> Value {
    let mut split = amended("split");
    split["contracts"][0]["versions"][1]["valid_from"] = json!(from);
    for version in split["contracts"][0]["versions"].as_array_mut().unwrap() {
        let line = &mut version["lines"][0];
        line["remedy"]["partial_base"] = json!("by_days");
        line["terms"]["objective"] = json!("99.9");
        line["terms"]["credit"] = json!({ "tiers": [{ "below": "99.9", "percent": "50" }],
            "cap": [{ "percent": "10", "months": 2 }] });
    }
    split
}

#[tokio::test]
async fn the_days_of_all_versions_are_those_of_the_window_and_a_cap_looks_back_on_all_of_them() {
    for (from, bases) in [
        ("2026-10-01T00:00:00Z", ["0.00", "12000.00"]),
        ("2026-10-13T22:00:00Z", ["5032.26", "6967.74"]),
    ] {
        for ground in grounds("2026-09-01T00:00:00Z").await {
            let admin = person(&ground, "root", Role::Admin).await;
            person(&ground, "dana", Role::Csm).await;
            apply(&ground, admin, &by_days(from)).await;
            turn(&ground, "2026-12-04T06:00:00Z").await;
            let (settlement, _) = october(&ground, "NW-1").await;
            let own: Vec<&str> = settlement.lines.iter().map(|line| line.fee.as_str()).collect();
            assert_eq!(own, bases, "{}", ground.name);
            let body = outage("2026-11-14T03:12:00Z", "2026-11-14T09:13:00Z");
            ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.unwrap();
            let key = [Arg::text(contract_id(&ground, "NW-1").await)];
            let filter = "contract = $1 and label = '2026-11'";
            let november = all::<Settlement>(&ground, filter, &key).await.remove(0);
            // A tenth of two whole months.
            assert_eq!(november.total.minor(), 240_000, "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn an_amendment_for_the_next_window_leaves_the_running_one_alone() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        apply(&ground, admin, &amended("next_window")).await;
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!(
            (settlement.revision, settlement.total.minor()),
            (1, 120_000),
            "{}",
            ground.name
        );
        let own = lines(&ground).await;
        assert_eq!(own[0].active_to, Some(instant("2026-10-31T23:00:00Z")));
        turn(&ground, "2026-12-04T06:00:00Z").await;
        let key = [Arg::text(own[1].id)];
        let filter = "line = $1 order by from_at";
        let windows = all::<Attainment>(&ground, filter, &key).await;
        assert_eq!(windows[0].window, "2026-11", "the new terms begin with November");
        assert_eq!(windows[0].met, Some(true));
    }
}

#[tokio::test]
async fn told_again_an_amended_contract_stays_as_it_is() {
    for treatment in ["whole_window", "split", "next_window"] {
        for ground in grounds("2026-09-01T00:00:00Z").await {
            let admin = told(&ground).await;
            turn(&ground, "2026-11-04T06:00:00Z").await;
            apply(&ground, admin, &amended(treatment)).await;
            let (before, settled) = (lines(&ground).await, october(&ground, "NW-1").await.0);
            let report = apply(&ground, admin, &amended(treatment)).await;
            assert_eq!(report.changed, 0, "{treatment} {}", ground.name);
            assert_eq!(lines(&ground).await, before, "{treatment} {}", ground.name);
            assert_eq!(october(&ground, "NW-1").await.0, settled, "{treatment} {}", ground.name);
        }
    }
}

#[tokio::test]
async fn a_label_means_one_span_in_all_versions_of_a_contract() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let place = "contracts[0].versions[0].lines[0].terms.window";
        for window in [
            json!({ "calendar": "month", "time_zone": "Europe/Berlin", "anchor_day": 15 }),
            json!({ "calendar": "month", "time_zone": "America/New_York" }),
        ] {
            // The amendment comes alone; what was told before is on record only.
            let mut next = amended("split");
            let contract = &mut next["contracts"][0];
            contract["versions"].as_array_mut().expect("a list").remove(0);
            contract["versions"][0]["lines"][0]["terms"]["window"] = window;
            let bytes = next.to_string();
            let refused = proposal::import(&ground.store, admin, bytes.as_bytes()).await;
            assert_eq!(refused.unwrap_err().path.as_deref(), Some(place), "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn an_amendment_whose_lines_have_no_one_window_can_only_split() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        told(&ground).await;
        let mut rolling = amended("next_window");
        let terms = &mut rolling["contracts"][0]["versions"][1]["lines"][0]["terms"];
        terms["window"] = json!({ "rolling": "30d", "time_zone": "Europe/Berlin" });
        let bytes = rolling.to_string();
        let refused = proposal::import(&ground.store, admin, bytes.as_bytes()).await.unwrap_err();
        assert_eq!(
            refused.path.as_deref(),
            Some("contracts[0].versions[1].treatment"),
            "{refused}"
        );
    }
}

/// Refused as it stands, at this place.
async fn refused(ground: &Ground, document: &Value, place: &str) {
    let admin = person(ground, "root", Role::Admin).await;
    let refused = proposal::import(&ground.store, admin, document.to_string().as_bytes()).await;
    assert_eq!(refused.unwrap_err().path.as_deref(), Some(place), "{}", ground.name);
}

#[tokio::test]
async fn two_versions_never_count_at_once() {
    for (first, second) in [("next_window", "split"), ("split", "whole_window")] {
        for ground in grounds("2026-09-01T00:00:00Z").await {
            let admin = told(&ground).await;
            let mut document = amended(first);
            apply(&ground, admin, &document).await;
            let mut next = document["contracts"][0]["versions"][1].clone();
            (next["number"], next["treatment"]) = (json!(3), json!(second));
            next["valid_from"] = json!("2026-10-19T22:00:00Z");
            document["contracts"][0]["versions"].as_array_mut().expect("a list").push(next);
            refused(&ground, &document, "contracts[0].versions[2].valid_from").await;
        }
    }
}

#[tokio::test]
async fn law_4_what_is_locked_stays_under_contract() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let mut ended = document();
        let line = &mut ended["contracts"][0]["versions"][0]["lines"][0];
        line["active_to"] = json!("2026-09-30T22:00:00Z");
        refused(&ground, &ended, "contracts[0].versions").await;
        let line = &mut ended["contracts"][0]["versions"][0]["lines"][0];
        line["active_to"] = json!("2026-10-31T23:00:00Z");
        apply(&ground, person(&ground, "root", Role::Admin).await, &ended).await;
    }
}

#[tokio::test]
async fn a_version_in_force_may_end_at_another_day_and_keeps_all_else() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let until = |to: &str| {
            let mut document = document();
            document["contracts"][0]["versions"][0]["valid_to"] = json!(to);
            document
        };
        for to in ["2026-12-31T23:00:00Z", "2027-12-31T23:00:00Z"] {
            apply(&ground, admin, &until(to)).await;
            assert_eq!(lines(&ground).await[0].active_to, Some(instant(to)), "{}", ground.name);
        }
        let mut other = until("2027-12-31T23:00:00Z");
        let version = &mut other["contracts"][0]["versions"][0];
        version["lines"][0]["series"]["service"] = json!("elsewhere");
        refused(&ground, &other, "contracts[0].versions[0].lines[0].series").await;
        let mut other = until("2027-12-31T23:00:00Z");
        other["contracts"][0]["versions"][0]["treatment"] = json!("next_window");
        refused(&ground, &other, "contracts[0].versions[0].treatment").await;
    }
}

#[tokio::test]
async fn a_contract_that_was_to_end_and_goes_on_after_all_is_measured_all_along() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-12T06:00:00Z").await;
        let until = |to: Option<&str>| {
            let mut document = document();
            if let Some(to) = to {
                document["contracts"][0]["versions"][0]["valid_to"] = json!(to);
            }
            document
        };
        apply(&ground, admin, &until(Some("2026-09-30T22:00:00Z"))).await;
        turn(&ground, "2026-11-04T06:00:00Z").await;
        // Nothing of the month waits for a contract that is not in it.
        let open = "label = '2026-10' and state <> 'locked'";
        assert_eq!(all::<Attainment>(&ground, open, &[]).await, [], "{}", ground.name);
        apply(&ground, admin, &until(None)).await;
        turn(&ground, "2026-11-10T06:00:00Z").await;
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!(settlement.total.minor(), 120_000, "{}", ground.name);
        assert_eq!(attainment.settlement, Some(settlement.id));
    }
}

/// What is measured of a month that a contract is no more in goes at once, with its alerts, not when it locks.
#[tokio::test]
async fn an_end_in_the_past_takes_back_what_the_running_month_had() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        crate::alert::down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T10:00:00Z").await;
        let contract = contract_id(&ground, "NW-1").await;
        let alerts = async || {
            let open = "contract = $1 and state <> 'resolved'";
            all::<Alert>(&ground, open, &[Arg::text(&contract)]).await.len()
        };
        assert!(alerts().await > 0, "{}", ground.name);
        let mut ended = document();
        ended["contracts"][0]["versions"][0]["valid_to"] = json!("2026-09-30T22:00:00Z");
        apply(&ground, admin, &ended).await;
        turn(&ground, "2026-10-05T10:15:00Z").await;
        let key = [Arg::text(&contract)];
        let rows: Vec<Attainment> = all(&ground, "contract = $1 and label = '2026-10'", &key).await;
        let had: Vec<_> = rows.iter().map(|row| (row.state, row.met, row.credit)).collect();
        let nothing = Money::new(0, Currency::parse("EUR").expect("a currency"));
        assert_eq!(had, [(WindowState::Open, None, Some(nothing))], "{}", ground.name);
        assert_eq!(alerts().await, 0, "{}", ground.name);
    }
}

/// Two people who read "version 1 ends" would believe that all of it does.
#[tokio::test]
async fn a_version_ends_with_all_its_lines_or_not_at_all() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut two = document();
        let own = &mut two["contracts"][0]["versions"][0]["lines"];
        let mut other = own[0].clone();
        other["name"] = json!("Reporting");
        own.as_array_mut().expect("a list").push(other);
        apply(&ground, admin, &two).await;
        let mut ended = document();
        ended["contracts"][0]["versions"][0]["valid_to"] = json!("2026-12-31T23:00:00Z");
        refused(&ground, &ended, "contracts[0].versions[0].lines").await;
        two["contracts"][0]["versions"][0]["valid_to"] = json!("2026-12-31T23:00:00Z");
        apply(&ground, admin, &two).await;
        let until = Some(instant("2026-12-31T23:00:00Z"));
        assert!(lines(&ground).await.iter().all(|line| line.active_to == until));
    }
}

#[tokio::test]
async fn a_version_whose_line_begins_later_is_amended_before_that() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut amended = amended("split");
        let first = &mut amended["contracts"][0]["versions"][0]["lines"];
        let mut later = first[0].clone();
        (later["name"], later["active_from"]) = (json!("Reporting"), json!("2026-12-01T00:00:00Z"));
        first.as_array_mut().expect("a list").push(later);
        apply(&ground, admin, &amended).await;
        turn(&ground, "2027-01-10T06:00:00Z").await;
        let key = [Arg::text(contract_id(&ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-12'";
        let december = all::<Settlement>(&ground, filter, &key).await.remove(0);
        assert_eq!(december.lines.len(), 1, "the version had ended: {}", ground.name);
    }
}
