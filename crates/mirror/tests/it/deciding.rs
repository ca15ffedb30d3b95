//! What people decide about credits and statements, as their screens say it.

use crate::northwind::{DANA, House, INES, LEE, SAM, all, at, id, nothing_waits, viewer};
use makegood_domain::{
    Money,
    breach::BreachState,
    command::{Command, Verb},
    credit::{Approval, Decision},
    id::{ContractId, CreditId},
    statement::{Statement, StatementCase, StatementState},
};
use makegood_mirror::{
    Overlay, Pending, Stage,
    screens::{self, CreditTab},
};

fn key<T: std::str::FromStr + ToString>(kind: u32, number: u32) -> String {
    id::<T>(kind, number).to_string()
}

fn waits(verb: Verb) -> Overlay {
    let command =
        Command { id: id(24, 1), decided_at: at("2026-11-09T08:14:00Z"), verb, base: Vec::new() };
    [Pending { command, stage: Stage::Queued }].into_iter().collect()
}

fn euro() -> makegood_domain::Currency {
    makegood_domain::Currency::parse("EUR").expect("a currency")
}

/// NW-1 and NW-3 proposed by Dana.
fn proposed() -> House {
    let mut house = House::new();
    for credit in house.credits.iter_mut().filter(|one| one.number != "CR-312") {
        credit.decision = Decision::Proposed;
        credit.proposed_by = vec![id(1, DANA)];
        credit.proposed_at = Some(at("2026-11-09T06:15:00Z"));
        credit.policy_version = Some(7);
        credit.group_month = Some("2026-11".to_owned());
    }
    for breach in &mut house.breaches {
        breach.state = BreachState::Confirmed;
        breach.reviewed_by = Some(id(1, DANA));
        breach.reviewed_at = Some(at("2026-11-09T06:00:00Z"));
    }
    house
}

#[tokio::test]
async fn the_group_counts_over_contracts_and_currencies() {
    let (_folder, mut reader) = proposed().reader().await;
    let key = key::<CreditId>(11, 1);
    let screen =
        screens::credit(&mut reader, &viewer(INES), &nothing_waits(), &key).await.expect("reads");
    assert_eq!(screen.basis, "10\u{202f}% of €12,000.00 · 99.885880\u{202f}% < 99.9\u{202f}%");
    let matrix = screen.matrix.expect("a matrix");
    assert_eq!(matrix.title, "Approval matrix v7, Northwind group");
    let rows: Vec<_> = matrix
        .rows
        .iter()
        .map(|row| format!("{}|{}|{}|{}", row.label, row.note, row.amount, row.over))
        .collect();
    assert_eq!(rows, ["NW-1||1,200.00|false", "NW-3|USD 800.00 × 0.90|720.00|true"]);
    assert_eq!(matrix.sentence, "Group total EUR 1,920.00 > 1,500.00 → second approver");
    let steps: Vec<_> =
        screen.steps.iter().map(|step| format!("{}: {}", step.state, step.text)).collect();
    assert_eq!(
        steps,
        [
            "done: Proposed, Dana Whitfield",
            "now: First approval, you",
            "to_come: Second approval, not Dana Whitfield, not you",
            "to_come: Send to billing, its own permission",
        ]
    );
    assert!(screen.actions["approve"].enabled && screen.actions["return"].enabled);
}

