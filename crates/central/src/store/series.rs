//! Series: what a source delivers.

use super::{Arg, Tx, fetch, opt_int, text};
use makegood_domain::{Problem, id::SeriesId};
use sqlx::AnyConnection;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

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

/// At most so many are remembered.
const REMEMBERED_MAX: usize = 200_000;

/// Which series there are, as one life of the store has shown them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Remembered(Arc<Mutex<OfEpoch>>);

#[derive(Debug, Default)]
struct OfEpoch {
    epoch: String,
    by_source: HashMap<String, HashMap<String, SeriesId>>,
    count: usize,
}

impl Remembered {
    /// Puts those that are remembered into `found`; the others.
    fn find<'s>(
        &self,
        epoch: &str,
        source: &str,
        services: impl Iterator<Item = &'s String>,
        found: &mut BTreeMap<String, SeriesId>,
    ) -> Vec<&'s String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_source = held.by_source.get(source).filter(|_| held.epoch == epoch);
        let Some(of_source) = of_source else { return services.collect() };
        services
            .filter(|service| {
                let known = of_source.get(*service);
                found.extend(known.map(|id| ((*service).clone(), *id)));
                known.is_none()
            })
            .collect()
    }

    fn keep(&self, epoch: &str, source: &str, fresh: &[(String, SeriesId)]) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.epoch != epoch || held.count + fresh.len() > REMEMBERED_MAX {
            *held = OfEpoch { epoch: epoch.to_owned(), ..OfEpoch::default() };
        }
        held.count += fresh.len();
        held.by_source.entry(source.to_owned()).or_default().extend(fresh.iter().cloned());
    }
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
        self.made_series();
        let rows = self.fetch(find, &key).await?;
        super::id(&text(rows.first().ok_or_else(|| super::missing("series"))?, 0)?)
    }

    /// The series of these services of a source, by service; made where they are not there. A series
    /// never goes, so what is found once is remembered, for as long as the store lives.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn many_series(
        &mut self,
        source: &str,
        services: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, SeriesId>, Problem> {
        let epoch = super::meta(self.conn(), "epoch").await?.unwrap_or_default();
        let remembered = self.store().remembered().clone();
        let mut found = BTreeMap::new();
        let services = remembered.find(&epoch, source, services, &mut found);
        let mut fresh = Vec::new();
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
                fresh.push((text(&row, 0)?, super::id(&text(&row, 1)?)?));
            }
        }
        // What this transaction made may yet be undone.
        if !self.has_made_series() {
            remembered.keep(&epoch, source, &fresh);
        }
        found.extend(fresh);
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
