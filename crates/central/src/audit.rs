//! The record (law 10): whether the chain is whole, the chain as lines of JSON, and one event with
//! what its author saw.

use crate::store::{self, Store, audit::Kept};
use makegood_domain::{
    Code, Money, Problem,
    audit::{AuditEvent, Break, BreakKind, Chain},
    credit::{Approval, Credit},
    id::{ApprovalId, CreditId},
    settlement::Settlement,
};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use std::{fmt, io::Write, str::FromStr};

/// Events that are held at once.
const PAGE: i64 = 500;

/// A place in the chain, as receipts print it: `A-123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(pub i64);

impl FromStr for Position {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("A-").unwrap_or(text).parse().ok();
        let number = number.filter(|number| *number > 0);
        number.map(Self).ok_or_else(|| format!("{text:?} is no event; write it as A-123"))
    }
}

/// A hash that stands somewhere else (on a statement, in a receipt): `A-123:HASH`, or the hash alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    position: Option<i64>,
    hash: String,
}

impl FromStr for Known {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (position, hash) = match text.split_once(':') {
            Some((position, hash)) => (Some(position.parse::<Position>()?.0), hash),
            None => (None, text),
        };
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(
                "write it as A-123:HASH, or as the hash alone: 64 hexadecimal digits".into()
            );
        }
        Ok(Self { position, hash: hash.to_ascii_lowercase() })
    }
}

impl Known {
    fn is(&self, event: &AuditEvent) -> bool {
        self.hash == event.hash && self.position.is_none_or(|at| at == event.position)
    }
}

/// A chain that was found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Its first event that was looked at.
    pub from: i64,
    /// Its last; before `from`, when there was none.
    pub to: i64,
    /// The last one's hash: kept elsewhere, it shows later whether the end was cut off.
    pub head: String,
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.to < self.from {
            return write!(f, "the chain is whole: it has no event from A-{} on", self.from);
        }
        let Self { from, to, head } = self;
        write!(f, "the chain is whole from A-{from} to A-{to}; its head is A-{to}:{head}")
    }
}

/// Walks the stored chain from `from` on, a page at a time. `known` hashes must be in it: without
/// one that lies outside this database, an end that was cut off leaves no gap.
///
/// # Errors
/// [`Code::VerificationFailed`] with the first event that is altered, missing or out of order;
/// [`Code::Database`].
pub async fn verify(store: &Store, from: i64, known: &[Known]) -> Result<Whole, Problem> {
    let mut chain = start(store, from).await?;
    let mut sought: Vec<&Known> = known.iter().collect();
    loop {
        let page = store::audit::kept(&mut *store.reading().await?, chain.position(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        for kept in &page {
            let event = follow(&mut chain, kept)?;
            sought.retain(|known| !known.is(&event));
        }
    }
    let (to, head) = (chain.position(), chain.hash().to_owned());
    if let Some(known) = sought.first() {
        return Err(not_in_chain(known, from, to));
    }
    if let Some(id) = store::audit::sent_and_gone(&mut *store.reading().await?).await? {
        let why = format!(
            "the event {id} was sent to desks and is missing: events after A-{to} are gone"
        );
        return Err(broken(to + 1, &why));
    }
    Ok(Whole { from, to, head })
}

/// The chain before `from`: as it was stored, for a walk that does not begin at the first event.
async fn start(store: &Store, from: i64) -> Result<Chain, Problem> {
    if from <= 1 {
        return Ok(Chain::default());
    }
    let mut before = store::audit::kept(&mut *store.reading().await?, from - 2, 1).await?;
    let Some(kept) = before.pop().filter(|kept| kept.position == from - 1) else {
        return Err(broken(from - 1, "it is missing"));
    };
    let event = kept.event().map_err(|why| broken(kept.position, &why))?;
    Ok(Chain::after(from - 1, event.hash))
}

fn follow(chain: &mut Chain, kept: &Kept) -> Result<AuditEvent, Problem> {
    let expected = chain.position() + 1;
    if kept.position != expected {
        let why = format!("it is missing: A-{} follows A-{}", kept.position, chain.position());
        return Err(broken(expected, &why));
    }
    let event = kept.event().map_err(|why| broken(expected, &why))?;
    chain.follow(&event).map_err(|Break { position, kind }| {
        let why = match kind {
            BreakKind::Missing => "it is missing",
            BreakKind::OutOfOrder => "another event stands in its place",
            BreakKind::Altered => "it was altered: its hash is not that of what it says",
            BreakKind::Replaced => "it was replaced: the event after it was linked to another",
        };
        broken(position, why)
    })?;
    Ok(event)
}

fn broken(position: i64, why: &str) -> Problem {
    let place = format!("A-{position}");
    let message = format!(
        "the audit chain is broken at {place}: {why}; keep this database as it is, and compare with \
         a backup"
    );
    Problem::new(Code::VerificationFailed, message).at(place)
}

fn not_in_chain(known: &Known, from: i64, to: i64) -> Problem {
    match known.position {
        Some(at) if at > to => broken(to + 1, &format!("it is missing: A-{at} was on record")),
        Some(at) if at >= from => broken(at, "it has another hash than was on record"),
        _ => {
            let why = format!(
                "no event from A-{from} to A-{to} has the hash {}; events were altered or cut off, or \
                 the hash is of another central",
                known.hash
            );
            Problem::new(Code::VerificationFailed, why)
        }
    }
}

/// Writes the events from `from` to `to` (both included), one line of JSON each; how many.
///
/// # Errors
/// [`Code::File`] when `out` takes no more; [`Code::Database`].
pub async fn export(
    store: &Store,
    from: i64,
    to: i64,
    out: &mut (impl Write + Send),
) -> Result<usize, Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(Code::File, format!("the export broke off: {error}; write it elsewhere"))
    };
    let (mut after, mut count) = (from.max(1) - 1, 0);
    loop {
        let page = store::audit::events(&mut *store.reading().await?, after, PAGE).await?;
        let (wanted, read) = (page.iter().filter(|event| event.position <= to), page.last());
        for event in wanted {
            writeln!(out, "{}", store::to_json(event)?).map_err(failed)?;
            count += 1;
        }
        match read.filter(|last| last.position < to) {
            Some(last) => after = last.position,
            None => break,
        }
    }
    out.flush().map_err(failed)?;
    Ok(count)
}

