//! Distance: how much downtime a window still allows, and how it was used up day by day.

use crate::case::Case;
use crate::compute::compute;
use crate::decimal::Decimal;
use crate::fraction::{Fraction, cut};
use crate::measures::Measure;
use crate::measures::uptime::{Piece, weighted};
use crate::refusal::Refusal;
use crate::zone::Zone;
use chrono::{DateTime, NaiveDate, Utc};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

/// How far an `uptime` line is from missing its objectives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distance {
    /// From the contracted objective.
    pub objective: Allowance,
    /// From the internal one, where there is one.
    pub internal: Option<Allowance>,
}

/// The downtime that an objective allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// (1 − objective) × total, in seconds.
    pub allowed: Fraction,
    /// What is left of it, in seconds; negative when it is overdrawn.
    pub left: Fraction,
    /// What was left at the end of each local day of the window that has begun, in seconds; for
    /// the day that is running, at `as_of`.
    pub by_day: Vec<(NaiveDate, Fraction)>,
}

/// The distance of each line, with what was observed before `as_of`; the rest of the window is
/// taken as available. `None` for other measures than `uptime`, and where nothing is measured.
///
/// # Errors
/// As [`compute`].
pub fn distance(case: &Case, as_of: DateTime<Utc>) -> Result<Vec<Option<Distance>>, Refusal> {
    let known = until(case, as_of);
    let computed = compute(&known)?;
    let lines = known.lines.iter().zip(&computed.lines);
    Ok(lines
        .map(|(line, trace)| {
            let measured = trace.unmeasured.is_none();
            if !measured || !matches!(line.terms.measure, Measure::Uptime(_)) {
                return None;
            }
            let zone = &line.terms.window.time_zone;
            let days = days(zone, trace.span.first_day, trace.span.end_day, as_of);
            let used = used_by_day(&days, &trace.bad_pieces);
            let of = |objective: &Decimal| {
                allowance(objective, trace.total.ratio(), trace.bad.ratio(), &used)
            };
            let internal = line.terms.internal_objective.as_ref().map(of);
            Some(Distance { objective: of(&line.terms.objective), internal })
        })
        .collect())
}

/// Seconds as decimal minutes with two decimals, cut so that they never look better: `44.69`,
/// `−6.31` (with U+2212).
#[must_use]
pub fn minutes(seconds: &Fraction) -> String {
    cut(&(seconds.ratio() / BigInt::from(60)), 2).replace('-', "\u{2212}")
}

/// The case without what was observed from `as_of` on.
fn until(case: &Case, as_of: DateTime<Utc>) -> Case {
    let mut known = case.clone();
    for line in &mut known.lines {
        let evidence = &mut line.evidence;
        evidence.outages.retain(|outage| outage.from < as_of);
        for outage in &mut evidence.outages {
            outage.to = outage.to.min(as_of);
        }
        evidence.unknown.retain(|unknown| unknown.from < as_of);
        for unknown in &mut evidence.unknown {
            unknown.to = unknown.to.min(as_of);
        }
    }
    known
}

/// The window's local days that have begun, each with its end, or `as_of` where that is earlier.
fn days(
    zone: &Zone,
    first: NaiveDate,
    end: NaiveDate,
    as_of: DateTime<Utc>,
) -> Vec<(NaiveDate, i64)> {
    let days = first.iter_days().take_while(|day| *day < end);
    let begun = days.take_while(|day| zone.day_start(*day) < as_of);
    let ends = begun.map(|day| {
        let next = day.succ_opt().map_or(as_of, |next| zone.day_start(next));
        (day, next.min(as_of).timestamp())
    });
    ends.collect()
}

/// Weighted bad seconds until the end of each day.
fn used_by_day(days: &[(NaiveDate, i64)], bad: &[Piece]) -> Vec<(NaiveDate, BigRational)> {
    let mut pieces = bad.iter().peekable();
    let mut whole = BigRational::default();
    let mut used = Vec::with_capacity(days.len());
    for (day, end) in days {
        while let Some(piece) = pieces.next_if(|piece| piece.to <= *end) {
            whole += weighted(std::slice::from_ref(piece)).exact();
        }
        let part = pieces
            .peek()
            .filter(|piece| piece.from < *end)
            .map(|piece| weighted(&[Piece { to: *end, ..(*piece).clone() }]).exact());
        used.push((*day, &whole + part.unwrap_or_default()));
    }
    used
}

fn allowance(
    objective: &Decimal,
    total: &BigRational,
    bad: &BigRational,
    used: &[(NaiveDate, BigRational)],
) -> Allowance {
    let allowed = (BigRational::one() - objective.percent()) * total;
    let left = |bad: &BigRational| Fraction::new(&allowed - bad);
    let by_day = used.iter().map(|(day, bad)| (*day, left(bad))).collect();
    Allowance { left: left(bad), by_day, allowed: Fraction::new(allowed) }
}
