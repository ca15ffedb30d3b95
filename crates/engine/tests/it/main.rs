//! What the engine promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod distance;
mod distance_computed;
mod distance_slots;
mod fuzz;
mod northwind;
mod outcome;
mod properties;
mod refusals;
mod second_by_second;
mod what_if;
mod zone;
