//! What an exclusion does, before anybody decides it: whether the terms would admit it (notice in time,
//! cap left), and each window that it touches with it and without, in minutes and money.

use crate::{
    book::{Book, Due},
    compute::{self, Reckoned},
    store::{Store, contract},
};
use makegood_domain::{
    Code, Problem,
    attainment::WindowState,
    exclusion::{Exclusion, ExclusionState},
};
use makegood_engine::{duration::Duration, exclusions::Admission, trace::ExclusionTrace};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What an exclusion does to one line in one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExclusionEffect)]
pub struct Effect {
    /// The contract's number.
    pub contract: String,
    /// The window's label.
    pub window: String,
    /// Whether the window is locked: then admitting it makes a revision.
    pub locked: bool,
    /// The SLA line.
    pub line: String,
    /// `admitted`, `not_in_terms`, `no_notice` or `late_notice`.
    pub admission: String,
    /// The notice that the terms ask for, where it is not admitted for its notice: `48h`.
    pub notice_needed: Option<String>,
    /// The notice that was given, in seconds before it begins; negative: afterwards.
    pub notice_given_seconds: Option<i64>,
    /// Seconds that it would excuse.
    pub excused_seconds: i64,
    /// Seconds of it under contract that it would not excuse: where that is more than nothing though it
    /// is admitted, its cap is used up, or another exclusion holds them.
    pub not_excused_seconds: i64,
    /// As it would be without it.
    pub without: Side,
    /// As it would be with it.
    pub with: Side,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EffectSide)]
pub struct Side {
    /// Attainment in percent with six decimals, cut off; absent: not measured.
    pub percent: Option<String>,
    /// Whether the objective is met; absent: not measured.
    pub met: Option<bool>,
    /// The line's own credit: decimal text in the contract's currency.
    pub credit: String,
    /// What the contract owes for the window.
    pub owed: String,
    /// ISO 4217.
    pub currency: String,
}

/// What an exclusion does to every line of its customer that it touches, in windows that have begun.
///
/// # Errors
/// [`Code::CaseInvalid`]; [`Code::Database`].
pub async fn effect(store: &Store, exclusion: &Exclusion) -> Result<Vec<Effect>, Problem> {
    let mut conn = store.reading().await?;
    let now = store.clock().now();
    let (customer, series) = (exclusion.customer, exclusion.series);
    let mut effects = Vec::new();
    let one = BTreeSet::from([series]);
    let contracts =
        contract::over_series(&mut conn, &one, Some(customer), None, usize::MAX).await?;
    for row in contracts.into_values() {
        let mut book = Book::load(&mut conn, row).await?;
        let touches = |due: &Due| exclusion.from < due.span.to && exclusion.to > due.span.from;
        let mut dues = book.dues(now)?;
        dues.retain(touches);
        let Some(first) = dues.iter().map(|due| due.span.from).min() else { continue };
        book.observe(&mut conn, first).await?;
        for due in &dues {
            let without = seen(&mut book, due, exclusion, false, now)?;
            let with = seen(&mut book, due, exclusion, true, now)?;
            effects.extend(compared(&book, due, exclusion, (&without, &with))?);
        }
    }
    let key = |one: &Effect| (one.contract.clone(), one.window.clone(), one.line.clone());
    effects.sort_by_key(key);
    Ok(effects)
}

/// A window with the exclusion admitted, or as if there were none.
fn seen(
    book: &mut Book,
    due: &Due,
    exclusion: &Exclusion,
    admitted: bool,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Reckoned, Problem> {
    if let Some(observed) = book.observed.get_mut(&exclusion.series) {
        observed.exclusions.retain(|one| one.id != exclusion.id);
        if admitted {
            let admitted = Exclusion { state: ExclusionState::Admitted, ..exclusion.clone() };
            observed.exclusions.push(admitted);
        }
    }
    let state = if book.settlements.contains_key(&due.label) {
        WindowState::Locked
    } else if now < due.span.to {
        WindowState::Open
    } else {
        WindowState::Closing
    };
    compute::reckon(book, due, state, now)
}

fn compared(
    book: &Book,
    due: &Due,
    exclusion: &Exclusion,
    (without, with): (&Reckoned, &Reckoned),
) -> Result<Vec<Effect>, Problem> {
    let mut effects = Vec::new();
    for (at, line) in book.lines_of(due).enumerate() {
        if line.line.series != exclusion.series {
            continue;
        }
        let trace = with.computed.lines[at].exclusions.iter().find(|trace| is(trace, exclusion));
        let trace = trace.ok_or_else(|| {
            let why = format!("{} tells nothing of this exclusion", line.line.name);
            Problem::new(Code::Internal, why)
        })?;
        let (admission, needed, given) = told(&trace.admission);
        effects.push(Effect {
            contract: book.contract.number.clone(),
            window: due.label.clone(),
            locked: book.settlements.contains_key(&due.label),
            line: line.line.name.clone(),
            admission: admission.to_owned(),
            notice_needed: needed.map(|needed| needed.as_str().to_owned()),
            notice_given_seconds: given,
            excused_seconds: trace.excused_seconds,
            not_excused_seconds: trace.not_excused_seconds,
            without: side(book, without, at),
            with: side(book, with, at),
        });
    }
    Ok(effects)
}

fn is(trace: &ExclusionTrace, exclusion: &Exclusion) -> bool {
    trace.kind.as_str() == exclusion.kind
        && trace.from == exclusion.from
        && trace.to == exclusion.to
        && trace.notified_at == exclusion.notified_at
}

fn told(admission: &Admission) -> (&'static str, Option<&Duration>, Option<i64>) {
    match admission {
        Admission::Admitted => ("admitted", None, None),
        Admission::NotInTerms => ("not_in_terms", None, None),
        Admission::NoNotice { needed } => ("no_notice", Some(needed), None),
        Admission::LateNotice { needed, given } => ("late_notice", Some(needed), Some(*given)),
    }
}

fn side(book: &Book, reckoned: &Reckoned, at: usize) -> Side {
    let result = &reckoned.computed.result;
    Side {
        percent: result.lines[at].percent.clone(),
        met: result.lines[at].met,
        credit: result.lines[at].credit.clone(),
        owed: result.credit.clone(),
        currency: book.currency().to_string(),
    }
}
