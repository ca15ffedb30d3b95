//! Deadlines: what has to be done about credits and rights to terminate, and by when.

use super::{Arg, Tx, Versioned, list};
use chrono::NaiveDate;
use makegood_domain::{
    Problem,
    deadline::Deadline,
    id::{CreditId, CustomerId, PersonId},
};
use sqlx::AnyConnection;

/// The deadlines that run about a credit.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_credit(
    conn: &mut AnyConnection,
    customer: CustomerId,
    credit: CreditId,
) -> Result<Vec<Versioned<Deadline>>, Problem> {
    let args = [Arg::text(customer), Arg::text(credit)];
    list(conn, "customer = $1 and subject = $2 and state = 'open' order by id", &args).await
}

/// A customer's deadlines about rights to terminate, those that have ended, too.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn terminations(
    conn: &mut AnyConnection,
    customer: CustomerId,
) -> Result<Vec<Versioned<Deadline>>, Problem> {
    list(conn, "customer = $1 and kind = 'termination' order by id", &[Arg::text(customer)]).await
}

/// The deadlines that run and are due before `day`, the longest due first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn due_before(
    conn: &mut AnyConnection,
    day: NaiveDate,
) -> Result<Vec<Versioned<Deadline>>, Problem> {
    list(conn, "state = 'open' and due < $1 order by due, id", &[Arg::text(day)]).await
}

impl Tx {
    /// Hands a customer's deadlines that run to somebody else.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn hand_over(
        &mut self,
        customer: CustomerId,
        owner: Option<PersonId>,
    ) -> Result<(), Problem> {
        let filter = "customer = $1 and state = 'open' order by id";
        let running: Vec<Versioned<Deadline>> =
            list(self.conn(), filter, &[Arg::text(customer)]).await?;
        for found in running.into_iter().filter(|found| found.row.owner != owner) {
            self.put(&Deadline { owner, ..found.row }).await?;
        }
        Ok(())
    }
}
