//! A case: one contract in one period, with its terms, its evidence and its result.

use crate::credits::Cap;
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::evidence::Evidence;
use crate::json::Json;
use crate::money::Currency;
use crate::refusal::Refusal;
use crate::result::{CaseResult, Stated};
use crate::terms::{ExclusionKind, Terms};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

mod read;
mod write;

/// The version of the format that is read and written.
pub const FORMAT: &str = "makegood/case/1";

/// One contract in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is called.
    pub id: Option<String>,
    /// What it is about.
    pub title: Option<String>,
    /// Where its facts come from; never leaves the house.
    pub source: Option<String>,
    /// What holds for all lines.
    pub contract: Contract,
    /// The label of the window that is judged.
    pub period: String,
    /// One entry for each SLA line; at least one.
    pub lines: Vec<Line>,
    /// What it is said to result in.
    pub result: Option<Stated>,
    /// Of a test case that must be refused: the path at which it breaks a rule.
    pub invalid: Option<String>,
}

/// What holds for all lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Of fees, amounts and credits.
    pub currency: Currency,
    /// Which lines pay.
    pub combine: Combine,
    /// What bounds the sum of the lines' credits; all of them apply.
    pub caps: Vec<Cap>,
    /// The customer's name.
    pub customer: Option<String>,
    /// The contract's number.
    pub number: Option<String>,
}

impl Contract {
    /// A contract in this currency: credits are summed, without a cap.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self { currency, combine: Combine::Sum, caps: Vec::new(), customer: None, number: None }
    }
}

/// Which lines pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combine {
    /// All of them.
    #[default]
    Sum,
    /// Only the line with the largest credit.
    Highest,
}

/// One SLA of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub sla: String,
    /// What was promised.
    pub terms: Terms,
    /// What was observed.
    pub evidence: Evidence,
    /// The amount on which this line's credit is reckoned; it may have more decimals than the
    /// currency.
    pub fee: Decimal,
    /// When it was under contract; `None`: always.
    pub active: Option<Active>,
    /// Earlier windows, for a rolling cap.
    pub history: Vec<HistoryEntry>,
    /// How much of a yearly exclusion cap earlier windows used, by kind.
    pub maintenance_used: BTreeMap<ExclusionKind, Duration>,
}

/// When a line was under contract; half open, either end may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Active {
    /// First second.
    pub from: Option<DateTime<Utc>>,
    /// End, after `from`.
    pub to: Option<DateTime<Utc>>,
}

/// An earlier window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Which, in any words.
    pub period: String,
    /// Its fee.
    pub fee: Decimal,
    /// Its credit.
    pub credit: Decimal,
}

impl Case {
    /// Reads a file: one case, or an array of cases.
    ///
    /// # Errors
    /// The first rule that the file breaks. In an array, paths begin at the case that breaks it.
    pub fn parse_file(bytes: &[u8]) -> Result<Vec<Self>, Refusal> {
        Self::trees(&Json::parse(bytes)?).into_iter().map(Self::from_tree).collect()
    }

    /// The cases of a file, not yet read.
    pub(crate) fn trees(file: &Json) -> Vec<&Json> {
        match file {
            Json::List(cases) => cases.iter().collect(),
            one => vec![one],
        }
    }

    /// Reads a case from a tree.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn from_tree(json: &Json) -> Result<Self, Refusal> {
        read::case(json)
    }

    /// Checks a case that was put together in code against the rules that reading checks.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn validate(&self) -> Result<(), Refusal> {
        Self::from_tree(&self.to_tree()).map(|_| ())
    }

    /// The case as a tree, keys in the format's order, defaults left out.
    #[must_use]
    pub fn to_tree(&self) -> Json {
        write::case(self)
    }

    /// The case as JSON text: deterministic, indented, ended by a line break. Reading it gives the
    /// same case.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_tree().pretty()
    }

    /// The same case with this result.
    #[must_use]
    pub fn with_result(&self, result: &CaseResult) -> Self {
        Self { result: Some(result.stated()), ..self.clone() }
    }

    /// What leaves the house: without internal objectives, whether they were met, and the source.
    /// It computes the same.
    #[must_use]
    pub fn customer_edition(&self) -> Self {
        let mut edition = self.clone();
        edition.source = None;
        for line in &mut edition.lines {
            line.terms.internal_objective = None;
        }
        edition.result = edition.result.map(|stated| stated.customer_edition());
        edition
    }
}
