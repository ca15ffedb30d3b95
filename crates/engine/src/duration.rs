//! Durations as OpenSLO and Prometheus write them.

use crate::refusal::excerpt;
use std::fmt;

/// A length of time as it was written: an integer and a unit (`s`, `m`, `h`, `d` = 24 h), or
/// several from large to small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duration {
    text: String,
    seconds: u64,
}

/// Longer than any window (100,000 years) and far from overflow.
const MOST_SECONDS: u64 = 3_155_760_000_000;

/// Longer texts are refused: a duration is copied wherever it decided something.
const MOST_CHARACTERS: usize = 100;

impl Duration {
    /// Reads `48h`, `1h30m`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST_CHARACTERS {
            return Err(format!("{} has more than {MOST_CHARACTERS} characters", excerpt(text)));
        }
        Self::read(text).ok_or_else(|| {
            format!(
                "{} is not a duration: an integer and a unit, as in \"48h\" or \"1h30m\"",
                excerpt(text)
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let mut seconds: u64 = 0;
        let mut rest = text;
        let mut last_unit = u64::MAX;
        while !rest.is_empty() {
            let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let (digits, tail) = rest.split_at(end);
            let unit = match tail.chars().next()? {
                'd' => 86_400,
                'h' => 3_600,
                'm' => 60,
                's' => 1,
                _ => return None,
            };
            if digits.is_empty() || unit >= last_unit {
                return None;
            }
            last_unit = unit;
            let count: u64 = digits.parse().ok()?;
            seconds = seconds.checked_add(count.checked_mul(unit)?)?;
            rest = &tail[1..];
        }
        (!text.is_empty() && seconds <= MOST_SECONDS)
            .then(|| Self { text: text.to_owned(), seconds })
    }

    /// The duration of so many seconds, written in the largest unit that divides it.
    #[must_use]
    pub fn of_seconds(seconds: u32) -> Self {
        let text = match seconds {
            s if s > 0 && s % 86_400 == 0 => format!("{}d", s / 86_400),
            s if s > 0 && s % 3_600 == 0 => format!("{}h", s / 3_600),
            s if s > 0 && s % 60 == 0 => format!("{}m", s / 60),
            s => format!("{s}s"),
        };
        Self { text, seconds: u64::from(seconds) }
    }

    /// Its length in seconds; never negative.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// Its length in seconds, for arithmetic with instants.
    #[must_use]
    pub fn signed_seconds(&self) -> i64 {
        i64::try_from(self.seconds).unwrap_or(i64::MAX)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many days, where it is written in `d` alone.
    #[must_use]
    pub fn whole_days(&self) -> Option<u64> {
        let digits = self.text.strip_suffix('d')?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(self.seconds / 86_400)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
