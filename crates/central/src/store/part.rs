//! Parts of services: what a source delivers by path and region.

use super::{Arg, Tx, fetch, int, opt_int, text};
use makegood_domain::{
    Problem,
    id::SeriesId,
    scope::{self, SliScope},
};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::BTreeMap;

/// How many are asked for at once.
const AT_ONCE: usize = 500;

/// How many parts a service may have: each takes its turn at every instant of a window.
pub const PARTS_MAX: usize = 1000;

/// A part of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its series.
    pub series: SeriesId,
    /// Its path; empty: it has none.
    pub path: String,
    /// Its region; empty: it has none.
    pub region: String,
    /// Where its first slot or probe stands; absent: there is none.
    pub since: Option<i64>,
    /// Where the first outage or gap stands that is told of it; absent: there is none.
    pub told_since: Option<i64>,
}

impl Part {
    /// Whether a scope selects it. What stands for all that a service has too many of may be anything.
    #[must_use]
    pub fn is_in(&self, scope: &SliScope) -> bool {
        scope::is_rest(&self.path, &self.region) || scope.selects(&self.path, &self.region)
    }

    /// As people name it: `/v1/orders in eu-1`.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.path.as_str(), self.region.as_str()) {
            (path, "") => path.to_owned(),
            ("", region) => region.to_owned(),
            (path, region) => format!("{path} in {region}"),
        }
    }
}

/// The parts of these services, each in order of path and region.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of(
    conn: &mut AnyConnection,
    wholes: &[SeriesId],
) -> Result<BTreeMap<SeriesId, Vec<Part>>, Problem> {
    let mut found: BTreeMap<SeriesId, Vec<Part>> = BTreeMap::new();
    for some in wholes.chunks(AT_ONCE) {
        let sql = format!(
            "select whole, series, path, region, since, told_since from part where whole in {}",
            super::placeholders(1, some.len(), 1)
        );
        let args: Vec<Arg> = some.iter().map(Arg::text).collect();
        for row in fetch(conn, &sql, &args).await? {
            let part = read(&row, 1)?;
            found.entry(super::id(&text(&row, 0)?)?).or_default().push(part);
        }
    }
    // Databases disagree about the order of text.
    for parts in found.values_mut() {
        parts.sort_by(|a, b| (&a.path, &a.region).cmp(&(&b.path, &b.region)));
    }
    Ok(found)
}

/// The parts of a source's service, in no order.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_service(
    conn: &mut AnyConnection,
    source: &str,
    service: &str,
) -> Result<Vec<Part>, Problem> {
    let sql = "select part.series, part.path, part.region, part.since, part.told_since from part \
               join series on series.id = part.whole \
               where series.source = $1 and series.service = $2 \
               and series.tenant = '' and series.path = ''";
    let rows = fetch(conn, sql, &[Arg::text(source), Arg::text(service)]).await?;
    rows.iter().map(|row| read(row, 0)).collect()
}

/// How many parts a source's service has, without what stands for those that are too many.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub(crate) async fn count(
    conn: &mut AnyConnection,
    source: &str,
    service: &str,
) -> Result<usize, Problem> {
    let sql = "select count(*) from part join series on series.id = part.whole \
               where series.source = $1 and series.service = $2 \
               and series.tenant = '' and series.path = '' and (part.path <> $3 or part.region <> '')";
    let args = [source, service, scope::REST].map(Arg::text);
    let rows = fetch(conn, sql, &args).await?;
    let count = rows.first().map_or(Ok(0), |row| int(row, 0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Five columns from `first` on: series, path, region, since, told since.
fn read(row: &AnyRow, first: usize) -> Result<Part, Problem> {
    Ok(Part {
        series: super::id(&text(row, first)?)?,
        path: text(row, first + 1)?,
        region: text(row, first + 2)?,
        since: opt_int(row, first + 3)?,
        told_since: opt_int(row, first + 4)?,
    })
}

impl Tx {
    /// Says where these parts begin; of each that now begins earlier, where it began before, if it had.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn parts_since(
        &mut self,
        begins: &BTreeMap<SeriesId, i64>,
    ) -> Result<BTreeMap<SeriesId, Option<i64>>, Problem> {
        let all: Vec<(&SeriesId, &i64)> = begins.iter().collect();
        let mut earlier = BTreeMap::new();
        for some in all.chunks(AT_ONCE) {
            let sql = format!(
                "select series, since from part where series in {}",
                super::placeholders(1, some.len(), 1)
            );
            let args: Vec<Arg> = some.iter().map(|(series, _)| Arg::text(series)).collect();
            for row in self.fetch(&sql, &args).await? {
                let (series, since) = (super::id(&text(&row, 0)?)?, opt_int(&row, 1)?);
                let Some(begin) = begins.get(&series) else { continue };
                if since.is_some_and(|since| since <= *begin) {
                    continue;
                }
                earlier.insert(series, since);
                let sql = "update part set since = $1 where series = $2";
                self.execute(sql, &[Arg::Int(*begin), Arg::text(series)]).await?;
            }
        }
        Ok(earlier)
    }

    /// Says since when outages or gaps are told of a part; absent: none is.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn part_told_since(
        &mut self,
        part: SeriesId,
        since: Option<i64>,
    ) -> Result<(), Problem> {
        let sql = "update part set told_since = $1 where series = $2";
        let since = since.map_or(Arg::NoInt, Arg::Int);
        self.execute(sql, &[since, Arg::text(part)]).await.map(|_| ())
    }
}
