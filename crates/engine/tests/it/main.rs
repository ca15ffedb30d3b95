//! What the engine promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod claimed;
mod closed_lists;
mod distance;
mod distance_computed;
mod distance_slots;
mod explain;
mod frame;
mod fuzz;
mod interval;
mod laws;
mod library;
mod lint;
mod money;
mod northwind;
mod openslo;
mod outcome;
mod pieces;
mod properties;
mod random;
mod refusals;
mod second_by_second;
mod shared_out;
mod slot_by_slot;
mod suits;
mod trace;
mod used_up;
mod what_if;
mod what_if_exclusions;
mod zone;
