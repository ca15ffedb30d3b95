//! The strip above the portfolio: by page and counted anew, the same figures.

use crate::{
    northwind::{House, SAM, all, at, nothing_waits, viewer},
    outcome::house,
    rollup::rows,
};
use makegood_domain::{
    attainment::{Attainment, WindowState},
    contract::{Contract, SlaLine},
    credit::{Claim, CreditKind, Decision},
    customer::Customer,
};
use makegood_mirror::{
    Mirror, rollup,
    screens::{self, PortfolioView},
};

/// The strip's sum in euro, and of each settlement what is undecided.
async fn estimated(mirror: &Mirror) -> (Vec<String>, Vec<String>) {
    let mut reader = mirror.reader().await.expect("reads");
    let screen =
        screens::portfolio(&mut reader, &viewer(SAM), None, PortfolioView::AtRisk, &all()).await;
    let sums = screen.expect("reads").summary.estimated.into_iter();
    let kept = rows(mirror.path(), "select key, undecided from settlement order by 1").await;
    (sums.map(|one| format!("{} {}", one.currency, one.amount)).collect(), kept)
}

#[tokio::test]
async fn estimated_is_whatever_is_still_to_be_decided_and_nothing_else() {
    use CreditKind::{Adjustment, Contractual, Goodwill, Recovery};
    use Decision::{Approved, ApprovedOnce, Cancelled, Drafted, NotGranted, Proposed, Returned};
    // NW-2's EUR 1,000.00 can be asked for in each.
    for (house, euros) in [
        (house(Drafted, 120_000, &[]), "2,200.00"),
        (house(Approved, 120_000, &[]), "1,000.00"),
        (house(NotGranted, 120_000, &[]), "1,000.00"),
        (house(Approved, 300_000, &[(Adjustment, ApprovedOnce, 180_000)]), "2,800.00"),
        (house(Approved, 50_000, &[(Recovery, Returned, -70_000)]), "300.00"),
        (house(Cancelled, 120_000, &[(Contractual, Proposed, 120_000)]), "2,200.00"),
        (house(Approved, 120_000, &[(Goodwill, Proposed, 5_000)]), "1,000.00"),
    ] {
        let (_folder, mirror) = house.mirror().await;
        let by_page = estimated(&mirror).await;
        assert_eq!(by_page.0, [format!("EUR {euros}"), "USD 800.00".to_owned()]);
        rollup::rebuild(&mirror).await.expect("is written anew");
        assert_eq!(estimated(&mirror).await, by_page);
    }
    for claim in [Claim::Lapsed, Claim::Late] {
        let mut house = house(Drafted, 120_000, &[]);
        house.credits[1].claim = claim;
        let (_folder, mirror) = house.mirror().await;
        let by_page = estimated(&mirror).await;
        assert_eq!(by_page.0, ["EUR 1,200.00", "USD 800.00"], "{claim:?}");
        rollup::rebuild(&mirror).await.expect("is written anew");
        assert_eq!(estimated(&mirror).await, by_page);
    }
}

/// Until when the strip says that the month's evidence is complete.
async fn as_of(house: House, month: &str) -> Option<String> {
    let (_folder, mut reader) = house.reader().await;
    let screen =
        screens::portfolio(&mut reader, &viewer(SAM), Some(month), PortfolioView::AtRisk, &all())
            .await;
    screen.expect("reads").summary.as_of.map(|one| one.utc)
}

/// Northwind with NW-1's October in this state, its evidence complete until then, and another line's.
fn behind(state: WindowState, until: &str) -> House {
    let mut house = House::new();
    let first: Attainment = house.first();
    let own = Attainment { state, as_of: at(until), settlement: None, ..first };
    house.put(&own, 2);
    house
}

#[tokio::test]
async fn law_3_data_is_as_of_the_line_furthest_behind() {
    let ended = Some("1 Nov 2026, 04:00".to_owned());
    assert_eq!(as_of(House::new(), "2026-10").await, ended, "all are locked");
    assert_eq!(as_of(House::new(), "2026-12").await, None, "nothing is measured");
    for state in [WindowState::Open, WindowState::Closing] {
        let house = behind(state, "2026-10-20T06:00:00Z");
        assert_eq!(as_of(house, "2026-10").await.as_deref(), Some("20 Oct 2026, 06:00"));
    }
    let mut house = behind(WindowState::Open, "2026-10-20T06:00:00Z");
    let first: Attainment = house.first();
    let later = Attainment {
        id: crate::northwind::id(9, 77),
        state: WindowState::Open,
        as_of: at("2026-10-31T06:00:00Z"),
        ..first
    };
    house.put(&later, 1);
    assert_eq!(as_of(house, "2026-10").await.as_deref(), Some("20 Oct 2026, 06:00"));
}

#[tokio::test]
async fn of_a_line_that_has_ended_no_more_data_is_waited_for() {
    for (until, said) in [
        ("2026-10-20T06:00:00Z", "1 Nov 2026, 04:00"),
        // It was under contract longer than there is evidence.
        ("2026-10-12T06:00:00Z", "12 Oct 2026, 06:00"),
    ] {
        let mut house = behind(WindowState::Closing, until);
        let mut line: SlaLine = house.first();
        line.active_to = Some(at("2026-10-15T00:00:00Z"));
        house.put(&line, 2);
        assert_eq!(as_of(house, "2026-10").await.as_deref(), Some(said));
    }
}

/// How many renewals the strip and the navigation count.
async fn renewals(house: House) -> (i64, i64) {
    let (_folder, mut reader) = house.reader().await;
    let screen =
        screens::portfolio(&mut reader, &viewer(SAM), None, PortfolioView::AtRisk, &all()).await;
    let counts = screens::nav_counts(&mut reader, &viewer(SAM), &nothing_waits()).await;
    (screen.expect("reads").summary.renewals90, counts.expect("reads").renewals)
}

#[tokio::test]
async fn the_contract_of_a_customer_who_leaves_renews_no_more() {
    // NW-1 renews on 31 January 2027.
    for (left, number) in
        [(None, 1), (Some("2027-02-01"), 1), (Some("2027-01-31"), 0), (Some("2026-06-30"), 0)]
    {
        let mut house = House::new();
        let customer: Customer = house.first();
        let churned_on = left.map(|day| day.parse().expect("a day"));
        house.put(&Customer { churned_on, ..customer }, 2);
        assert_eq!(renewals(house).await, (number, number), "{left:?}");
    }
    let mut house = House::new();
    let contract: Contract = house.first();
    house.put(&Contract { auto_renew: false, ..contract }, 2);
    assert_eq!(renewals(house).await, (1, 1), "somebody has to see to it");
}
