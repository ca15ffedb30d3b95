//! What is charged for the lines of an import. A charge may be corrected, also of the past: what it
//! changes in windows that are settled becomes a revision (law 4).

use super::{Known, difference, document};
use crate::{
    close::{self, Touched},
    store::{Tx, contract},
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use makegood_domain::{
    Problem,
    contract::{Charge, Contract, SlaLine},
    id::CustomerId,
};
use serde_json::json;

/// Time of a series in which one customer's charges have changed.
#[derive(Debug)]
pub(super) struct Corrected {
    customer: CustomerId,
    touched: Touched,
}

/// Adds the charges that are new, and corrects those that are on record by the same first day and
/// frequency; all of the line's.
pub(super) async fn put_all(
    tx: &mut Tx,
    (owner, line): (&Contract, &SlaLine),
    charges: &[document::Charge],
    known: &mut Known,
) -> Result<Vec<Charge>, Problem> {
    let mut stored = contract::charges(tx.conn(), line.customer, line.id).await?;
    for new in charges {
        let same = |charge: &Charge| charge.from == new.from && charge.frequency == new.frequency;
        let before = stored.iter().position(same);
        let id = before.map_or_else(|| tx.store().ids().make(), |at| stored[at].id);
        let after = Charge {
            id,
            line: line.id,
            customer: line.customer,
            kind: "recurring".to_owned(),
            amount: new.amount.clone(),
            frequency: new.frequency.clone(),
            in_advance: new.in_advance,
            from: new.from,
            to: new.to,
        };
        let before = before.map(|at| stored.swap_remove(at));
        if before.as_ref() != Some(&after) {
            put(tx, (owner, line), before.as_ref(), &after, known).await?;
        }
        stored.push(after);
    }
    Ok(stored)
}

async fn put(
    tx: &mut Tx,
    (owner, line): (&Contract, &SlaLine),
    before: Option<&Charge>,
    after: &Charge,
    known: &mut Known,
) -> Result<(), Problem> {
    tx.put_charge(after, &owner.currency).await?;
    known.changed += 1;
    difference::of_charge(known, (owner, line), before, after);
    let figures = |charge: &Charge| json!({ "amount": charge.amount, "to": charge.to });
    let detail = json!({
        "line": line.id, "from": after.from, "frequency": after.frequency,
        "before": before.map(figures), "after": figures(after),
    });
    let subject = after.id.to_string();
    tx.audit("charge.imported", ("charge", &subject), Some(line.customer), detail);
    let (from, to) = (day(after.from) - TimeDelta::days(1), tx.now());
    if from < to {
        let touched = Touched { series: line.series, from, to };
        known.corrected.push(Corrected { customer: line.customer, touched });
    }
    Ok(())
}

/// Windows that have begun are computed anew with what is charged now.
pub(super) async fn revise(tx: &mut Tx, known: &Known) -> Result<(), Problem> {
    for corrected in &known.corrected {
        let reason = "the credit base was corrected";
        close::revise(tx, Some(corrected.customer), &[corrected.touched], reason).await?;
    }
    Ok(())
}

/// The beginning of a day in UTC. No zone's day begins more than a day before or after it.
fn day(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
