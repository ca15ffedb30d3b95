//! Law 5 for what drives money and for who may decide: one proposes, another puts it in force.

use crate::{
    house::{House, Seat, houses, seat},
    northwind,
};
use makegood_central::proposal::{self, Decision, Imported};
use makegood_domain::{
    customer::Customer,
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    proposal::{Difference, ProposalState},
};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::Digest as _;
use std::process::Command;

async fn post(house: &House, by: &Seat, path: &str, body: &Value) -> Response {
    let request = house.http.post(house.url(path)).bearer_auth(&by.token);
    request.json(body).send().await.unwrap()
}

/// Proposes something that has to wait; what waits.
async fn proposed(house: &House, by: &Seat, path: &str, body: &Value) -> Value {
    let response = post(house, by, path, body).await;
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    answer
}

/// What somebody says to it: the status, and the answer.
async fn say(house: &House, by: &Seat, proposal: &Value, said: Value) -> (u16, Value) {
    let path = format!("/v1/proposals/{}/decision", proposal["id"].as_str().unwrap());
    let response = post(house, by, &path, &said).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

fn in_force(proposal: &Value) -> Value {
    json!({ "put_in_force": { "seen": proposal["seen"] } })
}

/// Northwind's import with another monthly charge for NW-1.
fn charged(amount: &str) -> Value {
    let mut document = northwind::document();
    document["contracts"][0]["versions"][0]["lines"][0]["charges"][0]["amount"] = json!(amount);
    document
}

#[tokio::test]
async fn law_5_an_imported_fee_is_a_difference_that_somebody_else_rejects() {
    for house in houses().await {
        let made = proposed(&house, &house.carla, "/v1/import", &charged("12500.00")).await;
        let differences = made["differences"].as_array().unwrap();
        assert_eq!(differences.len(), 1, "{made}");
        assert_eq!(
            differences[0]["subject"],
            "NW-1, version 1, API availability, monthly from 2026-09-01"
        );
        assert_eq!(differences[0]["field"], "amount");
        assert_eq!(differences[0]["before"], "EUR 12000.00");
        assert_eq!(differences[0]["after"], "EUR 12500.00");
        assert_eq!(differences[0]["drives_money"], true);
        let (status, answer) = say(&house, &house.carla, &made, in_force(&made)).await;
        assert_eq!((status, &answer["code"]), (403, &json!("own_proposal")));
        let (status, _) = say(&house, &house.anna, &made, in_force(&made)).await;
        assert_eq!(status, 403, "a CSM decides no fees");
        let no = json!({ "refuse": { "reason": "the order form says 12,000" } });
        let (status, answer) = say(&house, &house.david, &made, no).await;
        assert_eq!((status, &answer["state"]), (200, &json!("refused")));
        let (status, answer) = say(&house, &house.root, &made, in_force(&made)).await;
        assert_eq!((status, &answer["code"]), (409, &json!("wrong_state")));
        let (settlement, _) = northwind::october(&house.ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.minor()), (1, 120_000));
    }
}

#[tokio::test]
async fn law_4_a_corrected_fee_revises_what_is_locked_and_the_rest_is_adjusted() {
    for house in houses().await {
        let path = "/v1/import?dry_run=true";
        let tried = post(&house, &house.root, path, &charged("12500.00")).await;
        let tried: Value = tried.json().await.unwrap();
        assert_eq!(tried["differences"][0]["after"], "EUR 12500.00");
        let made = proposed(&house, &house.root, "/v1/import", &charged("12500.00")).await;
        let (settlement, _) = northwind::october(&house.ground, "NW-1").await;
        assert_eq!(settlement.revision, 1, "neither a dry run nor a proposal changes anything");
        let (status, answer) = say(&house, &house.carla, &made, in_force(&made)).await;
        assert_eq!((status, &answer["state"]), (200, &json!("in_force")), "{answer}");
        let (settlement, _) = northwind::october(&house.ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.minor()), (2, 125_000));
        assert_eq!(settlement.reason.as_deref(), Some("the credit base was corrected"));
        assert_eq!(settlement.lines[0].fee, "12500.00");
        // Its neighbours over the same series stay as they are.
        assert_eq!(northwind::october(&house.ground, "NW-2").await.0.revision, 1);
    }
}

#[tokio::test]
async fn law_7_who_decides_a_proposal_decides_about_the_differences_they_saw() {
    for house in houses().await {
        let one = proposed(&house, &house.root, "/v1/import", &charged("12500.00")).await;
        let two = proposed(&house, &house.root, "/v1/import", &charged("13000.00")).await;
        let (status, _) = say(&house, &house.carla, &one, in_force(&one)).await;
        assert_eq!(status, 200);
        let (status, answer) = say(&house, &house.carla, &two, in_force(&two)).await;
        assert_eq!((status, &answer["code"]), (409, &json!("stale")));
        let path = format!("/v1/proposals/{}", two["id"].as_str().unwrap());
        let again: Value = house.get(&house.carla, &path).await.json().await.unwrap();
        assert_eq!(again["differences"][0]["before"], "EUR 12500.00");
        let (status, answer) = say(&house, &house.carla, &two, in_force(&two)).await;
        assert_eq!((status, &answer["code"]), (409, &json!("stale")), "the old digest is not it");
        let (status, _) = say(&house, &house.carla, &again, in_force(&again)).await;
        assert_eq!(status, 200);
        let (settlement, _) = northwind::october(&house.ground, "NW-1").await;
        assert_eq!((settlement.revision, settlement.total.minor()), (3, 130_000));
    }
}

