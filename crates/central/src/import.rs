//! Importing customers, contracts with their terms and charges, incidents and exclusions: one JSON
//! document, `makegood/import/1`, that takes effect whole or not at all.
//!
//! Things are found again by their keys, so that the same document twice changes nothing. What is in
//! force never changes by an import: other terms are a new version of the contract.

mod contract;
pub mod document;
mod incident;
mod party;

use crate::store::Store;
use document::Document;
use makegood_domain::{
    Code, Problem,
    id::{CustomerId, PersonId},
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

/// Reads a document and puts it into effect.
///
/// # Errors
/// [`Code::TextInvalid`] for broken UTF-8; [`Code::Invalid`], [`Code::TermsInvalid`] or
/// [`Code::CustomerUnknown`] with the path of what is wrong; [`Code::Database`]. Nothing is written
/// then.
pub async fn apply(store: &Store, by: PersonId, bytes: &[u8]) -> Result<Report, Problem> {
    let document = read(bytes)?;
    document.check()?;
    let mut tx = store.begin(Some(by)).await?;
    tx.lock("import").await?;
    let mut known = Known { by, ..Known::default() };
    party::put_legal_entities(&mut tx, &document, &mut known).await?;
    party::put_customers(&mut tx, &document, &mut known).await?;
    contract::put_contracts(&mut tx, &document, &mut known).await?;
    incident::put_incidents(&mut tx, &document, &mut known).await?;
    incident::put_exclusions(&mut tx, &document, &mut known).await?;
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
        let detail = json!({ "changed": known.changed, "sha256": digest });
        tx.audit("import.applied", ("import", &digest), None, detail);
    }
    tx.commit().await?;
    Ok(report)
}

/// What of the document and the store is known by key so far.
#[derive(Debug)]
struct Known {
    by: PersonId,
    customers: BTreeMap<String, CustomerId>,
    changed: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self { by: PersonId::from(uuid::Uuid::nil()), customers: BTreeMap::new(), changed: 0 }
    }
}

fn read(bytes: &[u8]) -> Result<Document, Problem> {
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
