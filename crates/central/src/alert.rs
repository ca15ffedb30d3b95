//! Alerts before a contract is broken: raised, made worse and ended in the transaction that computes
//! the window.
//!
//! An alert's figures are those that raised it, so that what a person takes note of stays what they
//! saw; how the line stands now is told with its attainment.

mod condition;

use crate::{
    book::{Book, Due},
    compute::Reckoned,
    message::{self, What},
    store::{Tx, alert},
};
use condition::{Finding, Seen, Verdict};
use makegood_domain::{
    Problem,
    alert::{Alert, AlertKind, AlertState, Resolution},
    attainment::Attainment,
    id::SlaLineId,
};
use serde_json::json;
use std::collections::BTreeMap;

/// Raises, worsens or ends the alerts of a window.
pub(crate) async fn keep(
    tx: &mut Tx,
    book: &Book,
    due: &Due,
    reckoned: &Reckoned,
) -> Result<(), Problem> {
    let mut open: BTreeMap<(SlaLineId, AlertKind), Alert> = BTreeMap::new();
    let (customer, contract) = (book.customer.id, book.contract.id);
    for found in alert::open_of_window(tx.conn(), customer, contract, &due.label).await? {
        open.insert((found.row.line, found.row.kind), found.row);
    }
    if reckoned.standing.is_some() {
        let lines: Vec<SlaLineId> = book.lines_of(due).map(|line| line.line.id).collect();
        for (index, line) in lines.into_iter().enumerate() {
            let seen = Seen::of(reckoned, due, index);
            for kind in AlertKind::ALL {
                let before = open.remove(&(line, kind));
                settle(tx, book, due, (line, kind), &seen, before).await?;
            }
        }
    }
    let how = match reckoned.standing {
        Some(_) => Resolution::NotUnderContract,
        None => Resolution::WindowEnded,
    };
    for before in open.into_values() {
        end(tx, before, how).await?;
    }
    Ok(())
}

/// Ends the alerts of a line in a window in which it is not under contract.
pub(crate) async fn leave(tx: &mut Tx, row: &Attainment) -> Result<(), Problem> {
    let open = alert::open_of_window(tx.conn(), row.customer, row.contract, &row.window).await?;
    for found in open.into_iter().filter(|found| found.row.line == row.line) {
        end(tx, found.row, Resolution::NotUnderContract).await?;
    }
    Ok(())
}

/// Does what one line's condition of one kind asks for.
async fn settle(
    tx: &mut Tx,
    book: &Book,
    due: &Due,
    (line, kind): (SlaLineId, AlertKind),
    seen: &Seen<'_>,
    before: Option<Alert>,
) -> Result<(), Problem> {
    match (seen.judge(kind, before.as_ref())?, before) {
        (Verdict::Holds(finding), None) => raise(tx, book, due, (line, kind), seen, finding).await,
        (Verdict::Holds(finding), Some(before)) if finding.level > before.level => {
            worsen(tx, seen, before, finding).await
        }
        (Verdict::Over, Some(before)) => end(tx, before, Resolution::Recovered).await,
        _ => Ok(()),
    }
}

async fn raise(
    tx: &mut Tx,
    book: &Book,
    due: &Due,
    (line, kind): (SlaLineId, AlertKind),
    seen: &Seen<'_>,
    finding: Finding,
) -> Result<(), Problem> {
    let Some(attainment) = book.attainments.get(&(line, due.label.clone())) else {
        return Ok(());
    };
    let (Some(distance), now) = (seen.distance.cloned(), tx.now()) else { return Ok(()) };
    let first = seen.bad_since(&finding)?;
    let alert = Alert {
        id: tx.store().ids().make(),
        number: format!("AL-{}", tx.draw("alert", 0).await?),
        customer: book.customer.id,
        contract: book.contract.id,
        line,
        window: due.label.clone(),
        attainment: attainment.id,
        kind,
        level: finding.level,
        objective: finding.objective,
        burning: finding.burning,
        distance,
        as_of: seen.as_of,
        first_degraded_at: first,
        raised_at: now,
        time_to_detect_seconds: first.map(|first| (now - first).num_seconds().max(0)),
        worsened_at: None,
        state: AlertState::Open,
        acknowledged_by: None,
        acknowledged_at: None,
        note: None,
        resolved_at: None,
        resolution: None,
    };
    put(tx, &alert, What::Raised).await
}

/// Whoever took note of it saw something milder.
async fn worsen(
    tx: &mut Tx,
    seen: &Seen<'_>,
    before: Alert,
    finding: Finding,
) -> Result<(), Problem> {
    let alert = Alert {
        level: finding.level,
        objective: finding.objective,
        burning: finding.burning,
        distance: seen.distance.cloned().unwrap_or(before.distance),
        as_of: seen.as_of,
        worsened_at: Some(tx.now()),
        acknowledged_by: None,
        acknowledged_at: None,
        note: None,
        ..before
    };
    put(tx, &alert, What::Worsened).await
}

async fn end(tx: &mut Tx, before: Alert, how: Resolution) -> Result<(), Problem> {
    let alert = Alert {
        state: AlertState::Resolved,
        resolved_at: Some(tx.now()),
        resolution: Some(how),
        ..before
    };
    put(tx, &alert, What::Resolved).await
}

async fn put(tx: &mut Tx, alert: &Alert, what: What) -> Result<(), Problem> {
    tx.put(alert).await?;
    let detail = json!({
        "number": alert.number,
        "kind": alert.kind,
        "level": alert.level,
        "window": alert.window,
        "line": alert.line,
        "resolution": alert.resolution,
    });
    tx.audit(what.kind(), ("alert", &alert.id.to_string()), Some(alert.customer), detail);
    message::record(tx, what, alert).await
}
