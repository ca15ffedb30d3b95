//! What the engine promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod lint;
mod northwind;
mod properties;
mod refusals;
mod second_by_second;
mod zone;
