//! Law 4: a locked window changes by a revision alone, and what it owes follows.

use crate::{
    ground::{Ground, grounds},
    northwind::{self, all, apply, credits, maintenance, october, outage, told, turn},
};
use makegood_central::{
    close, ingest,
    store::{self, Arg},
};
use makegood_domain::{
    attainment::Attainment,
    breach::{Breach, BreachState},
    credit::{Claim, Credit, CreditKind, Decision},
    deadline::{Deadline, DeadlineState},
    id::PersonId,
};

const LOCKED: &str = "2026-11-04T06:00:00Z";

async fn late_outage(ground: &Ground, by: PersonId) {
    let body = outage("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z");
    let report = ingest::outage::apply(&ground.store, by, northwind::SOURCE, &body).await;
    assert_eq!(report.expect("is taken in").added, 1);
}

/// Everybody has approved what is drafted, as the commands would.
async fn decide(ground: &Ground, decision: Decision) {
    let mut tx = ground.store.begin(None).await.expect("begins");
    for credit in all::<Credit>(ground, "label = '2026-10'", &[]).await {
        let mut credit = tx.get::<Credit>(credit.id).await.expect("reads").expect("is there").row;
        credit.decision = decision;
        tx.put(&credit).await.expect("is written");
        tx.audit("credit.decided", ("credit", "x"), Some(credit.customer), serde_json::json!({}));
    }
    tx.commit().await.expect("commits");
}

async fn northwind_locked(ground: &Ground) -> PersonId {
    let admin = told(ground).await;
    apply(ground, admin, &maintenance(true)).await;
    turn(ground, LOCKED).await;
    admin
}

#[tokio::test]
async fn law_4_late_evidence_revises_and_the_difference_adjusts_what_was_decided() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind_locked(&ground).await;
        decide(&ground, Decision::Approved).await;
        late_outage(&ground, admin).await;
        for (number, percent, total, more) in [
            ("NW-1", "99.785186", "€3,000.00", "€1,800.00"),
            ("NW-2", "99.785186", "€2,500.00", "€1,500.00"),
            ("NW-3", "99.784898", "$2,000.00", "$1,200.00"),
        ] {
            let (settlement, attainment) = october(&ground, number).await;
            assert_eq!((settlement.revision, attainment.revision), (2, 2), "{number}");
            let reason = settlement.reason.clone().expect("a reason");
            assert!(reason.contains("21 Oct 2026 09:00Z – 09:45Z"), "{reason}");
            assert_eq!(attainment.percent.as_deref(), Some(percent), "{} {number}", ground.name);
            assert_eq!(settlement.total.symbol(), total, "{} {number}", ground.name);
            let credits = credits(&ground, number).await;
            assert_eq!(credits.len(), 2, "{number}: the decided one stays");
            assert_eq!(credits[0].decision, Decision::Approved);
            let adjustment = &credits[1];
            assert_eq!(adjustment.kind, CreditKind::Adjustment);
            assert_eq!(adjustment.amount.symbol(), more, "{} {number}", ground.name);
            assert_eq!(adjustment.adjusts, Some(credits[0].id));
            assert_eq!(adjustment.settlement_revision, 2);
            let mut conn = ground.store.reading().await.expect("reads");
            for revision in [1, 2] {
                let (customer, id) = (settlement.customer, settlement.id);
                let case = store::settlement::case_text(&mut conn, customer, id, revision).await;
                assert!(case.expect("reads").is_some(), "each revision keeps its case");
            }
        }
    }
}

#[tokio::test]
async fn law_4_an_undecided_credit_is_drafted_anew() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind_locked(&ground).await;
        decide(&ground, Decision::Proposed).await;
        let before = credits(&ground, "NW-1").await.remove(0);
        late_outage(&ground, admin).await;
        let credits = credits(&ground, "NW-1").await;
        assert_eq!(credits.len(), 1);
        assert_eq!((credits[0].id, credits[0].decision), (before.id, Decision::Drafted));
        assert_eq!(credits[0].amount.symbol(), "€3,000.00");
        assert_eq!(credits[0].reason, october(&ground, "NW-1").await.0.reason);
        let mut conn = ground.store.reading().await.expect("reads");
        let found =
            store::get::<Credit>(&mut conn, before.id).await.expect("reads").expect("is there");
        assert_eq!(found.version, 3, "an approval of what was seen before is stale");
    }
}

