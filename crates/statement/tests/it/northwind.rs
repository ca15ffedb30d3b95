//! Northwind's October, as the acceptance stories tell it.

use chrono::{DateTime, NaiveDate, Utc};
use makegood_domain::random::Random;
use makegood_engine::case::Case;
use makegood_statement::authority::{self, DemoAuthority};
use makegood_statement::{
    Clauses, ContractPart, CreditState, Document, Kind, Language, Letterhead, LinePart, Period,
    Scope, Seal, TrendPoint, Trust, Unsigned,
};
use std::collections::BTreeMap;

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The case of a contract: an outage of 61 minutes, ten of them in announced maintenance. It is
/// the internal edition, with words that must never leave the house.
pub(crate) fn case(number: &str, sla: &str, fee: &str) -> Case {
    let json = format!(
        r#"{{"format": "makegood/case/1", "id": "{number}-2026-10", "source": "SECRET-SOURCE",
        "contract": {{"currency": "EUR", "customer": "Northwind GmbH", "number": "{number}"}},
        "period": "2026-10",
        "lines": [{{"sla": "{sla}",
          "terms": {{"objective": "99.9", "internal_objective": "99.95",
            "window": {{"calendar": "month", "time_zone": "Europe/Berlin"}},
            "measure": {{"uptime": {{}}}},
            "exclusions": {{"planned_maintenance": {{"treatment": "removed", "min_notice": "48h"}}}},
            "credit": {{"tiers": [{{"below": "99.9", "percent": "10"}}, {{"below": "99.8", "percent": "25"}}]}}}},
          "evidence": {{"outages": [{{"from": "2026-10-14T03:12:00Z", "to": "2026-10-14T04:13:00Z"}}],
            "exclusions": [{{"kind": "planned_maintenance", "from": "2026-10-14T03:55:00Z",
              "to": "2026-10-14T04:05:00Z", "notified_at": "2026-10-11T03:55:00Z"}}]}},
          "fee": "{fee}"}}]}}"#
    );
    Case::parse_file(json.as_bytes()).unwrap().remove(0)
}

fn trend() -> Vec<TrendPoint> {
    let months = [
        ("2025-11", Some("99.983101"), Some(true)),
        ("2025-12", Some("100.000000"), Some(true)),
        ("2026-01", Some("99.941219"), Some(true)),
        ("2026-02", Some("99.990327"), Some(true)),
        ("2026-03", Some("99.871102"), Some(false)),
        ("2026-04", Some("99.972222"), Some(true)),
        ("2026-05", Some("100.000000"), Some(true)),
        ("2026-06", None, None),
        ("2026-07", Some("99.955197"), Some(true)),
        ("2026-08", Some("99.991039"), Some(true)),
        ("2026-09", Some("99.964120"), Some(true)),
        ("2026-10", Some("99.885880"), Some(false)),
    ];
    months
        .into_iter()
        .map(|(label, percent, met)| TrendPoint {
            label: label.into(),
            percent: percent.map(Into::into),
            met,
        })
        .collect()
}

fn part(number: &str, sla: &str, fee: &str, credit: CreditState) -> ContractPart {
    ContractPart {
        number: number.into(),
        customer: None,
        file_name: format!("{number}-2026-10-r1.json"),
        case: case(number, sla, fee),
        revision: 1,
        lines: vec![LinePart {
            sla: sla.into(),
            product: "Orders".into(),
            about: None,
            clauses: Clauses {
                objective: Some("4.2".into()),
                exclusions: BTreeMap::from([("planned_maintenance".into(), "6.1".into())]),
                credit: Some("7".into()),
            },
            fee_note: (number == "NW-2").then(|| "annual EUR 120,000.00 ÷ 12".into()),
            credit,
            narrative: Some(
                "From 03:12 to 04:13 UTC (05:12 to 06:13 in Berlin) requests to the Orders API \
                 and to Reporting failed. A change to name resolution had left both services \
                 without a valid address; it was reversed at 04:13."
                    .into(),
            ),
            root_cause: Some(
                "a change to name resolution that had not been tried on a part of the traffic \
                 first."
                    .into(),
            ),
            trend: trend(),
        }],
        shares: Vec::new(),
        beyond: None,
    }
}

pub(crate) fn document() -> Document {
    let until = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    Document {
        kind: Kind::Statement,
        number: "ST-2026-10-0412".into(),
        revision: 1,
        supersedes: None,
        change: None,
        language: Language::En,
        legal_entity: Letterhead {
            name: "Fjordline Cloud GmbH".into(),
            address: vec!["Hafenstraße 4".into(), "20457 Hamburg".into()],
            legal: vec!["HRB 90210, Amtsgericht Hamburg".into(), "VAT DE123456789".into()],
            ..Letterhead::default()
        },
        recipient: vec![
            "Northwind GmbH".into(),
            "Accounts payable".into(),
            "Speicherstraße 12".into(),
            "10115 Berlin".into(),
        ],
        customer: "Northwind GmbH".into(),
        scope: Scope::Customer,
        period: Period {
            label: "2026-10".into(),
            from: at("2026-09-30T22:00:00Z"),
            to: at("2026-10-31T23:00:00Z"),
            zone: "Europe/Berlin".into(),
        },
        issued_at: at("2026-11-09T08:15:00Z"),
        released_by: "Sam Okafor".into(),
        seal_name: "Fjordline Cloud GmbH, key 2026-A".into(),
        demo: false,
        contracts: vec![
            part("NW-1", "Orders API availability", "12000.00", CreditState::Granted),
            part("NW-2", "Reporting availability", "10000.00", CreditState::OnRequest { until }),
        ],
        to_date: vec![],
    }
}

pub(crate) fn authority() -> DemoAuthority {
    let random = Random::seeded(7);
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2029-01-01T00:00:00Z"));
    authority::make("Fjordline Cloud GmbH", PASSWORD, from, to, || random.bytes32()).unwrap()
}

pub(crate) fn seal(authority: &DemoAuthority) -> Seal {
    Seal::from_pkcs12(&authority.pkcs12, PASSWORD).unwrap()
}

pub(crate) fn trust(authority: &DemoAuthority) -> Trust {
    Trust::from_der([authority.root.as_slice()]).unwrap()
}

pub(crate) fn sealing_time() -> DateTime<Utc> {
    at("2026-11-09T08:15:07Z")
}

pub(crate) fn sealed(unsigned: &Unsigned) -> (Vec<u8>, Trust) {
    let authority = authority();
    let bytes = seal(&authority).sign(unsigned, sealing_time()).unwrap();
    (bytes, trust(&authority))
}
