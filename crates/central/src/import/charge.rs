//! What is charged for the lines of an import. A charge may be corrected, also of the past.

use super::{Known, difference, document};
use crate::store::{Tx, contract};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use makegood_domain::{
    Problem,
    contract::{Charge, Contract, SlaLine},
};
use serde_json::json;

/// Adds the charges that are new, and corrects those that are on record by the same first day and
/// frequency; all of the line's.
pub(super) async fn put_all(
    tx: &mut Tx,
    (owner, version, line): (&Contract, i64, &SlaLine),
    charges: &[document::Charge],
    known: &mut Known,
) -> Result<Vec<Charge>, Problem> {
    let mut stored = contract::charges(tx.conn(), line.customer, line.id).await?;
    let was_charged = !stored.is_empty();
    for new in charges {
        let same = |charge: &Charge| charge.from == new.from && charge.frequency == new.frequency;
        let before = stored.iter().position(same);
        let id = before.map_or_else(|| tx.store().ids().make(), |at| stored[at].id);
        let after = new.of(id, (line.customer, line.id));
        let before = before.map(|at| stored.swap_remove(at));
        if before.as_ref() != Some(&after) {
            put(tx, (owner, version, line), before.as_ref(), &after, known).await?;
            if was_charged {
                let from = day(after.from) - TimeDelta::days(1);
                let reason = "the credit base was corrected";
                known.correct((line.customer, line.series), (from, tx.now()), reason);
            }
        }
        stored.push(after);
    }
    Ok(stored)
}

async fn put(
    tx: &mut Tx,
    (owner, version, line): (&Contract, i64, &SlaLine),
    before: Option<&Charge>,
    after: &Charge,
    known: &mut Known,
) -> Result<(), Problem> {
    tx.put_charge(after, &owner.currency).await?;
    known.changed += 1;
    difference::of_charge(known, (owner, version, line), before, after);
    let figures = |charge: &Charge| json!({ "amount": charge.amount, "to": charge.to });
    let detail = json!({
        "line": line.id, "from": after.from, "frequency": after.frequency,
        "before": before.map(figures), "after": figures(after),
    });
    let subject = after.id.to_string();
    tx.audit("charge.imported", ("charge", &subject), Some(line.customer), detail);
    Ok(())
}

/// The beginning of a day in UTC. No zone's day begins more than a day before or after it.
fn day(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
