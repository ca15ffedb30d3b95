//! How long a message waits until it is tried again: the schedule that the Standard Webhooks
//! specification recommends, about three days in all.

pub(super) const DAY: i64 = 86_400;
const PAUSES: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, DAY];

/// Seconds after so many attempts (from 1); `None`: it was tried often enough.
pub(super) fn after(attempts: i64) -> Option<i64> {
    let at = usize::try_from(attempts.checked_sub(1)?).ok()?;
    PAUSES.get(at).copied()
}

/// What a receiver asks for (`Retry-After`), within a day.
pub(super) fn asked_for(seconds: Option<i64>) -> i64 {
    seconds.unwrap_or(0).clamp(0, DAY)
}
