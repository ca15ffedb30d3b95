//! Northwind of the acceptance stories, as an import: three contracts over one series.

use crate::ground::{Ground, instant};
use chrono::{DateTime, Utc};
use makegood_central::{
    close::{self, Until},
    import, ingest,
    store::{self, Arg, Stored},
};
use makegood_domain::{
    attainment::Attainment,
    breach::Breach,
    credit::Credit,
    id::PersonId,
    person::{Person, Role, Scope},
    settlement::Settlement,
};
use serde_json::{Value, json};

pub(crate) const SOURCE: &str = "prober";
pub(crate) const SERIES: &str = "platform";

fn terms(zone: &str) -> Value {
    json!({
        "objective": "99.9",
        "internal_objective": "99.95",
        "window": { "calendar": "month", "time_zone": zone },
        "measure": { "uptime": {} },
        "exclusions": { "planned_maintenance": { "treatment": "removed", "min_notice": "48h" } },
        "credit": { "tiers": [{ "below": "99.9", "percent": "10" }, { "below": "99.8", "percent": "25" }] },
    })
}

fn contract(customer: &str, number: &str, entity: &str, charge: &Value, zone: &str) -> Value {
    let currency = if entity == "US" { "USD" } else { "EUR" };
    let remedy = if number == "NW-2" {
        json!({ "mode": "invite", "claim_within_days": 30 })
    } else {
        json!({ "mode": "proactive" })
    };
    json!({
        "customer": customer, "number": number, "legal_entity": entity, "currency": currency,
        "versions": [{
            "number": 1, "valid_from": if entity == "US" { "2026-09-01T04:00:00Z" } else { "2026-08-31T22:00:00Z" },
            "lines": [{
                "name": "API availability",
                "series": { "source": SOURCE, "service": SERIES },
                "terms": terms(zone), "clauses": { "objective": "4.2", "credit": "7" },
                "remedy": remedy, "charges": [charge],
            }],
        }],
    })
}

/// The import that makes them.
pub(crate) fn document() -> Value {
    let entity = |key: &str, currency: &str| json!({ "key": key, "name": format!("Fjordline {key}"), "functional_currency": currency, "locale": "en-GB" });
    let customer = |key: &str, name: &str, country: &str, zone: &str| json!({ "key": key, "group": "NW", "name": name, "country": country, "locale": "en-GB", "time_zone": zone });
    let monthly =
        |amount: &str| json!({ "amount": amount, "frequency": "monthly", "from": "2026-09-01" });
    json!({
        "format": "makegood/import/1",
        "legal_entities": [entity("DE", "EUR"), entity("IE", "EUR"), entity("US", "USD")],
        "groups": [{ "key": "NW", "name": "Northwind" }],
        "customers": [
            customer("NW-DE", "Northwind GmbH", "DE", "Europe/Berlin"),
            customer("NW-US", "Northwind Inc", "US", "America/New_York"),
        ],
        "contracts": [
            contract("NW-DE", "NW-1", "DE", &monthly("12000.00"), "Europe/Berlin"),
            contract(
                "NW-DE", "NW-2", "IE",
                &json!({ "amount": "120000.00", "frequency": "annual", "in_advance": true, "from": "2026-09-01" }),
                "Europe/Berlin",
            ),
            contract("NW-US", "NW-3", "US", &monthly("8000.00"), "America/New_York"),
        ],
        "incidents": [{
            "number": "INC-778", "title": "Ingress down in eu-central",
            "began_at": "2026-10-14T03:10:00Z", "ended_at": "2026-10-14T04:20:00Z",
            "hits": [{ "customer": "NW-DE" }, { "customer": "NW-US" }],
        }],
    })
}

/// The maintenance of 14 October, admitted by a second person where `decided`.
pub(crate) fn maintenance(decided: bool) -> Value {
    let exclusion = |customer: &str| {
        let mut exclusion = json!({
            "customer": customer, "series": { "source": SOURCE, "service": SERIES },
            "kind": "planned_maintenance",
            "from": "2026-10-14T03:55:00Z", "to": "2026-10-14T04:05:00Z",
            "notified_at": "2026-10-11T03:55:00Z", "clause": "5.1", "proposed_by": "dana",
        });
        if decided {
            exclusion["decided_by"] = json!("lee");
        }
        exclusion
    };
    json!({ "format": "makegood/import/1", "exclusions": [exclusion("NW-DE"), exclusion("NW-US")] })
}

