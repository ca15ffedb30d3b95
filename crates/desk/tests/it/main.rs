//! The desk against the real things.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod alert;
mod bindings;
mod deadline;
mod house;
mod notice;
mod outbox;
#[path = "../../../../tests/provider/provider.rs"]
mod provider;
mod sign_in;
mod statement;
mod sync;
mod wire;
mod work;
