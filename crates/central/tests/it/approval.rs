//! Law 5: four eyes that can't be walked around, with the figures of the acceptance stories.

use crate::{
    house::{House, Seat, houses, money},
    northwind,
};
use makegood_central::store;
use makegood_domain::{
    credit::{Claim, Credit, Decision},
    id::CreditId,
    person::{Role, Scope, TokenKind},
    policy::Policy,
};
use serde_json::{Value, json};
use sqlx::Row as _;

fn code(answer: &Value) -> (&str, &str) {
    (
        answer["outcome"].as_str().unwrap_or_default(),
        answer["problem"]["code"].as_str().unwrap_or_default(),
    )
}

fn applied(answer: &Value) -> &Value {
    assert_eq!(answer["outcome"], "applied", "{answer}");
    &answer["receipt"]
}

async fn decide(house: &House, seat: &Seat, kind: &str, credit: CreditId) -> Value {
    let command = house.about(kind, credit, json!({})).await;
    house.send(seat, &command).await
}

async fn goodwill(house: &House, seat: &Seat, amount: &str) -> CreditId {
    let credit: CreditId = house.app.store().ids().make();
    let args = json!({
        "credit": credit, "contract": house.nw1.contract, "window": "2026-10",
        "amount": money(amount, "EUR"), "reason": "goodwill for the trouble",
    });
    let command = house.command("propose_goodwill", args, &[]);
    applied(&house.send(seat, &command).await);
    credit
}

#[tokio::test]
async fn law_5_the_limit_counts_every_credit_of_the_group_over_currencies() {
    for house in houses().await {
        // 1,200 EUR + 800 USD × 0.90 = 720 EUR + 200 EUR = 2,120 EUR, above 1,500.
        applied(&decide(&house, &house.anna, "propose_credit", house.nw1.credit).await);
        applied(&decide(&house, &house.anna, "propose_credit", house.nw3.credit).await);
        let goodwill = goodwill(&house, &house.anna, "200").await;
        let first = decide(&house, &house.carla, "approve_credit", house.nw1.credit).await;
        let given = &applied(&first)["given"];
        assert_eq!(given["decision"], "approved_once", "{}", house.ground.name);
        assert_eq!(given["group_total"], "2120");
        assert_eq!(house.credit(house.nw1.credit).await.policy_version, Some(7));
        for id in [house.nw3.credit, goodwill] {
            let answer = decide(&house, &house.carla, "approve_credit", id).await;
            assert_eq!(applied(&answer)["given"]["decision"], "approved_once");
        }
        let second = decide(&house, &house.david, "approve_credit", house.nw1.credit).await;
        assert_eq!(applied(&second)["given"]["decision"], "approved");
        let credit = house.credit(house.nw1.credit).await;
        let steps: Vec<u8> = credit.approvals.iter().map(|step| step.step).collect();
        assert_eq!(steps, [1, 2]);
    }
}

#[tokio::test]
async fn law_5_a_customers_credits_count_in_the_group_that_it_belongs_to_now() {
    for house in houses().await {
        // The second of Northwind's customers goes its own way, and comes back.
        let groups = async |key: Option<&str>| {
            let mut document = northwind::document();
            document["customers"][1]["group"] = json!(key);
            northwind::apply(&house.ground, house.root.person, &document).await;
        };
        groups(None).await;
        for id in [house.nw1.credit, house.nw3.credit] {
            applied(&decide(&house, &house.anna, "propose_credit", id).await);
        }
        let alone = decide(&house, &house.carla, "approve_credit", house.nw3.credit).await;
        assert_eq!(applied(&alone)["given"]["group_total"], "720", "{}", house.ground.name);
        groups(Some("NW")).await;
        let given = decide(&house, &house.carla, "approve_credit", house.nw1.credit).await;
        let given = &applied(&given)["given"];
        assert_eq!(given["group_total"], "1920", "{}", house.ground.name);
        assert_eq!(given["decision"], "approved_once", "{}", house.ground.name);
    }
}

