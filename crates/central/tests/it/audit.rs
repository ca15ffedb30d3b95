//! Law 10: the record shows what was done to it, and what its authors saw.

use crate::{
    ground::{Ground, grounds},
    house::{House, houses, seat},
};
use makegood_central::{
    audit::{self, Known},
    store::{self, Arg, Store},
};
use makegood_domain::{
    Code,
    id::CustomerId,
    note::Note,
    person::{Role, Scope},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A chain of so many events: more than one page where it is more than 500.
async fn chain(ground: &Ground, length: usize) {
    let mut tx = ground.store.begin(None).await.unwrap();
    for number in 0..length {
        let customer: CustomerId = ground.store.ids().make();
        let note = Note {
            id: ground.store.ids().make(),
            customer,
            subject_entity: "customer".into(),
            subject: customer.to_string(),
            visibility: "internal".into(),
            language: "en".into(),
            text: "seen".into(),
            by: ground.store.ids().make(),
            at: ground.clock.now(),
        };
        tx.put(&note).await.unwrap();
        let detail = json!({ "number": number });
        tx.audit("note.written", ("note", &note.id.to_string()), Some(customer), detail);
    }
    tx.commit().await.unwrap();
}

/// Somebody who can write to the database, and goes past central.
async fn tamper(store: &Store, statements: &[&str]) {
    let mut tx = store.begin(None).await.unwrap();
    for sql in statements {
        assert!(tx.execute(sql, &[]).await.unwrap() > 0, "{sql}");
    }
    tx.commit().await.unwrap();
}

async fn body(store: &Store, position: i64) -> String {
    let mut conn = store.reading().await.unwrap();
    let sql = "select body from audit_event where position = $1";
    let rows = store::fetch(&mut conn, sql, &[Arg::Int(position)]).await.unwrap();
    store::text(&rows[0], 0).unwrap()
}

async fn put_body(store: &Store, position: i64, body: &str) {
    let mut tx = store.begin(None).await.unwrap();
    let sql = "update audit_event set body = $1 where position = $2";
    tx.execute(sql, &[Arg::text(body), Arg::Int(position)]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Where the chain breaks, and why.
async fn verdict(store: &Store, known: &[Known]) -> (String, String) {
    let problem = audit::verify(store, 1, known).await.unwrap_err();
    assert_eq!(problem.code, Code::VerificationFailed);
    (problem.path.unwrap_or_default(), problem.message)
}

#[tokio::test]
async fn law_10_a_chain_that_nobody_touched_is_whole_from_wherever_one_begins() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        let empty = audit::verify(&ground.store, 1, &[]).await.unwrap();
        assert_eq!((empty.to, empty.head), (0, "0".repeat(64)));
        chain(&ground, 1203).await;
        let whole = audit::verify(&ground.store, 1, &[]).await.unwrap();
        assert_eq!(whole.to, 1203);
        let known = [format!("A-1203:{}", whole.head), whole.head.clone()];
        let known: Vec<Known> = known.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(audit::verify(&ground.store, 900, &known).await.unwrap().head, whole.head);
        let mut lines = Vec::new();
        let count = audit::export(&ground.store, 7, 1100, &mut lines).await.unwrap();
        let lines = String::from_utf8(lines).unwrap();
        let events: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((count, events.len()), (1094, 1094));
        assert_eq!((&events[0]["position"], &events[1093]["position"]), (&json!(7), &json!(1100)));
    }
}

#[tokio::test]
async fn law_10_whatever_is_altered_in_a_row_is_found_where_it_stands() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        chain(&ground, 620).await;
        let store = &ground.store;
        let written = body(store, 610).await;
        let mut rehashed: makegood_domain::audit::AuditEvent =
            serde_json::from_str(&written).unwrap();
        rehashed.detail = json!({ "number": 1 });
        rehashed.hash = rehashed.computed_hash();
        let bodies = [
            (written.replace("\"number\":609", "\"number\":1"), "it was altered"),
            (store::to_json(&rehashed).unwrap(), "it was replaced"),
            (written.replace(",\"detail\"", ", \"detail\""), "not written as central writes it"),
            ("{}".to_owned(), "can't be read"),
        ];
        for (tampered, why) in bodies {
            assert_ne!(tampered, written, "{why}");
            put_body(store, 610, &tampered).await;
            let found = verdict(store, &[]).await;
            assert_eq!(found.0, "A-610", "{}: {}", ground.name, found.1);
            assert!(found.1.contains(why), "{}: {}", ground.name, found.1);
            put_body(store, 610, &written).await;
        }
        for (column, other) in
            [("action", "'note.read'"), ("customer", "null"), ("id", "'0'"), ("version", "2")]
        {
            let set = format!("update audit_event set {column} = {other} where position = 610");
            tamper(store, &["update audit_event set version = 1 where position = 1", &set]).await;
            let found = verdict(store, &[]).await;
            assert_eq!(found.0, "A-610", "{}: {}", ground.name, found.1);
            assert!(found.1.contains(&format!("column {column} ")), "{}", found.1);
            restore_columns(store, &written).await;
        }
        audit::verify(store, 1, &[]).await.unwrap();
    }
}