#[tokio::test]
async fn the_same_evidence_again_changes_nothing() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind_locked(&ground).await;
        late_outage(&ground, admin).await;
        let body = outage("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z");
        let report = ingest::outage::apply(&ground.store, admin, northwind::SOURCE, &body).await;
        let report = report.expect("is read");
        assert_eq!((report.added, report.repeated), (0, 1));
        assert_eq!(october(&ground, "NW-1").await.0.revision, 2);
    }
}

#[tokio::test]
async fn an_exclusion_admitted_late_revises_its_customer_alone() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, LOCKED).await;
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!(attainment.percent.as_deref(), Some("99.863534"), "61 minutes without it");
        let mut only = maintenance(true);
        only["exclusions"].as_array_mut().expect("a list").truncate(1);
        apply(&ground, admin, &only).await;
        let (revised, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, revised.revision), (1, 2));
        assert_eq!(revised.reason.as_deref(), Some("exclusion admitted: planned maintenance"));
        assert_eq!(attainment.percent.as_deref(), Some("99.885880"));
        assert_eq!(october(&ground, "NW-3").await.0.revision, 1, "the sibling's is its own");
    }
}

#[tokio::test]
async fn an_exclusion_that_waits_for_a_second_person_does_not_count() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        apply(&ground, admin, &maintenance(false)).await;
        turn(&ground, LOCKED).await;
        let (_, attainment) = october(&ground, "NW-1").await;
        assert_eq!(
            (attainment.percent.as_deref(), attainment.excused.as_str()),
            (Some("99.863534"), "0")
        );
    }
}

#[tokio::test]
async fn a_revision_that_is_met_clears_the_breach_and_cancels_the_draft() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        turn(&ground, LOCKED).await;
        let mut longer = maintenance(true);
        for exclusion in longer["exclusions"].as_array_mut().expect("a list") {
            exclusion["from"] = "2026-10-14T03:12:00Z".into();
            exclusion["to"] = "2026-10-14T04:13:00Z".into();
        }
        apply(&ground, admin, &longer).await;
        let credit = credits(&ground, "NW-1").await.remove(0);
        assert_eq!((credit.decision, credit.amount.minor()), (Decision::Cancelled, 0));
        let breaches: Vec<Breach> = all(&ground, "1 = 1", &[]).await;
        assert!(breaches.iter().all(|breach| breach.state == BreachState::Cleared));
        let rows: Vec<Attainment> = all(&ground, "label = $1", &[Arg::text("2026-10")]).await;
        assert!(rows.iter().all(|row| row.met == Some(true)));
    }
}

#[tokio::test]
async fn law_4_later_windows_that_rest_on_what_was_approved_follow() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind::person(&ground, "root", makegood_domain::person::Role::Admin).await;
        let mut capped = northwind::document();
        let cap = serde_json::json!({ "percent": "10", "months": 12 });
        capped["contracts"][0]["versions"][0]["lines"][0]["terms"]["credit"]["cap"] = cap;
        capped["incidents"] = serde_json::json!([]);
        apply(&ground, admin, &capped).await;
        for day in ["2026-09-10", "2026-10-10"] {
            let body = outage(&format!("{day}T09:00:00Z"), &format!("{day}T11:00:00Z"));
            let taken = ingest::outage::apply(&ground.store, admin, northwind::SOURCE, &body).await;
            taken.expect("is taken in");
        }
        turn(&ground, LOCKED).await;
        // 25 % of 12,000.00 each; together at most 10 % of both months' fees. Nothing is approved
        // of September yet, so that October has it all.
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.symbol().as_str()), (1, "€2,400.00"));
        let key = [Arg::text(northwind::contract_id(&ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-09'";
        let mut september = all::<Credit>(&ground, filter, &key).await.remove(0);
        assert_eq!(september.amount.symbol(), "€1,200.00");
        let mut tx = ground.store.begin(None).await.expect("begins");
        september.decision = Decision::Approved;
        tx.put(&september).await.expect("is written");
        tx.audit(
            "credit.approved",
            ("credit", "x"),
            Some(september.customer),
            serde_json::json!({}),
        );
        close::follow(&mut tx, &september).await.expect("follows");
        tx.commit().await.expect("commits");
        let (settlement, _) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.symbol().as_str()), (2, "€1,200.00"));
        let reason = settlement.reason.expect("a reason");
        assert_eq!(reason, "it rests on 2026-09, whose credit was approved", "{}", ground.name);
        assert_eq!(credits(&ground, "NW-1").await[0].amount.symbol(), "€1,200.00");
    }
}

