//! Rights to terminate: when locked windows give one, until when, and what takes it back. NW-1's windows are
//! Berlin's months.

use crate::{
    ground::{Ground, grounds},
    house::houses,
    northwind::{SERIES, SOURCE, all, apply, contract_id, document, outage, person, told, turn},
};
use makegood_central::{ingest, proposal, store::Arg};
use makegood_domain::{
    audit::AuditEvent,
    deadline::{Deadline, DeadlineKind, DeadlineState},
    id::PersonId,
    person::Role,
    settlement::Settlement,
};
use serde_json::{Value, json};

/// Published: below 95 % for three consecutive calendar months; within seven days of the third's end.
fn three_in_a_row() -> Value {
    json!({ "windows": 3, "below": "95", "exercise_within_days": 7, "clause": "12.3" })
}

/// Published: thirty days, after more than 7.2 hours in one month, or three contiguous months of more than
/// 43.8 minutes each.
fn degraded() -> Value {
    json!([
        { "windows": 1, "down_over_minutes": "432", "exercise_within_days": 30 },
        { "windows": 3, "down_over_minutes": "43.8", "exercise_within_days": 30 },
    ])
}

/// Northwind, whose NW-1 gives these rights.
fn giving(rights: &Value) -> Value {
    let mut document = document();
    document["contracts"][0]["versions"][0]["lines"][0]["termination"] = rights.clone();
    document
}

async fn begun(ground: &Ground, rights: &Value) -> PersonId {
    let admin = person(ground, "root", Role::Admin).await;
    person(ground, "dana", Role::Csm).await;
    let mut document = giving(rights);
    document["customers"][0]["csm"] = json!("dana");
    apply(ground, admin, &document).await;
    admin
}

/// So many minutes down from the second of a month on.
async fn down(ground: &Ground, by: PersonId, month: &str, minutes: i64) {
    let from = crate::ground::instant(&format!("{month}-02T00:00:00Z"));
    let to = from + chrono::TimeDelta::minutes(minutes);
    let text = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let body = outage(&text(from), &text(to));
    ingest::outage::apply(&ground.store, by, SOURCE, &body).await.expect("is taken in");
}

async fn terminations(ground: &Ground) -> Vec<Deadline> {
    let args = [Arg::text(contract_id(ground, "NW-1").await)];
    let mut found: Vec<Deadline> = all(ground, "kind = 'termination' order by id", &[]).await;
    found.retain(|one| args[0] == Arg::text(one.contract));
    // Ids of one instant come in any order.
    found.sort_by_key(|one| (one.window.clone(), std::cmp::Reverse(one.state)));
    found
}

fn told_of(one: &Deadline) -> (&str, String, DeadlineState, Vec<&str>) {
    let ground = one.ground.as_ref().expect("it has a ground");
    let windows = ground.windows.iter().map(String::as_str).collect();
    (&one.window, one.due.to_string(), one.state, windows)
}

/// Two days: more than a twentieth of any month.
const DAYS: i64 = 2880;

