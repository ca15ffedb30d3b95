//! Statements: blocked until everything is decided, numbered once, superseded and never overwritten.

use crate::{
    house::{House, Seat, houses},
    northwind,
};
use makegood_central::{close, ingest};
use makegood_domain::{
    breach::Breach,
    credit::Decision,
    id::{BreachId, CreditId, NoteId, StatementId},
    settlement::Settlement,
    statement::{Statement, StatementState},
};
use serde_json::{Value, json};

pub(crate) fn code(answer: &Value) -> (&str, &str) {
    (
        answer["outcome"].as_str().unwrap_or_default(),
        answer["problem"]["code"].as_str().unwrap_or_default(),
    )
}

async fn revision(house: &House, settlement: makegood_domain::id::SettlementId) -> i64 {
    house.row::<Settlement>(&settlement.to_string()).await.1.revision
}

pub(crate) async fn issue(house: &House, id: StatementId) -> Value {
    let settlements = json!([
        [house.nw1.settlement, revision(house, house.nw1.settlement).await],
        [house.nw2.settlement, revision(house, house.nw2.settlement).await],
    ]);
    let args = json!({
        "statement": id, "customer": house.gmbh, "period": "2026-10", "language": "de",
        "settlements": settlements,
    });
    house.command("issue_statement", args, &[])
}

pub(crate) async fn seal(house: &House, id: StatementId) -> Value {
    let (version, statement) = house.row::<Statement>(&id.to_string()).await;
    let cases: Vec<Value> =
        statement.rests_on.iter().map(|on| json!([on.settlement, "a".repeat(64)])).collect();
    let args = json!({ "statement": id, "sha256": "b".repeat(64), "cases": cases });
    house.command("seal_statement", args, &[("statement", id.to_string(), version)])
}

pub(crate) async fn review(house: &House, breach: BreachId) {
    let (version, _) = house.row::<Breach>(&breach.to_string()).await;
    let note: NoteId = house.app.store().ids().make();
    let args = json!({
        "breach": breach, "root_cause": "Ingress", "narratives": {}, "note": null, "note_id": note,
    });
    let command = house.command("review_breach", args, &[("breach", breach.to_string(), version)]);
    assert_eq!(code(&house.send(&house.anna, &command).await).0, "applied");
}

async fn decide(house: &House, seat: &Seat, kind: &str) {
    let command = house.about(kind, house.nw1.credit, json!({})).await;
    let answer = house.send(seat, &command).await;
    assert_eq!(code(&answer).0, "applied", "{answer}");
}

/// Proposes a credit and approves it, by as many as its amount asks for.
pub(crate) async fn decide_all(house: &House, id: CreditId) {
    let propose = house.about("propose_credit", id, json!({})).await;
    assert_eq!(code(&house.send(&house.anna, &propose).await).0, "applied");
    for seat in [&house.carla, &house.david] {
        if house.credit(id).await.decision != Decision::Approved {
            let approve = house.about("approve_credit", id, json!({})).await;
            let answer = house.send(seat, &approve).await;
            assert_eq!(code(&answer).0, "applied", "{answer}");
        }
    }
}

/// Reviews both breaches of the GmbH, and decides NW-1's credit; NW-2's waits for its claim.
pub(crate) async fn ready(house: &House) {
    review(house, house.nw1.breach).await;
    review(house, house.nw2.breach).await;
    decide(house, &house.anna, "propose_credit").await;
    decide(house, &house.carla, "approve_credit").await;
}

#[tokio::test]
async fn a_statement_is_blocked_until_everything_is_decided_and_says_by_what() {
    for house in houses().await {
        let id: StatementId = house.app.store().ids().make();
        let answer = house.send(&house.mira, &issue(&house, id).await).await;
        assert_eq!(code(&answer), ("invalid", "statement_blocked"));
        let reasons = answer["problem"]["current"]["reasons"].as_array().unwrap();
        // Two reviews and NW-1's credit; NW-2's is on request.
        assert_eq!(reasons.len(), 3, "{reasons:?}");
        ready(&house).await;
        let refused = house.send(&house.anna, &issue(&house, id).await).await;
        assert_eq!(code(&refused), ("forbidden", "role_missing"));
        let answer = house.send(&house.mira, &issue(&house, id).await).await;
        assert_eq!(code(&answer).0, "applied", "{answer}");
        let given = &answer["receipt"]["given"];
        assert_eq!(given["number"], "ST-2026-10-0001");
        assert_eq!(given["revision"], "1");
        assert_eq!(given["audit_head"].as_str().unwrap().len(), 64);
        let (_, statement) = house.row::<Statement>(&id.to_string()).await;
        assert_eq!(statement.state, StatementState::Issued);
        assert_eq!(statement.rests_on.len(), 2);
        assert_eq!(statement.released_by, house.mira.person);
    }
}

