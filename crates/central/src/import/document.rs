//! The document `makegood/import/1`, and the rules that it keeps by itself.

use super::invalid;
use chrono::{DateTime, NaiveDate, Utc};
use makegood_domain::{Code, Problem, customer::Letterhead};
use makegood_engine::{
    Terms,
    decimal::Decimal,
    instant::parse_instant,
    money::Currency,
    terms::ExclusionKind,
    window::{Window, WindowKind},
    zone::Zone,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::collections::BTreeMap;

mod charge;
pub(super) mod remedy;
mod termination;
mod version;

pub use charge::Charge;
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
    #[serde(default = "sum")]
    pub combine: String,
    pub cap: Option<serde_json::Value>,
    pub renews_on: Option<NaiveDate>,
    #[serde(default)]
    pub auto_renew: bool,
    pub document_hash: Option<String>,
    pub versions: Vec<Version>,
}

fn sum() -> String {
    "sum".to_owned()
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

impl Document {
    /// Checks what the document says by itself, before anything is written.
    ///
    /// # Errors
    /// [`Code::Invalid`] or [`Code::TermsInvalid`], with the path.
    pub fn check(&self) -> Result<(), Problem> {
        if self.format != FORMAT {
            let message = format!("{:?} is not read here; write {FORMAT:?}", self.format);
            return Err(invalid("format", &message));
        }
        for (at, customer) in self.customers.iter().enumerate() {
            let letters = customer.country.bytes().filter(u8::is_ascii_uppercase).count();
            if (letters, customer.country.len()) != (2, 2) {
                let message =
                    format!("{:?} is no country; write it as DE (ISO 3166-1)", customer.country);
                return Err(invalid(&format!("customers[{at}].country"), &message));
            }
            Zone::named(&customer.time_zone)
                .map_err(|message| invalid(&format!("customers[{at}].time_zone"), &message))?;
        }
        for (at, contract) in self.contracts.iter().enumerate() {
            contract.check(&format!("contracts[{at}]"))?;
        }
        for (at, exclusion) in self.exclusions.iter().enumerate() {
            exclusion.check(&format!("exclusions[{at}]"))?;
        }
        Ok(())
    }
}

impl Contract {
    fn check(&self, path: &str) -> Result<(), Problem> {
        if Currency::parse(&self.currency).is_none() {
            let message = format!("{:?} is no ISO 4217 currency", self.currency);
            return Err(invalid(&format!("{path}.currency"), &message));
        }
        if !["sum", "highest"].contains(&self.combine.as_str()) {
            let message = format!("{:?} is neither \"sum\" nor \"highest\"", self.combine);
            return Err(invalid(&format!("{path}.combine"), &message));
        }
        crate::book::stated(&self.currency, &self.combine, self.cap.as_ref(), None).map_err(
            |problem| {
                let place = format!(
                    "{path}.{}",
                    problem.path.unwrap_or_default().trim_start_matches("contract.")
                );
                Problem::new(Code::TermsInvalid, format!("{place}: {}", problem.message)).at(place)
            },
        )?;
        if self.versions.is_empty() {
            return Err(invalid(
                &format!("{path}.versions"),
                "a contract has at least one version",
            ));
        }
        let mut windows: Vec<Window> = Vec::new();
        for (at, version) in self.versions.iter().enumerate() {
            let path = format!("{path}.versions[{at}]");
            if version.lines.is_empty() {
                return Err(invalid(&format!("{path}.lines"), "a version has at least one line"));
            }
            if version.valid_to.is_some_and(|to| to.0 <= version.valid_from.0) {
                return Err(invalid(&format!("{path}.valid_to"), "it is not after valid_from"));
            }
            for (at, line) in version.lines.iter().enumerate() {
                let path = format!("{path}.lines[{at}]");
                let terms = line.check(&path)?;
                for other in &windows {
                    one_label(other, &terms.window, &path)?;
                }
                windows.push(terms.window);
            }
        }
        Ok(())
    }
}

/// Two windows may stand in one contract, in whatever versions, where a label means one span: what a
/// window came to is kept by its label.
pub(super) fn one_label(known: &Window, new: &Window, path: &str) -> Result<(), Problem> {
    let form = |kind: &WindowKind| std::mem::discriminant(kind);
    if form(&known.kind) != form(&new.kind)
        || (known.kind == new.kind && known.time_zone == new.time_zone)
    {
        return Ok(());
    }
    Err(invalid(
        &format!("{path}.terms.window"),
        "its labels mean other spans than the contract's other windows of that form; \
         put it into a contract of its own",
    ))
}

impl Line {
    fn check(&self, path: &str) -> Result<Terms, Problem> {
        let terms = terms(&self.terms).map_err(|problem| {
            let inner = problem.path.unwrap_or_default();
            let place = if inner.is_empty() {
                format!("{path}.terms")
            } else {
                format!("{path}.terms.{inner}")
            };
            Problem::new(Code::TermsInvalid, format!("{place}: {}", problem.message)).at(place)
        })?;
        if self.charges.is_empty() {
            return Err(invalid(&format!("{path}.charges"), "a line has at least one charge"));
        }
        for (at, charge) in self.charges.iter().enumerate() {
            let path = format!("{path}.charges[{at}]");
            Decimal::parse(&charge.amount)
                .map_err(|message| invalid(&format!("{path}.amount"), &message))?;
            if crate::fee::months_of(&charge.frequency).is_none() {
                let message =
                    format!("{:?} is none of monthly, quarterly, annual", charge.frequency);
                return Err(invalid(&format!("{path}.frequency"), &message));
            }
            if charge.to.is_some_and(|to| to <= charge.from) {
                return Err(invalid(&format!("{path}.to"), "it is not after from"));
            }
            let same = |one: &Charge| one.frequency == charge.frequency && one.from == charge.from;
            if self.charges[..at].iter().any(same) {
                let message = "a charge of this frequency from this day stands above; add them up";
                return Err(invalid(&path, message));
            }
        }
        if let Some(remedy) = &self.remedy {
            remedy.check(&terms, path)?;
        }
        for (at, right) in self.termination.iter().enumerate() {
            right.check(&terms, &format!("{path}.termination[{at}]"))?;
        }
        Ok(terms)
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

impl Exclusion {
    fn check(&self, path: &str) -> Result<(), Problem> {
        if ExclusionKind::parse(&self.kind).is_none() {
            let message = format!("{:?} is no kind of exclusion of the case format", self.kind);
            return Err(invalid(&format!("{path}.kind"), &message));
        }
        if self.to.0 <= self.from.0 {
            return Err(invalid(&format!("{path}.to"), "it is not after from"));
        }
        if self.decided_by.as_ref() == Some(&self.proposed_by) {
            let message = "who proposes an exclusion does not decide it; name somebody else";
            return Err(invalid(&format!("{path}.decided_by"), message));
        }
        Ok(())
    }
}
