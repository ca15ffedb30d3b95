//! Deadlines about credits, and the claims that meet them. NW-2 has to be asked for within 30 days of
//! October's end, in Berlin.

use crate::{
    ground::instant,
    house::{House, Seat, houses, money, session},
    northwind::{SOURCE, all, apply, document, outage, turn},
};
use makegood_central::{ingest, store::Arg};
use makegood_domain::{
    audit::AuditEvent,
    contract::SlaLine,
    credit::{Claim, Credit, Decision},
    deadline::{Deadline, DeadlineKind, DeadlineState},
    note::Note,
    person::{Person, Role, Scope},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn deadlines(house: &House, number: &str) -> Vec<Deadline> {
    let every: Vec<Deadline> = all(&house.ground, "1 = 1 order by id", &[]).await;
    every.into_iter().filter(|one| one.number == number).collect()
}

async fn one(house: &House, number: &str) -> Deadline {
    let mut found = deadlines(house, number).await;
    assert_eq!(found.len(), 1, "{}: {found:?}", house.ground.name);
    found.remove(0)
}

async fn claimed(house: &House, seat: &Seat, on: &str) -> Value {
    let credit = house.nw2.credit;
    let command = house.about("file_claim", credit, json!({ "claimed_on": on })).await;
    house.send(seat, &command).await
}

async fn admitted(house: &House, seat: &Seat, reason: &str) -> Value {
    let credit = house.nw2.credit;
    let command = house.about("admit_late_claim", credit, json!({ "reason": reason })).await;
    house.send(seat, &command).await
}

async fn proposed(house: &House) -> Value {
    let command = house.about("propose_credit", house.nw2.credit, json!({})).await;
    house.send(&house.anna, &command).await
}

async fn actions(house: &House, about: &str) -> Vec<String> {
    let audit: Vec<AuditEvent> = all(&house.ground, "1 = 1 order by position", &[]).await;
    audit.into_iter().filter(|one| one.subject == about).map(|one| one.action).collect()
}

#[tokio::test]
async fn a_claim_is_due_to_the_end_of_its_day_there_and_then_the_credit_is_lost() {
    for house in houses().await {
        let number = house.credit(house.nw2.credit).await.number;
        let begun = one(&house, &number).await;
        assert_eq!((begun.kind, begun.state), (DeadlineKind::Claim, DeadlineState::Open));
        assert_eq!((begun.due.to_string().as_str(), begun.days), ("2026-11-30", 30));
        assert_eq!(
            (begun.zone.as_str(), begun.amount),
            ("Europe/Berlin", Some(money("1000", "EUR")))
        );
        // Berlin's 30 November ends at 23:00 UTC.
        turn(&house.ground, "2026-11-30T22:59:59Z").await;
        assert_eq!(one(&house, &number).await.state, DeadlineState::Open, "{}", house.ground.name);
        turn(&house.ground, "2026-11-30T23:00:00Z").await;
        let over = one(&house, &number).await;
        assert_eq!(over.state, DeadlineState::Passed, "{}", house.ground.name);
        assert_eq!(over.done_at, Some(instant("2026-11-30T23:00:00Z")));
        let credit = house.credit(house.nw2.credit).await;
        assert_eq!((credit.claim, credit.decision), (Claim::Lapsed, Decision::Drafted));
        assert_eq!(proposed(&house).await["problem"]["code"], "wrong_state");
        turn(&house.ground, "2026-12-01T08:00:00Z").await;
        let told = actions(&house, &credit.id.to_string()).await;
        assert_eq!(told.iter().filter(|one| *one == "credit.lapsed").count(), 1, "{told:?}");
        // They had asked in time; it was found later. What counts is the day on which they asked.
        let found = claimed(&house, &house.anna, "2026-11-30").await;
        assert_eq!(found["receipt"]["given"]["claim"], "filed", "{found}");
        assert_eq!(proposed(&house).await["outcome"], "applied");
    }
}

#[tokio::test]
async fn law_5_a_claim_that_came_too_late_counts_only_when_somebody_else_says_so() {
    for house in houses().await {
        house.ground.clock.advance(std::time::Duration::from_hours(25 * 24));
        // Somebody who may do both.
        let person = Person {
            id: house.app.store().ids().make(),
            issuer: "https://id.example".to_owned(),
            subject: "zoe".to_owned(),
            name: "Zoe".to_owned(),
            roles: BTreeSet::from([Role::Csm, Role::Finance]),
        };
        let zoe = house.app.put_person(&person, &Scope::All).await.expect("is kept");
        let zoe = session(&house.app, zoe).await;
        let early = admitted(&house, &house.carla, "they called").await;
        assert_eq!(early["problem"]["code"], "wrong_state");
        let late = claimed(&house, &zoe, "2026-12-01").await;
        assert_eq!(late["receipt"]["given"]["claim"], "late", "{late}");
        let number = house.credit(house.nw2.credit).await.number;
        let over = one(&house, &number).await;
        assert_eq!((over.state, over.done_by), (DeadlineState::Passed, Some(zoe.person)));
        assert_eq!(proposed(&house).await["problem"]["code"], "wrong_state");
        for (seat, reason, code) in [
            (&house.anna, "they called", "role_missing"),
            (&zoe, "they called", "own_proposal"),
            (&house.carla, "  ", "invalid"),
        ] {
            let refused = admitted(&house, seat, reason).await;
            assert_eq!(refused["problem"]["code"], code, "{}", house.ground.name);
        }
        let counts = admitted(&house, &house.carla, "their notice was lost by us").await;
        assert_eq!(counts["receipt"]["given"]["claim"], "filed", "{counts}");
        assert_eq!(proposed(&house).await["outcome"], "applied");
        let told = actions(&house, &house.nw2.credit.to_string()).await;
        assert!(told.contains(&"credit.late_claim_admitted".to_owned()), "{told:?}");
    }
}

#[tokio::test]
async fn law_4_a_deadline_shows_what_its_credit_comes_to_and_falls_away_with_it() {
    for house in houses().await {
        let number = house.credit(house.nw2.credit).await.number;
        let (store, root) = (house.app.store(), house.root.person);
        turn(&house.ground, "2026-11-24T08:00:00Z").await;
        let late = outage("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z");
        ingest::outage::apply(store, root, SOURCE, &late).await.expect("is taken");
        assert_eq!(one(&house, &number).await.amount, Some(money("2500", "EUR")));
        assert_eq!(claimed(&house, &house.anna, "2026-11-20").await["outcome"], "applied");
        assert_eq!(one(&house, &number).await.state, DeadlineState::Met);
        // What a revision adds to a month that was asked for need not be asked for again.
        assert_eq!(proposed(&house).await["outcome"], "applied");
        for seat in [&house.carla, &house.david] {
            let command = house.about("approve_credit", house.nw2.credit, json!({})).await;
            assert_eq!(house.send(seat, &command).await["outcome"], "applied");
        }
        let more = outage("2026-10-22T09:00:00Z", "2026-10-22T12:00:00Z");
        ingest::outage::apply(store, root, SOURCE, &more).await.expect("is taken");
        let args = [Arg::text(house.nw2.settlement)];
        let credits: Vec<Credit> = all(&house.ground, "settlement = $1", &args).await;
        for added in credits.iter().filter(|one| one.decision == Decision::Drafted) {
            assert_eq!(added.claim, Claim::Filed, "{}", house.ground.name);
            assert!(deadlines(&house, &added.number).await.is_empty());
        }
    }
}

#[tokio::test]
async fn a_credit_that_is_no_longer_owed_leaves_no_deadline() {
    for house in houses().await {
        let number = house.credit(house.nw2.credit).await.number;
        // It is known by its beginning: sixty minutes less of it, and nothing is missed.
        let body = outage("2026-10-14T03:12:00Z", "2026-10-14T03:13:00Z");
        let by = house.root.person;
        ingest::outage::apply(house.app.store(), by, SOURCE, &body).await.expect("is taken");
        assert_eq!(house.credit(house.nw2.credit).await.decision, Decision::Cancelled);
        assert_eq!(one(&house, &number).await.state, DeadlineState::Void, "{}", house.ground.name);
    }
}

async fn closed(house: &House, seat: &Seat, deadline: &Deadline, note: &str) -> Value {
    let (version, _) = house.row::<Deadline>(&deadline.id.to_string()).await;
    let args = json!({ "deadline": deadline.id, "note": note });
    let base = [("deadline", deadline.id.to_string(), version)];
    house.send(seat, &house.command("close_deadline", args, &base)).await
}

#[tokio::test]
async fn a_credit_that_expires_has_to_be_used_and_somebody_says_that_it_was() {
    for house in houses().await {
        let args = [Arg::text(house.nw1.contract)];
        let line = all::<SlaLine>(&house.ground, "contract = $1", &args).await.remove(0);
        let mut tx = house.app.store().begin(None).await.expect("begins");
        let mut expiring = line.clone();
        expiring.remedy.expires_after_days = Some(60);
        tx.put(&expiring).await.expect("is put");
        tx.audit("test", ("sla_line", &expiring.id.to_string()), None, json!({}));
        tx.commit().await.expect("commits");
        let credit = house.nw1.credit;
        let command = house.about("propose_credit", credit, json!({})).await;
        assert_eq!(house.send(&house.anna, &command).await["outcome"], "applied");
        let number = house.credit(credit).await.number;
        let command = house.about("approve_credit", credit, json!({})).await;
        let said = house.send(&house.carla, &command).await;
        assert_eq!(said["receipt"]["given"]["decision"], "approved", "{said}");
        let begun = one(&house, &number).await;
        assert_eq!(begun.kind, DeadlineKind::Expiry);
        assert_eq!((begun.due.to_string().as_str(), begun.days), ("2027-01-08", 60));
        let claim = house.credit(house.nw2.credit).await.number;
        let claim = one(&house, &claim).await;
        let refused = closed(&house, &house.anna, &claim, "they asked").await;
        assert_eq!(refused["problem"]["code"], "wrong_state", "a claim is recorded, not waved by");
        for (seat, note, code) in
            [(&house.carla, "invoice 4711", "role_missing"), (&house.anna, " ", "invalid")]
        {
            let refused = closed(&house, seat, &begun, note).await;
            assert_eq!(refused["problem"]["code"], code, "{}", house.ground.name);
        }
        let met = closed(&house, &house.anna, &begun, "invoice 4711").await;
        assert_eq!(met["outcome"], "applied", "{met}");
        let met = one(&house, &number).await;
        assert_eq!((met.state, met.done_by), (DeadlineState::Met, Some(house.anna.person)));
        let again = closed(&house, &house.anna, &begun, "invoice 4711").await;
        assert_eq!(again["problem"]["code"], "wrong_state");
        turn(&house.ground, "2027-01-09T12:00:00Z").await;
        assert_eq!(one(&house, &number).await.state, DeadlineState::Met, "{}", house.ground.name);
    }
}

#[tokio::test]
async fn deadlines_go_with_the_customer_to_its_next_manager() {
    for house in houses().await {
        let number = house.credit(house.nw2.credit).await.number;
        assert_eq!(one(&house, &number).await.owner, None);
        let mut document = document();
        document["customers"][0]["csm"] = json!("ben");
        apply(&house.ground, house.root.person, &document).await;
        assert_eq!(one(&house, &number).await.owner, Some(house.ben.person));
    }
}

/// The CSM's story, step 10: the claim of 20 November comes with the customer's own log.
#[tokio::test]
async fn a_claims_own_log_is_laid_beside_what_was_measured_and_stays_on_record() {
    for house in houses().await {
        turn(&house.ground, "2026-11-20T10:00:00Z").await;
        let log = json!([
            { "from": "2026-10-14T03:20:00Z", "to": "2026-10-14T04:20:00Z" },
            { "from": "2026-10-21T09:00:00Z", "to": "2026-10-21T09:45:00Z" },
        ]);
        let path = format!("/v1/settlements/{}/beside", house.nw2.settlement);
        let request = house.http.post(house.url(&path)).bearer_auth(&house.anna.token);
        let seen = request.json(&json!({ "log": log })).send().await.unwrap();
        let seen: Value = seen.json().await.unwrap();
        let line = &seen["lines"][0];
        let minutes = |part: &str| line[format!("{part}_seconds")].as_i64().unwrap() / 60;
        let parts = ["agreed", "disputed", "excused", "not_in_log", "outside", "unobserved"];
        assert_eq!(parts.map(minutes), [53, 52, 0, 8, 0, 0], "{seen}");
        assert_eq!((&seen["owed"], &seen["owed_if_right"]), (&json!("1000.00"), &json!("2500.00")));
        assert_eq!(line["percent_if_right"], "99.747203");

        let wrong = json!([{ "from": "2026-10-14T04:20:00Z", "to": "2026-10-14T04:20:00Z" }]);
        let credit = house.nw2.credit;
        let filed = |log: &Value| json!({ "claimed_on": "2026-11-20", "log": log });
        let command = house.about("file_claim", credit, filed(&wrong)).await;
        let refused = house.send(&house.anna, &command).await;
        assert_eq!(refused["problem"]["path"], "log", "{refused}");
        let command = house.about("file_claim", credit, filed(&log)).await;
        let done = house.send(&house.anna, &command).await;
        let words = done["receipt"]["given"]["log"].as_str().unwrap();
        assert_eq!(
            words,
            "The customer's log: 105.00 min. API availability: 53.00 min as measured, 52.00 min \
             measured as up. 8.00 min were down that the log does not name. \
             Owed: EUR 1000.00; if the log were right: 2500.00."
        );
        let notes: Vec<Note> = all(&house.ground, "1 = 1 order by id", &[]).await;
        let about: Vec<_> = notes.iter().filter(|note| note.text == words).collect();
        assert_eq!(about.len(), 1, "{notes:?}");
        assert_eq!(
            (about[0].visibility.as_str(), about[0].subject_entity.as_str()),
            ("internal", "breach")
        );
    }
}
