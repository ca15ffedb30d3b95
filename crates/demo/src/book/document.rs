//! The book as central's import document.

use super::{
    customers::{CUSTOMERS, Charge, Deal, Sketch},
    weather,
};
use chrono::{DateTime, Utc};
use makegood_engine::instant::write_instant;
use serde_json::{Value, json};

/// Name of the source that the demo's evidence comes from.
pub const SOURCE: &str = "prober";

/// A mountain over the water of a fjord.
const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="22" fill="#0b3d5c"/><path d="M15 22L24 9L33 22Z" fill="#7fd1e8"/><path d="M8 31C14 24 20 24 24 29S36 35 41 27" fill="none" stroke="#ffffff" stroke-width="3"/></svg>"##;

/// Customers, contracts and our legal entities.
#[must_use]
pub fn parties() -> Value {
    json!({
        "format": "makegood/import/1",
        "legal_entities": [
            entity("DE", "Fjordline Cloud GmbH", &["Hafenstraße 21", "20457 Hamburg", "Germany"],
                &["Registered in Hamburg, HRB 120 417", "VAT DE 287 114 905"], "EUR", "de-DE"),
            entity("IE", "Fjordline Cloud Ireland Ltd", &["18 Harbour Row", "Dublin 1", "Ireland"],
                &["Registered in Ireland, no. 612 944", "VAT IE 3491 208 KH"], "EUR", "en-IE"),
            entity("US", "Fjordline Cloud Inc", &["501 Market Street", "Wilmington, DE 19801", "USA"],
                &["Delaware corporation, file no. 7 214 330"], "USD", "en-US"),
        ],
        "groups": [{ "key": "northwind", "name": "Northwind" }],
        "customers": CUSTOMERS.iter().map(customer).collect::<Vec<_>>(),
        "contracts": CUSTOMERS.iter().flat_map(|customer| {
            customer.contracts.iter().map(|deal| contract(customer, deal))
        }).collect::<Vec<_>>(),
    })
}

fn entity(
    key: &str,
    name: &str,
    address: &[&str],
    legal_lines: &[&str],
    currency: &str,
    locale: &str,
) -> Value {
    let paper = if key == "US" { "letter" } else { "a4" };
    json!({
        "key": key, "name": name, "address": address, "legal_lines": legal_lines,
        "functional_currency": currency, "locale": locale, "seal": "2026-A",
        "letterhead": { "logo": LOGO, "heading": "#0b3d5c", "rule": "#0b3d5c", "paper": paper },
    })
}

fn customer(sketch: &Sketch) -> Value {
    json!({
        "key": sketch.key, "group": sketch.group.map(|(key, _)| key), "name": sketch.name,
        "address": sketch.address, "country": sketch.country, "locale": sketch.locale,
        "time_zone": sketch.zone, "segment": sketch.segment, "churned_on": null,
        "csm": super::DANA.subject, "account_manager": super::SAM.subject,
    })
}

fn contract(customer: &Sketch, deal: &Deal) -> Value {
    let start = format!("{}-01", deal.since);
    json!({
        "customer": customer.key, "number": deal.number, "legal_entity": deal.entity,
        "currency": deal.currency, "renews_on": deal.renews, "auto_renew": true,
        "versions": [{
            "number": 1,
            "valid_from": format!("{start}T00:00:00Z"),
            "lines": [line(customer, deal, &start)],
        }],
    })
}

fn line(customer: &Sketch, deal: &Deal, start: &str) -> Value {
    let (amount, frequency, in_advance) = match deal.charge {
        Charge::Monthly(amount) => (amount, "monthly", false),
        Charge::Annual(amount) => (amount, "annual", true),
    };
    let remedy = match deal.claim_days {
        Some(days) => json!({ "mode": "invite", "claim_within_days": days, "form": "invoice" }),
        None => json!({ "mode": "proactive", "form": "invoice" }),
    };
    json!({
        "name": deal.sla, "product": deal.product,
        "series": { "source": SOURCE, "service": deal.service },
        "terms": terms(customer, deal),
        "clauses": {
            "objective": "4.2", "credit": "7",
            "exclusions": { "planned_maintenance": "6.1", "customer_caused": "6.3" },
        },
        "remedy": remedy,
        "charges": [{
            "amount": amount, "frequency": frequency, "in_advance": in_advance, "from": start, "to": null,
        }],
    })
}

