//! The mirror against what central says, and the screens against the story of Northwind.
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

mod adopt;
mod alert;
mod apply;
mod bindings;
mod contact;
mod deadline;
mod deciding;
mod distance;
mod fill;
mod isolation;
mod model;
mod names;
mod northwind;
mod outcome;
mod page;
mod ready;
mod rollup;
mod room;
mod screens;
mod statistics;
mod strip;
