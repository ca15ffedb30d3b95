//! The frame of a line's measurement: its window, and what of it was under contract and in
//! service hours.

use crate::case::{Active, Line};
use crate::interval::Intervals;
use crate::refusal::Refusal;
use crate::terms::PartialPeriod;
use crate::window::Span;

/// What of a window is measured.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// What the window spans.
    pub(crate) span: Span,
    /// Its seconds.
    pub(crate) window: Intervals,
    /// Those of them under contract.
    pub(crate) active: Intervals,
    /// Those of them in service hours.
    pub(crate) hours: Intervals,
    /// Those of them under contract and in service hours.
    pub(crate) live: Intervals,
    /// Those in service hours and not under contract that count as available.
    pub(crate) inactive_up: Intervals,
    /// Why nothing is measured, if so.
    pub(crate) unmeasured: Option<Unmeasured>,
}

/// Why a line was not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmeasured {
    /// It was not under contract for any second of the window.
    Inactive,
    /// It was under contract for only a part, and the terms measure no part.
    Partial,
    /// Nothing was left to count.
    Nothing,
}

impl Frame {
    /// The frame of this line in the window of this label.
    pub(crate) fn of(line: &Line, period: &str) -> Result<Self, Refusal> {
        let terms = &line.terms;
        let span = terms.window.span(period)?;
        let (from, to) = (span.from.timestamp(), span.to.timestamp());
        let window = Intervals::one(from, to);
        let active = match line.active {
            None => window.clone(),
            Some(Active { from: start, to: end }) => Intervals::one(
                start.map_or(from, |start| start.timestamp().max(from)),
                end.map_or(to, |end| end.timestamp().min(to)),
            ),
        };
        let hours = match &terms.service_hours {
            None => window.clone(),
            Some(hours) => {
                let holidays = terms.holidays.as_deref().unwrap_or_default();
                crate::service_hours::within(hours, holidays, &terms.window.time_zone, from, to)
            }
        };
        let unmeasured = match terms.partial_period {
            _ if active.is_empty() => Some(Unmeasured::Inactive),
            PartialPeriod::NotMeasured if active != window => Some(Unmeasured::Partial),
            _ => None,
        };
        let inactive_up = match terms.partial_period {
            PartialPeriod::Up => hours.without(&active),
            _ => Intervals::default(),
        };
        let live = active.intersect(&hours);
        Ok(Self { span, window, active, hours, live, inactive_up, unmeasured })
    }
}
