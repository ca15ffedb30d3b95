//! The mirror against what central says, and the screens against the story of Northwind.

mod apply;
mod bindings;
mod isolation;
mod model;
mod northwind;
mod screens;
