//! Credits as central drafts them; deciding is a command's.

use super::{Arg, Versioned, list};
use makegood_domain::{
    Problem,
    credit::Credit,
    id::{ContractId, CustomerId, SettlementId},
};
use sqlx::AnyConnection;

/// The credits that were drafted from a settlement.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_settlement(
    conn: &mut AnyConnection,
    customer: CustomerId,
    settlement: SettlementId,
) -> Result<Vec<Versioned<Credit>>, Problem> {
    let args = [Arg::text(customer), Arg::text(settlement)];
    list(conn, "customer = $1 and settlement = $2 order by id", &args).await
}

/// A customer's credits.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_customer(
    conn: &mut AnyConnection,
    customer: CustomerId,
) -> Result<Vec<Versioned<Credit>>, Problem> {
    list(conn, "customer = $1 order by id", &[Arg::text(customer)]).await
}

/// The approved credits of a contract that rest on settlements: what a rolling cap's history holds.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn approved_of_contract(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
) -> Result<Vec<Credit>, Problem> {
    let filter = "customer = $1 and contract = $2 and settlement is not null \
                  and decision = 'approved' order by id";
    let rows = list(conn, filter, &[Arg::text(customer), Arg::text(contract)]).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}
