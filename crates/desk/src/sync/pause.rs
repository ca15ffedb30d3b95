//! How long a desk waits before it tries again.

use super::beside::{self, FOLLOW};
use crate::seat::Inside;
use std::time::Duration;

/// Waits after so many rounds in a row that failed, at least as long as central asked for.
pub(super) async fn after(inside: &Inside, failures: u32) {
    let random = inside.ground.random.integer();
    let asked = spread(inside.central.take_wait(), random);
    rest(inside, back_off(failures, random).max(asked)).await;
}

/// Waits before it looks whether a session that was over is of use again, or somebody here asks for it. Others have
/// one of their own, and don't wait for this.
pub(super) async fn after_end(inside: &Inside) {
    let pause = back_off(u32::MAX, inside.ground.random.integer());
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = inside.wake.notified() => {}
    }
}

/// Waits before the next try, or until somebody asks for it, here or in another process.
async fn rest(inside: &Inside, mut pause: Duration) {
    while !pause.is_zero() {
        let part = pause.min(FOLLOW);
        tokio::select! {
            () = tokio::time::sleep(part) => {}
            () = inside.wake.notified() => return,
        }
        if beside::wanted(inside).await.is_some() {
            return;
        }
        pause -= part;
    }
}

/// 1, 2, 4 … at most 60 seconds, of which a random half: a hundred desks must not come back at once.
fn back_off(failures: u32, random: u64) -> Duration {
    let full = 1000_u64 << failures.saturating_sub(1).min(6);
    let full = full.min(60_000);
    Duration::from_millis(full / 2 + random % (full / 2 + 1))
}

/// What central asked for, and up to as much again.
fn spread(wait: Duration, random: u64) -> Duration {
    let milliseconds = u64::try_from(wait.as_millis()).unwrap_or(600_000);
    Duration::from_millis(milliseconds + random % (milliseconds + 1))
}
