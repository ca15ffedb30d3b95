//! Northwind's October, as central would have sent it: three contracts, one outage, one admitted
//! exclusion. Every figure comes from the engine.

use chrono::{DateTime, NaiveDate, Utc};
use makegood_domain::{
    Currency, Money,
    attainment::{Attainment, DayLeft, WindowState},
    audit::{AuditEvent, GENESIS},
    breach::{Breach, BreachState},
    contract::{Clauses, Contract, RemedyMode, RemedyRule, SlaLine},
    credit::{Application, Billing, Claim, Credit, CreditKind, Decision},
    customer::Customer,
    exclusion::{Exclusion, ExclusionState},
    id::{CustomerId, PersonId},
    incident::{Hit, Incident, IncidentEvent},
    person::{Actor, Person, Role, Scope, TokenKind},
    policy::Policy,
    row::Row,
    settlement::{Settlement, SettlementLine},
    wire::Change,
};
use makegood_engine::{case::Case, compute::compute, distance::distance};
use makegood_mirror::{Mirror, Overlay, Reader, Viewer};
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

/// A contract of the story.
struct Promise {
    number: u32,
    customer: u32,
    currency: &'static str,
    fee: &'static str,
    rule: &'static str,
    zone: &'static str,
    sla: &'static str,
    claim_days: Option<u16>,
}

const PROMISES: [Promise; 3] = [
    Promise {
        number: 1,
        customer: 1,
        currency: "EUR",
        fee: "12000.00",
        rule: "monthly 12,000.00",
        zone: "Europe/Berlin",
        sla: "Orders API",
        claim_days: None,
    },
    Promise {
        number: 2,
        customer: 1,
        currency: "EUR",
        fee: "10000.00",
        rule: "annual 120,000.00 ÷ 12",
        zone: "Europe/Berlin",
        sla: "Reporting",
        claim_days: Some(30),
    },
    Promise {
        number: 3,
        customer: 2,
        currency: "USD",
        fee: "8000.00",
        rule: "monthly 8,000.00",
        zone: "America/New_York",
        sla: "Orders API",
        claim_days: None,
    },
];

fn terms(zone: &str) -> serde_json::Value {
    json!({
        "objective": "99.9", "internal_objective": "99.95",
        "window": {"calendar": "month", "time_zone": zone},
        "measure": {"uptime": {}},
        "exclusions": {"planned_maintenance": {"treatment": "removed", "min_notice": "48h"}},
        "credit": {"tiers": [{"below": "99.9", "percent": "10"}, {"below": "99.8", "percent": "25"}]}
    })
}

/// The calculation file of contract `number`.
pub(crate) fn case(number: u32) -> Case {
    let promise = &PROMISES[number as usize - 1];
    let text = json!({
        "format": "makegood/case/1",
        "contract": {"currency": promise.currency},
        "period": "2026-10",
        "lines": [{
            "sla": promise.sla, "terms": terms(promise.zone), "fee": promise.fee,
            "evidence": {
                "outages": [{"from": "2026-10-14T03:12:00Z", "to": "2026-10-14T04:13:00Z"}],
                "exclusions": [{"kind": "planned_maintenance", "from": "2026-10-14T03:55:00Z",
                    "to": "2026-10-14T04:05:00Z", "notified_at": "2026-10-11T03:55:00Z"}]
            }
        }]
    });
    Case::parse_file(text.to_string().as_bytes()).expect("a case").remove(0)
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

    /// A mirror that holds it.
    pub(crate) async fn mirror(mut self) -> (TempDir, Mirror) {
        for credit in self.credits.clone() {
            self.put(&credit, 3);
        }
        for breach in self.breaches.clone() {
            self.put(&breach, 2);
        }
        self.put(&self.exclusion.clone(), 2);
        let folder = tempfile::tempdir().expect("a folder");
        let mirror = Mirror::create(&folder.path().join("mirror-0001.db")).await.expect("opens");
        mirror.apply(&self.changes, &format!("c1.e.1.{}", self.seq)).await.expect("applies");
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
        row: Some(serde_json::to_value(row).expect("json")),
    }
}

pub(crate) fn nothing_waits() -> Overlay {
    Overlay::default()
}

fn policy() -> Policy {
    Policy {
        version: 7,
        base: "EUR".to_owned(),
        limit: Money::new(150_000, Currency::parse("EUR").expect("a currency")),
        rates: BTreeMap::from([("USD".to_owned(), "0.90".to_owned())]),
    }
}

