//! Alerts before a contract is broken: raised in time, one at a time, over by a margin, taken note of
//! by somebody.
//!
//! Berlin's October has 2,682,000 s: 2,682 s of downtime by the contract, 1,341 s by the internal
//! objective; the SRE workbook's hour is 3,725 s there, and its five minutes are 311 s.

use crate::{
    ground::{Ground, grounds, instant},
    house::{House, Seat, houses, seat},
    northwind::{self, SERIES, SOURCE, all, breach, contract_id, outage, told, turn},
};
use makegood_central::{
    ingest,
    store::{Arg, feed::View},
};
use makegood_domain::{
    Code,
    alert::{Alert, AlertKind, AlertLevel, AlertState, Objective, Resolution},
    id::PersonId,
    person::{Role, Scope},
    wire::Entity,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An outage that ends at the present, told at once.
pub(crate) async fn down(ground: &Ground, admin: PersonId, from: &str, to: &str) {
    let by = instant(to) - ground.clock.now();
    ground.clock.advance(by.to_std().expect("time goes on"));
    ingest::outage::apply(&ground.store, admin, SOURCE, &outage(from, to)).await.expect("is taken");
}

/// NW-1's alerts of one kind, in the order in which they were raised.
async fn of_kind(ground: &Ground, kind: AlertKind) -> Vec<Alert> {
    let args = [Arg::text(contract_id(ground, "NW-1").await), Arg::text(kind.as_str())];
    all(ground, "contract = $1 and kind = $2 order by raised_at, id", &args).await
}

async fn one(ground: &Ground, kind: AlertKind) -> Alert {
    let mut found = of_kind(ground, kind).await;
    assert_eq!(found.len(), 1, "{}: {found:?}", ground.name);
    found.remove(0)
}

#[tokio::test]
async fn twelve_minutes_are_told_when_they_are_heard_of_and_told_once() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        assert!(all::<Alert>(&ground, "1 = 1", &[]).await.is_empty(), "{}", ground.name);
        down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:12:00Z").await;
        let alert = one(&ground, AlertKind::BurnRate).await;
        assert_eq!((alert.level, alert.objective), (AlertLevel::Critical, Objective::Internal));
        assert_eq!(alert.first_degraded_at, Some(instant("2026-10-05T08:00:00Z")));
        assert_eq!(alert.raised_at, instant("2026-10-05T08:12:00Z"));
        assert_eq!(alert.time_to_detect_seconds, Some(720));
        let burning = alert.burning.expect("rates");
        assert_eq!(
            (burning.factor.as_str(), burning.long_seconds, burning.short_seconds),
            ("14.4", 3725, 311)
        );
        // 720 of 3,725 s, of which 0.05 % are allowed; and all of the last 311 s.
        assert_eq!(
            (burning.long_rate.as_str(), burning.short_rate.as_str()),
            ("57600/149", "2000")
        );
        assert_eq!(alert.distance.left, "1962");
        assert_eq!(alert.distance.next.expect("a tier").credit.symbol(), "€1,200.00");
        let forecast = one(&ground, AlertKind::Forecast).await;
        assert_eq!(
            (forecast.level, forecast.objective),
            (AlertLevel::Critical, Objective::Contracted)
        );
        assert!(of_kind(&ground, AlertKind::Breached).await.is_empty());
        turn(&ground, "2026-10-05T08:50:00Z").await;
        turn(&ground, "2026-10-05T09:00:00Z").await;
        assert_eq!(one(&ground, AlertKind::BurnRate).await.state, AlertState::Open);
        assert_eq!(all::<Alert>(&ground, "1 = 1", &[]).await.len(), 6, "two for each contract");
    }
}

#[tokio::test]
async fn a_burn_rate_is_over_when_the_last_short_stretch_is_quiet_and_anew_it_is_another() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:12:00Z").await;
        // Six hours of thirty days are 22,350 s of October.
        turn(&ground, "2026-10-05T14:00:00Z").await;
        assert_eq!(one(&ground, AlertKind::BurnRate).await.state, AlertState::Open);
        turn(&ground, "2026-10-05T15:00:00Z").await;
        let over = one(&ground, AlertKind::BurnRate).await;
        assert_eq!(over.resolution, Some(Resolution::Recovered), "{}", ground.name);
        assert_eq!(over.resolved_at, Some(instant("2026-10-05T15:00:00Z")));
        down(&ground, admin, "2026-10-05T15:01:00Z", "2026-10-05T15:06:00Z").await;
        let alerts = of_kind(&ground, AlertKind::BurnRate).await;
        let states: Vec<_> = alerts.iter().map(|alert| alert.state).collect();
        assert_eq!(states, [AlertState::Resolved, AlertState::Open]);
        assert_ne!(alerts[0].number, alerts[1].number);
    }
}

