//! The desk against the real things.

mod outbox;
