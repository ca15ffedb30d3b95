//! What a person does at the desk, without a window: syncing, deciding, issuing.
//!
//! A [`Desk`] reads its mirror, so that everything works offline, and sends commands, never rows.
//! Each of its methods is one verb of a window or a terminal; [`Event`]s say when to look again.
#![warn(missing_docs)]

mod alert;
pub mod breach;
mod case;
pub mod central;
pub mod checklist;
pub mod claim;
pub mod contact;
pub mod credit;
mod customer;
mod deadline;
pub mod delivery;
mod desk;
mod dispute;
pub mod draft;
mod event;
pub mod exclusion;
pub mod explain;
mod keychain;
pub mod keys;
pub mod mail;
pub mod message;
pub mod outbox;
pub mod person;
mod portfolio;
mod problem;
pub mod profile;
pub mod proposal;
pub mod seal;
mod seat;
pub mod session;
pub mod sign_in;
pub mod source;
pub mod stamp;
pub mod statement;
mod sync;
pub mod table;
pub mod token;

pub use desk::{Desk, Queued};
pub use event::{CatchUp, Event, Fill, Filling, Link, Progress, SyncState};
pub use makegood_mirror::screens;
pub use seat::Ground;
