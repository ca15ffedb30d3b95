//! Deadlines, most of them about credits: they begin to run with what they are about, and end when it is done, when
//! nothing rests on it any more, or when the day is over. Then what was not asked for is lost.

use crate::{
    book::Due,
    close::lock_customer,
    store::{self, Store, Tx, deadline},
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use makegood_domain::{
    Code, Problem,
    contract::{RemedyRule, SlaLine},
    credit::{Claim, Credit, Decision},
    customer::Customer,
    deadline::{Deadline, DeadlineKind, DeadlineState},
    id::{PersonId, SlaLineId},
    settlement::Settlement,
};
use makegood_engine::zone::Zone;
use serde_json::json;

/// A day begins somewhere at most so much before it does in UTC, and ends so much after it.
const WIDEST_ZONE: TimeDelta = TimeDelta::hours(14);

/// The customer has to ask for a new credit by its last day.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn begin_claim(
    tx: &mut Tx,
    customer: &Customer,
    due: &Due,
    credit: &Credit,
) -> Result<(), Problem> {
    let (Claim::Invited, Some(last)) = (credit.claim, credit.claim_until) else { return Ok(()) };
    let end = due.span.end_day.pred_opt().unwrap_or(due.span.end_day);
    let days = u16::try_from((last - end).num_days()).unwrap_or(u16::MAX);
    let zone = due.window.time_zone.name();
    begin(tx, customer, credit, (DeadlineKind::Claim, last, zone, days)).await
}

/// An approved credit has to be used within the days that its lines' remedy gives, if any does.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn begin_expiry(tx: &mut Tx, credit: &Credit) -> Result<(), Problem> {
    let Some(settlement) = credit.settlement.filter(|_| credit.amount.minor() > 0) else {
        return Ok(());
    };
    let found = store::get::<Settlement>(tx.conn(), settlement).await?;
    let settlement = found.ok_or_else(|| store::missing("settlement"))?.row;
    let paying = settlement.lines.iter().filter(|line| line.allocated.minor() > 0);
    let lines: Vec<SlaLineId> = paying.map(|line| line.line).collect();
    let mut soonest: Option<u16> = None;
    for line in lines {
        let remedy: Option<RemedyRule> =
            store::get::<SlaLine>(tx.conn(), line).await?.map(|found| found.row.remedy);
        let days = remedy.and_then(|remedy| remedy.expires_after_days);
        soonest = soonest.into_iter().chain(days).min();
    }
    let Some(days) = soonest else { return Ok(()) };
    let customer = store::get::<Customer>(tx.conn(), credit.customer).await?;
    let customer = customer.ok_or_else(|| store::missing("customer"))?.row;
    let zone = zone(&customer.time_zone)?;
    let today = zone.local(tx.now()).date();
    let last = today.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
    begin(tx, &customer, credit, (DeadlineKind::Expiry, last, zone.name(), days)).await
}

async fn begin(
    tx: &mut Tx,
    customer: &Customer,
    credit: &Credit,
    (kind, due, zone, days): (DeadlineKind, NaiveDate, &str, u16),
) -> Result<(), Problem> {
    let deadline = Deadline {
        id: tx.store().ids().make(),
        customer: credit.customer,
        contract: credit.contract,
        kind,
        credit: Some(credit.id),
        number: credit.number.clone(),
        window: credit.window.clone(),
        amount: Some(credit.amount),
        ground: None,
        due,
        zone: zone.to_owned(),
        days,
        owner: customer.csm,
        state: DeadlineState::Open,
        done_at: None,
        done_by: None,
        note: None,
    };
    put(tx, &deadline, "deadline.begun").await
}

