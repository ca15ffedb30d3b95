//! A turn: every window that is due is opened, closed or locked.

use super::{Until, attain, base, lock_customers, observe, settle};
use crate::{
    book::{Book, BookLine, Due},
    compute::{self, Reckoned},
    deadline, fee,
    store::{Lock, Store, Tx, contract, evidence, feed},
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::{Attainment, WindowState},
    contract::Contract,
    id::{PersonId, SlaLineId},
};
use serde::Serialize;
use tokio::{task::JoinSet, time::Instant};
use utoipa::ToSchema;

/// Contracts of one transaction: enough that a commit weighs little, few enough that nobody whose
/// group is locked waits long.
const AT_ONCE: usize = 4;

/// What a turn came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CloseReport)]
pub struct Report {
    /// Windows that are running.
    pub open: usize,
    /// Windows that have ended and are not locked.
    pub closing: usize,
    /// Windows that this turn locked.
    pub locked: usize,
    /// Contracts that could not be moved on, by number, and why.
    #[schema(value_type = Vec<Vec<String>>)]
    pub failed: Vec<(String, String)>,
    /// How often it left the time to others.
    #[serde(skip)]
    pub rested: usize,
    /// Lines whose monthly amount is another one by now.
    #[serde(skip)]
    fees: Vec<SlaLineId>,
}

impl Report {
    fn add(&mut self, other: &Self) {
        self.open += other.open;
        self.closing += other.closing;
        self.locked += other.locked;
        self.fees.extend(&other.fees);
    }
}

/// Opens, closes and locks every window that is due, some contracts in a transaction. Again at the
/// same instant, it changes nothing. A contract that can't be computed holds up no other.
///
/// # Errors
/// [`Code::Database`].
pub async fn turn(store: &Store, by: Option<PersonId>, until: Until) -> Result<Report, Problem> {
    turn_at(Pace::Full, store, by, until).await
}

/// How much of the time a turn takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// All of it: somebody waits for the end.
    Full,
    /// Half of it, where nothing locks: those who decide have the rest.
    Half,
}

async fn turn_at(
    pace: Pace,
    store: &Store,
    by: Option<PersonId>,
    until: Until,
) -> Result<Report, Problem> {
    let contracts = contract::all(&mut *store.reading().await?).await?;
    let mut report = Report::default();
    let some: Vec<&[Contract]> = contracts.chunks(AT_ONCE).collect();
    let begin = |preparing: &mut JoinSet<_>, at: usize| {
        if let Some(contracts) = some.get(at) {
            preparing.spawn(prepare(store.clone(), by, contracts.to_vec(), until));
        }
    };
    // Where windows lock, somebody waits for the whole: while some are written, the next are read and
    // computed, in a transaction of their own that has their groups to itself. What is written waits
    // for nothing that the other holds. Else the turn leaves a processor to those who decide, and the
    // schedule's half of the time; it rests with no transaction open.
    let (mut preparing, mut locks) = (JoinSet::new(), false);
    for (at, contracts) in some.iter().enumerate() {
        if preparing.is_empty() {
            begin(&mut preparing, at);
        }
        let prepared = next(&mut preparing).await;
        if locks {
            begin(&mut preparing, at + 1);
        }
        let written = match prepared {
            Ok(prepared) => {
                let began = prepared.began;
                prepared.write(until).await.map(|done| (done, began.elapsed()))
            }
            Err(problem) => Err(problem),
        };
        match written {
            Ok((done, took)) => {
                locks = done.locked > 0;
                report.add(&done);
                if pace == Pace::Half && !locks && preparing.is_empty() && at + 1 < some.len() {
                    report.rested += 1;
                    tokio::time::sleep(took).await;
                }
            }
            Err(problem) if problem.code == Code::Database => return Err(problem),
            Err(_) => {
                // What the next hold is asked for again.
                preparing.shutdown().await;
                turn_each(store, by, contracts, until, &mut report).await?;
            }
        }
    }
    deadline::pass(store, until.now).await?;
    base::come_into_force(store, by, &report.fees).await?;
    Ok(report)
}

