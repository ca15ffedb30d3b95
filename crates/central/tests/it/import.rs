//! Imports take effect whole or not at all, and twice as once.

use crate::{
    ground::{Ground, grounds},
    northwind::{all, apply, document, maintenance, person, told, turn},
};
use makegood_central::proposal::{self, Imported};
use makegood_domain::{
    Code, Problem,
    contract::{Contract, RemedyMode, SlaLine},
    customer::Customer,
    exclusion::{Exclusion, ExclusionState},
    incident::Incident,
    person::Role,
};
use serde_json::{Value, json};

async fn refused(ground: &Ground, document: &Value) -> Problem {
    let by = person(ground, "root", Role::Admin).await;
    refused_bytes(ground, by, document.to_string().as_bytes()).await
}

async fn refused_bytes(
    ground: &Ground,
    by: makegood_domain::id::PersonId,
    bytes: &[u8],
) -> Problem {
    let customers = all::<Customer>(ground, "1 = 1", &[]).await.len();
    let problem = proposal::import(&ground.store, by, bytes).await.expect_err("is refused");
    let after = all::<Customer>(ground, "1 = 1", &[]).await.len();
    assert_eq!(customers, after, "{}: nothing is written: {problem}", ground.name);
    problem
}

/// Whoever begins with the example of the documentation finds that it is taken, and taken once.
#[tokio::test]
async fn the_documentations_example_is_taken() {
    let example = include_str!("../../../../docs/import.json");
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        person(&ground, "dana", Role::Csm).await;
        let document: Value = serde_json::from_str(example).unwrap();
        let first = apply(&ground, admin, &document).await;
        assert_eq!((first.customers, first.lines, first.exclusions), (1, 1, 1));
        assert_eq!(apply(&ground, admin, &document).await.changed, 0, "{}", ground.name);
    }
}

#[tokio::test]
async fn an_import_twice_changes_nothing() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let again = apply(&ground, admin, &document()).await;
        assert_eq!(again.changed, 0, "{}", ground.name);
        assert_eq!((again.customers, again.contracts, again.lines), (2, 3, 3));
        apply(&ground, admin, &maintenance(true)).await;
        assert_eq!(apply(&ground, admin, &maintenance(true)).await.changed, 0);
    }
}

#[tokio::test]
async fn terms_that_break_a_rule_are_refused_by_path() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let mut broken = document();
        let tiers = "/contracts/1/versions/0/lines/0/terms/credit/tiers/1/below";
        *broken.pointer_mut(tiers).expect("a bound") = json!("101");
        let problem = refused(&ground, &broken).await;
        assert_eq!(problem.code, Code::TermsInvalid);
        let path = problem.path.expect("a path");
        assert_eq!(path, "contracts[1].versions[0].lines[0].terms.credit.tiers[1].below");
        let mut unknown = document();
        unknown["contracts"][0]["versions"][0]["lines"][0]["terms"]["colour"] = json!("red");
        let problem = refused(&ground, &unknown).await;
        assert_eq!(problem.code, Code::TermsInvalid);
        assert!(problem.path.expect("a path").ends_with("lines[0].terms.colour"));
    }
}

#[tokio::test]
async fn what_is_said_twice_of_a_contract_is_refused() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        for place in ["/contracts/0/versions", "/contracts/0/versions/0/lines"] {
            let mut document = document();
            let list = document.pointer_mut(place).and_then(Value::as_array_mut).expect("a list");
            let again = list[0].clone();
            list.push(again);
            let problem = refused(&ground, &document).await;
            let path = problem.path.as_deref().expect("a path");
            let list = place.trim_start_matches('/').replace("/0", "[0]").replace('/', ".");
            assert_eq!(path, format!("{list}[1]"), "{problem}");
        }
        // Requests are kept by slots: what has none could never be computed.
        let mut document = document();
        document["contracts"][0]["versions"][0]["lines"][0]["terms"]["measure"] =
            json!({ "requests": {} });
        let problem = refused(&ground, &document).await;
        assert_eq!(problem.code, Code::TermsInvalid);
        let path = problem.path.as_deref();
        assert_eq!(path, Some("contracts[0].versions[0].lines[0].terms.measure"), "{problem}");
    }
}

#[tokio::test]
async fn a_customer_that_nobody_knows_is_named() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let mut document = document();
        document["contracts"][2]["customer"] = json!("NW-XX");
        let problem = refused(&ground, &document).await;
        assert_eq!(problem.code, Code::CustomerUnknown);
        assert_eq!(problem.path.as_deref(), Some("contracts[2].customer"));
        assert!(problem.message.contains("NW-XX"), "{problem}");
    }
}

