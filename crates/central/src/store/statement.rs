//! Statements, and what they rest on.

use super::{Arg, Versioned, list};
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

/// The span of whole months that a label (`2026`, `2026-Q4`, `2026-10`, `2026-10-31`) ends with:
/// its first and last month, each counted from year 0.
fn months(label: &str) -> Option<(i64, i64)> {
    let year: i64 = label.get(..4)?.parse().ok()?;
    let rest = label.get(4..)?;
    let (first, last) = match rest.strip_prefix('-') {
        None if rest.is_empty() => (1, 12),
        None => return None,
        Some(part) => match part.strip_prefix('Q') {
            Some(quarter) => {
                let quarter: i64 = quarter.parse().ok()?;
                (quarter * 3 - 2, quarter * 3)
            }
            None => {
                let month = part.get(..2)?.parse().ok()?;
                (month, month)
            }
        },
    };
    (1..=12).contains(&first).then_some((year * 12 + first - 1, year * 12 + last - 1))
}

/// Whether a window with this label ends in the period with that one.
#[must_use]
pub fn ends_in(label: &str, period: &str) -> bool {
    match (months(label), months(period)) {
        (Some((_, end)), Some((first, last))) => (first..=last).contains(&end),
        _ => false,
    }
}

/// Whether this is the label of a month, a quarter or a year.
#[must_use]
pub fn is_period(label: &str) -> bool {
    label.len() <= 7 && label.is_ascii() && months(label).is_some()
}

#[cfg(test)]
mod tests {
    use super::{ends_in, is_period};

    #[test]
    fn a_period_holds_every_window_that_ends_in_it() {
        for (label, period) in [
            ("2026-10", "2026-10"),
            ("2026-Q4", "2026-12"),
            ("2026-10", "2026-Q4"),
            ("2026-12", "2026"),
            ("2026-10-31", "2026-10"),
        ] {
            assert!(ends_in(label, period), "{label} in {period}");
        }
        for (label, period) in [("2026-Q4", "2026-10"), ("2026", "2026-11"), ("2025-10", "2026")] {
            assert!(!ends_in(label, period), "{label} not in {period}");
        }
        assert!(is_period("2026-10") && is_period("2026-Q4") && is_period("2026"));
        assert!(!is_period("2026-13") && !is_period("October") && !is_period("2026-10-31"));
    }
}
