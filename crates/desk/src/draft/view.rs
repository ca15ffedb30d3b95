//! Drafts as they are shown, and as they are asked for.

use crate::proposal::DifferenceRow;
use makegood_mirror::screens::{Moment, MoneyView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftRow {
    /// Its id.
    pub id: String,
    /// `D-4`.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// `open` or `proposed`.
    pub state: String,
    /// Who changed it last.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// A draft, to be written, with all there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Draft", export_to = "../../../ui/src/bindings/")]
pub struct DraftView {
    /// Its id.
    pub id: String,
    /// `D-4`.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// The revision that is shown.
    #[ts(type = "number")]
    pub revision: i64,
    /// `open`, `proposed` or `discarded`.
    pub state: String,
    /// What it became.
    pub proposal: Option<String>,
    /// The document as JSON text.
    pub document: String,
    /// The first thing for which it can't be put in force.
    pub problem: Option<DraftProblem>,
    /// What a careful reader would not sign.
    pub findings: Vec<DraftFinding>,
    /// What would differ.
    pub differences: Vec<DifferenceRow>,
    /// Whether it takes a second person.
    pub drives_money: bool,
}

/// Why a draft can't be put in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftProblem {
    /// Of the closed list.
    pub code: String,
    /// What, where, and the way out.
    pub message: String,
    /// Where in the document.
    pub path: Option<String>,
}

/// What is unwise about terms that are valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftFinding {
    /// Where in the document.
    pub path: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Why.
    pub why: String,
    /// What to write instead; empty where that depends.
    pub instead: String,
}

/// What a draft would have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftPast {
    /// `Would have missed 3 of 12, EUR 4,200.00`.
    pub text: String,
    /// Windows, contract by contract, the newest first.
    pub windows: Vec<DraftWindow>,
    /// Lines for which there is nothing to try them on.
    pub without_evidence: Vec<String>,
}

/// A window that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftWindow {
    /// `NW-1`.
    pub contract: String,
    /// `2026-10`.
    pub window: String,
    /// Its lines.
    pub lines: Vec<DraftLine>,
    /// What would have been owed.
    pub owed: MoneyView,
    /// What was owed, where it is settled.
    pub was: Option<MoneyView>,
}

/// A line in a window that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftLine {
    /// Its name.
    pub name: String,
    /// `99.885880`; absent: not measured.
    pub percent: Option<String>,
    /// `met`, `missed` or `not_measured`.
    pub verdict: String,
    /// Whether part of the window was not observed.
    pub has_gaps: bool,
}

/// What a draft can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Authoring {
    /// Published terms to start from.
    pub templates: Vec<Choice>,
    /// Our legal entities; `detail` is the currency that they keep their books in.
    pub legal_entities: Vec<Choice>,
    /// Customers by key; `detail` is their time zone.
    pub customers: Vec<Choice>,
    /// Contracts by id.
    pub contracts: Vec<Choice>,
    /// Series: `id` is the source, `name` the service.
    pub series: Vec<Choice>,
}

/// One thing that can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Choice {
    /// How a document names it.
    pub id: String,
    /// How people name it.
    pub name: String,
    /// What else matters.
    pub detail: String,
}

/// Terms to start from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TermsTemplate {
    /// What they are called.
    pub title: String,
    /// What the published terms say and these do not.
    pub left_out: Vec<String>,
    /// The terms as JSON text.
    pub terms: String,
}

/// What a new draft starts from: a document, or a contract to amend.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftStart {
    /// What it is about.
    pub title: String,
    /// The document as JSON text.
    pub document: Option<String>,
    /// Id of the contract to amend.
    pub amend: Option<String>,
    /// From when the amendment counts, RFC 3339.
    pub valid_from: Option<String>,
    /// `next_window`, `split` or `whole_window`.
    pub treatment: Option<String>,
}

/// A draft as it is to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DraftChange {
    /// Which.
    pub id: String,
    /// The revision that was looked at.
    #[ts(type = "number")]
    pub revision: i64,
    /// What it is about.
    pub title: String,
    /// The document as JSON text.
    pub document: String,
}
