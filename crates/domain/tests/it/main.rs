//! What the business types promise, without a database.

mod audit;
mod code;
mod identity;
mod policy;
mod wire;