fn contract(promise: &Promise) -> Contract {
    Contract {
        id: id(4, promise.number),
        customer: id(3, promise.customer),
        legal_entity: id(5, 1),
        number: format!("NW-{}", promise.number),
        currency: promise.currency.to_owned(),
        combine: "sum".to_owned(),
        cap: None,
        renews_on: (promise.number == 1)
            .then(|| NaiveDate::from_ymd_opt(2027, 1, 31).expect("a day")),
        auto_renew: true,
        document_hash: None,
        version_number: 3,
    }
}

fn line(promise: &Promise) -> SlaLine {
    SlaLine {
        id: id(6, promise.number),
        contract: id(4, promise.number),
        customer: id(3, promise.customer),
        version: id(7, promise.number),
        name: promise.sla.to_owned(),
        product: promise.sla.to_owned(),
        terms: terms(promise.zone),
        clauses: Clauses {
            objective: Some("4.2".to_owned()),
            exclusions: BTreeMap::from([("planned_maintenance".to_owned(), "6.1".to_owned())]),
            credit: Some("7".to_owned()),
        },
        series: id(8, 1),
        fee: promise.fee.to_owned(),
        fee_rule: promise.rule.to_owned(),
        remedy: RemedyRule {
            mode: if promise.claim_days.is_some() {
                RemedyMode::Invite
            } else {
                RemedyMode::Proactive
            },
            claim_within_days: promise.claim_days,
            form: "invoice".to_owned(),
        },
        active_from: None,
        active_to: None,
    }
}

fn attainment(promise: &Promise, owed: Money) -> Attainment {
    let case = case(promise.number);
    let computed = compute(&case).expect("computes");
    let result = &computed.result.lines[0];
    let allowance = distance(&case, computed.span.to).expect("measures").remove(0).expect("uptime");
    let allowance = allowance.objective;
    Attainment {
        id: id(9, promise.number),
        customer: id(3, promise.customer),
        contract: id(4, promise.number),
        line: id(6, promise.number),
        window: "2026-10".to_owned(),
        from: computed.span.from,
        to: computed.span.to,
        state: WindowState::Locked,
        settlement: Some(id(10, promise.number)),
        revision: 1,
        attainment: result.attainment.as_ref().map(ToString::to_string),
        percent: result.percent.clone(),
        met: result.met,
        internal_met: result.internal_met.flatten(),
        total: result.total.clone(),
        bad: result.bad.clone(),
        excused: result.excused.clone(),
        unknown_seconds: 0,
        allowance: Some(allowance.allowed.decimal_or_fraction()),
        allowance_left: Some(allowance.left.decimal_or_fraction()),
        left_by_day: allowance
            .by_day
            .iter()
            .map(|(day, left)| DayLeft {
                day: *day,
                left: left.ratio().floor().to_integer().try_into().expect("small"),
            })
            .collect(),
        credit: Some(owed),
        as_of: computed.span.to,
    }
}

fn settlement(promise: &Promise, owed: Money) -> Settlement {
    let computed = compute(&case(promise.number)).expect("computes");
    Settlement {
        id: id(10, promise.number),
        customer: id(3, promise.customer),
        contract: id(4, promise.number),
        window: "2026-10".to_owned(),
        from: computed.span.from,
        to: computed.span.to,
        revision: 1,
        reason: None,
        engine: computed.result.provenance.engine,
        tzdb: computed.result.provenance.tzdb,
        case_hash: "c0".repeat(32),
        locked_at: at("2026-11-04T08:00:00Z"),
        total: owed,
        lines: vec![SettlementLine {
            line: id(6, promise.number),
            percent: computed.result.lines[0].percent.clone(),
            met: computed.result.lines[0].met,
            own: owed,
            allocated: owed,
            fee: promise.fee.to_owned(),
            fee_trace: promise.rule.to_owned(),
        }],
    }
}

fn credit(promise: &Promise, owed: Money) -> Credit {
    let days = promise.claim_days.is_some();
    Credit {
        id: id(11, promise.number),
        number: format!("CR-{}", 310 + promise.number),
        kind: CreditKind::Contractual,
        amount: owed,
        customer: id(3, promise.customer),
        group: id(2, 1),
        contract: id(4, promise.number),
        legal_entity: id(5, 1),
        settlement: Some(id(10, promise.number)),
        settlement_revision: 1,
        adjusts: None,
        window: "2026-10".to_owned(),
        form: "invoice".to_owned(),
        decision: Decision::Drafted,
        claim: if days { Claim::Invited } else { Claim::NotNeeded },
        claim_until: days.then(|| NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day")),
        billing: Billing::None,
        application: Application::None,
        policy_version: None,
        group_month: None,
        proposed_by: Vec::new(),
        proposed_at: None,
        approvals: Vec::new(),
        reason: None,
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