#[tokio::test]
async fn what_is_malformed_is_named_by_its_place() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let cases = [
            ("/customers/0/country", json!("Germany"), "customers[0].country"),
            ("/customers/0/time_zone", json!("Europe/Atlantis"), "customers[0].time_zone"),
            ("/customers/0/locale", json!("German"), "customers[0].locale"),
            ("/customers/0/locale", json!("de_DE"), "customers[0].locale"),
            ("/legal_entities/0/locale", json!(""), "legal_entities[0].locale"),
            (
                "/legal_entities/0/functional_currency",
                json!("EURO"),
                "legal_entities[0].functional_currency",
            ),
            ("/legal_entities/0/name", json!(" "), "legal_entities[0].name"),
            ("/groups/0/name", json!("North\twind"), "groups[0].name"),
            (
                "/legal_entities/0/letterhead",
                json!({ "heading": "blue" }),
                "legal_entities[0].letterhead.heading",
            ),
            ("/contracts/0/currency", json!("EUX"), "contracts[0].currency"),
            (
                "/contracts/0/versions/0/lines/0/name",
                json!("API\u{1f}availability"),
                "contracts[0].versions[0].lines[0].name",
            ),
            ("/contracts/0/combine", json!("all"), "contracts[0].combine"),
            ("/contracts/0/legal_entity", json!("XX"), "contracts[0].legal_entity"),
            ("/contracts/0/cap", json!({ "percent": "ten" }), "contracts[0].cap.percent"),
            (
                "/contracts/0/versions/0/lines/0/charges/0/amount",
                json!("12,000"),
                "contracts[0].versions[0].lines[0].charges[0].amount",
            ),
            (
                "/contracts/0/versions/0/lines/0/charges/0/frequency",
                json!("weekly"),
                "contracts[0].versions[0].lines[0].charges[0].frequency",
            ),
            (
                "/contracts/0/versions/0/valid_from",
                json!("2026-08-31"),
                "contracts[0].versions[0].valid_from",
            ),
            ("/customers/1/csm", json!("nobody"), "customers[1].csm"),
            ("/format", json!("makegood/import/2"), "format"),
            ("/contracts/1/number", json!("NW-1"), "contracts[1]"),
            ("/contracts/0/number", json!(" "), "contracts[0].number"),
            ("/customers/1/key", json!("NW-DE"), "customers[1]"),
            ("/customers/1/name", json!("North\nwind"), "customers[1].name"),
            ("/incidents/0/ended_at", json!("2026-10-14T03:09:59Z"), "incidents[0].ended_at"),
        ];
        for (place, value, path) in cases {
            let mut document = document();
            if let Some(found) = document.pointer_mut(place) {
                *found = value;
            } else {
                let (parent, key) = place.rsplit_once('/').expect("a key");
                document.pointer_mut(parent).expect("a parent")[key] = value;
            }
            let problem = refused(&ground, &document).await;
            let code = if place.ends_with("cap") { Code::TermsInvalid } else { Code::Invalid };
            assert_eq!((problem.code, problem.path.as_deref()), (code, Some(path)), "{problem}");
        }
    }
}

#[tokio::test]
async fn keys_that_stand_twice_or_are_unknown_and_broken_text_are_refused() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let by = person(&ground, "root", Role::Admin).await;
        let cases: [(&[u8], Code); 4] = [
            (br#"{"format":"makegood/import/1","format":"makegood/import/1"}"#, Code::Invalid),
            (br#"{"format":"makegood/import/1","colour":"red"}"#, Code::Invalid),
            (b"{\"format\":\"makegood/import/1\",\"groups\":[{\"key\":\"a\xff\",\"name\":\"b\"}]}", Code::TextInvalid),
            (br#"{"format":"makegood/import/1","groups":[{"key":"a\u0000","name":"b"}]}"#, Code::TextInvalid),
        ];
        for (bytes, code) in cases {
            assert_eq!(refused_bytes(&ground, by, bytes).await.code, code);
        }
    }
}

#[tokio::test]
async fn law_5_nobody_admits_what_they_proposed_by_an_import() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut own = maintenance(true);
        // Nor is it said to be admitted by somebody who may not.
        person(&ground, "sam", Role::AccountManager).await;
        for by in ["dana", "sam"] {
            own["exclusions"][0]["decided_by"] = json!(by);
            let problem = refused_bytes(&ground, admin, own.to_string().as_bytes()).await;
            assert_eq!(problem.path.as_deref(), Some("exclusions[0].decided_by"), "{by}");
        }
    }
}

/// Whoever has somebody else propose it could decide it next, alone.
#[tokio::test]
async fn law_5_an_exclusion_in_somebody_elses_name_takes_a_second_person() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        let lee = person(&ground, "lee", Role::Finance).await;
        let dana = person(&ground, "dana", Role::Csm).await;
        let bytes = maintenance(false).to_string();
        let theirs = proposal::import(&ground.store, lee, bytes.as_bytes()).await.unwrap();
        assert!(matches!(theirs, Imported::Waiting(_)), "{}: {theirs:?}", ground.name);
        let own = proposal::import(&ground.store, dana, bytes.as_bytes()).await.unwrap();
        assert!(matches!(own, Imported::Applied(_)), "{}: {own:?}", ground.name);
    }
}

#[tokio::test]
async fn what_a_document_tells_again_without_a_number_is_no_second_incident() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut document = document();
        document["incidents"][0].as_object_mut().unwrap().remove("number");
        document["incidents"][0]["title"] = json!("Packet loss");
        for _ in 0..2 {
            apply(&ground, admin, &document).await;
        }
        let told = all::<Incident>(&ground, "1 = 1", &[]).await;
        let named = told.iter().filter(|one| one.title == "Packet loss").count();
        assert_eq!(named, 1, "{}: {told:?}", ground.name);
    }
}

