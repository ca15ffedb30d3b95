//! Windows as time passes: they open, they end and are closing while the grace time runs, and they
//! lock. What arrives later becomes a revision (law 4).

mod attain;
mod base;
mod breach;
mod draft;
pub mod hand;
mod settle;
mod turn;

pub use turn::{Report, Schedule, turn};

use crate::{
    book::{Book, Due},
    compute,
    store::{Lock, Tx, contract, customer, settlement},
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    Problem,
    attainment::WindowState,
    contract::Contract,
    credit::Credit,
    id::{CustomerId, SeriesId},
};
use makegood_engine::duration::Duration;
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// What comes in about at most so many contracts is computed with it.
const MOST: usize = 20;

/// How far windows are to be moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    /// The present instant.
    pub now: DateTime<Utc>,
    /// Days after a window's end until it is locked.
    pub grace_days: u16,
}

/// Whoever settles or decides about a customer does so alone: a command on its credits waits.
pub(crate) async fn lock_customer(tx: &mut Tx, customer: CustomerId) -> Result<(), Problem> {
    let owner =
        crate::store::get::<makegood_domain::customer::Customer>(tx.conn(), customer).await?;
    let owner = owner.ok_or_else(|| crate::store::missing("customer"))?;
    tx.lock(Lock::Group(owner.row.group)).await
}

/// … and about several, in one order for everybody, before any number is drawn: of two who wait for each
/// other's customer or number, PostgreSQL would end one.
pub(crate) async fn lock_customers(
    tx: &mut Tx,
    customers: &BTreeSet<CustomerId>,
) -> Result<(), Problem> {
    for group in customer::groups_of(tx.conn(), customers).await? {
        tx.lock(Lock::Group(group)).await?;
    }
    Ok(())
}

/// Time of a series about which something new is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// The series, as SLA lines name it: that of a service.
    pub series: SeriesId,
    /// Which part of the service alone it is about; absent: any.
    pub part: Option<SeriesId>,
    /// From (half open).
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
}

/// Computes anew what evidence or exclusions have changed: of everybody, or of one customer. Windows
/// that are not locked are refreshed; locked ones get a revision where their result differs, and
/// after them, in order, the later ones that rest on them. Where evidence touches many contracts, the
/// windows that are not locked are left to the schedule's next turn: a sender does not wait for them.
///
/// # Errors
/// [`makegood_domain::Code::CaseInvalid`] where the evidence does not fit a contract's terms;
/// [`makegood_domain::Code::Database`].
pub async fn revise(
    tx: &mut Tx,
    customer: Option<CustomerId>,
    touched: &[Touched],
    reason: &str,
) -> Result<(), Problem> {
    let Some(earliest) = touched.iter().map(|touched| touched.from).min() else { return Ok(()) };
    let series: BTreeSet<SeriesId> = touched.iter().map(|touched| touched.series).collect();
    let most = if customer.is_none() { MOST + 1 } else { usize::MAX };
    // Those of which nothing is opened, too: somebody may be locking their first window.
    let mut contracts = contract::over_series(tx.conn(), &series, customer, None, most).await?;
    if customer.is_none() && contracts.len() > MOST {
        // By this the schedule sees that there is something to compute.
        tx.draw("evidence", 0).await?;
        // Who locks meanwhile has not seen this evidence, and is not seen here before it is done.
        tx.lock(Lock::Windows).await?;
        let reach = contract::shortest_outages(tx.conn(), &series).await?;
        let reach = reach.iter().filter_map(|length| Duration::parse(length).ok());
        let reach = reach.map(|length| length.signed_seconds()).max().unwrap_or(0);
        let earliest = earliest - TimeDelta::seconds(reach);
        if !settlement::any_after(tx.conn(), earliest).await? {
            return Ok(());
        }
        let settled = Some(earliest);
        contracts = contract::over_series(tx.conn(), &series, None, settled, usize::MAX).await?;
    }
    let customers = contracts.values().map(|contract| contract.customer).collect();
    lock_customers(tx, &customers).await?;
    let mut by_series: BTreeMap<SeriesId, Vec<Touched>> = BTreeMap::new();
    for one in touched {
        by_series.entry(one.series).or_default().push(*one);
    }
    for contract in contracts.into_values() {
        revise_contract(tx, contract, &by_series, reason).await?;
    }
    Ok(())
}

