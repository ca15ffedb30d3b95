//! Rights to terminate: what locked windows give to a customer, until when. They arise and fall away in
//! the transaction that locks or revises a window, and are told as deadlines to the customer's manager.

use crate::{
    book::{Book, BookLine, Due, label_after},
    deadline,
    store::{self, Tx, attainment},
};
use chrono::{Days, NaiveDate, TimeDelta};
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    deadline::{Deadline, DeadlineKind, DeadlineState},
    id::Ids,
    settlement::Settlement,
    termination::{Ground, TerminationRight},
};
use makegood_engine::{Span, window::WindowKind};
use std::collections::BTreeSet;

/// A window of a line, with what was reached in each part of it.
type Reached<'a> = (String, Vec<&'a Attainment>);

/// Brings the deadlines that rest on a locked window to what it and those around it come to.
///
/// # Errors
/// [`Code::Database`]; [`Code::TermsInvalid`].
pub(crate) async fn keep(
    tx: &mut Tx,
    book: &Book,
    due: &Due,
    settlement: &Settlement,
) -> Result<(), Problem> {
    let of_form = book.lines.iter().filter(|line| line.terms.window.is_alike(&due.window));
    let with_rights = of_form.filter(|line| !line.line.termination.is_empty());
    let names: BTreeSet<&str> = with_rights.map(|line| line.line.name.as_str()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let rights = book.lines.iter().flat_map(|line| &line.line.termination);
    let most = rights.map(TerminationRight::among).max().unwrap_or(1);
    // Windows of one form differ by less than a quarter in length.
    let back = i32::try_from(most).unwrap_or(i32::MAX / 2).saturating_mul(5) / 4 + 1;
    // … and a rolling one is locked once a month, however short it is.
    let rolling = matches!(due.window.kind, WindowKind::Rolling { .. });
    let month = if rolling { TimeDelta::days(31) } else { TimeDelta::zero() };
    let since = due.span.from - (due.span.to - due.span.from).max(month) * back;
    let of = (book.customer.id, book.contract.id);
    let reached = attainment::locked_since(tx.conn(), of, since).await?;
    let known = store::deadline::terminations(tx.conn(), book.customer.id).await?;
    let known: Vec<Deadline> = known.into_iter().map(|found| found.row).collect();
    for name in names {
        keep_line(tx, book, (due, name), (&reached, &known), settlement).await?;
    }
    Ok(())
}

async fn keep_line(
    tx: &mut Tx,
    book: &Book,
    (due, name): (&Due, &str),
    (reached, known): (&[Attainment], &[Deadline]),
    settlement: &Settlement,
) -> Result<(), Problem> {
    let versions: Vec<&BookLine> = book
        .lines
        .iter()
        .filter(|line| line.line.name == name && line.terms.window.is_alike(&due.window))
        .collect();
    let windows = windows(&versions, reached);
    let Some(at) = windows.iter().position(|(label, _)| *label == due.label) else {
        return Ok(());
    };
    let rights = versions.iter().flat_map(|line| &line.line.termination);
    let most = rights.map(|right| right.among()).max().unwrap_or(1);
    // What this window may be part of: its own right, and those of the windows that look back on it.
    let touched = at..windows.len().min(at + most);
    let mut arisen = Vec::new();
    for last in touched.clone() {
        let until = &windows[..=last];
        for right in rights_of(book, (due, name), &versions, until, tx.store().ids())? {
            // A line may say the same twice.
            if arisen.iter().all(|one: &Deadline| one.subject() != right.subject()) {
                arisen.push(right);
            }
        }
    }
    let about = |one: &Deadline| {
        one.contract == book.contract.id
            && one.ground.as_ref().is_some_and(|ground| ground.sla == name)
            && windows[touched.clone()].iter().any(|(label, _)| *label == one.window)
    };
    let known: Vec<Deadline> = known.iter().filter(|one| about(one)).cloned().collect();
    for right in &arisen {
        begin(tx, &known, right).await?;
    }
    let open = known.into_iter().filter(|one| one.state == DeadlineState::Open);
    for gone in open.filter(|one| !arisen.iter().any(|right| right.subject() == one.subject())) {
        let reason = settlement.reason.as_deref().unwrap_or("the window was locked anew");
        let note = format!("{}: {reason}", due.label);
        deadline::end(tx, gone, (DeadlineState::Void, None, Some(note))).await?;
    }
    Ok(())
}

/// The locked windows of a line, oldest first.
fn windows<'a>(versions: &[&BookLine], reached: &'a [Attainment]) -> Vec<Reached<'a>> {
    let mut windows: Vec<Reached<'a>> = Vec::new();
    for one in reached {
        if !versions.iter().any(|line| line.line.id == one.line) {
            continue;
        }
        match windows.iter_mut().find(|(label, _)| *label == one.window) {
            Some((_, parts)) => parts.push(one),
            None => windows.push((one.window.clone(), vec![one])),
        }
    }
    windows
}

