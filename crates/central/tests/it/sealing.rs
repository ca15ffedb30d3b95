//! From the buffer into blocks: nothing changes but where the slots stand.

use crate::{
    ground::{Ground, grounds, instant},
    northwind::{self, SERIES, SOURCE, apply, october, person, turn},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use makegood_central::{
    audit,
    ingest::{Recorded, sealing, slots},
    store::{self, block},
};
use makegood_domain::{id::PersonId, id::SeriesId, person::Role};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Northwind's first contract, which counts requests.
async fn told(ground: &Ground) -> PersonId {
    let admin = person(ground, "root", Role::Admin).await;
    let mut document = northwind::document();
    document["incidents"] = json!([]);
    document["contracts"].as_array_mut().unwrap().truncate(1);
    document["contracts"][0]["versions"][0]["lines"][0]["terms"] = json!({
        "objective": "99.9",
        "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
        "measure": { "requests": { "slot": "5m" } },
        "credit": { "tiers": [{ "below": "99.9", "percent": "10" }] },
    });
    apply(ground, admin, &document).await;
    admin
}

fn push_of(start: &str, count: u32, errors: u64) -> Value {
    let run = json!({ "count": count, "requests": 1000, "errors": errors });
    json!({ "service": SERIES, "slot_seconds": 300, "start": start, "runs": [run] })
}

async fn push(ground: &Ground, by: PersonId, blocks: &[Value]) {
    let body = json!({ "slots": blocks }).to_string();
    slots::apply(&ground.store, by, SOURCE, body.as_bytes()).await.unwrap();
}

async fn series(ground: &Ground) -> SeriesId {
    let mut conn = ground.store.reading().await.unwrap();
    store::series::of_source(&mut conn, SOURCE).await.unwrap()[SERIES].id
}

/// Every slot on record by itself, with when it was observed and recorded.
async fn on_record(ground: &Ground) -> Vec<(i64, i64, i64, Option<u64>, i64)> {
    let series = series(ground).await;
    let mut conn = ground.store.reading().await.unwrap();
    let all = block::recorded(&mut conn, &[series], (i64::MIN, i64::MAX)).await.unwrap();
    let each = |one: &Recorded| {
        let own = (one.observed_at, one.recorded_at, one.stretch.run.errors, one.position);
        let start = one.stretch.start;
        let count = i64::from(one.stretch.run.count);
        (0..count).map(move |at| (start + 300 * at, own.0, own.1, own.2, own.3)).collect::<Vec<_>>()
    };
    let mut slots: Vec<_> = all[&series].iter().flat_map(each).collect();
    slots.sort_unstable();
    slots
}

/// Errors by slot, as they counted at an instant.
async fn known_at(ground: &Ground, at: &str) -> BTreeMap<i64, Option<u64>> {
    let mut slots = on_record(ground).await;
    slots.retain(|slot| slot.2 <= instant(at).timestamp());
    slots.sort_unstable_by_key(|slot| (slot.1, slot.4));
    slots.into_iter().map(|slot| (slot.0, slot.3)).collect()
}

async fn rows(ground: &Ground, sql: &str) -> Vec<i64> {
    let mut conn = ground.store.reading().await.unwrap();
    let rows = store::fetch(&mut conn, sql, &[]).await.unwrap();
    rows.iter().map(|row| store::int(row, 0).unwrap()).collect()
}

async fn buffered(ground: &Ground) -> i64 {
    rows(ground, "select cast(count(*) as bigint) from slot_buffer").await[0]
}

async fn revisions(ground: &Ground) -> Vec<i64> {
    rows(ground, "select revision from slot_block order by day, revision").await
}

fn to(ground: &Ground, at: &str) {
    let by = instant(at) - ground.clock.now();
    ground.clock.advance(by.to_std().unwrap());
}

/// Two days as they come, slot by slot and with a correction; then corrections of the days after.
async fn october_comes(ground: &Ground, by: PersonId, seal: bool) {
    for hour in 0..48 {
        let at = instant("2026-10-14T20:00:00Z") + TimeDelta::hours(hour);
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        to(ground, &text(at + TimeDelta::hours(1)));
        let errors = u64::from(hour % 5 == 0);
        push(ground, by, &[push_of(&text(at), 12, errors)]).await;
        if seal {
            sealing::turn(&ground.store).await.unwrap();
        }
    }
    to(ground, "2026-10-18T06:00:00Z");
    let mut held_up = push_of("2026-10-15T04:00:00Z", 2, 900);
    held_up["observed_at"] = json!("2026-10-15T04:30:00Z");
    push(ground, by, &[push_of("2026-10-15T03:55:00Z", 3, 40), held_up]).await;
    for day in ["2026-10-19T06:00:00Z", "2026-10-21T06:00:00Z"] {
        to(ground, day);
        if seal {
            sealing::turn(&ground.store).await.unwrap();
        }
    }
    turn(ground, "2026-11-09T08:15:00Z").await;
}

async fn case_text(ground: &Ground) -> String {
    let mut conn = ground.store.reading().await.unwrap();
    let sql = "select case_text from settlement_case \
               join settlement on settlement.id = settlement_case.settlement \
               where label = '2026-10' order by settlement_case.revision desc";
    store::text(&store::fetch(&mut conn, sql, &[]).await.unwrap()[0], 0).unwrap()
}

#[tokio::test]
async fn law_1_a_sealed_day_gives_the_same_case() {
    let at = "2026-10-14T20:00:00Z";
    for (sealed, other) in grounds(at).await.into_iter().zip(grounds(at).await) {
        for (ground, seal) in [(&sealed, true), (&other, false)] {
            let admin = told(ground).await;
            october_comes(ground, admin, seal).await;
        }
        assert_eq!(on_record(&sealed).await, on_record(&other).await, "{}", sealed.name);
        assert_eq!(case_text(&sealed).await, case_text(&other).await, "{}", sealed.name);
        assert_eq!((buffered(&sealed).await, buffered(&other).await), (0, 49));
        // The 14th; the 15th with what came late; the 16th.
        assert_eq!(revisions(&sealed).await, [1, 1, 2, 1], "{}", sealed.name);
        assert!(revisions(&other).await.is_empty());
        let attainment = october(&sealed, "NW-1").await.1;
        let late = 40 * 3;
        assert_eq!(attainment.bad, (10 * 12 + late).to_string(), "{}", sealed.name);
        audit::verify(&sealed.store, 1, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn law_4_what_comes_late_is_sealed_beside_what_was_known() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = told(&ground).await;
        push(&ground, admin, &[push_of("2026-10-14T00:00:00Z", 288, 1)]).await;
        let body = "select body from slot_block where revision = 1";
        let mut conn = ground.store.reading().await.unwrap();
        let first = store::bytes(&store::fetch(&mut conn, body, &[]).await.unwrap()[0], 0).unwrap();
        drop(conn);
        let before = known_at(&ground, "2026-10-20T06:00:00Z").await;
        to(&ground, "2026-10-22T06:00:00Z");
        push(&ground, admin, &[push_of("2026-10-14T10:00:00Z", 1, 500)]).await;
        assert_eq!((buffered(&ground).await, revisions(&ground).await), (1, vec![1]));
        assert_eq!(sealing::turn(&ground.store).await.unwrap(), 0, "its day has not ended");
        to(&ground, "2026-10-23T00:59:00Z");
        assert_eq!(sealing::turn(&ground.store).await.unwrap(), 0, "it is not settled");
        to(&ground, "2026-10-23T01:00:00Z");
        assert_eq!(sealing::turn(&ground.store).await.unwrap(), 1);
        assert_eq!(sealing::turn(&ground.store).await.unwrap(), 0);
        assert_eq!((buffered(&ground).await, revisions(&ground).await), (0, vec![1, 2]));
        let mut conn = ground.store.reading().await.unwrap();
        let again = store::bytes(&store::fetch(&mut conn, body, &[]).await.unwrap()[0], 0).unwrap();
        drop(conn);
        assert_eq!(again, first, "{}: the old one stays", ground.name);
        assert_eq!(known_at(&ground, "2026-10-21T00:00:00Z").await, before);
        let ten = instant("2026-10-14T10:00:00Z").timestamp();
        let now = known_at(&ground, "2026-10-23T01:00:00Z").await;
        assert_eq!((before[&ten], now[&ten]), (Some(1), Some(500)), "{}", ground.name);
    }
}

#[tokio::test]
async fn days_that_are_over_and_come_whole_are_sealed_at_once() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = told(&ground).await;
        // From noon on the 14th to five o'clock today.
        let pushed = push_of("2026-10-14T12:00:00Z", 144 + 5 * 288 + 60, 1);
        push(&ground, admin, std::slice::from_ref(&pushed)).await;
        assert_eq!(revisions(&ground).await, [1; 5], "{}", ground.name);
        assert_eq!(on_record(&ground).await.len(), 144 + 5 * 288 + 60);
        let again = json!({ "slots": [pushed] }).to_string();
        let report = slots::apply(&ground.store, admin, SOURCE, again.as_bytes()).await.unwrap();
        assert_eq!((report.added, report.repeated), (0, 1), "{}", ground.name);
        // What is left is half a day of the 14th, and today.
        to(&ground, "2026-10-21T02:00:00Z");
        assert_eq!(sealing::turn(&ground.store).await.unwrap(), 2, "{}", ground.name);
        assert_eq!(on_record(&ground).await.len(), 144 + 5 * 288 + 60);
        turn(&ground, "2026-10-21T06:00:00Z").await;
    }
}

#[tokio::test]
async fn a_batch_reaches_over_so_many_days_and_no_more() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = told(&ground).await;
        let mut endless = push_of("1970-01-01T00:00:00Z", 200_000, 0);
        endless["slot_seconds"] = json!(86_400);
        let body = json!({ "slots": [endless] }).to_string();
        let refused = slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await;
        assert_eq!(refused.unwrap_err().code, makegood_domain::Code::TooLarge);
    }
}
