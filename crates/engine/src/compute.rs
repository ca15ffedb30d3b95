//! From a case to its result, and how it came about.

use crate::case::{Case, Line};
use crate::credits::rounding;
use crate::explain;
use crate::fraction::Fraction;
use crate::money::Rounding;
use crate::outcome::{Owed, Settled};
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::result::{CaseResult, LineResult, Provenance};
use crate::trace::{self, LineTrace, Paid, SettlementTrace};
use crate::window::Span;
use crate::zone::tzdb_version;
use num_bigint::BigInt;
use num_traits::Zero;

/// A case's result, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// The result.
    pub result: CaseResult,
    /// How each line came about, in the case's order.
    pub lines: Vec<LineTrace>,
    /// How the contract's amount came about from the lines' credits.
    pub settlement: SettlementTrace,
    /// The first line's window.
    pub span: Span,
}

/// Computes a case.
///
/// A case that was put together in code is taken as valid: see [`Case::validate`].
///
/// # Errors
/// What only the window shows: a period that is no label of it, slots that do not fit into it,
/// inactive or unknown time beside a fixed total. Paths begin at the case.
pub fn compute(case: &Case) -> Result<Computed, Refusal> {
    let currency = case.contract.currency;
    let mut minors: Vec<BigInt> = Vec::with_capacity(case.lines.len());
    let (mut results, mut traces) = (Vec::new(), Vec::new());
    for (index, line) in case.lines.iter().enumerate() {
        let settled = Settled::of(line, case, index)?;
        minors.push(settled.minor.clone());
        let (result, trace) = told(line, case, &settled);
        results.push(result);
        traces.push(trace);
    }
    let span = traces.first().map(|trace| trace.span);
    let span = span.ok_or_else(|| Refusal::new("lines", "must hold at least one line"))?;
    let owed = Owed::of(case, &minors.iter().collect::<Vec<_>>());
    let shares = owed.shares(&minors);
    explain::share_out(case, &owed, &minors, &shares, &mut traces);
    let settlement = SettlementTrace {
        payer: owed.payer,
        before_caps: rounding::to_text(&owed.before_caps, currency),
        capped: owed.capped,
        credit: rounding::to_text(&owed.minor, currency),
        allocated: shares.iter().map(|share| rounding::to_text(share, currency)).collect(),
    };
    let provenance = Provenance {
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        tzdb: tzdb_version().to_owned(),
        from: span.from,
        to: span.to,
    };
    let result = CaseResult { lines: results, credit: settlement.credit.clone(), provenance };
    Ok(Computed { result, lines: traces, settlement, span })
}

/// A settled line, written out.
fn told(line: &Line, case: &Case, settled: &Settled) -> (LineResult, LineTrace) {
    let Settled { frame, excused, measured, timeline, judged, .. } = settled;
    let currency = case.contract.currency;
    let text = |value: &Quantity| Fraction::new(value.exact()).decimal_or_fraction();
    let share = measured.attainment.as_ref().ok();
    let attainment = share.map(|share| Fraction::new(share.exact()));
    let millionths = share.map(|share| share.percent_scaled(6, Rounding::Floor));
    let percent_of_fee = settled.awarded.percent.as_ref().filter(|_| !line.fee.value().is_zero());
    let result = LineResult {
        sla: line.sla.clone(),
        percent: millionths.map(|millionths| crate::fraction::written(&millionths.into(), 6)),
        attainment,
        met: judged.met,
        internal_met: line.terms.internal_objective.as_ref().map(|_| judged.internal_met),
        total: text(&measured.total),
        bad: text(&measured.bad),
        excused: text(&measured.excused),
        credit_percent: percent_of_fee.map(Fraction::decimal_or_fraction),
        credit: rounding::to_text(&settled.minor, currency),
    };
    let paid = Paid {
        fee: line.fee.clone(),
        currency,
        awarded: settled.awarded.clone(),
        capped: settled.capped.clone(),
        credit: Fraction::new(rounding::to_amount(&settled.minor, currency)),
        too_small: settled.too_small,
    };
    let remains = trace::Remains {
        line,
        period: &case.period,
        frame,
        excused,
        timeline: timeline.as_ref(),
        measured,
        attainment: result.attainment.as_ref(),
        judged,
        paid,
    };
    let trace = trace::line(remains);
    (result, trace)
}
