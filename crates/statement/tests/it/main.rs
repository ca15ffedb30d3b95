//! Statements as they leave the house: what they say, what seals them, and what breaks a seal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod amended;
mod archive;
mod batch;
mod determinism;
mod file;
mod fuzz;
mod golden;
mod kinds;
mod layout;
mod letterhead;
mod malformed;
mod narrow;
mod northwind;
mod notice;
mod pages;
mod periods;
mod responder;
mod samples;
mod seal;
mod shared_out;
mod stamp;
mod tampering;
mod token;
mod usage;
mod wording;
