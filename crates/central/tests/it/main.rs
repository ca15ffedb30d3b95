//! Central, on SQLite and on PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod alert;
mod amendment;
mod approval;
mod aside;
mod audit;
mod auth;
mod backup;
mod block;
mod calendar;
mod cap;
mod checklist;
mod closing;
mod command;
mod commands;
mod config;
mod contact;
mod correction;
mod cutting;
mod deadline;
mod delivery;
mod digest;
mod distance;
mod draft;
mod evasion;
mod fees;
mod ground;
mod guarded;
mod hardship;
mod health;
mod horizon;
mod house;
mod identity;
mod import;
mod incident;
mod kill;
mod limit;
mod locking;
mod message;
mod northwind;
mod openapi;
mod operating;
mod part;
mod probe_log;
mod problem;
mod prometheus;
mod proposal;
#[path = "../../../../tests/provider/provider.rs"]
mod provider;
#[path = "../../../../tests/receiver/receiver.rs"]
mod receiver;
mod review;
mod revision;
mod revoked;
mod schedule;
mod scope;
mod sealing;
mod silence;
mod slots;
mod snapshot;
mod source;
mod statement;
mod statement_of;
mod store;
mod sync;
mod table;
mod termination;
mod tls;
mod token;
mod total;
mod watched;
mod withdrawal;
