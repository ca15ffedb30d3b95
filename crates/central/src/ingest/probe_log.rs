//! Probe logs: CSV with a header and the columns `service`, `observed_at`, `state`, and `path` and
//! `region` where parts of a service are probed (others are passed over).
//!
//! A state holds until the service's next line, at most `hold`; after that, and before the first
//! line, the time is unknown. Every line renews it. A line that stands there with the same service,
//! instant and state is ignored and counted.

use super::{Push, utf8};
use crate::{
    close,
    store::{Lock, Store, Tx, evidence, evidence::Probe, series, source::Reached},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::{EvidenceId, PersonId, SeriesId},
    scope,
    series::SeriesName,
};
use makegood_engine::instant::parse_instant;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A log that is larger is refused: send it in parts.
pub const BYTES_MAX: usize = 64 << 20;

/// What a log came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProbeReport)]
pub struct Report {
    /// Lines in it, without the header.
    pub lines: usize,
    /// Lines that were on record, or stood there twice.
    pub repeated: usize,
    /// Services in it.
    pub series: usize,
    /// Unbroken stretches of down time in it.
    pub outages: usize,
    /// Stretches between a service's first and last line that nobody measured.
    pub unknown: usize,
}

/// Reads a log of `source` and keeps its lines.
///
/// # Errors
/// As [`take`].
pub async fn apply(
    store: &Store,
    by: PersonId,
    source: &str,
    hold_seconds: i64,
    bytes: &[u8],
) -> Result<Report, Problem> {
    take(&Push::kept(store, by, source), hold_seconds, bytes).await
}

/// Takes the lines of a log.
///
/// # Errors
/// With the line: [`Code::TextInvalid`], [`Code::ProbeStateUnknown`], [`Code::ProbeOutOfOrder`],
/// [`Code::ProbeConflict`], [`Code::Invalid`]. [`Code::Database`]. Nothing is written then.
pub async fn take(push: &Push<'_>, hold_seconds: i64, bytes: &[u8]) -> Result<Report, Problem> {
    if hold_seconds <= 0 {
        return Err(
            Problem::new(Code::Invalid, "hold is longer than nothing, such as 48h").at("hold")
        );
    }
    let log = read(bytes)?;
    let source = push.source;
    let mut tx = push.store.begin(push.by).await?;
    tx.lock(Lock::Evidence).await?;
    let mut report = Report { lines: log.lines, repeated: log.repeated, ..Report::default() };
    let names: Vec<_> = log.services.keys().collect();
    let ids = tx.many_series(source, &names).await?;
    let holds = series::holds(tx.conn(), &ids).await?;
    let (mut begins, mut wholes) = (BTreeMap::new(), BTreeMap::new());
    let id: EvidenceId = tx.store().ids().make();
    let mut added = Vec::new();
    for ((name, lines), series) in log.services.iter().zip(ids) {
        let whole = match name.is_part() {
            true => Some(tx.series(source, &name.service).await?),
            false => None,
        };
        let service = &series::shown(name);
        let held = holds.get(&series).copied();
        if held.is_some_and(|held| held != hold_seconds) {
            let message = format!(
                "{service} is on record with a hold of {} s; send its logs with the same",
                held.unwrap_or_default()
            );
            return Err(Problem::new(Code::Invalid, message).at("hold"));
        }
        tx.set_hold(series, hold_seconds).await?;
        let new = new_lines(&mut tx, series, service, lines, &mut report).await?;
        if let (Some(first), Some(last)) = (new.first(), new.last()) {
            let from = crate::store::instant(first.at)?;
            let to = crate::store::instant(last.at + hold_seconds)?;
            let to = to.max(said_otherwise_until(&mut tx, series, first.at).await?);
            tx.add_probes(series, &new, id).await?;
            begins.extend(whole.map(|_| (series, first.at)));
            wholes.extend(whole.map(|whole| (series, whole)));
            let part = whole.map(|_| series);
            added.push(close::Touched { series: whole.unwrap_or(series), part, from, to });
        }
        let spans = Spans::derive(lines, hold_seconds);
        report.outages += spans.down.len();
        report.unknown += spans.unknown.len();
        report.series += 1;
    }
    if !added.is_empty() {
        for (part, was) in tx.parts_since(&begins).await? {
            let (Some(is), Some(whole)) = (begins.get(&part), wholes.get(&part)) else { continue };
            let to = was.map_or(Ok(tx.now()), crate::store::instant)?;
            let from = crate::store::instant(*is)?;
            added.push(close::Touched { series: *whole, part: Some(part), from, to });
        }
        keep(&mut tx, push, id, bytes, &log, &report).await?;
        close::revise(&mut tx, None, &added, "late evidence: probe log").await?;
    }
    let last = log.services.values().filter_map(|lines| lines.last()).map(|probe| probe.at).max();
    let seen_until = last.map(crate::store::instant).transpose()?;
    tx.source_delivered(source, Reached { seen_until, ..Reached::default() }).await?;
    if !push.dry_run {
        tx.commit().await?;
    }
    Ok(report)
}

