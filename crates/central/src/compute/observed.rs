//! The evidence of a case: what is on record of a line's series in a window.

mod summed;

use crate::{
    book::{Book, BookLine, Due, Observed, part::BookPart},
    ingest::{self, Recorded, Stretch, laid::Laid},
    store,
};
use chrono::{DateTime, Datelike, Utc};
use makegood_domain::{Code, Problem, attainment::WindowState, exclusion, series::EvidenceBody};
use makegood_engine::{
    Evidence, Exclusion, Outage, SlotRun, Terms, Unknown,
    decimal::Decimal,
    duration::Duration,
    measures::Measure,
    terms::{CapPer, ExclusionKind},
};
use std::collections::BTreeMap;

/// Seconds, from and to, in order.
type Spans = Vec<(i64, i64)>;

/// What a case says of a line, and until when it is complete. While the window is open, what has
/// not come yet is unknown, never up (law 3).
pub(super) fn evidence(
    book: &Book,
    line: &BookLine,
    due: &Due,
    state: WindowState,
    now: DateTime<Utc>,
) -> Result<(Evidence, DateTime<Utc>), Problem> {
    let observed = book.observed.get(&line.line.series);
    let observed = observed.ok_or_else(|| store::missing("series"))?;
    let (from, to) = (due.span.from.timestamp(), due.span.to.timestamp());
    let is_uptime = matches!(line.terms.measure, Measure::Uptime(_));
    let parts = book.parts_of(line);
    let watched = match &parts {
        Some(parts) => {
            // A part of which no slot has come yet keeps nobody waiting.
            let there = |one: &&&BookPart| is_uptime || one.part.since.is_some_and(|at| at < to);
            let there = parts.iter().filter(there);
            let until = |one: &&BookPart| match is_uptime && one.observed.probes.is_none() {
                true => one.watched_until().clamp(from, to),
                false => watched(&one.observed, is_uptime, (from, to)),
            };
            there.map(until).min()
        }
        None => Some(watched(observed, is_uptime, (from, to))),
    };
    let watched = watched.unwrap_or(from);
    let as_of = store::instant(watched.min(now.timestamp()).clamp(from, to))?;
    let mut evidence =
        Evidence { exclusions: exclusions(observed, (from, to))?, ..Evidence::default() };
    if !is_uptime {
        let laid = match &parts {
            Some(parts) => summed::slots(parts, (from, to), &line.terms.measure)?,
            None => slots(observed, (from, to)),
        };
        // Slots of another length than the terms', or that begin elsewhere, say nothing of those: what they are
        // about is unknown.
        let slot = line.terms.measure.slot().map(Duration::signed_seconds);
        let on_grid = |one: &Stretch, slot: i64| (one.start - from).rem_euclid(slot) == 0;
        let fits = |one: &&Stretch| slot.is_none_or(|slot| one.slot == slot && on_grid(one, slot));
        evidence.slots = laid.iter().filter(fits).map(run).collect::<Result<Vec<_>, _>>()?.into();
        return Ok((evidence, as_of));
    }
    let wide = (from - shortest(&line.terms), to + shortest(&line.terms));
    let (mut unknown, down) = if let Some(parts) = &parts {
        summed::downtime(parts, observed, (from, to), wide, &mut evidence)?
    } else {
        outages(observed, wide, &mut evidence)?;
        unknown(observed, (from, to))
    };
    if parts.is_none() && observed.probes.is_none() {
        unknown.push((observed.watched_until.max(from), to));
    }
    evidence.outages = meeting(evidence.outages, (from, to));
    if state == WindowState::Open {
        if super::may_be_unknown(line) {
            unknown.push((as_of.timestamp(), to));
        } else {
            unknown.retain(|(from, _)| *from < as_of.timestamp());
        }
    }
    for (from, to) in summed::without(merged(unknown), &down) {
        evidence.unknown.push(Unknown { from: store::instant(from)?, to: store::instant(to)? });
    }
    Ok((evidence, as_of))
}

/// Until when a series was watched.
fn watched(observed: &Observed, is_uptime: bool, (from, to): (i64, i64)) -> i64 {
    match &observed.probes {
        Some(spans) => spans.known.map_or(from, |(_, last)| last),
        None if is_uptime => observed.watched_until.clamp(from, to),
        None => last_slot(observed).unwrap_or(from),
    }
}

