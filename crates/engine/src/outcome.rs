//! Outcomes: what a case comes to, without the way there.
//!
//! The same measuring, judging and paying as [`compute`](crate::compute::compute), for whoever asks
//! of many windows at once whether they were met and what they cost: no fraction is written out, no
//! trace and no explanation is kept.

use crate::allocate::allocate_any;
use crate::attainment::Attainment;
use crate::case::{Case, Combine, Line};
use crate::credits::caps::{self, Capped};
use crate::credits::{Awarded, AwardedBy, Basis, rounding};
use crate::exclusions::{self, Excused};
use crate::frame::{Frame, Unmeasured};
use crate::measures::grid::{Grid, slot_seconds};
use crate::measures::uptime::Timeline;
use crate::measures::{Measure, Measured, mean_error_rate, requests, slots, uptime};
use crate::money::{Currency, Rounding};
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::terms::{ObjectiveIs, Terms};
use crate::window::Span;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

/// What a case comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// One for each line of the case, in its order.
    pub lines: Vec<LineOutcome>,
    /// What the contract owes, in minor units of its currency; never negative.
    pub credit: BigInt,
}

/// What one line comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOutcome {
    /// Attainment in millionths of a percent, cut off: 0 to 100,000,000; `None`: not measured.
    pub millionths: Option<u32>,
    /// Whether the objective was met; `None`: not measured.
    pub met: Option<bool>,
    /// Whether the internal one was; `None`: not measured, or there is none.
    pub internal_met: Option<bool>,
    /// The line's own credit in minor units; never negative.
    pub credit: BigInt,
}

/// What a case comes to; the same as [`compute`](crate::compute::compute) says.
///
/// # Errors
/// As [`compute`](crate::compute::compute).
pub fn outcome(case: &Case) -> Result<Outcome, Refusal> {
    let mut lines = Vec::with_capacity(case.lines.len());
    for (index, line) in case.lines.iter().enumerate() {
        let settled = Settled::of(line, case, index)?;
        let attainment = settled.measured.attainment.as_ref().ok();
        let scaled = attainment.map(|share| share.percent_scaled(6, Rounding::Floor));
        lines.push(LineOutcome {
            millionths: scaled.and_then(|scaled| u32::try_from(scaled).ok()),
            met: settled.judged.met,
            internal_met: settled.judged.internal_met,
            credit: settled.minor,
        });
    }
    let credits: Vec<&BigInt> = lines.iter().map(|line| &line.credit).collect();
    let owed = Owed::of(case, &credits);
    Ok(Outcome { lines, credit: owed.minor })
}

/// A line measured, judged and paid.
pub(crate) struct Settled<'a> {
    pub(crate) frame: Frame,
    pub(crate) excused: Excused,
    pub(crate) measured: Measured<'a>,
    /// Of `uptime` lines that are measured.
    pub(crate) timeline: Option<Timeline>,
    pub(crate) judged: Judged<'a>,
    pub(crate) awarded: Awarded,
    /// What each cap of the line came to, where something is awarded.
    pub(crate) capped: Vec<Capped>,
    /// The line's own credit, in minor units.
    pub(crate) minor: BigInt,
    /// Whether it was too small to be due.
    pub(crate) too_small: bool,
}

impl<'a> Settled<'a> {
    /// The line at this place of the case.
    pub(crate) fn of(line: &'a Line, case: &Case, index: usize) -> Result<Self, Refusal> {
        let frame = Frame::of(line, &case.period)?;
        let excused = exclusions::excused(line, &frame);
        let path = || format!("lines[{index}]");
        let (measured, timeline) = measure(line, &frame, &excused, &path)?;
        let judged = Judged::of(&line.terms, &measured);
        let awarded = award(line, &measured, &judged, &frame.span);
        let (capped, minor, too_small) = pay(line, &awarded, case.contract.currency);
        Ok(Self { frame, excused, measured, timeline, judged, awarded, capped, minor, too_small })
    }
}

/// What the line at this place of the case measures, and nothing more.
pub(crate) fn measured<'a>(
    line: &'a Line,
    case: &Case,
    index: usize,
) -> Result<Measured<'a>, Refusal> {
    let frame = Frame::of(line, &case.period)?;
    let excused = exclusions::excused(line, &frame);
    Ok(measure(line, &frame, &excused, &|| format!("lines[{index}]"))?.0)
}

