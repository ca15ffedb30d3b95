//! Lists come page by page, and together are the whole.

use crate::northwind::{DANA, House, all, nothing_waits, viewer};
use makegood_domain::{Code, Currency, Money};
use makegood_mirror::screens::{self, BreachTab, CreditTab, Page, PortfolioView};

#[tokio::test]
async fn pages_of_the_portfolio_are_the_whole_in_its_order() {
    let (_folder, mut reader) = House::new().reader().await;
    let dana = viewer(DANA);
    for view in [PortfolioView::All, PortfolioView::AtRisk] {
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
    let whole =
        screens::breach_inbox(&mut reader, &dana, &waits, BreachTab::ToReview, &all()).await;
    let whole = whole.expect("reads");
    let two = Page::first(2);
    let first = screens::breach_inbox(&mut reader, &dana, &waits, BreachTab::ToReview, &two).await;
    let first = first.expect("reads");
    let rest = Page { after: first.next.clone(), ..Page::first(2) };
    let rest = screens::breach_inbox(&mut reader, &dana, &waits, BreachTab::ToReview, &rest).await;
    let rest = rest.expect("reads");
    assert_eq!((first.groups[0].title.as_ref(), rest.next), (rest.groups[0].title.as_ref(), None));
    let items = [&first.groups[0].items[..], &rest.groups[0].items[..]].concat();
    assert_eq!(items, whole.groups[0].items);
    assert_eq!(rest.counts, whole.counts);
}

/// Nine breaches beside the house's three: of two incidents more, of one that no other shares, and of none.
#[tokio::test]
async fn the_inbox_lists_shared_incidents_first_and_each_breach_once_over_pages() {
    let mut house = House::new();
    for n in 0..9_u32 {
        let mut breach = house.breaches[n as usize % 3].clone();
        breach.id = crate::northwind::id(12, 100 + n);
        breach.number = format!("BR-{}", 2000 + n);
        let incident = [50, 50, 50, 51, 51, 52, 0, 0, 0][n as usize];
        breach.incident = (incident != 0).then(|| crate::northwind::id(10, incident));
        house.breaches.push(breach);
    }
    let (_folder, mut reader) = house.reader().await;
    let (dana, waits) = (viewer(DANA), nothing_waits());
    let whole =
        screens::breach_inbox(&mut reader, &dana, &waits, BreachTab::ToReview, &all()).await;
    let groups = whole.expect("reads").groups;
    let sizes: Vec<usize> = groups.iter().map(|group| group.items.len()).collect();
    assert_eq!((sizes[..3].iter().sum::<usize>(), &sizes[3..]), (8, &[4][..]));
    let alone: Vec<&str> = groups[3].items.iter().map(|item| item.number.as_str()).collect();
    assert_eq!(groups[3].title.as_deref(), Some("Other"));
    // By what is left of the allowance, then by number.
    assert_eq!(alone, ["BR-2005", "BR-2008", "BR-2006", "BR-2007"]);
    let numbers: Vec<String> =
        groups.into_iter().flat_map(|group| group.items).map(|item| item.number).collect();
    for limit in [1, 2, 3, 5, 11] {
        let (mut page, mut found) = (Page::first(limit), Vec::new());
        loop {
            let part =
                screens::breach_inbox(&mut reader, &dana, &waits, BreachTab::ToReview, &page).await;
            let part = part.expect("reads");
            let items = part.groups.into_iter().flat_map(|group| group.items);
            found.extend(items.map(|item| item.number));
            page.after = part.next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(found, numbers, "pages of {limit}");
    }
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
        let page = Page { after: Some(after.to_owned()), ..Page::default() };
        let problem = screens::customers(&mut reader, &dana, &page).await.expect_err("no page");
        assert_eq!(problem.code, Code::Invalid, "{after}");
    }
}

/// Twelve drafted credits beside the house's own, in three currencies, some of the same amount and one
/// that takes back.
fn drafted() -> House {
    let mut house = House::new();
    let pattern = house.credits[0].clone();
    for n in 0..12_u32 {
        let mut credit = pattern.clone();
        credit.id = crate::northwind::id(11, 100 + n);
        credit.number = format!("CR-{}", 995 + n);
        let currency = Currency::parse(["USD", "EUR", "JPY"][n as usize % 3]).expect("a currency");
        credit.amount = Money::new(i64::from(n * 7 % 4) * 1_000 - 1_000, currency);
        house.credits.push(credit);
    }
    house
}

#[tokio::test]
async fn credits_come_by_amount_within_each_currency_over_pages() {
    let house = drafted();
    let mut wanted: Vec<_> = house
        .credits
        .iter()
        .map(|one| {
            let number = (one.number.len(), one.number.clone());
            (one.amount.currency().code().to_owned(), one.amount.minor(), number)
        })
        .collect();
    let (_folder, mut reader) = house.reader().await;
    let (dana, waits) = (viewer(DANA), nothing_waits());
    for sort in ["smallest", "largest"] {
        wanted.sort();
        if sort == "largest" {
            wanted.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.cmp(a)));
        }
        for limit in [1, 2, 5, 100] {
            let (mut page, mut numbers) = (Page::first(limit).by(sort), Vec::new());
            loop {
                let part =
                    screens::credits(&mut reader, &dana, &waits, CreditTab::Drafted, &page).await;
                let part = part.expect("reads");
                assert!(part.rows.len() <= limit);
                numbers.extend(part.rows.into_iter().map(|row| row.number));
                page.after = part.next;
                if page.after.is_none() {
                    break;
                }
            }
            let wanted: Vec<&str> = wanted.iter().map(|one| one.2.1.as_str()).collect();
            assert_eq!(numbers, wanted, "{sort}, pages of {limit}");
        }
    }
}