async fn restore_columns(store: &Store, written: &str) {
    let event: Value = serde_json::from_str(written).unwrap();
    let text = |key: &str| event[key].as_str().unwrap();
    let sql = format!(
        "update audit_event set action = '{}', customer = '{}', id = '{}', version = 1 \
         where position = 610",
        text("action"),
        text("customer"),
        text("id")
    );
    tamper(store, &[&sql]).await;
}

#[tokio::test]
async fn law_10_what_is_taken_out_or_moved_is_found_where_it_was() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        chain(&ground, 20).await;
        let store = &ground.store;
        let renumber = |from: i64, to: i64| {
            format!("update audit_event set position = {to} where position = {from}")
        };
        let swap = [renumber(7, 99), renumber(8, 7), renumber(99, 8)];
        let swap: Vec<&str> = swap.iter().map(String::as_str).collect();
        tamper(store, &swap).await;
        let found = verdict(store, &[]).await;
        assert_eq!(found.0, "A-7", "{}", found.1);
        assert!(found.1.contains("column position"), "{}", found.1);
        tamper(store, &swap).await;
        audit::verify(store, 1, &[]).await.unwrap();

        tamper(store, &["delete from audit_event where position = 7"]).await;
        let found = verdict(store, &[]).await;
        assert_eq!(found.0, "A-7", "{}", found.1);
        assert!(found.1.contains("missing: A-8 follows A-6"), "{}", found.1);
        let from = audit::verify(store, 8, &[]).await.unwrap_err();
        assert_eq!(from.path.as_deref(), Some("A-7"), "the event before has to be there, too");
        // Closing the gap does not hide it.
        for position in 8..=20 {
            tamper(store, &[&renumber(position, position - 1)]).await;
        }
        assert_eq!(verdict(store, &[]).await.0, "A-7");
    }
}

#[tokio::test]
async fn law_10_an_end_that_was_cut_off_is_found_by_a_head_that_was_kept() {
    for ground in grounds("2026-10-01T00:00:00Z").await {
        chain(&ground, 20).await;
        let store = &ground.store;
        let head = audit::verify(store, 1, &[]).await.unwrap().head;
        let cut = "delete from audit_event where position > 17";
        tamper(store, &[cut]).await;
        let found = verdict(store, &[]).await;
        assert_eq!(found.0, "A-18", "what was sent to desks is missed: {}", found.1);
        tamper(store, &["delete from feed where entity = 'audit_event'"]).await;
        audit::verify(store, 1, &[]).await.expect("by itself, a shorter chain is a chain");
        let found = verdict(store, &[format!("A-20:{head}").parse().unwrap()]).await;
        assert_eq!(found.0, "A-18", "{}", found.1);
        assert!(found.1.contains("A-20 was on record"), "{}", found.1);
        let found = verdict(store, &[head.parse().unwrap()]).await;
        assert!(found.1.contains(&head), "{}", found.1);
    }
}