#[tokio::test]
async fn three_months_in_a_row_give_a_right_for_seven_days_and_a_fourth_gives_it_again() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = begun(&ground, &json!([three_in_a_row()])).await;
        for month in ["2026-09", "2026-10", "2026-11", "2026-12"] {
            down(&ground, admin, month, DAYS).await;
        }
        turn(&ground, "2026-11-04T06:00:00Z").await;
        assert!(terminations(&ground).await.is_empty(), "{}: two are not three", ground.name);
        // November has ended, and is not final yet.
        turn(&ground, "2026-12-03T06:00:00Z").await;
        assert!(terminations(&ground).await.is_empty(), "{}: only what is locked", ground.name);
        turn(&ground, "2026-12-04T06:00:00Z").await;
        turn(&ground, "2026-12-04T06:30:00Z").await;
        let found = terminations(&ground).await;
        let three = vec!["2026-09", "2026-10", "2026-11"];
        let november = ("2026-11", "2026-12-07".to_owned(), DeadlineState::Open, three);
        assert_eq!(found.iter().map(told_of).collect::<Vec<_>>(), [november], "{}", ground.name);
        let one = &found[0];
        assert_eq!((one.kind, one.days), (DeadlineKind::Termination, 7));
        assert_eq!((one.zone.as_str(), one.number.as_str()), ("Europe/Berlin", "NW-1"));
        assert_eq!(one.owner, Some(person(&ground, "dana", Role::Csm).await));
        assert!(one.credit.is_none() && one.amount.is_none());
        let audit: Vec<AuditEvent> = all(&ground, "1 = 1 order by position", &[]).await;
        let told = audit.iter().filter(|event| event.subject == one.id.to_string());
        let told: Vec<&str> = told.map(|event| event.action.as_str()).collect();
        assert_eq!(told, ["deadline.begun"], "{}", ground.name);
        // The seventh day is Berlin's.
        turn(&ground, "2026-12-07T22:59:59Z").await;
        assert_eq!(terminations(&ground).await[0].state, DeadlineState::Open, "{}", ground.name);
        turn(&ground, "2026-12-07T23:00:00Z").await;
        assert_eq!(terminations(&ground).await[0].state, DeadlineState::Passed, "{}", ground.name);
        turn(&ground, "2027-01-04T06:00:00Z").await;
        let found = terminations(&ground).await;
        let three = vec!["2026-10", "2026-11", "2026-12"];
        assert_eq!(
            told_of(&found[1]),
            ("2026-12", "2027-01-07".to_owned(), DeadlineState::Open, three)
        );
        assert_eq!(found.len(), 2, "{}", ground.name);
    }
}

#[tokio::test]
async fn what_nobody_observed_was_not_missed_and_breaks_the_row() {
    for (of, arises) in [(None, false), (Some(3), true)] {
        for ground in grounds("2026-09-01T00:00:00Z").await {
            let mut right = json!({ "windows": 2, "below": "95", "exercise_within_days": 7 });
            if let Some(of) = of {
                right["of"] = json!(of);
            }
            let admin = begun(&ground, &json!([right])).await;
            down(&ground, admin, "2026-09", DAYS).await;
            down(&ground, admin, "2026-11", DAYS).await;
            let gap = json!({ "unknown": [{
                "service": SERIES, "from": "2026-09-30T22:00:00Z", "to": "2026-10-31T23:00:00Z",
            }] });
            let gap = gap.to_string().into_bytes();
            ingest::outage::apply(&ground.store, admin, SOURCE, &gap).await.expect("is taken in");
            turn(&ground, "2026-12-04T06:00:00Z").await;
            let found = terminations(&ground).await;
            let windows: Vec<_> = found.iter().map(|one| told_of(one).3).collect();
            let expected = if arises { vec![vec!["2026-09", "2026-11"]] } else { vec![] };
            assert_eq!(windows, expected, "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn a_month_that_was_met_gives_no_right_whatever_stands_before_it() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let right = json!([{ "windows": 2, "of": 3, "exercise_within_days": 7 }]);
        let admin = begun(&ground, &right).await;
        down(&ground, admin, "2026-09", DAYS).await;
        down(&ground, admin, "2026-10", DAYS).await;
        turn(&ground, "2026-12-04T06:00:00Z").await;
        let found = terminations(&ground).await;
        let last: Vec<&str> = found.iter().map(|one| told_of(one).0).collect();
        assert_eq!(last, ["2026-10"], "{}", ground.name);
    }
}

#[tokio::test]
async fn hours_in_one_month_or_minutes_in_three_each_give_a_right_of_their_own() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = begun(&ground, &degraded()).await;
        // Not more than 7.2 hours; and a minute more than that.
        down(&ground, admin, "2026-09", 432).await;
        down(&ground, admin, "2026-10", 433).await;
        down(&ground, admin, "2026-11", 44).await;
        turn(&ground, "2026-10-04T06:00:00Z").await;
        assert!(terminations(&ground).await.is_empty(), "{}", ground.name);
        turn(&ground, "2026-12-04T06:00:00Z").await;
        let found = terminations(&ground).await;
        let mut told: Vec<_> = found.iter().map(|one| (told_of(one).0, told_of(one).3)).collect();
        told.sort();
        let three = vec!["2026-09", "2026-10", "2026-11"];
        assert_eq!(told, [("2026-10", vec!["2026-10"]), ("2026-11", three)], "{}", ground.name);
    }
}