/// Where the last slot on record ends.
fn last_slot(observed: &Observed) -> Option<i64> {
    observed.slots.iter().map(|one| one.stretch.end()).max()
}

/// How long an outage has to be to count, in seconds: how far beyond a window it matters that one goes on.
pub(crate) fn shortest(terms: &Terms) -> i64 {
    match &terms.measure {
        Measure::Uptime(uptime) => uptime.min_outage.as_ref().map_or(0, Duration::signed_seconds),
        _ => 0,
    }
}

/// Those that are down within the window, with what they began with or went on as outside.
fn meeting(outages: Vec<Outage>, (from, to): (i64, i64)) -> Vec<Outage> {
    let span = |one: &Outage| (one.from.timestamp(), one.to.timestamp());
    let runs = merged(outages.iter().map(span).collect());
    let meets = |one: &Outage| {
        let after = runs.partition_point(|run| run.0 <= span(one).0);
        after.checked_sub(1).is_some_and(|of| runs[of].0 < to && runs[of].1 > from)
    };
    outages.into_iter().filter(meets).collect()
}

fn outages(
    observed: &Observed,
    (from, to): (i64, i64),
    evidence: &mut Evidence,
) -> Result<(), Problem> {
    for (a, b) in observed.probes.iter().flat_map(|spans| &spans.down) {
        if *a < to && *b > from {
            evidence.outages.push(Outage::new(store::instant(*a)?, store::instant(*b)?));
        }
    }
    for piece in ingest::standing(observed.pieces.iter()) {
        let EvidenceBody::Outage { impact, .. } = &piece.body else { continue };
        if piece.from.timestamp() < to && piece.to.timestamp() > from {
            let impact = Decimal::parse(impact).map_err(|why| Problem::new(Code::Internal, why))?;
            evidence.outages.push(Outage { from: piece.from, to: piece.to, impact });
        }
    }
    evidence.outages.sort_by_key(|outage| (outage.from, outage.to));
    Ok(())
}

/// When nobody knows of a service, and when it was wholly down and told to be: that is known, whatever
/// probes did not see. Of the time before the first probe its source's word is what there is.
fn unknown(observed: &Observed, (from, to): (i64, i64)) -> (Spans, Spans) {
    let mut unknown = merged(told_unknown(observed, (from, to)));
    let told = ingest::standing(observed.pieces.iter());
    let down = told.filter(|piece| is_whole_outage(&piece.body));
    let down = down.map(|piece| (piece.from.timestamp(), piece.to.timestamp())).collect();
    let down = summed::without(merged(down), &unknown);
    if let Some(spans) = &observed.probes {
        let first = spans.known.map_or(to, |(first, _)| first.clamp(from, to));
        unknown.push((observed.watched_until.clamp(from, first), first));
        unknown.extend(spans.unknown_in((first, to)));
    }
    (unknown, down)
}

fn is_whole_outage(body: &EvidenceBody) -> bool {
    let EvidenceBody::Outage { impact, .. } = body else { return false };
    let wholly = Decimal::from_integer(1);
    Decimal::parse(impact).is_ok_and(|impact| impact.compare(&wholly).is_eq())
}

/// What its source said that it does not know.
fn told_unknown(observed: &Observed, (from, to): (i64, i64)) -> Vec<(i64, i64)> {
    let mut unknown = Vec::new();
    for piece in ingest::standing(observed.pieces.iter()) {
        let (a, b) = (piece.from.timestamp().max(from), piece.to.timestamp().min(to));
        if piece.body == EvidenceBody::Unknown && a < b {
            unknown.push((a, b));
        }
    }
    unknown
}