#[tokio::test]
async fn a_forecast_is_over_when_a_tenth_would_be_left_and_not_at_the_edge() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:04:00Z").await;
        let alert = one(&ground, AlertKind::Forecast).await;
        assert_eq!((alert.level, alert.objective), (AlertLevel::Warning, Objective::Internal));
        // 240 s in 140 hours come to 1,277 s in October: enough, but only just.
        turn(&ground, "2026-10-06T18:00:00Z").await;
        let alert = one(&ground, AlertKind::Forecast).await;
        assert_eq!(alert.state, AlertState::Open, "{}", ground.name);
        // In 149 hours: 1,200 s.
        turn(&ground, "2026-10-07T03:00:00Z").await;
        let alert = one(&ground, AlertKind::Forecast).await;
        assert_eq!(alert.resolution, Some(Resolution::Recovered));
    }
}

#[tokio::test]
async fn what_becomes_worse_is_the_same_alert() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:04:00Z").await;
        let mild = one(&ground, AlertKind::Forecast).await;
        down(&ground, admin, "2026-10-05T10:00:00Z", "2026-10-05T10:12:00Z").await;
        let worse = one(&ground, AlertKind::Forecast).await;
        assert_eq!((worse.id, worse.raised_at), (mild.id, mild.raised_at), "{}", ground.name);
        assert_eq!((worse.level, worse.objective), (AlertLevel::Critical, Objective::Contracted));
        assert_eq!(worse.worsened_at, Some(instant("2026-10-05T10:12:00Z")));
        assert_eq!((mild.distance.left.as_str(), worse.distance.left.as_str()), ("2442", "1722"));
    }
}

#[tokio::test]
async fn what_is_missed_is_told_while_the_window_is_open_and_ends_with_it() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:50:00Z").await;
        let alert = one(&ground, AlertKind::Breached).await;
        assert_eq!((alert.level, alert.objective), (AlertLevel::Critical, Objective::Contracted));
        assert!(alert.distance.missed);
        assert!(of_kind(&ground, AlertKind::Forecast).await.is_empty(), "it has come true");
        turn(&ground, "2026-11-01T12:00:00Z").await;
        let alert = one(&ground, AlertKind::Breached).await;
        assert_eq!(alert.resolution, Some(Resolution::WindowEnded), "{}", ground.name);
        assert_eq!(breach(&ground, "NW-1").await.window, "2026-10");
        let open: Vec<Alert> = all(&ground, "state = 'open' and label = '2026-10'", &[]).await;
        assert!(open.is_empty());
    }
}

#[tokio::test]
async fn the_first_seconds_of_a_window_foretell_nothing() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-09-30T22:00:10Z").await;
        // 20 s: less than a fiftieth of what October allows, though most of it so far.
        down(&ground, admin, "2026-09-30T22:00:05Z", "2026-09-30T22:00:25Z").await;
        turn(&ground, "2026-09-30T22:00:30Z").await;
        let contract = contract_id(&ground, "NW-1").await;
        let args = [Arg::text(contract)];
        let own: Vec<Alert> = all(&ground, "contract = $1 and label = '2026-10'", &args).await;
        assert!(own.is_empty(), "{}: {own:?}", ground.name);
    }
}

#[tokio::test]
async fn the_first_hour_of_a_line_that_begins_inside_a_window_foretells_nothing() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        // As before, by a version that begins on the 20th.
        let mut amended = northwind::document();
        let versions = &mut amended["contracts"][0]["versions"];
        let mut next = versions[0].clone();
        (next["number"], next["valid_from"]) = (json!(2), json!("2026-10-19T22:00:00Z"));
        versions.as_array_mut().expect("a list").push(next);
        northwind::apply(&ground, admin, &amended).await;
        turn(&ground, "2026-10-19T22:50:00Z").await;
        // 8 s: less than a hundredth of what the rest of October allows, though more than its share so far.
        down(&ground, admin, "2026-10-19T22:56:00Z", "2026-10-19T22:56:08Z").await;
        turn(&ground, "2026-10-19T23:00:00Z").await;
        let args = [Arg::text(contract_id(&ground, "NW-1").await)];
        let own: Vec<Alert> = all(&ground, "contract = $1 and label = '2026-10'", &args).await;
        // The outage of the 14th had missed what ended with the 19th.
        let own: Vec<_> = own.iter().filter(|one| one.kind != AlertKind::Breached).collect();
        assert!(own.is_empty(), "{}: {own:?}", ground.name);
    }
}

