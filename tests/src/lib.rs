//! What must be true of the whole. The proofs stand in `tests/it`; here is what drives the real
//! application in its real webview, for the proofs and for `make run` on a machine without a display.
#![warn(missing_docs)]

pub mod main_job;
pub mod screens;
pub mod window;
