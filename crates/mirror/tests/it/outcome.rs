//! What a customer's statements say became of what is owed, after revisions, too.

use crate::{
    deciding::sealed,
    northwind::{House, SAM, all, at, id, nothing_waits, viewer},
};
use makegood_domain::{
    Currency, Money,
    attainment::Attainment,
    breach::BreachState,
    credit::{Approval, Credit, CreditKind, Decision},
    id::CustomerId,
    settlement::Settlement,
    statement::StatementState,
};
use makegood_mirror::{rollup, screens};

fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").expect("a currency"))
}

/// Revision 2 of what NW-1 owes for October.
fn revised(house: &House, owed: i64) -> Settlement {
    let mut settlement: Settlement = house.first();
    settlement.revision = 2;
    settlement.total = euro(owed);
    settlement.lines[0].allocated = euro(owed);
    settlement
}

/// Another credit of NW-1's settlement.
fn credit(
    house: &House,
    number: u32,
    (kind, decision): (CreditKind, Decision),
    owed: i64,
) -> Credit {
    let first = house.credits[0].clone();
    let number = 320 + number;
    let name = format!("CR-{number}");
    Credit { id: id(11, number), number: name, kind, decision, amount: euro(owed), ..first }
}

/// Northwind after NW-1's credits came to be these: the first is the one that is there.
pub(crate) fn house(first: Decision, owed: i64, more: &[(CreditKind, Decision, i64)]) -> House {
    let mut house = House::new();
    house.credits[0].decision = first;
    for (number, (kind, decision, owed)) in (0..).zip(more) {
        let more = credit(&house, number, (*kind, *decision), *owed);
        house.credits.push(more);
    }
    let settlement = revised(&house, owed);
    house.put(&settlement, 2);
    house
}

async fn statements(house: House) -> Vec<screens::StatementRow> {
    let (_folder, mut reader) = house.reader().await;
    let key = id::<CustomerId>(3, 1).to_string();
    let page = screens::customer(&mut reader, &viewer(SAM), &nothing_waits(), &key).await;
    page.expect("reads").statements
}

/// What October's row says of NW-1.
async fn said(house: House) -> Vec<String> {
    let row = statements(house).await.remove(0);
    let lines = row.lines.into_iter().filter(|line| line.contract == "NW-1");
    lines.map(|line| line.text.replace('\u{202f}', " ")).collect()
}

#[tokio::test]
async fn a_row_tells_each_part_of_what_is_owed_by_what_became_of_it() {
    use CreditKind::{Adjustment, Contractual, Goodwill};
    use Decision::{Approved, Cancelled, Drafted, NotGranted, Proposed};
    let adjusted = |decision| [(Adjustment, decision, 180_000)];
    for (house, text) in [
        (
            house(Approved, 300_000, &adjusted(Drafted)),
            "SLA credit €3,000.00: €1,200.00 granted, €1,800.00 to be decided",
        ),
        (
            house(Approved, 300_000, &adjusted(NotGranted)),
            "SLA credit €3,000.00: €1,200.00 granted, €1,800.00 not granted",
        ),
        (
            house(NotGranted, 300_000, &adjusted(Approved)),
            "SLA credit €3,000.00: €1,800.00 granted, €1,200.00 not granted",
        ),
        (house(Approved, 300_000, &adjusted(Approved)), "SLA credit €3,000.00 granted"),
        (
            house(Cancelled, 120_000, &[(Contractual, Approved, 120_000)]),
            "SLA credit €1,200.00 granted",
        ),
        (
            house(Cancelled, 120_000, &[(Contractual, Proposed, 120_000)]),
            "SLA credit €1,200.00 to be decided",
        ),
        // Goodwill is no part of what is owed, and what nobody drafted is not decided.
        (
            house(Cancelled, 120_000, &[(Goodwill, Approved, 120_000)]),
            "SLA credit €1,200.00 to be decided",
        ),
    ] {
        assert_eq!(said(house).await, [format!("99.885880 %, {text}")]);
    }
}

#[tokio::test]
async fn a_row_tells_what_was_granted_beyond_what_is_owed() {
    let recovered = |decision, owed: i64| {
        house(Decision::Approved, owed, &[(CreditKind::Recovery, decision, owed - 120_000)])
    };
    assert_eq!(
        said(recovered(Decision::Drafted, 0)).await,
        ["99.885880 %, no SLA credit, €1,200.00 granted beyond what is owed, to be decided"]
    );
    assert_eq!(
        said(recovered(Decision::NotGranted, 50_000)).await,
        ["99.885880 %, SLA credit €500.00 granted, €700.00 granted beyond what is owed, \
          kept by the customer"]
    );
    assert_eq!(
        said(recovered(Decision::Approved, 50_000)).await,
        ["99.885880 %, SLA credit €500.00 granted"]
    );
}

