//! A large house for the benchmark: what a mirror holds after three years, the same each time.
//!
//! As many misses, credits and daily figures as the promise names; each body is a struct of the
//! domain, written by serde, as central writes it. Daily figures have no entity of their own: they
//! stand in the attainments of the last months.

#[path = "house/decided.rs"]
mod decided;
#[path = "house/month.rs"]
mod month;

use chrono::{DateTime, Utc};
use makegood_domain::{
    Currency, Money,
    contract::{Clauses, Combine, Contract, RemedyMode, RemedyRule, SlaLine},
    credit::CreditForm,
    customer::{Customer, LegalEntity},
    person::{Actor, Person, Role, Scope, TokenKind},
    policy::Policy,
    row::Row,
    wire::{Body, Change},
};
use makegood_mirror::{Mirror, Viewer};
pub(crate) use month::{MONTHS, label};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    str::FromStr,
    time::Instant,
};

/// Lines of a contract.
pub(crate) const LINES: usize = 5;
/// People, of whom the first [`OWNERS`] look after customers and the next two approve.
const PEOPLE: usize = 120;
const OWNERS: usize = 50;
/// Changes of one page.
const PAGE: usize = 4_000;

/// An id that says what it is; later ones are larger, as those of UUIDv7 are.
pub(crate) fn id<T: FromStr>(kind: u8, number: usize) -> T {
    let text = format!("01900000-0000-7000-8{kind:03}-{number:012x}");
    text.parse().ok().expect("an id")
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The desk's clock: a month has ended, and is being decided.
pub(crate) fn now() -> DateTime<Utc> {
    at("2026-11-09T08:15:00Z")
}

/// A number that looks random and is the same each time.
pub(crate) fn dice(a: usize, b: usize, c: usize) -> usize {
    let mut mixed = (a as u64) << 40 ^ (b as u64) << 20 ^ c as u64;
    for _ in 0..2 {
        mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
    }
    usize::try_from(mixed >> 33).expect("31 bits")
}

/// The same, from 0 to less than `end`.
pub(crate) fn below(end: usize, dice: usize) -> i64 {
    i64::try_from(dice % end).expect("small")
}

pub(crate) fn currency(customer: usize) -> Currency {
    Currency::parse(if customer.is_multiple_of(4) { "USD" } else { "EUR" }).expect("a currency")
}

pub(crate) fn money(minor: usize, customer: usize) -> Money {
    Money::new(i64::try_from(minor).expect("small"), currency(customer))
}

pub(crate) fn is_by_claim(customer: usize) -> bool {
    customer.is_multiple_of(5)
}

/// Somebody who looks: a customer success manager (0), or who approves ([`OWNERS`]).
pub(crate) fn viewer(role: Role) -> Viewer {
    let number = if role == Role::Finance { OWNERS } else { 0 };
    let person = person(number);
    Viewer {
        actor: Actor {
            person: person.id,
            name: person.name,
            roles: BTreeSet::from([role]),
            scope: Scope::All,
            scope_revision: 1,
            token: id(25, number),
            token_kind: TokenKind::Session,
            acts_for: BTreeMap::new(),
            confined_to: None,
            narrowing: None,
        },
        now: now(),
    }
}

fn person(number: usize) -> Person {
    Person {
        id: id(1, number),
        issuer: "https://id.example".to_owned(),
        subject: format!("subject-{number}"),
        name: format!("Person {number}"),
        roles: BTreeSet::from([Role::Csm]),
    }
}

pub(crate) fn name(number: usize) -> String {
    const FIRST: [&str; 12] = [
        "Alder", "Brenta", "Corvus", "Delta", "Ember", "Fathom", "Garnet", "Harbor", "Iris",
        "Juniper", "Kestrel", "Lumen",
    ];
    const SECOND: [&str; 7] =
        ["Analytics", "Bank", "Foods", "Health", "Logistics", "Retail", "Systems"];
    format!("{} {} {number:05}", FIRST[number % FIRST.len()], SECOND[number / 12 % SECOND.len()])
}

fn customer(number: usize) -> Customer {
    // Every tenth shares the group of the one before it.
    let head = if number % 10 == 9 { number - 1 } else { number };
    Customer {
        id: id(3, number),
        key: format!("C-{number:05}"),
        group: id(2, head),
        group_name: name(head),
        name: name(number),
        address: vec!["1 Long Street".to_owned(), "20095 Hamburg".to_owned()],
        country: "DE".to_owned(),
        locale: "de-DE".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        segment: Some("enterprise".to_owned()),
        churned_on: None,
        csm: Some(id(1, number % OWNERS)),
        account_manager: Some(id(1, number / OWNERS % OWNERS)),
    }
}

fn contract(number: usize) -> Contract {
    let renews = now().date_naive() + chrono::TimeDelta::days(below(700, dice(1, number, 0)));
    Contract {
        id: id(4, number),
        customer: id(3, number),
        legal_entity: id(5, 0),
        number: format!("K-{number:05}"),
        currency: currency(number).code().to_owned(),
        combine: Combine::Sum,
        cap: Some(json!({"percent": "30", "of": "fees"})),
        renews_on: Some(renews),
        auto_renew: true,
        document_hash: Some("d0".repeat(32)),
        version_number: 2,
    }
}

fn line(customer: usize, line: usize) -> SlaLine {
    let days = is_by_claim(customer).then_some(30);
    SlaLine {
        id: id(6, customer * LINES + line),
        contract: id(4, customer),
        customer: id(3, customer),
        version: id(7, customer),
        name: format!("API {line}"),
        product: format!("API {line}"),
        terms: json!({
            "objective": "99.9", "internal_objective": "99.95",
            "window": {"calendar": "month", "time_zone": "Europe/Berlin"},
            "measure": {"uptime": {}},
            "exclusions": {"planned_maintenance": {"treatment": "removed", "min_notice": "48h"}},
            "credit": {"tiers": [{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}]}
        }),
        clauses: Clauses {
            objective: Some("4.2".to_owned()),
            exclusions: BTreeMap::from([("planned_maintenance".to_owned(), "6.1".to_owned())]),
            credit: Some("7".to_owned()),
        },
        series: id(8, line),
        scope: None,
        fee: "1200.00".to_owned(),
        fee_rule: "monthly fee".to_owned(),
        remedy: RemedyRule {
            mode: if days.is_some() { RemedyMode::Invite } else { RemedyMode::Proactive },
            claim_within_days: days,
            expires_after_days: None,
            partial_base: makegood_domain::contract::PartialBase::Whole,
            form: CreditForm::Invoice,
        },
        termination: Vec::new(),
        active_from: Some(at("2023-11-30T23:00:00Z")),
        active_to: None,
    }
}

/// Takes changes into a mirror, page by page.
pub(crate) struct Feed<'a> {
    mirror: &'a Mirror,
    page: Vec<Change>,
    pub(crate) sent: BTreeMap<&'static str, usize>,
    seq: i64,
}

