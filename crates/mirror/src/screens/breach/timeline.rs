//! The worst stretch of a breach's window, drawn in lanes.

use super::{arithmetic::Recomputed, detail::BreachOutage, found::Found};
use crate::{
    Versioned,
    screens::show::{Moment, minutes, span_minutes},
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    exclusion::{Exclusion, ExclusionState},
    span::clock,
};
use makegood_engine::{
    trace::{LineTrace, OutageTrace},
    zone::Zone,
};
use serde::Serialize;
use ts_rs::TS;

/// A stretch of time in lanes. Positions (`x`) run from 0 to 1000 along it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct EvidenceTimeline {
    /// Its left end.
    pub from: Moment,
    /// Its right end.
    pub to: Moment,
    /// `All times UTC · Berlin is 2 h ahead`.
    pub zone_note: String,
    /// The axis.
    pub ticks: Vec<Tick>,
    /// What was down.
    pub outages: Vec<OutageBar>,
    /// What was asked to be excused.
    pub exclusions: Vec<ExclusionBar>,
    /// What nobody measured.
    pub unknown: Vec<UnknownBar>,
    /// What counted.
    pub counted: Vec<CountedBar>,
    /// `= 51 min`.
    pub total: String,
    /// What the sources saw.
    pub events: Vec<TimelineEvent>,
}

/// A label on the axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Tick {
    /// Where.
    #[ts(type = "number")]
    pub x: i64,
    /// `03:15`.
    pub label: String,
}

/// An outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct OutageBar {
    /// Left end.
    #[ts(type = "number")]
    pub x1: i64,
    /// Right end.
    #[ts(type = "number")]
    pub x2: i64,
    /// `03:12–04:13, 61 min`.
    pub label: String,
    /// Whether any of it counted.
    pub counted: bool,
}

/// Time that was asked to be excused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExclusionBar {
    /// Left end.
    #[ts(type = "number")]
    pub x1: i64,
    /// Right end.
    #[ts(type = "number")]
    pub x2: i64,
    /// `10 min`.
    pub label: String,
    /// `announced 72 h before`.
    pub note: String,
    /// Whether it counts.
    pub admitted: bool,
    /// `proposed`, `admitted`, `refused`.
    pub state: String,
}

/// Time that nobody measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct UnknownBar {
    /// Left end.
    #[ts(type = "number")]
    pub x1: i64,
    /// Right end.
    #[ts(type = "number")]
    pub x2: i64,
    /// `30 min not measured`.
    pub label: String,
}

/// Time that counted as down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CountedBar {
    /// Left end.
    #[ts(type = "number")]
    pub x1: i64,
    /// Right end.
    #[ts(type = "number")]
    pub x2: i64,
    /// `43 min`.
    pub label: String,
}

/// What a source saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TimelineEvent {
    /// From 1; repeated in the table.
    pub n: usize,
    /// Where.
    #[ts(type = "number")]
    pub x: i64,
    /// `03:12`.
    pub time: String,
    /// What.
    pub text: String,
    /// Which source.
    pub source: String,
    /// Digest of the evidence, shortened; empty where the source gave none.
    pub hash: String,
}

/// A stretch with its ticks.
struct Frame {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    step: TimeDelta,
}

impl Frame {
    /// Around this span, with a tenth of room on either side, in at most eight even steps.
    fn around(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let length = (to - from).max(TimeDelta::minutes(1));
        let (from, to) = (from - length / 10, to + length / 10);
        let steps = [1, 5, 15, 30, 60, 120, 180, 360, 720, 1440].map(TimeDelta::minutes);
        let fits = |step: &TimeDelta| (to - from).num_seconds() <= 6 * step.num_seconds();
        let step = steps
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| TimeDelta::days((to - from).num_days() / 6 + 1));
        let floor = |at: DateTime<Utc>| at.timestamp().div_euclid(step.num_seconds());
        let instant =
            |steps: i64| DateTime::from_timestamp(steps * step.num_seconds(), 0).unwrap_or(from);
        Self {
            from: instant(floor(from)),
            to: instant(floor(to - TimeDelta::seconds(1)) + 1),
            step,
        }
    }

    fn x(&self, at: DateTime<Utc>) -> i64 {
        let whole = (self.to - self.from).num_seconds().max(1);
        ((at - self.from).num_seconds() * 1000 / whole).clamp(0, 1000)
    }

    fn holds(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        from < self.to && self.from < to
    }

    fn ticks(&self) -> Vec<Tick> {
        let mut ticks = Vec::new();
        let mut at = self.from;
        while at <= self.to {
            let label = match self.step.num_days() {
                0 => at.format("%H:%M").to_string(),
                _ => at.format("%-d %b").to_string(),
            };
            ticks.push(Tick { x: self.x(at), label });
            at += self.step;
        }
        ticks
    }
}

/// `All times UTC · Berlin is 2 h ahead`.
fn zone_note(zone: &Zone, at: DateTime<Utc>) -> String {
    let offset = zone.offset_seconds(at);
    if offset == 0 {
        return "All times UTC".to_owned();
    }
    let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
    let (hours, minutes) = (offset.abs() / 3600, offset.abs() % 3600 / 60);
    let size = match minutes {
        0 => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    };
    let way = if offset > 0 { "ahead" } else { "behind" };
    format!("All times UTC · {city} is {size} {way}")
}

/// The drawing, and the table beside it.
pub(super) struct Drawn {
    pub(super) timeline: EvidenceTimeline,
    pub(super) outages: Vec<BreachOutage>,
}