/// A credit has changed: its deadlines show what it comes to now, or fall away with it.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn follow(tx: &mut Tx, credit: &Credit) -> Result<(), Problem> {
    let gone = matches!(credit.decision, Decision::Cancelled | Decision::NotGranted);
    for found in deadline::of_credit(tx.conn(), credit.customer, credit.id).await? {
        let unasked = found.row.kind == DeadlineKind::Claim && credit.claim == Claim::NotNeeded;
        if gone || unasked {
            end(tx, found.row, (DeadlineState::Void, None, None)).await?;
        } else if found.row.amount != Some(credit.amount) {
            tx.put(&Deadline { amount: Some(credit.amount), ..found.row }).await?;
        }
    }
    Ok(())
}

/// Ends the deadline of a kind that runs about a credit, if one does.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn end_of(
    tx: &mut Tx,
    credit: &Credit,
    kind: DeadlineKind,
    how: (DeadlineState, PersonId),
) -> Result<(), Problem> {
    let running = deadline::of_credit(tx.conn(), credit.customer, credit.id).await?;
    for found in running.into_iter().filter(|found| found.row.kind == kind) {
        end(tx, found.row, (how.0, Some(how.1), None)).await?;
    }
    Ok(())
}

/// Ends a deadline.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn end(
    tx: &mut Tx,
    before: Deadline,
    (state, done_by, note): (DeadlineState, Option<PersonId>, Option<String>),
) -> Result<(), Problem> {
    let deadline = Deadline { state, done_by, note, done_at: Some(tx.now()), ..before };
    let action = match state {
        DeadlineState::Open | DeadlineState::Void => "deadline.void",
        DeadlineState::Met => "deadline.met",
        DeadlineState::Passed => "deadline.passed",
    };
    put(tx, &deadline, action).await
}

/// Ends the deadlines whose last day is over, a transaction each; how many.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn pass(store: &Store, now: DateTime<Utc>) -> Result<usize, Problem> {
    let latest = (now + WIDEST_ZONE).date_naive();
    let due = deadline::due_before(&mut *store.reading().await?, latest).await?;
    let mut passed = 0;
    for found in due {
        if zone(&found.row.zone)?.local(now).date() <= found.row.due {
            continue;
        }
        let mut tx = store.begin(None).await?;
        lock_customer(&mut tx, found.row.customer).await?;
        let Some(again) = tx.get::<Deadline>(found.row.id).await? else { continue };
        if again.row.state != DeadlineState::Open {
            continue;
        }
        if again.row.kind == DeadlineKind::Claim {
            lapse(&mut tx, &again.row).await?;
        }
        end(&mut tx, again.row, (DeadlineState::Passed, None, None)).await?;
        tx.commit().await?;
        passed += 1;
    }
    Ok(passed)
}

/// Nobody asked: the credit is lost, unless a claim of that time turns up.
async fn lapse(tx: &mut Tx, deadline: &Deadline) -> Result<(), Problem> {
    let Some(credit) = deadline.credit else { return Ok(()) };
    let Some(found) = tx.get::<Credit>(credit).await? else { return Ok(()) };
    if found.row.claim != Claim::Invited || found.row.decision.is_final() {
        return Ok(());
    }
    let credit = Credit { claim: Claim::Lapsed, ..found.row };
    tx.put(&credit).await?;
    let detail = json!({ "number": credit.number, "amount": credit.amount, "due": deadline.due });
    tx.audit("credit.lapsed", ("credit", &credit.id.to_string()), Some(credit.customer), detail);
    Ok(())
}

/// Writes a deadline, and what happened to it.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn put(tx: &mut Tx, deadline: &Deadline, action: &str) -> Result<(), Problem> {
    tx.put(deadline).await?;
    let detail = json!({
        "kind": deadline.kind,
        "credit": deadline.credit,
        "ground": deadline.ground,
        "note": deadline.done_by.is_none().then_some(&deadline.note),
        "due": deadline.due,
        "owner": deadline.owner,
    });
    let subject = deadline.id.to_string();
    tx.audit(action, ("deadline", &subject), Some(deadline.customer), detail);
    Ok(())
}

fn zone(name: &str) -> Result<Zone, Problem> {
    Zone::named(name).map_err(|why| Problem::new(Code::Internal, format!("a deadline: {why}")))
}