impl Feed<'_> {
    pub(crate) async fn put<T: Row>(&mut self, row: &T, version: i64) {
        self.seq += 1;
        *self.sent.entry(T::ENTITY.as_str()).or_default() += 1;
        self.page.push(change(row, version, self.seq));
        if self.page.len() == PAGE {
            self.send().await;
        }
    }

    async fn send(&mut self) {
        let cursor = format!("c1.e.1.{}", self.seq);
        self.mirror.apply(&self.page, &cursor).await.expect("is applied");
        self.page.clear();
    }
}

/// A mirror in `file` of so many customers; the one that lies there, where it is of this size.
pub(crate) async fn mirror(file: &Path, customers: usize) -> Mirror {
    if let Ok(mirror) = Mirror::open(file).await {
        println!("the mirror that lies in {}", file.display());
        return mirror;
    }
    let draft = file.with_extension("draft");
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("{}{suffix}", draft.display());
        std::fs::remove_file(name)
            .or_else(|e| match e.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(e),
            })
            .expect("is removed");
    }
    let began = Instant::now();
    let mirror = Mirror::create(&draft).await.expect("is created");
    let mut feed = Feed { mirror: &mirror, page: Vec::new(), sent: BTreeMap::new(), seq: 0 };
    parties(&mut feed, customers).await;
    for number in 0..MONTHS {
        month::put(&mut feed, number, customers).await;
    }
    feed.send().await;
    println!("{:?} in {:.0} s", feed.sent, began.elapsed().as_secs_f64());
    mirror.close().await;
    std::fs::rename(&draft, file).expect("is named");
    Mirror::open(file).await.expect("opens")
}

/// A line's running month, as central tells it anew every few minutes.
pub(crate) fn measured_again(turn: usize, customers: usize, seq: i64) -> Change {
    change(&month::running(dice(turn, 2, 2) % customers, customers), seq, seq)
}

fn change<T: Row>(row: &T, version: i64, seq: i64) -> Change {
    Change {
        seq,
        entity: T::ENTITY,
        key: row.key(),
        customer: row.customer(),
        version,
        row: Some(Body::of(row).expect("JSON")),
    }
}

async fn parties(feed: &mut Feed<'_>, customers: usize) {
    for number in 0..PEOPLE {
        feed.put(&person(number), 1).await;
    }
    let euros = |minor| Money::new(minor, Currency::parse("EUR").expect("a currency"));
    for version in 1..=7 {
        let (base, rates) = ("EUR".to_owned(), [("USD".to_owned(), "0.90".to_owned())].into());
        let limit = euros(150_000);
        feed.put(&Policy { version, base, limit, rates, role_limits: BTreeMap::new() }, 1).await;
    }
    let entity = LegalEntity {
        id: id(5, 0),
        key: "DE".to_owned(),
        name: "Fjordline".to_owned(),
        address: Vec::new(),
        legal_lines: Vec::new(),
        functional_currency: "EUR".to_owned(),
        locale: "en-GB".to_owned(),
        seal: None,
        letterhead: None,
    };
    feed.put(&entity, 1).await;
    for number in 0..customers {
        feed.put(&customer(number), 1).await;
        feed.put(&contract(number), 1).await;
        for at in 0..LINES {
            feed.put(&line(number, at), 1).await;
        }
    }
}
