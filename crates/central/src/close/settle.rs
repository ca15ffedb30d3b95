//! Locking a window: its settlement, and the revisions of it.

use super::{attain, breach, draft};
use crate::{
    alert,
    book::{Book, Due},
    compute::{self, Reckoned},
    store::Tx,
    termination,
};
use makegood_domain::{
    Problem,
    attainment::WindowState,
    settlement::{Settlement, SettlementLine},
};
use makegood_engine::{allocate::allocate, money::Money, result::LineResult};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Locks a window, or revises it where it is locked and its result has changed; whether it did.
/// `reason` says why a locked window may change.
pub(super) async fn lock(
    tx: &mut Tx,
    book: &mut Book,
    due: &Due,
    reason: Option<&str>,
) -> Result<bool, Problem> {
    let reckoned = compute::reckon(book, due, WindowState::Locked, tx.now())?;
    keep(tx, book, due, &reckoned, reason).await
}

/// The same, of a window that is computed already.
pub(super) async fn keep(
    tx: &mut Tx,
    book: &mut Book,
    due: &Due,
    reckoned: &Reckoned,
    reason: Option<&str>,
) -> Result<bool, Problem> {
    let now = tx.now();
    let before = book.settlements.get(&due.label).cloned();
    if let Some(before) = &before
        && same(tx, before, reckoned, compute::looks_back(book)).await?
    {
        // What it came to stands; the rights that a version gives for it may be new.
        termination::keep(tx, book, due, before).await?;
        return Ok(false);
    }
    let case_text = reckoned.case.with_result(&reckoned.computed.result).to_json();
    let provenance = &reckoned.computed.result.provenance;
    let settlement = Settlement {
        id: before.as_ref().map_or_else(|| tx.store().ids().make(), |before| before.id),
        customer: book.customer.id,
        contract: book.contract.id,
        window: due.label.clone(),
        from: due.span.from,
        to: due.span.to,
        revision: before.as_ref().map_or(1, |before| before.revision + 1),
        reason: before.as_ref().and(reason).map(ToOwned::to_owned),
        engine: provenance.engine.clone(),
        tzdb: provenance.tzdb.clone(),
        case_hash: hex::encode(Sha256::digest(&case_text)),
        locked_at: before.as_ref().map_or(now, |before| before.locked_at),
        total: attain::money(&reckoned.computed.result.credit, book)?,
        lines: lines(book, due, reckoned)?,
    };
    tx.put(&settlement).await?;
    tx.keep_revision(&settlement, &case_text).await?;
    put_on_record(tx, &settlement, before.as_ref());
    book.settlements.insert(due.label.clone(), settlement.clone());
    attain::leave(tx, book, due).await?;
    attain::keep(tx, book, due, reckoned, (WindowState::Locked, Some(&settlement))).await?;
    breach::keep(tx, book, due, reckoned, Some(&settlement)).await?;
    draft::keep(tx, book, due, &settlement).await?;
    termination::keep(tx, book, due, &settlement).await?;
    alert::keep(tx, book, due, reckoned).await?;
    Ok(true)
}

/// Whether a settlement's result is what its evidence gives now, and its bases where later windows look
/// back on them.
async fn same(
    tx: &mut Tx,
    before: &Settlement,
    reckoned: &Reckoned,
    bases: bool,
) -> Result<bool, Problem> {
    let told = before.lines.iter().map(|line| &line.fee);
    if bases && !told.eq(reckoned.fees.iter().map(|fee| &fee.amount)) {
        return Ok(false);
    }
    let text =
        crate::store::settlement::case_text(tx.conn(), before.customer, before.id, before.revision)
            .await?;
    let text = text.ok_or_else(|| crate::store::missing("case"))?;
    let now = reckoned.case.with_result(&reckoned.computed.result);
    let stated = makegood_engine::Case::parse_file(text.as_bytes())
        .ok()
        .and_then(|mut cases| cases.pop())
        .and_then(|case| case.result);
    let key = |stated: Option<makegood_engine::result::Stated>| {
        let tree = stated.map(|stated| stated.to_tree())?;
        Some((tree.get("lines").cloned(), tree.get("credit").cloned()))
    };
    Ok(key(stated) == key(now.result))
}

fn put_on_record(tx: &mut Tx, settlement: &Settlement, before: Option<&Settlement>) {
    let figures = |of: &Settlement| {
        let lines: Vec<_> = of
            .lines
            .iter()
            .map(|line| json!({ "line": line.line, "percent": line.percent, "own": line.own }))
            .collect();
        json!({ "revision": of.revision, "total": of.total, "lines": lines })
    };
    let action = if before.is_some() { "settlement.revised" } else { "settlement.locked" };
    let detail = json!({
        "window": settlement.window,
        "reason": settlement.reason,
        "case": settlement.case_hash,
        "before": before.map(figures),
        "after": figures(settlement),
    });
    let subject = settlement.id.to_string();
    tx.audit(action, ("settlement", &subject), Some(settlement.customer), detail);
}

/// What each line owes by itself.
fn own(book: &Book, reckoned: &Reckoned) -> Result<Vec<Money>, Problem> {
    let results = reckoned.computed.result.lines.iter();
    results.map(|result: &LineResult| attain::money(&result.credit, book)).collect()
}

/// What each line has of what the contract owes: its way of adding up and its caps included.
pub(super) fn allocated(book: &Book, reckoned: &Reckoned) -> Result<Vec<Money>, Problem> {
    let own = own(book, reckoned)?;
    let total = attain::money(&reckoned.computed.result.credit, book)?;
    let weights: Vec<i64> = match reckoned.computed.settlement.payer {
        Some(payer) => own
            .iter()
            .enumerate()
            .map(|(index, own)| if index == payer { own.minor() } else { 0 })
            .collect(),
        None => own.iter().map(|own| own.minor()).collect(),
    };
    let parts = allocate(total.minor(), &weights).into_iter();
    Ok(parts.map(|minor| Money::new(minor, book.currency())).collect())
}

fn lines(book: &Book, due: &Due, reckoned: &Reckoned) -> Result<Vec<SettlementLine>, Problem> {
    let results = &reckoned.computed.result.lines;
    let (own, allocated) = (own(book, reckoned)?, allocated(book, reckoned)?);
    Ok(book
        .lines_of(due)
        .enumerate()
        .map(|(index, line)| SettlementLine {
            line: line.line.id,
            percent: results[index].percent.clone(),
            met: results[index].met,
            own: own[index],
            allocated: allocated[index],
            fee: reckoned.fees[index].amount.clone(),
            fee_trace: reckoned.fees[index].trace.clone(),
        })
        .collect())
}
