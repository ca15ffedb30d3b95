//! What a statement is of, and what stands in its way there.

use super::super::Deciding;
use crate::store::{
    self, Versioned,
    statement::{self as kept, Ground},
};
use makegood_domain::{
    Code, Problem,
    breach::BreachState,
    contract::Contract,
    credit::{Claim, Credit, Decision},
    customer::Customer,
    id::{CustomerId, LegalEntityId},
    settlement::Settlement,
    statement::{StatementOf, is_month},
};
use serde_json::json;
use std::collections::BTreeMap;

/// What a statement is of.
pub(super) struct About {
    pub(super) ground: Ground,
    /// To name it by.
    name: String,
    names: BTreeMap<CustomerId, String>,
    is_group: bool,
}

impl About {
    /// Reads it, if it is the customer's, and the actor may see all of it.
    pub(super) async fn read(
        it: &mut Deciding<'_>,
        customer: &Customer,
        of: StatementOf,
    ) -> Result<Self, Problem> {
        let (mut contract, mut name) = (None, customer.name.clone());
        let mut customers = vec![customer.clone()];
        match of {
            StatementOf::Customer => {}
            StatementOf::Contract(id) => {
                let found = store::get::<Contract>(it.tx.conn(), id).await?;
                let found = found.filter(|found| found.row.customer == customer.id);
                let found = found.ok_or_else(|| {
                    let why = format!("{} has no contract {id}", customer.name);
                    Problem::new(Code::Invalid, why).at("of")
                })?;
                name = format!("{}, contract {}", customer.name, found.row.number);
                contract = Some(id);
            }
            StatementOf::Group(id) if id != customer.group => {
                let why = format!("{} does not belong to the group {id}", customer.name);
                return Err(Problem::new(Code::Invalid, why).at("of"));
            }
            StatementOf::Group(id) => {
                customers = kept::group(it.tx.conn(), id).await?;
                name = format!("the group {}", customer.group_name);
                for one in &customers {
                    let what = format!("a customer of {name}");
                    crate::auth::in_scope(&it.actor, one.id, &what)?;
                }
            }
        }
        Ok(Self {
            ground: Ground { customers: customers.iter().map(|one| one.id).collect(), contract },
            name,
            names: customers.into_iter().map(|one| (one.id, one.name)).collect(),
            is_group: matches!(of, StatementOf::Group(_)),
        })
    }

    /// Of a group: whom it tells of.
    pub(super) fn readers(&self) -> Vec<CustomerId> {
        if self.is_group { self.ground.customers.clone() } else { Vec::new() }
    }
}

/// What stands in the way: reviews, and decisions about credits.
pub(super) async fn not_blocked(
    it: &mut Deciding<'_>,
    about: &About,
    period: &str,
    present: &[Settlement],
) -> Result<(), Problem> {
    let mut reasons = Vec::new();
    if present.is_empty() {
        reasons.push(format!("no measurement of {period} is locked yet"));
    }
    // A longer period may be stated while windows of it run; a month is whole.
    if is_month(period) && !present.is_empty() {
        for (contract, window) in kept::unlocked(it.tx.conn(), &about.ground, period).await? {
            if present.iter().any(|one| one.contract == contract && one.window == window) {
                continue;
            }
            let found = store::get::<Contract>(it.tx.conn(), contract).await?;
            let number = found.map(|found| found.row.number).unwrap_or_default();
            reasons.push(format!("the measurement of {number} is not locked yet"));
        }
    }
    let told = present.iter().map(|one| one.id).collect();
    for breach in kept::breaches(it.tx.conn(), &about.ground, &told).await? {
        match breach.state {
            BreachState::ToReview => reasons.push(format!("{} awaits review", breach.number)),
            BreachState::Snoozed => reasons.push(format!("{} is put off", breach.number)),
            BreachState::Confirmed | BreachState::Cleared => {}
        }
    }
    for credit in kept::credits(it.tx.conn(), &about.ground, &told, period).await? {
        if undecided(&credit) {
            let state = credit.decision.as_str().replace('_', " ");
            reasons.push(format!("{} is {state}, not decided", credit.number));
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let why = format!("{}, {period}: {}; settle that first", about.name, reasons.join("; "));
    Err(Problem::new(Code::StatementBlocked, why).with_current(json!({ "reasons": reasons })))
}

/// Whether somebody still has to decide it before a customer reads about it. One that the customer
/// has to ask for first reads "available on request".
fn undecided(credit: &Credit) -> bool {
    match credit.decision {
        Decision::Drafted => matches!(credit.claim, Claim::NotNeeded | Claim::Filed),
        Decision::Proposed | Decision::ApprovedOnce | Decision::Returned => true,
        Decision::Approved | Decision::NotGranted | Decision::Cancelled => false,
    }
}

/// Which of ours issues it: that of the first contract as it is printed, customer by customer.
pub(super) async fn legal_entity(
    it: &mut Deciding<'_>,
    about: &About,
    present: &[Settlement],
) -> Result<LegalEntityId, Problem> {
    let mut contracts = Vec::new();
    for settlement in present {
        let contract = store::get::<Contract>(it.tx.conn(), settlement.contract).await?;
        contracts.extend(contract.map(|Versioned { row, .. }| {
            (about.names.get(&row.customer), row.customer, row.number, row.legal_entity)
        }));
    }
    contracts.sort();
    contracts
        .first()
        .map(|(.., entity)| *entity)
        .ok_or_else(|| Problem::new(Code::Internal, "a settlement without a contract"))
}