async fn revise_contract(
    tx: &mut Tx,
    contract: Contract,
    touched: &BTreeMap<SeriesId, Vec<Touched>>,
    reason: &str,
) -> Result<(), Problem> {
    lock_customer(tx, contract.customer).await?;
    let mut book = Book::load(tx.conn(), contract).await?;
    let own: BTreeSet<SeriesId> = book.lines.iter().map(|line| line.line.series).collect();
    let own = own.iter().filter_map(|series| touched.get(series));
    let touched: Vec<Touched> = own.flatten().copied().collect();
    let mut rests_on: Option<Ground> = None;
    let now = tx.now();
    let dues = book.dues(now)?;
    let first = dues.iter().position(|due| meets(&book, due, &touched)).unwrap_or(dues.len());
    observe(tx.conn(), &mut book, &dues[first..]).await?;
    for due in dues.into_iter().skip(first) {
        let is_touched = meets(&book, &due, &touched);
        if !is_touched && rests_on.is_none() {
            continue;
        }
        let reason = match &rests_on {
            Some(earlier) if !is_touched => earlier.reason(),
            _ => reason.to_owned(),
        };
        if book.settlements.contains_key(&due.label) {
            let revised = settle::lock(tx, &mut book, &due, Some(&reason)).await?;
            if rests_on.is_none() && compute::looks_back(&book) {
                let label = due.label.clone();
                let used = is_touched && compute::has_yearly_cap(&book, &due);
                rests_on = if revised {
                    Some(Ground::Revised(label))
                } else {
                    used.then_some(Ground::Used(label))
                };
            }
        } else if let Some(state) = opened(&book, &due) {
            attain::refresh(tx, &mut book, &due, state, now).await?;
        }
    }
    Ok(())
}

/// Why a later window is computed anew.
enum Ground {
    /// An earlier one was revised.
    Revised(String),
    /// What an earlier one has used of a year's cap may differ, though it came to the same.
    Used(String),
}

impl Ground {
    fn reason(&self) -> String {
        match self {
            Self::Revised(label) => format!("it rests on {label}, which was revised"),
            Self::Used(label) => {
                format!("it rests on what {label} has used of the year's maintenance")
            }
        }
    }
}

/// Whether something new is on record about a window.
fn meets(book: &Book, due: &Due, touched: &[Touched]) -> bool {
    touched.iter().any(|touched| {
        book.lines_of(due).any(|line| {
            let reach = TimeDelta::seconds(compute::shortest(&line.terms));
            // What is told of a part concerns nobody who has an SLA over the whole.
            line.line.series == touched.series
                && (touched.part.is_none() || line.line.scope.is_some())
                && due.span.from - reach < touched.to
                && due.span.to + reach > touched.from
        })
    })
}

/// Loads the evidence that these windows take.
async fn observe(conn: &mut AnyConnection, book: &mut Book, dues: &[Due]) -> Result<(), Problem> {
    match dues.iter().map(|due| due.span.from).min() {
        Some(from) => book.observe(conn, from).await,
        None => Ok(()),
    }
}

/// A credit was approved: the later locked windows of its contract that look back on what was
/// approved follow, in order (law 4). The caller holds the group's lock.
///
/// # Errors
/// [`makegood_domain::Code::CaseInvalid`]; [`makegood_domain::Code::Database`].
pub async fn follow(tx: &mut Tx, credit: &Credit) -> Result<(), Problem> {
    if credit.settlement.is_none() {
        return Ok(());
    }
    let contract = crate::store::get::<Contract>(tx.conn(), credit.contract).await?;
    let contract = contract.ok_or_else(|| crate::store::missing("contract"))?.row;
    let mut book = Book::load(tx.conn(), contract).await?;
    if !compute::looks_back(&book) {
        return Ok(());
    }
    let reason = format!("it rests on {}, whose credit was approved", credit.window);
    let decided = book.settlements.get(&credit.window).map(|settlement| settlement.to);
    let mut dues = book.dues(tx.now())?;
    dues.retain(|due| {
        let later = decided.is_some_and(|end| due.span.from >= end);
        later && book.settlements.contains_key(&due.label)
    });
    observe(tx.conn(), &mut book, &dues).await?;
    for due in dues {
        settle::lock(tx, &mut book, &due, Some(&reason)).await?;
    }
    Ok(())
}

/// Where a window that has been opened stands; `None`: the next turn opens it.
fn opened(book: &Book, due: &Due) -> Option<WindowState> {
    let mut lines = book.lines_of(due);
    let state = lines.find_map(|line| {
        let key = (line.line.id, due.label.clone());
        book.attainments.get(&key).map(|attainment| attainment.state)
    });
    // Locked without a settlement: it had no line, and has one again.
    state.filter(|state| *state != WindowState::Locked)
}