/// The rights that arise at the end of the last of these windows, by the version that is in force then.
fn rights_of(
    book: &Book,
    (due, name): (&Due, &str),
    versions: &[&BookLine],
    windows: &[Reached<'_>],
    ids: &Ids,
) -> Result<Vec<Deadline>, Problem> {
    let Some((label, _)) = windows.last() else { return Ok(Vec::new()) };
    let span = span(due, label)?;
    let in_force = versions.iter().rfind(|line| {
        line.line.active_from.is_none_or(|from| from < span.to)
            && line.line.active_to.is_none_or(|to| to > span.from)
    });
    let Some(line) = in_force else { return Ok(Vec::new()) };
    let most = line.line.termination.iter().map(TerminationRight::among).max().unwrap_or(1);
    let windows = unbroken(due, windows, most)?;
    let mut rights = Vec::new();
    for (number, right) in line.line.termination.iter().enumerate() {
        let Some(missed) = right.ground(windows) else { continue };
        let days = right.exercise_within_days;
        let last = span.end_day.pred_opt().unwrap_or(span.end_day);
        let ground = Ground { sla: name.to_owned(), number, right: right.clone(), windows: missed };
        rights.push(Deadline {
            id: ids.make(),
            customer: book.customer.id,
            contract: book.contract.id,
            kind: DeadlineKind::Termination,
            credit: None,
            number: book.contract.number.clone(),
            window: label.clone(),
            amount: None,
            ground: Some(ground),
            due: last.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX),
            zone: due.window.time_zone.name().to_owned(),
            days,
            owner: book.customer.csm,
            state: DeadlineState::Open,
            done_at: None,
            done_by: None,
            note: None,
        });
    }
    Ok(rights)
}

fn span(due: &Due, label: &str) -> Result<Span, Problem> {
    let span = due.window.span(label);
    span.map_err(|refusal| Problem::new(Code::TermsInvalid, refusal.to_string()))
}

/// The last of these windows that follow on each other, at most so many. One that is not locked yet is missing among
/// them, and what it will come to is not known.
fn unbroken<'w, 'a>(
    due: &Due,
    windows: &'w [Reached<'a>],
    most: usize,
) -> Result<&'w [Reached<'a>], Problem> {
    let mut begin = windows.len().saturating_sub(1);
    while begin > 0 && windows.len() - begin < most {
        let (before, _) = &windows[begin - 1];
        if label_after(&due.window, &span(due, before)?, before)? != windows[begin].0 {
            break;
        }
        begin -= 1;
    }
    Ok(&windows[begin..])
}

/// A right begins to run once. What runs follows what it rests on; what was exercised, or not in time,
/// stays so.
async fn begin(tx: &mut Tx, known: &[Deadline], right: &Deadline) -> Result<(), Problem> {
    let before = known
        .iter()
        .filter(|one| one.state != DeadlineState::Void)
        .find(|one| one.subject() == right.subject());
    match before {
        None => deadline::put(tx, right, "deadline.begun").await,
        Some(before) if before.state == DeadlineState::Open => {
            let after = Deadline { id: before.id, owner: before.owner, ..right.clone() };
            if after == *before {
                return Ok(());
            }
            deadline::put(tx, &after, "deadline.changed").await
        }
        Some(_) => Ok(()),
    }
}
