//! What a statement says: everything that the layout needs, worked out before it begins. The layout
//! adds up nothing itself; figures come from the cases.

use chrono::{DateTime, NaiveDate, Utc};
use makegood_engine::case::Case;
use std::collections::BTreeMap;

/// A statement, ready to be laid out. The same document gives the same bytes, in any process.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Number to show: `ST-2026-10-0412`.
    pub number: String,
    /// From 1.
    pub revision: u32,
    /// The revision that this one replaces, as people read it: `ST-2026-10-0412, revision 1`.
    pub supersedes: Option<String>,
    /// What changed since the revision before, and why.
    pub change: Option<String>,
    /// In which language it is written.
    pub language: Language,
    /// Which of our legal entities issues it.
    pub legal_entity: Letterhead,
    /// The address block, a line each; the first is the customer's name.
    pub recipient: Vec<String>,
    /// The customer's name.
    pub customer: String,
    /// The period it reports on.
    pub period: Period,
    /// When central gave it its number; the only date it bears.
    pub issued_at: DateTime<Utc>,
    /// The person who released it, by name.
    pub released_by: String,
    /// How the seal is called: `Fjordline Cloud GmbH, key 2026-A`.
    pub seal_name: String,
    /// Whether it comes out of the demo: then every page says so.
    pub demo: bool,
    /// One part for each contract and window that ends in the period, in the order to print.
    pub contracts: Vec<ContractPart>,
}

/// The languages that statements are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// Reads `en` or `de`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "en" => Some(Self::En),
            "de" => Some(Self::De),
            _ => None,
        }
    }

    /// The BCP 47 tag: `en`, `de`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }
}

/// The letterhead of a legal entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letterhead {
    /// Its name, as it stands at the top of every page.
    pub name: String,
    /// Its postal address, a line each.
    pub address: Vec<String>,
    /// Lines that the law asks for: register, VAT number, directors.
    pub legal: Vec<String>,
}

/// The period of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// As cases name it: `2026-10`, `2026-Q4`, `2026`.
    pub label: String,
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// The time zone in which it is reckoned and in which times are written: `Europe/Berlin`.
    pub zone: String,
}

/// One contract in one window.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractPart {
    /// The contract's number: `NW-1`.
    pub number: String,
    /// The name under which its case is embedded: `NW-1-2026-10-r1.json`. Letters, digits, `.`,
    /// `_` and `-`, ending in `.json`; no two alike in a document.
    pub file_name: String,
    /// The case, in any edition: what is embedded is the customer edition with its result.
    pub case: Case,
    /// The settlement's revision, from 1.
    pub revision: u32,
    /// How the fee came about, where it is derived: `annual fee of €120,000.00 divided by 12`.
    pub fee_note: Option<String>,
    /// One part for each of the case's lines, in the case's order.
    pub lines: Vec<LinePart>,
}

/// One SLA line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePart {
    /// The SLA's name as the customer knows it: `Orders API availability`.
    pub sla: String,
    /// The product it belongs to.
    pub product: String,
    /// Where the contract says so.
    pub clauses: Clauses,
    /// What became of the credit.
    pub credit: CreditState,
    /// What happened, in words written for this customer; blank lines part paragraphs.
    pub narrative: Option<String>,
    /// The root cause, in words for this customer.
    pub root_cause: Option<String>,
    /// The last twelve windows, oldest first, this one the last. Empty: no chart.
    pub trend: Vec<TrendPoint>,
}

/// Where in the contract the terms stand: `clause 4.2`, without the word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clauses {
    /// Of the objective.
    pub objective: Option<String>,
    /// Of each exclusion, by its kind as cases name it: `planned_maintenance` → `6.1`.
    pub exclusions: BTreeMap<String, String>,
    /// Of the credit.
    pub credit: Option<String>,
}

/// What became of a line's credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditState {
    /// None is owed.
    None,
    /// Granted: it is set against the next invoice.
    Granted,
    /// Owed when the customer asks for it, to the end of this day.
    OnRequest {
        /// The last day on which it can be asked for.
        until: NaiveDate,
    },
    /// Owed, and not yet decided.
    Pending,
    /// Decided against.
    NotGranted,
    /// Not asked for in time.
    Lapsed,
}

/// One window of the trend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendPoint {
    /// The window's label: `2026-10`.
    pub label: String,
    /// Attainment as cases state it, six decimals: `99.885880`; absent where it was not measured.
    pub percent: Option<String>,
    /// Whether the objective was met; absent where it was not measured.
    pub met: Option<bool>,
}
