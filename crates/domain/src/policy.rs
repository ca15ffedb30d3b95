//! The approval matrix (law 5): who may decide a credit, and when a second approver is needed.
//! Central enforces it in the transaction; a desk asks the same functions to explain it.

use crate::{
    credit::{Credit, Decision},
    error::{Code, Problem},
    id::PersonId,
    person::{Actor, Permission, TokenKind},
};
use makegood_engine::money::Money;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One version of the approval matrix. Credits keep the version under which they were proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// From 1; the highest is in force.
    pub version: i64,
    /// The currency that the limit is written in.
    pub base: String,
    /// From this sum per customer group and calendar month on, a second approver is required.
    pub limit: Money,
    /// What one unit of another currency is in `base`: decimal text. Money is never added across
    /// currencies without such a named rate.
    pub rates: BTreeMap<String, String>,
}

impl Policy {
    /// What `amount` weighs in the base currency's major units, exact. A recovery weighs as much as
    /// a credit of its size: splitting into plus and minus must not evade the limit.
    ///
    /// # Errors
    /// [`Code::Invalid`] when the matrix names no rate for the currency, or the product overflows.
    pub fn weight(&self, amount: Money) -> Result<Decimal, Problem> {
        let currency = amount.currency();
        let code = currency.code();
        let refuse = |what: &str| {
            Problem::new(
                Code::Invalid,
                format!(
                    "approval matrix v{}: {what} for {code}; have an administrator add the rate",
                    self.version
                ),
            )
        };
        let rate = if code == self.base {
            Decimal::ONE
        } else {
            let text = self.rates.get(code).ok_or_else(|| refuse("no rate"))?;
            text.parse::<Decimal>().map_err(|_| refuse("unreadable rate"))?
        };
        let major = Decimal::try_from_i128_with_scale(
            i128::from(amount.minor()).abs(),
            u32::from(amount.currency().minor_digits()),
        )
        .map_err(|_| refuse("amount out of range"))?;
        major.checked_mul(rate).ok_or_else(|| refuse("amount out of range"))
    }

    /// Whether a group's total (in base units) asks for a second approver: Σ amount ÷ limit ≥ 1.
    #[must_use]
    pub fn needs_second(&self, group_total: Decimal) -> bool {
        let limit = Decimal::try_from_i128_with_scale(
            i128::from(self.limit.minor()),
            u32::from(self.limit.currency().minor_digits()),
        );
        limit.map_or(true, |limit| group_total >= limit)
    }
}

/// Whether the actor may do `permission` at all, by role.
///
/// # Errors
/// [`Code::RoleMissing`], naming the verb.
pub fn require(actor: &Actor, permission: Permission) -> Result<(), Problem> {
    if actor.may(permission) {
        return Ok(());
    }
    if let Some(verbs) = &actor.confined_to
        && !verbs.contains(&permission)
    {
        let verb = permission.as_str().replace('_', " ");
        let why = format!("this token may not {verb}; sign in, or use a token that may");
        return Err(Problem::new(Code::RoleMissing, why));
    }
    Err(Problem::new(
        Code::RoleMissing,
        format!(
            "{} may not {}; ask somebody with that role",
            actor.name,
            permission.as_str().replace('_', " ")
        ),
    ))
}

/// Whether the actor may approve this credit as its next approver.
///
/// # Errors
/// [`Code::RoleMissing`], [`Code::TokenMayNotApprove`], [`Code::ScopeMissing`], [`Code::WrongState`],
/// [`Code::OwnProposal`], [`Code::SameApprover`].
pub fn may_approve(actor: &Actor, credit: &Credit) -> Result<(), Problem> {
    require(actor, Permission::ApproveCredit)?;
    if actor.token_kind == TokenKind::Personal {
        return Err(Problem::new(
            Code::TokenMayNotApprove,
            "personal tokens never approve; sign in and decide in person",
        ));
    }
    if !actor.scope.holds(credit.customer) {
        return Err(Problem::new(
            Code::ScopeMissing,
            format!("{} lies outside your scope; ask an administrator", credit.number),
        ));
    }
    if !matches!(credit.decision, Decision::Proposed | Decision::ApprovedOnce) {
        return Err(Problem::new(
            Code::WrongState,
            format!(
                "{} is {}, not awaiting approval",
                credit.number,
                credit.decision.as_str().replace('_', " ")
            ),
        ));
    }
    if credit.proposed_by.contains(&actor.person) {
        return Err(Problem::new(
            Code::OwnProposal,
            format!("you proposed or amended {}; somebody else has to decide it", credit.number),
        ));
    }
    if approvers(credit).any(|person| person == actor.person) {
        return Err(Problem::new(
            Code::SameApprover,
            format!(
                "you gave the first approval of {}; the second has to be another person's",
                credit.number
            ),
        ));
    }
    Ok(())
}

/// Who has approved the credit since it was last proposed.
pub fn approvers(credit: &Credit) -> impl Iterator<Item = PersonId> {
    let since = credit.proposed_at;
    credit
        .approvals
        .iter()
        .filter(move |approval| {
            approval.decision == "approved" && since.is_none_or(|at| approval.at >= at)
        })
        .map(|approval| approval.person)
}

/// Whether the actor may decide an exclusion that `proposer` proposed.
///
/// # Errors
/// [`Code::RoleMissing`], [`Code::OwnProposal`].
pub fn may_decide_exclusion(actor: &Actor, proposer: PersonId) -> Result<(), Problem> {
    require(actor, Permission::DecideExclusion)?;
    if actor.token_kind == TokenKind::Personal {
        return Err(Problem::new(
            Code::TokenMayNotApprove,
            "personal tokens never decide; sign in and decide in person",
        ));
    }
    if actor.person == proposer {
        return Err(Problem::new(
            Code::OwnProposal,
            "you proposed this exclusion; somebody else has to admit or refuse it",
        ));
    }
    Ok(())
}