#[tokio::test]
async fn law_4_a_yearly_cap_on_maintenance_counts_earlier_windows_and_later_ones_follow() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind::person(&ground, "root", makegood_domain::person::Role::Admin).await;
        northwind::person(&ground, "dana", makegood_domain::person::Role::Csm).await;
        northwind::person(&ground, "lee", makegood_domain::person::Role::Finance).await;
        let mut capped = northwind::document();
        capped["incidents"] = serde_json::json!([]);
        for contract in capped["contracts"].as_array_mut().expect("a list") {
            contract["versions"][0]["lines"][0]["terms"]["exclusions"]["planned_maintenance"] =
                serde_json::json!({ "treatment": "removed", "cap": "15m", "cap_per": "year" });
        }
        apply(&ground, admin, &capped).await;
        let body = outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z");
        let taken = ingest::outage::apply(&ground.store, admin, northwind::SOURCE, &body).await;
        taken.expect("is taken in");
        apply(&ground, admin, &maintenance(true)).await;
        turn(&ground, LOCKED).await;
        let (_, attainment) = october(&ground, "NW-1").await;
        assert_eq!((attainment.excused.as_str(), attainment.revision), ("600", 1));
        let mut earlier = maintenance(true);
        for exclusion in earlier["exclusions"].as_array_mut().expect("a list") {
            exclusion["from"] = "2026-09-02T03:00:00Z".into();
            exclusion["to"] = "2026-09-02T03:10:00Z".into();
        }
        apply(&ground, admin, &earlier).await;
        let (settlement, attainment) = october(&ground, "NW-1").await;
        // Ten of the year's fifteen minutes are September's now.
        assert_eq!(
            (attainment.excused.as_str(), attainment.revision),
            ("300", 2),
            "{}",
            ground.name
        );
        let reason = settlement.reason.expect("a reason");
        assert_eq!(reason, "it rests on 2026-09, which was revised");
    }
}

/// Everybody decides so about what is still open of a contract's October.
async fn decide_open(ground: &Ground, number: &str, decision: Decision) {
    let mut tx = ground.store.begin(None).await.expect("begins");
    for credit in credits(ground, number).await {
        let mut credit = tx.get::<Credit>(credit.id).await.expect("reads").expect("is there").row;
        if !credit.decision.is_final() {
            credit.decision = decision;
            tx.put(&credit).await.expect("is written");
        }
    }
    tx.audit("credit.decided", ("credit", "x"), None, serde_json::json!({}));
    tx.commit().await.expect("commits");
}

async fn late_outage_withdrawn(ground: &Ground, by: PersonId) {
    ground.clock.advance(std::time::Duration::from_secs(60));
    let body = serde_json::json!({ "withdrawn": [{
        "service": northwind::SERIES, "outage_from": "2026-10-21T09:00:00Z", "reason": "a false alarm",
    }] });
    let bytes = body.to_string();
    let report =
        ingest::outage::apply(&ground.store, by, northwind::SOURCE, bytes.as_bytes()).await;
    assert_eq!(report.expect("is taken in").corrected, 1);
    ground.clock.advance(std::time::Duration::from_secs(60));
}

