//! OpenSLO's durations: a positive integer and one letter.

use crate::duration::Duration;

/// `28d`: how many of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shorthand {
    pub(super) count: u64,
    /// `m`, `h`, `d`, `w`, `M` (months), `Q` (quarters), `Y` (years); `s`, which OpenSLO does not
    /// list, is seconds to everybody.
    pub(super) unit: char,
}

pub(super) const FORM: &str = "an integer and one of m (minutes), h, d, w, M (months), Q, Y";

impl Shorthand {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().next_back().filter(|c| "smhdwMQY".contains(*c))?;
        let digits = text.strip_suffix(unit)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let count = plain.then(|| digits.parse().ok()).flatten().filter(|count| *count > 0)?;
        Some(Self { count, unit })
    }

    /// Its length; months, quarters and years have none.
    pub(super) fn seconds(self) -> Option<u64> {
        let unit = match self.unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        self.count.checked_mul(unit)
    }

    /// How many calendar months; other units are none.
    pub(super) fn months(self) -> Option<u64> {
        match self.unit {
            'M' => Some(self.count),
            'Q' => self.count.checked_mul(3),
            'Y' => self.count.checked_mul(12),
            _ => None,
        }
    }
}

/// A duration of ours of so many seconds, in the largest unit that divides it.
pub(super) fn duration(seconds: u64) -> Result<Duration, String> {
    let (count, unit) = match seconds {
        s if s > 0 && s % 86_400 == 0 => (s / 86_400, 'd'),
        s if s > 0 && s % 3_600 == 0 => (s / 3_600, 'h'),
        s if s > 0 && s % 60 == 0 => (s / 60, 'm'),
        s => (s, 's'),
    };
    Duration::parse(&format!("{count}{unit}"))
}