async fn next(preparing: &mut JoinSet<Result<Prepared, Problem>>) -> Result<Prepared, Problem> {
    match preparing.join_next().await {
        Some(Ok(prepared)) => prepared,
        _ => Err(broke_off()),
    }
}

fn broke_off() -> Problem {
    Problem::new(Code::Internal, "computing broke off; the next turn does it again")
}

/// One by one, where one of them can't be computed.
async fn turn_each(
    store: &Store,
    by: Option<PersonId>,
    contracts: &[Contract],
    until: Until,
    report: &mut Report,
) -> Result<(), Problem> {
    for contract in contracts {
        let turned = match prepare(store.clone(), by, vec![contract.clone()], until).await {
            Ok(prepared) => prepared.write(until).await,
            Err(problem) => Err(problem),
        };
        match turned {
            Ok(done) => report.add(&done),
            Err(problem) if problem.code == Code::Database => return Err(problem),
            Err(problem) => report.failed.push((contract.number.clone(), problem.message)),
        }
    }
    Ok(())
}

/// Some contracts, read and computed in the transaction that will move them on.
struct Prepared {
    tx: Tx,
    /// When it had its groups to itself.
    began: Instant,
    contracts: Vec<Computed>,
}

/// A contract with what is due of it, as far as that could be computed ahead.
struct Computed {
    book: Book,
    dues: Vec<(Due, Option<Reckoned>)>,
    /// Rows of windows that their lines are in no more, in the state that they are to have.
    left: Vec<Attainment>,
    /// Lines whose monthly amount is another one by now.
    fees: Vec<SlaLineId>,
}

async fn prepare(
    store: Store,
    by: Option<PersonId>,
    contracts: Vec<Contract>,
    until: Until,
) -> Result<Prepared, Problem> {
    let mut tx = store.begin(by).await?;
    tx.lock_shared(Lock::Windows).await?;
    let customers = contracts.iter().map(|contract| contract.customer).collect();
    lock_customers(&mut tx, &customers).await?;
    let began = Instant::now();
    let mut prepared = Vec::with_capacity(contracts.len());
    for contract in contracts {
        let mut book = Book::load_unlocked(tx.conn(), contract).await?;
        let mut dues = book.dues(until.now)?;
        let (left, fees) = (left(&book, &dues, until), fees(&book, until)?);
        dues.retain(|due| !book.settlements.contains_key(&due.label));
        book.recall(tx.conn(), &dues, until.now).await?;
        observe(tx.conn(), &mut book, &dues).await?;
        let now = tx.now();
        // Off the threads that answer: a book takes milliseconds.
        let reckoned = tokio::task::spawn_blocking(move || reckon(book, dues, until, now)).await;
        prepared.push(Computed { left, fees, ..reckoned.map_err(|_| broke_off())?? });
    }
    Ok(Prepared { tx, began, contracts: prepared })
}

/// Computes what is due of a contract. What rests on an earlier window is left until that one has its
/// result.
fn reckon(
    book: Book,
    dues: Vec<Due>,
    until: Until,
    now: DateTime<Utc>,
) -> Result<Computed, Problem> {
    let ahead = if compute::looks_back(&book) { 1 } else { dues.len() };
    let mut reckoned = Vec::with_capacity(dues.len());
    for (at, due) in dues.into_iter().enumerate() {
        let (state, present) = standing(&book, &due, until, now);
        let one = (at < ahead).then(|| compute::reckon(&book, &due, state, present)).transpose()?;
        reckoned.push((due, one));
    }
    Ok(Computed { book, dues: reckoned, left: Vec::new(), fees: Vec::new() })
}

