//! The figures that a statement states, as data: what its pages say, in the form in which a machine
//! can compare it with the calculation files.

use crate::document::{CreditNotice, Document, Kind, Scope};
use crate::error::StatementError;
use crate::figures::Settled;
use serde::{Deserialize, Serialize};

/// Under which name it is embedded.
pub(crate) const FILE_NAME: &str = "statement.json";
/// Which form this is.
pub(crate) const FORMAT: &str = "makegood/statement/1";

/// What a statement states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    pub(crate) number: String,
    pub(crate) revision: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) supersedes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) notice: Option<StatedNotice>,
    pub(crate) issued_by: String,
    pub(crate) customer: String,
    /// `contract`, `group`; absent: the whole customer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) of: Option<String>,
    pub(crate) period: String,
    pub(crate) issued_at: String,
    pub(crate) contracts: Vec<StatedContract>,
}

/// What a notice states of its credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatedNotice {
    pub(crate) amount: String,
    pub(crate) before: Vec<StatedBefore>,
    /// What of the contract's credit was decided against; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) not_granted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) statement: Option<String>,
}

/// A credit that was granted earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatedBefore {
    pub(crate) credit: String,
    pub(crate) amount: String,
}

impl StatedNotice {
    fn of(notice: &CreditNotice) -> Self {
        let before = notice.before.iter().map(|one| StatedBefore {
            credit: one.number.clone(),
            amount: one.amount.to_decimal_string(),
        });
        Self {
            amount: notice.amount.to_decimal_string(),
            before: before.collect(),
            not_granted: notice.not_granted.map(|rest| rest.to_decimal_string()),
            statement: notice.statement.clone(),
        }
    }
}

/// What it states of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatedContract {
    pub(crate) contract: String,
    pub(crate) revision: u32,
    pub(crate) file_name: String,
    pub(crate) sha256: String,
    pub(crate) currency: String,
    pub(crate) credit: String,
    pub(crate) lines: Vec<StatedLine>,
}

/// What it states of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatedLine {
    pub(crate) sla: String,
    pub(crate) objective: String,
    pub(crate) percent: Option<String>,
    pub(crate) met: Option<bool>,
    pub(crate) bad: String,
    pub(crate) credit: String,
}

impl Manifest {
    pub(crate) fn of(document: &Document, settled: &[Settled<'_>]) -> Self {
        Self {
            format: FORMAT.to_owned(),
            number: document.number.clone(),
            revision: document.revision,
            supersedes: document.supersedes.clone(),
            notice: match &document.kind {
                Kind::Statement => None,
                Kind::CreditNotice(notice) => Some(StatedNotice::of(notice)),
            },
            issued_by: document.legal_entity.name.clone(),
            customer: document.customer.clone(),
            of: match (&document.kind, document.scope) {
                (Kind::CreditNotice(_), _) | (_, Scope::Customer) => None,
                (Kind::Statement, Scope::Contract) => Some("contract".to_owned()),
                (Kind::Statement, Scope::Group) => Some("group".to_owned()),
            },
            period: document.period.label.clone(),
            issued_at: document.issued_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            contracts: settled.iter().map(contract).collect(),
        }
    }

    pub(crate) fn to_json(&self) -> Result<String, StatementError> {
        let mut json = serde_json::to_string_pretty(self)
            .map_err(|error| StatementError::Internal(error.to_string()))?;
        json.push('\n');
        Ok(json)
    }
}

fn contract(settled: &Settled<'_>) -> StatedContract {
    let lines = settled.lines();
    StatedContract {
        contract: settled.part.number.clone(),
        revision: settled.part.revision,
        file_name: settled.part.file_name.clone(),
        sha256: settled.sha256.clone(),
        currency: settled.case.contract.currency.code().to_owned(),
        credit: settled.computed.result.credit.clone(),
        lines: lines
            .iter()
            .map(|line| StatedLine {
                sla: line.part.sla.clone(),
                objective: line.line.terms.objective.as_str().to_owned(),
                percent: line.result.percent.clone(),
                met: line.result.met,
                bad: line.result.bad.clone(),
                credit: line.result.credit.clone(),
            })
            .collect(),
    }
}
