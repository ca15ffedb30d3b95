//! What the engine promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod frame;
mod fuzz;
mod library;
mod lint;
mod northwind;
mod outcome;
mod properties;
mod refusals;
mod second_by_second;
mod slot_by_slot;
mod zone;
