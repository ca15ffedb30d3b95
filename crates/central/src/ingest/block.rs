//! The bytes of slots: columns of small numbers, about 2.5 bytes a slot.
//!
//! Version 1. Numbers are LEB128 varints; a signed one is folded first (0, -1, 1, -2 … become 0, 1,
//! 2, 3 …), and differences wrap. A column is its numbers in a row; a 0 is followed by how many more
//! zeros follow it, which are left out.
//!
//! | what | how |
//! |---|---|
//! | version | one byte: 1 |
//! | directory | how many series; for each its id (16 bytes), then how many entries |
//! | begin | column: from the end of the entry above |
//! | length of a slot | column: difference, seconds |
//! | how many | column: less 1 |
//! | holds | column: 1 requests, 2 errors, 4 a value; difference |
//! | observed at | column: difference of the difference |
//! | recorded at | column: since it was observed, difference |
//! | position | column: difference of the difference |
//! | requests | column, of those that hold them: difference |
//! | errors | column, of those that hold them: as they are, not folded |
//! | values | of those that hold one: length in bytes, UTF-8 |
//! | sum | the first 8 bytes of the SHA-256 of all above |
//!
//! An entry is a run of alike slots. The differences of the first begin at 0. What nobody observed
//! is not there, and stays unknown.

mod column;

use super::{
    laid::{Recorded, Stretch},
    slots::Run,
};
use column::{Reader, Writer};
use makegood_domain::{Code, Problem, id::SeriesId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

const VERSION: u8 = 1;
const SUM: usize = 8;

/// How many entries a block may hold, of all its series together.
pub const ENTRIES_MAX: usize = 1 << 17;

/// What is on record of some series: the entries of each.
pub type Recordeds = Vec<(SeriesId, Vec<Recorded>)>;

/// Writes the entries of some series, at most [`ENTRIES_MAX`] of them.
#[must_use]
pub fn encode<S: AsRef<[Recorded]>>(series: &[(SeriesId, S)]) -> Vec<u8> {
    let mut out = Writer::new(VERSION);
    out.length(series.len());
    for (id, entries) in series {
        out.bytes(Uuid::from(*id).as_bytes());
        out.length(entries.as_ref().len());
    }
    let all = || series.iter().flat_map(|(_, entries)| entries.as_ref());
    let mut end = 0;
    out.column(all().map(|entry| {
        let gap = entry.stretch.start.wrapping_sub(end);
        end = entry.stretch.end();
        column::fold(gap)
    }));
    out.differences(all().map(|entry| entry.stretch.slot));
    out.column(all().map(|entry| u64::from(entry.stretch.run.count.wrapping_sub(1))));
    out.differences(all().map(|entry| holds(&entry.stretch.run)));
    out.second_differences(all().map(|entry| entry.observed_at));
    out.differences(all().map(|entry| entry.recorded_at.wrapping_sub(entry.observed_at)));
    out.second_differences(all().map(|entry| entry.position));
    let runs = || all().map(|entry| &entry.stretch.run);
    out.differences(runs().filter_map(|run| run.requests.map(u64::cast_signed)));
    out.column(runs().filter_map(|run| run.errors));
    for value in runs().filter_map(|run| run.value.as_ref()) {
        out.length(value.len());
        out.bytes(value.as_bytes());
    }
    let mut bytes = out.finish();
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum[..SUM]);
    bytes
}

/// Which of its parts a run has.
fn holds(run: &Run) -> i64 {
    i64::from(run.requests.is_some())
        | i64::from(run.errors.is_some()) << 1
        | i64::from(run.value.is_some()) << 2
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`Code::Internal`]: it was cut off or altered, or is of a version that this release can't read.
pub fn decode(bytes: &[u8]) -> Result<Recordeds, Problem> {
    read(bytes).map_err(|why| {
        let why = format!("a block of slots can't be read: {why}; restore a backup");
        Problem::new(Code::Internal, why)
    })
}

fn read(bytes: &[u8]) -> Result<Recordeds, &'static str> {
    match bytes.first() {
        Some(&VERSION) => {}
        Some(_) => return Err("it is of another version"),
        None => return Err("it is empty"),
    }
    let (body, sum) = bytes.split_last_chunk::<SUM>().ok_or("it was cut off")?;
    if Sha256::digest(body)[..SUM] != sum[..] {
        return Err("its sum does not agree");
    }
    let mut reader = Reader::new(&body[1..]);
    let directory = directory(&mut reader)?;
    let count = directory.iter().map(|(_, count)| count).sum();
    let mut entries = entries(&mut reader, count)?.into_iter();
    reader.finish()?;
    let of = |(id, count)| (id, entries.by_ref().take(count).collect());
    Ok(directory.into_iter().map(of).collect())
}

/// Every series and how many entries it has: no more in all than a block holds.
fn directory(reader: &mut Reader<'_>) -> Result<Vec<(SeriesId, usize)>, &'static str> {
    let mut left = ENTRIES_MAX;
    let mut directory = Vec::new();
    for _ in 0..reader.length(ENTRIES_MAX)? {
        let id: [u8; 16] = reader.bytes(16)?.try_into().map_err(|_| "it was cut off")?;
        let count = reader.length(left)?;
        left -= count;
        directory.push((SeriesId::from(Uuid::from_bytes(id)), count));
    }
    Ok(directory)
}

fn entries(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Recorded>, &'static str> {
    let gaps = reader.column(count)?;
    let lengths = reader.differences(count)?;
    let counts = reader.column(count)?;
    let holds = reader.differences(count)?;
    let observed = reader.second_differences(count)?;
    let under_way = reader.differences(count)?;
    let positions = reader.second_differences(count)?;
    let holding = |bit: i64| holds.iter().filter(|held| **held & bit != 0).count();
    let mut requests = reader.differences(holding(1))?.into_iter().map(i64::cast_unsigned);
    let mut errors = reader.column(holding(2))?.into_iter();
    let (mut entries, mut end) = (Vec::with_capacity(count), 0_i64);
    for at in 0..count {
        let slot = lengths[at];
        if slot < 1 || u32::try_from(slot).is_err() || !(0..8).contains(&holds[at]) {
            return Err("an entry is out of range");
        }
        let more = u32::try_from(counts[at]).ok().and_then(|more| more.checked_add(1));
        let run = Run {
            count: more.ok_or("an entry is out of range")?,
            requests: (holds[at] & 1 != 0).then(|| requests.next()).flatten(),
            errors: (holds[at] & 2 != 0).then(|| errors.next()).flatten(),
            value: None,
        };
        let stretch = Stretch { start: end.wrapping_add(column::unfold(gaps[at])), slot, run };
        end = stretch.end();
        entries.push(Recorded {
            stretch,
            observed_at: observed[at],
            recorded_at: observed[at].wrapping_add(under_way[at]),
            position: positions[at],
        });
    }
    for entry in entries.iter_mut().zip(&holds).filter(|(_, holds)| **holds & 4 != 0) {
        let length = reader.length(usize::MAX)?;
        let value = std::str::from_utf8(reader.bytes(length)?).map_err(|_| "a value is no text")?;
        entry.0.stretch.run.value = Some(value.to_owned());
    }
    Ok(entries)
}