fn measure<'a>(
    line: &'a Line,
    frame: &Frame,
    excused: &Excused,
    path: &dyn Fn() -> String,
) -> Result<(Measured<'a>, Option<Timeline>), Refusal> {
    let terms = &line.terms;
    let evidence = &line.evidence;
    let grid = || Grid::of(&evidence.slots, slot_seconds(terms), frame, excused, path);
    if let Some(why @ (Unmeasured::Inactive | Unmeasured::Partial)) = frame.unmeasured {
        // What can't be laid into the window is refused, measured or not.
        if !matches!(terms.measure, Measure::Uptime(_)) {
            grid()?;
        }
        return Ok((Measured::none(why, Quantity::ZERO), None));
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
pub(crate) struct Judged<'a> {
    /// What is compared: attainment, its percentage rounded as the terms say.
    pub(crate) compared: Option<Attainment<'a>>,
    /// Whether the objective was met; `None`: not measured.
    pub(crate) met: Option<bool>,
    /// Whether the internal one was, where there is one.
    pub(crate) internal_met: Option<bool>,
}

impl<'a> Judged<'a> {
    fn of(terms: &Terms, measured: &Measured<'a>) -> Self {
        let attainment = measured.attainment.as_ref().ok();
        let compared = attainment.map(|share| match terms.round_attainment {
            None => share.clone(),
            Some(round) => {
                let scaled = share.percent_scaled(round.decimals, round.mode);
                Attainment::of_percent(scaled, round.decimals)
            }
        });
        let meets = |objective: &BigRational| {
            compared.as_ref().map(|share| match terms.objective_is {
                ObjectiveIs::AtLeast => share.cmp_percent(objective).is_ge(),
                ObjectiveIs::Above => share.cmp_percent(objective).is_gt(),
            })
        };
        let met = meets(terms.objective.value());
        let internal = terms.internal_objective.as_ref();
        let internal_met = internal.and_then(|objective| meets(objective.value()));
        Self { compared, met, internal_met }
    }
}

/// What the terms award, before caps.
fn award(line: &Line, measured: &Measured, judged: &Judged, span: &Span) -> Awarded {
    let Some(credit) = &line.terms.credit else { return Awarded::nothing(AwardedBy::NoCredit) };
    let (Ok(attainment), Some(compared), Some(met)) =
        (&measured.attainment, &judged.compared, judged.met)
    else {
        return Awarded::nothing(AwardedBy::NotMeasured);
    };
    credit.award(&Basis {
        fee: line.fee.value(),
        attainment,
        compared,
        objective: line.terms.objective.value(),
        met,
        bad: &measured.bad,
        days: span.days(),
    })
}

/// The line's own credit: caps, rounding, and what is too small to be due.
fn pay(line: &Line, awarded: &Awarded, currency: Currency) -> (Vec<Capped>, BigInt, bool) {
    match &line.terms.credit {
        Some(credit) if !awarded.amount.ratio().is_zero() => {
            let (amount, capped) =
                caps::apply(&credit.caps, awarded.amount.ratio(), line.fee.value(), &line.history);
            let (minor, too_small) = rounding::round(credit, &amount, currency);
            (capped, minor, too_small)
        }
        _ => (Vec::new(), BigInt::zero(), false),
    }
}

/// Judges and pays a line as if this had been measured: how it stands to its objectives, and its
/// own credit in minor units.
pub(crate) fn supposed<'a>(
    line: &Line,
    span: &Span,
    measured: &Measured<'a>,
    currency: Currency,
) -> (Judged<'a>, BigInt) {
    let judged = Judged::of(&line.terms, measured);
    let awarded = award(line, measured, &judged, span);
    let (_, minor, _) = pay(line, &awarded, currency);
    (judged, minor)
}

/// What the contract owes: combine, the contract's caps, rounding half up.
pub(crate) struct Owed {
    /// Which line pays, where only the highest does.
    pub(crate) payer: Option<usize>,
    /// The lines' credits, combined, in minor units.
    pub(crate) before_caps: BigInt,
    /// What each cap of the contract came to.
    pub(crate) capped: Vec<Capped>,
    /// In minor units.
    pub(crate) minor: BigInt,
}

impl Owed {
    /// What these credits of the case's lines make.
    pub(crate) fn of(case: &Case, minors: &[&BigInt]) -> Self {
        let combined: BigInt = match case.contract.combine {
            Combine::Sum => minors.iter().copied().sum(),
            Combine::Highest => minors.iter().copied().max().cloned().unwrap_or_default(),
        };
        let payer = match case.contract.combine {
            Combine::Sum => None,
            Combine::Highest => minors.iter().position(|minor| **minor == combined),
        };
        let currency = case.contract.currency;
        let fees: BigRational = case.lines.iter().map(|line| line.fee.value()).sum();
        let history = case.lines.iter().flat_map(|line| &line.history);
        let before = rounding::to_amount(&combined, currency);
        let (amount, capped) = caps::apply(&case.contract.caps, &before, &fees, history);
        let minor = rounding::to_minor(&amount, Rounding::HalfUp, currency);
        Self { payer, before_caps: combined, capped, minor }
    }

    /// What each line has of it, where these are the lines' own credits: together they are it.
    pub(crate) fn shares(&self, minors: &[BigInt]) -> Vec<BigInt> {
        let pays = |at: usize| self.payer.is_none_or(|payer| payer == at);
        let weights = minors.iter().enumerate();
        let weights: Vec<BigInt> = weights
            .map(|(at, minor)| if pays(at) { minor.clone() } else { BigInt::zero() })
            .collect();
        allocate_any(&self.minor, &weights)
    }
}