#[tokio::test]
async fn of_several_lines_the_parts_are_the_contracts() {
    let mut house =
        house(Decision::Approved, 300_000, &[(CreditKind::Adjustment, Decision::Drafted, 180_000)]);
    let mut settlement = revised(&house, 300_000);
    let mut other = settlement.lines[0].clone();
    other.line = id(6, 2);
    other.allocated = euro(50_000);
    settlement.lines[0].allocated = euro(250_000);
    settlement.lines.push(other);
    house.put(&settlement, 3);
    let of = "of the contract's €3,000.00: €1,200.00 granted, €1,800.00 to be decided";
    assert_eq!(
        said(house).await,
        [
            format!("99.885880 %, SLA credit €2,500.00 {of}"),
            format!("99.885880 %, SLA credit €500.00 {of}"),
        ]
    );
}

#[tokio::test]
async fn law_4_under_a_seal_no_figures_stand_that_came_after_it() {
    let seal = |mut house: House| {
        house.put(&sealed(StatementState::Sealed), 2);
        house
    };
    let of_seal = |rows: Vec<screens::StatementRow>| {
        let row = rows.into_iter().find(|row| row.state == "sealed").expect("a sealed one");
        (row.state_text, row.lines.len())
    };
    let rows = statements(seal(House::new())).await;
    assert_eq!(of_seal(rows), ("Sealed".to_owned(), 2));
    let revised = house(Decision::Approved, 300_000, &[]);
    assert_eq!(of_seal(statements(seal(revised)).await), ("Sealed".to_owned(), 0));
    let mut decided = House::new();
    decided.credits[0].decision = Decision::Approved;
    decided.credits[0].approvals = vec![Approval {
        delegated_from: None,
        id: id(17, 1),
        step: 1,
        person: id(1, SAM),
        decision: Decision::Approved,
        reason: None,
        seen_hash: String::new(),
        at: at("2026-11-09T07:30:00Z"),
    }];
    assert_eq!(of_seal(statements(seal(decided)).await), ("Sealed".to_owned(), 0));
}

#[tokio::test]
async fn goodwill_stands_in_the_way_of_the_month_in_which_its_window_ends() {
    let period = "2026-12";
    for (window, stands) in
        [("2026-Q4", true), ("2026-12-31", true), ("2026", true), ("2026-Q3", false)]
    {
        let (_folder, mirror) = december(window).mirror().await;
        for anew in [false, true] {
            if anew {
                rollup::rebuild(&mirror).await.expect("is written anew");
            }
            let mut reader = mirror.reader().await.expect("reads");
            let run = screens::statement_month(&mut reader, &nothing_waits(), period, &all()).await;
            let row = run.expect("reads").rows.remove(0);
            let state = if stands { "blocked" } else { "ready" };
            assert_eq!(row.state, state, "{window}");
            assert_eq!(row.reasons.concat() == "CR-320 is not approved", stands, "{row:?}");
            let key = id::<CustomerId>(3, 1).to_string();
            let page = screens::customer(&mut reader, &viewer(SAM), &nothing_waits(), &key).await;
            let page = page.expect("reads").statements.remove(0);
            assert_eq!((page.month.as_str(), page.state.as_str()), (period, state), "{window}");
        }
    }
}

/// Northwind with NW-1 moved to a December that is locked and decided, but for goodwill for a window
/// with this label.
fn december(label: &str) -> House {
    let mut house = House::new();
    let window = "2026-12".to_owned();
    let (from, to) = (at("2026-11-30T23:00:00Z"), at("2026-12-31T23:00:00Z"));
    let attainment: Attainment = house.first();
    house.put(&Attainment { window: window.clone(), from, to, ..attainment }, 2);
    let settlement: Settlement = house.first();
    house.put(&Settlement { window: window.clone(), from, to, ..settlement }, 2);
    house.breaches[0].window.clone_from(&window);
    house.breaches[0].state = BreachState::Confirmed;
    house.credits[0].window = window;
    house.credits[0].decision = Decision::Approved;
    let goodwill = credit(&house, 0, (CreditKind::Goodwill, Decision::Proposed), 5_000);
    house.credits.push(Credit { settlement: None, window: label.to_owned(), ..goodwill });
    house
}
