//! Evidence: only ever added to. Probe lines are kept as they came; outages and unknown time follow
//! from them when a window is computed.

use super::{Arg, Tx, fetch, from_json, int, opt_int, text, to_json};
use makegood_domain::{
    Problem,
    id::{EvidenceId, PersonId, SeriesId},
    series::Evidence,
};
use sha2::{Digest as _, Sha256};
use sqlx::AnyConnection;
use std::collections::BTreeMap;

/// The position of what was recorded last; 0: nothing was.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn last_position(conn: &mut AnyConnection) -> Result<i64, Problem> {
    super::feed::counter(conn, "evidence").await
}

/// A line of a probe log: at an instant a service was up, or it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probe {
    /// Seconds since 1970.
    pub at: i64,
    /// Whether it was up.
    pub up: bool,
}

/// A series' probe lines in `[from, to)`, in order of time.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn probes(
    conn: &mut AnyConnection,
    series: SeriesId,
    (from, to): (i64, i64),
) -> Result<Vec<Probe>, Problem> {
    let sql = "select at, state from probe where series = $1 and at >= $2 and at < $3 order by at";
    let args = [Arg::text(series), Arg::Int(from), Arg::Int(to)];
    let rows = fetch(conn, sql, &args).await?;
    rows.iter().map(|row| Ok(Probe { at: int(row, 0)?, up: text(row, 1)? == "up" })).collect()
}

/// When a series was probed first, in seconds; absent: it never was.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn first_probe(
    conn: &mut AnyConnection,
    series: SeriesId,
) -> Result<Option<i64>, Problem> {
    let sql = "select min(at) from probe where series = $1";
    let rows = fetch(conn, sql, &[Arg::text(series)]).await?;
    rows.first().map_or(Ok(None), |row| opt_int(row, 0))
}

/// The outages and gaps of these series, each in order of time: all of them, for a correction may
/// lie before what it corrects.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn without_slots(
    conn: &mut AnyConnection,
    series: &[SeriesId],
) -> Result<BTreeMap<SeriesId, Vec<Evidence>>, Problem> {
    let mut pieces: BTreeMap<SeriesId, Vec<Evidence>> = BTreeMap::new();
    for some in series.chunks(500) {
        let sql = format!(
            "select body from evidence where kind <> 'slots' and series in {}",
            super::placeholders(1, some.len(), 1)
        );
        let args: Vec<Arg> = some.iter().map(Arg::text).collect();
        for row in fetch(conn, &sql, &args).await? {
            let piece: Evidence = from_json(&text(&row, 0)?)?;
            pieces.entry(piece.series).or_default().push(piece);
        }
    }
    for of_one in pieces.values_mut() {
        of_one.sort_by_key(|piece| (piece.from, piece.id));
    }
    Ok(pieces)
}

/// Evidence of before there were blocks that may be slots of one of these series and touches
/// `[from, to)`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub(super) async fn slots_of_before(
    conn: &mut AnyConnection,
    series: &[SeriesId],
    (from, to): (i64, i64),
) -> Result<Vec<Evidence>, Problem> {
    let mut args = vec![Arg::Int(from), Arg::Int(to)];
    args.extend(series.iter().map(Arg::text));
    let sql = format!(
        "select body from evidence where kind in ('slots', '') and to_at > $1 and from_at < $2 \
         and series in {}",
        super::placeholders(1, series.len(), 3)
    );
    fetch(conn, &sql, &args).await?.iter().map(|row| from_json(&text(row, 0)?)).collect()
}

/// What makes a piece of evidence the same as one that is on record. When it was observed belongs to
/// it: a correction that is taken back later says again what was said first.
fn digest(evidence: &Evidence) -> Result<String, Problem> {
    let (from, to) = (evidence.from.timestamp(), evidence.to.timestamp());
    let mut hash = Sha256::new();
    hash.update(from.to_be_bytes());
    hash.update(to.to_be_bytes());
    hash.update(evidence.observed_at.timestamp().to_be_bytes());
    hash.update(to_json(&evidence.body)?);
    Ok(hex::encode(hash.finalize()))
}

impl Tx {
    /// Adds a piece of evidence; `false` where it is on record already.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn add_evidence(
        &mut self,
        source: &str,
        evidence: &Evidence,
    ) -> Result<bool, Problem> {
        let sql = "insert into evidence (series, id, from_at, to_at, observed_at, recorded_at, \
                   source, digest, kind, body) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                   on conflict (series, digest) do nothing";
        let args = [
            Arg::text(evidence.series),
            Arg::text(evidence.id),
            Arg::Int(evidence.from.timestamp()),
            Arg::Int(evidence.to.timestamp()),
            Arg::Int(evidence.observed_at.timestamp()),
            Arg::Int(evidence.recorded_at.timestamp()),
            Arg::text(source),
            Arg::Text(digest(evidence)?),
            Arg::text(evidence.body.kind()),
            Arg::Text(to_json(evidence)?),
        ];
        Ok(self.execute(sql, &args).await? == 1)
    }

    /// Adds probe lines that are not on record.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn add_probes(
        &mut self,
        series: SeriesId,
        probes: &[Probe],
        log: EvidenceId,
    ) -> Result<(), Problem> {
        for some in probes.chunks(200) {
            let mut args = Vec::with_capacity(some.len() * 4);
            for probe in some {
                args.extend([
                    Arg::text(series),
                    Arg::Int(probe.at),
                    Arg::text(if probe.up { "up" } else { "down" }),
                    Arg::text(log),
                ]);
            }
            let sql = format!(
                "insert into probe (series, at, state, log) values {}",
                super::placeholders(some.len(), 4, 1)
            );
            self.execute(&sql, &args).await?;
        }
        Ok(())
    }

    /// Keeps which log the lines came from.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn add_probe_log(
        &mut self,
        log: EvidenceId,
        source: &str,
        bytes: &[u8],
        lines: i64,
        by: Option<PersonId>,
    ) -> Result<(), Problem> {
        let now = self.now().timestamp();
        let sql = "insert into probe_log (id, source, digest, line_count, recorded_at, recorded_by) \
                   values ($1, $2, $3, $4, $5, $6)";
        let args = [
            Arg::text(log),
            Arg::text(source),
            Arg::text(hex::encode(Sha256::digest(bytes))),
            Arg::Int(lines),
            Arg::Int(now),
            Arg::opt_text(by),
        ];
        self.execute(sql, &args).await?;
        Ok(())
    }
}