/// The stretch that a new exclusion starts from: the worst outage, else the incident, else the window.
pub(super) fn stretch(
    found: &Found,
    recomputed: Option<&Recomputed>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let worst = recomputed.and_then(|it| worst(it.line(found.line.id)?));
    if let Some(outage) = worst {
        return (outage.from, outage.to);
    }
    match &found.incident {
        Some(incident) => (incident.began_at, incident.ended_at.unwrap_or(incident.began_at)),
        None => (found.attainment.from, found.attainment.to),
    }
}

/// The outage of which most counted; of equal ones the longest.
fn worst(line: &LineTrace) -> Option<&OutageTrace> {
    line.outages.iter().max_by_key(|one| (one.counted_seconds, one.to - one.from))
}

/// Draws the worst stretch, and lists every outage of the window.
pub(super) fn draw(
    found: &Found,
    exclusions: &[Versioned<Exclusion>],
    recomputed: Option<&Recomputed>,
) -> Drawn {
    let (from, to) = stretch(found, recomputed);
    let frame = Frame::around(from, to);
    let line = recomputed.and_then(|it| it.line(found.line.id));
    let zone = &found.zone;
    let (counted, total) = line.map(|line| counted(&frame, line)).unwrap_or_default();
    let timeline = EvidenceTimeline {
        from: Moment::local(frame.from, zone),
        to: Moment::local(frame.to, zone),
        zone_note: zone_note(zone, frame.from),
        ticks: frame.ticks(),
        outages: line.map(|line| outage_bars(&frame, line)).unwrap_or_default(),
        exclusions: exclusion_bars(&frame, exclusions),
        unknown: recomputed.map(|it| unknown_bars(&frame, it, found)).unwrap_or_default(),
        counted,
        total,
        events: events(&frame, found),
    };
    let outages = line.map(|line| line.outages.iter().map(|one| outage(one, zone)).collect());
    Drawn { timeline, outages: outages.unwrap_or_default() }
}

fn outage_bars(frame: &Frame, line: &LineTrace) -> Vec<OutageBar> {
    let shown = line.outages.iter().filter(|one| frame.holds(one.from, one.to));
    shown
        .map(|one| OutageBar {
            x1: frame.x(one.from),
            x2: frame.x(one.to),
            label: format!(
                "{}–{}, {} min",
                clock(one.from),
                clock(one.to),
                span_minutes(one.to - one.from)
            ),
            counted: one.counted_seconds > 0,
        })
        .collect()
}

fn exclusion_bars(frame: &Frame, exclusions: &[Versioned<Exclusion>]) -> Vec<ExclusionBar> {
    let shown = exclusions.iter().filter(|one| frame.holds(one.from, one.to));
    shown
        .map(|one| ExclusionBar {
            x1: frame.x(one.from),
            x2: frame.x(one.to),
            label: format!("{} min", span_minutes(one.to - one.from)),
            note: one.notified_at.map_or_else(String::new, |at| {
                format!("announced {} h before", (one.from - at).num_hours())
            }),
            admitted: one.state == ExclusionState::Admitted,
            state: one.state.as_str().to_owned(),
        })
        .collect()
}

fn unknown_bars(frame: &Frame, recomputed: &Recomputed, found: &Found) -> Vec<UnknownBar> {
    let spans = recomputed.unknown(found.line.id).into_iter();
    spans
        .filter(|(from, to)| frame.holds(*from, *to))
        .map(|(from, to)| UnknownBar {
            x1: frame.x(from),
            x2: frame.x(to),
            label: format!("{} min not measured", span_minutes(to - from)),
        })
        .collect()
}

/// The pieces that counted, and their sum. Pieces that touch are one, whatever their impact.
fn counted(frame: &Frame, line: &LineTrace) -> (Vec<CountedBar>, String) {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for piece in &line.bad_pieces {
        match spans.last_mut() {
            Some(last) if last.1 == piece.from => last.1 = piece.to,
            _ => spans.push((piece.from, piece.to)),
        }
    }
    let mut sum = 0;
    let mut bars = Vec::new();
    for (from, to) in spans {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or(frame.from);
        if frame.holds(at(from), at(to)) {
            sum += to - from;
            bars.push(CountedBar {
                x1: frame.x(at(from)),
                x2: frame.x(at(to)),
                label: format!("{} min", minutes(&(to - from).to_string())),
            });
        }
    }
    let total = if bars.is_empty() {
        String::new()
    } else {
        format!("= {} min", minutes(&sum.to_string()))
    };
    (bars, total)
}

fn events(frame: &Frame, found: &Found) -> Vec<TimelineEvent> {
    let Some(incident) = &found.incident else { return Vec::new() };
    let mut events: Vec<_> = incident
        .events
        .iter()
        .filter(|one| frame.holds(one.at, one.at + TimeDelta::seconds(1)))
        .collect();
    events.sort_by_key(|event| event.at);
    let numbered = events.into_iter().enumerate();
    numbered
        .map(|(index, event)| TimelineEvent {
            n: index + 1,
            x: frame.x(event.at),
            time: event.at.format("%H:%M").to_string(),
            text: event.text.clone(),
            source: event.source.clone(),
            hash: String::new(),
        })
        .collect()
}

fn outage(outage: &OutageTrace, zone: &Zone) -> BreachOutage {
    let part = |seconds: i64, what: &str| {
        (seconds > 0).then(|| format!("{} min {what}", minutes(&seconds.to_string())))
    };
    let why = [
        part(outage.excused_seconds, "excluded"),
        part(outage.unknown_seconds, "not measured"),
        part(outage.outside_seconds, "outside the counted time"),
        outage.short.then(|| "too short to count".to_owned()),
    ];
    BreachOutage {
        from: Moment::exact(outage.from, zone),
        to: Moment::exact(outage.to, zone),
        minutes: span_minutes(outage.to - outage.from),
        counted: minutes(&outage.counted_seconds.to_string()),
        why: why.into_iter().flatten().collect::<Vec<_>>().join(", "),
    }
}
