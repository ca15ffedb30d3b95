//! What a push of slots says that is not on record just so.

use super::{
    Block, Report,
    days::{self, ByDay},
    laid::{Laid, Recorded, Stretch},
    slots,
};
use crate::store::block::BySeries;
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem, id::SeriesId, series::SeriesName};
use std::collections::BTreeMap;

/// A push that is compared with what is on record.
#[derive(Debug)]
pub(super) struct Weighing {
    /// The present: seconds since 1970.
    pub(super) now: i64,
    /// The push's place in the order of recording.
    pub(super) position: i64,
}

impl Weighing {
    /// Of one series' blocks, in order of time, the slots that are not among those `held`: as they
    /// stood when the blocks were observed.
    pub(super) fn fresh(
        &self,
        blocks: Vec<Block>,
        mut held: Vec<Recorded>,
        report: &mut Report,
    ) -> Result<Vec<Recorded>, Problem> {
        let mut by_time: BTreeMap<Option<DateTime<Utc>>, Vec<Block>> = BTreeMap::new();
        for block in blocks {
            by_time.entry(block.observed_at).or_default().push(block);
        }
        let several = by_time.len() > 1;
        let mut all = Vec::new();
        for (observed_at, blocks) in by_time {
            let observed_at = observed_at.map_or(self.now, |at| at.timestamp());
            let then: Vec<&Recorded> =
                held.iter().filter(|one| one.observed_at <= observed_at).collect();
            let stretches = if then.is_empty() && are_apart(&blocks) {
                report.added += blocks.iter().filter(|block| !block.stretches.is_empty()).count();
                blocks.into_iter().flat_map(|block| block.stretches).collect()
            } else {
                lacking(blocks, Laid::of(then.into_iter()), report)?
            };
            let fresh = slots::joined(stretches).into_iter().map(|stretch| Recorded {
                stretch,
                observed_at,
                recorded_at: self.now,
                position: self.position,
            });
            let before = all.len();
            all.extend(fresh);
            if several {
                held.extend_from_slice(&all[before..]);
            }
        }
        if several {
            all.sort_by_key(|one| (one.stretch.start, one.observed_at));
        }
        Ok(all)
    }

    /// Days that are over and come whole are sealed at once; the rest waits in the buffer.
    pub(super) fn part(
        &self,
        series: SeriesId,
        fresh: Vec<Recorded>,
        late: &mut BySeries,
        whole: &mut ByDay,
    ) {
        let span = fresh.iter().map(|one| one.stretch.end() - one.stretch.start).sum::<i64>();
        if span < days::DAY {
            if !fresh.is_empty() {
                late.insert(series, fresh);
            }
            return;
        }
        let mut by_day = ByDay::new();
        days::sort_in(&mut by_day, series, fresh);
        for ((series, day), slots) in by_day {
            if day + days::DAY <= self.now && days::fill(day, &slots) {
                whole.insert((series, day), slots);
            } else {
                late.entry(series).or_default().extend(slots);
            }
        }
    }
}

/// The blocks of each series, in the order of their names.
pub(super) fn by_name(mut blocks: Vec<Block>) -> Vec<(SeriesName, Vec<Block>)> {
    // As most sources send them, they are in order: then this only looks.
    blocks.sort_by(|a, b| a.name.cmp(&b.name));
    let mut by_name: Vec<(SeriesName, Vec<Block>)> = Vec::with_capacity(blocks.len());
    for mut block in blocks {
        let name = std::mem::take(&mut block.name);
        match by_name.last_mut().filter(|(last, _)| *last == name) {
            Some((_, of_series)) => of_series.push(block),
            None => by_name.push((name, vec![block])),
        }
    }
    by_name
}

/// Whether no two slots of these blocks meet.
fn are_apart(blocks: &[Block]) -> bool {
    let mut ends: Vec<(i64, i64)> = Vec::with_capacity(blocks.len());
    for block in blocks {
        if !block.stretches.is_sorted_by(|a, b| a.end() <= b.start) {
            return false;
        }
        if let (Some(first), Some(last)) = (block.stretches.first(), block.stretches.last()) {
            ends.push((first.start, last.end()));
        }
    }
    ends.sort_unstable();
    ends.is_sorted_by(|a, b| a.1 <= b.0)
}

/// The slots that are not laid already, just so. What a push says twice it says in one way.
fn lacking(
    blocks: Vec<Block>,
    mut laid: Laid,
    report: &mut Report,
) -> Result<Vec<Stretch>, Problem> {
    let mut own = Laid::default();
    let mut fresh = Vec::new();
    for block in blocks {
        let (mut new, mut otherwise) = (false, false);
        for stretch in block.stretches {
            if own.contradicts(&stretch) {
                let path = block.path;
                let message = format!(
                    "{path}: the batch says otherwise of the same slot further up; leave one of them"
                );
                return Err(Problem::new(Code::Invalid, message).at(path));
            }
            for lacking in laid.lacking(&stretch) {
                otherwise |= laid.contradicts(&lacking);
                new = true;
                laid.lay(lacking.clone());
                fresh.push(lacking);
            }
            own.lay(stretch);
        }
        report.added += usize::from(new);
        report.corrected += usize::from(otherwise);
        report.repeated += usize::from(!new);
    }
    Ok(fresh)
}