#[tokio::test]
async fn law_3_an_alert_is_not_over_because_nobody_looked() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:12:00Z").await;
        let (from, to) = ("2026-10-05T08:12:00Z", "2026-10-05T15:00:00Z");
        let by = instant(to) - ground.clock.now();
        ground.clock.advance(by.to_std().expect("time goes on"));
        let unknown = json!({ "unknown": [{ "service": SERIES, "from": from, "to": to }] });
        let body = unknown.to_string().into_bytes();
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken");
        let alert = one(&ground, AlertKind::BurnRate).await;
        assert_eq!(alert.state, AlertState::Open, "{}", ground.name);
    }
}

#[tokio::test]
async fn one_alert_of_a_kind_is_open_at_a_time_whoever_computes() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-05T08:00:00Z").await;
        down(&ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:12:00Z").await;
        let alert = one(&ground, AlertKind::BurnRate).await;
        let twin = Alert { id: ground.store.ids().make(), ..alert };
        let mut tx = ground.store.begin(None).await.expect("begins");
        let refused = tx.put(&twin).await.expect_err("there is one already");
        assert_eq!(refused.code, Code::Database, "{}", ground.name);
    }
}

/// November's alerts, after four minutes on the ninth.
pub(crate) async fn alarmed(house: &House) {
    let body = outage("2026-11-09T08:10:00Z", "2026-11-09T08:14:00Z");
    let store = house.app.store();
    ingest::outage::apply(store, house.root.person, SOURCE, &body).await.expect("is taken");
}

async fn listed(house: &House, seat: &Seat, query: &str) -> Vec<Value> {
    let answer = house.get(seat, &format!("/v1/alerts{query}")).await;
    assert_eq!(answer.status(), 200);
    let page: Value = answer.json().await.unwrap();
    page["alerts"].as_array().unwrap().clone()
}

async fn acknowledge(house: &House, seat: &Seat, id: &str, version: i64) -> Value {
    let args = json!({ "alert": id, "note": "Ingress is being looked at." });
    let base = [("alert", id.to_owned(), version)];
    house.send(seat, &house.command("acknowledge_alert", args, &base)).await
}

#[tokio::test]
async fn somebody_takes_note_of_an_alert_once_and_as_they_saw_it() {
    for house in houses().await {
        alarmed(&house).await;
        let alert = listed(&house, &house.anna, "").await.remove(0);
        let id = alert["id"].as_str().unwrap();
        let refused = acknowledge(&house, &house.mira, id, 1).await;
        assert_eq!(refused["problem"]["code"], "role_missing");
        let stale = acknowledge(&house, &house.anna, id, 7).await;
        assert_eq!(
            (&stale["outcome"], &stale["problem"]["code"]),
            (&json!("stale"), &json!("stale"))
        );
        let applied = acknowledge(&house, &house.anna, id, 1).await;
        assert_eq!(applied["receipt"]["given"]["number"], alert["number"], "{applied}");
        let (version, row) = house.row::<Alert>(id).await;
        assert_eq!(row.acknowledged_by, Some(house.anna.person));
        assert_eq!(row.note.as_deref(), Some("Ingress is being looked at."));
        let again = acknowledge(&house, &house.ben, id, version).await;
        assert_eq!(again["problem"]["code"], "wrong_state");
    }
}

#[tokio::test]
async fn alerts_are_told_and_synced_in_scope() {
    for house in houses().await {
        alarmed(&house).await;
        let inc = Scope::Customers(BTreeSet::from([house.inc]));
        let ines = seat(&house.app, "Ines", Role::Csm, inc.clone()).await;
        let every = listed(&house, &house.mira, "").await;
        let own = listed(&house, &ines, "").await;
        assert!(own.len() < every.len() && !own.is_empty());
        assert!(own.iter().all(|alert| alert["customer"] == json!(house.inc)));
        let first = every[0]["id"].as_str().unwrap();
        let rest = listed(&house, &house.mira, &format!("?after={first}")).await;
        assert_eq!(rest.len(), every.len() - 1);
        let page = house.app.store().changes(0, &View::of(inc), 10_000).await.unwrap();
        let synced: Vec<_> =
            page.changes.iter().filter(|change| change.entity == Entity::Alert).collect();
        assert_eq!(synced.len(), own.len());
        assert!(synced.iter().all(|change| change.customer == Some(house.inc)));
        let theirs = every.iter().find(|alert| alert["customer"] == json!(house.gmbh)).unwrap();
        let refused = acknowledge(&house, &ines, theirs["id"].as_str().unwrap(), 1).await;
        assert_eq!(refused["outcome"], "forbidden");
    }
}
