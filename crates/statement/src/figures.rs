//! The figures that a statement states: each case computed once, and what of it is printed.

use crate::document::{ContractPart, CreditState, Document, LinePart, Share};
use crate::error::StatementError;
use crate::layout::owed::too_large;
use crate::words::Words;
use makegood_engine::case::{Case, Line};
use makegood_engine::fraction::{Fraction, cut};
use makegood_engine::measures::Measure;
use makegood_engine::money::Money;
use makegood_engine::result::LineResult;
use makegood_engine::trace::LineTrace;
use makegood_engine::{Computed, compute};
use num_bigint::BigInt;
use sha2::{Digest, Sha256};

/// A contract in one window, computed.
pub(crate) struct Settled<'a> {
    pub(crate) part: &'a ContractPart,
    /// How the pages call it: `NW-1`; `NW-1, Oct 2026` where there are several windows.
    pub(crate) label: String,
    /// The customer edition, with the result.
    pub(crate) case: Case,
    pub(crate) json: String,
    pub(crate) sha256: String,
    pub(crate) computed: Computed,
    /// What the contract owes.
    pub(crate) credit: Money,
}

/// One line of a computed contract.
#[derive(Clone, Copy)]
pub(crate) struct Figures<'a> {
    pub(crate) settled: &'a Settled<'a>,
    pub(crate) part: &'a LinePart,
    pub(crate) line: &'a Line,
    pub(crate) result: &'a LineResult,
    pub(crate) trace: &'a LineTrace,
    /// What it has of what its contract owes.
    pub(crate) credit: Money,
    /// What it would have by itself: before the contract's cap, or where only the highest is paid.
    pub(crate) own: Money,
}

/// Computes every case of a document.
pub(crate) fn settle(document: &Document) -> Result<Vec<Settled<'_>>, StatementError> {
    let words = Words::new(document.language);
    let several = several_windows(document);
    let label = |part: &ContractPart| match several {
        true => format!("{}, {}", part.number, words.short_period(&part.case.period)),
        false => part.number.clone(),
    };
    document.contracts.iter().map(|part| settle_one(part, label(part))).collect()
}

/// Whether a window is not the statement's own period: a quarter's statement holds its months.
pub(crate) fn several_windows(document: &Document) -> bool {
    document.contracts.iter().any(|part| part.case.period != document.period.label)
}

fn settle_one(part: &ContractPart, label: String) -> Result<Settled<'_>, StatementError> {
    let refused =
        |message: String| StatementError::Case { file_name: part.file_name.clone(), message };
    let computed = compute(&part.case).map_err(|refusal| refused(refusal.to_string()))?;
    let case = part.case.with_result(&computed.result).customer_edition();
    let json = case.to_json();
    let currency = case.contract.currency;
    let credit = Money::parse_decimal(&computed.result.credit, currency)
        .map_err(|error| refused(error.to_string()))?;
    let sha256 = hex::encode(Sha256::digest(&json));
    shared_out(part, credit)?;
    Ok(Settled { part, label, case, json, sha256, computed, credit })
}

/// Whether the shares of a contract are what it owes.
fn shared_out(part: &ContractPart, owed: Money) -> Result<(), StatementError> {
    let parted = part.lines.iter().any(|line| line.credit == CreditState::InParts);
    if part.shares.is_empty() && !parted {
        return Ok(());
    }
    let whole = |share: &Share| {
        share.amount.minor() > 0 && !matches!(share.state, CreditState::None | CreditState::InParts)
    };
    let mut sum = Money::zero(owed.currency());
    for share in &part.shares {
        sum = sum.checked_add(share.amount).map_err(too_large)?;
    }
    if parted && sum == owed && part.shares.iter().all(whole) {
        return Ok(());
    }
    let (number, sum, owed) = (&part.number, sum.display(), owed.display());
    let why =
        format!("{number}: its shares come to {sum}, each more than nothing, and it owes {owed}");
    Err(StatementError::field("contracts", why))
}

