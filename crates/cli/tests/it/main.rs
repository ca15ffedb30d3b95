//! The binary itself, as a terminal and cron call it.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod check;
mod demo;
mod openslo;
#[path = "../../../../tests/provider/provider.rs"]
mod provider;
mod sign_in;

use std::process::{Command, Output};

/// Runs `makegood` with these arguments.
fn makegood(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_makegood")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
