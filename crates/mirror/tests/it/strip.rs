//! The strip above the portfolio: by page and counted anew, the same figures.

use crate::{
    northwind::{SAM, all, viewer},
    outcome::house,
    rollup::rows,
};
use makegood_domain::credit::{Claim, CreditKind, Decision};
use makegood_mirror::{Mirror, rollup, screens};

/// The strip's sum in euro, and of each settlement what is undecided.
async fn estimated(mirror: &Mirror) -> (Vec<String>, Vec<String>) {
    let mut reader = mirror.reader().await.expect("reads");
    let screen = screens::portfolio(&mut reader, &viewer(SAM), None, None, &all()).await;
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
