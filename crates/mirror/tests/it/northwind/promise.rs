//! What was promised to Northwind, what was reached, and what is owed.

use super::{at, id};
use chrono::NaiveDate;
use makegood_domain::{
    Currency, Money,
    attainment::{Attainment, DayLeft, WindowState},
    contract::{Clauses, Combine, Contract, RemedyMode, RemedyRule, SlaLine},
    credit::{Application, Billing, Claim, Credit, CreditForm, CreditKind, Decision},
    distance::Distance,
    settlement::{Settlement, SettlementLine},
};
use makegood_engine::{case::Case, compute::compute, distance::distance};
use serde_json::json;
use std::collections::BTreeMap;

/// A contract of the story.
pub(super) struct Promise {
    pub(super) number: u32,
    pub(super) customer: u32,
    pub(super) currency: &'static str,
    pub(super) fee: &'static str,
    pub(super) rule: &'static str,
    pub(super) zone: &'static str,
    pub(super) sla: &'static str,
    pub(super) claim_days: Option<u16>,
}

pub(super) const PROMISES: [Promise; 3] = [
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

pub(super) fn contract(promise: &Promise) -> Contract {
    Contract {
        id: id(4, promise.number),
        customer: id(3, promise.customer),
        legal_entity: id(5, 1),
        number: format!("NW-{}", promise.number),
        currency: promise.currency.to_owned(),
        combine: Combine::Sum,
        cap: None,
        renews_on: (promise.number == 1)
            .then(|| NaiveDate::from_ymd_opt(2027, 1, 31).expect("a day")),
        auto_renew: true,
        document_hash: None,
        version_number: 3,
    }
}

pub(super) fn line(promise: &Promise) -> SlaLine {
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
        scope: None,
        fee: promise.fee.to_owned(),
        fee_rule: promise.rule.to_owned(),
        remedy: RemedyRule {
            mode: if promise.claim_days.is_some() {
                RemedyMode::Invite
            } else {
                RemedyMode::Proactive
            },
            claim_within_days: promise.claim_days,
            expires_after_days: None,
            partial_base: makegood_domain::contract::PartialBase::Whole,
            form: CreditForm::Invoice,
        },
        termination: Vec::new(),
        active_from: None,
        active_to: None,
    }
}

pub(super) fn attainment(promise: &Promise, owed: Money) -> Attainment {
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
        distance: None,
    }
}

/// November of the first line, as it runs: half of it has passed.
pub(crate) fn running(distance: Distance) -> Attainment {
    let owed = Money::zero(Currency::parse("EUR").expect("a currency"));
    Attainment {
        id: id(9, 41),
        window: "2026-11".to_owned(),
        from: at("2026-10-31T23:00:00Z"),
        to: at("2026-11-30T23:00:00Z"),
        state: WindowState::Open,
        settlement: None,
        revision: 0,
        as_of: at("2026-11-09T08:00:00Z"),
        distance: Some(distance),
        left_by_day: Vec::new(),
        ..attainment(&PROMISES[0], owed)
    }
}

pub(super) fn settlement(promise: &Promise, owed: Money) -> Settlement {
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

pub(super) fn credit(promise: &Promise, owed: Money) -> Credit {
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
        form: CreditForm::Invoice,
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
