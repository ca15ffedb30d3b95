//! Attainment rows: what each line has reached, whatever the state of its window.

use super::{breach, settle};
use crate::{
    alert,
    book::{Book, Due},
    compute::{self, Reckoned},
    store::Tx,
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    Problem,
    attainment::{Attainment, DayLeft, WindowState},
    settlement::Settlement,
};
use makegood_engine::{distance::Allowance, fraction::cut, money::Money};
use serde_json::json;

/// As when the schedule computes an open window: by the hour, so that desks are not sent every open
/// line every minute; but never before what it was last computed for.
pub(super) fn present(book: &Book, due: &Due, now: DateTime<Utc>) -> DateTime<Utc> {
    let hour = now - TimeDelta::seconds(now.timestamp().rem_euclid(3600));
    let lines = book.lines_of(due).map(|line| (line.line.id, due.label.clone()));
    let last = lines.filter_map(|key| book.attainments.get(&key)).map(|row| row.as_of).max();
    last.map_or(hour, |last| last.max(hour)).min(now)
}

/// Computes a window that is not locked, and keeps what came out.
pub(super) async fn refresh(
    tx: &mut Tx,
    book: &mut Book,
    due: &Due,
    state: WindowState,
    present: DateTime<Utc>,
) -> Result<(), Problem> {
    let reckoned = compute::reckon(book, due, state, present)?;
    keep_all(tx, book, due, &reckoned, state).await
}

/// Keeps what came out of a window that is not locked.
pub(super) async fn keep_all(
    tx: &mut Tx,
    book: &mut Book,
    due: &Due,
    reckoned: &Reckoned,
    state: WindowState,
) -> Result<(), Problem> {
    leave(tx, book, due).await?;
    let changed = keep(tx, book, due, reckoned, (state, None)).await?;
    if state == WindowState::Closing {
        breach::keep(tx, book, due, reckoned, None).await?;
    }
    alert::keep(tx, book, due, reckoned).await?;
    if changed {
        let subject = book.contract.id.to_string();
        let detail = json!({ "window": due.label, "state": state.as_str() });
        tx.audit("window.computed", ("contract", &subject), Some(book.customer.id), detail);
    }
    Ok(())
}

/// Writes the rows of a window; whether anything changed.
pub(super) async fn keep(
    tx: &mut Tx,
    book: &mut Book,
    due: &Due,
    reckoned: &Reckoned,
    (state, settlement): (WindowState, Option<&Settlement>),
) -> Result<bool, Problem> {
    let allocated = settle::allocated(book, reckoned)?;
    let mut rows = Vec::new();
    for (index, line) in book.lines_of(due).enumerate() {
        let key = (line.line.id, due.label.clone());
        let before = book.attainments.get(&key);
        let result = &reckoned.computed.result.lines[index];
        let distance = reckoned.distances[index].as_ref().map(|distance| &distance.objective);
        rows.push(Attainment {
            id: before.map_or_else(|| tx.store().ids().make(), |before| before.id),
            customer: book.customer.id,
            contract: book.contract.id,
            line: line.line.id,
            window: due.label.clone(),
            from: due.span.from,
            to: due.span.to,
            state,
            settlement: settlement.map(|settlement| settlement.id),
            revision: settlement.map_or(0, |settlement| settlement.revision),
            attainment: result.attainment.as_ref().map(ToString::to_string),
            percent: result.percent.clone(),
            met: result.met,
            internal_met: result.internal_met.flatten(),
            total: result.total.clone(),
            bad: result.bad.clone(),
            excused: result.excused.clone(),
            unknown_seconds: reckoned.unknown_so_far(index),
            allowance: distance.map(|left| left.allowed.decimal_or_fraction()),
            allowance_left: distance.map(|left| left.left.decimal_or_fraction()),
            left_by_day: distance.map(left_by_day).unwrap_or_default(),
            credit: Some(allocated[index]),
            as_of: reckoned.as_of[index],
            distance: reckoned.far[index].clone(),
        });
    }
    let mut changed = false;
    tx.put_many(&rows).await?;
    for row in rows {
        changed |= tx.has_changed(&row);
        book.attainments.insert((row.line, row.window.clone()), row);
    }
    Ok(changed)
}

/// Lines that an amendment took out of a window are not measured in it any more; what people wrote
/// about them stays.
pub(super) async fn leave(tx: &mut Tx, book: &mut Book, due: &Due) -> Result<(), Problem> {
    let stay: Vec<_> = book.lines_of(due).map(|line| line.line.id).collect();
    let measured = |row: &&Attainment| row.window == due.label && row.met.is_some();
    let rows = book.attainments.values().filter(measured);
    let gone: Vec<_> = rows.filter(|row| !stay.contains(&row.line)).cloned().collect();
    for before in gone {
        let row = unmeasured(before, book);
        tx.put(&row).await?;
        left_on_record(tx, &row);
        breach::clear(tx, book, row.line, &due.label).await?;
        book.attainments.insert((row.line, row.window.clone()), row);
    }
    Ok(())
}

/// Rows of lines that are in their windows no more, in the state that they are to have: they are not measured.
pub(super) async fn have_left(
    tx: &mut Tx,
    book: &mut Book,
    rows: Vec<Attainment>,
) -> Result<(), Problem> {
    for row in rows {
        let row = unmeasured(row, book);
        tx.put(&row).await?;
        left_on_record(tx, &row);
        breach::clear(tx, book, row.line, &row.window).await?;
        alert::leave(tx, &row).await?;
        book.attainments.insert((row.line, row.window.clone()), row);
    }
    Ok(())
}

/// A row of which nothing was measured.
fn unmeasured(row: Attainment, book: &Book) -> Attainment {
    Attainment {
        attainment: None,
        percent: None,
        met: None,
        internal_met: None,
        allowance: None,
        allowance_left: None,
        left_by_day: Vec::new(),
        distance: None,
        credit: Some(Money::new(0, book.currency())),
        ..row
    }
}

fn left_on_record(tx: &mut Tx, row: &Attainment) {
    let detail = json!({ "window": row.window, "line": row.line, "after": "not under contract" });
    let subject = row.id.to_string();
    tx.audit("attainment.left", ("attainment", &subject), Some(row.customer), detail);
}

/// An amount of the contract as its result writes it.
pub(super) fn money(text: &str, book: &Book) -> Result<Money, Problem> {
    Money::parse_decimal(text, book.currency())
        .map_err(|error| Problem::new(makegood_domain::Code::Internal, error.to_string()))
}

/// Whole seconds, cut so that they never look better (law 3).
fn left_by_day(allowance: &Allowance) -> Vec<DayLeft> {
    let whole = |left: &makegood_engine::fraction::Fraction| cut(left.ratio(), 0).parse().ok();
    let days = allowance.by_day.iter();
    days.filter_map(|(day, left)| Some(DayLeft { day: *day, left: whole(left)? })).collect()
}