pub(crate) fn outage(from: &str, to: &str) -> Vec<u8> {
    json!({ "outages": [{ "service": SERIES, "from": from, "to": to }] }).to_string().into_bytes()
}

/// Somebody whom central knows.
pub(crate) async fn person(ground: &Ground, subject: &str, role: Role) -> PersonId {
    let known: Vec<Person> = all(ground, "subject = $1", &[Arg::text(subject)]).await;
    if let Some(known) = known.first() {
        return known.id;
    }
    let person = Person {
        id: ground.store.ids().make(),
        issuer: "test".into(),
        subject: subject.into(),
        name: subject.into(),
        roles: [role].into(),
    };
    let mut tx = ground.store.begin(None).await.expect("begins");
    tx.put_person(&person, &Scope::All).await.expect("is written");
    tx.commit().await.expect("commits");
    person.id
}

/// The house's people, Northwind and its October's outage; who imported it.
pub(crate) async fn told(ground: &Ground) -> PersonId {
    let admin = person(ground, "root", Role::Admin).await;
    person(ground, "dana", Role::Csm).await;
    person(ground, "lee", Role::Finance).await;
    apply(ground, admin, &document()).await;
    let body = outage("2026-10-14T03:12:00Z", "2026-10-14T04:13:00Z");
    ingest::outage::apply(&ground.store, admin, SOURCE, &body).await.expect("is taken in");
    admin
}

pub(crate) async fn apply(ground: &Ground, by: PersonId, document: &Value) -> import::Report {
    let hands = import::Hands {
        proposed_by: by,
        approved_by: Some(person(ground, "lee", Role::Finance).await),
    };
    import::apply(&ground.store, hands, document.to_string().as_bytes()).await.expect("is imported")
}

pub(crate) async fn turn(ground: &Ground, at: &str) -> close::Report {
    let now: DateTime<Utc> = instant(at);
    let by = now.signed_duration_since(ground.clock.now());
    ground.clock.advance(by.to_std().expect("time goes on"));
    let until = Until { now, grace_days: 3 };
    let report = close::turn(&ground.store, None, until).await.expect("turns");
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    report
}

/// Every entity of a kind for which `filter` holds.
pub(crate) async fn all<T: Stored>(ground: &Ground, filter: &str, args: &[Arg]) -> Vec<T> {
    let mut conn = ground.store.reading().await.expect("reads");
    let rows = store::list(&mut conn, filter, args).await.expect("reads");
    rows.into_iter().map(|row| row.row).collect()
}

pub(crate) async fn contract_id(ground: &Ground, number: &str) -> String {
    let contracts: Vec<makegood_domain::contract::Contract> =
        all(ground, "number = $1", &[Arg::text(number)]).await;
    contracts[0].id.to_string()
}

/// What October came to for a contract: its settlement and attainment.
pub(crate) async fn october(ground: &Ground, number: &str) -> (Settlement, Attainment) {
    let key = [Arg::text(contract_id(ground, number).await)];
    let filter = "contract = $1 and label = '2026-10'";
    let settlement = all::<Settlement>(ground, filter, &key).await.remove(0);
    (settlement, all::<Attainment>(ground, filter, &key).await.remove(0))
}

/// A contract's credits for October: the contractual one, then what adjusts it.
pub(crate) async fn credits(ground: &Ground, number: &str) -> Vec<Credit> {
    let key = [Arg::text(contract_id(ground, number).await)];
    let mut credits: Vec<Credit> =
        all(ground, "contract = $1 and label = '2026-10' order by id", &key).await;
    credits.sort_by_key(|credit| credit.adjusts.is_some());
    credits
}

pub(crate) async fn breach(ground: &Ground, number: &str) -> Breach {
    let key = [Arg::text(contract_id(ground, number).await)];
    all(ground, "contract = $1 and label = '2026-10'", &key).await.remove(0)
}
