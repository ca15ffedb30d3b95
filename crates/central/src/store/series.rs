//! Series: what a source delivers.

use super::{
    Arg, Tx, fetch, opt_int,
    part::{self, PARTS_MAX},
    text,
};
use makegood_domain::{Code, Problem, id::SeriesId, scope, series::SeriesName};
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
    by_source: HashMap<String, HashMap<SeriesName, SeriesId>>,
    count: usize,
}

impl Remembered {
    /// Which of these are remembered, in their order.
    fn find(&self, epoch: &str, source: &str, names: &[&SeriesName]) -> Vec<Option<SeriesId>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_source = held.by_source.get(source).filter(|_| held.epoch == epoch);
        names.iter().map(|name| of_source?.get(*name).copied()).collect()
    }

    fn keep(&self, epoch: &str, source: &str, fresh: HashMap<SeriesName, SeriesId>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.epoch != epoch || held.count + fresh.len() > REMEMBERED_MAX {
            *held = OfEpoch { epoch: epoch.to_owned(), ..OfEpoch::default() };
        }
        held.count += fresh.len();
        held.by_source.entry(source.to_owned()).or_default().extend(fresh);
    }
}

/// The series of a source's services as wholes, by service.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_source(
    conn: &mut AnyConnection,
    source: &str,
) -> Result<BTreeMap<String, Known>, Problem> {
    let sql = "select id, service, hold from series where source = $1 and path = ''";
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

/// Which of these services of a source an SLA line rests on.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn read_by_lines(
    conn: &mut AnyConnection,
    source: &str,
    services: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Problem> {
    let mut read = BTreeSet::new();
    for some in services.iter().collect::<Vec<_>>().chunks(500) {
        let sql = format!(
            "select service from series where source = $1 and service in {} \
             and exists (select 1 from sla_line where sla_line.series = series.id)",
            super::placeholders(1, some.len(), 2)
        );
        let mut args = vec![Arg::text(source)];
        args.extend(some.iter().map(Arg::text));
        for row in fetch(conn, &sql, &args).await? {
            read.insert(text(&row, 0)?);
        }
    }
    Ok(read)
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

/// The series of a source that SLA lines rest on.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn under_lines(conn: &mut AnyConnection, source: &str) -> Result<Vec<SeriesId>, Problem> {
    let sql = "select distinct series.id from series join sla_line on sla_line.series = series.id \
               where series.source = $1 order by series.id";
    let rows = fetch(conn, sql, &[Arg::text(source)]).await?;
    rows.iter().map(|row| super::id(&text(row, 0)?)).collect()
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

/// How many characters of a name are shown.
const SHOWN_MAX: usize = 80;

/// Between path and region, where a part has a region; no name holds it.
const SEPARATOR: char = '\u{1f}';

/// What stands in the column `path`: path and region in one.
fn key(name: &SeriesName) -> String {
    if name.region.is_empty() {
        return name.path.clone();
    }
    format!("{}{SEPARATOR}{}", name.path, name.region)
}

/// As a problem names it: `api /v1/orders eu-1`, not all of what is very long.
pub(crate) fn shown(name: &SeriesName) -> String {
    let words = [&name.service, &name.path, &name.region];
    let words: Vec<&str> =
        words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let words = words.join(" ");
    match words.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", &words[..at]),
        None => words,
    }
}

fn named(service: String, key: &str) -> SeriesName {
    let (path, region) = key.split_once(SEPARATOR).unwrap_or((key, ""));
    SeriesName { service, path: path.to_owned(), region: region.to_owned() }
}

/// How many bytes a series' names may have together: all of them are in one row of an index, and
/// PostgreSQL refuses one of more than 2,704.
const NAMES_MAX: usize = 2600;

/// Whether an index can hold the names of a series.
pub(crate) fn fits(source: &str, name: &SeriesName) -> bool {
    let (path, region) = (name.path.len(), name.region.len());
    source.len() + name.service.len() + path + region + SEPARATOR.len_utf8() <= NAMES_MAX
}

impl Tx {
    /// The series of this source and service, made where it is not there.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn series(&mut self, source: &str, service: &str) -> Result<SeriesId, Problem> {
        let args = [source, service, ""];
        self.series_at(args).await
    }

    async fn series_at(&mut self, names: [&str; 3]) -> Result<SeriesId, Problem> {
        let args = names.map(Arg::text);
        let find = "select id from series \
                    where source = $1 and service = $2 and tenant = '' and path = $3";
        if let Some(row) = self.fetch(find, &args).await?.first() {
            return super::id(&text(row, 0)?);
        }
        let [source, service, path] = names;
        let (path, region) = path.split_once(SEPARATOR).unwrap_or((path, ""));
        let name = SeriesName {
            service: service.to_owned(),
            path: path.to_owned(),
            region: region.to_owned(),
        };
        if !fits(source, &name) {
            let message = format!(
                "the names of a source, its service, path and region have at most {NAMES_MAX} bytes together; shorten those of {}",
                shown(&name)
            );
            return Err(Problem::new(Code::Invalid, message));
        }
        let id: SeriesId = self.store().ids().make();
        let sql = "insert into series (id, source, service, tenant, path) \
                   values ($4, $1, $2, '', $3) on conflict (source, service, tenant, path) do nothing";
        let [source, service, path] = args.clone();
        self.execute(sql, &[source, service, path, Arg::text(id)]).await?;
        self.made_series();
        let rows = self.fetch(find, &args).await?;
        super::id(&text(rows.first().ok_or_else(|| super::missing("series"))?, 0)?)
    }

    /// The series of a part, made where it is not there, and that of its service with it.
    async fn part_at(&mut self, source: &str, name: &SeriesName) -> Result<SeriesId, Problem> {
        let whole = self.series(source, &name.service).await?;
        let id = self.series_at([source, &name.service, &key(name)]).await?;
        let sql = "insert into part (series, whole, path, region) values ($1, $2, $3, $4) \
                   on conflict (series) do nothing";
        let args =
            [Arg::text(id), Arg::text(whole), Arg::text(&name.path), Arg::text(&name.region)];
        self.execute(sql, &args).await?;
        Ok(id)
    }

    /// The series that a source names so, in the order of the names; made where they are not there. A
    /// series never goes, so what is found once is remembered, for as long as the store lives.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn many_series(
        &mut self,
        source: &str,
        names: &[&SeriesName],
    ) -> Result<Vec<SeriesId>, Problem> {
        let known = self.known_series(source, names).await?;
        let lacking = names.iter().zip(&known).filter(|(_, known)| known.is_none());
        let lacking: Vec<&SeriesName> = lacking.map(|(name, _)| *name).collect();
        self.check_room(source, &lacking).await?;
        let mut ids = Vec::with_capacity(names.len());
        for (name, known) in names.iter().zip(known) {
            ids.push(match known {
                Some(id) => id,
                None if name.is_part() => self.part_at(source, name).await?,
                None => self.series(source, &name.service).await?,
            });
        }
        Ok(ids)
    }

    /// Refuses new parts of a service that has as many as it may have, by the first that is too many.
    async fn check_room(&mut self, source: &str, lacking: &[&SeriesName]) -> Result<(), Problem> {
        let mut by_service: BTreeMap<&str, BTreeSet<&SeriesName>> = BTreeMap::new();
        for name in lacking
            .iter()
            .filter(|name| name.is_part() && !scope::is_rest(&name.path, &name.region))
        {
            by_service.entry(&name.service).or_default().insert(name);
        }
        for (service, names) in by_service {
            let room = PARTS_MAX.saturating_sub(part::count(self.conn(), source, service).await?);
            if let Some(name) = names.into_iter().nth(room) {
                let message = format!(
                    "{} is new, and a service has at most {PARTS_MAX} paths and regions; name groups of paths, such as /orders/:id",
                    shown(name)
                );
                return Err(Problem::new(Code::TooLarge, message));
            }
        }
        Ok(())
    }

    /// Which of these series are there, in the order of their names.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn known_series(
        &mut self,
        source: &str,
        names: &[&SeriesName],
    ) -> Result<Vec<Option<SeriesId>>, Problem> {
        let epoch = super::meta(self.conn(), "epoch").await?.unwrap_or_default();
        let remembered = self.store().remembered().clone();
        let mut ids = remembered.find(&epoch, source, names);
        let unknown = names.iter().zip(&ids).filter(|(_, known)| known.is_none());
        let unknown: Vec<&SeriesName> = unknown.map(|(name, _)| *name).collect();
        let mut fresh = HashMap::new();
        for some in unknown.chunks(500) {
            // Joined, not `in (…)`: PostgreSQL holds each row of the source against each of the list.
            let sql = format!(
                "with wanted (service, path) as (values {}) \
                 select series.service, series.path, id from wanted \
                 join series on series.service = wanted.service and series.path = wanted.path \
                 where source = $1 and tenant = ''",
                super::placeholders(some.len(), 2, 2)
            );
            let mut args = vec![Arg::text(source)];
            args.extend(
                some.iter().flat_map(|name| [Arg::text(&name.service), Arg::text(key(name))]),
            );
            for row in self.fetch(&sql, &args).await? {
                let name = named(text(&row, 0)?, &text(&row, 1)?);
                fresh.insert(name, super::id(&text(&row, 2)?)?);
            }
        }
        for (name, id) in names.iter().zip(&mut ids).filter(|_| !fresh.is_empty()) {
            *id = id.or_else(|| fresh.get(*name).copied());
        }
        // What this transaction made may yet be undone.
        if !self.has_made_series() {
            remembered.keep(&epoch, source, fresh);
        }
        Ok(ids)
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
