//! What a statement says: everything that the layout needs, worked out before it begins. The layout
//! adds up nothing itself; figures come from the cases.

use chrono::{DateTime, NaiveDate, Utc};
use makegood_domain::scope::SliScope;
use makegood_engine::case::Case;
use makegood_engine::money::Money;
use std::collections::BTreeMap;

/// A statement, ready to be laid out. The same document gives the same bytes, in any process.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Number to show: `ST-2026-10-0412`; of a notice, the credit's: `CR-311`.
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
    /// The customer's name; of a group's statement, the group's.
    pub customer: String,
    /// What it covers.
    pub scope: Scope,
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
    /// The quarter and the year up to the period's end, where they are longer than the period.
    pub to_date: Vec<ToDate>,
}

/// What a document is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Kind {
    /// A statement of a period.
    #[default]
    Statement,
    /// A notice of one credit of one contract and window.
    CreditNotice(CreditNotice),
}

/// A credit that a notice tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditNotice {
    /// How much, in the contract's currency: with what was credited before and what was not granted,
    /// what the window's case computes to.
    pub amount: Money,
    /// What was credited before for the same window, and what of it was taken back, in order.
    pub before: Vec<CreditedBefore>,
    /// How much of what the case computes to was decided against, where that is anything; then the
    /// contract's shares say so, too.
    pub not_granted: Option<Money>,
    /// The statement that tells of the whole period, where it is out: `ST-2026-10-0412`.
    pub statement: Option<String>,
}

/// A credit that was granted earlier for the same contract and window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditedBefore {
    /// Its number: `CR-311`.
    pub number: String,
    /// Its amount; less than nothing where it takes back.
    pub amount: Money,
}

/// What a statement covers of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// All contracts of a customer.
    #[default]
    Customer,
    /// One contract.
    Contract,
    /// The contracts of all customers of a group: each part then names its customer.
    Group,
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
    /// All of them. One more takes its message file beside the others, its tag here and below, and
    /// the steps of a calculation in the engine's `explain`.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Reads `en` or `de`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == text)
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Letterhead {
    /// Its name, as it stands at the top of every page.
    pub name: String,
    /// Its postal address, a line each.
    pub address: Vec<String>,
    /// Lines that the law asks for: register, VAT number, directors.
    pub legal: Vec<String>,
    /// Its logo, a PNG or an SVG as it is in its file; absent: the name alone.
    pub logo: Option<Vec<u8>>,
    /// Its colours.
    pub colours: Colours,
    /// The paper that it writes on.
    pub paper: Paper,
}

/// A colour: red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// Reads `#14161a`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let mut parts = [0; 3];
        hex::decode_to_slice(digits, &mut parts).ok()?;
        Some(Self(parts))
    }
}

/// Colours of a letterhead. What was missed stays crimson, whatever the house's colours are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colours {
    /// Of title, headings and name: at least 4.5 to 1 on white.
    pub heading: Colour,
    /// Of the rule below the head and of the box around the verification: at least 3 to 1.
    pub rule: Colour,
}

impl Default for Colours {
    /// Ink.
    fn default() -> Self {
        let ink = Colour([0x14, 0x16, 0x1a]);
        Self { heading: ink, rule: ink }
    }
}

/// A size of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

impl Paper {
    /// Reads `a4` or `letter`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "a4" => Some(Self::A4),
            "letter" => Some(Self::Letter),
            _ => None,
        }
    }
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
    /// Whose contract it is; only in a group's statement.
    pub customer: Option<String>,
    /// The name under which its case is embedded: `NW-1-2026-10-r1.json`. Letters, digits, `.`,
    /// `_` and `-`, ending in `.json`; no two alike in a document.
    pub file_name: String,
    /// The case, in any edition: what is embedded is the customer edition with its result.
    pub case: Case,
    /// The settlement's revision, from 1.
    pub revision: u32,
    /// One part for each of the case's lines, in the case's order.
    pub lines: Vec<LinePart>,
    /// What became of what the contract owes, where that is several things; together they are what it
    /// owes, and its lines' credits are [`CreditState::InParts`]. Empty: the lines tell.
    pub shares: Vec<Share>,
    /// What was granted beyond what it owes.
    pub beyond: Option<Beyond>,
}

/// One SLA line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePart {
    /// The SLA's name as the customer knows it: `Orders API availability`.
    pub sla: String,
    /// The product it belongs to.
    pub product: String,
    /// Which paths and regions of the service it is about, as the contract names them; absent: the
    /// service as a whole.
    pub about: Option<SliScope>,
    /// Where the contract says so.
    pub clauses: Clauses,
    /// How the fee came about, where it is derived: `annual EUR 120,000.00 ÷ 12`.
    pub fee_note: Option<String>,
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
    /// One thing of a part of it, another of the rest: the contract's shares tell.
    InParts,
}

/// What became of a part of what a contract owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What became of it: one thing.
    pub state: CreditState,
    /// How much, more than nothing.
    pub amount: Money,
}

/// What was granted beyond what is owed: a revision lowered what is owed after the credit was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// How much, more than nothing.
    pub amount: Money,
    /// Whether it is decided that the customer keeps it.
    pub decided: bool,
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

/// A longer stretch up to the period's end: what was reached so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToDate {
    /// Its label: `2026-Q4`, `2026`.
    pub label: String,
    /// One for each contract and SLA, in the order to print.
    pub lines: Vec<ToDateLine>,
    /// Credits granted for its windows, one sum for each currency.
    pub granted: Vec<Money>,
}

/// What one SLA line reached so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToDateLine {
    /// The contract's number.
    pub contract: String,
    /// The SLA's name as the customer knows it.
    pub sla: String,
    /// The windows that have ended, in any order.
    pub windows: Vec<Reached>,
    /// Whether bad time is time, not slots or events.
    pub is_time: bool,
}

/// What a line reached in one window, as its settlement states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Exact attainment, a fraction; absent: not measured.
    pub attainment: Option<String>,
    /// Seconds, slots or events that counted: decimal or fraction text.
    pub total: String,
    /// Bad ones among them.
    pub bad: String,
    /// Whether the objective was met; absent: not measured.
    pub met: Option<bool>,
}
