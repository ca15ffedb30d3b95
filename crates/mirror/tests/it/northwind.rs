//! Northwind's October, as central would have sent it: three contracts, one outage, one admitted
//! exclusion. Every figure comes from the engine.

mod promise;

use chrono::{DateTime, Utc};
use makegood_domain::{
    Currency, Money,
    audit::{AuditEvent, GENESIS},
    breach::{Breach, BreachState},
    credit::Credit,
    customer::Customer,
    exclusion::{Exclusion, ExclusionState},
    id::{CustomerId, PersonId},
    incident::{Hit, Incident, IncidentEvent},
    person::{Actor, Person, Role, Scope, TokenKind},
    policy::Policy,
    row::Row,
    wire::{Body, Change},
};
use makegood_engine::compute::compute;
use makegood_mirror::{Mirror, Overlay, Reader, Viewer, screens::Page};
use promise::{PROMISES, Promise, attainment, contract, credit, line, settlement};
pub(crate) use promise::{case, running};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use tempfile::TempDir;

/// An id that says what it is: `id(4, 1)` is the first contract.
pub(crate) fn id<T: FromStr>(kind: u32, number: u32) -> T {
    let text = format!("01900000-0000-7000-8000-{kind:04}{number:08}");
    text.parse().ok().expect("an id")
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub(crate) const DANA: u32 = 1;
pub(crate) const INES: u32 = 2;
pub(crate) const LEE: u32 = 3;
pub(crate) const SAM: u32 = 4;

/// What a mirror of Northwind is made of; tests change it before it is sent.
pub(crate) struct House {
    pub(crate) credits: Vec<Credit>,
    pub(crate) breaches: Vec<Breach>,
    pub(crate) exclusion: Exclusion,
    changes: Vec<Change>,
    seq: i64,
}

pub(crate) fn person(number: u32) -> Person {
    let (name, role) = match number {
        DANA => ("Dana Whitfield", Role::Csm),
        INES => ("Ines Keller", Role::Finance),
        LEE => ("Lee Brandt", Role::Finance),
        _ => ("Sam Okafor", Role::AccountManager),
    };
    Person {
        id: id(1, number),
        issuer: "demo".to_owned(),
        subject: name.to_owned(),
        name: name.to_owned(),
        roles: BTreeSet::from([role]),
    }
}

pub(crate) fn viewer(number: u32) -> Viewer {
    let person = person(number);
    Viewer {
        actor: Actor {
            person: person.id,
            name: person.name,
            roles: person.roles,
            scope: Scope::All,
            scope_revision: 1,
            token: id(25, number),
            token_kind: TokenKind::Session,
            acts_for: BTreeMap::new(),
            confined_to: None,
            narrowing: None,
        },
        now: at("2026-11-09T08:15:00Z"),
    }
}

fn customer(number: u32, name: &str) -> Customer {
    Customer {
        id: id(3, number),
        key: format!("C-{number}"),
        group: id(2, 1),
        group_name: "Northwind".to_owned(),
        name: name.to_owned(),
        address: Vec::new(),
        country: "DE".to_owned(),
        locale: "de-DE".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        segment: None,
        churned_on: None,
        csm: Some(id(1, DANA)),
        account_manager: Some(id(1, SAM)),
    }
}

impl House {
    /// Northwind on 9 November 2026, after the exclusion was admitted; nothing is reviewed yet.
    pub(crate) fn new() -> Self {
        let mut house = Self {
            credits: Vec::new(),
            breaches: Vec::new(),
            exclusion: exclusion(),
            changes: Vec::new(),
            seq: 0,
        };
        for number in [DANA, INES, LEE, SAM] {
            house.put(&person(number), 1);
        }
        house.put(&policy(), 1);
        house.put(&customer(1, "Northwind GmbH"), 1);
        house.put(&customer(2, "Northwind Inc"), 1);
        house.put(&incident(), 1);
        for promise in &PROMISES {
            house.promise(promise);
        }
        for (customer, breaches) in [(1, vec![1, 2]), (2, vec![3])] {
            house.put(&hit(customer, &breaches), 1);
        }
        house.put(&audit_event(), 1);
        house
    }

    /// Sends an entity at this version.
    pub(crate) fn put<T: Row>(&mut self, row: &T, version: i64) {
        self.seq += 1;
        self.changes.push(change(self.seq, row, version));
    }

    /// What was sent of a table first.
    pub(crate) fn first<T: Row>(&self) -> T {
        let mut found = self.changes.iter().filter(|change| change.entity == T::ENTITY);
        let body = found.next().and_then(|change| change.row.as_ref()).expect("it was sent");
        serde_json::from_str(body.text()).expect("JSON")
    }

    fn promise(&mut self, promise: &Promise) {
        let number = promise.number;
        self.put(&contract(promise), 1);
        self.put(&line(promise), 1);
        let computed = compute(&case(number)).expect("computes");
        let owed = Money::parse_decimal(
            &computed.result.credit,
            Currency::parse(promise.currency).expect("a currency"),
        )
        .expect("an amount");
        self.put(&attainment(promise, owed), 1);
        self.put(&settlement(promise, owed), 1);
        self.credits.push(credit(promise, owed));
        self.breaches.push(breach(promise));
    }

    /// Everything that is sent, in its order.
    pub(crate) fn changes(mut self) -> Vec<Change> {
        for credit in self.credits.clone() {
            self.put(&credit, 3);
        }
        for breach in self.breaches.clone() {
            self.put(&breach, 2);
        }
        self.put(&self.exclusion.clone(), 2);
        self.changes
    }

    /// A mirror that holds it.
    pub(crate) async fn mirror(self) -> (TempDir, Mirror) {
        let changes = self.changes();
        let folder = tempfile::tempdir().expect("a folder");
        let mirror = Mirror::create(&folder.path().join("mirror-0001.db")).await.expect("opens");
        mirror.apply(&changes, &format!("c1.e.1.{}", changes.len())).await.expect("applies");
        (folder, mirror)
    }

    /// A reader over it; the folder has to outlive it.
    pub(crate) async fn reader(self) -> (TempDir, Reader) {
        let (folder, mirror) = self.mirror().await;
        let reader = mirror.reader().await.expect("reads");
        (folder, reader)
    }
}

/// An entity as the feed carries it.
pub(crate) fn change<T: Row>(seq: i64, row: &T, version: i64) -> Change {
    Change {
        seq,
        entity: T::ENTITY,
        key: row.key(),
        customer: row.customer(),
        version,
        row: Some(Body::of(row).expect("JSON")),
    }
}

pub(crate) fn nothing_waits() -> Overlay {
    Overlay::default()
}

/// As many rows as a screen shows.
pub(crate) fn all() -> Page {
    Page::default()
}

fn policy() -> Policy {
    Policy {
        version: 7,
        base: "EUR".to_owned(),
        limit: Money::new(150_000, Currency::parse("EUR").expect("a currency")),
        rates: BTreeMap::from([("USD".to_owned(), "0.90".to_owned())]),
        role_limits: BTreeMap::new(),
    }
}

fn breach(promise: &Promise) -> Breach {
    Breach {
        id: id(12, promise.number),
        number: format!("BR-{}", 1041 + promise.number),
        customer: id(3, promise.customer),
        contract: id(4, promise.number),
        line: id(6, promise.number),
        window: "2026-10".to_owned(),
        attainment: id(9, promise.number),
        settlement: Some(id(10, promise.number)),
        state: BreachState::ToReview,
        incident: Some(id(13, 1)),
        reviewed_by: None,
        reviewed_at: None,
        reason: None,
        snoozed_until: None,
    }
}

fn exclusion() -> Exclusion {
    Exclusion {
        id: id(14, 1),
        customer: id(3, 1),
        series: id(8, 1),
        kind: "planned_maintenance".to_owned(),
        from: at("2026-10-14T03:55:00Z"),
        to: at("2026-10-14T04:05:00Z"),
        notified_at: Some(at("2026-10-11T03:55:00Z")),
        clause: None,
        state: ExclusionState::Admitted,
        proposed_by: id(1, DANA),
        proposed_at: at("2026-11-05T08:00:00Z"),
        decided_by: Some(id(1, LEE)),
        decided_at: Some(at("2026-11-05T09:31:00Z")),
        reason: None,
    }
}

fn incident() -> Incident {
    let event = |time: &str, text: &str, source: &str| IncidentEvent {
        at: at(&format!("2026-10-14T{time}:00Z")),
        text: text.to_owned(),
        source: source.to_owned(),
    };
    Incident {
        merged_into: None,
        id: id(13, 1),
        number: "INC-778".to_owned(),
        title: "Name resolution failed".to_owned(),
        began_at: at("2026-10-14T03:12:00Z"),
        ended_at: Some(at("2026-10-14T04:13:00Z")),
        root_cause: None,
        detected_at: Some(at("2026-10-14T03:18:00Z")),
        events: vec![
            event("03:12", "Prober LON: 5xx above 5 %", "prometheus"),
            event("03:18", "Page sent, INC-778", "pagerduty"),
            event("04:13", "Prober LON: recovered", "prometheus"),
        ],
    }
}

fn hit(customer: u32, breaches: &[u32]) -> Hit {
    Hit {
        id: id(15, customer),
        incident: id(13, 1),
        customer: id::<CustomerId>(3, customer),
        breaches: breaches.iter().map(|number| id(12, *number)).collect(),
        root_cause: None,
        first_degraded_at: None,
        detected_at: None,
        narratives: BTreeMap::new(),
        reviewed_by: None,
        reviewed_at: None,
    }
}

fn audit_event() -> AuditEvent {
    let mut event = AuditEvent {
        id: id(16, 1),
        position: 1,
        at: at("2026-11-05T09:31:00Z"),
        person: Some(id::<PersonId>(1, LEE)),
        customer: Some(id(3, 1)),
        action: "exclusion.admitted".to_owned(),
        entity: "exclusion".to_owned(),
        subject: id::<CustomerId>(14, 1).to_string(),
        detail: json!({}),
        previous: GENESIS.to_owned(),
        hash: String::new(),
    };
    event.hash = event.computed_hash();
    event
}
