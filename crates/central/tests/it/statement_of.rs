//! Statements of one contract and of a whole group: numbered with the customer's, revised by
//! themselves, and seen whole or not at all.

use crate::{
    house::{House, Owed, Seat, houses, seat},
    northwind,
    statement::{code, decide_all, issue, ready, review, seal},
};
use makegood_central::store::feed::View;
use makegood_domain::{
    audit::AuditEvent,
    credit::Decision,
    customer::Customer,
    id::{AcknowledgementId, DeliveryId, StatementId},
    person::{Role, Scope},
    settlement::Settlement,
    statement::{Statement, StatementState},
    wire::{Body, Change, Entity, Part},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OCTOBER: &str = "2026-10";

/// The command for a statement of a contract or the group, over what is there now.
async fn issue_of(house: &House, id: StatementId, of: &Value, period: &str) -> Value {
    let all: Vec<Settlement> = northwind::all(&house.ground, "1 = 1 order by id", &[]).await;
    let told = |one: &&Settlement| match of["kind"].as_str() {
        Some("contract") => of["id"] == json!(one.contract),
        Some("group") => true,
        _ => one.customer == house.gmbh,
    };
    let settlements: Vec<Value> = all
        .iter()
        .filter(|one| one.ends_in(period))
        .filter(told)
        .map(|one| json!([one.id, one.revision]))
        .collect();
    let args = json!({
        "statement": id, "customer": house.gmbh, "period": period, "language": "en",
        "settlements": settlements, "of": of,
    });
    house.command("issue_statement", args, &[])
}

pub(crate) fn contract(owed: &Owed) -> Value {
    json!({ "kind": "contract", "id": owed.contract })
}

async fn group(house: &House) -> Value {
    let (_, gmbh) = house.row::<Customer>(&house.gmbh.to_string()).await;
    json!({ "kind": "group", "id": gmbh.group })
}

/// Issues it, which has to succeed: its number and revision.
pub(crate) async fn issued(
    house: &House,
    id: StatementId,
    of: &Value,
    period: &str,
) -> (String, String) {
    let answer = house.send(&house.mira, &issue_of(house, id, of, period).await).await;
    assert_eq!(code(&answer).0, "applied", "{of}: {answer}");
    let given = &answer["receipt"]["given"];
    let text = |key: &str| given[key].as_str().unwrap().to_owned();
    (text("number"), text("revision"))
}

pub(crate) async fn sealed(house: &House, id: StatementId) {
    let answer = house.send(&house.mira, &seal(house, id).await).await;
    assert_eq!(code(&answer).0, "applied", "{answer}");
}

async fn statement(house: &House, id: StatementId) -> Statement {
    house.row::<Statement>(&id.to_string()).await.1
}

/// Everything of the group reviewed and decided.
async fn all_ready(house: &House) {
    ready(house).await;
    review(house, house.nw3.breach).await;
    decide_all(house, house.nw3.credit).await;
}

#[tokio::test]
async fn a_contract_and_a_group_are_numbered_among_the_customers_without_gaps() {
    for house in houses().await {
        let ids = house.app.store().ids();
        let [one, two, whole, all, late] = [(); 5].map(|()| ids.make::<StatementId>());
        // NW-2 and NW-3 wait: NW-1's statement does not.
        review(&house, house.nw1.breach).await;
        decide_all(&house, house.nw1.credit).await;
        let of = contract(&house.nw1);
        let (number, revision) = issued(&house, one, &of, OCTOBER).await;
        assert_eq!((number.as_str(), revision.as_str()), ("ST-2026-10-0001", "1"));
        for of in [contract(&house.nw2), group(&house).await, json!({ "kind": "customer" })] {
            let command = issue_of(&house, two, &of, OCTOBER).await;
            let answer = house.send(&house.mira, &command).await;
            assert_eq!(code(&answer).1, "statement_blocked", "{of}: {answer}");
        }
        let again = house.send(&house.mira, &issue_of(&house, late, &of, OCTOBER).await).await;
        assert_eq!(code(&again).1, "wrong_state", "one at a time: {again}");
        review(&house, house.nw2.breach).await;
        // The one that is still open does not hold up those of something else.
        let (number, _) = issued(&house, two, &contract(&house.nw2), OCTOBER).await;
        assert_eq!(number, "ST-2026-10-0002");
        let answer = house.send(&house.mira, &issue(&house, whole).await).await;
        assert_eq!(answer["receipt"]["given"]["number"], "ST-2026-10-0003", "{answer}");
        let group = group(&house).await;
        let blocked = house.send(&house.mira, &issue_of(&house, all, &group, OCTOBER).await).await;
        assert_eq!(code(&blocked).1, "statement_blocked", "NW-3 waits: {blocked}");
        review(&house, house.nw3.breach).await;
        decide_all(&house, house.nw3.credit).await;
        let (number, revision) = issued(&house, all, &group, OCTOBER).await;
        assert_eq!((number.as_str(), revision.as_str()), ("ST-2026-10-0004", "1"));
        assert_eq!(statement(&house, one).await.rests_on.len(), 1);
        assert_eq!(statement(&house, whole).await.rests_on.len(), 2);
        let told = statement(&house, all).await;
        assert_eq!((told.customer, told.rests_on.len()), (house.gmbh, 3));
        assert_eq!(BTreeSet::from_iter(told.customers), [house.gmbh, house.inc].into());
        // What stands for the whole customer is written as it always was.
        let body = serde_json::to_value(statement(&house, whole).await).unwrap();
        assert!(body.get("of").is_none() && body.get("customers").is_none(), "{body}");
    }
}

#[tokio::test]
async fn longer_periods_have_a_series_of_their_own() {
    for house in houses().await {
        all_ready(&house).await;
        let group = group(&house).await;
        for (period, series) in [("2026-Q4", "ST-2026-Q4"), ("2026", "ST-2026")] {
            for (at, of) in [contract(&house.nw1), group.clone()].iter().enumerate() {
                let id = house.app.store().ids().make();
                let (number, _) = issued(&house, id, of, period).await;
                assert_eq!(number, format!("{series}-{:04}", at + 1));
            }
        }
    }
}

/// A third quarter from August to October is told of in October's statement, whatever its label says.
#[tokio::test]
async fn a_quarter_of_a_year_that_begins_in_february_is_told_of_in_the_month_in_which_it_ends() {
    for house in houses().await {
        let mut document = northwind::document();
        let contracts = document["contracts"].as_array_mut().unwrap();
        contracts.truncate(1);
        contracts[0]["number"] = json!("NW-9");
        let version = &mut contracts[0]["versions"][0];
        version["valid_from"] = json!("2026-07-31T22:00:00Z");
        version["lines"][0]["charges"][0]["from"] = json!("2026-08-01");
        let terms = &mut version["lines"][0]["terms"];
        terms["objective"] = json!("90");
        terms["credit"]["tiers"] = json!([{ "below": "90", "percent": "10" }]);
        terms["window"]["calendar"] = json!("quarter");
        terms["window"]["year_starts_in"] = json!(2);
        northwind::apply(&house.ground, house.root.person, &document).await;
        northwind::turn(&house.ground, "2026-11-09T09:00:00Z").await;
        let found = northwind::all::<Settlement>(&house.ground, "label = '2026-Q3'", &[]).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let of = json!({ "kind": "contract", "id": found[0].contract });
        let ids = house.app.store().ids();
        let september = issue_of(&house, ids.make(), &of, "2026-09").await;
        let answer = house.send(&house.mira, &september).await;
        assert_eq!(code(&answer).1, "statement_blocked", "{answer}");
        let id = ids.make();
        issued(&house, id, &of, OCTOBER).await;
        assert_eq!(statement(&house, id).await.rests_on[0].settlement, found[0].id);
    }
}

#[tokio::test]
async fn law_4_a_revised_window_supersedes_exactly_what_rests_on_it() {
    for house in houses().await {
        all_ready(&house).await;
        let group = group(&house).await;
        let (of_one, of_two) = (contract(&house.nw1), contract(&house.nw2));
        let customer = json!({ "kind": "customer" });
        let chains = [&of_one, &of_two, &customer, &group];
        let ids = house.app.store().ids();
        let first = [(); 4].map(|()| ids.make::<StatementId>());
        for (id, of) in first.iter().zip(chains) {
            issued(&house, *id, of, OCTOBER).await;
            sealed(&house, *id).await;
        }
        house.ground.clock.advance(std::time::Duration::from_secs(3600));
        // NW-1's fee was another: its October is revised, and nobody else's.
        let mut document = northwind::document();
        let fee = &mut document["contracts"][0]["versions"][0]["lines"][0]["charges"][0]["amount"];
        *fee = json!("14000.00");
        northwind::apply(&house.ground, house.root.person, &document).await;
        let (_, revised) = house.row::<Settlement>(&house.nw1.settlement.to_string()).await;
        assert_eq!(revised.revision, 2);
        for credit in northwind::credits(&house.ground, "NW-1").await {
            if credit.decision == Decision::Drafted {
                decide_all(&house, credit.id).await;
            }
        }
        let again = [(); 4].map(|()| ids.make::<StatementId>());
        for (at, of) in chains.into_iter().enumerate() {
            let command = issue_of(&house, again[at], of, OCTOBER).await;
            let answer = house.send(&house.mira, &command).await;
            if of == &of_two {
                assert_eq!(code(&answer).1, "wrong_state", "NW-2 has not changed: {answer}");
                continue;
            }
            assert_eq!(code(&answer).0, "applied", "{of}: {answer}");
            let before = statement(&house, first[at]).await;
            let after = statement(&house, again[at]).await;
            assert_eq!((&after.number, after.revision), (&before.number, 2));
            assert_eq!(after.supersedes, Some(before.id));
            assert_eq!(after.reason, revised.reason, "it says why");
            sealed(&house, again[at]).await;
        }
        let mut states = Vec::new();
        for id in first {
            states.push(statement(&house, id).await.state);
        }
        use StatementState::{Sealed, Superseded};
        assert_eq!(states, [Superseded, Sealed, Superseded, Superseded]);
    }
}

#[tokio::test]
async fn what_a_statement_is_of_belongs_to_its_customer() {
    for house in houses().await {
        all_ready(&house).await;
        let id: StatementId = house.app.store().ids().make();
        let stranger = json!({ "kind": "group", "id": house.nw1.contract });
        for of in [contract(&house.nw3), stranger] {
            let answer = house.send(&house.mira, &issue_of(&house, id, &of, OCTOBER).await).await;
            assert_eq!(code(&answer).1, "invalid", "{answer}");
            assert_eq!(answer["problem"]["path"], "of", "{answer}");
        }
        // The table holds it, too: no revision twice, and one at a time.
        let first: StatementId = house.app.store().ids().make();
        issued(&house, first, &contract(&house.nw1), OCTOBER).await;
        let same = Statement { id, ..statement(&house, first).await };
        let next = Statement { number: "ST-2026-10-0002".into(), revision: 2, ..same.clone() };
        for wrong in [same, next] {
            let mut tx = house.app.store().begin(None).await.unwrap();
            assert!(tx.put(&wrong).await.is_err(), "{wrong:?}");
        }
    }
}

async fn changes(house: &House, scope: &Scope, wire: u32) -> Vec<Change> {
    let view = View { scope: scope.clone(), wire };
    let page = house.app.store().changes(0, &view, 100_000).await.unwrap();
    let digest = house.app.store().digest(&view).await.unwrap();
    let there = page.changes.iter().filter(|change| change.row.is_some()).count();
    let counted: i64 = digest.rows.iter().map(|row| row.count).sum();
    assert_eq!(counted, i64::try_from(there).unwrap(), "the digest counts what is sent");
    page.changes
}

/// Which statements and what became of them a page tells of, in ids.
fn told(changes: &[Change]) -> BTreeSet<(Entity, String)> {
    let entities = [Entity::Statement, Entity::Delivery, Entity::Acknowledgement];
    let of = changes.iter().filter(|change| entities.contains(&change.entity));
    of.map(|change| (change.entity, change.key.clone())).collect()
}

/// Everything that a snapshot of this scope holds, as text.
async fn snapshot(house: &House, scope: &Scope) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    house.app.store().cut(scope, Part::Whole, &path).await.unwrap();
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

/// Delivers and acknowledges it, as this person: the codes of both answers, and the two ids.
async fn deliver(
    house: &House,
    (sends, says): (&Seat, &Seat),
    id: StatementId,
) -> (Vec<String>, DeliveryId, AcknowledgementId) {
    let ids = house.app.store().ids();
    let (delivery, said): (DeliveryId, AcknowledgementId) = (ids.make(), ids.make());
    let sent = house.command(
        "record_delivery",
        json!({
            "delivery": delivery, "statement": id, "channel": "folder", "to": [],
            "message_id": null, "sha256": "b".repeat(64), "sent": true, "why": null,
            "resend_of": null, "reason": null, "at": "2026-11-09T09:00:00Z",
        }),
        &[],
    );
    let heard = house.command(
        "record_acknowledgement",
        json!({
            "acknowledgement": said, "statement": id, "by_name": "M. Brandt",
            "on": "2026-11-09", "accepted": true, "note": null,
        }),
        &[],
    );
    let (one, two) = (house.send(sends, &sent).await, house.send(says, &heard).await);
    let word = |answer: &Value| match code(answer) {
        (outcome, "") => outcome.to_owned(),
        (_, code) => code.to_owned(),
    };
    (vec![word(&one), word(&two)], delivery, said)
}

#[tokio::test]
async fn law_9_who_sees_half_of_a_group_neither_issues_nor_receives_its_statement() {
    for house in houses().await {
        all_ready(&house).await;
        let half = Scope::Customers(BTreeSet::from([house.gmbh]));
        let both = Scope::Customers(BTreeSet::from([house.gmbh, house.inc]));
        let ines = seat(&house.app, "Ines", Role::AccountManager, half.clone()).await;
        let noor = seat(&house.app, "Noor", Role::AccountManager, both.clone()).await;
        let ivo = seat(&house.app, "Ivo", Role::Csm, half.clone()).await;
        let ids = house.app.store().ids();
        let [all, one] = [(); 2].map(|()| ids.make::<StatementId>());
        let group = group(&house).await;
        let command = issue_of(&house, all, &group, OCTOBER).await;
        let refused = house.send(&ines, &command).await;
        assert_eq!(code(&refused), ("forbidden", "scope_missing"), "{refused}");
        assert!(!refused.to_string().contains("Northwind Inc"), "{refused}");
        let mut same = command.clone();
        same["id"] = house.command("x", json!({}), &[])["id"].clone();
        let answer = house.send(&noor, &same).await;
        assert_eq!(code(&answer).0, "applied", "{answer}");
        assert_eq!(code(&house.send(&ines, &seal(&house, all).await).await).1, "scope_missing");
        // Not even what it looks like now, when an older version was seen.
        let args = json!({ "statement": all, "reason": "a guess" });
        let void = house.command("void_statement", args, &[("statement", all.to_string(), 99)]);
        let refused = house.send(&ines, &void).await;
        assert_eq!(code(&refused).1, "scope_missing");
        assert!(!refused.to_string().contains(&house.inc.to_string()), "{refused}");
        assert_eq!(code(&house.send(&noor, &seal(&house, all).await).await).0, "applied");
        issued(&house, one, &contract(&house.nw1), OCTOBER).await;
        sealed(&house, one).await;
        let refused = deliver(&house, (&ines, &ivo), all).await.0;
        assert_eq!(refused, ["scope_missing", "scope_missing"]);
        let (done, delivery, said) = deliver(&house, (&noor, &house.anna), all).await;
        assert_eq!(done, ["applied", "applied"]);

        let whole = BTreeSet::from([
            (Entity::Statement, all.to_string()),
            (Entity::Statement, one.to_string()),
            (Entity::Delivery, delivery.to_string()),
            (Entity::Acknowledgement, said.to_string()),
        ]);
        assert_eq!(told(&changes(&house, &Scope::All, 3).await), whole);
        assert_eq!(told(&changes(&house, &both, 3).await), whole);
        let own = changes(&house, &half, 3).await;
        assert_eq!(told(&own), BTreeSet::from([(Entity::Statement, one.to_string())]));
        assert!(changes(&house, &Scope::Customers(BTreeSet::new()), 3).await.len() < own.len());
        let bodies: Vec<&str> =
            own.iter().filter_map(|change| Some(Body::text(change.row.as_ref()?))).collect();
        let file = snapshot(&house, &half).await;
        for secret in [
            all.to_string(),
            delivery.to_string(),
            house.inc.to_string(),
            house.nw3.settlement.to_string(),
            "Northwind Inc".to_owned(),
        ] {
            let sent = bodies.iter().find(|body| body.contains(&secret));
            assert_eq!(sent, None, "{secret} was sent");
            assert!(!file.contains(&secret), "{secret} is in the snapshot");
        }
        assert!(snapshot(&house, &both).await.contains(&all.to_string()));
        // What happened to it is on record all the same.
        let mut conn = house.app.store().reading().await.unwrap();
        let audit = makegood_central::store::audit::events(&mut conn, 0, 10_000).await.unwrap();
        let about_it = |event: &&AuditEvent| event.subject == all.to_string();
        let actions: Vec<&str> =
            audit.iter().filter(about_it).map(|event| event.action.as_str()).collect();
        for action in ["command.refused", "statement.issued", "statement.sealed"] {
            assert!(actions.contains(&action), "{actions:?}");
        }
    }
}

#[tokio::test]
async fn law_9_an_older_desk_is_sent_the_whole_customers_statements_alone() {
    for house in houses().await {
        all_ready(&house).await;
        let ids = house.app.store().ids();
        let [whole, one, all] = [(); 3].map(|()| ids.make::<StatementId>());
        let group = group(&house).await;
        let of = [json!({ "kind": "customer" }), contract(&house.nw1), group];
        for (id, of) in [whole, one, all].into_iter().zip(&of) {
            issued(&house, id, of, OCTOBER).await;
        }
        let older = told(&changes(&house, &Scope::All, 2).await);
        assert_eq!(older, BTreeSet::from([(Entity::Statement, whole.to_string())]));
        assert_eq!(told(&changes(&house, &Scope::All, 3).await).len(), 3);
    }
}
