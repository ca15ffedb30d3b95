//! SLA statements: what stands in the way of each, and what was issued.

mod batch;
mod books;
mod choice;
mod month;
mod rows;

pub use batch::{HeldBy, ReadyCustomer, statements_held, statements_missing, statements_ready};
pub use choice::{NOTHING_CHANGED, NOTHING_LOCKED, StatementChoice, statement_choices};
pub use month::{StatementCustomer, StatementMonth, statement_month};
pub use rows::{Blocker, StatementLine, StatementRow, numbered};

pub(crate) use batch::language_of;
pub(crate) use books::{Books, Standing};
pub(crate) use rows::rows;
