//! Fees that come into force by themselves: what lists show of a line's credit base moves with the day.

use crate::{
    fee,
    store::{self, Lock, Store, contract},
};
use makegood_domain::{
    Currency, Problem,
    contract::{Contract, SlaLine},
    id::{PersonId, SlaLineId},
};
use serde_json::json;

/// Writes what these lines are charged a month by now. An import has them to itself while it changes them.
pub(super) async fn come_into_force(
    store: &Store,
    by: Option<PersonId>,
    lines: &[SlaLineId],
) -> Result<(), Problem> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin(by).await?;
    tx.lock(Lock::Import).await?;
    let day = tx.now().date_naive();
    for id in lines {
        let Some(found) = tx.get::<SlaLine>(*id).await? else { continue };
        let line = found.row;
        let owner = store::get::<Contract>(tx.conn(), line.contract).await?;
        let owner = owner.ok_or_else(|| store::missing("contract"))?.row;
        let Some(currency) = Currency::parse(&owner.currency) else { continue };
        let charges = contract::charges(tx.conn(), line.customer, line.id).await?;
        let fee = fee::a_month(&line, &charges, currency, day)?;
        if fee.amount == line.fee {
            continue;
        }
        let detail = json!({ "before": line.fee, "after": fee.amount, "rule": fee.trace });
        let moved = SlaLine { fee: fee.amount, fee_rule: fee.trace, ..line };
        tx.put(&moved).await?;
        let subject = moved.id.to_string();
        tx.audit("sla_line.fee_moved", ("sla_line", &subject), Some(moved.customer), detail);
    }
    tx.commit().await?;
    Ok(())
}
