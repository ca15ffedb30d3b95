//! Versions of a contract: from when their lines count, and what that does to a running window.

use super::{Instant, Line, terms};
use crate::import::invalid;
use chrono::{DateTime, Utc};
use makegood_domain::Problem;
use makegood_engine::window::{Window, WindowKind};
use serde::Deserialize;

/// A version of a contract. A later one ends the one before.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Version {
    pub number: i64,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
    pub treatment: Option<Treatment>,
    pub lines: Vec<Line>,
}

/// What an amendment inside a window does to that window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Nothing: it begins with the next one.
    NextWindow,
    /// It splits it: each part is measured by its own terms.
    #[default]
    Split,
    /// It counts for the whole of it.
    WholeWindow,
}

impl Treatment {
    /// Every treatment.
    const ALL: [Self; 3] = [Self::NextWindow, Self::Split, Self::WholeWindow];

    /// The treatment of a version on record.
    #[must_use]
    pub fn of_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NextWindow => "next_window",
            Self::Split => "split",
            Self::WholeWindow => "whole_window",
        }
    }
}

impl Version {
    /// From when on its lines count: where it is in force inside a window, as its treatment says.
    /// `stored`: that of a version on record, which stays as it is.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Invalid`] where its lines' windows begin at different instants or roll, so that there
    /// is no one window to move to; [`makegood_domain::Code::TermsInvalid`].
    pub fn begins(&self, stored: Option<Treatment>, path: &str) -> Result<DateTime<Utc>, Problem> {
        let treatment = stored.or(self.treatment).unwrap_or_default();
        let windows: Result<Vec<Window>, Problem> =
            self.lines.iter().map(|line| terms(&line.terms).map(|terms| terms.window)).collect();
        counts_from(self.valid_from.0, treatment, &windows?, path)
    }
}

/// From when on a version's lines count that is in force from `at` on, by what it does to the windows of its lines.
///
/// # Errors
/// As [`Version::begins`].
pub fn counts_from(
    at: DateTime<Utc>,
    treatment: Treatment,
    windows: &[Window],
    path: &str,
) -> Result<DateTime<Utc>, Problem> {
    if treatment == Treatment::Split {
        return Ok(at);
    }
    let refuse = |why: &str| invalid(&format!("{path}.treatment"), &format!("{why}; split it"));
    let mut spans = Vec::new();
    for window in windows {
        if matches!(window.kind, WindowKind::Rolling { .. }) {
            return Err(refuse("a rolling window has no next one"));
        }
        let span = window.span(&window.label_at(at));
        let span = span.map_err(|refusal| refuse(&refusal.message))?;
        spans.push((span.from, span.to));
    }
    let first = spans.first().copied();
    let (from, to) = first.ok_or_else(|| refuse("a version has at least one line"))?;
    if spans.iter().any(|span| *span != (from, to)) {
        return Err(refuse("its lines have different windows"));
    }
    let later = treatment == Treatment::NextWindow && at > from;
    Ok(if later { to } else { from })
}
