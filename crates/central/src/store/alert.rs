//! Alerts: what warns of lines of open windows.

use super::{Arg, Versioned, feed::scope_filter, list};
use makegood_domain::{
    Problem,
    alert::Alert,
    id::{AlertId, ContractId, CustomerId},
    person::Scope,
};
use sqlx::AnyConnection;

/// The open alerts of a contract's window.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn open_of_window(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
    label: &str,
) -> Result<Vec<Versioned<Alert>>, Problem> {
    let args = [Arg::text(customer), Arg::text(contract), Arg::text(label)];
    let filter = "customer = $1 and contract = $2 and label = $3 and state = 'open' order by id";
    list(conn, filter, &args).await
}

/// The alerts in `scope` after `after`, by id: at most one more than `most`; the open ones, or all.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn page(
    conn: &mut AnyConnection,
    scope: &Scope,
    (after, most): (Option<AlertId>, usize),
    resolved_too: bool,
) -> Result<Vec<Alert>, Problem> {
    let mut args = vec![Arg::Text(after.map_or_else(String::new, |id| id.to_string()))];
    args.push(Arg::Int(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1)));
    let within = scope_filter(scope, "customer", &mut args);
    let open = if resolved_too { "1 = 1" } else { "state = 'open'" };
    let filter = format!("{open} and id > $1 and {within} order by id limit $2");
    let rows = list(conn, &filter, &args).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}
