//! Breaches: a missed line gets one when its window has ended, for people to review.

use crate::{
    book::{Book, Due},
    compute::Reckoned,
    store::{Tx, breach},
};
use makegood_domain::{
    Problem,
    breach::{Breach, BreachState},
    id::SlaLineId,
    incident::{Hit, Incident},
    settlement::Settlement,
};
use makegood_engine::trace::OutageTrace;
use serde_json::json;

/// Makes, keeps or clears the breach of each line of a window.
pub(super) async fn keep(
    tx: &mut Tx,
    book: &Book,
    due: &Due,
    reckoned: &Reckoned,
    settlement: Option<&Settlement>,
) -> Result<(), Problem> {
    let lines: Vec<_> = book.lines_of(due).map(|line| line.line.id).collect();
    let (customer, contract) = (book.customer.id, book.contract.id);
    let mut held = tx.breaches_of_window((customer, contract), &due.label).await?;
    for (index, line) in lines.into_iter().enumerate() {
        let missed = reckoned.computed.result.lines[index].met == Some(false);
        let Some(mut row) = (match held.remove(&line) {
            Some(before) => Some(before),
            None if missed => {
                let Some(attainment) = book.attainments.get(&(line, due.label.clone())) else {
                    continue;
                };
                Some(Breach {
                    id: tx.store().ids().make(),
                    number: format!("BR-{}", tx.draw("breach", 1000).await?),
                    customer: book.customer.id,
                    contract: book.contract.id,
                    line,
                    window: due.label.clone(),
                    attainment: attainment.id,
                    settlement: None,
                    state: BreachState::ToReview,
                    incident: None,
                    reviewed_by: None,
                    reviewed_at: None,
                    reason: None,
                    snoozed_until: None,
                })
            }
            None => None,
        }) else {
            continue;
        };
        row.settlement = settlement.map(|settlement| settlement.id).or(row.settlement);
        match (missed, row.state) {
            (false, _) => row.state = BreachState::Cleared,
            (true, BreachState::Cleared) => row.state = BreachState::ToReview,
            _ => {}
        }
        if row.incident.is_none() {
            let outages = &reckoned.computed.lines[index].outages;
            row.incident = link(tx, &row, outages).await?;
        }
        put(tx, &row).await?;
        if let Some(settlement) = settlement {
            tx.link_breach(settlement.id, &row).await?;
        }
    }
    Ok(())
}

/// The line is no longer under contract in this window: there is no breach of it.
pub(super) async fn clear(
    tx: &mut Tx,
    book: &Book,
    line: SlaLineId,
    label: &str,
) -> Result<(), Problem> {
    let found = breach::of_line(tx.conn(), book.customer.id, line, label).await?;
    match found {
        Some(found) => put(tx, &Breach { state: BreachState::Cleared, ..found.row }).await,
        None => Ok(()),
    }
}

async fn put(tx: &mut Tx, row: &Breach) -> Result<(), Problem> {
    tx.put(row).await?;
    if tx.has_changed(row) {
        let detail =
            json!({ "number": row.number, "state": row.state.as_str(), "window": row.window });
        tx.audit("breach.kept", ("breach", &row.id.to_string()), Some(row.customer), detail);
    }
    Ok(())
}

/// The incident that explains most of the outages that counted, and the breach on its hit.
async fn link(
    tx: &mut Tx,
    row: &Breach,
    outages: &[OutageTrace],
) -> Result<Option<makegood_domain::id::IncidentId>, Problem> {
    let shared = |incident: &Incident| -> i64 {
        let to = incident.ended_at.unwrap_or(last_end(outages));
        outages
            .iter()
            .filter(|outage| outage.counted_seconds > 0)
            .map(|outage| {
                (outage.to.min(to).timestamp() - outage.from.max(incident.began_at).timestamp())
                    .max(0)
            })
            .sum()
    };
    let hits = tx.hits_of_customer(row.customer).await?;
    let best = hits
        .into_iter()
        .map(|(incident, hit)| (shared(&incident), incident, hit))
        .filter(|(shared, ..)| *shared > 0)
        .max_by_key(|(shared, incident, _)| (*shared, std::cmp::Reverse(incident.id)));
    let Some((_, incident, mut hit)) = best else { return Ok(None) };
    if !hit.breaches.contains(&row.id) {
        hit.breaches.push(row.id);
        put_hit(tx, &hit).await?;
    }
    Ok(Some(incident.id))
}

fn last_end(outages: &[OutageTrace]) -> chrono::DateTime<chrono::Utc> {
    outages.iter().map(|outage| outage.to).max().unwrap_or_default()
}

async fn put_hit(tx: &mut Tx, hit: &Hit) -> Result<(), Problem> {
    tx.put(hit).await?;
    let detail = json!({ "breaches": hit.breaches });
    tx.audit("hit.linked", ("hit", &hit.id.to_string()), Some(hit.customer), detail);
    Ok(())
}