#[tokio::test]
async fn what_no_money_rests_on_takes_effect_at_once_and_another_group_does_not() {
    for house in houses().await {
        let mut document = northwind::document();
        document["customers"][0]["name"] = json!("Northwind Europe GmbH");
        let response = post(&house, &house.root, "/v1/import", &document).await;
        assert_eq!(response.status(), StatusCode::OK);
        // A sibling in another group would have a limit of its own.
        document["groups"].as_array_mut().unwrap().push(json!({ "key": "X", "name": "Elsewhere" }));
        document["customers"][1]["group"] = json!("X");
        let made = proposed(&house, &house.root, "/v1/import", &document).await;
        assert_eq!(made["differences"][0]["before"], "Northwind");
        assert_eq!(made["differences"][0]["after"], "Elsewhere");
        let list: Value =
            house.get(&house.carla, "/v1/proposals?state=proposed").await.json().await.unwrap();
        assert_eq!(list.as_array().unwrap().len(), 1);
        // So would one in a group of the same name.
        document["groups"].as_array_mut().unwrap()[1]["name"] = json!("Northwind");
        let namesake = proposed(&house, &house.root, "/v1/import", &document).await;
        assert_eq!(namesake["differences"][0]["field"], "group_key");
        assert_eq!(namesake["differences"][0]["after"], "X");
        say(&house, &house.root, &namesake, json!({ "withdraw": {} })).await;
        let mut decided = northwind::maintenance(true);
        decided["exclusions"][0]["proposed_by"] = json!("dana");
        proposed(&house, &house.root, "/v1/import", &decided).await;
        let withdrawn = say(&house, &house.root, &made, json!({ "withdraw": {} })).await;
        assert_eq!(withdrawn.1["state"], "withdrawn");
    }
}

fn wanted(name: &str, role: &str) -> Value {
    json!({ "issuer": "https://id.example", "subject": name, "name": name, "roles": [role] })
}

async fn known(house: &House, name: &str) -> Option<Person> {
    let mut conn = house.app.store().reading().await.unwrap();
    let issuer = "https://id.example";
    makegood_central::store::person::by_subject(&mut conn, issuer, name).await.unwrap()
}

