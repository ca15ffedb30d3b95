//! What a draft's terms would have come to in windows that are over, on the evidence that is on record:
//! "would have missed 3 of 12, EUR 4,200.00".
//!
//! The draft is put into effect in a transaction that is dropped, and its lines are made to have begun so
//! long ago; then the same function computes each window that computes every other.

use crate::{
    book::{Book, BookLine, Due, Observed},
    compute, fee,
    import::{self, Hands, document::Document},
    store::{Store, Tx, contract, customer},
};
use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::WindowState,
    contract::Contract,
    draft::Draft,
    id::{ContractVersionId, PersonId},
};
use makegood_engine::{
    Case,
    case::HistoryEntry,
    compute::{Computed, compute as computed},
    decimal::Decimal,
    money::{Currency, Money},
    window::{Window, WindowKind},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Most months that can be looked back on.
pub const MONTHS_MAX: u32 = 36;

/// What a draft would have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DraftPast)]
pub struct Past {
    /// Each contract that the draft holds.
    pub contracts: Vec<ContractPast>,
    /// Lines that were measured, over all windows.
    pub measured: usize,
    /// Of them, those that would have missed their objective.
    pub missed: usize,
    /// What would have been owed, by currency: never added across currencies.
    pub owed: Vec<Owed>,
}

/// A contract of the draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DraftContractPast)]
pub struct ContractPast {
    /// Its number.
    pub contract: String,
    /// Its customer's name.
    pub customer: String,
    /// Its windows, the oldest first.
    pub windows: Vec<WindowPast>,
    /// Lines of whose series nothing is on record, or not for a whole window.
    pub without_evidence: Vec<String>,
}

/// A window that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DraftWindowPast)]
pub struct WindowPast {
    /// Its label.
    pub window: String,
    /// Its lines.
    pub lines: Vec<LinePast>,
    /// What would have been owed.
    pub owed: Owed,
    /// What the contract owed by the terms that held then, where it is settled.
    pub was: Option<Owed>,
}

/// A line in a window that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DraftLinePast)]
pub struct LinePast {
    /// Its name.
    pub name: String,
    /// Attainment in percent with six decimals, cut off; absent: not measured.
    pub percent: Option<String>,
    /// Whether the objective would have been met; absent: not measured.
    pub met: Option<bool>,
    /// What it would have had to itself, decimal text.
    pub credit: String,
    /// Seconds of the window that nobody measured.
    pub unknown_seconds: i64,
}

/// An amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DraftOwed)]
pub struct Owed {
    /// ISO 4217.
    pub currency: String,
    /// Decimal text with the currency's decimals.
    pub amount: String,
}

impl Owed {
    fn of(money: Money) -> Self {
        Self { currency: money.currency().to_string(), amount: money.to_decimal_string() }
    }
}

/// Tries a draft on the windows that ended within the last `months` months; nothing is written.
///
/// # Errors
/// [`Code::Invalid`] for no months or too many; whatever is wrong with the draft, as
/// [`import::put`] says it.
pub async fn past(
    store: &Store,
    by: PersonId,
    draft: &Draft,
    months: u32,
) -> Result<Past, Problem> {
    if months == 0 || months > MONTHS_MAX {
        let why = format!("{months} months can't be looked back on; take 1 to {MONTHS_MAX}");
        return Err(Problem::new(Code::Invalid, why).at("months"));
    }
    let bytes = draft.document.as_bytes();
    let document = import::read(bytes)?;
    let mut tx = store.begin(Some(by)).await?;
    let before = settled(&mut tx, &document).await?;
    import::put(&mut tx, Hands { proposed_by: by, approved_by: None }, bytes).await?;
    let (mut contracts, mut sums) = (Vec::new(), BTreeMap::<Currency, Money>::new());
    for (new, was) in document.contracts.iter().zip(&before) {
        let mut book = book_of(&mut tx, (&new.customer, &new.number)).await?;
        let without_evidence = set_back(&mut tx, &mut book, months).await?;
        let windows = windows(&book, was, tx.now())?;
        for (_, owed) in &windows {
            let sum = sums.entry(book.currency()).or_insert(Money::zero(book.currency()));
            *sum = sum.checked_add(*owed).map_err(|error| {
                Problem::new(Code::Invalid, format!("the credits don't add up: {error}"))
            })?;
        }
        contracts.push(ContractPast {
            contract: book.contract.number.clone(),
            customer: book.customer.name.clone(),
            windows: windows.into_iter().map(|(window, _)| window).collect(),
            without_evidence,
        });
    }
    let lines = || contracts.iter().flat_map(|one| &one.windows).flat_map(|one| &one.lines);
    Ok(Past {
        measured: lines().filter(|line| line.met.is_some()).count(),
        missed: lines().filter(|line| line.met == Some(false)).count(),
        owed: sums.into_values().map(Owed::of).collect(),
        contracts,
    })
}

/// What each contract's windows owed before the draft was put into effect, by label.
async fn settled(
    tx: &mut Tx,
    document: &Document,
) -> Result<Vec<BTreeMap<String, Money>>, Problem> {
    let mut all = Vec::with_capacity(document.contracts.len());
    for new in &document.contracts {
        let found = found(tx, (&new.customer, &new.number)).await?;
        let settlements = match found {
            Some(found) => {
                crate::store::settlement::of_contract(tx.conn(), found.customer, found.id).await?
            }
            None => Vec::new(),
        };
        all.push(settlements.into_iter().map(|one| (one.window, one.total)).collect());
    }
    Ok(all)
}

/// A contract by its customer's key and its number.
async fn found(tx: &mut Tx, (customer, number): (&str, &str)) -> Result<Option<Contract>, Problem> {
    let Some(owner) = customer::by_key(tx.conn(), customer).await? else { return Ok(None) };
    let found = contract::by_number(tx.conn(), owner.row.id, number).await?;
    Ok(found.map(|found| found.row))
}

/// The contract as the draft has it, with the lines of its last version alone.
async fn book_of(tx: &mut Tx, (customer, number): (&str, &str)) -> Result<Book, Problem> {
    let found = found(tx, (customer, number)).await?;
    let found = found.ok_or_else(|| crate::store::missing("contract"))?;
    let versions = contract::versions(tx.conn(), found.customer, found.id).await?;
    let last: Option<ContractVersionId> = versions.last().map(|version| version.id);
    let mut book = Book::load(tx.conn(), found).await?;
    book.lines.retain(|line| Some(line.line.version) == last);
    // What was settled by other terms is no history of these.
    book.settlements.clear();
    book.approved.clear();
    Ok(book)
}

/// Makes the lines have begun with the first whole window of the last `months` months for which there
/// is evidence; the names of those for which there is none.
async fn set_back(tx: &mut Tx, book: &mut Book, months: u32) -> Result<Vec<String>, Problem> {
    let now = tx.now();
    let begins = book.lines.iter().map(|line| begin(&line.terms.window, months, now));
    let begins = begins.collect::<Result<Vec<_>, _>>()?;
    book.observe(tx.conn(), begins.iter().copied().min().unwrap_or(now)).await?;
    let mut without = Vec::new();
    let mut all = Vec::with_capacity(begins.len());
    for (line, from) in book.lines.iter().zip(&begins) {
        all.push(match book.parts_of(line) {
            Some(parts) => {
                let since = parts.iter().filter_map(|one| one.watched_since()).min();
                since.and_then(|at| DateTime::from_timestamp(at, 0))
            }
            None => book.observed.get(&line.line.series).and_then(|seen| first(seen, *from)),
        });
    }
    for ((line, from), seen) in book.lines.iter_mut().zip(begins).zip(all) {
        let first = seen.map(|seen| whole(&line.terms.window, from, seen)).transpose()?;
        match first.filter(|first| *first < now) {
            Some(first) => start(line, first),
            None => without.push(line.line.name.clone()),
        }
    }
    book.lines.retain(|line| !without.contains(&line.line.name));
    Ok(without)
}

/// The beginning of the first of the last windows that `months` months hold.
fn begin(window: &Window, months: u32, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    let long_ago = |at: DateTime<Utc>, months| {
        at.checked_sub_months(Months::new(months)).unwrap_or(DateTime::UNIX_EPOCH)
    };
    if matches!(window.kind, WindowKind::Rolling { .. }) {
        return Ok(long_ago(now, months));
    }
    let mut from = span(window, &window.label_at(now))?.0;
    for _ in 0..months.div_ceil(fee::months_of_window(&window.kind)) {
        from = span(window, &window.label_at(from - TimeDelta::seconds(1)))?.0;
    }
    Ok(from)
}

/// When evidence begins. Where a source tells outages alone, it watched all the time.
fn first(observed: &Observed, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let slots = observed.slots.iter().map(|one| one.stretch.start).min();
    let begun = match &observed.probes {
        Some(probes) => probes.known.map(|(first, _)| first),
        None => slots,
    };
    let told = observed.probes.is_none() && !observed.pieces.is_empty();
    begun.and_then(|first| DateTime::from_timestamp(first, 0)).or(told.then_some(from))
}

/// The beginning of the first window, from `from` on, that lies wholly after `seen`.
fn whole(
    window: &Window,
    from: DateTime<Utc>,
    seen: DateTime<Utc>,
) -> Result<DateTime<Utc>, Problem> {
    if seen <= from || matches!(window.kind, WindowKind::Rolling { .. }) {
        return Ok(from.max(seen));
    }
    let (begins, ends) = span(window, &window.label_at(seen))?;
    Ok(if begins < seen { ends } else { begins })
}

fn span(window: &Window, label: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), Problem> {
    let span = window.span(label);
    let span = span.map_err(|why| Problem::new(Code::TermsInvalid, why.to_string()))?;
    Ok((span.from, span.to))
}

/// A line that began so long ago, with the charges that it begins with.
fn start(line: &mut BookLine, from: DateTime<Utc>) {
    line.line.active_from = Some(from);
    line.line.active_to = None;
    let first = line.charges.iter().map(|charge| charge.from).min();
    for charge in line.charges.iter_mut().filter(|charge| Some(charge.from) == first) {
        charge.from = NaiveDate::MIN;
    }
}

/// What each line would have been paid before, with the first day of that window.
type History = BTreeMap<String, Vec<(NaiveDate, HistoryEntry)>>;

/// Every window that is over, with what is owed for it.
fn windows(
    book: &Book,
    was: &BTreeMap<String, Money>,
    now: DateTime<Utc>,
) -> Result<Vec<(WindowPast, Money)>, Problem> {
    let mut told = Vec::new();
    let mut history: History = BTreeMap::new();
    for due in book.dues(now)?.iter().filter(|due| due.span.to <= now) {
        let (case, computed) = reckon(book, due, &history, now)?;
        let result = &computed.result;
        let owed = amount(&result.credit, book.currency())?;
        let lines = result.lines.iter().zip(&computed.lines).map(|(line, trace)| LinePast {
            name: line.sla.clone(),
            percent: line.percent.clone(),
            met: line.met,
            credit: line.credit.clone(),
            unknown_seconds: trace.unknown_seconds,
        });
        let window = WindowPast {
            window: due.label.clone(),
            lines: lines.collect(),
            owed: Owed::of(owed),
            was: was.get(&due.label).copied().map(Owed::of),
        };
        told.push((window, owed));
        for (line, result) in case.lines.iter().zip(&result.lines) {
            let credit = Decimal::parse(&result.credit);
            let credit = credit.map_err(|why| Problem::new(Code::Internal, why))?;
            let entry = HistoryEntry { period: due.label.clone(), fee: line.fee.clone(), credit };
            history.entry(line.sla.clone()).or_default().push((due.span.first_day, entry));
        }
    }
    Ok(told)
}

/// A window, with what a rolling cap looks back on being what these terms would have paid before.
fn reckon(
    book: &Book,
    due: &Due,
    history: &History,
    now: DateTime<Utc>,
) -> Result<(Case, Computed), Problem> {
    let reckoned = compute::reckon(book, due, WindowState::Locked, now)?;
    let mut case = reckoned.case;
    let mut looks_back = false;
    for (line, own) in case.lines.iter_mut().zip(book.lines_of(due)) {
        let Some(since) = compute::looks_back_to(book, own, due) else { continue };
        let earlier = history.get(&line.sla).into_iter().flatten();
        let earlier = earlier.filter(|(first, _)| *first >= since);
        line.history = earlier.map(|(_, entry)| entry.clone()).collect();
        looks_back = true;
    }
    if !looks_back {
        return Ok((case, reckoned.computed));
    }
    let again = computed(&case);
    let again = again.map_err(|why| Problem::new(Code::CaseInvalid, why.to_string()))?;
    Ok((case, again))
}

fn amount(text: &str, currency: Currency) -> Result<Money, Problem> {
    Money::parse_decimal(text, currency)
        .map_err(|why| Problem::new(Code::Internal, format!("{text} is no amount: {why}")))
}
