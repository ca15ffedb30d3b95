//! The business of service level agreements: entities, ids, states, policy (who may decide what),
//! commands and wire messages. Pure: nothing here reads a file, a socket or a database.
//!
//! Every entity is one file, and the same noun names its file in every other layer.
#![warn(missing_docs)]

pub mod alert;
pub mod attainment;
pub mod audit;
pub mod breach;
pub mod claim;
pub mod clock;
pub mod command;
pub mod contact;
pub mod contract;
pub mod credit;
pub mod customer;
pub mod deadline;
pub mod delegation;
pub mod delivery;
pub mod dispute;
pub mod distance;
pub mod draft;
pub mod error;
pub mod exclusion;
pub mod id;
pub mod incident;
pub mod note;
pub mod person;
pub mod policy;
pub mod proposal;
pub mod random;
pub mod row;
pub mod scope;
pub mod series;
pub mod settlement;
pub mod source;
pub mod span;
pub mod statement;
pub mod table;
pub mod termination;
pub mod wire;
mod word;

pub use clock::Clock;
pub use error::{Code, Problem};
pub use makegood_engine::money::{Currency, Money};
