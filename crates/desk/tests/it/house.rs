//! A real central with Northwind in it, October 2026 locked, and people with desks.

use crate::wire::Wire;
use chrono::{DateTime, TimeDelta, Utc};
use makegood_central::{
    App, Config, Running,
    close::{self, Until},
    import, ingest, serve,
};
use makegood_desk::{Desk, Ground};
use makegood_domain::{
    Clock, Currency, Money,
    id::{PersonId, TokenId},
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    random::Random,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const GMBH: &str = "Northwind GmbH";
const SOURCE: &str = "prober";
const SERIES: &str = "platform";

pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) wire: Wire,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
    pub(crate) tokens: BTreeMap<&'static str, Issued>,
    pub(crate) running: Running,
}

pub(crate) async fn central(file: &Path, clock: &Clock) -> App {
    central_as(file, clock, true).await
}

async fn central_as(file: &Path, clock: &Clock, demo: bool) -> App {
    let config = Config { demo, schedule: None, ..Config::new("Fjordline Cloud") };
    let url = format!("sqlite:{}", file.display());
    App::open(&url, clock.clone(), Random::system(), config).await.unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(0).await
    }

    /// … and with so many customers beside Northwind whose October was quiet.
    pub(crate) async fn with(others: usize) -> Self {
        Self::built(others, true).await
    }

    /// … and no demo: its people bring their own seals.
    pub(crate) async fn in_earnest() -> Self {
        Self::built(0, false).await
    }

    async fn built(others: usize, demo: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(at("2026-10-20T08:00:00Z"));
        let app = central_as(&folder.path().join("central.db"), &clock, demo).await;
        let limit = Money::parse_decimal("1500", Currency::parse("EUR").unwrap()).unwrap();
        let rates = BTreeMap::from([("USD".to_owned(), "0.90".to_owned())]);
        app.put_policy(&Policy {
            version: 7,
            base: "EUR".to_owned(),
            limit,
            rates,
            role_limits: BTreeMap::new(),
        })
        .await
        .unwrap();
        let mut tokens = BTreeMap::new();
        for (name, role) in [
            ("dana", Role::Csm),
            ("noa", Role::Csm),
            ("ines", Role::Finance),
            ("lee", Role::Finance),
            ("sam", Role::AccountManager),
            ("root", Role::Admin),
        ] {
            tokens.insert(name, person(&app, name, role).await);
        }
        let admin = tokens["root"].person;
        let mut document = document();
        for at in 1..=others {
            add_quiet(&mut document, at);
        }
        let document = document.to_string();
        let hands = import::Hands { proposed_by: admin, approved_by: Some(tokens["lee"].person) };
        import::apply(app.store(), hands, document.as_bytes()).await.unwrap();
        let outage = json!({ "outages": [{
            "service": SERIES, "from": "2026-10-14T03:12:00Z", "to": "2026-10-14T04:13:00Z",
        }] });
        ingest::outage::apply(app.store(), admin, SOURCE, outage.to_string().as_bytes())
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = serve(listener, app.clone()).unwrap();
        let wire = Wire::to(running.address()).await;
        let house = Self { app, wire, clock, folder, tokens, running };
        house.turn("2026-11-01T08:00:00Z").await;
        house.turn("2026-11-09T08:15:00Z").await;
        house
    }

    /// Time goes on, and central closes and locks what is due.
    pub(crate) async fn turn(&self, to: &str) {
        let now = at(to);
        self.clock.advance((now - self.clock.now()).to_std().unwrap());
        let until = Until { now, grace_days: 3 };
        let report = close::turn(self.app.store(), None, until).await.unwrap();
        assert!(report.failed.is_empty(), "{:?}", report.failed);
    }

    /// The platform was down.
    pub(crate) async fn down(&self, from: &str, to: &str) {
        let outage = json!({ "outages": [{ "service": SERIES, "from": from, "to": to }] });
        let (by, body) = (self.tokens["root"].person, outage.to_string().into_bytes());
        ingest::outage::apply(self.app.store(), by, SOURCE, &body).await.unwrap();
    }

    /// Whose id somebody has.
    pub(crate) fn person(&self, name: &str) -> PersonId {
        self.tokens[name].person
    }

    /// Somebody's token.
    pub(crate) fn token(&self, name: &str) -> &str {
        &self.tokens[name].text
    }

    /// Somebody's desk, as they left it, in step with central.
    pub(crate) async fn desk(&self, name: &str) -> Desk {
        let desk = self.seat(name).await;
        desk.sync_now().await.unwrap();
        desk
    }

    /// Somebody's desk, once they have sat down; in step or not.
    pub(crate) async fn seat(&self, name: &str) -> Desk {
        self.seat_by(name, self.clock.clone()).await
    }

    /// … which goes by a clock of its own.
    pub(crate) async fn seat_by(&self, name: &str, clock: Clock) -> Desk {
        let ground = Ground { clock, random: Random::system(), hold: TimeDelta::zero() };
        let desk = Desk::open(&self.folder.path().join(name), ground).unwrap();
        desk.connect(&self.wire.url(), &self.tokens[name].text).await.unwrap();
        desk
    }

    /// The folder of somebody's profile.
    pub(crate) fn profile(&self, name: &str) -> PathBuf {
        let id = self.tokens[name].person.to_string();
        self.folder.path().join(name).join("profiles").join(id)
    }

    /// Gives somebody these roles; those that they had.
    pub(crate) async fn roles(&self, name: &str, roles: BTreeSet<Role>) -> BTreeSet<Role> {
        let id = self.person(name).to_string();
        let mut conn = self.app.store().reading().await.unwrap();
        let found = makegood_central::store::get::<Person>(&mut conn, id).await.unwrap().unwrap();
        drop(conn);
        let person = Person { roles, ..found.row.clone() };
        self.app.put_person(&person, &Scope::All).await.unwrap();
        found.row.roles
    }

    /// Takes somebody's token back.
    pub(crate) async fn revoke(&self, name: &str) {
        self.app.revoke_token(self.tokens[name].id).await.unwrap();
    }
}