fn merged(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

fn exclusions(observed: &Observed, (from, to): (i64, i64)) -> Result<Vec<Exclusion>, Problem> {
    let touching =
        |one: &&exclusion::Exclusion| one.from.timestamp() < to && one.to.timestamp() > from;
    let mut found = Vec::new();
    for one in observed.exclusions.iter().filter(touching) {
        let kind =
            ExclusionKind::parse(&one.kind).ok_or_else(|| store::missing("kind of exclusion"))?;
        found.push(Exclusion { kind, from: one.from, to: one.to, notified_at: one.notified_at });
    }
    Ok(found)
}

/// Lays the slots on record over each other, and cuts the window out.
fn slots(observed: &Observed, (from, to): (i64, i64)) -> Vec<Stretch> {
    let meets = |one: &&Recorded| one.stretch.start < to && one.stretch.end() > from;
    Laid::of(observed.slots.iter().filter(meets)).within((from, to)).collect()
}

/// Alike slots as a case has them.
fn run(stretch: &Stretch) -> Result<SlotRun, Problem> {
    let run = &stretch.run;
    let value = run.value.as_deref().map(Decimal::parse_signed).transpose();
    Ok(SlotRun {
        start: Some(store::instant(stretch.start)?),
        count: u64::from(run.count),
        requests: run.requests.map(u128::from),
        errors: run.errors.map(u128::from),
        value: value.map_err(|why| Problem::new(Code::Internal, why))?,
    })
}

/// Whether an exclusion of these terms is capped by the year.
pub(super) fn has_yearly_cap(terms: &Terms) -> bool {
    terms.exclusions.values().any(is_yearly)
}

fn is_yearly(rule: &makegood_engine::terms::ExclusionRule) -> bool {
    rule.cap.as_ref().is_some_and(|cap| cap.per == CapPer::Year)
}

/// How much of each yearly cap the earlier windows of the label's year have used: the admitted time
/// of that kind since the year's first window, each second once.
pub(super) fn maintenance_used(
    book: &Book,
    line: &BookLine,
    due: &Due,
) -> Result<BTreeMap<ExclusionKind, Duration>, Problem> {
    let mut used = BTreeMap::new();
    if !has_yearly_cap(&line.terms) {
        return Ok(used);
    }
    let contracted = contracted_in_year(book, line, due)?;
    let observed = book.observed.get(&line.line.series);
    let observed = observed.ok_or_else(|| store::missing("series"))?;
    for (kind, rule) in line.terms.exclusions.iter().filter(|(_, rule)| is_yearly(rule)) {
        let admitted = observed.exclusions.iter().filter(|one| {
            let in_time = rule.min_notice.as_ref().is_none_or(|notice| {
                one.notified_at.is_some_and(|told| {
                    (one.from.timestamp() - told.timestamp()) >= notice.signed_seconds()
                })
            });
            one.kind == kind.as_str() && in_time
        });
        let spans = admitted.flat_map(|one| {
            let (from, to) = (one.from.timestamp(), one.to.timestamp());
            contracted.iter().map(move |(begins, until)| (from.max(*begins), to.min(*until)))
        });
        let spent: i64 = merged(spans.collect()).iter().map(|(from, to)| to - from).sum();
        let most = rule.cap.as_ref().map_or(0, |cap| cap.length.signed_seconds());
        let spent = u32::try_from(spent.min(most)).unwrap_or(u32::MAX);
        used.insert(*kind, Duration::of_seconds(spent));
    }
    Ok(used)
}

/// When a line was under contract since the first of its windows in the label's year: in whatever version, for an
/// amendment is no new year, nor is a window of another form. Of a window that is split, the version before has used
/// its part of it.
fn contracted_in_year(book: &Book, line: &BookLine, due: &Due) -> Result<Spans, Problem> {
    let year = due.span.first_day.year();
    let is_own = |other: &&BookLine| other.line.name == line.line.name;
    let earlier = book.dues(due.span.to)?;
    let in_year = earlier.iter().filter(|other| {
        other.span.first_day.year() == year && book.lines_of(other).any(|one| is_own(&one))
    });
    let begins = in_year.map(|other| other.span.from).min().unwrap_or(due.span.from);
    let until = line.line.active_from.map_or(due.span.from, |from| from.max(due.span.from));
    let versions = book.lines.iter().filter(is_own).map(|version| {
        let from = version.line.active_from.map_or(begins, |from| from.max(begins));
        let to = version.line.active_to.map_or(until, |to| to.min(until));
        (from.timestamp(), to.timestamp())
    });
    Ok(merged(versions.collect()))
}
