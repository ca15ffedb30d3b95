//! Where a story is told: SQLite always, and a real PostgreSQL where `MAKEGOOD_TEST_POSTGRES` names
//! one. Every ground is a database of its own.

use chrono::{DateTime, Utc};
use makegood_central::store::Store;
use makegood_domain::{Clock, id::CommandId, id::Ids, random::Random};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) url: String,
    pub(crate) name: &'static str,
    _folder: Option<TempDir>,
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A ground on each database, with a clock that stands at `at`.
pub(crate) async fn grounds(at: &str) -> Vec<Ground> {
    grounds_with(|| Clock::fixed(instant(at))).await
}

/// A ground on each database, with the machine's clock: for what lives with real programs.
pub(crate) async fn system_grounds() -> Vec<Ground> {
    grounds_with(Clock::system).await
}

async fn grounds_with(clock: impl Fn() -> Clock) -> Vec<Ground> {
    let mut grounds = Vec::new();
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("central.db").display());
    grounds.push(ground(url, clock(), "sqlite", Some(folder)).await);
    if let Ok(server) = std::env::var("MAKEGOOD_TEST_POSTGRES") {
        grounds.push(ground(database_on(&server).await, clock(), "postgres", None).await);
    }
    grounds
}

async fn ground(url: String, clock: Clock, name: &'static str, folder: Option<TempDir>) -> Ground {
    let ids = Ids::new(clock.clone(), Random::system());
    let store = Store::connect(&url, clock.clone(), ids).await.expect("the store opens");
    Ground { store, clock, url, name, _folder: folder }
}

/// A new, empty database on the server.
pub(crate) async fn database_on(server: &str) -> String {
    sqlx::any::install_default_drivers();
    let id: CommandId = Ids::new(Clock::system(), Random::system()).make();
    let name = format!("t{}", id.to_string().replace('-', ""));
    let mut conn = AnyConnection::connect(server).await.expect("the server answers");
    conn.execute(AssertSqlSafe(format!("create database {name}"))).await.expect("a database");
    let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
    format!("{base}/{name}")
}

/// Serves from now on, on the port that it gives.
pub(crate) async fn listening(router: axum::Router) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(axum::serve(listener, router).into_future());
    port
}