#[tokio::test]
async fn law_5_what_is_not_yours_to_approve_stands_apart_with_the_reason() {
    let mut house = proposed();
    house.credits[2].decision = Decision::ApprovedOnce;
    house.credits[2].approvals = vec![Approval {
        delegated_from: None,
        id: id(17, 1),
        step: 1,
        person: id(1, INES),
        decision: Decision::Approved,
        reason: None,
        seen_hash: String::new(),
        at: at("2026-11-09T07:00:00Z"),
    }];
    let (_folder, mut reader) = house.reader().await;
    let waits = nothing_waits();
    let awaiting =
        screens::credits(&mut reader, &viewer(INES), &waits, CreditTab::Awaiting, &all())
            .await
            .expect("reads");
    assert_eq!(
        (awaiting.counts.awaiting, awaiting.counts.second, awaiting.counts.drafted),
        (1, 1, 1)
    );
    let row = &awaiting.rows[0];
    assert_eq!((row.number.as_str(), row.reason.as_str()), ("CR-311", "BR-1042"));
    assert_eq!((row.needs.as_str(), row.age.as_str()), ("2 approvers", "2 h"));
    assert_eq!(row.proposed_by, "Dana Whitfield");
    let second = screens::credits(&mut reader, &viewer(INES), &waits, CreditTab::Second, &all())
        .await
        .expect("reads");
    assert!(second.rows.is_empty());
    assert_eq!(
        second.not_yours[0].why_not.as_deref(),
        Some("you gave the first approval of CR-313; the second has to be another person's")
    );
    let lee = screens::credits(&mut reader, &viewer(LEE), &waits, CreditTab::Second, &all())
        .await
        .expect("reads");
    assert!(lee.rows[0].may_approve);
    let ids = [key::<CreditId>(11, 1), key::<CreditId>(11, 3)];
    let sum = screens::credits_selection(&mut reader, &viewer(INES), &ids).await.expect("reads");
    // CR-313 has its first approval: the next one grants it.
    assert_eq!((sum.count, sum.need_second, sum.may_not), (2, 1, 1));
    assert_eq!(sum.largest, "EUR 1,200.00, USD 800.00");
}

#[tokio::test]
async fn what_waits_in_the_outbox_is_queued_and_never_effective() {
    let (_folder, mut reader) = proposed().reader().await;
    let approve = waits(Verb::ApproveCredit {
        credit: id(11, 1),
        amount: Money::parse_decimal("1200.00", euro()).expect("an amount"),
    });
    let screen =
        screens::credits(&mut reader, &viewer(INES), &approve, CreditTab::Awaiting, &all())
            .await
            .expect("reads");
    let row = &screen.decided_today[0];
    assert_eq!((row.queued.as_deref(), row.decision.as_str()), (Some("Queued"), "proposed"));
    assert_eq!(screen.counts.awaiting, 2);
    let goodwill = waits(Verb::ProposeGoodwill {
        credit: id(11, 9),
        contract: id::<ContractId>(4, 1),
        window: "2026-10".to_owned(),
        amount: Money::parse_decimal("200.00", euro()).expect("an amount"),
        reason: "long outage".to_owned(),
    });
    let screen =
        screens::credits(&mut reader, &viewer(DANA), &goodwill, CreditTab::Awaiting, &all())
            .await
            .expect("reads");
    let row = &screen.not_yours[0];
    assert_eq!((row.reason.as_str(), row.state.as_str()), ("Goodwill", "queued, not effective"));
    let counts = screens::nav_counts(&mut reader, &viewer(DANA), &goodwill).await.expect("reads");
    assert_eq!(counts.outbox, 1);
}

#[tokio::test]
async fn a_statement_names_what_stands_in_its_way() {
    let (_folder, mut reader) = House::new().reader().await;
    let run = screens::statement_month(&mut reader, &nothing_waits(), "2026-10", &all())
        .await
        .expect("reads");
    assert_eq!((run.ready, run.blocked, run.sealed), (0, 2, 0));
    assert_eq!(
        run.rows[0].reasons,
        ["BR-1042 is not reviewed", "BR-1043 is not reviewed", "CR-311 is not proposed"]
    );
    let mut house = proposed();
    for credit in &mut house.credits {
        if credit.decision == Decision::Proposed {
            credit.decision = Decision::Approved;
        }
    }
    let (_folder, mut reader) = house.reader().await;
    let run = screens::statement_month(&mut reader, &nothing_waits(), "2026-10", &all())
        .await
        .expect("reads");
    assert_eq!((run.ready, run.blocked), (2, 0));
    let key = key::<makegood_domain::id::CustomerId>(3, 1);
    let page =
        screens::customer(&mut reader, &viewer(SAM), &nothing_waits(), &key).await.expect("reads");
    let lines: Vec<_> = page.statements[0].lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        lines,
        [
            "99.885880\u{202f}%, SLA credit €1,200.00 granted",
            "99.885880\u{202f}%, €1,000.00 on request until 30 Nov"
        ]
    );
    let facts: Vec<_> = page.facts.iter().map(|fact| fact.value.as_str()).collect();
    assert_eq!(
        facts,
        [
            "EUR 22,000.00 a month",
            "NW-1 renews 31 Jan 2027",
            "Europe/Berlin",
            "Sam Okafor, Dana Whitfield"
        ]
    );
    assert_eq!((page.tabs.slas, page.tabs.breaches, page.tabs.credits), (2, 2, 2));
    assert_eq!(page.timeline[0].what, "Exclusion admitted");
}

