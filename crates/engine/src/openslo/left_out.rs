//! What one format can't say of the other: listed, never dropped.

use std::fmt;

/// Something that was not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it stands: `documents[1].spec.alertPolicies`, `lines[0].terms.credit`.
    pub path: String,
    /// Its line in the text that was read, from 1.
    pub line: Option<usize>,
    /// What it is, in a few characters; of a mapping its keys alone, as its values may be secrets.
    pub what: String,
    /// Why it was left out.
    pub why: &'static str,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        write!(f, "{}{line}: {}: {}", self.path, self.what, self.why)
    }
}

/// Why a key of OpenSLO that nobody took was left out.
pub(super) fn why(key: &str) -> &'static str {
    match key {
        "alertPolicies" => "alerts are no part of a contract's terms",
        "description" => "terms hold no description",
        "displayName" => "it is known by its name",
        "labels" => "terms hold no labels",
        "compositeWeight" => "each objective is an SLA line of its own, and none weighs more",
        "connectionDetails" => "how a source is reached is no part of a contract's terms",
        "op" | "value" => "OpenSLO compares a value only with a thresholdMetric",
        "timeSliceTarget" => "OpenSLO judges slices only with Timeslices",
        "timeSliceWindow" => "OpenSLO has no slices with Occurrences",
        "counter" => "OpenSLO ignores it beside raw",
        _ => "OpenSLO v1 gives this key no meaning here",
    }
}

/// Why a document of this kind was left out.
pub(super) fn why_kind(kind: &str) -> &'static str {
    match kind {
        "AlertPolicy" | "AlertCondition" | "AlertNotificationTarget" => why("alertPolicies"),
        "BudgetAdjustment" => {
            "what is excused is proposed and admitted one by one, as an exclusion"
        }
        _ => "OpenSLO v1 has no such kind",
    }
}

/// The first characters of a text, in one line.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    let text = text.trim();
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST).collect();
    if text.chars().nth(MOST).is_some() { format!("{line}…") } else { line }
}
