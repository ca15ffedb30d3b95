//! Contracts: versions, SLA lines, charges and what remedy is owed how.

use crate::{
    credit::CreditForm,
    id::{
        ChargeId, ContractId, ContractVersionId, CustomerId, LegalEntityId, PersonId, SeriesId,
        SlaLineId,
    },
    scope::SliScope,
    termination::TerminationRight,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A contract with a customer, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// With whom.
    pub customer: CustomerId,
    /// For which of our legal entities.
    pub legal_entity: LegalEntityId,
    /// Number, unique per customer: `NW-1`.
    pub number: String,
    /// ISO 4217.
    pub currency: String,
    /// What credits of several lines for one window come to.
    pub combine: Combine,
    /// The contract's caps as docs/format.md writes them (`cap`), JSON; absent where there are none.
    pub cap: Option<serde_json::Value>,
    /// When it renews.
    pub renews_on: Option<NaiveDate>,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// SHA-256 of the governing document, hex.
    pub document_hash: Option<String>,
    /// The version that is in force: its number, from 1.
    pub version_number: i64,
}

/// What credits of several lines for one window come to (docs/format.md, `contract.combine`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Their sum.
    #[default]
    Sum,
    /// The highest of them.
    Highest,
}

/// How often a charge is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Each month.
    Monthly,
    /// Each quarter.
    Quarterly,
    /// Each year.
    Annual,
}

impl Frequency {
    /// How many months one charge covers.
    #[must_use]
    pub fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Quarterly => 3,
            Self::Annual => 12,
        }
    }
}

crate::word::words! {
    Combine { Sum = "sum", Highest = "highest" }
    Frequency { Monthly = "monthly", Quarterly = "quarterly", Annual = "annual" }
}

/// One version of a contract: when it is in force, and since when we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractVersion {
    /// Its id.
    pub id: ContractVersionId,
    /// The contract.
    pub contract: ContractId,
    /// The customer.
    pub customer: CustomerId,
    /// From 1, without gaps.
    pub number: i64,
    /// In force from (instant; half open).
    pub valid_from: DateTime<Utc>,
    /// In force until; open when absent.
    pub valid_to: Option<DateTime<Utc>>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// What an amendment inside a window does: `next_window`, `split`, `whole_window`.
    pub treatment: String,
    /// Who brought it in.
    pub proposed_by: Option<PersonId>,
    /// Who put it in force.
    pub approved_by: Option<PersonId>,
}

/// Terms over an SLI, in one version of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaLine {
    /// Its id.
    pub id: SlaLineId,
    /// The contract.
    pub contract: ContractId,
    /// The customer.
    pub customer: CustomerId,
    /// The version of the contract that it belongs to.
    pub version: ContractVersionId,
    /// Its name: the `sla` of a case.
    pub name: String,
    /// The product it covers.
    pub product: String,
    /// The `terms` of docs/format.md.
    pub terms: serde_json::Value,
    /// Which clause says what.
    pub clauses: Clauses,
    /// What measures it.
    pub series: SeriesId,
    /// Which parts of that it is about; absent: what is told of the service as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<SliScope>,
    /// Monthly amount it is charged with, decimal text; the window's fee is derived from the charges.
    pub fee: String,
    /// How its credit base comes about, in words a finance person checks: `annual 120,000.00 ÷ 12`.
    pub fee_rule: String,
    /// How the remedy is handed over.
    pub remedy: RemedyRule,
    /// When the customer may terminate for what it missed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub termination: Vec<TerminationRight>,
    /// First day on which it is under contract, as an instant; absent: always.
    pub active_from: Option<DateTime<Utc>>,
    /// End of it; absent: open.
    pub active_to: Option<DateTime<Utc>>,
}

/// References into the governing document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clauses {
    /// Where the objective stands: `4.2`.
    #[serde(default)]
    pub objective: Option<String>,
    /// Where exclusions stand, by kind.
    #[serde(default)]
    pub exclusions: std::collections::BTreeMap<String, String>,
    /// Where the credit table stands: `7`.
    #[serde(default)]
    pub credit: Option<String>,
}

/// What is charged for a line; the credit base is derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Its id.
    pub id: ChargeId,
    /// The line.
    pub line: SlaLineId,
    /// The customer.
    pub customer: CustomerId,
    /// `recurring`, `usage`, `one_time`.
    pub kind: String,
    /// Decimal text, in the contract's currency.
    pub amount: String,
    /// How often.
    pub frequency: Frequency,
    /// Charged before the service.
    pub in_advance: bool,
    /// From this day.
    pub from: NaiveDate,
    /// To this day, exclusive; open when absent.
    pub to: Option<NaiveDate>,
}

/// The credit base of a window in which a line is under contract in part only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialBase {
    /// That of the whole window.
    #[default]
    Whole,
    /// Its share by calendar days. A day counts for whoever is under contract at its end.
    ByDays,
}

impl PartialBase {
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// How a credit that is owed reaches the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemedyRule {
    /// Who moves first.
    pub mode: RemedyMode,
    /// Days after the window's end within which it must be claimed; only where it must be.
    pub claim_within_days: Option<u16>,
    /// Days after its approval within which a credit must be used; absent: it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after_days: Option<u16>,
    /// How much of the credit base counts in a window in which the line is under contract in part only.
    #[serde(default, skip_serializing_if = "PartialBase::is_whole")]
    pub partial_base: PartialBase,
    /// How credits are given.
    pub form: CreditForm,
}

/// Who moves first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyMode {
    /// We credit without being asked.
    Proactive,
    /// We tell the customer that they may claim.
    Invite,
    /// Only a claim counts.
    ClaimOnly,
}
