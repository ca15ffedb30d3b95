//! Slots: a buffer of what has been pushed, and a block for each series and UTC day.

use super::{Arg, Tx, bytes, evidence, execute, fetch, fetch_optional, int, placeholders, text};
use crate::ingest::{
    block::{self, ENTRIES_MAX},
    days::ByDay,
    laid::{self, Recorded},
    total,
};
use makegood_domain::{Problem, id::SeriesId};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How many series are asked for at once.
const AT_ONCE: usize = 100;

/// How many blocks are written at once.
const ROWS_AT_ONCE: usize = 400;

/// Slots on record, by series.
pub type BySeries = BTreeMap<SeriesId, Vec<Recorded>>;

/// The blocks of a series and day.
#[derive(Debug, Default)]
pub(crate) struct Sealed {
    /// The last revision.
    pub(crate) revision: i64,
    /// The slots of all revisions.
    pub(crate) slots: Vec<Recorded>,
}

/// Blocks by series and day.
pub(crate) type BlocksByDay = BTreeMap<(SeriesId, i64), Sealed>;

/// How many parts a push of many series is put into the buffer in.
const PARTS: u8 = 64;

/// By what a series' slots are found in the buffer: a number from the last bits of its id.
fn digit(series: SeriesId) -> i64 {
    16 + i64::from(Uuid::from(series).as_bytes()[15] % PARTS)
}

/// The same as it was before there were as many parts, and may stand in the buffer for a day.
fn digit_before(series: SeriesId) -> i64 {
    i64::from(Uuid::from(series).as_bytes()[15] % 16)
}

/// All slots on record of these series that touch `[from, to)`, sealed or not, in no order.
///
/// # Errors
/// [`makegood_domain::Code::Database`]; [`makegood_domain::Code::Internal`] when what is stored
/// can't be read.
pub async fn recorded(
    conn: &mut AnyConnection,
    series: &[SeriesId],
    span: (i64, i64),
) -> Result<BySeries, Problem> {
    let mut found = BySeries::new();
    for some in series.chunks(AT_ONCE) {
        let wanted: BTreeSet<SeriesId> = some.iter().copied().collect();
        let both = |series: &SeriesId| [digit(*series), digit_before(*series)];
        let digits: BTreeSet<i64> = some.iter().flat_map(both).collect();
        let span_args = [Arg::Int(span.0), Arg::Int(span.1)];
        // The buffer first: what is sealed in between is then read twice, which changes nothing, and
        // the other way round it would be missed.
        let buffer = format!(
            "select body from slot_buffer where to_at > $1 and from_at < $2 and digit in {}",
            placeholders(1, digits.len(), 3)
        );
        let args = span_args.iter().cloned().chain(digits.into_iter().map(Arg::Int));
        let mut rows = fetch(conn, &buffer, &args.collect::<Vec<_>>()).await?;
        let blocks = format!(
            "select body from slot_block where to_at > $1 and from_at < $2 and series in {}",
            placeholders(1, some.len(), 3)
        );
        let args = span_args.into_iter().chain(some.iter().map(Arg::text));
        rows.extend(fetch(conn, &blocks, &args.collect::<Vec<_>>()).await?);
        for row in &rows {
            for (of, slots) in block::decode(&bytes(row, 0)?)? {
                if wanted.contains(&of) {
                    let slots = slots.into_iter().filter(|one| touches(one, span));
                    found.entry(of).or_default().extend(slots);
                }
            }
        }
        for piece in evidence::slots_of_before(conn, some, span).await? {
            let slots = laid::of_piece(&piece)?.into_iter().filter(|one| touches(one, span));
            found.entry(piece.series).or_default().extend(slots);
        }
    }
    Ok(found)
}

fn touches(one: &Recorded, (from, to): (i64, i64)) -> bool {
    one.stretch.start < to && one.stretch.end() > from
}

/// Whether any slot of a source may touch `[from, to)`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn may_touch(
    conn: &mut AnyConnection,
    source: &str,
    (from, to): (i64, i64),
) -> Result<bool, Problem> {
    let touching = "source = $1 and to_at > $2 and from_at < $3";
    let sql = format!(
        "select from_at from slot_buffer where {touching} \
         union all select from_at from slot_block where {touching} \
         union all select from_at from evidence where {touching} and kind in ('slots', '') limit 1"
    );
    let args = [Arg::text(source), Arg::Int(from), Arg::Int(to)];
    Ok(fetch_optional(conn, &sql, &args).await?.is_some())
}