#[tokio::test]
async fn credits_come_by_age_both_ways_and_statements_by_customer() {
    let mut house = drafted();
    for (credit, day) in house.credits.iter_mut().zip(1..) {
        credit.proposed_at = Some(crate::northwind::at(&format!("2026-10-{day:02}T08:00:00Z")));
    }
    let wanted: Vec<String> = house.credits.iter().map(|one| one.number.clone()).collect();
    let (_folder, mut reader) = house.reader().await;
    let (dana, waits) = (viewer(DANA), nothing_waits());
    let mut numbers = Vec::new();
    for sort in ["oldest", "newest"] {
        let page = all().by(sort);
        let part = screens::credits(&mut reader, &dana, &waits, CreditTab::Drafted, &page).await;
        let rows = part.expect("reads").rows;
        numbers.push(rows.into_iter().map(|row| row.number).collect::<Vec<_>>());
    }
    assert_eq!(numbers[0], wanted);
    assert!(numbers[1].iter().eq(numbers[0].iter().rev()));
    let mut names = Vec::new();
    let mut page = Page::first(1).by("customer");
    for _ in 0..2 {
        let part = screens::statement_month(&mut reader, &waits, "2026-10", &page).await;
        let part = part.expect("reads");
        names.extend(part.rows.into_iter().map(|row| row.customer));
        page.after = part.next;
    }
    assert_eq!(
        (names, page.after),
        (["Northwind GmbH", "Northwind Inc"].map(str::to_owned).to_vec(), None)
    );
}

#[tokio::test]
async fn an_order_that_a_list_does_not_have_is_refused() {
    let (_folder, mut reader) = House::new().reader().await;
    let (dana, waits) = (viewer(DANA), nothing_waits());
    let page = all().by("customer");
    let refused = screens::credits(&mut reader, &dana, &waits, CreditTab::Drafted, &page).await;
    let refused = refused.expect_err("no order");
    assert_eq!(refused.code, Code::Invalid);
    assert!(refused.message.contains("oldest, newest, largest, smallest"), "{refused}");
    // A place in one order is none in another.
    let first =
        screens::credits(&mut reader, &dana, &waits, CreditTab::Drafted, &Page::first(1)).await;
    let after = first.expect("reads").next;
    assert!(after.is_some());
    for sort in ["largest", "newest"] {
        let page = Page { after: after.clone(), ..all().by(sort) };
        let refused = screens::credits(&mut reader, &dana, &waits, CreditTab::Drafted, &page).await;
        assert_eq!(refused.expect_err("no page").code, Code::Invalid, "{sort}");
    }
}