/// An event, and what whoever decided had before them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The event. `detail.seen` names every version that its author saw.
    pub event: AuditEvent,
    /// For a decision about a credit: what was decided on.
    pub saw: Option<Saw>,
}

/// What an approver saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Saw {
    /// The step, with the hash of what was seen.
    pub approval: Approval,
    /// The credit's amount.
    pub amount: Money,
    /// The credit's version.
    pub version: i64,
    /// The settlement as it stood, whose `case_hash` names the calculation file; absent for
    /// goodwill.
    pub settlement: Option<Settlement>,
    /// Whether amount, version and revision have the hash that was kept.
    pub agrees: bool,
}

/// What an event says about the decision it records.
#[derive(Debug, Deserialize)]
struct Decided {
    approval: ApprovalId,
    amount: Money,
    settlement_revision: i64,
    seen: Vec<makegood_domain::command::Base>,
}

/// The event at `position`, with what was seen; `None`: the chain has no such event.
///
/// # Errors
/// [`Code::Database`].
pub async fn show(conn: &mut AnyConnection, position: Position) -> Result<Option<Shown>, Problem> {
    let mut found = store::audit::events(conn, position.0 - 1, 1).await?;
    let Some(event) = found.pop().filter(|event| event.position == position.0) else {
        return Ok(None);
    };
    let saw = saw(conn, &event).await?;
    Ok(Some(Shown { event, saw }))
}

async fn saw(conn: &mut AnyConnection, event: &AuditEvent) -> Result<Option<Saw>, Problem> {
    let decided = serde_json::from_value::<Decided>(event.detail.clone()).ok();
    let credit = event.subject.parse::<CreditId>().ok();
    let (Some(decided), Some(customer), Some(credit)) = (decided, event.customer, credit) else {
        return Ok(None);
    };
    let approval = store::approval::get(conn, customer, decided.approval).await?;
    let base = decided.seen.iter().find(|base| base.key == event.subject);
    let (Some(approval), Some(base)) = (approval, base) else { return Ok(None) };
    let revision = decided.settlement_revision;
    let hash = Approval::hash_of_seen(credit, decided.amount, base.version, revision);
    let owed = store::get::<Credit>(conn, credit).await?.and_then(|found| found.row.settlement);
    let settlement = match owed {
        Some(owed) => store::settlement::at_revision(conn, customer, owed, revision).await?,
        None => None,
    };
    Ok(Some(Saw {
        agrees: hash == approval.seen_hash,
        amount: decided.amount,
        version: base.version,
        settlement,
        approval,
    }))
}
