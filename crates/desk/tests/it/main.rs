//! The desk against the real things.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod alert;
mod amended;
mod batch;
mod beside;
mod bindings;
mod case;
mod checklist;
mod contact;
mod deadline;
mod delivery;
mod dispute;
mod handed;
#[allow(dead_code, reason = "the terminal's tests use the rest of it")]
mod house;
mod kept;
mod mail;
mod notice;
mod outbox;
mod person;
mod plan;
mod proof;
#[path = "../../../../tests/provider/provider.rs"]
mod provider;
#[allow(dead_code, reason = "central's tests use the rest of it")]
#[path = "../../../../tests/receiver/receiver.rs"]
mod receiver;
mod renewed;
mod restored;
mod returned;
mod room;
#[allow(dead_code, reason = "the terminal's tests use the rest of it")]
mod saved;
mod seal;
mod sending;
mod sequence;
mod session;
mod sign_in;
mod stamp;
mod statement;
mod statement_file;
mod statement_of;
mod sync;
mod table;
mod wire;
#[allow(dead_code, reason = "the terminal's tests use the rest of it")]
mod work;
