//! What must be true of the whole: its structure, its migrations, and the main job end to end.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod end_to_end;
mod migrations;
mod real_input;
#[cfg(unix)]
mod scripts;
mod seam;
mod structure;
mod tidy;
mod tree;
