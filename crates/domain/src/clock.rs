//! The one clock. Everything that asks for the time takes a [`Clock`]; tests and the demo set it.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Duration, Instant, UNIX_EPOCH};

/// Tells the time, in whole seconds of UTC. Cheap to clone; clones share what tests set.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Set(Arc<AtomicI64>),
    Running { start: DateTime<Utc>, since: Instant },
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `at` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(at.timestamp()))))
    }

    /// A clock that starts at `at` now and runs on from there: the demo's.
    #[must_use]
    pub fn starting_at(at: DateTime<Utc>) -> Self {
        Self(Source::Running { start: at, since: Instant::now() })
    }

    /// The present instant, cut to the second.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        let seconds = match &self.0 {
            Source::System => std::time::SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |past| i64::try_from(past.as_secs()).unwrap_or(i64::MAX)),
            Source::Set(at) => at.load(Ordering::SeqCst),
            Source::Running { start, since } => {
                start.timestamp() + i64::try_from(since.elapsed().as_secs()).unwrap_or(0)
            }
        };
        DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Moves a fixed clock forward; does nothing to one that runs by itself.
    pub fn advance(&self, by: Duration) {
        if let Source::Set(at) = &self.0 {
            let by = TimeDelta::from_std(by).map_or(0, |delta| delta.num_seconds());
            at.fetch_add(by, Ordering::SeqCst);
        }
    }
}
