//! What a person does at the desk, without a window: syncing, deciding, issuing.
//!
//! A desk reads its mirror, so that everything works offline, and sends commands, never rows.
#![warn(missing_docs)]

pub mod central;
pub mod outbox;
mod problem;
pub mod profile;
