//! What the business types promise, without a database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod alert;
mod audit;
mod code;
mod identity;
mod policy;
mod span;
mod wire;
