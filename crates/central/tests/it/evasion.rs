//! Law 5: attempts to walk around the four eyes, each of which fails.

use crate::house::{House, Seat, houses, money, seat};
use makegood_domain::{
    credit::Decision,
    id::{ContractId, CreditId},
    person::{Role, Scope},
    policy::Policy,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

async fn decide(house: &House, seat: &Seat, kind: &str, credit: CreditId) -> Value {
    let command = house.about(kind, credit, json!({})).await;
    house.send(seat, &command).await
}

fn code(answer: &Value) -> &str {
    answer["problem"]["code"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

fn became(answer: &Value) -> &str {
    assert_eq!(answer["outcome"], "applied", "{answer}");
    answer["receipt"]["given"]["decision"].as_str().unwrap()
}

async fn goodwill(
    house: &House,
    by: &Seat,
    contract: ContractId,
    amount: (&str, &str),
) -> CreditId {
    let credit: CreditId = house.app.store().ids().make();
    let args = json!({
        "credit": credit, "contract": contract, "window": "2026-10",
        "amount": money(amount.0, amount.1), "reason": "for the trouble",
    });
    let answer = house.send(by, &house.command("propose_goodwill", args, &[])).await;
    assert_eq!(became(&answer), "proposed");
    credit
}

/// One administrator proposes, another puts in force.
async fn by_two(house: &House, path: &str, body: &Value) -> Value {
    let second = seat(&house.app, "Second", Role::Admin, Scope::All).await;
    let made = house.http.post(house.url(path)).bearer_auth(&house.root.token).json(body).send();
    let made: Value = made.await.unwrap().json().await.unwrap();
    let path = format!("/v1/proposals/{}/decision", made["id"].as_str().unwrap_or_default());
    let said = json!({ "put_in_force": { "seen": made["seen"] } });
    let said = house.http.post(house.url(&path)).bearer_auth(&second.token).json(&said).send();
    let said = said.await.unwrap();
    assert_eq!(said.status(), StatusCode::OK, "{made} {}", said.text().await.unwrap());
    made
}

#[tokio::test]
async fn law_5_neither_splitting_nor_siblings_nor_currencies_nor_contracts_evade_the_limit() {
    for house in houses().await {
        // Four parts, each far below EUR 1,500: two contracts, two legal entities, two currencies.
        let parts = [
            (house.nw1.contract, ("400", "EUR")),
            (house.nw2.contract, ("400", "EUR")),
            (house.nw3.contract, ("400", "USD")),
            (house.nw3.contract, ("400", "USD")),
        ];
        let mut credits = Vec::new();
        for (contract, amount) in parts {
            credits.push(goodwill(&house, &house.anna, contract, amount).await);
        }
        // 400 + 400 + 360 + 360 = 1,520.
        for credit in credits {
            let answer = decide(&house, &house.carla, "approve_credit", credit).await;
            assert_eq!(became(&answer), "approved_once", "{}", house.ground.name);
        }
        // What is approved already counts against what comes later in the month.
        let small = goodwill(&house, &house.ben, house.nw1.contract, ("1", "EUR")).await;
        let answer = decide(&house, &house.david, "approve_credit", small).await;
        assert_eq!(became(&answer), "approved_once");
    }
}

#[tokio::test]
async fn law_5_goodwill_beside_what_is_owed_counts_with_it() {
    for house in houses().await {
        goodwill(&house, &house.anna, house.nw1.contract, ("300", "EUR")).await;
        decide(&house, &house.ben, "propose_credit", house.nw1.credit).await;
        let answer = decide(&house, &house.carla, "approve_credit", house.nw1.credit).await;
        assert_eq!(became(&answer), "approved_once", "1,200 + 300 is the limit itself");
    }
}

#[tokio::test]
async fn law_5_of_two_approvals_that_race_never_both_count_alone() {
    for house in houses().await {
        let rounds = std::env::var("MAKEGOOD_RACES").ok().and_then(|text| text.parse().ok());
        for round in 0..rounds.unwrap_or(100_u32) {
            house.ground.clock.advance(Duration::from_secs(32 * 86_400));
            let house = &house;
            let (carla, david) = sessions(house).await;
            let anna = crate::house::session(&house.app, house.anna.person).await;
            let one = goodwill(house, &anna, house.nw1.contract, ("800", "EUR")).await;
            let two = goodwill(house, &anna, house.nw3.contract, ("800", "USD")).await;
            let first = house.about("approve_credit", one, json!({})).await;
            let other = house.about("approve_credit", two, json!({})).await;
            let (first, other) =
                tokio::join!(house.send(&carla, &first), house.send(&david, &other));
            // 800 + 720 = 1,520: both wait for a second approver, whoever came first.
            assert_eq!(
                (became(&first), became(&other)),
                ("approved_once", "approved_once"),
                "{round}"
            );
            assert_eq!(first["receipt"]["given"]["group_total"], "1520");
        }
    }
}

async fn sessions(house: &House) -> (Seat, Seat) {
    let carla = crate::house::session(&house.app, house.carla.person).await;
    (carla, crate::house::session(&house.app, house.david.person).await)
}

#[tokio::test]
async fn law_5_a_role_approves_up_to_its_limit_and_above_it_another_role_has_to() {
    for house in houses().await {
        let mut next = house.row::<Policy>("7").await.1;
        next.version = 8;
        next.role_limits = BTreeMap::from([(Role::Finance, money("5000", "EUR"))]);
        by_two(&house, "/v1/policy", &json!(next)).await;
        let chief = seat(&house.app, "Chief", Role::Controller, Scope::All).await;
        let credit = goodwill(&house, &house.anna, house.nw1.contract, ("5000", "EUR")).await;
        let answer = decide(&house, &house.carla, "approve_credit", credit).await;
        assert_eq!(became(&answer), "approved_once", "up to and with the limit");
        // Another credit takes the month above it: finance's second approval no longer does.
        goodwill(&house, &house.ben, house.nw3.contract, ("1", "USD")).await;
        let answer = decide(&house, &house.david, "approve_credit", credit).await;
        assert_eq!(
            (answer["outcome"].as_str(), code(&answer)),
            (Some("forbidden"), "limit_exceeded")
        );
        let why = answer["problem"]["message"].as_str().unwrap();
        assert!(why.contains("EUR 5000.9") && why.contains("controller"), "{why}");
        assert_eq!(house.credit(credit).await.decision, Decision::ApprovedOnce);
        let answer = decide(&house, &chief, "approve_credit", credit).await;
        assert_eq!(became(&answer), "approved");
    }
}

fn away(house: &House, delegate: &Seat, until: &str) -> Value {
    json!({
        "person": house.carla.person, "delegate": delegate.person,
        "from": "2026-11-09T00:00:00Z", "to": until,
    })
}

#[tokio::test]
async fn law_5_a_delegate_approves_in_somebody_s_place_until_the_day_that_was_named() {
    for house in houses().await {
        let wanted = away(&house, &house.mira, "2026-11-20T00:00:00Z");
        let made = by_two(&house, "/v1/delegations", &wanted).await;
        assert_eq!(made["differences"][0]["subject"], "Mira approves");
        decide(&house, &house.anna, "propose_credit", house.nw1.credit).await;
        let answer = decide(&house, &house.mira, "approve_credit", house.nw1.credit).await;
        assert_eq!(became(&answer), "approved");
        let approvals = house.credit(house.nw1.credit).await.approvals;
        assert_eq!(approvals[0].person, house.mira.person);
        assert_eq!(approvals[0].delegated_from, Some(house.carla.person));
        // Nothing else comes with it.
        let exclusion = json!({ "exclusion": house.nw1.credit, "admit": true });
        let command = house.command("decide_exclusion", exclusion, &[]);
        assert_eq!(code(&house.send(&house.mira, &command).await), "role_missing");
        house.ground.clock.advance(Duration::from_secs(11 * 86_400));
        decide(&house, &house.anna, "propose_credit", house.nw3.credit).await;
        let answer = decide(&house, &house.mira, "approve_credit", house.nw3.credit).await;
        assert_eq!(code(&answer), "role_missing", "the delegation has ended");
    }
}

#[tokio::test]
async fn law_5_a_delegate_is_no_second_voice_of_whom_they_act_for() {
    for house in houses().await {
        by_two(&house, "/v1/delegations", &away(&house, &house.mira, "2026-12-20T00:00:00Z")).await;
        goodwill(&house, &house.anna, house.nw3.contract, ("900", "USD")).await;
        decide(&house, &house.anna, "propose_credit", house.nw1.credit).await;
        let answer = decide(&house, &house.carla, "approve_credit", house.nw1.credit).await;
        assert_eq!(became(&answer), "approved_once");
        let answer = decide(&house, &house.mira, "approve_credit", house.nw1.credit).await;
        assert_eq!(code(&answer), "same_approver");
        // Nor does she end what he has approved.
        let against = json!({ "reason": "no" });
        let command = house.about("not_grant_credit", house.nw1.credit, against).await;
        let answer = house.send(&house.mira, &command).await;
        assert_eq!(code(&answer), "same_approver");
        // The other way round, too.
        let second = goodwill(&house, &house.anna, house.nw1.contract, ("900", "EUR")).await;
        let answer = decide(&house, &house.mira, "approve_credit", second).await;
        assert_eq!(became(&answer), "approved_once");
        let answer = decide(&house, &house.carla, "approve_credit", second).await;
        assert_eq!(code(&answer), "same_approver");
        let answer = decide(&house, &house.david, "approve_credit", second).await;
        assert_eq!(became(&answer), "approved");
    }
}

#[tokio::test]
async fn law_5_a_delegation_takes_two_and_never_oneself() {
    for house in houses().await {
        let second = seat(&house.app, "Second", Role::Admin, Scope::All).await;
        let post = |by: &Seat, body: Value| {
            house.http.post(house.url("/v1/delegations")).bearer_auth(&by.token).json(&body).send()
        };
        // Carla may ask for it herself; for somebody else only an administrator may.
        let own =
            post(&house.carla, away(&house, &house.mira, "2026-11-20T00:00:00Z")).await.unwrap();
        assert_eq!(own.status(), StatusCode::ACCEPTED);
        let other =
            post(&house.david, away(&house, &house.mira, "2026-11-20T00:00:00Z")).await.unwrap();
        assert_eq!(other.status(), StatusCode::FORBIDDEN);
        for (field, value) in [
            ("delegate", json!(house.carla.person)),
            ("person", json!(house.anna.person)),
            ("to", json!("2026-11-08T00:00:00Z")),
        ] {
            let mut body = away(&house, &house.mira, "2026-11-20T00:00:00Z");
            body[field] = value;
            let refused = post(&house.root, body).await.unwrap();
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        }
        let to_second =
            post(&house.root, away(&house, &second, "2026-11-20T00:00:00Z")).await.unwrap();
        let made: Value = to_second.json().await.unwrap();
        let path = format!("/v1/proposals/{}/decision", made["id"].as_str().unwrap());
        let said = json!({ "put_in_force": { "seen": made["seen"] } });
        let said = house.http.post(house.url(&path)).bearer_auth(&second.token).json(&said).send();
        assert_eq!(said.await.unwrap().status(), StatusCode::FORBIDDEN, "it is about themselves");
    }
}

#[tokio::test]
async fn an_auditor_sees_who_may_do_what_and_how_they_come_in() {
    for house in houses().await {
        by_two(&house, "/v1/delegations", &away(&house, &house.mira, "2026-11-20T00:00:00Z")).await;
        seat(&house.app, "=cmd()", Role::Csm, Scope::All).await;
        let lines: Value = house.get(&house.root, "/v1/access-review").await.json().await.unwrap();
        let of = |name: &str| -> Vec<&Value> {
            lines.as_array().unwrap().iter().filter(|line| line["name"] == name).collect()
        };
        let ways: Vec<_> = of("Mira").iter().map(|line| line["way"].as_str().unwrap()).collect();
        assert_eq!(ways, ["session", "delegation", "person"]);
        assert_eq!(of("Mira")[1]["by"], "Carla");
        assert_eq!(of("Mira")[1]["until"], "2026-11-20T00:00:00+00:00");
        let text = house.get(&house.root, "/v1/access-review?format=csv").await;
        let text = text.text().await.unwrap();
        assert_eq!(text.lines().count(), lines.as_array().unwrap().len() + 1);
        assert!(text.contains("'=cmd()") && !text.contains(",=cmd()"), "{text}");
        assert!(!text.contains("mgd_"));
        let people: Value = house.get(&house.root, "/v1/people").await.json().await.unwrap();
        let of = |name: &str| -> Value {
            let all = people.as_array().unwrap();
            all.iter().find(|one| one["name"] == name).unwrap().clone()
        };
        let mira = of("Mira");
        assert_eq!(
            (&mira["roles"], &mira["customers"]),
            (&json!(["account_manager"]), &Value::Null)
        );
        assert_eq!(mira["acts_for"][0]["person"], json!(house.carla.person));
        assert_eq!(
            (&mira["tokens"], &mira["last_seen"]),
            (&json!(1), &Value::Null),
            "never came in"
        );
        assert_eq!(of("Root")["last_seen"], "2026-11-09");
        assert!(of("Root")["tokens"].as_u64().unwrap() > 0);
    }
}
