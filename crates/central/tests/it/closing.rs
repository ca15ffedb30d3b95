//! Windows open, close and lock; what they owe is drafted. Northwind's October, to the cent.

use crate::{
    ground::{grounds, instant},
    northwind::{
        self, SOURCE, all, apply, breach, contract_id, credits, maintenance, october, outage, told,
        turn,
    },
};
use makegood_central::{
    ingest,
    store::{self, Arg, audit, feed::View},
};
use makegood_domain::{
    attainment::{Attainment, WindowState},
    audit::first_break,
    breach::BreachState,
    credit::{Claim, CreditKind, Decision},
    settlement::Settlement,
};
use makegood_engine::check;
use serde_json::json;

const LOCKED: &str = "2026-11-04T06:00:00Z";

#[tokio::test]
async fn northwinds_october_settles_to_the_cent() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        apply(&ground, admin, &maintenance(true)).await;
        turn(&ground, LOCKED).await;
        for (number, percent, amount) in [
            ("NW-1", "99.885880", "€1,200.00"),
            ("NW-2", "99.885880", "€1,000.00"),
            ("NW-3", "99.885727", "$800.00"),
        ] {
            let (settlement, attainment) = october(&ground, number).await;
            assert_eq!(attainment.percent.as_deref(), Some(percent), "{} {number}", ground.name);
            assert_eq!(settlement.total.symbol(), amount, "{} {number}", ground.name);
            assert_eq!((settlement.revision, &settlement.reason), (1, &None));
            assert_eq!(attainment.state, WindowState::Locked);
            let credit = credits(&ground, number).await.remove(0);
            assert_eq!(credit.amount.symbol(), amount);
            assert_eq!(
                (credit.kind, credit.decision),
                (CreditKind::Contractual, Decision::Drafted)
            );
        }
    }
}

#[tokio::test]
async fn a_prepaid_contract_has_its_base_explained_and_its_claim_dated() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        turn(&ground, LOCKED).await;
        let (settlement, _) = october(&ground, "NW-2").await;
        assert_eq!(settlement.lines[0].fee, "10000.00");
        assert_eq!(settlement.lines[0].fee_trace, "annual EUR 120,000.00 ÷ 12");
        let credit = credits(&ground, "NW-2").await.remove(0);
        assert_eq!(credit.claim, Claim::Invited);
        assert_eq!(credit.claim_until.expect("a day").to_string(), "2026-11-30");
        let credit = credits(&ground, "NW-1").await.remove(0);
        assert_eq!((credit.claim, credit.claim_until), (Claim::NotNeeded, None));
    }
}

#[tokio::test]
async fn windows_open_close_and_lock_as_time_passes() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        let report = turn(&ground, "2026-10-20T00:00:00Z").await;
        assert_eq!((report.open, report.closing, report.locked), (3, 0, 3), "{}", ground.name);
        let report = turn(&ground, "2026-11-01T12:00:00Z").await;
        assert_eq!((report.open, report.closing, report.locked), (3, 3, 0));
        assert_eq!(breach(&ground, "NW-1").await.settlement, None);
        assert!(credits(&ground, "NW-1").await.is_empty(), "nothing is owed before the lock");
        let report = turn(&ground, LOCKED).await;
        assert_eq!((report.open, report.closing, report.locked), (3, 0, 3));
        assert!(breach(&ground, "NW-1").await.settlement.is_some());
        let seq = ground
            .store
            .digest(&View::of(makegood_domain::person::Scope::All))
            .await
            .expect("reads")
            .seq;
        let report = turn(&ground, LOCKED).await;
        assert_eq!((report.open, report.locked), (3, 0));
        let again = ground
            .store
            .digest(&View::of(makegood_domain::person::Scope::All))
            .await
            .expect("reads")
            .seq;
        assert_eq!(seq, again, "{}: the same turn twice changes nothing", ground.name);
    }
}

#[tokio::test]
async fn law_3_time_to_come_is_unknown_in_an_open_window() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        turn(&ground, "2026-10-14T12:00:00Z").await;
        let key = [Arg::text(contract_id(&ground, "NW-1").await)];
        let rows: Vec<Attainment> = all(&ground, "contract = $1 and label = '2026-10'", &key).await;
        let row = &rows[0];
        // From 1 October 00:00 Berlin to 14 October 12:00Z: 13 days 14 hours.
        assert_eq!(row.total, ((13 * 24 + 14) * 3600).to_string());
        assert_eq!((row.bad.as_str(), row.met, row.unknown_seconds), ("3660", Some(false), 0));
        // Against the whole month: 0.1 % of 745 hours.
        assert_eq!(row.allowance.as_deref(), Some("2682"));
        assert_eq!(row.allowance_left.as_deref(), Some("-978"));
        assert_eq!(row.left_by_day.len(), 14);
        assert_eq!((row.left_by_day[12].left, row.left_by_day[13].left), (2682, -978));
        assert_eq!(row.as_of, ground.clock.now());
    }
}

