//! What rolling caps look back on: the earlier windows of the contract, and in one that an amendment split, the
//! earlier parts of the line.

use super::broken;
use crate::book::{Book, BookLine, Due};
use chrono::{Months, NaiveDate};
use makegood_domain::{
    Code, Problem,
    contract::PartialBase,
    id::SlaLineId,
    settlement::{Settlement, SettlementLine},
};
use makegood_engine::{
    Case,
    allocate::allocate,
    case::{Combine, HistoryEntry},
    compute::compute,
    credits::Cap,
    decimal::Decimal,
    money::{Currency, Money},
};
use std::collections::BTreeMap;

/// The earlier settled windows that a line's rolling caps and the contract's look back on, each with what was
/// approved and not reversed. Of lines that have ended the contract's cap alone knows: one that has no rolling cap of
/// its own tells of them.
pub(super) fn earlier_windows(
    book: &Book,
    line: &BookLine,
    due: &Due,
) -> Result<Vec<HistoryEntry>, Problem> {
    let Some(since) = looks_back_to(book, line, due) else { return Ok(Vec::new()) };
    let own = !is_told_by_a_later_part(book, line, due);
    let tells = tells_of_the_ended(book, line, due);
    let first_day = |settlement: &Settlement| due.window.time_zone.local(settlement.from).date();
    let earlier = book.settlements.values().filter(|one| one.to <= due.span.from);
    let mut earlier: Vec<_> = earlier.filter(|one| first_day(one) >= since).collect();
    earlier.sort_by_key(|settlement| settlement.from);
    let mut entries = Vec::with_capacity(earlier.len());
    for settlement in earlier {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, settled) in settlement.lines.iter().enumerate() {
            let Some(name) = name_of(book, settled.line) else { continue };
            let is_own = name == line.line.name;
            if (own && is_own) || (tells && !is_own && has_ended(book, name, due)) {
                by_name.entry(name).or_default().push(index);
            }
        }
        for (name, parts) in by_name {
            let period = match name == line.line.name {
                true => settlement.window.clone(),
                false => format!("{} {name}", settlement.window),
            };
            entries.push(entry(book, settlement, &parts, period)?);
        }
    }
    Ok(entries)
}

/// What a settled window came to for a line, whose parts these are.
fn entry(
    book: &Book,
    settlement: &Settlement,
    parts: &[usize],
    period: String,
) -> Result<HistoryEntry, Problem> {
    let of_it = book.approved.iter().filter(|credit| credit.settlement == Some(settlement.id));
    let approved: i64 = of_it.map(|credit| credit.amount.minor()).sum();
    let shares = allocate(approved.max(0), &weights(settlement, book.currency())?);
    let own = parts.iter().map(|index| shares[*index]).sum();
    let credit = Money::new(own, book.currency()).to_decimal_string();
    let fees = parts.iter().map(|index| &settlement.lines[*index]);
    Ok(HistoryEntry { period, fee: decimal(&whole_base(book, fees)?)?, credit: decimal(&credit)? })
}

fn decimal(text: &str) -> Result<Decimal, Problem> {
    Decimal::parse(text).map_err(|why| Problem::new(Code::Internal, why))
}

/// Has the later parts of a line that an amendment split in this window look back on the earlier ones: its rolling
/// cap is one for all of them. Where only the highest credit is paid, no other uses anything up; and where the
/// contract's cap rolls, too, it would count what is in the histories beside the lines themselves.
pub(super) fn earlier_parts(case: &mut Case, book: &Book, due: &Due) -> Result<(), Problem> {
    if case.contract.combine == Combine::Highest || contract_rolls(book) {
        return Ok(());
    }
    for (index, own) in book.lines_of(due).enumerate() {
        let name = &case.lines[index].sla;
        let lines = &case.lines[..index];
        let before: Vec<_> = lines.iter().filter(|line| line.sla == *name).cloned().collect();
        if before.is_empty() || !has_own_rolling_cap(own) {
            continue;
        }
        let alone = Case { lines: before, ..case.clone() };
        let computed = compute(&alone).map_err(|refusal| broken(&refusal))?;
        // A base that is the whole window's is in the last part's already.
        let is_whole = own.line.remedy.partial_base == PartialBase::Whole;
        for (part, result) in alone.lines.into_iter().zip(&computed.result.lines) {
            case.lines[index].history.push(HistoryEntry {
                period: format!("{} before", due.label),
                fee: if is_whole { Decimal::from_integer(0) } else { part.fee },
                credit: decimal(&result.credit)?,
            });
        }
    }
    Ok(())
}

