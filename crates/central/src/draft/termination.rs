//! What is unwise about rights to terminate that can be read.

use super::look::Finding;
use crate::import::document::{self, Document};
use makegood_engine::decimal::Decimal;

/// What a careful reader would not sign.
pub(super) fn findings(document: &Document) -> Vec<Finding> {
    let mut found = Vec::new();
    for (contract_at, contract) in document.contracts.iter().enumerate() {
        for (version_at, version) in contract.versions.iter().enumerate() {
            for (line_at, line) in version.lines.iter().enumerate() {
                let Ok(terms) = document::terms(&line.terms) else { continue };
                for (at, right) in line.termination.iter().enumerate() {
                    let below = right.below.as_deref().map(Decimal::parse).and_then(Result::ok);
                    if below.is_none_or(|below| below.compare(&terms.objective).is_le()) {
                        continue;
                    }
                    found.push(Finding {
                        path: format!(
                            "contracts[{contract_at}].versions[{version_at}].lines[{line_at}]\
                             .termination[{at}].below"
                        ),
                        code: "termination_above_objective".to_owned(),
                        severity: "warning".to_owned(),
                        why: "the customer may terminate for windows that met the objective"
                            .to_owned(),
                        instead: "a level that is not above the objective".to_owned(),
                    });
                }
            }
        }
    }
    found
}
