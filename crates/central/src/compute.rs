//! From what is on record to a case, and from the case to its result.

mod history;
mod observed;

pub(crate) use history::looks_back_to;
pub(crate) use observed::shortest;

use crate::{
    book::{Book, BookLine, Due, part::BookPart},
    distance::Standing,
    fee::{self, Fee},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use makegood_domain::{Code, Problem, attainment::WindowState, contract::PartialBase};
use makegood_engine::{
    Case, Line, Refusal,
    case::Active,
    compute::{Computed, compute},
    credits::Cap,
    decimal::Decimal,
    distance::{Distance, OpenWindow, Unanswered},
    measures::Measure,
    terms::{NoData, PartialPeriod},
};

/// A window computed.
#[derive(Debug)]
pub(crate) struct Reckoned {
    pub(crate) case: Case,
    pub(crate) computed: Computed,
    /// The fee of each line, in the case's order.
    pub(crate) fees: Vec<Fee>,
    /// Until when each line's evidence is complete.
    pub(crate) as_of: Vec<DateTime<Utc>>,
    /// The present, or the window's end where that has come.
    pub(crate) present: DateTime<Utc>,
    /// How much downtime is left to each `uptime` line at the end of the window, or now.
    pub(crate) distances: Vec<Option<Distance>>,
    /// Where each line stands, while the window is open.
    pub(crate) far: Vec<Option<makegood_domain::distance::Distance>>,
    /// The open window itself, for what alerts ask of it; `None`: it has ended.
    pub(crate) standing: Option<Standing>,
}

impl Reckoned {
    /// Seconds up to the present that nobody measured on a line.
    pub(crate) fn unknown_so_far(&self, index: usize) -> i64 {
        let trace = &self.computed.lines[index];
        let to_come = self.case.lines[index].evidence.unknown.iter().map(|unknown| {
            let from = unknown.from.max(self.present);
            (unknown.to.min(trace.span.to) - from).num_seconds().max(0)
        });
        (trace.unknown_seconds - to_come.sum::<i64>()).max(0)
    }
}

/// A case that the engine refuses.
pub(crate) fn broken(refusal: &Refusal) -> Problem {
    Problem::new(Code::CaseInvalid, refusal.to_string()).at(refusal.path.clone())
}

/// At most so many parts of a line are named.
const NAMED_MAX: usize = 100;

/// What a line's figure is the sum of; it stays in the house, as a case's source does.
fn told(line: &str, parts: &[&BookPart]) -> String {
    let names: Vec<String> = parts.iter().take(NAMED_MAX).map(|one| one.part.name()).collect();
    let more = match parts.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{line} over {} parts: {}{more}", parts.len(), names.join(", "))
}

/// Computes a window from what is on record at `now`.
pub(crate) fn reckon(
    book: &Book,
    due: &Due,
    state: WindowState,
    now: DateTime<Utc>,
) -> Result<Reckoned, Problem> {
    let mut case = Case {
        id: Some(format!("{} {}", book.contract.number, due.label)),
        title: None,
        source: None,
        contract: book.stated.clone(),
        period: due.label.clone(),
        lines: Vec::new(),
        result: None,
        invalid: None,
    };
    let (mut fees, mut as_of) = (Vec::new(), Vec::new());
    let mut provenance = vec!["makegood central".to_owned()];
    for line in book.lines_of(due) {
        let months = fee::months_of_window(&line.terms.window.kind);
        let when = (months, fee_day(line, due));
        let fee = fee::of_days(&line.charges, book.currency(), when, base_days(book, line, due))?;
        if let Some(parts) = book.parts_of(line) {
            provenance.push(told(&line.line.name, &parts));
        }
        let (evidence, until) = observed::evidence(book, line, due, state, now)?;
        let own = &line.line;
        let cut = own.active_from.filter(|from| *from > due.span.from);
        let end = own.active_to.filter(|to| *to < due.span.to);
        let active = (cut.is_some() || end.is_some()).then_some(Active { from: cut, to: end });
        case.lines.push(Line {
            sla: own.name.clone(),
            terms: line.terms.clone(),
            evidence,
            fee: Decimal::parse(&fee.amount).map_err(|why| Problem::new(Code::Internal, why))?,
            active,
            history: history::earlier_windows(book, line, due)?,
            maintenance_used: observed::maintenance_used(book, line, due)?,
        });
        fees.push(fee);
        as_of.push(until);
    }
    case.source = Some(provenance.join("; "));
    history::earlier_parts(&mut case, book, due)?;
    let so_far = if state == WindowState::Open { so_far(&case, &as_of) } else { None };
    let computed = compute(so_far.as_ref().unwrap_or(&case)).map_err(|refusal| broken(&refusal))?;
    let present = now.min(due.span.to);
    let until = match state {
        WindowState::Open => present,
        // An outage may go on beyond the end, and counts by its whole length.
        _ => {
            let reach = book.lines_of(due).map(|line| shortest(&line.terms)).max().unwrap_or(0);
            due.span.to + TimeDelta::seconds(reach)
        }
    };
    let open = OpenWindow::at(&case, until).map_err(|refusal| broken(&refusal))?;
    let distances = downtime_left(&case, &open)?;
    let standing = (state == WindowState::Open)
        .then(|| Standing::at(&case, &as_of, (present, open)))
        .transpose()?;
    let far = match &standing {
        Some(standing) => standing.distances()?,
        None => vec![None; case.lines.len()],
    };
    Ok(Reckoned { case, computed, fees, as_of, present, distances, far, standing })
}

/// The case of a window that runs, as far as slots have come: what the terms make of slots that nobody has seen is
/// not said of those that are still to come. `None` where it makes no difference. A line that is under contract in a part
/// of the window keeps what its terms make of that.
fn so_far(case: &Case, as_of: &[DateTime<Utc>]) -> Option<Case> {
    let makes = |line: &Line| {
        let of_slots = matches!(line.terms.measure, Measure::Slots(_) | Measure::MeanErrorRate(_));
        let whole = line.active.is_none() || line.terms.partial_period == PartialPeriod::Prorate;
        of_slots && whole && line.terms.no_data != NoData::Removed
    };
    if !case.lines.iter().any(makes) {
        return None;
    }
    let mut case = case.clone();
    for (line, as_of) in case.lines.iter_mut().zip(as_of).filter(|(line, _)| makes(line)) {
        let own = line.active.unwrap_or_default();
        let to = own.to.map_or(*as_of, |to| to.min(*as_of));
        line.active = Some(Active { to: Some(to), ..own });
        line.terms.partial_period = PartialPeriod::Prorate;
    }
    Some(case)
}

/// How much downtime is left to each `uptime` line. The others are not asked: what they have left
/// is no downtime, and takes a computation for each day.
fn downtime_left(case: &Case, open: &OpenWindow) -> Result<Vec<Option<Distance>>, Problem> {
    let lines = case.lines.iter().enumerate();
    let distances = lines.map(|(index, line)| match line.terms.measure {
        Measure::Uptime(_) => match open.distance(index) {
            Ok(distance) => Ok(Some(distance)),
            Err(Unanswered::Refused(refusal)) => Err(broken(&refusal)),
            Err(_) => Ok(None),
        },
        _ => Ok(None),
    });
    distances.collect()
}

/// The day on which a window's charges are read: its first, or the line's first in it.
fn fee_day(line: &BookLine, due: &Due) -> NaiveDate {
    let began = line.line.active_from.map(|from| due.window.time_zone.local(from).date());
    began.map_or(due.span.first_day, |began| began.max(due.span.first_day))
}

/// How many of a window's days the base of a line is for, and how many there are.
fn base_days(book: &Book, line: &BookLine, due: &Due) -> (i64, i64) {
    let (span, own) = (&due.span, &line.line);
    if own.remedy.partial_base == PartialBase::Whole {
        return (1, 1);
    }
    let day = |at| due.window.time_zone.local(at).date();
    let part = |of: &BookLine| {
        let from = of.line.active_from.map_or(span.first_day, day).max(span.first_day);
        (from, of.line.active_to.map_or(span.end_day, day).min(span.end_day))
    };
    let (from, to) = part(line);
    // A line that ends on the day on which it began has that day, unless another version of it has.
    let others = book.lines_of(due).filter(|other| other.line.name == own.name);
    let mut others = others.filter(|other| other.line.id != own.id).map(part);
    let alone = from == to && !others.any(|(begin, end)| begin <= from && from < end);
    let days = to.signed_duration_since(from).num_days();
    (if alone { 1 } else { days }, span.days())
}

/// Whether an exclusion of a window is capped by the year.
pub(crate) fn has_yearly_cap(book: &Book, due: &Due) -> bool {
    book.lines_of(due).any(|line| observed::has_yearly_cap(&line.terms))
}

/// Whether later windows of the contract look back on earlier ones.
pub(crate) fn looks_back(book: &Book) -> bool {
    let caps = book.lines.iter().flat_map(|line| line.terms.credit.iter().flat_map(|c| &c.caps));
    let rolling = caps.chain(&book.stated.caps).any(|cap| matches!(cap, Cap::Rolling { .. }));
    rolling || book.lines.iter().any(|line| observed::has_yearly_cap(&line.terms))
}

/// Whether time that has not come yet may be called unknown while a window is open.
pub(crate) fn may_be_unknown(line: &BookLine) -> bool {
    line.terms.no_data == NoData::Removed && line.terms.window.counted_as.is_none()
}
