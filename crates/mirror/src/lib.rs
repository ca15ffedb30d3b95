//! The mirror: what central says in one person's scope, as a SQLite file on the laptop, and every
//! query behind a screen.
//!
//! [`Mirror`] is the file: it takes pages of changes and knows where it stands. [`screens`] reads it.
//! It is disposable: whatever is wrong with it, a desk fetches it again under a new file name.
#![warn(missing_docs)]

mod apply;
mod ask;
mod column;
mod fill;
mod fold;
mod named;
mod overlay;
mod read;
mod ready;
mod refill;
mod replica;
pub mod rollup;
pub mod room;
pub mod screens;
pub mod snapshot;
mod statistics;
mod viewer;

pub use named::only;
pub use overlay::{Overlay, Pending, Stage};
pub use read::{Reader, Versioned};
pub use replica::Mirror;
pub use viewer::Viewer;
