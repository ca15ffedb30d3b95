//! From a case to its result.

use crate::case::{Case, Combine, Line};
use crate::credits::{Awarded, AwardedBy, Basis, caps, rounding};
use crate::exclusions;
use crate::fraction::{Fraction, whole};
use crate::frame::{Frame, Unmeasured};
use crate::measures::grid::{Grid, slot_seconds};
use crate::measures::uptime::Timeline;
use crate::measures::{Measure, Measured, mean_error_rate, requests, slots, uptime};
use crate::money::{Currency, Rounding};
use crate::refusal::Refusal;
use crate::result::{CaseResult, LineResult, Provenance};
use crate::terms::{ObjectiveIs, Terms};
use crate::trace::{self, LineTrace, Paid, SettlementTrace};
use crate::window::Span;
use crate::zone::tzdb_version;
use num_bigint::BigInt;
use num_rational::BigRational;
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
    let mut lines = Vec::with_capacity(case.lines.len());
    for (index, line) in case.lines.iter().enumerate() {
        lines.push(compute_line(line, &case.period, currency, &format!("lines[{index}]"))?);
    }
    let span = lines.first().map(|line| line.trace.span);
    let span = span.ok_or_else(|| Refusal::new("lines", "must hold at least one line"))?;
    let settlement = settle(case, &lines);
    let provenance = Provenance {
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        tzdb: tzdb_version().to_owned(),
        from: span.from,
        to: span.to,
    };
    let credit = settlement.credit.clone();
    let (results, traces) = lines.into_iter().map(|line| (line.result, line.trace)).unzip();
    let result = CaseResult { lines: results, credit, provenance };
    Ok(Computed { result, lines: traces, settlement, span })
}

struct ComputedLine {
    result: LineResult,
    trace: LineTrace,
    minor: BigInt,
}

fn compute_line(
    line: &Line,
    period: &str,
    currency: Currency,
    path: &str,
) -> Result<ComputedLine, Refusal> {
    let frame = Frame::of(line, period)?;
    let excused = exclusions::excused(line, &frame);
    let (measured, timeline) = measure(line, &frame, &excused, path)?;
    let judged = Judged::of(&line.terms, &measured);
    let (paid, minor) = pay(line, &measured, &judged, &frame, currency);
    let text = |value: &BigRational| Fraction::new(value.clone()).decimal_or_fraction();
    let attainment = measured.attainment.as_ref().ok().map(|exact| Fraction::new(exact.clone()));
    let percent_of_fee = paid.awarded.percent.as_ref().filter(|_| !line.fee.ratio().is_zero());
    let result = LineResult {
        sla: line.sla.clone(),
        percent: attainment.as_ref().map(Fraction::percent),
        attainment,
        met: judged.met,
        internal_met: line.terms.internal_objective.as_ref().map(|_| judged.internal_met),
        total: text(&measured.total),
        bad: text(&measured.bad),
        excused: text(&measured.excused),
        credit_percent: percent_of_fee.map(Fraction::decimal_or_fraction),
        credit: rounding::to_text(&minor, currency),
    };
    let trace = trace::line(trace::Remains {
        line,
        period,
        frame: &frame,
        excused: &excused,
        timeline,
        measured: &measured,
        judged: &judged,
        paid,
    });
    Ok(ComputedLine { result, trace, minor })
}

fn measure(
    line: &Line,
    frame: &Frame,
    excused: &exclusions::Excused,
    path: &str,
) -> Result<(Measured, Option<Timeline>), Refusal> {
    let terms = &line.terms;
    let evidence = &line.evidence;
    let grid = || Grid::of(&evidence.slots, slot_seconds(terms), frame, excused, path);
    if let Some(why @ (Unmeasured::Inactive | Unmeasured::Partial)) = frame.unmeasured {
        // What can't be laid into the window is refused, measured or not.
        if !matches!(terms.measure, Measure::Uptime(_)) {
            grid()?;
        }
        return Ok((Measured::none(why, whole(0)), None));
    }
    Ok(match &terms.measure {
        Measure::Uptime(terms) => {
            let (measured, timeline) = uptime::measure(terms, line, frame, excused, path)?;
            (measured, Some(timeline))
        }
        Measure::Slots(slots) => (slots::measure(slots, terms.no_data, &grid()?), None),
        Measure::MeanErrorRate(mean) => {
            (mean_error_rate::measure(mean, terms.no_data, &grid()?, path)?, None)
        }
        Measure::Requests(requests) => match evidence.totals {
            Some(totals) => (requests::measure_totals(requests, totals), None),
            None => (requests::measure(requests, &grid()?), None),
        },
    })
}

