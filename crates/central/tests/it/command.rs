//! Commands: exactly once (law 6), as seen (law 7), on record (law 10).

use crate::house::{House, Owed, houses, money};
use makegood_central::{command, store};
use makegood_domain::{
    Code,
    breach::{Breach, BreachState},
    command::Outcome,
    exclusion::Exclusion,
    id::{CommandId, CreditId, ExclusionId, NoteId},
    incident::{Hit, Incident},
    note::Note,
    person::TokenKind,
    settlement::Settlement,
};
use serde_json::{Value, json};
use std::time::Duration;

fn code(answer: &Value) -> (&str, &str) {
    (
        answer["outcome"].as_str().unwrap_or_default(),
        answer["problem"]["code"].as_str().unwrap_or_default(),
    )
}

async fn review(house: &House, version: i64) -> Value {
    let note: NoteId = house.app.store().ids().make();
    let args = json!({
        "breach": house.nw1.breach, "root_cause": "Ingress misconfigured",
        "narratives": { "en": "Our ingress was down.", "de": "Unser Eingang war gestört." },
        "note": "Watch the rollout", "note_id": note,
    });
    house.command("review_breach", args, &[("breach", house.nw1.breach.to_string(), version)])
}

#[tokio::test]
async fn law_6_the_same_id_is_answered_the_same_for_ever() {
    for house in houses().await {
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let first = house.send(&house.anna, &command).await;
        assert_eq!(first["duplicate"], false);
        let again = house.batch(&house.anna, &[command.clone(), command.clone()]).await;
        for mut answer in again {
            assert_eq!(answer["duplicate"], true);
            answer["duplicate"] = json!(false);
            assert_eq!(answer, first);
        }
        // A refusal, too; even when the reason is gone.
        let early = house.about("approve_credit", house.nw3.credit, json!({})).await;
        let refused = house.send(&house.carla, &early).await;
        assert_eq!(code(&refused), ("invalid", "wrong_state"));
        let mut stored = house.send(&house.carla, &early).await;
        stored["duplicate"] = json!(false);
        assert_eq!(stored, refused);
        // The id is not good for anything else, nor for anybody else.
        let mut other = house.about("propose_credit", house.nw3.credit, json!({})).await;
        other["id"] = command["id"].clone();
        assert_eq!(code(&house.send(&house.anna, &other).await), ("invalid", "invalid"));
        assert_eq!(code(&house.send(&house.ben, &command).await), ("invalid", "invalid"));
    }
}

#[tokio::test]
async fn law_6_the_same_command_is_known_again_as_a_later_release_writes_it() {
    for house in houses().await {
        let hit = house.row::<Breach>(&house.nw1.breach.to_string()).await.1.incident.unwrap();
        let version = house.row::<Incident>(&hit.to_string()).await.0;
        let args = json!({
            "incident": hit, "root_cause": "Ingress misconfigured",
            "first_degraded_at": null, "detected_at": null,
        });
        let base = [("incident", hit.to_string(), version)];
        let command = house.command("review_incident", args, &base);
        let first = house.send(&house.anna, &command).await;
        assert_eq!(first["outcome"], "applied", "{first}");
        // What an older one left out for being empty, and the same moment in other words.
        let mut later = command.clone();
        later["args"]["narratives"] = json!({});
        later["decided_at"] = json!("2026-11-09T08:00:00+00:00");
        let mut again = house.send(&house.anna, &later).await;
        assert_eq!(again["duplicate"], true, "{again}");
        again["duplicate"] = json!(false);
        assert_eq!(again, first);
        // What says something else is something else.
        let text = json!({ (house.gmbh.to_string()): { "en": "Our ingress was down." } });
        for (field, value) in [("narratives", text), ("root_cause", json!("Something else"))] {
            let mut other = later.clone();
            other["args"][field] = value;
            assert_eq!(code(&house.send(&house.anna, &other).await), ("invalid", "invalid"));
        }
        later["base"] = json!([]);
        assert_eq!(code(&house.send(&house.anna, &later).await), ("invalid", "invalid"));
    }
}