#[tokio::test]
async fn law_4_a_new_revision_supersedes_and_law_7_rests_on_what_was_seen() {
    for house in houses().await {
        ready(&house).await;
        let first: StatementId = house.app.store().ids().make();
        assert_eq!(code(&house.send(&house.mira, &issue(&house, first).await).await).0, "applied");
        let second: StatementId = house.app.store().ids().make();
        let open = house.send(&house.mira, &issue(&house, second).await).await;
        assert_eq!(code(&open), ("invalid", "wrong_state"), "one at a time");
        let answer = house.send(&house.mira, &seal(&house, first).await).await;
        assert_eq!(code(&answer).0, "applied", "{answer}");
        house.ground.clock.advance(std::time::Duration::from_secs(3600));
        let same = house.send(&house.mira, &issue(&house, second).await).await;
        assert_eq!(code(&same), ("invalid", "wrong_state"), "nothing has changed");
        // The late outage of 21 October arrives: October is revised, and NW-1 owes more.
        let seen = issue(&house, second).await;
        let body = northwind::outage("2026-10-21T09:00:00Z", "2026-10-21T09:45:00Z");
        let admin = house.root.person;
        let store = house.app.store();
        makegood_central::ingest::outage::apply(store, admin, northwind::SOURCE, &body)
            .await
            .unwrap();
        let stale = house.send(&house.mira, &seen).await;
        assert_eq!(code(&stale), ("stale", "stale"));
        let blocked = house.send(&house.mira, &issue(&house, second).await).await;
        assert_eq!(code(&blocked), ("invalid", "statement_blocked"), "the adjustment is undecided");
        let adjustment = northwind::credits(&house.ground, "NW-1").await.remove(1).id;
        for (seat, kind) in [
            (&house.anna, "propose_credit"),
            (&house.carla, "approve_credit"),
            (&house.david, "approve_credit"),
        ] {
            let command = house.about(kind, adjustment, json!({})).await;
            assert_eq!(code(&house.send(seat, &command).await).0, "applied");
        }
        let answer = house.send(&house.mira, &issue(&house, second).await).await;
        assert_eq!(code(&answer).0, "applied", "{answer}");
        assert_eq!(answer["receipt"]["given"]["number"], "ST-2026-10-0001");
        assert_eq!(answer["receipt"]["given"]["revision"], "2");
        assert_eq!(code(&house.send(&house.mira, &seal(&house, second).await).await).0, "applied");
        let (_, before) = house.row::<Statement>(&first.to_string()).await;
        assert_eq!(before.state, StatementState::Superseded);
        assert_eq!(before.sha256, Some("b".repeat(64)), "nothing else of it has changed");
    }
}

#[tokio::test]
async fn a_number_that_is_not_used_is_voided_on_record() {
    for house in houses().await {
        ready(&house).await;
        let id: StatementId = house.app.store().ids().make();
        house.send(&house.mira, &issue(&house, id).await).await;
        let other = crate::house::seat(
            &house.app,
            "Moritz",
            makegood_domain::person::Role::AccountManager,
            makegood_domain::person::Scope::All,
        )
        .await;
        let foreign = house.send(&other, &seal(&house, id).await).await;
        assert_eq!(code(&foreign), ("invalid", "wrong_state"), "only who released it seals it");
        let mut bad = seal(&house, id).await;
        bad["args"]["sha256"] = json!("short");
        assert_eq!(code(&house.send(&house.mira, &bad).await), ("invalid", "invalid"));
        let mut few = seal(&house, id).await;
        few["args"]["cases"] = json!([]);
        assert_eq!(code(&house.send(&house.mira, &few).await), ("invalid", "invalid"));
        let (version, _) = house.row::<Statement>(&id.to_string()).await;
        let args = json!({ "statement": id, "reason": "the desk's disk was full" });
        let void = house.command("void_statement", args, &[("statement", id.to_string(), version)]);
        assert_eq!(code(&house.send(&other, &void).await).0, "applied");
        let late = house.send(&house.mira, &seal(&house, id).await).await;
        assert_eq!(code(&late), ("invalid", "wrong_state"));
        let next: StatementId = house.app.store().ids().make();
        let answer = house.send(&house.mira, &issue(&house, next).await).await;
        assert_eq!(answer["receipt"]["given"]["number"], "ST-2026-10-0001");
        assert_eq!(answer["receipt"]["given"]["revision"], "2", "without gaps, voided ones too");
    }
}