fn told_of(credits: &[Credit]) -> Vec<(CreditKind, i64, Decision)> {
    let one = |credit: &Credit| (credit.kind, credit.amount.minor(), credit.decision);
    let mut told: Vec<_> = credits.iter().map(one).collect();
    told.sort_by_key(|one| (one.1, one.2.as_str()));
    told
}

#[tokio::test]
async fn law_4_what_was_not_granted_is_neither_taken_back_nor_asked_for_again() {
    use {CreditKind::*, Decision::*};
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind_locked(&ground).await;
        decide_open(&ground, "NW-1", NotGranted).await;
        // Of €3,000.00 that are owed now, €1,200.00 were not granted, and so is what remains.
        late_outage(&ground, admin).await;
        decide_open(&ground, "NW-1", NotGranted).await;
        late_outage_withdrawn(&ground, admin).await;
        let told = told_of(&credits(&ground, "NW-1").await);
        let expected = [(Contractual, 120_000, NotGranted), (Adjustment, 180_000, NotGranted)];
        assert_eq!(told, expected, "{}: nobody has received anything", ground.name);
    }
}

#[tokio::test]
async fn law_4_what_was_left_to_the_customer_is_not_given_twice() {
    use {CreditKind::*, Decision::*};
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind_locked(&ground).await;
        late_outage(&ground, admin).await;
        decide_open(&ground, "NW-1", Approved).await;
        late_outage_withdrawn(&ground, admin).await;
        let recovery = (Recovery, -180_000, Drafted);
        assert_eq!(told_of(&credits(&ground, "NW-1").await)[0], recovery, "{}", ground.name);
        decide_open(&ground, "NW-1", NotGranted).await;
        // It was an outage after all.
        let again = outage("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z");
        ingest::outage::apply(&ground.store, admin, northwind::SOURCE, &again).await.unwrap();
        assert_eq!(october(&ground, "NW-1").await.0.total.symbol(), "€3,000.00");
        let expected = [(Recovery, -180_000, NotGranted), (Contractual, 300_000, Approved)];
        assert_eq!(told_of(&credits(&ground, "NW-1").await), expected, "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_what_another_line_pays_unasked_needs_no_claim() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = northwind::person(&ground, "root", makegood_domain::person::Role::Admin).await;
        let mut document = northwind::document();
        document["incidents"] = serde_json::json!([]);
        // NW-2 is credited where its customer asks; what the login misses is credited unasked.
        let contract = &mut document["contracts"][1];
        contract["combine"] = serde_json::json!("highest");
        let lines = contract["versions"][0]["lines"].as_array_mut().expect("a list");
        let mut login = lines[0].clone();
        login["name"] = serde_json::json!("Login");
        login["series"]["service"] = serde_json::json!("login");
        login["remedy"] = serde_json::json!({ "mode": "proactive" });
        lines.push(login);
        apply(&ground, admin, &document).await;
        let body = outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z");
        ingest::outage::apply(&ground.store, admin, northwind::SOURCE, &body).await.unwrap();
        turn(&ground, LOCKED).await;
        let credit = credits(&ground, "NW-2").await.remove(0);
        assert_eq!((credit.claim, credit.amount.minor()), (Claim::Invited, 100_000));
        let body = serde_json::json!({ "outages": [{ "service": "login",
            "from": "2026-10-21T09:00:00Z", "to": "2026-10-21T12:00:00Z" }] });
        let bytes = body.to_string();
        ingest::outage::apply(&ground.store, admin, northwind::SOURCE, bytes.as_bytes())
            .await
            .unwrap();
        let credit = credits(&ground, "NW-2").await.remove(0);
        assert_eq!((credit.claim, credit.amount.minor()), (Claim::NotNeeded, 250_000));
        assert_eq!(credit.claim_until, None, "{}", ground.name);
        let deadlines: Vec<Deadline> = all(&ground, "kind = 'claim'", &[]).await;
        let states: Vec<_> = deadlines.iter().map(|one| one.state).collect();
        assert_eq!(states, [DeadlineState::Void], "{}", ground.name);
    }
}
