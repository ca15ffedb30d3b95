//! Lists come page by page, and together are the whole.

use crate::northwind::{DANA, House, all, nothing_waits, viewer};
use makegood_domain::Code;
use makegood_mirror::screens::{self, Page};

#[tokio::test]
async fn pages_of_the_portfolio_are_the_whole_in_its_order() {
    let (_folder, mut reader) = House::new().reader().await;
    let dana = viewer(DANA);
    for view in ["all", "at_risk", "mine"] {
        let view = Some(view);
        let whole =
            screens::portfolio(&mut reader, &dana, None, view, &all()).await.expect("reads");
        let mut rows = Vec::new();
        let mut page = Page::first(1);
        for _ in 0..whole.rows.len() {
            let part = screens::portfolio(&mut reader, &dana, None, view, &page).await;
            let part = part.expect("reads");
            assert_eq!((part.rows.len(), part.total), (1, 3), "the strip is over all lines");
            rows.extend(part.rows);
            page.after = part.next;
        }
        assert_eq!((rows.len(), page.after), (3, None));
        assert_eq!(rows, whole.rows);
    }
}

#[tokio::test]
async fn breaches_of_one_incident_stay_together_over_pages() {
    let (_folder, mut reader) = House::new().reader().await;
    let (dana, waits) = (viewer(DANA), nothing_waits());
    let whole = screens::breach_inbox(&mut reader, &dana, &waits, "to_review", &all()).await;
    let whole = whole.expect("reads");
    let two = Page::first(2);
    let first = screens::breach_inbox(&mut reader, &dana, &waits, "to_review", &two).await;
    let first = first.expect("reads");
    let rest = Page { after: first.next.clone(), limit: Some(2) };
    let rest = screens::breach_inbox(&mut reader, &dana, &waits, "to_review", &rest).await;
    let rest = rest.expect("reads");
    assert_eq!((first.groups[0].title.as_ref(), rest.next), (rest.groups[0].title.as_ref(), None));
    let items = [&first.groups[0].items[..], &rest.groups[0].items[..]].concat();
    assert_eq!(items, whole.groups[0].items);
    assert_eq!(rest.counts, whole.counts);
}

#[tokio::test]
async fn customers_and_statements_come_page_by_page() {
    let (_folder, mut reader) = House::new().reader().await;
    let (dana, one) = (viewer(DANA), Page::first(1));
    let first = screens::customers(&mut reader, &dana, &one).await.expect("reads");
    let rest = Page { after: first.next, ..Page::default() };
    let rest = screens::customers(&mut reader, &dana, &rest).await.expect("reads");
    let names: Vec<_> = first.rows.iter().chain(&rest.rows).map(|row| row.name.as_str()).collect();
    assert_eq!((names, rest.total, rest.next), (vec!["Northwind GmbH", "Northwind Inc"], 2, None));
    let waits = nothing_waits();
    let run = screens::statement_month(&mut reader, &waits, "2026-10", &one).await.expect("reads");
    let rest = Page { after: run.next, ..Page::default() };
    let rest = screens::statement_month(&mut reader, &waits, "2026-10", &rest).await;
    let rest = rest.expect("reads");
    let names: Vec<_> =
        run.rows.iter().chain(&rest.rows).map(|row| row.customer.as_str()).collect();
    assert_eq!((names, rest.total), (vec!["Northwind GmbH", "Northwind Inc"], 2));
}

#[tokio::test]
async fn a_page_that_no_list_named_is_refused() {
    let (_folder, mut reader) = House::new().reader().await;
    let dana = viewer(DANA);
    for after in ["", "x", "[]", "[1]", "{}"] {
        let page = Page { after: Some(after.to_owned()), limit: None };
        let problem = screens::customers(&mut reader, &dana, &page).await.expect_err("no page");
        assert_eq!(problem.code, Code::Invalid, "{after}");
    }
}
