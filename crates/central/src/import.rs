//! Importing customers, contracts with their terms and charges, incidents and exclusions: one JSON
//! document, `makegood/import/1`, that takes effect whole or not at all.
//!
//! Things are found again by their keys, so that the same document twice changes nothing. Terms in
//! force never change by an import: other terms are a new version of the contract. Where money rests
//! on what differs, the document waits for a second person: [`crate::proposal`].

mod charge;
mod contract;
mod correction;
mod difference;
pub mod document;
mod incident;
mod mrr;
mod party;
pub mod table;

use crate::store::{Lock, Store, Tx};
use document::Document;
use makegood_domain::{
    Code, Problem,
    contract::Contract,
    id::{ContractId, CustomerId, PersonId},
    proposal::Difference,
};
use makegood_engine::json::Json;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a document came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub struct Report {
    /// Legal entities in it.
    pub legal_entities: usize,
    /// Customers in it.
    pub customers: usize,
    /// Contracts in it.
    pub contracts: usize,
    /// SLA lines in it.
    pub lines: usize,
    /// Incidents in it.
    pub incidents: usize,
    /// Exclusions in it.
    pub exclusions: usize,
    /// How many entities it added or changed.
    pub changed: usize,
}

/// By whose word an import takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands {
    /// Who brought it.
    pub proposed_by: PersonId,
    /// Who saw the differences and agreed; absent while nobody has.
    pub approved_by: Option<PersonId>,
}

/// What a document came to, and what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Counts.
    #[serde(flatten)]
    pub report: Report,
    /// Field by field.
    pub differences: Vec<Difference>,
}

impl Preview {
    /// Whether money rests on anything that it changes: then it takes a second person (law 5).
    #[must_use]
    pub fn drives_money(&self) -> bool {
        self.differences.iter().any(|difference| difference.drives_money)
    }
}

/// Says what a document would change; nothing is written.
///
/// # Errors
/// As [`put`].
pub async fn preview(store: &Store, by: PersonId, bytes: &[u8]) -> Result<Preview, Problem> {
    let mut tx = store.begin(Some(by)).await?;
    // Dropped, the transaction leaves nothing.
    put(&mut tx, Hands { proposed_by: by, approved_by: None }, bytes).await
}

/// Puts a document into effect by the word of those who are named: for whoever acts for both, as the
/// demo does. People go through [`crate::proposal`].
///
/// # Errors
/// As [`put`]. Nothing is written then.
pub async fn apply(store: &Store, hands: Hands, bytes: &[u8]) -> Result<Report, Problem> {
    let mut tx = store.begin(hands.approved_by.or(Some(hands.proposed_by))).await?;
    let preview = put(&mut tx, hands, bytes).await?;
    tx.commit().await?;
    Ok(preview.report)
}

/// Reads a document and puts it into effect within a transaction.
///
/// # Errors
/// [`Code::TextInvalid`] for broken UTF-8; [`Code::Invalid`], [`Code::TermsInvalid`] or
/// [`Code::CustomerUnknown`] with the path of what is wrong; [`Code::Database`]. The transaction must
/// not be committed then.
pub async fn put(tx: &mut Tx, hands: Hands, bytes: &[u8]) -> Result<Preview, Problem> {
    let document = read(bytes)?;
    document.check()?;
    tx.lock(Lock::Import).await?;
    let mut known = Known::new(hands);
    party::put_legal_entities(tx, &document, &mut known).await?;
    let moved = party::put_customers(tx, &document, &mut known).await?;
    party::lock(tx, &document, &mut known, &moved).await?;
    party::hand_over(tx, &moved).await?;
    contract::put_contracts(tx, &document, &mut known).await?;
    mrr::put_all(tx, &document, &mut known).await?;
    incident::put_incidents(tx, &document, &mut known).await?;
    incident::put_exclusions(tx, &document, &mut known).await?;
    correction::revise(tx, &known).await?;
    let report = Report {
        legal_entities: document.legal_entities.len(),
        customers: document.customers.len(),
        contracts: document.contracts.len(),
        lines: document.contracts.iter().map(document::Contract::line_count).sum(),
        incidents: document.incidents.len(),
        exclusions: document.exclusions.len(),
        changed: known.changed,
    };
    if known.changed > 0 {
        let digest = hex::encode(Sha256::digest(bytes));
        let detail = json!({
            "changed": known.changed, "sha256": digest, "proposed_by": hands.proposed_by,
        });
        tx.audit("import.applied", ("import", &digest), None, detail);
    }
    Ok(Preview { report, differences: known.differences })
}

/// What of the document and the store is known by key so far.
#[derive(Debug)]
struct Known {
    hands: Hands,
    customers: BTreeMap<String, CustomerId>,
    changed: usize,
    differences: Vec<Difference>,
    corrections: Vec<correction::Correction>,
    /// Contracts whose number alone does not say which they are: with their customer's key.
    labels: BTreeMap<ContractId, String>,
}

impl Known {
    fn new(hands: Hands) -> Self {
        let (customers, differences, corrections, labels) = Default::default();
        Self { hands, customers, changed: 0, differences, corrections, labels }
    }

    /// How a contract is called where somebody decides about it.
    fn label<'a>(&'a self, contract: &'a Contract) -> &'a str {
        self.labels.get(&contract.id).map_or(contract.number.as_str(), String::as_str)
    }

    /// The key of a customer that the document names.
    fn key_of(&self, customer: CustomerId) -> Option<&str> {
        let mut all = self.customers.iter();
        all.find(|(_, id)| **id == customer).map(|(key, _)| key.as_str())
    }
}

/// Reads a document; what it says by itself is not checked yet.
///
/// # Errors
/// [`Code::TextInvalid`], [`Code::Invalid`] with the path.
pub(crate) fn read(bytes: &[u8]) -> Result<Document, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let place = format!("byte {}", error.valid_up_to());
        Problem::new(
            Code::TextInvalid,
            format!("the import is not UTF-8 at {place}; save it as UTF-8"),
        )
        .at(place)
    })?;
    // The strict reader refuses what serde would let pass: keys that stand twice, for one.
    Json::parse(bytes).map_err(|refusal| invalid(&refusal.path, &refusal.message))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        invalid(if path == "." { "" } else { &path }, &error.inner().to_string())
    })
}

/// A problem with the document, at a path.
fn invalid(path: &str, message: &str) -> Problem {
    if path.is_empty() {
        return Problem::new(Code::Invalid, format!("the import can't be read: {message}"));
    }
    Problem::new(Code::Invalid, format!("{path}: {message}")).at(path)
}
