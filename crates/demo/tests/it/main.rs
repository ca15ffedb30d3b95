//! The demo's book, and the central it fills.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod book;
mod start;