/// A token, and whose it is.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) person: PersonId,
    pub(crate) id: TokenId,
    pub(crate) text: String,
}

async fn person(app: &App, name: &str, role: Role) -> Issued {
    let person = Person {
        id: app.store().ids().make(),
        issuer: "https://id.example".to_owned(),
        subject: name.to_owned(),
        name: name.to_owned(),
        roles: [role].into(),
    };
    let person = app.put_person(&person, &Scope::All).await.unwrap();
    let token = app.issue_token(None, person, TokenKind::Session, 60).await.unwrap();
    Issued { person, id: token.id, text: token.text }
}

fn contract(customer: &str, number: &str, entity: &str, charge: &Value, zone: &str) -> Value {
    let remedy = match number {
        "NW-2" => json!({ "mode": "invite", "claim_within_days": 30 }),
        _ => json!({ "mode": "proactive" }),
    };
    let is_us = entity == "US";
    let from = if is_us { "2026-09-01T04:00:00Z" } else { "2026-08-31T22:00:00Z" };
    json!({
        "customer": customer, "number": number, "legal_entity": entity,
        "currency": if is_us { "USD" } else { "EUR" },
        "versions": [{ "number": 1, "valid_from": from, "lines": [{
            "name": "API availability",
            "series": { "source": SOURCE, "service": SERIES },
            "terms": {
                "objective": "99.9", "internal_objective": "99.95",
                "window": { "calendar": "month", "time_zone": zone },
                "measure": { "uptime": {} },
                "exclusions": { "planned_maintenance": { "treatment": "removed", "min_notice": "48h" } },
                "credit": { "tiers": [
                    { "below": "99.9", "percent": "10" }, { "below": "99.8", "percent": "25" },
                ] },
            },
            "clauses": { "objective": "4.2", "credit": "7" }, "remedy": remedy, "charges": [charge],
        }] }],
    })
}

/// A customer of whom nothing is to be said: `Quiet 001`.
fn add_quiet(document: &mut Value, at: usize) {
    let key = format!("Q-{at:03}");
    let charge = json!({ "amount": "100.00", "frequency": "monthly", "from": "2026-09-01" });
    let mut contract = contract(&key, &key, "DE", &charge, "Europe/Berlin");
    contract["versions"][0]["lines"][0]["series"]["service"] = json!("quiet");
    let customer = json!({
        "key": key, "group": "NW", "name": format!("Quiet {at:03}"), "country": "DE",
        "locale": "en-GB", "time_zone": "Europe/Berlin",
    });
    document["customers"].as_array_mut().unwrap().push(customer);
    document["contracts"].as_array_mut().unwrap().push(contract);
}

pub(crate) fn document() -> Value {
    let entity = |key: &str, currency: &str| {
        let logo = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path fill="#0b3d5c" d="M0 9L4 0L9 9Z"/></svg>"##;
        let paper = if currency == "USD" { "letter" } else { "a4" };
        json!({
            "key": key, "name": format!("Fjordline {key}"), "functional_currency": currency, "locale": "en-GB",
            "letterhead": { "logo": logo, "heading": "#0b3d5c", "paper": paper },
        })
    };
    let customer = |key: &str, name: &str, country: &str, zone: &str| {
        json!({
            "key": key, "group": "NW", "name": name, "country": country, "locale": "en-GB", "time_zone": zone,
        })
    };
    let monthly =
        |amount: &str| json!({ "amount": amount, "frequency": "monthly", "from": "2026-09-01" });
    let yearly = json!({
        "amount": "120000.00", "frequency": "annual", "in_advance": true, "from": "2026-09-01",
    });
    json!({
        "format": "makegood/import/1",
        "legal_entities": [entity("DE", "EUR"), entity("IE", "EUR"), entity("US", "USD")],
        "groups": [{ "key": "NW", "name": "Northwind" }],
        "customers": [
            customer("NW-DE", GMBH, "DE", "Europe/Berlin"),
            customer("NW-US", "Northwind Inc", "US", "America/New_York"),
        ],
        "contracts": [
            contract("NW-DE", "NW-1", "DE", &monthly("12000.00"), "Europe/Berlin"),
            contract("NW-DE", "NW-2", "IE", &yearly, "Europe/Berlin"),
            contract("NW-US", "NW-3", "US", &monthly("8000.00"), "America/New_York"),
        ],
    })
}