#[tokio::test]
async fn law_5_one_administrator_mints_nobody() {
    for house in houses().await {
        let second = seat(&house.app, "Second", Role::Admin, Scope::All).await;
        let made = proposed(&house, &house.root, "/v1/people", &wanted("mallory", "finance")).await;
        assert!(known(&house, "mallory").await.is_none());
        let (status, answer) = say(&house, &house.root, &made, in_force(&made)).await;
        assert_eq!((status, &answer["code"]), (403, &json!("own_proposal")));
        let (status, _) = say(&house, &house.carla, &made, in_force(&made)).await;
        assert_eq!(status, 403, "finance decides about fees, not about people");
        let issued = house.app.issue_token(None, second.person, TokenKind::Personal, 30).await;
        let script = Seat { person: second.person, token: issued.unwrap().text };
        let (status, answer) = say(&house, &script, &made, in_force(&made)).await;
        assert_eq!((status, &answer["code"]), (403, &json!("token_may_not_approve")));
        let (status, _) = say(&house, &second, &made, in_force(&made)).await;
        assert_eq!(status, 200);
        assert_eq!(known(&house, "mallory").await.unwrap().roles, [Role::Finance].into());
        // Nobody confirms what they gain themselves, and nobody proposes what is so already.
        let made = proposed(&house, &house.root, "/v1/people", &wanted("second", "finance")).await;
        let (status, answer) = say(&house, &second, &made, in_force(&made)).await;
        assert_eq!((status, &answer["code"]), (403, &json!("own_proposal")));
        let same = post(&house, &house.root, "/v1/people", &wanted("mallory", "finance")).await;
        assert_eq!(same.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn law_5_the_approval_matrix_changes_by_two_and_what_is_proposed_keeps_its_version() {
    for house in houses().await {
        let second = seat(&house.app, "Second", Role::Admin, Scope::All).await;
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        assert_eq!(house.send(&house.anna, &command).await["outcome"], "applied");
        let mut next = house.row::<Policy>("7").await.1;
        next.version = 8;
        next.limit = crate::house::money("1000000", "EUR");
        let made = proposed(&house, &house.root, "/v1/policy", &json!(next)).await;
        let fields: Vec<_> =
            made["differences"].as_array().unwrap().iter().map(|one| &one["field"]).collect();
        assert_eq!(fields, ["limit", "version"]);
        let (status, _) = say(&house, &second, &made, in_force(&made)).await;
        assert_eq!(status, 200);
        assert_eq!(house.credit(house.nw1.credit).await.policy_version, Some(7));
        let mut older = next.clone();
        older.version = 8;
        let refused = post(&house, &house.root, "/v1/policy", &json!(older)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn law_10_every_step_of_a_proposal_is_on_record() {
    for house in houses().await {
        let made = proposed(&house, &house.root, "/v1/import", &charged("12500.00")).await;
        say(&house, &house.carla, &made, in_force(&made)).await;
        let mut conn = house.app.store().reading().await.unwrap();
        let events = makegood_central::store::audit::events(&mut conn, 0, 10_000).await.unwrap();
        assert_eq!(makegood_domain::audit::first_break(&events), None);
        let about = |event: &&makegood_domain::audit::AuditEvent| event.subject == made["id"];
        let steps: Vec<_> = events.iter().filter(about).collect();
        let actions: Vec<_> = steps.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["proposal.made", "proposal.in_force"]);
        assert_eq!(steps[1].person, Some(house.carla.person));
        assert_eq!(steps[1].detail["differences"], made["seen"]);
        let charge = events.iter().rfind(|event| event.action == "charge.imported").unwrap();
        assert_eq!(charge.detail["before"]["amount"], "12000.00");
        assert_eq!(charge.detail["after"]["amount"], "12500.00");
    }
}

#[tokio::test]
async fn a_first_import_is_put_in_force_as_it_was_seen() {
    for ground in crate::ground::grounds("2026-09-01T00:00:00Z").await {
        let app = crate::house::open(&ground).await;
        let by = northwind::person(&ground, "root", Role::Admin).await;
        let lee = seat(&app, "Lee", Role::Finance, Scope::All).await;
        let bytes = northwind::document().to_string();
        let imported = proposal::import(app.store(), by, bytes.as_bytes()).await.unwrap();
        let Imported::Waiting(made) = imported else { panic!("{imported:?}") };
        assert!(northwind::all::<Customer>(&ground, "1 = 1", &[]).await.is_empty());
        let seen = Decision::PutInForce(Difference::digest(&made.differences));
        let mut conn = app.store().reading().await.unwrap();
        let hash = hex::encode(sha2::Sha256::digest(lee.token.as_bytes()));
        let now = ground.clock.now();
        let actor = makegood_central::store::actor::by_hash(&mut conn, &hash, now).await;
        drop(conn);
        let actor = actor.unwrap();
        let decided = proposal::decide(app.store(), &actor, made.id, seen).await;
        assert_eq!(decided.unwrap().state, ProposalState::InForce, "{}", ground.name);
        assert_eq!(northwind::all::<Customer>(&ground, "1 = 1", &[]).await.len(), 2);
    }
}

#[tokio::test]
async fn where_there_is_no_approval_matrix_the_ways_to_one_are_named() {
    for ground in crate::ground::grounds("2026-09-01T00:00:00Z").await {
        let mut conn = ground.store.reading().await.unwrap();
        let none = makegood_central::store::policy::in_force(&mut conn).await.unwrap_err();
        for way in ["POST /v1/policy", "makegood-central policy put"] {
            assert!(none.message.contains(way), "{none}");
        }
    }
}

#[tokio::test]
async fn law_5_a_lone_administrator_is_joined_by_a_second_one_and_by_nobody_else() {
    for house in houses().await {
        let put = |subject: &str, more: &[&str]| {
            let done = Command::new(env!("CARGO_BIN_EXE_makegood-central"))
                .args(["--database", &house.ground.url, "person", "put", "--name", subject])
                .args(["--issuer", "https://id.example", "--subject", subject])
                .args(more)
                .output();
            let done = done.unwrap();
            let said = [done.stdout, done.stderr].concat();
            (done.status.success(), String::from_utf8_lossy(&said).into_owned())
        };
        // There are contracts, and whoever imported them has left: what Root proposes now, nobody could decide.
        let left = Person {
            id: house.app.store().ids().make(),
            issuer: "test".to_owned(),
            subject: "root".to_owned(),
            name: "Somebody who left".to_owned(),
            roles: [].into(),
        };
        house.app.put_person(&left, &Scope::All).await.unwrap();
        let one = house.gmbh.to_string();
        for more in [
            &["--role", "finance"][..],
            &["--role", "admin", "--role", "finance"],
            &["--role", "admin", "--customer", &one],
        ] {
            let (ok, said) = put("second", more);
            assert!(!ok && said.contains("person put … --role admin"), "{more:?}: {said}");
        }
        assert!(known(&house, "second").await.is_none());
        let (ok, said) = put("second", &["--role", "admin"]);
        assert!(ok, "{said}");
        let second = known(&house, "second").await.unwrap();
        let second = crate::house::session(&house.app, second.id).await;
        let made = proposed(&house, &house.root, "/v1/people", &wanted("zoe", "finance")).await;
        assert_eq!(say(&house, &second, &made, in_force(&made)).await.0, 200);
        // From two on it takes two.
        let (ok, said) = put("third", &["--role", "admin"]);
        assert!(!ok && said.contains("POST /v1/people"), "{said}");
    }
}
