//! A house with Northwind in it: a served central, its people with their tokens, and October 2026
//! locked, with the figures of the acceptance stories. The rows are put in as closing makes them.

use crate::ground::{Ground, grounds, instant};
use makegood_central::{App, Config, Running, serve};
use makegood_domain::{
    Currency, Money,
    attainment::{Attainment, WindowState},
    breach::{Breach, BreachState},
    contract::{Clauses, Contract, RemedyMode, RemedyRule, SlaLine},
    credit::{Application, Billing, Claim, Credit, CreditKind, Decision},
    customer::{Customer, LegalEntity},
    id::*,
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    random::Random,
    settlement::Settlement,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::net::TcpListener;

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
    series: SeriesId,
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
    pub(crate) amount: Money,
}

pub(crate) fn money(text: &str, currency: &str) -> Money {
    Money::parse_decimal(text, Currency::parse(currency).unwrap()).unwrap()
}

/// The same house on each database.
pub(crate) async fn houses() -> Vec<House> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut houses = Vec::new();
    for ground in grounds("2026-11-09T08:15:00Z").await {
        houses.push(house(ground).await);
    }
    houses
}

pub(crate) async fn open(ground: &Ground) -> App {
    let config = Config { schedule: None, ..Config::new("Meridian") };
    App::open(&ground.url, ground.clock.clone(), Random::system(), config).await.unwrap()
}

async fn house(ground: Ground) -> House {
    let app = open(&ground).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = serve(listener, app.clone()).unwrap();
    let policy = Policy {
        version: 7,
        base: "EUR".to_owned(),
        limit: money("1500", "EUR"),
        rates: BTreeMap::from([("USD".to_owned(), "0.90".to_owned())]),
    };
    app.put_policy(&policy).await.unwrap();
    let ids = app.store().ids().clone();
    let (gmbh, inc): (CustomerId, CustomerId) = (ids.make(), ids.make());
    let all = Scope::All;
    let seat = |name: &'static str, role, scope: Scope| seat(&app, name, role, scope);
    let (anna, ben) =
        (seat("Anna", Role::Csm, all.clone()).await, seat("Ben", Role::Csm, all.clone()).await);
    let carla = seat("Carla", Role::Finance, all.clone()).await;
    let david = seat("David", Role::Finance, all.clone()).await;
    let mira = seat("Mira", Role::AccountManager, all.clone()).await;
    let root = seat("Root", Role::Admin, all).await;
    let mut house = House {
        nw1: owed(&app, gmbh, "1200", "EUR"),
        nw2: owed(&app, gmbh, "1000", "EUR"),
        nw3: owed(&app, inc, "800", "USD"),
        series: ids.make(),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        ground,
        app,
        running,
        anna,
        ben,
        carla,
        david,
        mira,
        root,
        gmbh,
        inc,
    };
    house.furnish().await;
    house
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
    let issued = app.issue_token(None, person, TokenKind::Session, 30).await.unwrap();
    Seat { person, token: issued.text }
}

fn owed(app: &App, _: CustomerId, amount: &str, currency: &str) -> Owed {
    let ids = app.store().ids();
    Owed {
        contract: ids.make(),
        settlement: ids.make(),
        breach: ids.make(),
        credit: ids.make(),
        amount: money(amount, currency),
    }
}

impl House {
    async fn furnish(&mut self) {
        let ids = self.app.store().ids().clone();
        let (group, entity): (CustomerGroupId, LegalEntityId) = (ids.make(), ids.make());
        let mut tx = self.app.store().begin(None).await.unwrap();
        tx.execute(
            "insert into customer_group (id, key, name) values ($1, 'northwind', 'Northwind')",
            &[makegood_central::store::Arg::text(group)],
        )
        .await
        .unwrap();
        tx.execute(
            "insert into series (id, source, service, tenant, path) \
             values ($1, 'probes', 'api', '', '')",
            &[makegood_central::store::Arg::text(self.series)],
        )
        .await
        .unwrap();
        tx.put(&LegalEntity {
            id: entity,
            key: "DE".to_owned(),
            name: "Meridian GmbH".to_owned(),
            address: vec!["Berlin".to_owned()],
            legal_lines: Vec::new(),
            functional_currency: "EUR".to_owned(),
            locale: "de-DE".to_owned(),
            seal: None,
        })
        .await
        .unwrap();
        for (id, key, name) in
            [(self.gmbh, "nw-gmbh", "Northwind GmbH"), (self.inc, "nw-inc", "Northwind Inc")]
        {
            tx.put(&customer(id, key, name, group)).await.unwrap();
        }
        let all = [
            ("NW-1", self.nw1.clone(), self.gmbh, false),
            ("NW-2", self.nw2.clone(), self.gmbh, true),
            ("NW-3", self.nw3.clone(), self.inc, false),
        ];
        for (at, (number, owed, customer, claimed)) in all.into_iter().enumerate() {
            let contract = Contract {
                id: owed.contract,
                customer,
                legal_entity: entity,
                number: number.to_owned(),
                currency: owed.amount.currency().code().to_owned(),
                combine: "sum".to_owned(),
                cap: None,
                renews_on: None,
                auto_renew: true,
                document_hash: None,
                version_number: 1,
            };
            tx.put(&contract).await.unwrap();
            let place = Place { customer, group, entity, at, claimed };
            self.october(&mut tx, &owed, &place).await;
        }
        tx.audit("test.furnished", ("test", "house"), None, json!({}));
        tx.commit().await.unwrap();
    }

