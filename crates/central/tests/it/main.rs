//! Central, on SQLite and on PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod approval;
mod audit;
mod auth;
mod backup;
mod closing;
mod command;
mod config;
mod ground;
mod hardship;
mod health;
mod house;
mod import;
mod limit;
mod northwind;
mod openapi;
mod probe_log;
mod problem;
mod revision;
mod slots;
mod statement;
mod store;
mod sync;
mod tls;