impl<'a> Settled<'a> {
    /// Its lines, with what is said of them.
    pub(crate) fn lines(&'a self) -> Vec<Figures<'a>> {
        let currency = self.case.contract.currency;
        let money = |text: &str| {
            Money::parse_decimal(text, currency).unwrap_or_else(|_| Money::zero(currency))
        };
        let results = self.computed.result.lines.iter().zip(&self.computed.lines);
        let lines = self.case.lines.iter().zip(results).zip(&self.part.lines);
        lines
            .zip(&self.computed.settlement.allocated)
            .map(|(((line, (result, trace)), part), allocated)| Figures {
                settled: self,
                part,
                line,
                result,
                trace,
                credit: money(allocated),
                own: money(&result.credit),
            })
            .collect()
    }
}

impl Figures<'_> {
    /// How the pages call its contract.
    pub(crate) fn contract(&self) -> &str {
        &self.settled.label
    }

    /// Its name; where an amendment split the window, with the days that it is about.
    pub(crate) fn name(&self, words: Words) -> String {
        let sla = &self.part.sla;
        let parts = self.settled.part.lines.iter().filter(|one| one.sla == *sla).count();
        let (Some(active), true) = (&self.line.active, parts > 1) else { return sla.clone() };
        let span = &self.trace.span;
        let from = active.from.map_or(span.from, |from| from.max(span.from));
        let to = active.to.map_or(span.to, |to| to.min(span.to));
        if from >= to {
            return sla.clone();
        }
        let day = |at| self.line.terms.window.time_zone.local(at).date();
        let last = day(to - chrono::TimeDelta::seconds(1));
        format!("{sla}, {}", words.date_range(day(from), last))
    }

    pub(crate) fn is_missed(&self) -> bool {
        self.result.met == Some(false)
    }

    /// Whether bad time is time, not slots or events.
    pub(crate) fn is_time(&self) -> bool {
        matches!(self.line.terms.measure, Measure::Uptime(_))
    }

    /// Whether anything is owed, asked for or decided.
    pub(crate) fn has_credit(&self) -> bool {
        self.part.credit != CreditState::None && self.credit.minor() != 0
    }

    pub(crate) fn objective(&self, words: Words) -> String {
        words.percent(self.line.terms.objective.as_str())
    }

    pub(crate) fn attainment(&self, words: Words) -> Option<String> {
        self.result.percent.as_deref().map(|percent| words.percent(percent))
    }

    /// What was not good, in words: `51 min`, `12 of 8,640 slots`.
    pub(crate) fn bad(&self, words: Words) -> String {
        if self.result.percent.is_none() {
            return "–".into();
        }
        bad(self.line, self.result, words)
    }

    /// Bad time that the objective allows, in minutes, cut off.
    pub(crate) fn allowed(&self) -> String {
        let total = self.trace.total.ratio();
        let allowed = total - total * self.line.terms.objective.percent();
        let minutes = cut(&(allowed / BigInt::from(60)), 2);
        minutes.strip_suffix(".00").map(str::to_owned).unwrap_or(minutes)
    }
}

/// What was not good, from the case alone: verification writes it in the same words.
pub(crate) fn bad(line: &Line, result: &LineResult, words: Words) -> String {
    if matches!(line.terms.measure, Measure::Uptime(_)) {
        return words.length(seconds_up(&result.bad));
    }
    let key = match line.terms.measure {
        Measure::Requests(_) => "events_of",
        _ => "slots_of",
    };
    words.fill(
        key,
        &[("bad", &words.decimal(&result.bad)), ("total", &words.decimal(&result.total))],
    )
}

/// Seconds, exact text, as whole seconds: a part of a second counts as one, so that downtime is
/// never understated.
fn seconds_up(text: &str) -> i64 {
    Fraction::parse(text).and_then(|exact| whole_up(&exact)).unwrap_or(0)
}

/// The next whole number.
pub(crate) fn whole_up(exact: &Fraction) -> Option<i64> {
    i64::try_from(exact.ratio().ceil().to_integer()).ok()
}