pub(crate) fn sealed(state: StatementState) -> Statement {
    let rests_on =
        |number| StatementCase { settlement: id(10, number), revision: 1, sha256: String::new() };
    Statement {
        id: id(18, 1),
        number: "ST-2026-10-0001".to_owned(),
        revision: 1,
        supersedes: None,
        customer: id(3, 1),
        of: <_>::default(),
        customers: Vec::new(),
        period: "2026-10".to_owned(),
        legal_entity: id(5, 1),
        language: "en".to_owned(),
        template: 1,
        state,
        issued_at: at("2026-11-09T07:00:00Z"),
        released_by: id(1, SAM),
        rests_on: vec![rests_on(1), rests_on(2)],
        sha256: None,
        audit_head: String::new(),
        reason: None,
    }
}

async fn gmbh_row(house: House) -> screens::StatementRow {
    let (_folder, mut reader) = house.reader().await;
    let key = key::<makegood_domain::id::CustomerId>(3, 1);
    let page = screens::customer(&mut reader, &viewer(SAM), &nothing_waits(), &key).await;
    page.expect("reads").statements.remove(0)
}

#[tokio::test]
async fn law_4_a_sealed_statement_asks_for_a_revision_only_when_it_would_say_something_else() {
    let decided = |at_text: &str| {
        let mut house = proposed();
        house.credits[0].decision = Decision::Approved;
        house.credits[0].approvals = vec![Approval {
            delegated_from: None,
            id: id(17, 1),
            step: 1,
            person: id(1, INES),
            decision: Decision::Approved,
            reason: None,
            seen_hash: String::new(),
            at: at(at_text),
        }];
        house
    };
    let mut house = decided("2026-11-09T06:30:00Z");
    house.put(&sealed(StatementState::Sealed), 2);
    let row = gmbh_row(house).await;
    assert_eq!((row.state.as_str(), row.number.as_deref()), ("sealed", Some("ST-2026-10-0001")));
    let mut house = decided("2026-11-09T07:30:00Z");
    house.put(&sealed(StatementState::Sealed), 2);
    let row = gmbh_row(house).await;
    assert_eq!(row.state_text, "Ready: revision 2, because credits were decided since");
    let mut house = decided("2026-11-09T07:30:00Z");
    house.put(&sealed(StatementState::Issued), 1);
    assert_eq!(gmbh_row(house).await.state, "draft");
    let mut house = decided("2026-11-09T07:30:00Z");
    house.put(&sealed(StatementState::Voided), 2);
    assert_eq!(gmbh_row(house).await.state, "ready");
}

#[tokio::test]
async fn a_customers_page_says_of_which_line_the_base_goes_by_days() {
    let mut house = House::new();
    let mut line: makegood_domain::contract::SlaLine = house.first();
    line.remedy.partial_base = makegood_domain::contract::PartialBase::ByDays;
    house.put(&line, 2);
    let (_folder, mut reader) = house.reader().await;
    let customer = line.customer.to_string();
    let page = screens::customer(&mut reader, &viewer(DANA), &nothing_waits(), &customer).await;
    let slas = page.expect("reads").slas;
    let by_days = "Credit base by days in a window under contract in part".to_owned();
    assert!(slas.len() > 1);
    for sla in slas {
        assert_eq!(sla.rules.contains(&by_days), sla.line_id == line.id.to_string(), "{sla:?}");
    }
}
