//! What must be true of the whole: its structure, its migrations, and the main job end to end.

mod migrations;
mod structure;
mod tidy;
mod tree;
