//! Claims: the customer asked for a credit that has to be asked for.

use super::{
    Deciding, Given,
    credit::{given, wrong_state},
    required,
};
use crate::{beside, deadline, store};
use chrono::{NaiveDate, TimeDelta};
use makegood_domain::{
    Code, Problem,
    claim::{Beside, LoggedOutage},
    credit::{Claim, Credit, Decision},
    deadline::{DeadlineKind, DeadlineState},
    id::CreditId,
    note::Note,
    person::{Permission, carry},
    policy,
    settlement::Settlement,
};
use serde_json::json;

/// Records that the customer asked on a day. What counts is that day, not when it is recorded: in
/// time, the credit can be proposed; too late, it waits for somebody to let it count all the same.
pub(super) async fn file(
    it: &mut Deciding<'_>,
    id: CreditId,
    claimed_on: NaiveDate,
    log: &[LoggedOutage],
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::ProposeCredit)?;
    let mut row = it.credit(id).await?.row;
    let awaited = matches!(row.claim, Claim::Invited | Claim::Lapsed)
        && matches!(row.decision, Decision::Drafted | Decision::Returned);
    if !awaited {
        let state = row.claim.as_str().replace('_', " ");
        let why = format!("{} is not waiting for a claim: it is {state}", row.number);
        return Err(Problem::new(Code::WrongState, why));
    }
    // A day may have begun somewhere before it begins in UTC.
    if claimed_on > (it.now + TimeDelta::hours(14)).date_naive() {
        let why = format!("{claimed_on} has not come yet; give the day on which they asked");
        return Err(Problem::new(Code::Invalid, why).at("claimed_on"));
    }
    let late = row.claim_until.is_some_and(|until| claimed_on > until);
    row.claim = if late { Claim::Late } else { Claim::Filed };
    it.tx.put(&row).await?;
    let beside = lay_beside(it, &row, log).await?;
    it.tx.add_claim(&row, claimed_on, it.actor.person, log).await?;
    let state = if late { DeadlineState::Passed } else { DeadlineState::Met };
    deadline::end_of(it.tx, &row, DeadlineKind::Claim, (state, it.actor.person)).await?;
    let detail = json!({ "claimed_on": claimed_on, "claim": row.claim, "logged": log.len() });
    it.audit("credit.claim_filed", row.customer, detail);
    let mut given = told(&row);
    if let Some(beside) = beside {
        given.insert("log".to_owned(), beside.words());
    }
    Ok(given)
}

/// What the customer's own log says beside what was measured: on record as an internal note about each
/// miss that the credit is for, so that whoever decides sees it.
async fn lay_beside(
    it: &mut Deciding<'_>,
    credit: &Credit,
    log: &[LoggedOutage],
) -> Result<Option<Beside>, Problem> {
    let (Some(settlement), false) = (credit.settlement, log.is_empty()) else { return Ok(None) };
    let found = store::get::<Settlement>(it.tx.conn(), settlement).await?;
    let settlement = found.ok_or_else(|| store::missing("settlement"))?.row;
    let beside = beside::of(it.tx.conn(), &settlement, log).await?;
    for breach in store::breach::of_settlement(it.tx.conn(), credit.customer, settlement.id).await?
    {
        let note = Note {
            id: it.tx.store().ids().make(),
            customer: credit.customer,
            subject_entity: "breach".to_owned(),
            subject: breach.row.id.to_string(),
            visibility: "internal".to_owned(),
            language: "en".to_owned(),
            text: beside.words(),
            by: it.actor.person,
            at: it.now,
        };
        it.tx.put(&note).await?;
    }
    Ok(Some(beside))
}

/// Lets a late claim count: an exception, with a reason, by somebody who may approve and did not
/// record it (law 5).
pub(super) async fn admit_late(
    it: &mut Deciding<'_>,
    id: CreditId,
    reason: &str,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::ApproveCredit)?;
    it.not_by_script()?;
    let reason = required(reason, "reason")?.to_owned();
    let mut row = it.credit(id).await?.row;
    if row.claim != Claim::Late {
        return Err(wrong_state(&row, "only a claim that came too late needs an exception"));
    }
    let recorded_by = store::claim::recorded_by(it.tx.conn(), &row).await?;
    if recorded_by.is_none_or(|person| !is_another(it, person)) {
        let why =
            format!("you recorded the claim for {}; somebody else has to let it count", row.number);
        return Err(Problem::new(Code::OwnProposal, why));
    }
    row.claim = Claim::Filed;
    it.tx.put(&row).await?;
    it.tx.admit_claim(&row).await?;
    it.audit("credit.late_claim_admitted", row.customer, json!({ "reason": reason }));
    Ok(told(&row))
}

/// Whether the actor decides with a voice that is not that person's: not theirs, nor lent by them.
fn is_another(it: &Deciding<'_>, person: makegood_domain::id::PersonId) -> bool {
    let actor = &it.actor;
    let own = carry(&actor.roles, Permission::ApproveCredit);
    let mut lent = actor.acts_for.iter().filter(|(by, _)| **by != person);
    let lent = lent.any(|(_, roles)| carry(roles, Permission::ApproveCredit));
    actor.person != person && (own || lent)
}

fn told(row: &Credit) -> Given {
    let mut given = given(row);
    given.insert("claim".to_owned(), row.claim.as_str().to_owned());
    given
}
