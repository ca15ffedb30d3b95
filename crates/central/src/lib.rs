//! The central service: sources, ingest, computing, closing, policy in the transaction, sync and
//! command API, audit.
#![warn(missing_docs)]

pub mod access;
mod alert;
pub mod app;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod beside;
mod book;
pub mod checklist;
pub mod close;
pub mod command;
mod compute;
pub mod config;
mod deadline;
mod distance;
pub mod draft;
pub mod effect;
pub mod fee;
mod feed;
mod front;
mod gathered;
pub mod house;
pub mod identity;
pub mod import;
pub mod ingest;
pub mod limit;
pub mod message;
mod metrics;
mod outgoing;
mod owner;
pub mod problem;
pub mod proposal;
pub mod routes;
pub mod serve;
mod snapshot;
pub mod source;
pub mod store;
mod termination;
pub mod tls;
pub mod token;

pub use app::{App, Config};
pub use serve::{Running, serve, serve_tls};
