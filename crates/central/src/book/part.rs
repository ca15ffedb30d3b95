//! The parts of services that a book's lines are about, with what is on record of each.

use super::{Book, BookLine, Observed};
use crate::store::part::{self, Part};
use chrono::{DateTime, Utc};
use makegood_domain::{Problem, id::SeriesId};
use sqlx::AnyConnection;
use std::collections::BTreeSet;

/// A part, and what is on record of it.
#[derive(Debug)]
pub(crate) struct BookPart {
    pub(crate) part: Part,
    pub(crate) observed: Observed,
}

impl BookPart {
    /// From when on somebody watched whether it was down: from its first slot or probe on, or from the first
    /// outage or gap that is told of it.
    pub(crate) fn watched_since(&self) -> Option<i64> {
        [self.part.since, self.part.told_since].into_iter().flatten().min()
    }

    /// Until when, in seconds, where its source tells outages of it and it is not probed; of others slots and probes say
    /// that.
    pub(crate) fn watched_until(&self) -> i64 {
        let is_told = self.part.told_since.is_some() && self.observed.probes.is_none();
        if is_told { self.observed.watched_until } else { i64::MAX }
    }
}

impl Book {
    /// Loads what is on record of the parts that lines with a scope select; of others nothing is asked.
    pub(super) async fn observe_parts(
        &mut self,
        conn: &mut AnyConnection,
        from: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let scoped = self.lines.iter().filter(|line| line.line.scope.is_some());
        let wholes: BTreeSet<SeriesId> = scoped
            .map(|line| line.line.series)
            .filter(|series| !self.parts.contains_key(series))
            .collect();
        if wholes.is_empty() {
            return Ok(());
        }
        let wholes: Vec<SeriesId> = wholes.into_iter().collect();
        let mut found = part::of(conn, &wholes).await?;
        for (whole, parts) in &mut found {
            parts.retain(|part| {
                self.lines.iter().any(|line| line.line.series == *whole && selects(line, part))
            });
        }
        let ids: Vec<SeriesId> = found.values().flatten().map(|part| part.series).collect();
        let mut observed = Observed::load(conn, self.customer.id, &ids, from).await?;
        for whole in wholes {
            let parts = found.remove(&whole).unwrap_or_default().into_iter();
            let with = |part: Part| {
                let observed = observed.remove(&part.series)?;
                Some(BookPart { part, observed })
            };
            self.parts.insert(whole, parts.filter_map(with).collect());
        }
        Ok(())
    }

    /// The parts that a line's scope selects; absent: the line is about the service as a whole.
    pub(crate) fn parts_of(&self, line: &BookLine) -> Option<Vec<&BookPart>> {
        line.line.scope.as_ref()?;
        let parts = self.parts.get(&line.line.series).into_iter().flatten();
        Some(parts.filter(|one| selects(line, &one.part)).collect())
    }
}

fn selects(line: &BookLine, part: &Part) -> bool {
    line.line.scope.as_ref().is_some_and(|scope| part.is_in(scope))
}
