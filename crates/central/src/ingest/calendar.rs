//! Calendars of maintenance, iCalendar (RFC 5545): each event that names a service in its
//! `CATEGORIES` becomes a proposed exclusion for every customer whose terms excuse planned
//! maintenance of it. Nothing is admitted here.

mod event;

use super::{BATCH_MAX, Push, utf8};
use crate::store::{self, Arg, Lock, Tx, exclusion, series, source::Reached};
use chrono::{DateTime, Utc};
use event::Occurrence;
use makegood_domain::{
    Code, Problem,
    contract::SlaLine,
    exclusion::{Exclusion, ExclusionState},
    id::{CustomerId, PersonId, SeriesId},
};
use makegood_engine::{terms::ExclusionKind, zone::Zone};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// What a calendar came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CalendarReport)]
pub struct Report {
    /// Events in the time asked for, each occurrence of a recurring one.
    pub events: usize,
    /// Exclusions that were proposed.
    pub proposed: usize,
    /// Those that were on record, whatever was decided about them.
    pub repeated: usize,
    /// Events that name no service of an SLA line that excuses planned maintenance.
    pub ignored: usize,
}

/// Proposes what the calendar says of `window`. `zone` is that of times that name none, where the
/// calendar has none itself.
///
/// # Errors
/// [`Code::TextInvalid`]; [`Code::Invalid`] with the event; [`Code::TooLarge`]; [`Code::Database`].
/// Nothing is written then.
pub async fn take(
    push: &Push<'_>,
    window: (DateTime<Utc>, DateTime<Utc>),
    zone: Option<&str>,
    bytes: &[u8],
) -> Result<Report, Problem> {
    if window.1 <= window.0 {
        return Err(Problem::new(Code::Invalid, "to is not after from").at("to"));
    }
    let zone = zone.map(Zone::named).transpose();
    let zone = zone.map_err(|why| Problem::new(Code::Invalid, why).at("zone"))?;
    let occurrences = event::occurrences(utf8(bytes, "the calendar")?, window, zone.as_ref())?;
    let Some(by) = push.by else {
        return Err(Problem::new(Code::Internal, "a calendar without somebody who proposes"));
    };
    let mut tx = push.store.begin(push.by).await?;
    tx.lock(Lock::Evidence).await?;
    let mut report = Report { events: occurrences.len(), ..Report::default() };
    let mut lines = Lines::default();
    let known = series::of_source(tx.conn(), push.source).await?;
    for occurrence in &occurrences {
        let mut of_somebody = false;
        for service in occurrence.services(|name| known.contains_key(name)) {
            let Some(series) = known.get(service).map(|series| series.id) else { continue };
            for customer in lines.excusing(&mut tx, series, occurrence).await? {
                of_somebody = true;
                propose(&mut tx, by, (customer, series), occurrence, &mut report).await?;
            }
        }
        report.ignored += usize::from(!of_somebody);
    }
    let ignored = i64::try_from(report.ignored).unwrap_or(i64::MAX);
    tx.source_delivered(push.source, Reached { ignored, ..Reached::default() }).await?;
    if !push.dry_run {
        tx.commit().await?;
    }
    Ok(report)
}

/// The SLA lines over each series, read once.
#[derive(Debug, Default)]
struct Lines(BTreeMap<SeriesId, Vec<SlaLine>>);

impl Lines {
    /// The customers whose terms excuse maintenance of the series while it goes on.
    async fn excusing(
        &mut self,
        tx: &mut Tx,
        series: SeriesId,
        occurrence: &Occurrence,
    ) -> Result<BTreeSet<CustomerId>, Problem> {
        if let Entry::Vacant(unread) = self.0.entry(series) {
            let filter = "series = $1 order by id";
            let rows = store::list(tx.conn(), filter, &[Arg::text(series)]).await?;
            unread.insert(rows.into_iter().map(|row| row.row).collect());
        }
        let excuses = |line: &&SlaLine| {
            let kinds = line.terms.get("exclusions");
            let maintenance =
                kinds.and_then(|kinds| kinds.get(ExclusionKind::PlannedMaintenance.as_str()));
            maintenance.is_some()
                && line.active_from.is_none_or(|from| from < occurrence.to)
                && line.active_to.is_none_or(|to| to > occurrence.from)
        };
        let lines = self.0.get(&series).into_iter().flatten();
        Ok(lines.filter(excuses).map(|line| line.customer).collect())
    }
}

async fn propose(
    tx: &mut Tx,
    by: PersonId,
    (customer, series): (CustomerId, SeriesId),
    occurrence: &Occurrence,
    report: &mut Report,
) -> Result<(), Problem> {
    let kind = ExclusionKind::PlannedMaintenance.as_str();
    let (from, to) = (occurrence.from, occurrence.to);
    let span = (from.timestamp(), to.timestamp());
    let held = exclusion::within(tx.conn(), customer, series, span).await?;
    if held.iter().any(|one| one.kind == kind && one.from == from && one.to == to) {
        report.repeated += 1;
        return Ok(());
    }
    report.proposed += 1;
    if report.proposed > BATCH_MAX {
        let why = format!("over {BATCH_MAX} exclusions in one calendar; ask for less time");
        return Err(Problem::new(Code::TooLarge, why).at("to"));
    }
    let exclusion = Exclusion {
        id: tx.store().ids().make(),
        customer,
        series,
        kind: kind.to_owned(),
        from,
        to,
        notified_at: occurrence.told_at,
        clause: None,
        state: ExclusionState::Proposed,
        proposed_by: by,
        proposed_at: tx.now(),
        decided_by: None,
        decided_at: None,
        reason: None,
    };
    tx.put(&exclusion).await?;
    let detail = json!({ "kind": kind, "from": from, "to": to });
    let key = exclusion.id.to_string();
    tx.audit("exclusion.proposed", ("exclusion", &key), Some(customer), detail);
    Ok(())
}