#[tokio::test]
async fn law_5_no_rate_makes_a_month_less_the_more_is_granted() {
    for house in houses().await {
        let (_, known) = house.row::<Policy>("7").await;
        for (currency, rate) in [("USD", "-1"), ("USD", "0"), ("USD", "x"), ("EUR", "2")] {
            let mut matrix = Policy { version: 8, ..known.clone() };
            matrix.rates.insert(currency.to_owned(), rate.to_owned());
            let refused = house.app.put_policy(&matrix).await.unwrap_err();
            assert_eq!(refused.code, makegood_domain::Code::Invalid, "{currency} {rate}");
            assert!(refused.message.contains(currency), "{refused}");
        }
    }
}

#[tokio::test]
async fn law_5_a_matrix_that_lacks_a_later_rate_decides_all_the_same() {
    for house in houses().await {
        applied(&decide(&house, &house.anna, "propose_credit", house.nw1.credit).await);
        let (_, mut matrix) = house.row::<Policy>("7").await;
        matrix.version = 8;
        matrix.rates.insert("GBP".to_owned(), "1.15".to_owned());
        house.app.put_policy(&matrix).await.unwrap();
        // What the group was given since, in a currency that v7 does not know.
        let pounds = Credit {
            id: house.app.store().ids().make(),
            number: "CR-900".to_owned(),
            amount: money("100", "GBP"),
            policy_version: Some(8),
            settlement: None,
            ..house.credit(house.nw1.credit).await
        };
        let mut tx = house.app.store().begin(None).await.unwrap();
        tx.put(&pounds).await.unwrap();
        tx.audit("credit.proposed", ("credit", "x"), Some(pounds.customer), json!({}));
        tx.commit().await.unwrap();
        let answer = decide(&house, &house.carla, "approve_credit", house.nw1.credit).await;
        assert_eq!(applied(&answer)["given"]["group_total"], "1315", "{}", house.ground.name);
    }
}

#[tokio::test]
async fn law_5_what_a_group_has_used_is_on_record_with_each_proposal_however_large() {
    for house in houses().await {
        let used = async || {
            let mut conn = house.app.store().reading().await.expect("reads");
            let sql = "select used from group_month";
            let rows = store::fetch(&mut conn, sql, &[]).await.expect("reads");
            rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>()
        };
        applied(&decide(&house, &house.anna, "propose_credit", house.nw1.credit).await);
        assert_eq!(used().await, ["1200"], "{}", house.ground.name);
        applied(&decide(&house, &house.anna, "propose_credit", house.nw3.credit).await);
        assert_eq!(used().await, ["1920"]);
        // Together they are more minor units than an integer of 64 bits holds.
        let first = goodwill(&house, &house.anna, "90000000000000000").await;
        let last = goodwill(&house, &house.anna, "90000000000000000").await;
        assert_eq!(used().await, ["180000000000001920"]);
        let numbers = [house.credit(first).await.number, house.credit(last).await.number];
        let number =
            |text: &str| text.strip_prefix("CR-").and_then(|text| text.parse::<i64>().ok());
        assert_eq!(number(&numbers[0]).map(|number| number + 1), number(&numbers[1]));
        let answer = decide(&house, &house.carla, "approve_credit", last).await;
        assert_eq!(applied(&answer)["given"]["group_total"], "180000000000001920");
    }
}

#[tokio::test]
async fn law_5_proposer_amender_and_first_approver_are_each_refused_and_the_audit_shows_it() {
    for house in houses().await {
        // Somebody who may both propose and approve, were it not their own.
        let roles = [Role::Csm, Role::Finance];
        let both = |name: &'static str| two_roles(&house, name, roles);
        let (proposer, amender) = (both("Paul").await, both("Ada").await);
        let id = house.nw1.credit;
        goodwill(&house, &house.anna, "400").await;
        applied(&decide(&house, &proposer, "propose_credit", id).await);
        let back = house.about("return_credit", id, json!({ "reason": "say why" })).await;
        applied(&house.send(&house.david, &back).await);
        applied(&decide(&house, &amender, "propose_credit", id).await);
        for (seat, expected) in [(&proposer, "own_proposal"), (&amender, "own_proposal")] {
            let answer = decide(&house, seat, "approve_credit", id).await;
            assert_eq!(code(&answer), ("forbidden", expected));
        }
        let first = decide(&house, &house.carla, "approve_credit", id).await;
        assert_eq!(applied(&first)["given"]["decision"], "approved_once");
        for (seat, expected) in [
            (&proposer, "own_proposal"),
            (&amender, "own_proposal"),
            (&house.carla, "same_approver"),
        ] {
            let answer = decide(&house, seat, "approve_credit", id).await;
            assert_eq!(code(&answer), ("forbidden", expected), "{answer}");
        }
        let refused = refusals(&house, id).await;
        assert_eq!(refused.iter().filter(|code| *code == "own_proposal").count(), 4);
        assert_eq!(refused.iter().filter(|code| *code == "same_approver").count(), 1);
        applied(&decide(&house, &house.david, "approve_credit", id).await);
    }
}