fn terms(customer: &Sketch, deal: &Deal) -> Value {
    let second = if deal.objective == "99.9" { "99.8" } else { "99.9" };
    let mut credit = json!({
        "tiers": [
            { "below": deal.objective, "percent": "10" },
            { "below": second, "percent": "25" },
        ],
        "cap": { "percent": "30" },
    });
    if let (Some(days), Value::Object(credit)) = (deal.claim_days, &mut credit) {
        credit.insert("claim".into(), json!({ "required": true, "within": format!("{days}d") }));
    }
    json!({
        "objective": deal.objective, "internal_objective": deal.internal,
        "window": { "calendar": "month", "time_zone": customer.zone },
        "measure": { "uptime": {} },
        "exclusions": {
            "planned_maintenance": { "treatment": "removed", "min_notice": "48h" },
            "customer_caused": { "treatment": "removed" },
        },
        "credit": credit,
    })
}

/// What happened, as incidents: those that are over at `now`.
#[must_use]
pub fn incidents(now: DateTime<Utc>) -> Value {
    let storage = incident(
        "INC-640",
        "eu region: loss of the storage network",
        ("2026-06-17T09:05", "2026-06-17T10:32"),
        "Network",
        "2026-06-17T09:07",
        &[
            ("2026-06-17T09:05", "Storage latency above 5 s in all eu zones", "prometheus"),
            ("2026-06-17T09:07", "Page sent", "pagerduty"),
            ("2026-06-17T09:15", "Status page “investigating”", "statuspage"),
            ("2026-06-17T10:32", "Storage network restored", "prometheus"),
        ],
        &eu_customers(),
    );
    let names = incident(
        "INC-778",
        "orders-api, reporting: name resolution",
        ("2026-10-14T03:12", "2026-10-14T04:13"),
        "Dependency: DNS",
        "2026-10-14T03:18",
        &[
            ("2026-10-14T03:12", "Prober LON: 5xx above 5 %", "prometheus"),
            ("2026-10-14T03:18", "Page sent, INC-778", "pagerduty"),
            ("2026-10-14T03:20", "Status page “investigating”", "statuspage"),
            ("2026-10-14T03:55", "Announced maintenance until 04:05", "calendar"),
            ("2026-10-14T04:13", "Prober LON: recovered", "prometheus"),
        ],
        &["C-1001", "C-1002"],
    );
    let over = [("2026-06-17T10:32", storage), ("2026-10-14T04:13", names)]
        .into_iter()
        .filter(|(ended, _)| weather::at(ended) <= now)
        .map(|(_, incident)| incident);
    json!({ "format": "makegood/import/1", "incidents": over.collect::<Vec<_>>() })
}

fn eu_customers() -> Vec<&'static str> {
    let served = |deal: &Deal| deal.service.starts_with("eu/");
    CUSTOMERS
        .iter()
        .filter(|customer| customer.contracts.iter().any(served))
        .map(|c| c.key)
        .collect()
}

fn incident(
    number: &str,
    title: &str,
    (began, ended): (&str, &str),
    cause: &str,
    detected: &str,
    events: &[(&str, &str, &str)],
    customers: &[&str],
) -> Value {
    let instant = |text: &str| write_instant(weather::at(text));
    json!({
        "number": number, "title": title, "began_at": instant(began), "ended_at": instant(ended),
        "root_cause": cause, "detected_at": instant(detected),
        "events": events.iter().map(|(at, text, source)| {
            json!({ "at": instant(at), "text": text, "source": source })
        }).collect::<Vec<_>>(),
        "hits": customers.iter().map(|key| {
            json!({ "customer": key, "root_cause": cause, "detected_at": instant(detected) })
        }).collect::<Vec<_>>(),
    })
}
