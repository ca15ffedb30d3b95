//! The desk against the real things.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod outbox;
