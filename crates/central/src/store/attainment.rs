//! Attainments: one row per line and window.

use super::{Arg, list};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    attainment::Attainment,
    id::{AttainmentId, ContractId, CustomerId},
    person::Scope,
};
use sqlx::AnyConnection;

/// What is closing. The row of a line that an amendment took out of a window stays as it was.
const CLOSING: &str = "state = 'closing' and not exists (select 1 from settlement s \
     where s.customer = attainment.customer and s.contract = attainment.contract \
     and s.label = attainment.label)";

/// A contract's attainments, by the beginning of their windows.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_contract(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
) -> Result<Vec<Attainment>, Problem> {
    let args = [Arg::text(customer), Arg::text(contract)];
    let rows = list(conn, "customer = $1 and contract = $2 order by from_at, id", &args).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}

/// Those of a contract's attainments whose windows are locked and begin at `since` or later, oldest first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn locked_since(
    conn: &mut AnyConnection,
    (customer, contract): (CustomerId, ContractId),
    since: DateTime<Utc>,
) -> Result<Vec<Attainment>, Problem> {
    let args = [Arg::text(customer), Arg::text(contract), Arg::Int(since.timestamp())];
    let filter = "customer = $1 and contract = $2 and state = 'locked' and from_at >= $3 \
                  order by from_at, id";
    Ok(list(conn, filter, &args).await?.into_iter().map(|row| row.row).collect())
}

/// Those of a contract's attainments whose windows are not locked.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn unlocked_of_contract(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
) -> Result<Vec<Attainment>, Problem> {
    let filter = "customer = $1 and contract = $2 and state <> 'locked' order by from_at, id";
    let rows = list(conn, filter, &[Arg::text(customer), Arg::text(contract)]).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}

/// A contract's attainments in the window of this label.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_window(
    conn: &mut AnyConnection,
    (customer, contract): (CustomerId, ContractId),
    label: &str,
) -> Result<Vec<Attainment>, Problem> {
    let filter = "customer = $1 and contract = $2 and label = $3 order by id";
    let args = [Arg::text(customer), Arg::text(contract), Arg::text(label)];
    Ok(list(conn, filter, &args).await?.into_iter().map(|row| row.row).collect())
}

/// Whether a window of a contract has been opened.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn any_of_contract(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
) -> Result<bool, Problem> {
    let sql = "select 1 from attainment where customer = $1 and contract = $2 limit 1";
    let args = [Arg::text(customer), Arg::text(contract)];
    Ok(super::fetch_optional(conn, sql, &args).await?.is_some())
}

/// How many windows of SLA lines stand in each state.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn by_state(conn: &mut AnyConnection) -> Result<Vec<(String, i64)>, Problem> {
    let sql = "select state, cast(count(*) as bigint) from attainment group by state";
    let rows = super::fetch(conn, sql, &[]).await?;
    rows.iter().map(|row| Ok((super::text(row, 0)?, super::int(row, 1)?))).collect()
}

/// What has ended and is not locked, in order of its end: lines of one window stand together.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn closing(conn: &mut AnyConnection) -> Result<Vec<Attainment>, Problem> {
    let filter = format!("{CLOSING} order by to_at, customer, contract, label, line");
    Ok(list(conn, &filter, &[]).await?.into_iter().map(|row| row.row).collect())
}

/// The same of one window.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn closing_of(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
    window: &str,
) -> Result<Vec<Attainment>, Problem> {
    let filter =
        format!("{CLOSING} and customer = $1 and contract = $2 and label = $3 order by line");
    let args = [Arg::text(customer), Arg::text(contract), Arg::text(window)];
    Ok(list(conn, &filter, &args).await?.into_iter().map(|row| row.row).collect())
}

/// The lines of open windows in `scope` after `after`, by id: at most one more than `most`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn open(
    conn: &mut AnyConnection,
    scope: &Scope,
    after: Option<AttainmentId>,
    most: usize,
) -> Result<Vec<Attainment>, Problem> {
    let mut args = vec![Arg::Text(after.map_or_else(String::new, |id| id.to_string()))];
    args.push(Arg::Int(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1)));
    let within = super::feed::scope_filter(scope, "customer", &mut args);
    let filter = format!("state = 'open' and id > $1 and {within} order by id limit $2");
    let rows = list(conn, &filter, &args).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}
