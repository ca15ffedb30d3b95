//! From the buffer into blocks: when a UTC day is over and settled, what was pushed until then is
//! sealed, each day of a series into a block. What comes later about a day waits for the next
//! night, and is sealed beside what is there.

use super::days::{self, ByDay};
use crate::store::{
    self, Lock, Store,
    block::{self, Due},
};
use makegood_domain::Problem;
use serde_json::json;

/// Seconds after midnight until the day before is settled.
const SETTLED_AFTER: i64 = 3_600;

/// How many rows of the buffer are sealed in one transaction.
const ROWS_AT_ONCE: i64 = 20_000;

/// Until when days are settled at an instant; both in seconds since 1970.
pub(crate) fn settled_until(now: i64) -> i64 {
    days::midnight(now - SETTLED_AFTER)
}

/// Seals what is due, some of it in a transaction; how many blocks that made.
///
/// # Errors
/// [`makegood_domain::Code::Database`]; [`makegood_domain::Code::Internal`] when what is stored
/// can't be read.
pub async fn turn(store: &Store) -> Result<usize, Problem> {
    let now = store.clock().now().timestamp();
    let until = settled_until(now);
    let due = Due { until, recorded_before: until + SETTLED_AFTER };
    let with_due = block::with_due(&mut *store.reading().await?, due).await?;
    let mut blocks = 0;
    for (digit, source) in with_due {
        while let Some(sealed) = seal(store, (digit, &source), due).await? {
            blocks += sealed;
        }
    }
    Ok(blocks)
}

async fn seal(store: &Store, of: (i64, &str), due: Due) -> Result<Option<usize>, Problem> {
    let mut tx = store.begin(None).await?;
    tx.lock(Lock::Evidence).await?;
    let Some((last, slots)) = tx.due_slots(of, due, ROWS_AT_ONCE).await? else {
        return Ok(None);
    };
    let mut by_day = ByDay::new();
    for (series, mut slots) in slots {
        slots.sort_by_key(|one| (one.stretch.start, one.observed_at, one.position));
        days::sort_in(&mut by_day, series, slots);
    }
    let blocks = tx.add_blocks(of.1, &by_day, false).await?;
    tx.empty_buffer(of, due, last).await?;
    let detail = json!({ "blocks": blocks, "until": store::instant(due.until)? });
    tx.audit("evidence.sealed", ("source", of.1), None, detail);
    tx.commit().await?;
    Ok(Some(blocks))
}