fn has_own_rolling_cap(line: &BookLine) -> bool {
    let mut caps = line.terms.credit.iter().flat_map(|credit| &credit.caps);
    caps.any(|cap| matches!(cap, Cap::Rolling { .. }))
}

/// Whether a line brings what the contract's rolling cap looks back on of lines that have ended: the last one
/// without a rolling cap of its own, which would count them, too.
fn tells_of_the_ended(book: &Book, line: &BookLine, due: &Due) -> bool {
    let last = book.lines_of(due).filter(|line| !has_own_rolling_cap(line)).last();
    contract_rolls(book) && last.is_some_and(|last| last.line.id == line.line.id)
}

fn contract_rolls(book: &Book) -> bool {
    book.stated.caps.iter().any(|cap| matches!(cap, Cap::Rolling { .. }))
}

/// Whether no version of a line is under contract in the window, whatever form its own windows have.
fn has_ended(book: &Book, name: &str, due: &Due) -> bool {
    let mut versions = book.lines.iter().filter(|line| line.line.name == name);
    versions.all(|version| {
        let (from, to) = (version.line.active_from, version.line.active_to);
        let never = from.zip(to).is_some_and(|(from, to)| from >= to);
        never
            || to.is_some_and(|to| to <= due.span.from)
            || from.is_some_and(|from| from >= due.span.to)
    })
}

/// How a settled line is called.
fn name_of(book: &Book, line: SlaLineId) -> Option<&str> {
    let known = book.lines.iter().find(|known| known.line.id == line)?;
    Some(&known.line.name)
}

/// Approved is the settlement's amount; each line has its part of it. Where nothing is owed any more and
/// something is approved still, the lines have it by their bases.
fn weights(settlement: &Settlement, currency: Currency) -> Result<Vec<i64>, Problem> {
    let allocated: Vec<i64> = settlement.lines.iter().map(|line| line.allocated.minor()).collect();
    if allocated.iter().any(|minor| *minor != 0) {
        return Ok(allocated);
    }
    let broken = |_| Problem::new(Code::Internal, "a settled base is no amount");
    let base = |line: &SettlementLine| Money::parse_decimal(&line.fee, currency);
    let bases: Vec<i64> = settlement
        .lines
        .iter()
        .map(|line| base(line).map(|money| money.minor()))
        .collect::<Result<_, _>>()
        .map_err(broken)?;
    let none = bases.iter().all(|minor| *minor == 0);
    Ok(if none { vec![1; bases.len()] } else { bases })
}

/// Whether an amendment has split the window, and the contract's cap alone looks back: then the line's
/// last part brings what it looks back on, once.
fn is_told_by_a_later_part(book: &Book, line: &BookLine, due: &Due) -> bool {
    let parts = book.lines_of(due).filter(|other| other.line.name == line.line.name);
    !has_own_rolling_cap(line) && parts.last().is_some_and(|last| last.line.id != line.line.id)
}

/// The base of a settled window's line. One that an amendment split has a part for each version, in order
/// of time: the last one's base is the line's, or, where that is its days' alone, all of theirs.
fn whole_base<'s>(
    book: &Book,
    parts: impl DoubleEndedIterator<Item = &'s SettlementLine> + Clone,
) -> Result<String, Problem> {
    let Some(last) = parts.clone().next_back() else { return Ok("0".to_owned()) };
    let version = book.lines.iter().find(|line| line.line.id == last.line);
    if version.is_none_or(|line| line.line.remedy.partial_base == PartialBase::Whole) {
        return Ok(last.fee.clone());
    }
    let broken = |_| Problem::new(Code::Internal, "a settled base is no amount");
    let sum = parts.map(|part| part.fee.parse::<rust_decimal::Decimal>());
    let sum = sum.sum::<Result<rust_decimal::Decimal, _>>().map_err(broken)?;
    Ok(sum.to_string())
}

/// The first day on which a window may begin that a line's rolling caps look back on: so many months
/// before the end of this one. Absent: it has no such cap.
pub(crate) fn looks_back_to(book: &Book, line: &BookLine, due: &Due) -> Option<NaiveDate> {
    let own = line.terms.credit.iter().flat_map(|credit| &credit.caps);
    let months = own.chain(&book.stated.caps).filter_map(|cap| match cap {
        Cap::Rolling { months, .. } => Some(*months),
        _ => None,
    });
    let months = Months::new(u32::try_from(months.max()?).unwrap_or(u32::MAX));
    Some(due.span.end_day.checked_sub_months(months).unwrap_or(NaiveDate::MIN))
}