#[tokio::test]
async fn what_an_undecided_exclusion_lacked_is_added_and_a_decided_one_stays() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut first = maintenance(false);
        for at in 0..2 {
            first["exclusions"][at].as_object_mut().unwrap().remove("notified_at");
        }
        let stands = async || {
            let all = all::<Exclusion>(&ground, "1 = 1", &[]).await;
            all.iter().map(|one| (one.state, one.notified_at.is_some())).collect::<Vec<_>>()
        };
        apply(&ground, admin, &first).await;
        assert_eq!(stands().await, [(ExclusionState::Proposed, false); 2], "{}", ground.name);
        apply(&ground, admin, &maintenance(false)).await;
        assert_eq!(stands().await, [(ExclusionState::Proposed, true); 2], "{}", ground.name);
        apply(&ground, admin, &maintenance(true)).await;
        assert_eq!(stands().await, [(ExclusionState::Admitted, true); 2], "{}", ground.name);
        apply(&ground, admin, &first).await;
        assert_eq!(stands().await, [(ExclusionState::Admitted, true); 2], "{}", ground.name);
    }
}

/// What the customer reads of claiming and of the form stands in the terms: the record does not say otherwise.
#[tokio::test]
async fn what_a_line_does_not_say_of_its_remedy_its_terms_do() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let mut document = document();
        document["contracts"].as_array_mut().unwrap().truncate(1);
        let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
        line.as_object_mut().unwrap().remove("remedy");
        line["terms"]["credit"]["claim"] = json!({ "required": true, "within": "30d" });
        line["terms"]["credit"]["form"] = json!("service_days");
        let mut other = document.clone();
        let remedy = json!({ "mode": "proactive", "form": "invoice" });
        other["contracts"][0]["versions"][0]["lines"][0]["remedy"] = remedy;
        let problem = refused(&ground, &other).await;
        let place = "contracts[0].versions[0].lines[0].remedy.form";
        assert_eq!(problem.path.as_deref(), Some(place), "{problem}");
        apply(&ground, person(&ground, "root", Role::Admin).await, &document).await;
        let rule = all::<SlaLine>(&ground, "1 = 1", &[]).await.remove(0).remedy;
        assert_eq!((rule.mode, rule.claim_within_days), (RemedyMode::Invite, Some(30)));
        assert_eq!(rule.form.as_str(), "service_days", "{}", ground.name);
        // What is on record stays where a document says nothing of it.
        let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
        line["remedy"] = json!({ "mode": "proactive" });
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &document).await;
        let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
        line.as_object_mut().unwrap().remove("remedy");
        assert_eq!(apply(&ground, admin, &document).await.changed, 0, "{}", ground.name);
    }
}

#[tokio::test]
async fn two_charges_of_one_frequency_from_one_day_are_refused() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let mut twice = document();
        let charges = &mut twice["contracts"][0]["versions"][0]["lines"][0]["charges"];
        let mut other = charges[0].clone();
        other["amount"] = json!("2000.00");
        charges.as_array_mut().unwrap().push(other);
        let problem = refused(&ground, &twice).await;
        let place = "contracts[0].versions[0].lines[0].charges[1]";
        assert_eq!(problem.path.as_deref(), Some(place), "{problem}");
    }
}

#[tokio::test]
async fn law_4_terms_in_force_never_change() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut terms = document();
        terms["contracts"][0]["versions"][0]["lines"][0]["terms"]["objective"] = json!("99.5");
        let problem = refused_bytes(&ground, admin, terms.to_string().as_bytes()).await;
        assert_eq!(problem.path.as_deref(), Some("contracts[0].versions[0].lines[0].terms"));
    }
}

#[tokio::test]
async fn an_amendment_is_a_version_that_ends_the_one_before() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut amended = document();
        let mut next = amended["contracts"][0]["versions"][0].clone();
        next["number"] = json!(2);
        next["valid_from"] = json!("2026-10-14T22:00:00Z");
        next["lines"][0]["terms"]["objective"] = json!("99.5");
        amended["contracts"][0]["versions"].as_array_mut().expect("a list").push(next);
        apply(&ground, admin, &amended).await;
        let contracts: Vec<Contract> = all(&ground, "number = 'NW-1'", &[]).await;
        assert_eq!(contracts[0].version_number, 2);
        let lines: Vec<SlaLine> = all(&ground, "1 = 1 order by id", &[]).await;
        let mut of: Vec<&SlaLine> =
            lines.iter().filter(|line| line.contract == contracts[0].id).collect();
        of.sort_by_key(|line| line.active_from);
        assert_eq!(of.len(), 2);
        assert_eq!(of[0].active_to, of[1].active_from, "{}", ground.name);
        turn(&ground, "2026-11-04T06:00:00Z").await;
        let (settlement, _) = crate::northwind::october(&ground, "NW-1").await;
        assert_eq!(settlement.lines.len(), 2, "the window is split");
    }
}
