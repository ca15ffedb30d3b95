//! The book is the same for the same seed, and holds what the first screen promises.

use chrono::{DateTime, Utc};
use makegood_demo::book::{Book, customers::CUSTOMERS};
use std::collections::BTreeSet;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn the_same_seed_writes_the_same_book_and_another_seed_another() {
    assert_eq!(Book::from_seed(7).records, Book::from_seed(7).records);
    assert_ne!(Book::from_seed(7).records, Book::from_seed(8).records);
}

#[test]
fn there_are_forty_customers_with_keys_and_contract_numbers_of_their_own() {
    let keys: BTreeSet<_> = CUSTOMERS.iter().map(|customer| customer.key).collect();
    assert_eq!((CUSTOMERS.len(), keys.len()), (40, 40));
    let deals = || CUSTOMERS.iter().flat_map(|customer| customer.contracts);
    let numbers: BTreeSet<_> = deals().map(|deal| deal.number).collect();
    assert_eq!(numbers.len(), deals().count());
    let currencies: BTreeSet<_> = deals().map(|deal| deal.currency).collect();
    assert_eq!(currencies, BTreeSet::from(["EUR", "GBP", "USD"]));
}

#[test]
fn northwinds_october_is_the_storys_and_nothing_else_touches_it() {
    let book = Book::from_seed(7);
    let (from, to) = (instant("2026-10-01T00:00:00Z"), instant("2026-11-01T04:00:00Z"));
    for service in ["orders-api", "reporting"] {
        let october: Vec<_> = book.records[service]
            .outages
            .iter()
            .filter(|outage| outage.to > from && outage.from < to)
            .map(|outage| (outage.from, outage.to))
            .collect();
        let told = (instant("2026-10-14T03:12:00Z"), instant("2026-10-14T04:13:00Z"));
        assert_eq!(october, [told], "{service}");
    }
}

#[test]
fn outages_of_one_service_never_end_before_they_begin() {
    for (service, record) in Book::from_seed(7).records {
        for outage in &record.outages {
            assert!(
                outage.to > outage.from && outage.known_at >= outage.to,
                "{service} {outage:?}"
            );
        }
    }
}
