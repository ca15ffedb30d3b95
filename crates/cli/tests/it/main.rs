//! The binary itself, as a terminal and cron call it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod check;
mod delivery;
mod demo;
#[allow(dead_code, reason = "the desk's tests use all of it")]
#[path = "../../../desk/tests/it/house.rs"]
mod house;
mod kill;
mod openslo;
mod proposal;
#[path = "../../../../tests/provider/provider.rs"]
mod provider;
#[allow(dead_code, reason = "the desk's and central's tests use all of it")]
#[path = "../../../../tests/receiver/receiver.rs"]
mod receiver;
#[allow(dead_code, reason = "the desk's tests use all of it")]
#[path = "../../../desk/tests/it/saved.rs"]
mod saved;
mod sign_in;
mod statement;
mod sync;
mod token;
#[allow(dead_code, reason = "the desk's tests use all of it")]
#[path = "../../../desk/tests/it/wire.rs"]
mod wire;
#[allow(dead_code, reason = "the desk's tests use all of it")]
#[path = "../../../desk/tests/it/work.rs"]
mod work;

use std::process::{Command, Output};

/// Runs `makegood` with these arguments.
fn makegood(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_makegood")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