/// Which slots in the buffer are due: seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// They end by then.
    pub until: i64,
    /// They were recorded before that.
    pub recorded_before: i64,
}

/// Whose slots in the buffer are due: digit and source.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn with_due(conn: &mut AnyConnection, due: Due) -> Result<Vec<(i64, String)>, Problem> {
    let sql = "select distinct digit, source from slot_buffer \
               where to_at <= $1 and recorded_at < $2 order by digit";
    let read = |row: &AnyRow| Ok((int(row, 0)?, text(row, 1)?));
    let args = [Arg::Int(due.until), Arg::Int(due.recorded_before)];
    fetch(conn, sql, &args).await?.iter().map(read).collect()
}

/// From when to when slots reach, and how many they are.
fn extent(slots: &[Recorded]) -> (i64, i64, i64) {
    let from = slots.iter().map(|one| one.stretch.start).min().unwrap_or_default();
    let to = slots.iter().map(|one| one.stretch.end()).max().unwrap_or_default();
    (from, to, slots.iter().map(|one| i64::from(one.stretch.run.count)).sum())
}

impl Tx {
    /// Puts the slots of a push into the buffer.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn buffer_slots(
        &mut self,
        source: &str,
        position: i64,
        slots: BySeries,
    ) -> Result<(), Problem> {
        let mut by_digit: BTreeMap<i64, Vec<(SeriesId, Vec<Recorded>)>> = BTreeMap::new();
        for (series, slots) in slots {
            let of_digit = by_digit.entry(digit(series)).or_default();
            if slots.len() <= ENTRIES_MAX {
                of_digit.push((series, slots));
            } else {
                of_digit.extend(slots.chunks(ENTRIES_MAX).map(|some| (series, some.to_vec())));
            }
        }
        let (mut rows, mut args) = (0, Vec::new());
        for (digit, slots) in by_digit {
            for (part, slots) in (0_i64..).zip(parts(slots)) {
                let extents = slots.iter().map(|(_, slots)| extent(slots));
                let (from, to) = extents
                    .fold((i64::MAX, i64::MIN), |(from, to), (a, b, _)| (from.min(a), to.max(b)));
                args.extend([Arg::Int(digit), Arg::Int(position), Arg::Int(part)]);
                args.extend([Arg::text(source), Arg::Int(from), Arg::Int(to)]);
                let recorded_at = self.now().timestamp();
                args.extend([Arg::Int(recorded_at), Arg::Bytes(block::encode(&slots))]);
                rows += 1;
            }
        }
        let sql = format!(
            "insert into slot_buffer (digit, position, part, source, from_at, to_at, recorded_at, \
             body) values {}",
            placeholders(rows, 8, 1)
        );
        if rows > 0 {
            self.execute(&sql, &args).await?;
        }
        Ok(())
    }

    /// What is due in the buffer, at most `limit` rows in order of recording: the last one's
    /// position, and the slots. Whole pushes, while the last position is taken with all its parts.
    ///
    /// # Errors
    /// As [`recorded`].
    pub async fn due_slots(
        &mut self,
        (digit, source): (i64, &str),
        due: Due,
        limit: i64,
    ) -> Result<Option<(i64, BySeries)>, Problem> {
        let which = "digit = $1 and source = $2 and to_at <= $3 and recorded_at < $4";
        let sql = format!(
            "select position, body from slot_buffer where {which} and position <= coalesce((\
             select position from slot_buffer where {which} order by position limit 1 offset $5), \
             $6) order by position, part"
        );
        let args = [
            Arg::Int(digit),
            Arg::text(source),
            Arg::Int(due.until),
            Arg::Int(due.recorded_before),
            Arg::Int(limit),
            Arg::Int(i64::MAX),
        ];
        let (mut last, mut found) = (None, BySeries::new());
        for row in self.fetch(&sql, &args).await? {
            last = Some(int(&row, 0)?);
            for (series, slots) in block::decode(&bytes(&row, 1)?)? {
                found.entry(series).or_default().extend(slots);
            }
        }
        Ok(last.map(|last| (last, found)))
    }

    /// Takes out of the buffer what [`Tx::due_slots`] gave.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn empty_buffer(
        &mut self,
        (digit, source): (i64, &str),
        due: Due,
        last: i64,
    ) -> Result<(), Problem> {
        let sql = "delete from slot_buffer where digit = $1 and source = $2 and to_at <= $3 \
                   and recorded_at < $4 and position <= $5";
        let args = [
            Arg::Int(digit),
            Arg::text(source),
            Arg::Int(due.until),
            Arg::Int(due.recorded_before),
            Arg::Int(last),
        ];
        self.execute(sql, &args).await?;
        Ok(())
    }

    /// Writes slots as blocks, each beside those that are there of its day, and moves the totals of
    /// their months; how many blocks. `alone`: nothing is on record of these days yet.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn add_blocks(
        &mut self,
        source: &str,
        by_day: &ByDay,
        alone: bool,
    ) -> Result<usize, Problem> {
        let sealed = if alone { BlocksByDay::new() } else { self.sealed(by_day).await? };
        self.move_totals(&total::changes(by_day, &sealed)?).await?;
        let now = self.now().timestamp();
        let (mut args, mut blocks) = (Vec::new(), 0);
        for ((series, day), slots) in by_day {
            let revision = sealed.get(&(*series, *day)).map_or(0, |held| held.revision);
            for (revision, slots) in (revision + 1..).zip(slots.chunks(ENTRIES_MAX)) {
                let (from, to, count) = extent(slots);
                let body = block::encode(&[(*series, slots)]);
                args.extend([Arg::text(series), Arg::Int(*day), Arg::Int(revision)]);
                args.extend([Arg::text(source), Arg::Int(from), Arg::Int(to), Arg::Int(now)]);
                args.extend([Arg::Int(count), Arg::Bytes(body)]);
                blocks += 1;
            }
        }
        for some in args.chunks(ROWS_AT_ONCE * 9) {
            let sql = format!(
                "insert into slot_block (series, day, revision, source, from_at, to_at, \
                 recorded_at, slots, body) values {}",
                placeholders(some.len() / 9, 9, 1)
            );
            execute(self.conn(), &sql, some).await?;
        }
        Ok(blocks)
    }

    /// What these days hold already, where they have blocks.
    async fn sealed(&mut self, by_day: &ByDay) -> Result<BlocksByDay, Problem> {
        let mut sealed = BlocksByDay::new();
        let series: BTreeSet<SeriesId> = by_day.keys().map(|(series, _)| *series).collect();
        let series: Vec<SeriesId> = series.into_iter().collect();
        let days = || by_day.keys().map(|(_, day)| *day);
        let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(sealed) };
        for some in series.chunks(AT_ONCE) {
            let sql = format!(
                "select series, day, revision, body from slot_block \
                 where day >= $1 and day <= $2 and series in {}",
                placeholders(1, some.len(), 3)
            );
            let mut args = vec![Arg::Int(first), Arg::Int(last)];
            args.extend(some.iter().map(Arg::text));
            for row in self.fetch(&sql, &args).await? {
                let of = (super::id(&text(&row, 0)?)?, int(&row, 1)?);
                if by_day.contains_key(&of) {
                    let held = sealed.entry(of).or_default();
                    held.revision = held.revision.max(int(&row, 2)?);
                    for (_, slots) in block::decode(&bytes(&row, 3)?)? {
                        held.slots.extend(slots);
                    }
                }
            }
        }
        Ok(sealed)
    }
}

/// Parts of no more entries than a block holds.
fn parts(slots: Vec<(SeriesId, Vec<Recorded>)>) -> Vec<Vec<(SeriesId, Vec<Recorded>)>> {
    let (mut parts, mut held) = (vec![Vec::new()], 0);
    for (series, slots) in slots {
        if held + slots.len() > ENTRIES_MAX {
            parts.push(Vec::new());
            held = 0;
        }
        held += slots.len();
        if let Some(part) = parts.last_mut() {
            part.push((series, slots));
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