impl Prepared {
    async fn write(mut self, until: Until) -> Result<Report, Problem> {
        let mut done = Report::default();
        for Computed { mut book, dues, left, fees } in self.contracts {
            attain::have_left(&mut self.tx, &mut book, left).await?;
            done.fees.extend(fees);
            for (due, reckoned) in dues {
                let (state, present) = standing(&book, &due, until, self.tx.now());
                let reckoned = match reckoned {
                    Some(reckoned) => reckoned,
                    None => compute::reckon(&book, &due, state, present)?,
                };
                let tx = &mut self.tx;
                match state {
                    WindowState::Locked => {
                        settle::keep(tx, &mut book, &due, &reckoned, None).await?;
                        done.locked += 1;
                    }
                    WindowState::Open => {
                        attain::keep_all(tx, &mut book, &due, &reckoned, state).await?;
                        done.open += 1;
                    }
                    WindowState::Closing => {
                        attain::keep_all(tx, &mut book, &due, &reckoned, state).await?;
                        done.closing += 1;
                    }
                }
            }
        }
        self.tx.commit().await?;
        Ok(done)
    }
}

/// A fee that was told ahead comes into force by itself.
fn fees(book: &Book, until: Until) -> Result<Vec<SlaLineId>, Problem> {
    let mut moved = Vec::new();
    for BookLine { line, charges, .. } in &book.lines {
        let fee = fee::a_month(line, charges, book.currency(), until.now.date_naive())?;
        if fee.amount != line.fee {
            moved.push(line.id);
        }
    }
    Ok(moved)
}

/// An amendment or an end may take a line out of a window: nothing else would come back to its row. What it had
/// measured goes at once; it locks when its window does.
fn left(book: &Book, dues: &[Due], until: Until) -> Vec<Attainment> {
    let grace = TimeDelta::days(i64::from(until.grace_days));
    let is_in = |row: &Attainment| {
        let mut own = dues.iter().filter(|due| due.label == row.window);
        own.any(|due| book.lines_of(due).any(|line| line.line.id == row.line))
    };
    let state = |row: &Attainment| match until.now >= row.to + grace {
        true => WindowState::Locked,
        false => row.state,
    };
    let rows = book.attainments.values().filter(|row| row.state != WindowState::Locked);
    let rows = rows.filter(|row| !is_in(row)).map(|row| (state(row), row));
    let rows = rows.filter(|(state, row)| *state != row.state || row.met.is_some());
    rows.map(|(state, row)| Attainment { state, ..row.clone() }).collect()
}

/// What a window that is not locked is to become, and as of when it is computed.
fn standing(
    book: &Book,
    due: &Due,
    until: Until,
    now: DateTime<Utc>,
) -> (WindowState, DateTime<Utc>) {
    let grace = TimeDelta::days(i64::from(until.grace_days));
    if until.now >= due.span.to + grace {
        return (WindowState::Locked, now);
    }
    let ended = until.now >= due.span.to;
    let state = if ended { WindowState::Closing } else { WindowState::Open };
    (state, attain::present(book, due, until.now))
}

/// Turns as time passes: only where a quarter of an hour has begun (no zone's midnight lies
/// elsewhere), something has changed, or evidence has come.
#[derive(Debug, Default)]
pub struct Schedule {
    last: Option<(i64, Seen)>,
}

/// The positions of the feed and of evidence.
type Seen = (i64, i64);

impl Schedule {
    /// Moves windows on, where anything can be due; `None`: nothing can.
    ///
    /// # Errors
    /// As [`turn`].
    pub async fn turn(&mut self, store: &Store, until: Until) -> Result<Option<Report>, Problem> {
        let quarter = until.now.timestamp().div_euclid(900);
        let (seq, recorded) = seen(store).await?;
        if self.last == Some((quarter, (seq, recorded))) {
            return Ok(None);
        }
        let report = turn_at(Pace::Half, store, None, until).await?;
        // What the turn itself changed is no reason for another; evidence that came meanwhile is.
        let (seq, _) = seen(store).await?;
        self.last = Some((quarter, (seq, recorded)));
        Ok(Some(report))
    }
}

async fn seen(store: &Store) -> Result<Seen, Problem> {
    let mut conn = store.reading().await?;
    Ok((feed::last_seq(&mut conn).await?, evidence::last_position(&mut conn).await?))
}