#[tokio::test]
async fn law_6_a_command_after_its_token_ended_waits_for_a_good_one() {
    for house in houses().await {
        for revoked in [false, true] {
            let store = house.app.store();
            let session = TokenKind::Session;
            let issued = house.app.issue_token(None, house.anna.person, session, 1).await.unwrap();
            let mut conn = store.reading().await.unwrap();
            let now = house.ground.clock.now();
            let asker = store::actor::by_id(&mut conn, issued.id, now).await.unwrap();
            drop(conn);
            // As a batch is answered: who asks was let in before the first of it.
            let goodwill = |owed: &Owed| {
                let credit: CreditId = store.ids().make();
                let args = json!({
                    "credit": credit, "contract": owed.contract, "window": "2026-10",
                    "amount": money("200", "EUR"), "reason": "for the trouble",
                });
                house.command("propose_goodwill", args, &[])
            };
            let batch = [goodwill(&house.nw1), goodwill(&house.nw1)];
            let id =
                |at: usize| -> CommandId { batch[at]["id"].as_str().unwrap().parse().unwrap() };
            let one = command::answer(&house.app, &asker, id(0), batch[0].clone()).await.unwrap();
            assert!(matches!(one.outcome, Outcome::Applied { .. }), "{one:?}");
            let ended = if revoked {
                house.app.revoke_token(issued.id).await.unwrap();
                Code::TokenInvalid
            } else {
                house.ground.clock.advance(Duration::from_secs(25 * 60 * 60));
                Code::TokenExpired
            };
            let two = command::answer(&house.app, &asker, id(1), batch[1].clone()).await;
            assert_eq!(two.unwrap_err().code, ended);
            let mut tx = store.begin(None).await.unwrap();
            assert!(tx.answered(id(1)).await.unwrap().is_none(), "it is not answered for ever");
            drop(tx);
            let answers = house.batch(&house.anna, &batch).await;
            assert_eq!(answers[0]["duplicate"], true);
            assert_eq!(answers[1]["outcome"], "applied", "{}", answers[1]);
            assert_eq!(answers[1]["duplicate"], false);
        }
    }
}

#[tokio::test]
async fn law_6_the_same_command_sent_twice_at_once_takes_effect_once() {
    for house in houses().await {
        let credit: CreditId = house.app.store().ids().make();
        let args = json!({
            "credit": credit, "contract": house.nw1.contract, "window": "2026-10",
            "amount": money("200", "EUR"), "reason": "for the trouble",
        });
        let command = house.command("propose_goodwill", args, &[]);
        let (one, two) =
            tokio::join!(house.send(&house.anna, &command), house.send(&house.anna, &command));
        assert_eq!(one["receipt"], two["receipt"], "{one} {two}");
        assert_ne!(one["duplicate"], two["duplicate"]);
    }
}

#[tokio::test]
async fn goodwill_names_a_window_as_a_contract_may_have_it() {
    for house in houses().await {
        for (window, outcome) in
            [("2026-Q4", "applied"), ("2026-10-31", "applied"), ("2026-10-32", "invalid")]
        {
            let credit: CreditId = house.app.store().ids().make();
            let args = json!({
                "credit": credit, "contract": house.nw1.contract, "window": window,
                "amount": money("200", "EUR"), "reason": "for the trouble",
            });
            let command = house.command("propose_goodwill", args, &[]);
            let answer = house.send(&house.anna, &command).await;
            assert_eq!(answer["outcome"], outcome, "{window}: {answer}");
        }
    }
}

#[tokio::test]
async fn one_unreadable_command_does_not_hold_up_the_batch() {
    for house in houses().await {
        let id = || house.app.store().ids().make::<CommandId>();
        let good = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let batch = [
            json!({ "id": id(), "kind": "fly", "args": {} }),
            json!({ "id": id(), "decided_at": "2026-11-09T08:00:00Z", "kind": "approve_credit",
                    "args": { "credit": "none" } }),
            json!({ "id": id(), "decided_at": "2026-11-09T08:00:00Z", "kind": "return_credit",
                    "args": { "credit": house.nw1.credit, "reason": "a\u{0}b" }, "base": [] }),
            good,
        ];
        let answers = house.batch(&house.anna, &batch).await;
        let codes: Vec<_> = answers.iter().map(code).collect();
        assert_eq!(
            codes,
            [
                ("invalid", "invalid"),
                ("invalid", "invalid"),
                ("invalid", "text_invalid"),
                ("applied", "")
            ]
        );
        let nameless = house.http.post(house.url("/v1/commands")).bearer_auth(&house.anna.token);
        let response = nameless.json(&json!([{ "kind": "fly" }])).send().await.unwrap();
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["code"], "invalid");
        assert_eq!(problem["path"], "[0].id");
    }
}