    /// A locked October of one contract: line, attainment, settlement, breach, drafted credit.
    async fn october(&self, tx: &mut makegood_central::store::Tx, owed: &Owed, place: &Place) {
        let ids = self.app.store().ids();
        let (from, to) = (instant("2026-09-30T22:00:00Z"), instant("2026-10-31T23:00:00Z"));
        let line = line(ids.make(), owed.contract, place.customer, self.series, ids.make());
        tx.put(&line).await.unwrap();
        let attainment = Attainment {
            id: ids.make(),
            customer: place.customer,
            contract: owed.contract,
            line: line.id,
            window: "2026-10".to_owned(),
            from,
            to,
            state: WindowState::Locked,
            settlement: Some(owed.settlement),
            revision: 1,
            attainment: Some("2679/2682".to_owned()),
            percent: Some("99.888143".to_owned()),
            met: Some(false),
            internal_met: None,
            total: "2682000".to_owned(),
            bad: "3060".to_owned(),
            excused: "600".to_owned(),
            unknown_seconds: 0,
            allowance: Some("2681.4".to_owned()),
            allowance_left: Some("-378.6".to_owned()),
            left_by_day: Vec::new(),
            credit: Some(owed.amount),
            as_of: to,
        };
        tx.put(&attainment).await.unwrap();
        tx.put(&settlement(owed, place.customer, 1)).await.unwrap();
        tx.put(&breach(owed, place, line.id, attainment.id)).await.unwrap();
        tx.put(&credit(owed, place)).await.unwrap();
    }

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
        json!({
            "id": id, "decided_at": "2026-11-09T08:00:00Z", "kind": kind, "args": args, "base": base,
        })
    }

    /// The present version of an entity.
    pub(crate) async fn version<T: makegood_central::store::Stored>(&self, key: &str) -> i64 {
        self.row::<T>(key).await.0
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

struct Place {
    customer: CustomerId,
    group: CustomerGroupId,
    entity: LegalEntityId,
    at: usize,
    claimed: bool,
}

fn customer(id: CustomerId, key: &str, name: &str, group: CustomerGroupId) -> Customer {
    Customer {
        id,
        key: key.to_owned(),
        group,
        group_name: "Northwind".to_owned(),
        name: name.to_owned(),
        address: Vec::new(),
        country: "DE".to_owned(),
        locale: "en".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        segment: None,
        churned_on: None,
        csm: None,
        account_manager: None,
    }
}

fn line(
    id: SlaLineId,
    contract: ContractId,
    customer: CustomerId,
    series: SeriesId,
    version: ContractVersionId,
) -> SlaLine {
    SlaLine {
        id,
        contract,
        customer,
        version,
        name: "API".to_owned(),
        product: "API".to_owned(),
        terms: json!({
            "objective": "99.9",
            "window": {"calendar": "month", "time_zone": "Europe/Berlin"},
            "measure": {"uptime": {}},
            "exclusions": {"planned_maintenance": {"treatment": "removed", "min_notice": "48h"}},
        }),
        clauses: Clauses::default(),
        series,
        fee: "12000.00".to_owned(),
        fee_rule: "monthly 12,000.00".to_owned(),
        remedy: RemedyRule {
            mode: RemedyMode::Proactive,
            claim_within_days: None,
            form: "invoice".to_owned(),
        },
        active_from: None,
        active_to: None,
    }
}

pub(crate) fn settlement(owed: &Owed, customer: CustomerId, revision: i64) -> Settlement {
    Settlement {
        id: owed.settlement,
        customer,
        contract: owed.contract,
        window: "2026-10".to_owned(),
        from: instant("2026-09-30T22:00:00Z"),
        to: instant("2026-10-31T23:00:00Z"),
        revision,
        reason: (revision > 1).then(|| "late evidence".to_owned()),
        engine: "0.1.0".to_owned(),
        tzdb: "2026a".to_owned(),
        case_hash: "0".repeat(64),
        locked_at: instant("2026-11-04T00:00:00Z"),
        total: owed.amount,
        lines: Vec::new(),
    }
}

fn breach(owed: &Owed, place: &Place, line: SlaLineId, attainment: AttainmentId) -> Breach {
    Breach {
        id: owed.breach,
        number: format!("BR-{}", 1001 + place.at),
        customer: place.customer,
        contract: owed.contract,
        line,
        window: "2026-10".to_owned(),
        attainment,
        settlement: Some(owed.settlement),
        state: BreachState::ToReview,
        incident: None,
        reviewed_by: None,
        reviewed_at: None,
        reason: None,
        snoozed_until: None,
    }
}

fn credit(owed: &Owed, place: &Place) -> Credit {
    Credit {
        id: owed.credit,
        number: format!("CR-X{}", place.at),
        kind: CreditKind::Contractual,
        amount: owed.amount,
        customer: place.customer,
        group: place.group,
        contract: owed.contract,
        legal_entity: place.entity,
        settlement: Some(owed.settlement),
        settlement_revision: 1,
        adjusts: None,
        window: "2026-10".to_owned(),
        form: "invoice".to_owned(),
        decision: Decision::Drafted,
        claim: if place.claimed { Claim::Invited } else { Claim::NotNeeded },
        claim_until: place.claimed.then(|| "2026-11-30".parse().unwrap()),
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
