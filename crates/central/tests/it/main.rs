//! Central, on SQLite and on PostgreSQL.

mod approval;
mod auth;
mod closing;
mod command;
mod ground;
mod house;
mod import;
mod northwind;
mod probe_log;
mod problem;
mod revision;
mod statement;
mod store;
mod sync;
