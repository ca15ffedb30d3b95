//! The number: see the crate's modules.
pub mod money;
