//! The central service: sources, ingest, computing, closing, policy in the transaction, sync and
//! command API, audit.
#![warn(missing_docs)]

pub mod store;
