//! Statements, and what they rest on.

use super::{Arg, Versioned, list};
pub use makegood_domain::statement::{ends_in, is_period};
use makegood_domain::{
    Problem, audit::AuditEvent, breach::Breach, credit::Credit, id::CustomerId,
    settlement::Settlement, statement::Statement,
};
use sqlx::AnyConnection;

/// The customer's settlements whose window ends in the period, by contract number and label.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn settlements(
    conn: &mut AnyConnection,
    customer: CustomerId,
    period: &str,
) -> Result<Vec<Settlement>, Problem> {
    let filter = "customer = $1 order by contract, from_at, id";
    let all: Vec<Versioned<Settlement>> = list(conn, filter, &[Arg::text(customer)]).await?;
    Ok(all.into_iter().map(|found| found.row).filter(|s| ends_in(&s.window, period)).collect())
}

/// Every revision of the customer's statements of the period, oldest first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_period(
    conn: &mut AnyConnection,
    customer: CustomerId,
    period: &str,
) -> Result<Vec<Versioned<Statement>>, Problem> {
    let filter = "customer = $1 and period = $2 order by revision";
    list(conn, filter, &[Arg::text(customer), Arg::text(period)]).await
}

/// The customer's breaches in windows that end in the period.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn breaches(
    conn: &mut AnyConnection,
    customer: CustomerId,
    period: &str,
) -> Result<Vec<Breach>, Problem> {
    let found: Vec<Versioned<Breach>> =
        list(conn, "customer = $1 order by id", &[Arg::text(customer)]).await?;
    Ok(found.into_iter().map(|found| found.row).filter(|b| ends_in(&b.window, period)).collect())
}

/// The customer's credits for windows that end in the period.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn credits(
    conn: &mut AnyConnection,
    customer: CustomerId,
    period: &str,
) -> Result<Vec<Credit>, Problem> {
    let found: Vec<Versioned<Credit>> =
        list(conn, "customer = $1 order by id", &[Arg::text(customer)]).await?;
    Ok(found.into_iter().map(|found| found.row).filter(|c| ends_in(&c.window, period)).collect())
}

/// Whether one of these credits was finally decided after the statement was issued: by their places
/// in the audit chain, which are exact where instants are not.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn decided_since(
    conn: &mut AnyConnection,
    statement: &Statement,
    credits: &[Credit],
) -> Result<bool, Problem> {
    let filter = "customer = $1 and action in ('statement.issued', 'credit.approved', \
                  'credit.not_granted', 'credit.cancelled') order by position";
    let events: Vec<Versioned<AuditEvent>> =
        list(conn, filter, &[Arg::text(statement.customer)]).await?;
    let issued = statement.id.to_string();
    let decided = |event: &AuditEvent| credits.iter().any(|c| c.id.to_string() == event.subject);
    Ok(events.iter().skip_while(|event| event.row.subject != issued).any(|e| decided(&e.row)))
}
