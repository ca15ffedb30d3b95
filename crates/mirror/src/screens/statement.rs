//! SLA statements: what stands in the way of each, and what was issued.

mod batch;
mod books;
mod choice;
mod month;
mod rows;

use crate::Reader;
use makegood_domain::{Problem, statement::Statement};

pub use batch::{HeldBy, ReadyCustomer, statements_held, statements_missing, statements_ready};
pub use choice::{NOTHING_CHANGED, NOTHING_LOCKED, StatementChoice, statement_choices};
pub use month::{StatementCustomer, StatementMonth, statement_month};
pub use rows::{Blocker, StatementLine, StatementRow, numbered};

/// Why a sealed statement would say something else today, as far as that is seen from here; `None`: it would not.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn statement_outdated(
    reader: &mut Reader,
    statement: &Statement,
) -> Result<Option<&'static str>, Problem> {
    Ok(Books::of_statement(reader, statement).await?.outdated(statement))
}

pub(crate) use batch::language_of;
pub(crate) use books::{Books, Standing};
pub(crate) use rows::rows;
