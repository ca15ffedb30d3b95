//! Breaches: missed lines and their review.

use super::{Arg, Tx, Versioned, list};
use makegood_domain::{
    Problem,
    breach::Breach,
    id::{ContractId, CustomerId, SettlementId, SlaLineId},
};
use sqlx::AnyConnection;
use std::collections::BTreeMap;

/// The breach of a line in a window, if there is one.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_line(
    conn: &mut AnyConnection,
    customer: CustomerId,
    line: SlaLineId,
    label: &str,
) -> Result<Option<Versioned<Breach>>, Problem> {
    let args = [Arg::text(customer), Arg::text(line), Arg::text(label)];
    Ok(list(conn, "customer = $1 and line = $2 and label = $3", &args).await?.pop())
}

/// The breaches of a settlement.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_settlement(
    conn: &mut AnyConnection,
    customer: CustomerId,
    settlement: SettlementId,
) -> Result<Vec<Versioned<Breach>>, Problem> {
    let args = [Arg::text(customer), Arg::text(settlement)];
    let linked = "customer = $1 and id in (select breach from settlement_breach \
                  where customer = $1 and settlement = $2) order by id";
    list(conn, linked, &args).await
}

impl Tx {
    /// The breaches of a contract in a window, by line.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn breaches_of_window(
        &mut self,
        (customer, contract): (CustomerId, ContractId),
        label: &str,
    ) -> Result<BTreeMap<SlaLineId, Breach>, Problem> {
        let args = [Arg::text(customer), Arg::text(contract), Arg::text(label)];
        let found = self.list("customer = $1 and contract = $2 and label = $3", &args).await?;
        Ok(found.into_iter().map(|found: Versioned<Breach>| (found.row.line, found.row)).collect())
    }

    /// Links a breach to the settlement of its window.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn link_breach(
        &mut self,
        settlement: SettlementId,
        breach: &Breach,
    ) -> Result<(), Problem> {
        let sql = "insert into settlement_breach (customer, settlement, breach) \
                   values ($1, $2, $3) on conflict (customer, settlement, breach) do nothing";
        let args = [Arg::text(breach.customer), Arg::text(settlement), Arg::text(breach.id)];
        self.execute(sql, &args).await?;
        Ok(())
    }
}
