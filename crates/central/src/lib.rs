//! The central service: sources, ingest, computing, closing, policy in the transaction, sync and
//! command API, audit.
#![warn(missing_docs)]

pub mod app;
pub mod auth;
mod book;
pub mod close;
pub mod command;
mod compute;
pub mod fee;
pub mod house;
pub mod identity;
pub mod import;
pub mod ingest;
pub mod problem;
pub mod routes;
pub mod serve;
pub mod store;
pub mod tls;
pub mod token;

pub use app::{App, Config};
pub use serve::{Running, serve, serve_tls};
