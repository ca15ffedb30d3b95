//! What verification found, ready to show.

use makegood_statement::{Outcome, Verification};
use serde::Serialize;
use std::path::Path;
use ts_rs::TS;

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Verification", export_to = "../../../ui/src/bindings/")]
pub struct VerificationView {
    /// In one line.
    pub verdict: String,
    /// Whether everything was checked and right.
    pub ok: bool,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Each check, in order.
    pub checks: Vec<CheckVerdict>,
    /// Each embedded calculation file.
    pub cases: Vec<CaseVerdict>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CheckVerdict {
    /// What was checked.
    pub name: String,
    /// Right, wrong, or (absent) not checked.
    pub ok: Option<bool>,
    /// Why.
    pub reason: String,
}

/// One embedded calculation file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CaseVerdict {
    /// Its name in the document.
    pub file: String,
    /// Contract and period.
    pub title: String,
    /// Whether it recomputes to what is stated.
    pub agrees: bool,
    /// The figures, or the first difference.
    pub text: String,
}

impl VerificationView {
    pub(crate) fn new(path: &Path, found: Verification) -> Self {
        Self {
            ok: found.is_valid(),
            verdict: found.words,
            file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            sha256: found.sha256,
            checks: found
                .checks
                .into_iter()
                .map(|check| CheckVerdict {
                    name: check.name.to_owned(),
                    ok: match check.outcome {
                        Outcome::Pass => Some(true),
                        Outcome::Fail => Some(false),
                        Outcome::NotChecked => None,
                    },
                    reason: check.reason,
                })
                .collect(),
            cases: found
                .cases
                .into_iter()
                .map(|case| CaseVerdict {
                    file: case.file_name,
                    title: case.title,
                    agrees: case.agrees,
                    text: case.text,
                })
                .collect(),
        }
    }
}
