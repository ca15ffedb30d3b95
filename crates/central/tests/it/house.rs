//! A house with Northwind in it: a served central, its people with their tokens, and October 2026
//! locked, with the figures of the acceptance stories.

use crate::{
    ground::{Ground, grounds},
    northwind,
};
use makegood_central::{
    App, Config, Running,
    limit::{Limits, Rate},
    serve,
};
use makegood_domain::{
    Currency, Money,
    credit::Credit,
    id::{BreachId, CommandId, ContractId, CreditId, CustomerId, PersonId, SettlementId},
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    random::Random,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};
use tokio::net::TcpListener;

/// More requests than anybody can send in a second.
const MANY: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

pub(crate) struct House {
    pub(crate) ground: Ground,
    pub(crate) app: App,
    pub(crate) running: Running,
    pub(crate) http: reqwest::Client,
    pub(crate) anna: Seat,
    pub(crate) ben: Seat,
    pub(crate) carla: Seat,
    pub(crate) david: Seat,
    pub(crate) mira: Seat,
    pub(crate) root: Seat,
    pub(crate) gmbh: CustomerId,
    pub(crate) inc: CustomerId,
    pub(crate) nw1: Owed,
    pub(crate) nw2: Owed,
    pub(crate) nw3: Owed,
}

/// A person with a session.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) person: PersonId,
    pub(crate) token: String,
}

/// What October left of a contract.
#[derive(Clone)]
pub(crate) struct Owed {
    pub(crate) contract: ContractId,
    pub(crate) settlement: SettlementId,
    pub(crate) breach: BreachId,
    pub(crate) credit: CreditId,
}

pub(crate) fn money(text: &str, currency: &str) -> Money {
    Money::parse_decimal(text, Currency::parse(currency).unwrap()).unwrap()
}

/// The same house on each database.
pub(crate) async fn houses() -> Vec<House> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut houses = Vec::new();
    for ground in grounds("2026-10-20T06:00:00Z").await {
        houses.push(house(ground).await);
    }
    houses
}

pub(crate) async fn open(ground: &Ground) -> App {
    open_with(ground, Config::new("Meridian")).await
}

pub(crate) async fn open_with(ground: &Ground, config: Config) -> App {
    let config = Config { schedule: None, ..config };
    App::open(&ground.url, ground.clock.clone(), Random::system(), config).await.unwrap()
}

async fn house(mut ground: Ground) -> House {
    // Thousands of races come from one address.
    let rate = Rate { per_second: MANY, burst: MANY };
    let limits = Limits { token: rate, address: rate, ..Limits::default() };
    let app = open_with(&ground, Config { limits, ..Config::new("Meridian") }).await;
    ground.store = app.store().clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = serve(listener, app.clone()).unwrap();
    let policy = Policy {
        version: 7,
        base: "EUR".to_owned(),
        limit: money("1500", "EUR"),
        rates: BTreeMap::from([("USD".to_owned(), "0.90".to_owned())]),
        role_limits: BTreeMap::new(),
    };
    app.put_policy(&policy).await.unwrap();
    northwind::told(&ground).await;
    northwind::turn(&ground, "2026-11-09T08:15:00Z").await;
    let seat = |name: &'static str, role| seat(&app, name, role, Scope::All);
    House {
        anna: seat("Anna", Role::Csm).await,
        ben: seat("Ben", Role::Csm).await,
        carla: seat("Carla", Role::Finance).await,
        david: seat("David", Role::Finance).await,
        mira: seat("Mira", Role::AccountManager).await,
        root: seat("Root", Role::Admin).await,
        gmbh: northwind::october(&ground, "NW-1").await.0.customer,
        inc: northwind::october(&ground, "NW-3").await.0.customer,
        nw1: owed(&ground, "NW-1").await,
        nw2: owed(&ground, "NW-2").await,
        nw3: owed(&ground, "NW-3").await,
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        ground,
        app,
        running,
    }
}

pub(crate) async fn seat(app: &App, name: &str, role: Role, scope: Scope) -> Seat {
    let person = Person {
        id: app.store().ids().make(),
        issuer: "https://id.example".to_owned(),
        subject: name.to_lowercase(),
        name: name.to_owned(),
        roles: BTreeSet::from([role]),
    };
    let person = app.put_person(&person, &scope).await.unwrap();
    session(app, person).await
}

/// A session of somebody, good for a month from now.
pub(crate) async fn session(app: &App, person: PersonId) -> Seat {
    let issued = app.issue_token(None, person, TokenKind::Session, 30).await.unwrap();
    Seat { person, token: issued.text }
}

async fn owed(ground: &Ground, number: &str) -> Owed {
    let (settlement, _) = northwind::october(ground, number).await;
    Owed {
        contract: settlement.contract,
        settlement: settlement.id,
        breach: northwind::breach(ground, number).await.id,
        credit: northwind::credits(ground, number).await[0].id,
    }
}

impl House {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url())
    }

    pub(crate) async fn get(&self, seat: &Seat, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).bearer_auth(&seat.token).send().await.unwrap()
    }

    /// Sends one command with fresh versions of what it names; the answer.
    pub(crate) async fn send(&self, seat: &Seat, command: &Value) -> Value {
        let answers = self.batch(seat, std::slice::from_ref(command)).await;
        answers[0].clone()
    }

    pub(crate) async fn batch(&self, seat: &Seat, commands: &[Value]) -> Vec<Value> {
        let request = self.http.post(self.url("/v1/commands")).bearer_auth(&seat.token);
        let response = request.json(commands).send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    /// A command, seen at these versions.
    pub(crate) fn command(&self, kind: &str, args: Value, base: &[(&str, String, i64)]) -> Value {
        let id: CommandId = self.app.store().ids().make();
        let base: Vec<Value> = base
            .iter()
            .map(|(entity, key, version)| {
                json!({ "entity": entity, "key": key, "version": version })
            })
            .collect();
        let mut command = json!({ "id": id, "decided_at": "2026-11-09T08:00:00Z", "kind": kind });
        command["args"] = args;
        command["base"] = json!(base);
        command
    }

    /// An entity with its version.
    pub(crate) async fn row<T: makegood_central::store::Stored>(&self, key: &str) -> (i64, T) {
        let mut conn = self.app.store().reading().await.unwrap();
        let found = makegood_central::store::get::<T>(&mut conn, key).await.unwrap().unwrap();
        (found.version, found.row)
    }

    pub(crate) async fn credit(&self, id: CreditId) -> Credit {
        self.row::<Credit>(&id.to_string()).await.1
    }

    /// A command about a credit, at its present version and amount.
    pub(crate) async fn about(&self, kind: &str, id: CreditId, extra: Value) -> Value {
        let (version, credit) = self.row::<Credit>(&id.to_string()).await;
        let mut args = json!({ "credit": id });
        if matches!(kind, "propose_credit" | "approve_credit") {
            args["amount"] = json!(credit.amount);
        }
        for (key, value) in extra.as_object().into_iter().flatten() {
            args[key] = value.clone();
        }
        self.command(kind, args, &[("credit", id.to_string(), version)])
    }
}
