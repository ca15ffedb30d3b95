//! SLA statements: what stands in the way of each, and what was issued.

mod books;
mod month;
mod rows;

pub use month::{StatementCustomer, StatementMonth, statement_month};
pub use rows::{Blocker, StatementLine, StatementRow};

pub(crate) use books::{Books, Standing};
pub(crate) use rows::rows;
