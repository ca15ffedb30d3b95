//! What slots come to by series and month.

use super::{Arg, Tx, fetch, int, placeholders, text};
use crate::ingest::total::{Changes, Total};
use makegood_domain::{
    Problem,
    id::{CustomerId, SeriesId},
};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::BTreeMap;

/// How many rows are read or written at once.
const AT_ONCE: usize = 500;

/// The total of a series in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfSeries {
    /// The series.
    pub series: SeriesId,
    /// Its source.
    pub source: String,
    /// Name of the service at the source.
    pub service: String,
    /// The path; empty where the series has none.
    pub path: String,
    /// The region; empty where the series has none.
    pub region: String,
    /// Years since year 0, times 12, plus months since January.
    pub month: i64,
    /// What its slots came to.
    pub total: Total,
}

/// Four columns from `first` on: good, requests, slots, seconds.
fn read(row: &AnyRow, first: usize) -> Result<Total, Problem> {
    let number = |column: usize| -> Result<u128, Problem> {
        text(row, first + column)?.parse().map_err(|_| super::missing("number of a total"))
    };
    Ok(Total { good: number(0)?, requests: number(1)?, slots: number(2)?, seconds: number(3)? })
}

/// The totals of the series that a customer's SLA lines name, of these months (half open), in order
/// of service and month.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_customer(
    conn: &mut AnyConnection,
    customer: CustomerId,
    (from, to): (i64, i64),
) -> Result<Vec<OfSeries>, Problem> {
    let sql = "select series.id, source, service, coalesce(part.path, ''), coalesce(part.region, ''), \
               month, good, requests, slots, seconds \
               from evidence_total join series on series.id = evidence_total.series \
               left join part on part.series = series.id where month >= $2 and month < $3 \
               and coalesce(part.whole, series.id) in \
               (select series from sla_line where customer = $1)";
    let args = [Arg::text(customer), Arg::Int(from), Arg::Int(to)];
    let mut totals = Vec::new();
    for row in fetch(conn, sql, &args).await? {
        totals.push(OfSeries {
            series: super::id(&text(&row, 0)?)?,
            source: text(&row, 1)?,
            service: text(&row, 2)?,
            path: text(&row, 3)?,
            region: text(&row, 4)?,
            month: int(&row, 5)?,
            total: read(&row, 6)?,
        });
    }
    // Databases disagree about the order of text.
    totals.sort_by(|a, b| {
        let key =
            |one: &OfSeries| [&one.source, &one.service, &one.path, &one.region].map(String::clone);
        (key(a), a.month).cmp(&(key(b), b.month))
    });
    Ok(totals)
}

impl Tx {
    /// Moves totals by what sealing changed.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn move_totals(&mut self, changes: &Changes) -> Result<(), Problem> {
        let all: Vec<_> = changes.iter().collect();
        for some in all.chunks(AT_ONCE) {
            let held =
                self.totals(some.iter().map(|((series, month), _)| (*series, *month))).await?;
            let mut args = Vec::with_capacity(some.len() * 6);
            for (of, change) in some {
                let total = held.get(*of).copied().unwrap_or_default().changed(change);
                args.extend([Arg::text(of.0), Arg::Int(of.1)]);
                let numbers = [total.good, total.requests, total.slots, total.seconds];
                args.extend(numbers.iter().map(Arg::text));
            }
            let sql = format!(
                "insert into evidence_total (series, month, good, requests, slots, seconds) \
                 values {} on conflict (series, month) do update set good = excluded.good, \
                 requests = excluded.requests, slots = excluded.slots, seconds = excluded.seconds",
                placeholders(some.len(), 6, 1)
            );
            self.execute(&sql, &args).await?;
        }
        Ok(())
    }

    async fn totals(
        &mut self,
        of: impl Iterator<Item = (SeriesId, i64)>,
    ) -> Result<BTreeMap<(SeriesId, i64), Total>, Problem> {
        let (mut args, mut rows) = (Vec::new(), 0);
        for (series, month) in of {
            args.extend([Arg::text(series), Arg::Int(month)]);
            rows += 1;
        }
        let sql = format!(
            "select series, month, good, requests, slots, seconds from evidence_total \
             where (series, month) in (values {})",
            placeholders(rows, 2, 1)
        );
        let mut held = BTreeMap::new();
        for row in self.fetch(&sql, &args).await? {
            held.insert((super::id(&text(&row, 0)?)?, int(&row, 1)?), read(&row, 2)?);
        }
        Ok(held)
    }
}
