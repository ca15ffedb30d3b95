//! Deciding credits: proposed by one, approved by another, above the limit by a third (law 5).

use super::{Deciding, Given, absent, required};
use crate::{
    deadline,
    store::{self, Lock, Versioned},
};
use makegood_domain::{
    Code, Money, Problem,
    command::Verb,
    contract::Contract,
    credit::{Application, Approval, Billing, Claim, Credit, CreditForm, CreditKind, Decision},
    customer::Customer,
    id::CreditId,
    person::{Permission, TokenKind},
    policy::{self, Policy},
    statement::is_window,
};
use serde_json::json;

/// Numbers of credits come after this one.
pub(crate) const FIRST_NUMBER: i64 = 300;

impl Deciding<'_> {
    /// The credit as its author saw it, with its group to itself: nobody else decides about that
    /// group until this transaction is over.
    pub(super) async fn credit(&mut self, id: CreditId) -> Result<Versioned<Credit>, Problem> {
        let found = store::get::<Credit>(self.tx.conn(), id).await?;
        let found = found.ok_or_else(|| absent("credit", &id.to_string()))?;
        self.tx.lock(Lock::Group(found.row.group)).await?;
        self.seen::<Credit>().await
    }

    /// Law 7, once more for the amount: what is owed is what the author read.
    fn amount_holds(&self, credit: &Versioned<Credit>, seen: Money) -> Result<(), Problem> {
        if credit.row.amount == seen {
            return Ok(());
        }
        let (number, present) = (&credit.row.number, credit.row.amount.display());
        let seen = seen.display();
        Err(Problem::new(
            Code::Stale,
            format!("{number} is {present} now, not {seen} as you saw it; look again, then decide"),
        )
        .with_current(json!({
            "entity": "credit", "key": credit.row.id, "version": credit.version, "row": credit.row,
        })))
    }

    pub(super) fn not_by_script(&self) -> Result<(), Problem> {
        if self.actor.token_kind == TokenKind::Session {
            return Ok(());
        }
        let why = "personal tokens never decide about credits; sign in and decide in person";
        Err(Problem::new(Code::TokenMayNotApprove, why))
    }

    /// Puts the credit on the table under the matrix in force, and counts it in the group's month. A new
    /// one is given its number last: everybody else who proposes waits for whoever has drawn one.
    async fn put_proposed(&mut self, credit: &mut Credit) -> Result<(), Problem> {
        let policy = store::policy::in_force(self.tx.conn()).await?;
        let month = self.now.format("%Y-%m").to_string();
        if !credit.proposed_by.contains(&self.actor.person) {
            credit.proposed_by.push(self.actor.person);
        }
        let own = policy.weight(credit.amount)?;
        let policy = store::policy::version(self.tx.conn(), policy.version).await?;
        let others = self.tx.group_total(credit.group, &month, &policy).await?;
        let used = others.checked_add(own).ok_or_else(store::policy::out_of_range)?;
        self.tx.put_group_month(credit.group, &month, &policy, used).await?;
        credit.decision = Decision::Proposed;
        credit.proposed_at = Some(self.now);
        credit.policy_version = Some(policy.version);
        credit.group_month = Some(month);
        if credit.number.is_empty() {
            let number = self.tx.draw("credit", FIRST_NUMBER).await?;
            credit.number = format!("CR-{number}");
        }
        self.tx.put(credit).await.map(|_| ())
    }

    /// The group's total in the month of the credit's proposal, the credit included; on record.
    async fn count(
        &mut self,
        credit: &Credit,
        policy: &Policy,
    ) -> Result<rust_decimal::Decimal, Problem> {
        let month = credit.group_month.clone().unwrap_or_default();
        let used = self.tx.group_total(credit.group, &month, policy).await?;
        self.tx.put_group_month(credit.group, &month, policy, used).await?;
        Ok(used)
    }

    async fn frozen(&mut self, credit: &Credit) -> Result<Policy, Problem> {
        match credit.policy_version {
            Some(version) => store::policy::version(self.tx.conn(), version).await,
            None => store::policy::in_force(self.tx.conn()).await,
        }
    }

    /// A step of an approval, with the hash of what was seen.
    fn approval(
        &self,
        credit: &Versioned<Credit>,
        decision: Decision,
        reason: Option<&str>,
    ) -> Approval {
        let step = if credit.row.decision == Decision::ApprovedOnce { 2 } else { 1 };
        let row = &credit.row;
        let seen_hash =
            Approval::hash_of_seen(row.id, row.amount, credit.version, row.settlement_revision);
        Approval {
            id: self.tx.store().ids().make(),
            step,
            person: self.actor.person,
            delegated_from: None,
            decision,
            reason: reason.map(str::to_owned),
            seen_hash,
            at: self.now,
        }
    }
}

