//! What comes in about many contracts at once: nobody who sends waits for their open windows.

use crate::{
    ground::{Ground, grounds, instant},
    northwind::{SOURCE, all, apply, person, turn},
};
use makegood_central::{
    close::{self, Schedule, Until},
    ingest,
    store::{self, Lock},
};
use makegood_domain::{
    attainment::{Attainment, WindowState},
    customer::Customer,
    person::Role,
};
use serde_json::{Value, json};

/// More than are computed with what comes in.
const CONTRACTS: usize = 21;

fn book(contracts: usize) -> Value {
    let customer = |at: usize| {
        json!({
            "key": format!("C-{at}"), "name": format!("Customer {at}"), "country": "DE",
            "locale": "en-GB", "time_zone": "Etc/UTC",
        })
    };
    let contract = |at: usize| {
        json!({
            "customer": format!("C-{at}"), "number": format!("K-{at}"), "legal_entity": "DE",
            "currency": "EUR",
            "versions": [{ "number": 1, "valid_from": "2026-10-01T00:00:00Z", "lines": [{
                "name": "API", "series": { "source": SOURCE, "service": "shared" },
                "terms": {
                    "objective": "99.9", "window": { "calendar": "month", "time_zone": "Etc/UTC" },
                    "measure": { "uptime": { "min_outage": "5m" } },
                    "credit": { "tiers": [{ "below": "99.9", "percent": "10" }] },
                },
                "charges": [{ "amount": "100.00", "frequency": "monthly", "from": "2026-10-01" }],
            }] }],
        })
    };
    json!({
        "format": "makegood/import/1",
        "legal_entities": [{
            "key": "DE", "name": "Fjordline", "functional_currency": "EUR", "locale": "en-GB",
        }],
        "customers": (0..contracts).map(customer).collect::<Vec<_>>(),
        "contracts": (0..contracts).map(contract).collect::<Vec<_>>(),
    })
}

fn outage(from: &str, to: &str) -> Vec<u8> {
    json!({ "outages": [{ "service": "shared", "from": from, "to": to }] }).to_string().into_bytes()
}

