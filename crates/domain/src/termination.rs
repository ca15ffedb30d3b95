//! Termination rights: what has to have been missed for a customer to be free to leave.

use crate::attainment::{Attainment, WindowState};
use makegood_engine::{decimal::Decimal, fraction::Fraction};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A right to terminate, as a line's terms give it. It is no part of a case: nothing is owed by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminationRight {
    /// How many windows have to have been missed.
    pub windows: u16,
    /// Among how many that follow on each other; absent: in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u16>,
    /// A window counts as missed where it reached less than this, in percent: decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
    /// A window counts as missed where it was down for more than so many minutes: decimal text. Where
    /// neither this nor `below` is given, it counts where the objective was missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_over_minutes: Option<String>,
    /// Days after the end of the last of these windows within which it can be exercised.
    pub exercise_within_days: u16,
    /// Where it stands: `12.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
}

/// Windows that a right looks back on at most: ten years of months.
const MOST_WINDOWS: u16 = 120;
/// Days that it can be exercised within at most.
const MOST_DAYS: u16 = 3650;

impl TerminationRight {
    /// What is wrong with it: the field, and why.
    ///
    /// # Errors
    /// The first such field.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.windows == 0 || self.windows > MOST_WINDOWS {
            return Err(("windows", format!("it is from 1 to {MOST_WINDOWS}")));
        }
        if self.of.is_some_and(|of| of < self.windows || of > MOST_WINDOWS) {
            let message = format!("it is from {} to {MOST_WINDOWS}", self.windows);
            return Err(("of", message));
        }
        if self.exercise_within_days == 0 || self.exercise_within_days > MOST_DAYS {
            return Err(("exercise_within_days", format!("it is from 1 to {MOST_DAYS}")));
        }
        if self.below.is_some() && self.down_over_minutes.is_some() {
            let message = "below says already what counts; make a right of its own of this";
            return Err(("down_over_minutes", message.to_owned()));
        }
        if let Some(below) = &self.below {
            let below = Decimal::parse(below).map_err(|why| ("below", why))?;
            if below.compare(&Decimal::from_integer(100)).is_gt() {
                return Err(("below", "it is a percentage, at most 100".to_owned()));
            }
        }
        if let Some(minutes) = &self.down_over_minutes {
            Decimal::parse(minutes).map_err(|why| ("down_over_minutes", why))?;
        }
        Ok(())
    }

    /// How many windows it looks at.
    #[must_use]
    pub fn among(&self) -> usize {
        usize::from(self.of.unwrap_or(self.windows).max(self.windows))
    }

    /// Whether a window was missed as it asks: shares of a part of it alone, downtime of all its parts
    /// together. Only what is locked counts; what was not measured is unknown, and never missed.
    #[must_use]
    pub fn is_missed(&self, parts: &[&Attainment]) -> bool {
        let measured = parts.iter().filter_map(|part| {
            let attainment = part.attainment.as_deref().and_then(Fraction::parse)?;
            (part.state == WindowState::Locked).then_some((part, attainment))
        });
        if let Some(below) = &self.below {
            let Ok(below) = Decimal::parse(below) else { return false };
            return measured.into_iter().any(|(_, reached)| *reached.ratio() < below.percent());
        }
        let Some(minutes) = &self.down_over_minutes else {
            return measured.into_iter().any(|(part, _)| part.met == Some(false));
        };
        let Ok(most) = Decimal::parse(minutes) else { return false };
        let down = measured.filter_map(|(part, _)| Fraction::parse(&part.bad));
        let down =
            down.fold(Fraction::whole(0), |sum, part| Fraction::new(sum.ratio() + part.ratio()));
        *down.ratio() > most.ratio() * Fraction::whole(60).ratio()
    }

    /// The windows that give the right at the end of the last one, oldest first; `None`: it does not
    /// arise there. Each window has a part for every line that an amendment made of it.
    #[must_use]
    pub fn ground(&self, windows: &[(String, Vec<&Attainment>)]) -> Option<Vec<String>> {
        let (_, last) = windows.last()?;
        if !self.is_missed(last) {
            return None;
        }
        let begin = windows.len().saturating_sub(self.among());
        let found = windows[begin..].iter().filter(|(_, parts)| self.is_missed(parts));
        let found: Vec<String> = found.map(|(label, _)| label.clone()).collect();
        (found.len() >= usize::from(self.windows)).then_some(found)
    }
}

/// As people read it: `below 95 % in 3 windows in a row`.
impl fmt::Display for TerminationRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.below, &self.down_over_minutes) {
            (Some(below), _) => write!(f, "below {below} %")?,
            (None, Some(minutes)) => write!(f, "down for more than {minutes} min")?,
            (None, None) => write!(f, "below the objective")?,
        }
        match (self.windows, self.of) {
            (1, None | Some(1)) => write!(f, " in one window"),
            (windows, Some(of)) if of > windows => write!(f, " in {windows} of {of} windows"),
            (windows, _) => write!(f, " in {windows} windows in a row"),
        }
    }
}

/// What gave a right to terminate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// The SLA line's name, in whatever version.
    pub sla: String,
    /// Which of its rights, from 0.
    pub number: usize,
    /// The right, as it was in force for the last window.
    pub right: TerminationRight,
    /// The windows that were missed, oldest first.
    pub windows: Vec<String>,
}
