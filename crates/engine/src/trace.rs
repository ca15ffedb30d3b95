//! Traces: how a line's result came about, as data that a desk, a statement or a terminal can tell
//! in any language.

use crate::case::Line;
use crate::credits::caps::Capped;
use crate::credits::{Awarded, AwardedBy};
use crate::decimal::Decimal;
use crate::exclusions::{Admission, Excused, admission};
use crate::explain::{self, Step};
use crate::fraction::{Fraction, hundredfold};
use crate::frame::{Frame, Unmeasured};
use crate::instant::from_seconds;
use crate::interval::Intervals;
use crate::measures::Measured;
use crate::measures::impact::Impact;
use crate::measures::uptime::{Piece, Timeline};
use crate::money::Currency;
use crate::outcome::Judged;
use crate::quantity::Quantity;
use crate::terms::{ExclusionKind, PartialPeriod, Treatment};
use crate::window::Span;
use chrono::{DateTime, Utc};

/// How one line's result came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTrace {
    /// The line's name.
    pub sla: String,
    /// The window's label.
    pub label: String,
    /// What the window spans.
    pub span: Span,
    /// Why nothing was measured, if so.
    pub unmeasured: Option<Unmeasured>,
    /// Seconds of the window in which the line was not under contract.
    pub inactive_seconds: i64,
    /// Seconds of the active time that are out of service hours.
    pub out_of_hours_seconds: i64,
    /// Seconds that nobody measured, of those that would have counted; 0 for measures of slots.
    pub unknown_seconds: i64,
    /// What was counted.
    pub total: Fraction,
    /// What of it was bad.
    pub bad: Fraction,
    /// What was excused.
    pub excused: Fraction,
    /// Attainment; `None`: not measured.
    pub attainment: Option<Fraction>,
    /// The percentage that was compared with the bounds: rounded as the terms say.
    pub compared: Option<Fraction>,
    /// Each run of outages that touches the window, in order; `uptime` only.
    pub outages: Vec<OutageTrace>,
    /// Each exclusion of the evidence, in its order.
    pub exclusions: Vec<ExclusionTrace>,
    /// Bad time that counts, in order; `uptime` only.
    pub bad_pieces: Vec<Piece>,
    /// What was awarded and paid.
    pub paid: Paid,
    /// The way from evidence to money, step by step.
    pub steps: Vec<Step>,
}

/// What became of one run of outages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutageTrace {
    /// First second of the run, before any cut.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// The largest impact in it.
    pub impact: Fraction,
    /// Its seconds that count as bad, not weighted.
    pub counted_seconds: i64,
    /// Its seconds that are excused.
    pub excused_seconds: i64,
    /// Its seconds that nobody measured.
    pub unknown_seconds: i64,
    /// Its seconds outside of the window, the active time or the service hours.
    pub outside_seconds: i64,
    /// Whether it is too short to count.
    pub short: bool,
}

/// What became of one exclusion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionTrace {
    /// Its kind.
    pub kind: ExclusionKind,
    /// First second.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// When the customer was told.
    pub notified_at: Option<DateTime<Utc>>,
    /// Whether it was admitted, or why not.
    pub admission: Admission,
    /// How its kind is treated, where the terms know it.
    pub treatment: Option<Treatment>,
    /// Seconds of the active time and the service hours that it excuses. A second that several
    /// exclusions of its kind cover is that of the one that begins first.
    pub excused_seconds: i64,
    /// Those of them in which something was down.
    pub down_seconds: i64,
    /// Seconds of the window that its kind's cap, or another kind, left to nobody or to others.
    pub not_excused_seconds: i64,
}

/// What was awarded and what of it is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The fee.
    pub fee: Decimal,
    /// Its currency.
    pub currency: Currency,
    /// The award, before caps.
    pub awarded: Awarded,
    /// Each cap of the line, in order.
    pub capped: Vec<Capped>,
    /// The line's own credit, rounded.
    pub credit: Fraction,
    /// Whether it was too small to be due.
    pub too_small: bool,
}

impl Paid {
    /// The tier that pays, if one does: its place in the table.
    #[must_use]
    pub fn tier(&self) -> Option<usize> {
        match self.awarded.by {
            AwardedBy::Tier(index) => Some(index),
            _ => None,
        }
    }
}

/// How the contract's amount came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementTrace {
    /// Which line pays, where only the highest does.
    pub payer: Option<usize>,
    /// The lines' credits, combined: decimal text.
    pub before_caps: String,
    /// Each cap of the contract, in order.
    pub capped: Vec<Capped>,
    /// What the contract owes: decimal text.
    pub credit: String,
    /// What each line has of it, in the case's order: decimal text. Together they are it.
    pub allocated: Vec<String>,
}

/// Everything that the computation of one line left behind.
pub(crate) struct Remains<'a> {
    pub(crate) line: &'a Line,
    pub(crate) period: &'a str,
    pub(crate) frame: &'a Frame,
    pub(crate) excused: &'a Excused,
    pub(crate) timeline: Option<&'a Timeline>,
    pub(crate) measured: &'a Measured<'a>,
    /// Exact, where it was measured.
    pub(crate) attainment: Option<&'a Fraction>,
    pub(crate) judged: &'a Judged<'a>,
    pub(crate) paid: Paid,
}

