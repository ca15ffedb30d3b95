//! Central, on SQLite and on PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod approval;
mod auth;
mod closing;
mod command;
mod ground;
mod house;
mod identity;
mod import;
mod northwind;
mod probe_log;
mod problem;
#[path = "../../../../tests/provider/provider.rs"]
mod provider;
mod revision;
mod slots;
mod statement;
mod store;
mod sync;
mod tls;
mod token;