/// Until when something else than probes said what a series was, of the time since `from`: from its first
/// probe on, probes do.
async fn said_otherwise_until(
    tx: &mut Tx,
    series: SeriesId,
    from: i64,
) -> Result<DateTime<Utc>, Problem> {
    match evidence::first_probe(tx.conn(), series).await? {
        Some(first) => crate::store::instant(first.max(from)),
        None => Ok(tx.now()),
    }
}

async fn keep(
    tx: &mut Tx,
    push: &Push<'_>,
    id: EvidenceId,
    bytes: &[u8],
    log: &Log,
    report: &Report,
) -> Result<(), Problem> {
    let lines = i64::try_from(log.lines).unwrap_or(i64::MAX);
    tx.add_probe_log(id, push.source, bytes, lines, push.by).await?;
    let detail = json!({
        "lines": report.lines, "repeated": report.repeated, "series": report.series,
        "sha256": super::digest(bytes),
    });
    tx.audit("evidence.probes_added", ("probe_log", &id.to_string()), None, detail);
    Ok(())
}

/// The lines that are not on record. A line that contradicts what is on record is refused.
async fn new_lines(
    tx: &mut Tx,
    series: SeriesId,
    service: &str,
    lines: &[Probe],
    report: &mut Report,
) -> Result<Vec<Probe>, Problem> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(Vec::new()) };
    let stored = evidence::probes(tx.conn(), series, (first.at, last.at + 1)).await?;
    let on_record: BTreeMap<i64, bool> = stored.iter().map(|probe| (probe.at, probe.up)).collect();
    let mut new = Vec::new();
    for probe in lines {
        match on_record.get(&probe.at) {
            None => new.push(*probe),
            Some(up) if *up == probe.up => report.repeated += 1,
            Some(up) => {
                let (at, was) = (crate::store::instant(probe.at)?, word(*up));
                let message = format!(
                    "{service} is {was} on record at {at} and {} in the log; withdraw one of them at the source",
                    word(probe.up)
                );
                return Err(Problem::new(Code::ProbeConflict, message));
            }
        }
    }
    Ok(new)
}

fn word(up: bool) -> &'static str {
    if up { "up" } else { "down" }
}

/// A log as it was read.
#[derive(Debug, Default)]
struct Log {
    lines: usize,
    repeated: usize,
    services: BTreeMap<SeriesName, Vec<Probe>>,
}

fn read(bytes: &[u8]) -> Result<Log, Problem> {
    if bytes.len() > BYTES_MAX {
        return Err(Problem::new(Code::TooLarge, "the probe log is over 64 MiB; send it in parts"));
    }
    let text = utf8(bytes, "probe log")?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| broken(&error))?.clone();
    let column = |name: &str| {
        headers.iter().position(|header| header.trim() == name).ok_or_else(|| {
            let message =
                format!("probe log, line 1: there is no column {name}; the header names service, observed_at, state");
            Problem::new(Code::Invalid, message).at("line 1")
        })
    };
    let columns = [column("service")?, column("observed_at")?, column("state")?];
    let part = |name: &str| headers.iter().position(|header| header.trim() == name);
    let parts = [part("path"), part("region")];
    let mut log = Log::default();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| broken(&error))? {
        let line = record.position().map_or(0, csv::Position::line);
        log.lines += 1;
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let [path, region] = parts.map(|column| column.map_or("", cell).to_owned());
        let [service, at, state] = columns.map(cell);
        let name = SeriesName { service: service.to_owned(), path, region };
        log.take(name, [at, state], line)?;
    }
    Ok(log)
}