#[tokio::test]
async fn law_7_a_command_that_names_no_version_or_an_old_one_is_refused() {
    for house in houses().await {
        let id = house.nw1.credit;
        let amount = house.credit(id).await.amount;
        let args = json!({ "credit": id, "amount": amount });
        let blind = house.command("propose_credit", args.clone(), &[]);
        let answer = house.send(&house.anna, &blind).await;
        assert_eq!(code(&answer), ("invalid", "invalid"));
        let old = house.command("propose_credit", args, &[("credit", id.to_string(), 99)]);
        let answer = house.send(&house.anna, &old).await;
        assert_eq!(code(&answer), ("stale", "stale"));
        assert_eq!(answer["problem"]["current"]["row"]["number"], house.credit(id).await.number);
        let ghost: CreditId = house.app.store().ids().make();
        let args = json!({ "credit": ghost, "amount": amount });
        let nothing = house.command("propose_credit", args, &[("credit", ghost.to_string(), 1)]);
        assert_eq!(code(&house.send(&house.anna, &nothing).await), ("invalid", "not_found"));
    }
}

#[tokio::test]
async fn a_review_keeps_root_cause_narratives_and_an_internal_note() {
    for house in houses().await {
        let (version, breach) = house.row::<Breach>(&house.nw1.breach.to_string()).await;
        let command = review(&house, version).await;
        let answer = house.send(&house.anna, &command).await;
        assert_eq!(answer["outcome"], "applied", "{answer}");
        let (_, reviewed) = house.row::<Breach>(&house.nw1.breach.to_string()).await;
        assert_eq!(reviewed.state, BreachState::Confirmed);
        assert_eq!(reviewed.reviewed_by, Some(house.anna.person));
        assert_eq!(reviewed.incident, breach.incident, "the incident of the import");
        let args = [
            makegood_central::store::Arg::text(house.gmbh),
            makegood_central::store::Arg::text(reviewed.incident.unwrap()),
        ];
        let hits: Vec<Hit> =
            crate::northwind::all(&house.ground, "customer = $1 and incident = $2", &args).await;
        assert_eq!(hits[0].narratives["de"], "Unser Eingang war gestört.");
        assert_eq!(hits[0].root_cause.as_deref(), Some("Ingress misconfigured"));
        let note = command["args"]["note_id"].as_str().unwrap();
        let (_, note) = house.row::<Note>(note).await;
        assert_eq!((note.visibility.as_str(), note.by), ("internal", house.anna.person));
        // Finance does not review; an old version does not count; a language must be one we write.
        let stale = review(&house, version).await;
        assert_eq!(code(&house.send(&house.ben, &stale).await), ("stale", "stale"));
        let refused = review(&house, version + 1).await;
        assert_eq!(code(&house.send(&house.carla, &refused).await), ("forbidden", "role_missing"));
        let mut foreign = review(&house, version + 1).await;
        foreign["args"]["narratives"] = json!({ "tlh": "nuqneH" });
        assert_eq!(code(&house.send(&house.ben, &foreign).await), ("invalid", "invalid"));
        // What was wrong in one language is taken back; the other one stays as it is.
        let mut again = review(&house, version + 1).await;
        again["args"]["narratives"] = json!({ "de": "" });
        assert_eq!(code(&house.send(&house.ben, &again).await).0, "applied");
        let (_, hit) = house.row::<Hit>(&hits[0].id.to_string()).await;
        let told: Vec<_> = hit.narratives.into_iter().collect();
        assert_eq!(told, [("en".to_owned(), "Our ingress was down.".to_owned())]);
    }
}

#[tokio::test]
async fn a_breach_is_put_off_with_a_reason_and_a_later_day() {
    for house in houses().await {
        let key = house.nw3.breach.to_string();
        let (version, _) = house.row::<Breach>(&key).await;
        let snooze = |until: &str, reason: &str| {
            let args = json!({ "breach": house.nw3.breach, "until": until, "reason": reason });
            house.command("snooze_breach", args, &[("breach", key.clone(), version)])
        };
        for (until, reason) in [("2026-11-01T00:00:00Z", "later"), ("2026-12-01T00:00:00Z", " ")] {
            let answer = house.send(&house.anna, &snooze(until, reason)).await;
            assert_eq!(code(&answer), ("invalid", "invalid"));
        }
        let good = snooze("2026-12-01T00:00:00Z", "waits for the vendor");
        assert_eq!(code(&house.send(&house.anna, &good).await).0, "applied");
        let (_, breach) = house.row::<Breach>(&key).await;
        assert_eq!(breach.state, BreachState::Snoozed);
    }
}

