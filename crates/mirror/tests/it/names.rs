//! Names are found and put in order by their letters, whatever their case and marks.

use crate::northwind::{DANA, House, id, nothing_waits, viewer};
use makegood_domain::{attainment::Attainment, customer::Customer};
use makegood_mirror::{
    Mirror, Reader, rollup,
    screens::{self, Page},
};

const NAMES: [&str; 5] =
    ["Zeppelin", "Österreichische Post AG", "eBay", "Ärzte am Ring", "Straßenbau Łódź"];

/// These customers beside Northwind's, each with a line's October.
fn house() -> House {
    let mut house = House::new();
    let (customer, attainment): (Customer, Attainment) = (house.first(), house.first());
    for (number, name) in (20..).zip(NAMES) {
        let owner = id(3, number);
        house.put(&Customer { id: owner, name: name.to_owned(), ..customer.clone() }, 1);
        let own = Attainment { id: id(9, number), customer: owner, ..attainment.clone() };
        house.put(&own, 1);
    }
    house
}

async fn found(reader: &mut Reader, text: &str) -> Vec<String> {
    let hits = screens::search(reader, text).await.expect("finds");
    hits.into_iter().map(|hit| hit.title).collect()
}

async fn every_way_of_writing_finds(mirror: &Mirror) {
    let mut reader = mirror.reader().await.expect("reads");
    for (name, texts) in [
        (NAMES[1], ["ö", "ös", "OS", "osterr", "Österr", "O\u{308}sterr", "reichische p", "POST"]),
        (NAMES[2], ["e", "EB", "ebay", "eBay", "Ebay", "bay", "BAY", "\u{ff45}bay"]),
        (NAMES[4], ["str", "strasse", "STRASSE", "Straße", "ßenb", "łódź", "lodz", "Lódź"]),
    ] {
        for text in texts {
            assert_eq!(found(&mut reader, text).await, [name], "{text}");
        }
    }
}

#[tokio::test]
async fn a_name_is_found_with_and_without_its_marks() {
    let (_folder, mirror) = house().mirror().await;
    every_way_of_writing_finds(&mirror).await;
    rollup::rebuild(&mirror).await.expect("is written anew");
    every_way_of_writing_finds(&mirror).await;
}

#[tokio::test]
async fn a_name_that_gets_its_marks_is_shown_with_them() {
    let mut before = house();
    let customer: Customer = before.first();
    before.put(&Customer { id: id(3, 30), name: "Muller KG".to_owned(), ..customer.clone() }, 1);
    let (_folder, mirror) = before.mirror().await;
    let named = Customer { id: id(3, 30), name: "Müller KG".to_owned(), ..customer };
    let change = crate::northwind::change(999, &named, 2);
    mirror.apply(&[change], "c1.e.1.999").await.expect("applies");
    let mut reader = mirror.reader().await.expect("reads");
    assert_eq!(found(&mut reader, "muller").await, ["Müller KG"]);
}

#[tokio::test]
async fn lists_go_by_letters_over_pages() {
    let sorted = [
        "Ärzte am Ring",
        "eBay",
        "Northwind GmbH",
        "Northwind Inc",
        "Österreichische Post AG",
        "Straßenbau Łódź",
        "Zeppelin",
    ];
    let (_folder, mut reader) = house().reader().await;
    let (dana, waits) = (viewer(DANA), nothing_waits());
    for limit in [1, 3, 20] {
        let (mut page, mut names) = (Page::first(limit), Vec::new());
        loop {
            let part = screens::customers(&mut reader, &dana, &page).await.expect("reads");
            names.extend(part.rows.into_iter().map(|row| row.name));
            page.after = part.next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(names, sorted, "customers by {limit}");
        let (mut page, mut names) = (Page::first(limit).by("customer"), Vec::new());
        loop {
            let part = screens::statement_month(&mut reader, &waits, "2026-10", &page).await;
            let part = part.expect("reads");
            names.extend(part.rows.into_iter().map(|row| row.customer));
            page.after = part.next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(names, sorted, "statements by {limit}");
    }
}