/// How attainment stands to the objectives.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    /// The percentage that is compared: rounded as the terms say.
    pub(crate) compared: Option<BigRational>,
    /// Whether the objective was met; `None`: not measured.
    pub(crate) met: Option<bool>,
    /// Whether the internal one was, where there is one.
    pub(crate) internal_met: Option<bool>,
}

impl Judged {
    fn of(terms: &Terms, measured: &Measured) -> Self {
        let percent = measured.attainment.as_ref().ok().map(|exact| exact * BigInt::from(100));
        let compared = percent.map(|percent| match terms.round_attainment {
            None => percent,
            Some(round) => {
                let scaled = round.mode.scaled(&percent, round.decimals);
                BigRational::new(scaled, BigInt::from(10).pow(round.decimals))
            }
        });
        let meets = |objective: &BigRational| {
            compared.as_ref().map(|percent| match terms.objective_is {
                ObjectiveIs::AtLeast => percent >= objective,
                ObjectiveIs::Above => percent > objective,
            })
        };
        let met = meets(&terms.objective.ratio());
        let internal = terms.internal_objective.as_ref();
        let internal_met = internal.and_then(|objective| meets(&objective.ratio()));
        Self { compared, met, internal_met }
    }
}

/// The line's own credit: award, caps, rounding, and what is too small to be due.
fn pay(
    line: &Line,
    measured: &Measured,
    judged: &Judged,
    frame: &Frame,
    currency: Currency,
) -> (Paid, BigInt) {
    let fee = line.fee.ratio();
    let nothing = |by: AwardedBy| {
        let paid = Paid::of(Awarded::nothing(by), Vec::new(), whole(0), false, &line.fee, currency);
        (paid, BigInt::zero())
    };
    let Some(credit) = &line.terms.credit else { return nothing(AwardedBy::NoCredit) };
    let (Ok(attainment), Some(compared), Some(met)) =
        (&measured.attainment, &judged.compared, judged.met)
    else {
        return nothing(AwardedBy::NotMeasured);
    };
    let objective = line.terms.objective.ratio();
    let (bad, days) = (&measured.bad, frame.span.days());
    let basis = Basis { fee: &fee, attainment, compared, objective: &objective, met, bad, days };
    let awarded = credit.award(&basis);
    let (amount, capped) =
        caps::apply(&credit.caps, awarded.amount.ratio(), &fee, &line.history.as_slice());
    let (minor, too_small) = rounding::round(credit, &amount, currency);
    let paid = rounding::to_amount(&minor, currency);
    (Paid::of(awarded, capped, paid, too_small, &line.fee, currency), minor)
}

/// What the contract owes: combine, the contract's caps, rounding half up.
fn settle(case: &Case, lines: &[ComputedLine]) -> SettlementTrace {
    let currency = case.contract.currency;
    let minors = lines.iter().map(|line| &line.minor);
    let combined: BigInt = match case.contract.combine {
        Combine::Sum => minors.sum(),
        Combine::Highest => minors.max().cloned().unwrap_or_default(),
    };
    let payer = match case.contract.combine {
        Combine::Sum => None,
        Combine::Highest => lines.iter().position(|line| line.minor == combined),
    };
    let fees: BigRational = case.lines.iter().map(|line| line.fee.ratio()).sum();
    let history = case.lines.iter().flat_map(|line| &line.history);
    let before = rounding::to_amount(&combined, currency);
    let (amount, capped) = caps::apply(&case.contract.caps, &before, &fees, &history);
    let minor = rounding::to_minor(&amount, Rounding::HalfUp, currency);
    SettlementTrace {
        payer,
        before_caps: rounding::to_text(&combined, currency),
        capped,
        credit: rounding::to_text(&minor, currency),
    }
}
