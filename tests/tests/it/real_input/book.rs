//! A house for the real probe log: three customers, a contract each, an SLA line per service.

use super::json;
use makegood_central::{App, Config, Running, serve};
use makegood_desk::Desk;
use makegood_desk::session::{DemoAccess, DemoPerson};
use makegood_domain::person::{Person, Role, Scope, TokenKind};
use makegood_domain::{Clock, Currency, Money, id::Ids, policy::Policy, random::Random};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio::net::TcpListener;

/// The customer whose March is worked out by hand.
pub(crate) const RDL: &str = "République des Lettres, Verein";
const PEOPLE: [(&str, &str, Role); 5] = [
    ("dana", "Dana Whitfield", Role::Csm),
    ("ines", "Ines Keller", Role::Finance),
    ("lee", "Lee Brandt", Role::Finance),
    ("sam", "Sam Okafor", Role::AccountManager),
    ("alex", "Alex Roth", Role::Admin),
];
const SOURCE: &str = "status-page";

/// The house, running.
pub(crate) struct Book {
    pub(crate) clock: Clock,
    running: Running,
    people: Vec<(&'static str, DemoPerson)>,
    client: reqwest::Client,
}

impl Book {
    /// Sets the house up through its HTTP API, sends the log and closes every month.
    pub(crate) async fn open(folder: &Path, log: &[u8]) -> Self {
        let clock = Clock::fixed("2026-08-23T12:00:00Z".parse().expect("an instant"));
        let config = Config { demo: true, schedule: None, ..Config::new("Digital Editions Bern") };
        let url = format!("sqlite:{}", folder.join("central.db").display());
        let random = Random::system();
        let app = App::open(&url, clock.clone(), random.clone(), config).await.expect("central");
        let people = people(&app, &Ids::new(clock.clone(), random)).await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let running = serve(listener, app).expect("central serves");
        // Loopback alone is asked, but the client wants to know its TLS all the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::new();
        let book = Self { clock, running, people, client };
        book.import(&document(log)).await;
        let report = book.send_log(log).await;
        assert_eq!(report["series"], 54, "{report}");
        book.post("/v1/windows/close", "application/json", Vec::new()).await;
        book
    }

    /// Sends the probe log.
    pub(crate) async fn send_log(&self, log: &[u8]) -> Value {
        let path = format!("/v1/evidence/{SOURCE}/probes?hold=48h");
        self.post(&path, "text/csv", log.to_vec()).await
    }

    /// The administrator imports it, and finance puts it in force: it holds terms and fees.
    async fn import(&self, document: &Value) {
        let body = document.to_string().into_bytes();
        let made = self.post("/v1/import", "application/json", body).await;
        let path = format!("/v1/proposals/{}/decision", made["id"].as_str().expect("an id"));
        let said = json!({ "put_in_force": { "seen": made["seen"] } });
        let decided = self.post_by("lee", &path, "application/json", said.to_string().into_bytes());
        assert_eq!(decided.await["state"], "in_force");
    }

    async fn post(&self, path: &str, kind: &str, body: Vec<u8>) -> Value {
        self.post_by("alex", path, kind, body).await
    }

    async fn post_by(&self, name: &str, path: &str, kind: &str, body: Vec<u8>) -> Value {
        let (_, person) = self.people.iter().find(|(key, _)| *key == name).expect("somebody");
        let answer = self
            .client
            .post(format!("{}{path}", self.running.url()))
            .bearer_auth(&person.token)
            .header("content-type", kind)
            .body(body)
            .send()
            .await;
        json(answer.expect("central answers")).await
    }

    /// How a desk sits down here.
    pub(crate) fn access(&self) -> DemoAccess {
        DemoAccess {
            address: self.running.url(),
            people: self.people.iter().map(|(_, person)| person.clone()).collect(),
            clock: self.clock.clone(),
        }
    }

    /// Gives the desk to somebody else.
    pub(crate) async fn sit(&self, desk: &Desk, name: &str) {
        let (_, person) = self.people.iter().find(|(key, _)| *key == name).expect("somebody");
        desk.switch_person(&person.id).await.expect("a seat");
    }