pub(super) fn wrong_state(credit: &Credit, way_out: &str) -> Problem {
    let state = credit.decision.as_str().replace('_', " ");
    Problem::new(Code::WrongState, format!("{} is {state}; {way_out}", credit.number))
}

pub(super) fn given(credit: &Credit) -> Given {
    Given::from([
        ("number".to_owned(), credit.number.clone()),
        ("decision".to_owned(), credit.decision.as_str().to_owned()),
    ])
}

fn described(before: Decision, credit: &Credit) -> serde_json::Value {
    json!({
        "before": before, "after": credit.decision, "amount": credit.amount,
        "settlement_revision": credit.settlement_revision, "policy": credit.policy_version,
    })
}

/// Proposes a drafted or returned credit.
pub(super) async fn propose(
    it: &mut Deciding<'_>,
    id: CreditId,
    amount: Money,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::ProposeCredit)?;
    let credit = it.credit(id).await?;
    it.amount_holds(&credit, amount)?;
    let mut row = credit.row;
    let before = row.decision;
    if !matches!(before, Decision::Drafted | Decision::Returned) {
        return Err(wrong_state(&row, "only a drafted or returned credit can be proposed"));
    }
    if !matches!(row.claim, Claim::NotNeeded | Claim::Filed) {
        let until = row.claim_until.map_or_else(String::new, |day| format!(" by {day}"));
        let why = match row.claim {
            Claim::Late => format!(
                "{} had to be claimed{until}, and was claimed later: somebody else lets the claim count first \
                 (admit_late_claim)",
                row.number
            ),
            _ => format!("{} has to be claimed{until}; record the claim first", row.number),
        };
        return Err(Problem::new(Code::WrongState, why));
    }
    it.put_proposed(&mut row).await?;
    it.audit("credit.proposed", row.customer, described(before, &row));
    Ok(given(&row))
}

/// Proposes what is not owed.
pub(super) async fn propose_goodwill(it: &mut Deciding<'_>) -> Result<Given, Problem> {
    let Verb::ProposeGoodwill { credit: id, contract, window, amount, reason } = &it.command.verb
    else {
        return Err(Problem::new(Code::Internal, "not a goodwill"));
    };
    policy::require(&it.actor, Permission::ProposeCredit)?;
    let found = store::get::<Contract>(it.tx.conn(), *contract).await?;
    let contract = found.ok_or_else(|| absent("contract", &contract.to_string()))?.row;
    crate::auth::in_scope(&it.actor, contract.customer, &contract.number)?;
    let reason = required(reason, "reason")?.to_owned();
    if amount.minor() <= 0 || amount.currency().code() != contract.currency {
        let why = format!(
            "goodwill is more than nothing, in {}; got {}",
            contract.currency,
            amount.display()
        );
        return Err(Problem::new(Code::Invalid, why).at("amount"));
    }
    if !is_window(window) {
        let why = format!("{window:?} is no service period; write it as 2026-10");
        return Err(Problem::new(Code::Invalid, why).at("window"));
    }
    let customer = store::get::<Customer>(it.tx.conn(), contract.customer).await?;
    let customer = customer.ok_or_else(|| absent("customer", &contract.customer.to_string()))?.row;
    it.tx.lock(Lock::Group(customer.group)).await?;
    let again = store::get::<Customer>(it.tx.conn(), contract.customer).await?;
    if again.is_none_or(|again| again.row.group != customer.group) {
        let why = format!("{} came to another group meanwhile; propose it again", customer.name);
        return Err(Problem::new(Code::Stale, why));
    }
    it.is_new::<Credit>().await?;
    let mut credit = Credit {
        id: *id,
        number: String::new(),
        kind: CreditKind::Goodwill,
        amount: *amount,
        customer: customer.id,
        group: customer.group,
        contract: contract.id,
        legal_entity: contract.legal_entity,
        settlement: None,
        settlement_revision: 0,
        adjusts: None,
        window: window.clone(),
        form: CreditForm::Invoice,
        decision: Decision::Drafted,
        claim: Claim::NotNeeded,
        claim_until: None,
        billing: Billing::None,
        application: Application::None,
        policy_version: None,
        group_month: None,
        proposed_by: Vec::new(),
        proposed_at: None,
        approvals: Vec::new(),
        reason: Some(reason),
    };
    it.put_proposed(&mut credit).await?;
    it.audit("credit.goodwill_proposed", credit.customer, described(Decision::Drafted, &credit));
    Ok(given(&credit))
}

