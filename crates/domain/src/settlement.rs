//! One contract in one window: the one place where combine, caps and rounding act.

use crate::{
    credit::{Claim, Credit, CreditKind, Decision},
    id::{ContractId, CustomerId, SettlementId, SlaLineId},
    statement::ends_in,
};
use chrono::{DateTime, NaiveDate, Utc};
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

impl Settlement {
    /// Whether its window is told of in a period: [`crate::statement::ends_in`].
    #[must_use]
    pub fn ends_in(&self, period: &str) -> bool {
        ends_in(&self.window, self.to, period)
    }
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

/// What became of what a settlement owes. A revision may have left it to several credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// By what became of each part; together they are the settlement's total. What was granted comes
    /// first; nothing where nothing is owed.
    pub shares: Vec<Share>,
    /// What was granted beyond what is owed.
    pub beyond: Option<Beyond>,
}

/// A part of what a settlement owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What became of it.
    pub state: ShareState,
    /// How much, more than nothing.
    pub amount: Money,
}

/// What became of a part of what a settlement owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareState {
    /// Approved.
    Granted,
    /// Not decided yet, or not even drafted.
    Pending,
    /// Owed when the customer asks for it.
    OnRequest {
        /// The last day on which it can be asked for.
        until: NaiveDate,
    },
    /// Not asked for in time.
    Lapsed,
    /// Decided against.
    NotGranted,
}

/// What was granted beyond what a settlement owes: a revision lowered that after the credit was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// How much, more than nothing.
    pub amount: Money,
    /// Whether it is decided that the customer keeps it.
    pub decided: bool,
}

impl Settlement {
    /// What became of what it owes, by its credits among these. Goodwill is beside what is owed, and a
    /// cancelled credit rests on nothing.
    #[must_use]
    pub fn outcome<'a>(&self, credits: impl IntoIterator<Item = &'a Credit>) -> Outcome {
        let own = |one: &&Credit| {
            one.settlement == Some(self.id)
                && one.kind != CreditKind::Goodwill
                && one.decision != Decision::Cancelled
        };
        let (approved, open): (Vec<&Credit>, Vec<&Credit>) =
            credits.into_iter().filter(own).partition(|one| one.decision == Decision::Approved);
        let granted: i64 = approved.iter().map(|one| one.amount.minor()).sum();
        let owed = self.total.minor();
        let money = |minor| Money::new(minor, self.total.currency());
        let kept = open.iter().filter(|one| one.decision == Decision::NotGranted);
        let kept: i64 = kept.map(|one| one.amount.minor().min(0)).sum();
        let undecided = open.iter().any(|one| not_granted(one) == ShareState::Pending);
        let beyond = (granted > owed).then(|| Beyond {
            amount: money(granted - owed),
            decided: !undecided && granted + kept <= owed,
        });
        let mut rest = owed - granted.min(owed);
        let mut shares = vec![Share { state: ShareState::Granted, amount: money(owed - rest) }];
        // What is still open is told before what is over: of two credits for the same money, the later one.
        let mut told: Vec<(ShareState, i64)> =
            open.iter().map(|one| (not_granted(one), one.amount.minor())).collect();
        told.sort_by_key(|(state, _)| match state {
            ShareState::Granted | ShareState::Pending => 0,
            ShareState::OnRequest { .. } => 1,
            ShareState::Lapsed => 2,
            ShareState::NotGranted => 3,
        });
        // What nobody has drafted yet is to be decided, too.
        told.push((ShareState::Pending, rest));
        for (state, amount) in told {
            let part = amount.clamp(0, rest);
            rest -= part;
            match shares.iter_mut().find(|share| share.state == state) {
                Some(share) => share.amount = money(share.amount.minor() + part),
                None => shares.push(Share { state, amount: money(part) }),
            }
        }
        shares.retain(|share| share.amount.minor() > 0);
        Outcome { shares, beyond }
    }
}

/// What became of a credit that is not approved.
fn not_granted(credit: &Credit) -> ShareState {
    match (credit.decision, credit.claim, credit.claim_until) {
        (Decision::NotGranted, ..) => ShareState::NotGranted,
        (_, Claim::Lapsed | Claim::Late, _) => ShareState::Lapsed,
        (_, Claim::Invited, Some(until)) => ShareState::OnRequest { until },
        _ => ShareState::Pending,
    }
}