fn broken(error: &csv::Error) -> Problem {
    let place =
        error.position().map_or_else(|| "the log".to_owned(), |at| format!("line {}", at.line()));
    Problem::new(Code::Invalid, format!("probe log, {place}: {error}")).at(place)
}

impl Log {
    fn take(&mut self, name: SeriesName, [at, state]: [&str; 2], line: u64) -> Result<(), Problem> {
        let refuse = |code: Code, why: String| {
            Err(Problem::new(code, format!("probe log, line {line}: {why}"))
                .at(format!("line {line}")))
        };
        if name.service.is_empty() {
            return refuse(Code::Invalid, "the service has no name".to_owned());
        }
        for (column, text) in [("path", &name.path), ("region", &name.region)] {
            if let Err(why) = scope::name(text) {
                return refuse(Code::Invalid, format!("{column}: {why}"));
            }
        }
        let service = series::shown(&name);
        let Some(instant) = parse_instant(at) else {
            let why = format!("{at:?} is no instant such as 2026-04-01T00:00:00Z");
            return refuse(Code::Invalid, why);
        };
        let up = match state {
            "up" => true,
            "down" => false,
            other => {
                let why = format!("the state {other:?} is unknown; a service is up or down");
                return refuse(Code::ProbeStateUnknown, why);
            }
        };
        let probe = Probe { at: instant.timestamp(), up };
        let lines = self.services.entry(name).or_default();
        match lines.last() {
            Some(last) if last.at > probe.at => {
                let why = format!("{service} goes back to {at}; sort the log by time");
                refuse(Code::ProbeOutOfOrder, why)
            }
            Some(last) if last.at == probe.at && last.up != probe.up => {
                let why = format!("{service} is both up and down at {at}; remove one of the lines");
                refuse(Code::ProbeConflict, why)
            }
            Some(last) if last.at == probe.at => {
                self.repeated += 1;
                Ok(())
            }
            _ => {
                lines.push(probe);
                Ok(())
            }
        }
    }
}

/// What probe lines say about time: half-open spans of seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans {
    /// Down: touching spans are one.
    pub down: Vec<(i64, i64)>,
    /// Between the first line and the end of the last one's hold: nobody measured.
    pub unknown: Vec<(i64, i64)>,
    /// Where the first line stands, and where the last one's hold ends.
    pub known: Option<(i64, i64)>,
}

impl Spans {
    /// Derives the spans from lines in order of time.
    #[must_use]
    pub fn derive(probes: &[Probe], hold: i64) -> Self {
        let mut spans = Self::default();
        for (index, probe) in probes.iter().enumerate() {
            let lapse = probe.at.saturating_add(hold);
            let next = probes.get(index + 1).map(|next| next.at);
            let end = next.map_or(lapse, |next| next.min(lapse));
            if !probe.up {
                match spans.down.last_mut() {
                    Some(last) if last.1 == probe.at => last.1 = end,
                    _ => spans.down.push((probe.at, end)),
                }
            }
            if let Some(next) = next.filter(|next| *next > lapse) {
                spans.unknown.push((lapse, next));
            }
        }
        spans.known = probes
            .first()
            .zip(probes.last())
            .map(|(first, last)| (first.at, last.at.saturating_add(hold)));
        spans
    }

    /// The unknown time of `[from, to)`: before the first line, in gaps, and after the last hold.
    #[must_use]
    pub fn unknown_in(&self, (from, to): (i64, i64)) -> Vec<(i64, i64)> {
        let Some((first, last)) = self.known else { return vec![(from, to)] };
        let mut unknown = vec![(from, first.min(to))];
        unknown.extend(self.unknown.iter().map(|(a, b)| (*a.max(&from), *b.min(&to))));
        unknown.push((last.max(from), to));
        unknown.retain(|(a, b)| a < b);
        unknown
    }
}