async fn two_roles(house: &House, name: &str, roles: [Role; 2]) -> Seat {
    let seat = crate::house::seat(&house.app, name, roles[0], Scope::All).await;
    let (_, mut person) =
        house.row::<makegood_domain::person::Person>(&seat.person.to_string()).await;
    person.roles.extend(roles);
    house.app.put_person(&person, &Scope::All).await.unwrap();
    seat
}

async fn refusals(house: &House, credit: CreditId) -> Vec<String> {
    let mut conn = house.app.store().reading().await.unwrap();
    let events = makegood_central::store::audit::events(&mut conn, 0, 1000).await.unwrap();
    assert_eq!(makegood_domain::audit::first_break(&events), None, "law 10");
    events
        .iter()
        .filter(|event| event.action == "command.refused" && event.subject == credit.to_string())
        .map(|event| event.detail["code"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn law_5_an_approval_before_a_return_is_worth_nothing_after_it() {
    for house in houses().await {
        let id = house.nw1.credit;
        goodwill(&house, &house.anna, "400").await;
        applied(&decide(&house, &house.anna, "propose_credit", id).await);
        applied(&decide(&house, &house.carla, "approve_credit", id).await);
        let back = house.about("return_credit", id, json!({ "reason": "wrong base" })).await;
        applied(&house.send(&house.david, &back).await);
        house.ground.clock.advance(std::time::Duration::from_secs(60));
        applied(&decide(&house, &house.anna, "propose_credit", id).await);
        let again = decide(&house, &house.david, "approve_credit", id).await;
        assert_eq!(applied(&again)["given"]["decision"], "approved_once");
    }
}

#[tokio::test]
async fn law_5_a_personal_token_never_approves() {
    for house in houses().await {
        applied(&decide(&house, &house.anna, "propose_credit", house.nw1.credit).await);
        let person = house.carla.person;
        let issued = house.app.issue_token(None, person, TokenKind::Personal, 30).await.unwrap();
        let script = Seat { person, token: issued.text };
        for kind in ["approve_credit", "return_credit", "not_grant_credit"] {
            let extra = if kind == "approve_credit" { json!({}) } else { json!({"reason": "x"}) };
            let command = house.about(kind, house.nw1.credit, extra).await;
            let answer = house.send(&script, &command).await;
            assert_eq!(code(&answer), ("forbidden", "token_may_not_approve"), "{kind}");
        }
    }
}

#[tokio::test]
async fn law_7_of_two_who_race_for_a_credit_one_wins_and_one_is_told() {
    for house in houses().await {
        let id = house.nw3.credit;
        applied(&decide(&house, &house.anna, "propose_credit", id).await);
        let approve = house.about("approve_credit", id, json!({})).await;
        let mut other = approve.clone();
        other["id"] = json!(house.app.store().ids().make::<makegood_domain::id::CommandId>());
        let (one, two) =
            tokio::join!(house.send(&house.carla, &approve), house.send(&house.david, &other));
        let mut outcomes =
            [one["outcome"].as_str().unwrap(), two["outcome"].as_str().unwrap()].to_vec();
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["applied", "stale"], "{}: {one} {two}", house.ground.name);
        let told = if one["outcome"] == "stale" { &one } else { &two };
        assert_eq!(told["problem"]["current"]["version"], 3);
        assert_eq!(house.credit(id).await.approvals.len(), 1);
    }
}

#[tokio::test]
async fn law_5_racing_proposals_do_not_evade_the_limit() {
    for house in houses().await {
        let one = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let two = house.about("propose_credit", house.nw3.credit, json!({})).await;
        tokio::join!(house.send(&house.anna, &one), house.send(&house.ben, &two));
        let one = house.about("approve_credit", house.nw1.credit, json!({})).await;
        let two = house.about("approve_credit", house.nw3.credit, json!({})).await;
        let (one, two) =
            tokio::join!(house.send(&house.carla, &one), house.send(&house.david, &two));
        for answer in [one, two] {
            assert_eq!(applied(&answer)["given"]["decision"], "approved_once");
            assert_eq!(applied(&answer)["given"]["group_total"], "1920");
        }
    }
}

#[tokio::test]
async fn law_7_an_amount_that_has_changed_since_is_refused_as_stale() {
    for house in houses().await {
        let id = house.nw1.credit;
        applied(&decide(&house, &house.anna, "propose_credit", id).await);
        let seen = house.about("approve_credit", id, json!({})).await;
        let mut tx = house.app.store().begin(None).await.unwrap();
        let mut credit = tx.get::<Credit>(id).await.unwrap().unwrap().row;
        credit.amount = money("3000", "EUR");
        credit.decision = Decision::Drafted;
        tx.put(&credit).await.unwrap();
        tx.audit("credit.redrafted", ("credit", &id.to_string()), None, json!({}));
        tx.commit().await.unwrap();
        let answer = house.send(&house.david, &seen).await;
        assert_eq!(code(&answer), ("stale", "stale"));
        let current = &answer["problem"]["current"];
        assert_eq!(current["row"]["amount"]["minor"], "300000");
        // The version alone does not do: the amount seen has to be the one that is there.
        let (version, _) = house.row::<Credit>(&id.to_string()).await;
        let args = json!({ "credit": id, "amount": money("1200", "EUR") });
        let command = house.command("approve_credit", args, &[("credit", id.to_string(), version)]);
        assert_eq!(code(&house.send(&house.david, &command).await), ("stale", "stale"));
    }
}

#[tokio::test]
async fn a_credit_that_must_be_claimed_waits_for_the_claim() {
    for house in houses().await {
        let id = house.nw2.credit;
        let early = decide(&house, &house.anna, "propose_credit", id).await;
        assert_eq!(code(&early), ("invalid", "wrong_state"));
        assert!(early["problem"]["message"].as_str().unwrap().contains("by 2026-11-30"), "{early}");
        house.ground.clock.advance(std::time::Duration::from_secs(25 * 86_400));
        let tomorrow = house.about("file_claim", id, json!({ "claimed_on": "2026-12-06" })).await;
        assert_eq!(code(&house.send(&house.anna, &tomorrow).await), ("invalid", "invalid"));
        let claim = house.about("file_claim", id, json!({ "claimed_on": "2026-11-20" })).await;
        applied(&house.send(&house.anna, &claim).await);
        assert_eq!(house.credit(id).await.claim, Claim::Filed);
        let answer = decide(&house, &house.anna, "propose_credit", id).await;
        assert_eq!(applied(&answer)["given"]["decision"], "proposed");
    }
}

#[tokio::test]
async fn every_step_about_a_credit_asks_for_its_role() {
    for house in houses().await {
        let id = house.nw1.credit;
        for (kind, extra) in [
            ("propose_credit", json!({})),
            ("approve_credit", json!({})),
            ("return_credit", json!({ "reason": "x" })),
            ("not_grant_credit", json!({ "reason": "x" })),
            ("file_claim", json!({ "claimed_on": "2026-11-01" })),
        ] {
            let command = house.about(kind, id, extra.clone()).await;
            for seat in [&house.mira, &house.root] {
                let mut command = command.clone();
                command["id"] = house.command("x", json!({}), &[])["id"].clone();
                let answer = house.send(seat, &command).await;
                assert_eq!(code(&answer), ("forbidden", "role_missing"), "{kind}");
            }
        }
        let not = decide(&house, &house.anna, "approve_credit", id).await;
        assert_eq!(code(&not), ("forbidden", "role_missing"));
    }
}
