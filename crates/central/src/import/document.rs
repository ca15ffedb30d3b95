//! The document `makegood/import/1`, and the rules that it keeps by itself.

use chrono::{DateTime, NaiveDate, Utc};
use makegood_domain::{Code, Problem, contract::Combine, customer::Letterhead};
use makegood_engine::{Terms, instant::parse_instant};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::collections::BTreeMap;

mod charge;
mod check;
pub(super) mod remedy;
mod termination;
mod version;

pub use charge::Charge;
pub(in crate::import) use check::one_label;
pub use remedy::Remedy;
pub use termination::Termination;
pub use version::{Treatment, Version, counts_from};

/// The version of the document that is read.
pub const FORMAT: &str = "makegood/import/1";

/// An import. All lists may be absent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Always [`FORMAT`].
    pub format: String,
    /// Ours.
    #[serde(default)]
    pub legal_entities: Vec<LegalEntity>,
    /// Customer groups; a customer without one is a group by itself.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Customers.
    #[serde(default)]
    pub customers: Vec<Customer>,
    /// Monthly recurring revenue.
    #[serde(default)]
    pub mrr: Vec<Mrr>,
    /// Contracts.
    #[serde(default)]
    pub contracts: Vec<Contract>,
    /// Incidents.
    #[serde(default)]
    pub incidents: Vec<Incident>,
    /// Exclusions.
    #[serde(default)]
    pub exclusions: Vec<Exclusion>,
}

/// One of our legal entities.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct LegalEntity {
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub address: Vec<String>,
    #[serde(default)]
    pub legal_lines: Vec<String>,
    pub functional_currency: String,
    pub locale: String,
    pub seal: Option<String>,
    pub letterhead: Option<Letterhead>,
}

/// A customer group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Group {
    pub key: String,
    pub name: String,
}

/// A customer. `csm` and `account_manager` are people's `subject`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Customer {
    pub key: String,
    pub group: Option<String>,
    pub name: String,
    #[serde(default)]
    pub address: Vec<String>,
    pub country: String,
    pub locale: String,
    pub time_zone: String,
    pub segment: Option<String>,
    pub churned_on: Option<NaiveDate>,
    pub csm: Option<String>,
    pub account_manager: Option<String>,
}

/// What a customer, by key, pays in a month: `2026-10`, decimal text, ISO 4217.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "what it is says the line above")]
pub struct Mrr {
    pub customer: String,
    pub month: String,
    pub amount: String,
    pub currency: String,
}

/// A contract: `customer` and `legal_entity` by key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Contract {
    pub customer: String,
    pub number: String,
    pub legal_entity: String,
    pub currency: String,
    #[serde(default)]
    pub combine: Combine,
    pub cap: Option<serde_json::Value>,
    pub renews_on: Option<NaiveDate>,
    #[serde(default)]
    pub auto_renew: bool,
    pub document_hash: Option<String>,
    pub versions: Vec<Version>,
}

/// An SLA line with what is charged for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Line {
    pub name: String,
    pub product: Option<String>,
    pub series: Series,
    pub scope: Option<makegood_domain::scope::SliScope>,
    pub terms: serde_json::Value,
    #[serde(default)]
    pub clauses: makegood_domain::contract::Clauses,
    pub remedy: Option<Remedy>,
    #[serde(default)]
    pub termination: Vec<Termination>,
    pub active_from: Option<Instant>,
    pub active_to: Option<Instant>,
    pub charges: Vec<Charge>,
}

/// Which series: it is made where it is not there yet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Series {
    pub source: String,
    pub service: String,
}

/// An incident, with what it did to whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Incident {
    pub number: Option<String>,
    pub title: String,
    pub began_at: Instant,
    pub ended_at: Option<Instant>,
    pub root_cause: Option<String>,
    pub detected_at: Option<Instant>,
    #[serde(default)]
    pub events: Vec<makegood_domain::incident::IncidentEvent>,
    #[serde(default)]
    pub hits: Vec<Hit>,
}

/// What an incident did to one customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Hit {
    pub customer: String,
    pub root_cause: Option<String>,
    pub first_degraded_at: Option<Instant>,
    pub detected_at: Option<Instant>,
    #[serde(default)]
    pub narratives: BTreeMap<String, String>,
}

/// An exclusion. `proposed_by` and `decided_by` are people's `subject`; with `decided_by` it is
/// admitted, without it waits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Exclusion {
    pub customer: String,
    pub series: Series,
    pub kind: String,
    pub from: Instant,
    pub to: Instant,
    pub notified_at: Option<Instant>,
    pub clause: Option<String>,
    pub proposed_by: String,
    pub decided_by: Option<String>,
}

/// An instant as the case format writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        parse_instant(&text).map(Self).ok_or_else(|| {
            D::Error::custom(format!("{text:?} is no instant such as 2026-04-01T00:00:00Z"))
        })
    }
}

impl Contract {
    /// How many lines its versions hold.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.versions.iter().map(|version| version.lines.len()).sum()
    }
}

/// Reads terms as the engine does. The problem's path begins at the terms.
///
/// # Errors
/// [`Code::TermsInvalid`].
pub fn terms(value: &serde_json::Value) -> Result<Terms, Problem> {
    Terms::parse(&value.to_string())
        .map_err(|refusal| Problem::new(Code::TermsInvalid, refusal.message).at(refusal.path))
}