#[tokio::test]
async fn what_comes_in_about_many_contracts_is_computed_by_the_schedule() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &book(CONTRACTS)).await;
        let quiet = br#"{ "outages": [] }"#;
        ingest::outage::apply(&ground.store, admin, SOURCE, quiet).await.expect("is taken in");
        turn(&ground, "2026-11-05T06:05:00Z").await;
        let bad = async |state: WindowState| {
            let filter = "state = $1";
            let state = [makegood_central::store::Arg::text(state.as_str())];
            let all: Vec<Attainment> = all(&ground, filter, &state).await;
            assert_eq!(all.len(), CONTRACTS, "{}", ground.name);
            all.into_iter().map(|attainment| attainment.bad).collect::<Vec<_>>()
        };
        let mut schedule = Schedule::default();
        let until = Until { now: ground.clock.now(), grace_days: 3 };
        let mut next = async || schedule.turn(&ground.store, until).await.expect("turns").is_some();
        assert!(next().await);
        assert!(!next().await, "{}: nothing has changed", ground.name);

        let body = outage("2026-11-02T10:00:00Z", "2026-11-02T10:10:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
        assert_eq!(bad(WindowState::Open).await, ["0"; CONTRACTS], "{}", ground.name);
        assert!(next().await, "{}: evidence has come", ground.name);
        assert_eq!(bad(WindowState::Open).await, ["600"; CONTRACTS], "{}", ground.name);
        assert!(!next().await, "{}: it is computed", ground.name);

        // What is locked is revised with what comes in: money may rest on it.
        let body = outage("2026-10-31T23:50:00Z", "2026-11-01T00:20:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
        assert_eq!(bad(WindowState::Locked).await, ["600"; CONTRACTS], "{}", ground.name);
        assert_eq!(bad(WindowState::Open).await, ["1800"; CONTRACTS], "{}", ground.name);

        // What goes on after a window makes what was too short in it count.
        let body = outage("2026-10-01T00:00:00Z", "2026-10-01T00:04:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
        assert_eq!(bad(WindowState::Locked).await, ["600"; CONTRACTS], "{}", ground.name);
        let body = outage("2026-09-30T23:50:00Z", "2026-10-01T00:00:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
        assert_eq!(bad(WindowState::Locked).await, ["840"; CONTRACTS], "{}", ground.name);

        // A dry run leaves nothing to compute.
        assert!(next().await);
        let push =
            ingest::Push { dry_run: true, ..ingest::Push::kept(&ground.store, admin, SOURCE) };
        let body = outage("2026-11-03T10:00:00Z", "2026-11-03T10:10:00Z");
        ingest::outage::take(&push, &body).await.expect("is looked at");
        assert!(!next().await, "{}", ground.name);
        assert_eq!(instant("2026-11-05T06:05:00Z"), ground.clock.now());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_about_two_groups_waits_for_both_before_it_takes_a_number() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        if ground.name == "sqlite" {
            continue; // there writers are alone
        }
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &book(2)).await;
        turn(&ground, "2026-11-05T06:05:00Z").await;
        let customers: Vec<Customer> = all(&ground, "1 = 1 order by customer_group", &[]).await;
        let mut deciding = ground.store.begin(Some(admin)).await.expect("begins");
        deciding.lock(Lock::Group(customers[1].group)).await.expect("is locked");
        let store = ground.store.clone();
        // A breach for each of the two, with numbers from one counter.
        let pushing = tokio::spawn(async move {
            let body = outage("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z");
            ingest::outage::apply(&store, admin, SOURCE, &body).await
        });
        let mut conn = ground.store.reading().await.expect("reads");
        let sql = "select cast(count(*) as bigint) from pg_locks \
                   where locktype = 'advisory' and not granted and database = \
                   (select oid from pg_database where datname = current_database())";
        loop {
            let waiting = store::fetch(&mut conn, sql, &[]).await.expect("reads");
            if store::int(&waiting[0], 0).expect("a number") > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        for counter in ["breach", "credit"] {
            deciding.draw(counter, 0).await.expect("nobody holds it");
        }
        deciding.commit().await.expect("commits");
        pushing.await.expect("ends").expect("is taken in");
    }
}

/// How many of this database's connections wait for somebody else's lock.
async fn waiting(ground: &Ground) -> i64 {
    let sql = "select cast(count(*) as bigint) from pg_stat_activity \
               where datname = current_database() and wait_event_type = 'Lock'";
    let mut conn = ground.store.reading().await.expect("reads");
    let found = store::fetch(&mut conn, sql, &[]).await.expect("reads");
    store::int(&found[0], 0).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_4_evidence_that_comes_while_windows_lock_reaches_every_one_of_them() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        if ground.name == "sqlite" {
            continue; // there writers are alone
        }
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &book(CONTRACTS)).await;
        let body = outage("2026-10-10T00:00:00Z", "2026-10-10T02:00:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
        let then = instant("2026-11-05T06:05:00Z");
        ground.clock.advance((then - ground.clock.now()).to_std().expect("later"));
        // Somebody draws a number: the turn has read and computed, and waits with its first contracts.
        let mut drawing = ground.store.begin(Some(admin)).await.expect("begins");
        drawing.draw("credit", 300).await.expect("draws");
        let store = ground.store.clone();
        let until = Until { now: then, grace_days: 3 };
        let turning = tokio::spawn(async move { close::turn(&store, None, until).await });
        while waiting(&ground).await < 1 {
            tokio::task::yield_now().await;
        }
        let store = ground.store.clone();
        let pushing = tokio::spawn(async move {
            let body = outage("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z");
            ingest::outage::apply(&store, admin, SOURCE, &body).await
        });
        while waiting(&ground).await < 2 && !pushing.is_finished() {
            tokio::task::yield_now().await;
        }
        drop(drawing);
        pushing.await.expect("ends").expect("is taken in");
        let report = turning.await.expect("ends").expect("turns");
        assert_eq!(report.locked, CONTRACTS);
        let locked: Vec<Attainment> = all(&ground, "state = 'locked'", &[]).await;
        let bad: Vec<_> = locked.into_iter().map(|attainment| attainment.bad).collect();
        assert_eq!(bad, ["9900"; CONTRACTS]);
    }
}

#[tokio::test]
async fn a_turn_of_the_schedule_rests_between_contracts_and_one_that_somebody_waits_for_does_not() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &book(CONTRACTS)).await;
        let asked = turn(&ground, "2026-10-05T06:05:00Z").await;
        assert_eq!((asked.rested, asked.open), (0, CONTRACTS), "{}", ground.name);
        let until = Until { now: ground.clock.now(), grace_days: 3 };
        let by_itself = Schedule::default().turn(&ground.store, until).await;
        let by_itself = by_itself.expect("turns").expect("is due");
        // Four contracts are written at once, and after the last there is nothing to rest from.
        assert_eq!((by_itself.rested, by_itself.open), (5, CONTRACTS), "{}", ground.name);
        let then = instant("2026-11-05T06:05:00Z");
        ground.clock.advance((then - ground.clock.now()).to_std().expect("later"));
        let until = Until { now: ground.clock.now(), grace_days: 3 };
        let locking = Schedule::default().turn(&ground.store, until).await;
        let locking = locking.expect("turns").expect("is due");
        assert_eq!((locking.rested, locking.locked), (0, CONTRACTS), "{}", ground.name);
    }
}