fn maintenance(house: &House, exclusion: ExclusionId) -> Value {
    let args = json!({
        "exclusion": exclusion, "breach": house.nw1.breach, "kind": "planned_maintenance",
        "from": "2026-10-14T03:55:00Z", "to": "2026-10-14T04:05:00Z",
        "notified_at": "2026-10-11T03:55:00Z", "clause": "5.1",
    });
    house.command("propose_exclusion", args, &[])
}

#[tokio::test]
async fn law_5_an_exclusion_is_admitted_by_a_second_person_and_revises_the_locked_month() {
    for house in houses().await {
        let exclusion: ExclusionId = house.app.store().ids().make();
        let key = exclusion.to_string();
        let answer = house.send(&house.anna, &maintenance(&house, exclusion)).await;
        assert_eq!(code(&answer).0, "applied", "{answer}");
        let decide = |admit: bool, reason: Option<&str>, version: i64| {
            let args = json!({ "exclusion": exclusion, "admit": admit, "reason": reason });
            house.command("decide_exclusion", args, &[("exclusion", key.clone(), version)])
        };
        let own = house.send(&house.anna, &decide(true, None, 1)).await;
        assert_eq!(code(&own), ("forbidden", "own_proposal"));
        let why = house.send(&house.ben, &decide(false, None, 1)).await;
        assert_eq!(code(&why), ("invalid", "invalid"));
        let answer = house.send(&house.ben, &decide(true, None, 1)).await;
        assert_eq!(code(&answer).0, "applied", "{answer}");
        let (_, settlement) = house.row::<Settlement>(&house.nw1.settlement.to_string()).await;
        assert_eq!(settlement.revision, 2, "law 4");
        assert_eq!(settlement.lines[0].percent.as_deref(), Some("99.885880"));
        let reason = settlement.reason.unwrap();
        assert!(reason.contains("exclusion admitted"), "{reason}");
        assert_eq!(house.credit(house.nw1.credit).await.amount, money("1200", "EUR"));
        let path = format!("/v1/settlements/{}/case", house.nw1.settlement);
        let old = house.get(&house.anna, &format!("{path}?revision=1")).await;
        assert!(old.text().await.unwrap().contains("99.863534"));
        let new = house.get(&house.anna, &path).await.text().await.unwrap();
        assert!(new.contains("99.885880"));
        let none = house.get(&house.anna, &format!("{path}?revision=3")).await;
        assert_eq!(none.status(), 404);
        let twice = house.send(&house.ben, &decide(false, Some("no"), 2)).await;
        assert_eq!(code(&twice), ("invalid", "wrong_state"));
    }
}

#[tokio::test]
async fn an_exclusion_that_the_terms_do_not_know_or_that_lies_elsewhere_is_refused() {
    for house in houses().await {
        for (field, value, path) in [
            ("kind", "force_majeure", "kind"),
            ("to", "2026-10-14T03:55:00Z", "to"),
            ("from", "2026-11-14T03:55:00Z", "to"),
        ] {
            let mut command = maintenance(&house, house.app.store().ids().make());
            command["args"][field] = json!(value);
            let answer = house.send(&house.anna, &command).await;
            assert_eq!(code(&answer), ("invalid", "invalid"));
            assert_eq!(answer["problem"]["path"], path);
        }
        let id: ExclusionId = house.app.store().ids().make();
        let refused = house.send(&house.carla, &maintenance(&house, id)).await;
        assert_eq!(code(&refused), ("forbidden", "role_missing"));
        let mut conn = house.app.store().reading().await.unwrap();
        let found = makegood_central::store::get::<Exclusion>(&mut conn, id).await.unwrap();
        assert!(found.is_none());
    }
}

#[tokio::test]
async fn law_10_every_command_stands_in_the_chain_without_names() {
    for house in houses().await {
        let version = house.row::<Breach>(&house.nw1.breach.to_string()).await.0;
        let command = review(&house, version).await;
        house.send(&house.anna, &command).await;
        let mut conn = house.app.store().reading().await.unwrap();
        let events = makegood_central::store::audit::events(&mut conn, 0, 1000).await.unwrap();
        assert_eq!(makegood_domain::audit::first_break(&events), None);
        let event = events.iter().rev().find(|event| event.action == "breach.reviewed").unwrap();
        assert_eq!(event.person, Some(house.anna.person));
        assert_eq!(event.detail["command"], command["id"]);
        assert_eq!(event.detail["seen"][0]["version"], version);
        let text = serde_json::to_string(&events).unwrap();
        assert!(!text.contains("Anna") && !text.contains("Northwind"));
    }
}
