//! The figures that a flaw is about, as JSON.

use crate::build::Build;
use crate::credits::{Cap, Condition, Tier, TierAward, write};
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::fraction::Fraction;
use crate::json::Json;
use crate::measures::Comparison;
use crate::terms::ExclusionKind;

/// The least that a measure counts as bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grain {
    /// A second.
    Second,
    /// A minute: `whole_minutes`.
    Minute,
    /// An outage of this length: `min_outage`.
    Outage(Duration),
    /// A slot of this length.
    Slot(Duration),
    /// A run of slots: `min_run`.
    Run {
        /// How many, at least two.
        count: u64,
        /// Length of each.
        slot: Duration,
    },
}

/// One figure as JSON: decimals, durations and fractions as text, counts as integers.
pub(super) trait Figure {
    fn figure(&self) -> Json;
}

macro_rules! written {
    ($($kind:ty: $json:ident),* $(,)?) => {$(
        impl Figure for $kind {
            fn figure(&self) -> Json {
                Json::$json(self.to_string())
            }
        }
    )*};
}

written! {
    Decimal: Text, Duration: Text, Fraction: Text, u32: Number, u64: Number, usize: Number,
}

impl Figure for bool {
    fn figure(&self) -> Json {
        Json::Bool(*self)
    }
}

impl<T: Figure> Figure for Option<T> {
    fn figure(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::figure)
    }
}

impl Figure for ExclusionKind {
    fn figure(&self) -> Json {
        Json::text(self.as_str())
    }
}

impl Figure for Comparison {
    fn figure(&self) -> Json {
        Json::text(self.as_str())
    }
}

impl Figure for Condition {
    fn figure(&self) -> Json {
        write::condition(Build::default(), self).object()
    }
}

impl Figure for TierAward {
    fn figure(&self) -> Json {
        write::award(Build::default(), self).object()
    }
}

impl Figure for Tier {
    fn figure(&self) -> Json {
        write::tier(self)
    }
}

impl Figure for Cap {
    fn figure(&self) -> Json {
        write::cap(self)
    }
}

impl Figure for Grain {
    fn figure(&self) -> Json {
        let build = match self {
            Self::Second => Build::default().text("downtime", "1s"),
            Self::Minute => Build::default().text("downtime", "1m"),
            Self::Outage(length) => Build::default().text("downtime", length),
            Self::Slot(slot) => Build::default().text("slot", slot),
            Self::Run { count, slot } => Build::default().text("slot", slot).number("run", count),
        };
        build.object()
    }
}