pub(crate) fn line(remains: Remains) -> LineTrace {
    let Remains { line, period, frame, excused, timeline, measured, attainment, judged, paid } =
        remains;
    let empty = Timeline::default();
    let timeline = timeline.unwrap_or(&empty);
    let fraction = |value: &Quantity| Fraction::new(value.exact());
    let mut trace = LineTrace {
        sla: line.sla.clone(),
        label: period.to_owned(),
        span: frame.span,
        unmeasured: measured.attainment.as_ref().err().copied(),
        inactive_seconds: frame.window.size() - frame.active.size(),
        out_of_hours_seconds: match line.terms.partial_period {
            // What counts as available counts in service hours alone, too.
            PartialPeriod::Up => frame.window.size() - frame.hours.size(),
            _ => frame.active.size() - frame.live.size(),
        },
        unknown_seconds: timeline.unknown.size(),
        total: fraction(&measured.total),
        bad: fraction(&measured.bad),
        excused: fraction(&measured.excused),
        attainment: attainment.cloned(),
        compared: judged.compared.as_ref().map(|share| Fraction::new(hundredfold(&share.exact()))),
        outages: outages(frame, excused, timeline),
        exclusions: exclusions(line, frame, excused, &timeline.runs),
        bad_pieces: timeline.bad.clone(),
        paid,
        steps: Vec::new(),
    };
    trace.steps = explain::steps(line, &trace, judged);
    trace
}

fn outages(frame: &Frame, excused: &Excused, timeline: &Timeline) -> Vec<OutageTrace> {
    let excused = excused.all().intersect(&frame.live);
    let down = timeline.bad.iter().filter(|piece| !piece.unknown);
    let down = Intervals::merge(down.map(|piece| (piece.from, piece.to)));
    let (start, end) = (frame.span.from.timestamp(), frame.span.to.timestamp());
    let runs = timeline.runs.as_slice().iter().copied();
    let touching = runs.filter(|(from, to)| *from < end && *to > start);
    let mut pieces = timeline.pieces.as_slice();
    let mut traces = Vec::new();
    for (from, to) in touching {
        pieces = &pieces[pieces.partition_point(|piece| piece.to <= from)..];
        let inside = pieces.iter().take_while(|piece| piece.from < to);
        let impact = inside.map(|piece| &piece.impact).max().map(Impact::fraction);
        traces.push(OutageTrace {
            from: from_seconds(from),
            to: from_seconds(to),
            impact: impact.unwrap_or_else(|| Fraction::whole(0)),
            counted_seconds: down.size_within(from, to),
            excused_seconds: excused.size_within(from, to),
            unknown_seconds: timeline.unknown.size_within(from, to),
            outside_seconds: to - from - frame.live.size_within(from, to),
            short: timeline.short.size_within(from, to) > 0,
        });
    }
    traces
}

fn exclusions(
    line: &Line,
    frame: &Frame,
    excused: &Excused,
    down: &Intervals,
) -> Vec<ExclusionTrace> {
    let rules = &line.terms.exclusions;
    let shares = shares(line, frame, excused, down);
    let live = frame.live.tally();
    let traces = line.evidence.exclusions.iter().zip(shares).map(|(exclusion, share)| {
        let (from, to) = (exclusion.from.timestamp(), exclusion.to.timestamp());
        ExclusionTrace {
            kind: exclusion.kind,
            from: exclusion.from,
            to: exclusion.to,
            notified_at: exclusion.notified_at,
            admission: admission(exclusion, rules),
            treatment: rules.get(&exclusion.kind).map(|rule| rule.treatment),
            excused_seconds: share.0,
            down_seconds: share.1,
            not_excused_seconds: live.size_within(from, to) - share.0,
        }
    });
    traces.collect()
}

/// What each exclusion excuses, and what of it was down. A second that several of one kind cover
/// is that of the one that begins first.
fn shares(line: &Line, frame: &Frame, excused: &Excused, down: &Intervals) -> Vec<(i64, i64)> {
    let all = &line.evidence.exclusions;
    let mut shares = vec![(0, 0); all.len()];
    if frame.unmeasured.is_some() {
        return shares;
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|index| all[*index].from);
    for (kind, covered) in &excused.by_kind {
        let covered = covered.intersect(&frame.live);
        let covered_down = covered.intersect(down);
        let mut told_until = i64::MIN;
        for index in &order {
            let exclusion = &all[*index];
            let admitted = admission(exclusion, &line.terms.exclusions) == Admission::Admitted;
            if exclusion.kind != *kind || !admitted {
                continue;
            }
            let (from, to) = (exclusion.from.timestamp().max(told_until), exclusion.to.timestamp());
            if from < to {
                shares[*index] =
                    (covered.size_within(from, to), covered_down.size_within(from, to));
            }
            told_until = told_until.max(to);
        }
    }
    shares
}
