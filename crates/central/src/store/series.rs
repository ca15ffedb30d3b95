//! Series: what a source delivers.

use super::{Arg, Tx, fetch, opt_int, text};
use makegood_domain::{Problem, id::SeriesId};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A series as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: SeriesId,
    /// Name of the service at the source.
    pub service: String,
    /// For how many seconds a probe's state holds; absent: the series is not probed.
    pub hold: Option<i64>,
}

/// The series of a source, by service.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_source(
    conn: &mut AnyConnection,
    source: &str,
) -> Result<BTreeMap<String, Known>, Problem> {
    let sql = "select id, service, hold from series where source = $1";
    let mut known = BTreeMap::new();
    for row in fetch(conn, sql, &[Arg::text(source)]).await? {
        let service = text(&row, 1)?;
        let one = Known {
            id: super::id(&text(&row, 0)?)?,
            service: service.clone(),
            hold: opt_int(&row, 2)?,
        };
        known.insert(service, one);
    }
    Ok(known)
}

/// The services of a source that an SLA line names.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn under_contract(
    conn: &mut AnyConnection,
    source: &str,
) -> Result<BTreeSet<String>, Problem> {
    let sql = "select service from series where source = $1 \
               and exists (select 1 from sla_line where sla_line.series = series.id)";
    fetch(conn, sql, &[Arg::text(source)]).await?.iter().map(|row| text(row, 0)).collect()
}

/// Those series of a source that an SLA line names.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn under_any_contract(
    conn: &mut AnyConnection,
    source: &str,
) -> Result<BTreeSet<SeriesId>, Problem> {
    let sql = "select id from series where source = $1 \
               and exists (select 1 from sla_line where sla_line.series = series.id)";
    let rows = fetch(conn, sql, &[Arg::text(source)]).await?;
    rows.iter().map(|row| super::id(&text(row, 0)?)).collect()
}

/// For how long a probe's state holds, of those series that are probed.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn holds(
    conn: &mut AnyConnection,
    series: &[SeriesId],
) -> Result<BTreeMap<SeriesId, i64>, Problem> {
    let mut holds = BTreeMap::new();
    for some in series.chunks(500) {
        let sql = format!(
            "select id, hold from series where hold is not null and id in {}",
            super::placeholders(1, some.len(), 1)
        );
        let args: Vec<Arg> = some.iter().map(Arg::text).collect();
        for row in fetch(conn, &sql, &args).await? {
            holds.insert(super::id(&text(&row, 0)?)?, super::int(&row, 1)?);
        }
    }
    Ok(holds)
}

/// Source and service of a series.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn names(
    conn: &mut AnyConnection,
    series: SeriesId,
) -> Result<(String, String), Problem> {
    let sql = "select source, service from series where id = $1";
    let rows = fetch(conn, sql, &[Arg::text(series)]).await?;
    let row = rows.first().ok_or_else(|| super::missing("series"))?;
    Ok((text(row, 0)?, text(row, 1)?))
}

/// A series as people name it: `prober / platform`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn name(conn: &mut AnyConnection, series: SeriesId) -> Result<String, Problem> {
    let (source, service) = names(conn, series).await?;
    Ok(format!("{source} / {service}"))
}

impl Tx {
    /// The series of this source and service, made where it is not there.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn series(&mut self, source: &str, service: &str) -> Result<SeriesId, Problem> {
        let key = [Arg::text(source), Arg::text(service)];
        let find = "select id from series \
                    where source = $1 and service = $2 and tenant = '' and path = ''";
        if let Some(row) = self.fetch(find, &key).await?.first() {
            return super::id(&text(row, 0)?);
        }
        let id: SeriesId = self.store().ids().make();
        let sql = "insert into series (id, source, service, tenant, path) \
                   values ($1, $2, $3, '', '') on conflict (source, service, tenant, path) do nothing";
        self.execute(sql, &[Arg::text(id), Arg::text(source), Arg::text(service)]).await?;
        let rows = self.fetch(find, &key).await?;
        super::id(&text(rows.first().ok_or_else(|| super::missing("series"))?, 0)?)
    }

    /// The series of these services of a source, by service; made where they are not there.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn many_series(
        &mut self,
        source: &str,
        services: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, SeriesId>, Problem> {
        let services: Vec<&String> = services.collect();
        let mut found = BTreeMap::new();
        for some in services.chunks(500) {
            // Joined, not `in (…)`: PostgreSQL holds each row of the source against each of the list.
            let sql = format!(
                "with wanted (service) as (values {}) select series.service, id from wanted \
                 join series on series.service = wanted.service \
                 where source = $1 and tenant = '' and path = ''",
                super::placeholders(some.len(), 1, 2)
            );
            let mut args = vec![Arg::text(source)];
            args.extend(some.iter().map(Arg::text));
            for row in self.fetch(&sql, &args).await? {
                found.insert(text(&row, 0)?, super::id(&text(&row, 1)?)?);
            }
        }
        for service in services {
            if !found.contains_key(service) {
                found.insert(service.clone(), self.series(source, service).await?);
            }
        }
        Ok(found)
    }

    /// Says for how long a probe's state holds in a series, once.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn set_hold(&mut self, series: SeriesId, hold: i64) -> Result<(), Problem> {
        let sql = "update series set hold = $1 where id = $2 and hold is null";
        self.execute(sql, &[Arg::Int(hold), Arg::text(series)]).await?;
        Ok(())
    }
}