    /// Ends it in good order.
    pub(crate) async fn stop(self) {
        self.running.stop().await.expect("central ends");
    }
}

async fn people(app: &App, ids: &Ids) -> Vec<(&'static str, DemoPerson)> {
    let mut found = Vec::new();
    let mut tx = app.store().begin(None).await.expect("a transaction");
    let franc = Currency::parse("CHF").expect("a currency");
    let policy = Policy {
        version: 1,
        base: "CHF".into(),
        limit: Money::new(100_000, franc),
        rates: BTreeMap::new(),
        role_limits: BTreeMap::new(),
    };
    tx.put(&policy).await.expect("a policy");
    tx.audit("policy.put", ("policy", "1"), None, json!(policy));
    for (subject, name, role) in PEOPLE {
        let person = Person {
            id: ids.make(),
            issuer: "house".into(),
            subject: subject.into(),
            name: name.into(),
            roles: BTreeSet::from([role]),
        };
        tx.put_person(&person, &Scope::All).await.expect("a person");
        found.push((subject, person));
    }
    tx.commit().await.expect("it commits");
    let mut people = Vec::new();
    for (subject, person) in found {
        let token =
            app.issue_token(None, person.id, TokenKind::Session, 30).await.expect("a token");
        let role = *person.roles.first().expect("a role");
        let id = person.id.to_string();
        people.push((subject, DemoPerson { id, name: person.name, role, token: token.text }));
    }
    people
}

/// Customers, contracts, and a line for each service that the log names.
fn document(log: &[u8]) -> Value {
    let mut services = BTreeSet::new();
    for record in csv::Reader::from_reader(log).records() {
        services.insert(record.expect("the log is CSV")[0].to_owned());
    }
    let customers = [
        ("rdl", RDL, "RDL-1"),
        ("pz", "Parzival-Projekt", "PZ-1"),
        ("dh", "Digital Humanities", "DH-1"),
    ];
    json!({
        "format": "makegood/import/1",
        "legal_entities": [{
            "key": "CH", "name": "Digital Editions Bern", "address": ["Hochschulstrasse 6", "3012 Bern"],
            "legal_lines": ["CHE-100.000.001"], "functional_currency": "CHF", "locale": "de-CH",
            "seal": null,
        }],
        "customers": customers.map(|(key, name, _)| json!({
            "key": key, "group": null, "name": name, "address": ["Länggassstrasse 1", "3012 Bern"],
            "country": "CH", "locale": "en", "time_zone": "Europe/Zurich", "segment": null,
            "churned_on": null, "csm": "dana", "account_manager": "sam",
        })),
        "contracts": customers.map(|(key, _, number)| json!({
            "customer": key, "number": number, "legal_entity": "CH", "currency": "CHF",
            "renews_on": null, "auto_renew": true,
            "versions": [{
                "number": 1, "valid_from": "2026-01-31T23:00:00Z",
                "lines": services.iter().filter(|name| owner(name) == key).map(|name| line(name))
                    .collect::<Vec<_>>(),
            }],
        })),
    })
}

fn owner(service: &str) -> &'static str {
    if service.starts_with("RdL") {
        "rdl"
    } else if service.starts_with("Parzival") {
        "pz"
    } else {
        "dh"
    }
}

fn fee(service: &str) -> &'static str {
    match service {
        "RdL – République des Lettres - Daten- und Editionsplattform" => "2400.00",
        "RdL – République des Lettres (CodiMD)" => "1800.00",
        "RdL – hallerNet (data)" => "800.00",
        _ => "50.00",
    }
}

fn line(service: &str) -> Value {
    json!({
        "name": service, "product": "Hosting",
        "series": { "source": SOURCE, "service": service },
        "terms": {
            "objective": "99.9",
            "window": { "calendar": "month", "time_zone": "Europe/Zurich" },
            "measure": { "uptime": {} },
            "credit": {
                "tiers": [{ "below": "99.9", "percent": "10" }, { "below": "99", "percent": "25" }],
                "cap": { "percent": "100" },
            },
        },
        "clauses": { "objective": "3.1", "credit": "5", "exclusions": {} },
        "remedy": { "mode": "proactive", "form": "invoice" },
        "charges": [{
            "amount": fee(service), "frequency": "monthly", "in_advance": false,
            "from": "2026-02-01", "to": null,
        }],
    })
}
