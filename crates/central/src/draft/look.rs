//! Looking at a draft: the first thing that is wrong with it, what a careful reader would not sign, and
//! what it would change.

use crate::{
    book, fee,
    import::{self, Preview, document},
    store::Store,
};
use makegood_domain::{
    Problem,
    draft::Draft,
    id::{Ids, PersonId},
    proposal::Difference,
};
use makegood_engine::{
    Case, Evidence, Line,
    decimal::Decimal,
    lint::{self, english},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What there is to say about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The first thing for which it can't be put in force; absent: there is none.
    pub problem: Option<Problem>,
    /// What a careful reader would not sign.
    pub findings: Vec<Finding>,
    /// What would differ, once it can be put in force.
    pub differences: Vec<Difference>,
}

/// What is unwise about terms that are valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DraftFinding)]
pub struct Finding {
    /// Where in the draft's document.
    pub path: String,
    /// Out of the linter's closed list.
    pub code: String,
    /// `error`: it never works as written; `warning`.
    pub severity: String,
    /// Why.
    pub why: String,
    /// What to write instead; empty where that depends.
    pub instead: String,
}

/// Looks at a draft; nothing is written.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn look(store: &Store, by: PersonId, draft: &Draft) -> Result<Look, Problem> {
    let bytes = draft.document.as_bytes();
    let mut findings = Vec::new();
    if let Ok(document) = import::read(bytes) {
        findings = self::findings(&document, store.ids());
        findings.extend(super::termination::findings(&document));
        findings.extend(super::scope::findings(store, &document).await?);
    }
    match import::preview(store, by, bytes).await {
        Ok(Preview { differences, .. }) => Ok(Look { problem: None, findings, differences }),
        Err(problem) if problem.code.http_status() < 500 => {
            Ok(Look { problem: Some(problem), findings, differences: Vec::new() })
        }
        Err(problem) => Err(problem),
    }
}

fn findings(document: &document::Document, ids: &Ids) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, contract) in document.contracts.iter().enumerate() {
        for (version_at, version) in contract.versions.iter().enumerate() {
            let Some(case) = as_case(contract, version, ids) else { continue };
            let within = format!("contracts[{at}].versions[{version_at}].");
            for finding in lint::case(&case) {
                let advice = english(&finding.flaw);
                found.push(Finding {
                    path: match finding.path.strip_prefix("contract.") {
                        Some(rest) => format!("contracts[{at}].{rest}"),
                        None => format!("{within}{}", finding.path),
                    },
                    code: finding.code().as_str().to_owned(),
                    severity: finding.severity().as_str().to_owned(),
                    why: advice.why,
                    instead: advice.instead,
                });
            }
        }
    }
    found
}

/// A version as the linter reads it; absent while its terms are not valid.
fn as_case(contract: &document::Contract, version: &document::Version, ids: &Ids) -> Option<Case> {
    let stated =
        book::stated(&contract.currency, contract.combine, contract.cap.as_ref(), None).ok()?;
    let mut lines = Vec::with_capacity(version.lines.len());
    for line in &version.lines {
        let terms = document::terms(&line.terms).ok()?;
        // Nothing is kept of these: any ids do.
        let charges = line.charges.iter().map(|one| one.of(ids.make(), (ids.make(), ids.make())));
        let charges: Vec<_> = charges.collect();
        let months = fee::months_of_window(&terms.window.kind);
        let day = line.charges.iter().map(|charge| charge.from).max()?;
        let fee = fee::of_window(&charges, stated.currency, months, day).ok()?;
        lines.push(Line {
            sla: line.name.clone(),
            terms,
            evidence: Evidence::default(),
            fee: Decimal::parse(&fee.amount).ok()?,
            active: None,
            history: Vec::new(),
            maintenance_used: BTreeMap::new(),
        });
    }
    Some(Case {
        id: None,
        title: None,
        source: None,
        contract: stated,
        period: String::new(),
        lines,
        result: None,
        invalid: None,
    })
}