#[tokio::test]
async fn a_missed_line_is_a_breach_with_its_incident() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        turn(&ground, LOCKED).await;
        let breach = breach(&ground, "NW-1").await;
        assert_eq!(breach.state, BreachState::ToReview);
        assert!(breach.number.starts_with("BR-100"), "{}", breach.number);
        let hits: Vec<makegood_domain::incident::Hit> =
            all(&ground, "1 = 1 order by id", &[]).await;
        assert_eq!(Some(hits[0].incident), breach.incident);
        assert_eq!(hits.iter().map(|hit| hit.breaches.len()).sum::<usize>(), 3);
    }
}

#[tokio::test]
async fn law_1_every_kept_case_recomputes_to_what_it_states() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        apply(&ground, admin, &maintenance(true)).await;
        turn(&ground, LOCKED).await;
        let settlements: Vec<Settlement> = all(&ground, "1 = 1 order by id", &[]).await;
        assert_eq!(settlements.len(), 6, "three contracts, September and October");
        let mut conn = ground.store.reading().await.expect("reads");
        for settlement in settlements {
            let (customer, id) = (settlement.customer, settlement.id);
            let text = store::settlement::case_text(&mut conn, customer, id, 1).await;
            let text = text.expect("reads").expect("the case is kept");
            let checked = check::check_file(text.as_bytes()).expect("is a case");
            assert!(checked[0].verdict.passed(), "{:?}", checked[0]);
        }
        let events = audit::events(&mut conn, 0, 10_000).await.expect("reads");
        assert_eq!(first_break(&events), None);
    }
}

#[tokio::test]
async fn an_open_window_is_computed_by_the_hour_and_at_once_when_evidence_comes() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, "2026-10-14T12:00:00Z").await;
        let seq = || async {
            let digest = ground.store.digest(&View::of(makegood_domain::person::Scope::All)).await;
            digest.expect("reads").seq
        };
        let before = seq().await;
        turn(&ground, "2026-10-14T12:40:00Z").await;
        assert_eq!(seq().await, before, "{}: nothing new within the hour", ground.name);
        let body = outage("2026-10-14T12:10:00Z", "2026-10-14T12:20:00Z");
        ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
        turn(&ground, "2026-10-14T12:50:00Z").await;
        let key = [Arg::text(contract_id(&ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-10'";
        let row = all::<Attainment>(&ground, filter, &key).await.remove(0);
        assert_eq!((row.bad.as_str(), row.as_of), ("4260", instant("2026-10-14T12:40:00Z")));
    }
}

#[tokio::test]
async fn what_a_running_window_would_owe_is_what_it_will_owe() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        // The higher of two credits counts: a second line at a half of the fee.
        let mut both = northwind::document();
        let contract = &mut both["contracts"][0];
        (contract["number"], contract["combine"]) = (json!("NW-4"), json!("highest"));
        let mut second = contract["versions"][0]["lines"][0].clone();
        second["name"] = json!("Reporting");
        second["charges"][0]["amount"] = json!("6000.00");
        contract["versions"][0]["lines"].as_array_mut().expect("a list").push(second);
        apply(&ground, admin, &both).await;
        let key = [Arg::text(contract_id(&ground, "NW-4").await)];
        let owed = async || {
            let filter = "contract = $1 and label = '2026-10'";
            let rows = all::<Attainment>(&ground, filter, &key).await;
            rows.iter().filter_map(|row| row.credit).map(|credit| credit.minor()).sum::<i64>()
        };
        turn(&ground, "2026-11-01T08:00:00Z").await;
        let closing = owed().await;
        turn(&ground, LOCKED).await;
        assert_eq!((closing, owed().await), (120_000, 120_000), "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_lines_of_one_window_are_settled_once_however_long_it_counts_as() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut both = northwind::document();
        let contract = &mut both["contracts"][0];
        contract["number"] = json!("NW-5");
        let lines = contract["versions"][0]["lines"].as_array_mut().expect("a list");
        let mut second = lines[0].clone();
        (second["name"], second["terms"]["exclusions"]) = (json!("Reporting"), json!({}));
        second["terms"]["window"]["counted_as"] = json!("720h");
        lines.push(second);
        apply(&ground, admin, &both).await;
        turn(&ground, "2026-11-01T08:00:00Z").await;
        turn(&ground, LOCKED).await;
        turn(&ground, "2026-11-05T06:00:00Z").await;
        let key = [Arg::text(contract_id(&ground, "NW-5").await)];
        let settled: Vec<Settlement> =
            all(&ground, "contract = $1 and label = '2026-10'", &key).await;
        let told = (settled.len(), settled[0].revision, settled[0].lines.len());
        assert_eq!(told, (1, 1, 2), "{}", ground.name);
        let measured = settled[0].lines.iter().filter(|line| line.percent.is_some()).count();
        assert_eq!((measured, settled[0].total.minor()), (2, 240_000), "{}", ground.name);
    }
}