/// Carla approves what Anna proposed; the position of the approval.
async fn approved(house: &House) -> String {
    let propose = house.about("propose_credit", house.nw1.credit, json!({})).await;
    assert_eq!(house.send(&house.anna, &propose).await["outcome"], "applied");
    let approve = house.about("approve_credit", house.nw1.credit, json!({})).await;
    let answer = house.send(&house.carla, &approve).await;
    assert_eq!(answer["outcome"], "applied", "{answer}");
    answer["receipt"]["number"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn law_7_what_an_approver_saw_can_be_shown_again() {
    for house in houses().await {
        let position = approved(&house).await;
        let path = format!("/v1/audit/{position}");
        let shown: Value = house.get(&house.anna, &path).await.json().await.unwrap();
        let credit = house.credit(house.nw1.credit).await;
        let approval = &credit.approvals[0];
        assert_eq!(shown["event"]["person"], json!(house.carla.person));
        assert_eq!(shown["saw"]["approval"], json!(approval));
        assert_eq!(shown["saw"]["amount"], json!(credit.amount));
        assert_eq!(shown["saw"]["agrees"], true);
        assert_eq!(shown["saw"]["settlement"]["revision"], credit.settlement_revision);
        let (_, settlement) = house
            .row::<makegood_domain::settlement::Settlement>(&house.nw1.settlement.to_string())
            .await;
        assert_eq!(shown["saw"]["settlement"]["case_hash"], json!(settlement.case_hash));
        assert_eq!(shown["event"]["detail"]["seen"][0]["version"], shown["saw"]["version"]);

        // Somebody else's approval slipped in afterwards does not agree.
        let sql = format!("update approval set seen_hash = 'x' where id = '{}'", approval.id);
        tamper(house.app.store(), &[&sql]).await;
        let shown: Value = house.get(&house.anna, &path).await.json().await.unwrap();
        assert_eq!(shown["saw"]["agrees"], false);

        let outside = Scope::Customers([house.inc].into());
        let ines = seat(&house.app, "Ines", Role::Csm, outside).await;
        for (place, status) in [(position.as_str(), 403), ("A-1", 403), ("A-99999", 404)] {
            let answer = house.get(&ines, &format!("/v1/audit/{place}")).await;
            assert_eq!(answer.status(), status, "{place}");
        }
        let nonsense = house.get(&house.anna, "/v1/audit/first").await;
        assert_eq!(nonsense.status(), 404);
    }
}

#[tokio::test]
async fn law_10_a_batch_of_evidence_is_one_event_with_its_digest() {
    for house in houses().await {
        let pushes = [
            (
                "outages",
                r#"{"outages": [
                {"service": "api", "from": "2026-11-02T00:00:00Z", "to": "2026-11-02T00:10:00Z"},
                {"service": "web", "from": "2026-11-02T00:00:00Z", "to": "2026-11-02T00:10:00Z"}]}"#,
            ),
            (
                "slots",
                r#"{"slots": [{"service": "api", "slot_seconds": 60,
                "start": "2026-11-03T00:00:00Z", "runs": [{"count": 60, "requests": 1, "errors": 0}]}]}"#,
            ),
            ("probes?hold=48h", "service,observed_at,state\nmail,2026-11-02T00:00:00Z,up\n"),
        ];
        for (route, pushed) in pushes {
            let before = events(&house).await.len();
            for _ in 0..2 {
                let url = house.url(&format!("/v1/evidence/fresh/{route}"));
                let request = house.http.post(url).bearer_auth(&house.root.token);
                let answer = request.body(pushed).send().await.unwrap();
                assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
            }
            let added: Vec<_> = events(&house).await.split_off(before);
            assert_eq!(added.len(), 1, "{route}: what changes nothing leaves no event");
            let digest = hex::encode(Sha256::digest(pushed.as_bytes()));
            assert_eq!(added[0].detail["sha256"], digest, "{route}");
        }
    }
}

async fn events(house: &House) -> Vec<makegood_domain::audit::AuditEvent> {
    let mut conn = house.app.store().reading().await.unwrap();
    store::audit::events(&mut conn, 0, 100_000).await.unwrap()
}
