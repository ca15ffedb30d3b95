//! SLA credits: the lists by where the decision stands, one with its approval matrix, and what a
//! selection adds up to.

mod detail;
mod list;
mod order;
mod selection;

pub use detail::{CreditDetail, Step, credit};
pub use list::{CreditCounts, CreditRow, CreditTab, Credits, credits};
pub use selection::{Selection, SelectionTotal, credits_selection};

pub(crate) use list::Desk;
