//! Nothing of one customer stands on another's screens.

use crate::northwind::{DANA, House, all, case, id, nothing_waits, viewer};
use makegood_domain::{id::CustomerId, person::Scope};
use makegood_mirror::screens::{self, BreachTab, PortfolioView, Recomputed};
use std::collections::BTreeSet;

const FOREIGN: [&str; 4] = ["Northwind Inc", "NW-3", "BR-1044", "CR-313"];

fn holds_nothing_foreign(screen: &impl serde::Serialize) {
    let text = serde_json::to_string(screen).expect("json");
    for word in FOREIGN {
        assert!(!text.contains(word), "{word} stands in {text}");
    }
}

#[tokio::test]
async fn after_the_scope_shrank_no_screen_names_what_it_lost() {
    let (_folder, mirror) = House::new().mirror().await;
    let own = BTreeSet::from([id::<CustomerId>(3, 1)]);
    mirror.keep_only(&Scope::Customers(own)).await.expect("deletes");
    let mut reader = mirror.reader().await.expect("reads");
    let (viewer, overlay) = (viewer(DANA), nothing_waits());
    let file = Recomputed::of(case(1), &House::new().first()).expect("computes");
    let breach = id::<makegood_domain::id::BreachId>(12, 1).to_string();
    let credit = id::<makegood_domain::id::CreditId>(11, 1).to_string();
    let customer = id::<CustomerId>(3, 1).to_string();
    let portfolio =
        screens::portfolio(&mut reader, &viewer, None, PortfolioView::All, &all()).await;
    holds_nothing_foreign(&portfolio.expect("reads"));
    let breach = screens::breach(&mut reader, &viewer, &overlay, &breach, Some(&file)).await;
    let breach = breach.expect("reads");
    assert_eq!(breach.incident.as_ref().map(|incident| incident.contracts), Some(2));
    holds_nothing_foreign(&breach);
    let inbox =
        screens::breach_inbox(&mut reader, &viewer, &overlay, BreachTab::ToReview, &all()).await;
    holds_nothing_foreign(&inbox.expect("reads"));
    let credit = screens::credit(&mut reader, &viewer, &overlay, &credit).await;
    holds_nothing_foreign(&credit.expect("reads"));
    let customer = screens::customer(&mut reader, &viewer, &overlay, &customer).await;
    holds_nothing_foreign(&customer.expect("reads"));
    let run = screens::statement_month(&mut reader, &overlay, "2026-10", &all()).await;
    holds_nothing_foreign(&run.expect("reads"));
}

#[tokio::test]
async fn a_customers_page_holds_nothing_of_its_sibling() {
    let (_folder, mut reader) = House::new().reader().await;
    let customer = id::<CustomerId>(3, 1).to_string();
    let page = screens::customer(&mut reader, &viewer(DANA), &nothing_waits(), &customer).await;
    holds_nothing_foreign(&page.expect("reads"));
}
