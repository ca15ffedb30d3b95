//! One contract in one window: the one place where combine, caps and rounding act.

use crate::id::{ContractId, CustomerId, SettlementId, SlaLineId};
use chrono::{DateTime, Utc};
use makegood_engine::money::Money;
use serde::{Deserialize, Serialize};

/// A settlement at its current revision. Made when a window locks; earlier revisions stay in
/// central with their cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Its id; the same over all revisions.
    pub id: SettlementId,
    /// The customer.
    pub customer: CustomerId,
    /// The contract.
    pub contract: ContractId,
    /// Label of the window.
    pub window: String,
    /// The window's first second.
    pub from: DateTime<Utc>,
    /// The window's end (exclusive).
    pub to: DateTime<Utc>,
    /// From 1.
    pub revision: i64,
    /// Why this revision was made; absent for the first.
    pub reason: Option<String>,
    /// Version of the engine that computed it.
    pub engine: String,
    /// Version of the zone rules that it used.
    pub tzdb: String,
    /// SHA-256 of the case file (internal edition, with result), hex.
    pub case_hash: String,
    /// When it was locked.
    pub locked_at: DateTime<Utc>,
    /// What the contract owes for the window.
    pub total: Money,
    /// The lines.
    pub lines: Vec<SettlementLine>,
}

/// A line of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementLine {
    /// The SLA line.
    pub line: SlaLineId,
    /// Cut after six decimals; absent: not measured.
    pub percent: Option<String>,
    /// Whether the objective was met.
    pub met: Option<bool>,
    /// The line's own credit.
    pub own: Money,
    /// Its part of the settlement's total; the parts add up to it exactly.
    pub allocated: Money,
    /// Its credit base, decimal text.
    pub fee: String,
    /// How that came about.
    pub fee_trace: String,
}
