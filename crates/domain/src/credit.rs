//! SLA credits: what is owed, and the four separate states it moves through.

use crate::{
    id::{
        ApprovalId, ContractId, CreditId, CustomerGroupId, CustomerId, LegalEntityId, PersonId,
        SettlementId,
    },
    statement,
};
use chrono::{DateTime, NaiveDate, Utc};
use makegood_engine::{credits::Form, money::Money};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// An SLA credit. Its amount is signed: a recovery is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Its id.
    pub id: CreditId,
    /// Number to show: `CR-311`.
    pub number: String,
    /// What kind it is.
    pub kind: CreditKind,
    /// How much, signed.
    pub amount: Money,
    /// The customer.
    pub customer: CustomerId,
    /// Its group, whose total the approval matrix counts.
    pub group: CustomerGroupId,
    /// The contract.
    pub contract: ContractId,
    /// Which of our legal entities owes it.
    pub legal_entity: LegalEntityId,
    /// The settlement it was drafted from; absent for goodwill.
    pub settlement: Option<SettlementId>,
    /// The settlement's revision that it rests on; 0 for goodwill.
    pub settlement_revision: i64,
    /// The decided credit that this one adjusts or recovers.
    pub adjusts: Option<CreditId>,
    /// The service period: label of the window.
    pub window: String,
    /// How it is given.
    pub form: CreditForm,
    /// Where the decision stands.
    pub decision: Decision,
    /// Where the customer's claim stands.
    pub claim: Claim,
    /// Last day to claim, where one is needed.
    pub claim_until: Option<NaiveDate>,
    /// Where billing stands.
    pub billing: Billing,
    /// How much of it has been set against invoices.
    pub application: Application,
    /// Version of the approval matrix, frozen when it was proposed.
    pub policy_version: Option<i64>,
    /// Calendar month (UTC) of the proposal, `2026-11`: whose group total it counts in.
    pub group_month: Option<String>,
    /// Who proposed or amended it: none of them may decide.
    pub proposed_by: Vec<PersonId>,
    /// When it was last proposed.
    pub proposed_at: Option<DateTime<Utc>>,
    /// The approvals, in order.
    pub approvals: Vec<Approval>,
    /// Why: goodwill's reason, a return's reason, what made it stale.
    pub reason: Option<String>,
}

impl Credit {
    /// Whether a period's statement that tells of these settlements tells of it. Goodwill rests on none, and
    /// goes by its label.
    #[must_use]
    pub fn is_told_with(&self, told: &BTreeSet<SettlementId>, period: &str) -> bool {
        match self.settlement {
            Some(settlement) => told.contains(&settlement),
            None => statement::names(&self.window, period),
        }
    }
}

/// What kind of credit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// Owed by the contract.
    Contractual,
    /// Given without being owed.
    Goodwill,
    /// A later revision owes more.
    Adjustment,
    /// A later revision owes less: negative.
    Recovery,
}

/// Where the decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Central drafted it from a settlement.
    Drafted,
    /// Somebody proposed it.
    Proposed,
    /// One approver of two has approved.
    ApprovedOnce,
    /// It is approved.
    Approved,
    /// Sent back to its proposer, with a reason.
    Returned,
    /// Decided against.
    NotGranted,
    /// It no longer rests on anything.
    Cancelled,
}

impl Decision {
    /// Whether people have finished deciding: law 4 leaves such a credit as it is.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Approved | Self::NotGranted | Self::Cancelled)
    }
    /// Whether it counts towards the group's total of the approval matrix.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Proposed | Self::ApprovedOnce | Self::Approved)
    }
}

/// Where the customer's claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// We credit without being asked.
    NotNeeded,
    /// The customer has to ask, and has been or will be told so.
    Invited,
    /// The customer asked in time.
    Filed,
    /// The customer asked too late.
    Late,
    /// The time has passed.
    Lapsed,
}

/// Where billing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// Nothing was sent.
    None,
    /// Sent to billing.
    Sent,
    /// The credit note is issued.
    Issued,
    /// Billing refused.
    Failed,
    /// The outcome is unknown (law 8).
    Reconcile,
}

/// How much of a credit has been set against invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Application {
    /// Nothing.
    None,
    /// A part.
    Partly,
    /// All of it.
    Fully,
}

crate::word::words! {
    CreditKind { Contractual = "contractual", Goodwill = "goodwill", Adjustment = "adjustment", Recovery = "recovery" }
    Decision {
        Drafted = "drafted", Proposed = "proposed", ApprovedOnce = "approved_once", Approved = "approved",
        Returned = "returned", NotGranted = "not_granted", Cancelled = "cancelled",
    }
    Claim { NotNeeded = "not_needed", Invited = "invited", Filed = "filed", Late = "late", Lapsed = "lapsed" }
    Billing { None = "none", Sent = "sent", Issued = "issued", Failed = "failed", Reconcile = "reconcile" }
    Application { None = "none", Partly = "partly", Fully = "fully" }
    CreditForm { Invoice = "invoice", ServiceDays = "service_days", Refund = "refund" }
}

/// How a credit is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditForm {
    /// Set against an invoice.
    #[default]
    Invoice,
    /// Days of service.
    ServiceDays,
    /// Paid back.
    Refund,
}

impl From<Form> for CreditForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Invoice => Self::Invoice,
            Form::ServiceDays => Self::ServiceDays,
            Form::Refund => Self::Refund,
        }
    }
}

/// One step of an approval: who decided what, having seen what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// 1 or 2.
    pub step: u8,
    /// Who.
    pub person: PersonId,
    /// In whose place, where their own roles did not carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated_from: Option<PersonId>,
    /// What became of the credit by it: approved, returned or not granted.
    pub decision: Decision,
    /// Why, where they said so.
    pub reason: Option<String>,
    /// SHA-256 of what they saw (amount, version, settlement revision), hex (law 7).
    pub seen_hash: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Approval {
    /// What `seen_hash` is of: a credit with this amount, at this version, resting on this revision.
    #[must_use]
    pub fn hash_of_seen(credit: CreditId, amount: Money, version: i64, revision: i64) -> String {
        let seen = format!("{credit}|{}|{version}|{revision}", amount.display());
        hex::encode(Sha256::digest(seen.as_bytes()))
    }
}