#[tokio::test]
async fn an_unknown_customer_period_or_language_is_named() {
    for house in houses().await {
        let id: StatementId = house.app.store().ids().make();
        let good = issue(&house, id).await;
        for (field, value, expected) in [
            ("customer", json!(house.nw1.contract), "customer_unknown"),
            ("period", json!("October"), "invalid"),
            ("language", json!("fr"), "invalid"),
            ("settlements", json!([]), "stale"),
        ] {
            let mut command = good.clone();
            command["id"] = house.command("x", json!({}), &[])["id"].clone();
            command["args"][field] = value;
            let answer = house.send(&house.mira, &command).await;
            assert_eq!(answer["problem"]["code"], expected, "{field}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_month_is_stated_whole_and_not_while_a_contract_of_it_is_not_locked() {
    for house in houses().await {
        ready(&house).await;
        // Another contract of the customer's: its October is over, and nobody has locked it.
        let mut document = northwind::document();
        let mut other = document["contracts"][0].clone();
        other["number"] = json!("NW-9");
        document["contracts"] = json!([other]);
        northwind::apply(&house.ground, house.root.person, &document).await;
        let until = close::Until { now: house.ground.clock.now(), grace_days: 60 };
        close::turn(&house.ground.store, None, until).await.unwrap();
        let command = issue(&house, house.app.store().ids().make()).await;
        let answer = house.send(&house.mira, &command).await;
        assert_eq!(code(&answer).1, "statement_blocked", "{answer}");
        let reasons = &answer["problem"]["current"]["reasons"];
        let expected = json!("the measurement of NW-9 is not locked yet");
        assert_eq!(reasons[0], expected, "{}", house.ground.name);
    }
}

#[tokio::test]
async fn law_4_a_new_revision_says_what_has_changed_since_the_one_before() {
    for house in houses().await {
        // NW-1 and NW-2 are revised before anything is stated …
        let body = northwind::outage("2026-10-21T09:00:00Z", "2026-10-21T09:01:00Z");
        ingest::outage::apply(&house.ground.store, house.root.person, northwind::SOURCE, &body)
            .await
            .unwrap();
        ready(&house).await;
        let first: StatementId = house.app.store().ids().make();
        let command = issue(&house, first).await;
        assert_eq!(code(&house.send(&house.mira, &command).await).0, "applied");
        let command = seal(&house, first).await;
        assert_eq!(code(&house.send(&house.mira, &command).await).0, "applied");
        // … and one of them afterwards.
        let mut tx = house.app.store().begin(None).await.unwrap();
        let found = tx.get::<Settlement>(house.nw2.settlement).await.unwrap();
        let mut settled = found.unwrap().row;
        settled.revision += 1;
        settled.reason = Some("a fee was corrected".to_owned());
        tx.put(&settled).await.unwrap();
        let on = ("settlement", "x");
        tx.audit("settlement.revised", on, Some(settled.customer), json!({}));
        tx.commit().await.unwrap();
        let second: StatementId = house.app.store().ids().make();
        let command = issue(&house, second).await;
        assert_eq!(code(&house.send(&house.mira, &command).await).0, "applied");
        let (_, statement) = house.row::<Statement>(&second.to_string()).await;
        let why = "a fee was corrected";
        assert_eq!(statement.reason.as_deref(), Some(why), "{}", house.ground.name);
        // Nothing but the language is another, and no credit was decided.
        let command = seal(&house, second).await;
        assert_eq!(code(&house.send(&house.mira, &command).await).0, "applied");
        let third: StatementId = house.app.store().ids().make();
        let mut command = issue(&house, third).await;
        command["args"]["language"] = json!("en");
        assert_eq!(code(&house.send(&house.mira, &command).await).0, "applied");
        let (_, statement) = house.row::<Statement>(&third.to_string()).await;
        assert_eq!(statement.reason.as_deref(), Some("it is in another language now"));
    }
}
