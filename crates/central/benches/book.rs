//! A book of customers for the benchmarks, on SQLite and, where `MAKEGOOD_TEST_POSTGRES` names a
//! server, on PostgreSQL.

use chrono::{DateTime, Utc};
use makegood_central::{import, store::Store};
use makegood_domain::{
    Clock,
    id::{CommandId, Ids, PersonId},
    person::{Person, Role, Scope},
    random::Random,
};
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use std::time::Instant;
use tempfile::TempDir;

/// The source of all evidence.
pub(crate) const SOURCE: &str = "prober";
/// Contracts in one import.
const AT_ONCE: usize = 250;

/// A database with a book.
pub(crate) struct Book {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) admin: PersonId,
    _folder: Option<TempDir>,
}

/// The instant that a text names.
pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Name of the series of a line.
pub(crate) fn service(contract: usize, line: usize) -> String {
    format!("service-{contract:05}-{line}")
}

/// Empty books at 1 September 2026: on SQLite and on PostgreSQL, or only where `MAKEGOOD_BENCH_ONLY` says (`sqlite`, `postgresql`).
pub(crate) async fn books() -> Vec<Book> {
    let only = std::env::var("MAKEGOOD_BENCH_ONLY").ok();
    let asked = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let mut books = Vec::new();
    if asked("sqlite") {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("central.db").display());
        books.push(open("sqlite", url, Some(folder)).await);
    }
    if !asked("postgresql") {
        return books;
    }
    match std::env::var("MAKEGOOD_TEST_POSTGRES") {
        Ok(server) => books.push(open("postgresql", database_on(&server).await, None).await),
        Err(_) => println!("without PostgreSQL: MAKEGOOD_TEST_POSTGRES names no server"),
    }
    books
}

async fn open(name: &'static str, url: String, folder: Option<TempDir>) -> Book {
    let clock = Clock::fixed(instant("2026-09-01T00:00:00Z"));
    let ids = Ids::new(clock.clone(), Random::system());
    let store = Store::connect(&url, clock.clone(), ids).await.expect("the store opens");
    let admin = person(&store, "root", Role::Admin).await;
    Book { name, url, store, clock, admin, _folder: folder }
}

async fn database_on(server: &str) -> String {
    sqlx::any::install_default_drivers();
    let id: CommandId = Ids::new(Clock::system(), Random::system()).make();
    let name = format!("b{}", id.to_string().replace('-', ""));
    let mut conn = AnyConnection::connect(server).await.expect("the server answers");
    conn.execute(AssertSqlSafe(format!("create database {name}"))).await.expect("a database");
    let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
    format!("{base}/{name}")
}

async fn person(store: &Store, subject: &str, role: Role) -> PersonId {
    let id = store.ids().make();
    let (issuer, name) = ("https://id.example".to_owned(), subject.to_owned());
    let person = Person { id, issuer, subject: name.clone(), name, roles: [role].into() };
    let mut tx = store.begin(None).await.expect("begins");
    tx.put_person(&person, &Scope::All).await.expect("is written");
    tx.commit().await.expect("commits");
    id
}

impl Book {
    /// Puts so many contracts of so many lines into force, each customer with one, each line with a
    /// series of its own. `measure` and its objective are every line's.
    pub(crate) async fn fill(&self, contracts: usize, lines: usize, measure: &Value) {
        let second = person(&self.store, "lee", Role::Finance).await;
        let hands = import::Hands { proposed_by: self.admin, approved_by: Some(second) };
        let began = Instant::now();
        for from in (0..contracts).step_by(AT_ONCE) {
            let some = from..contracts.min(from + AT_ONCE);
            let document = json!({
                "format": "makegood/import/1",
                "legal_entities": [{ "key": "DE", "name": "Fjordline", "functional_currency": "EUR", "locale": "en-GB" }],
                "customers": some.clone().map(customer).collect::<Vec<_>>(),
                "contracts": some.map(|at| contract(at, lines, measure)).collect::<Vec<_>>(),
            });
            let bytes = document.to_string().into_bytes();
            import::apply(&self.store, hands, &bytes).await.expect("is imported");
        }
        let lines = contracts * lines;
        println!("{}: {lines} lines imported in {:.1} s", self.name, began.elapsed().as_secs_f64());
    }
}

fn customer(at: usize) -> Value {
    json!({
        "key": format!("C-{at:05}"), "name": format!("Customer {at}"), "country": "DE",
        "locale": "en-GB", "time_zone": "Europe/Berlin",
    })
}

fn contract(at: usize, lines: usize, measure: &Value) -> Value {
    let line = |line: usize| {
        json!({
            "name": format!("API {line}"),
            "series": { "source": SOURCE, "service": service(at, line) },
            "terms": {
                "objective": "99.9", "internal_objective": "99.95",
                "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
                "measure": measure,
                "credit": { "tiers": [{ "below": "99.9", "percent": "10" }, { "below": "99", "percent": "25" }] },
            },
            "charges": [{ "amount": "1200.00", "frequency": "monthly", "from": "2026-09-01" }],
        })
    };
    json!({
        "customer": format!("C-{at:05}"), "number": format!("K-{at:05}"),
        "legal_entity": "DE", "currency": "EUR",
        "versions": [{
            "number": 1, "valid_from": "2026-08-31T22:00:00Z",
            "lines": (0..lines).map(line).collect::<Vec<_>>(),
        }],
    })
}