/// Approves, as the first or the second approver.
pub(super) async fn approve(
    it: &mut Deciding<'_>,
    id: CreditId,
    amount: Money,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::ApproveCredit)?;
    it.not_by_script()?;
    let credit = it.credit(id).await?;
    it.amount_holds(&credit, amount)?;
    let in_place_of = policy::may_approve(&it.actor, &credit.row)?;
    let policy = it.frozen(&credit.row).await?;
    let total = it.count(&credit.row, &policy).await?;
    policy::within_limit(&policy, (&it.actor, in_place_of), (&credit.row, total))?;
    let mut approval = it.approval(&credit, Decision::Approved, None);
    approval.delegated_from = in_place_of;
    it.tx.add_approval(&credit.row, &approval).await?;
    let mut row = credit.row;
    let before = row.decision;
    let first_of_two = before == Decision::Proposed && policy.needs_second(total);
    row.decision = if first_of_two { Decision::ApprovedOnce } else { Decision::Approved };
    let approved = approval.id;
    row.approvals.push(approval);
    it.tx.put(&row).await?;
    let mut detail = described(before, &row);
    detail["approval"] = json!(approved);
    detail["group_total"] = json!(total.normalize().to_string());
    let action = if first_of_two { "credit.approved_once" } else { "credit.approved" };
    it.audit(action, row.customer, detail);
    if row.decision == Decision::Approved {
        deadline::begin_expiry(it.tx, &row).await?;
        crate::close::follow(it.tx, &row).await?;
    }
    let mut given = given(&row);
    given.insert("group_total".to_owned(), total.normalize().to_string());
    Ok(given)
}

/// Sends it back to its proposer.
pub(super) async fn send_back(
    it: &mut Deciding<'_>,
    id: CreditId,
    reason: &str,
) -> Result<Given, Problem> {
    close(it, id, reason, Decision::Returned).await
}

/// Decides against it: somebody proposed it, somebody else says no.
pub(super) async fn not_grant(
    it: &mut Deciding<'_>,
    id: CreditId,
    reason: &str,
) -> Result<Given, Problem> {
    close(it, id, reason, Decision::NotGranted).await
}

async fn close(
    it: &mut Deciding<'_>,
    id: CreditId,
    reason: &str,
    to: Decision,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::ApproveCredit)?;
    it.not_by_script()?;
    let reason = required(reason, "reason")?.to_owned();
    let credit = it.credit(id).await?;
    let before = credit.row.decision;
    let open = matches!(before, Decision::Proposed | Decision::ApprovedOnce)
        || (to == Decision::NotGranted && before == Decision::Returned);
    if !open {
        return Err(wrong_state(&credit.row, "only what is proposed can be decided"));
    }
    if to == Decision::NotGranted && credit.row.proposed_by.contains(&it.actor.person) {
        let why = format!("you proposed {}; somebody else has to decide it", credit.row.number);
        return Err(Problem::new(Code::OwnProposal, why));
    }
    // A return decides nothing: whoever proposed it may do so, too.
    let in_place_of = match policy::in_place(&it.actor, &credit.row) {
        Err(refused) if to == Decision::NotGranted => return Err(refused),
        found => found.unwrap_or_default(),
    };
    let mut approval = it.approval(&credit, to, Some(&reason));
    approval.delegated_from = in_place_of;
    it.tx.add_approval(&credit.row, &approval).await?;
    let mut row = credit.row;
    row.decision = to;
    let decided = approval.id;
    row.approvals.push(approval);
    row.reason = Some(reason);
    it.tx.put(&row).await?;
    deadline::follow(it.tx, &row).await?;
    let policy = it.frozen(&row).await?;
    it.count(&row, &policy).await?;
    let action = if to == Decision::Returned { "credit.returned" } else { "credit.not_granted" };
    let mut detail = described(before, &row);
    detail["approval"] = json!(decided);
    it.audit(action, row.customer, detail);
    Ok(given(&row))
}