#[tokio::test]
async fn downtime_is_that_of_the_whole_window_and_what_is_said_twice_is_told_once() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let right = json!({ "windows": 1, "down_over_minutes": "432", "exercise_within_days": 30 });
        let rights = json!([right, right]);
        let admin = begun(&ground, &rights).await;
        let mut amended = giving(&rights);
        let mut next = amended["contracts"][0]["versions"][0].clone();
        (next["number"], next["valid_from"]) = (json!(2), json!("2026-10-14T22:00:00Z"));
        next["treatment"] = json!("split");
        amended["contracts"][0]["versions"].as_array_mut().unwrap().push(next);
        apply(&ground, admin, &amended).await;
        // 300 minutes before the amendment, and 300 after it.
        down(&ground, admin, "2026-10", 300).await;
        let again = outage("2026-10-20T00:00:00Z", "2026-10-20T05:00:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &again).await.expect("is taken in");
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let found = terminations(&ground).await;
        let told: Vec<_> = found.iter().map(|one| told_of(one).3).collect();
        assert_eq!(told, [vec!["2026-10"]], "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_a_revision_takes_the_ground_away_with_its_reason_or_brings_it_back() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = begun(&ground, &json!([three_in_a_row()])).await;
        for month in ["2026-09", "2026-10", "2026-11"] {
            down(&ground, admin, month, DAYS).await;
        }
        turn(&ground, "2026-12-04T06:00:00Z").await;
        // The first of the three was shorter than they had said.
        down(&ground, admin, "2026-09", 60).await;
        let gone = terminations(&ground).await.remove(0);
        assert_eq!(gone.state, DeadlineState::Void, "{}", ground.name);
        let key = [Arg::text(contract_id(&ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-09'";
        let september = all::<Settlement>(&ground, filter, &key).await.remove(0);
        assert_eq!(september.revision, 2);
        let note = format!("2026-09: {}", september.reason.expect("it has a reason"));
        assert_eq!(gone.note, Some(note), "{}", ground.name);
        // And longer again: the right runs anew, beside the one that was taken back.
        down(&ground, admin, "2026-09", DAYS + 60).await;
        let states: Vec<_> = terminations(&ground).await.iter().map(|one| one.state).collect();
        assert_eq!(states, [DeadlineState::Void, DeadlineState::Open], "{}", ground.name);
        // What changes nothing of it leaves it alone.
        down(&ground, admin, "2026-10", DAYS + 60).await;
        assert_eq!(terminations(&ground).await.len(), 2, "{}", ground.name);
    }
}

#[tokio::test]
async fn the_version_in_force_for_the_last_window_says_what_counts() {
    let two = json!([{ "windows": 2, "exercise_within_days": 7 }]);
    for (first, second, windows) in [
        (json!([]), two.clone(), vec!["2026-11"]),
        (two.clone(), json!([]), vec!["2026-10"]),
        (two.clone(), two, vec!["2026-10", "2026-11"]),
    ] {
        for ground in grounds("2026-09-01T00:00:00Z").await {
            let admin = begun(&ground, &first).await;
            for month in ["2026-09", "2026-10", "2026-11"] {
                down(&ground, admin, month, DAYS).await;
            }
            let mut amended = giving(&first);
            let mut next = amended["contracts"][0]["versions"][0].clone();
            (next["number"], next["valid_from"]) = (json!(2), json!("2026-10-13T22:00:00Z"));
            next["treatment"] = json!("next_window");
            next["lines"][0]["termination"] = second.clone();
            amended["contracts"][0]["versions"].as_array_mut().unwrap().push(next);
            apply(&ground, admin, &amended).await;
            turn(&ground, "2026-12-04T06:00:00Z").await;
            let found = terminations(&ground).await;
            let last: Vec<&str> = found.iter().map(|one| told_of(one).0).collect();
            assert_eq!(last, windows, "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn a_right_in_force_changes_by_a_version_alone_and_a_wrong_one_says_where() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let refused = async |document: &Value| {
            let bytes = document.to_string();
            let problem = proposal::import(&ground.store, admin, bytes.as_bytes()).await;
            problem.unwrap_err().path.unwrap()
        };
        let place = "contracts[0].versions[0].lines[0].termination";
        assert_eq!(refused(&giving(&json!([three_in_a_row()]))).await, place, "{}", ground.name);
        for (field, value) in [
            ("windows", json!(0)),
            ("of", json!(2)),
            ("exercise_within_days", json!(0)),
            ("below", json!("100.1")),
            ("below", json!("much")),
            ("down_over_minutes", json!("432")),
        ] {
            let mut right = three_in_a_row();
            right[field] = value;
            let wrong = refused(&giving(&json!([right]))).await;
            assert_eq!(wrong, format!("{place}[0].{field}"), "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn somebody_says_that_it_was_exercised_and_it_stays_so() {
    for house in houses().await {
        let mut document = giving(&json!([{ "windows": 1, "exercise_within_days": 30 }]));
        let mut next = document["contracts"][0]["versions"][0].clone();
        (next["number"], next["valid_from"]) = (json!(2), json!("2026-10-01T00:00:00Z"));
        next["treatment"] = json!("whole_window");
        next["lines"][0]["name"] = json!("API availability");
        let first = &mut document["contracts"][0]["versions"][0]["lines"][0];
        first.as_object_mut().unwrap().remove("termination");
        document["contracts"][0]["versions"].as_array_mut().unwrap().push(next);
        // October was locked before: a version that reaches back gives the right for it, too.
        apply(&house.ground, house.root.person, &document).await;
        let one = terminations(&house.ground).await.remove(0);
        assert_eq!(told_of(&one).1, "2026-11-30", "{}", house.ground.name);
        let (version, _) = house.row::<Deadline>(&one.id.to_string()).await;
        let args = json!({ "deadline": one.id, "note": "they left" });
        let base = [("deadline", one.id.to_string(), version)];
        let said = house.send(&house.anna, &house.command("close_deadline", args, &base)).await;
        assert_eq!(said["outcome"], "applied", "{said}");
        // A revision that leaves the ground leaves it, too.
        let longer = outage("2026-10-14T03:12:00Z", "2026-10-14T05:13:00Z");
        let by = house.root.person;
        ingest::outage::apply(&house.ground.store, by, SOURCE, &longer).await.expect("is taken in");
        turn(&house.ground, "2026-12-04T12:00:00Z").await;
        let found = terminations(&house.ground).await;
        assert_eq!((found.len(), found[0].state), (1, DeadlineState::Met), "{found:?}");
        // A version that puts another right before it leaves it exercised, and tells of the other.
        let mut last = document["contracts"][0]["versions"][1].clone();
        (last["number"], last["valid_from"]) = (json!(3), json!("2026-10-02T00:00:00Z"));
        let longer = json!({ "windows": 1, "exercise_within_days": 60 });
        last["lines"][0]["termination"].as_array_mut().unwrap().insert(0, longer);
        document["contracts"][0]["versions"].as_array_mut().unwrap().push(last);
        apply(&house.ground, house.root.person, &document).await;
        let found = terminations(&house.ground).await;
        let mut states: Vec<_> = found.iter().map(|one| (one.days, one.state)).collect();
        states.sort_unstable();
        assert_eq!(states, [(30, DeadlineState::Met), (60, DeadlineState::Open)], "{found:?}");
    }
}

#[tokio::test]
async fn rolling_windows_in_a_row_are_those_of_one_month_end_after_another() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        person(&ground, "dana", Role::Csm).await;
        let mut weekly =
            giving(&json!([{ "windows": 2, "below": "99", "exercise_within_days": 30 }]));
        weekly["contracts"].as_array_mut().expect("a list").truncate(1);
        weekly["incidents"] = json!([]);
        weekly["customers"][0]["csm"] = json!("dana");
        let line = "/contracts/0/versions/0/lines/0/terms/window";
        *weekly.pointer_mut(line).expect("a window") =
            json!({ "rolling": "7d", "time_zone": "Europe/Berlin" });
        apply(&ground, admin, &weekly).await;
        for day in ["2026-10-28", "2026-11-28"] {
            let body = outage(&format!("{day}T03:00:00Z"), &format!("{day}T09:00:00Z"));
            ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
        }
        turn(&ground, "2026-12-09T08:15:00Z").await;
        let found = terminations(&ground).await;
        let told: Vec<_> = found.iter().map(told_of).collect();
        let windows = vec!["2026-10-31", "2026-11-30"];
        let expected = ("2026-11-30", "2026-12-30".to_owned(), DeadlineState::Open, windows);
        assert_eq!(told, [expected], "{}", ground.name);
    }
}
