//! The lists.

use crate::{
    Overlay, Reader, Versioned, Viewer,
    screens::{
        breach::claim,
        house::House,
        policy::{GroupMonth, Policies},
        show::{MoneyView, age},
    },
};
use chrono::NaiveDate;
use makegood_domain::{
    Code, Problem,
    breach::Breach,
    command::Verb,
    credit::{Billing, Claim, Credit, CreditKind, Decision},
    id::SettlementId,
    person::Permission,
    policy::may_approve,
};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A tab of the credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Credits {
    /// `drafted`, `awaiting`, `second`, `approved`, `posted`, `returned`.
    #[ts(
        type = "\"drafted\" | \"awaiting\" | \"second\" | \"approved\" | \"posted\" | \"returned\""
    )]
    pub tab: String,
    /// How many each tab holds.
    pub counts: CreditCounts,
    /// The tab's credits; of those that await approval, what this person may decide.
    pub rows: Vec<CreditRow>,
    /// What awaits approval and is not theirs to decide.
    pub not_yours: Vec<CreditRow>,
    /// What was decided today, and decisions that wait in the outbox.
    pub decided_today: Vec<CreditRow>,
}

/// How many each tab holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CreditCounts {
    /// Drafted by central, or returned to nobody yet.
    pub drafted: usize,
    /// Awaits its first approval.
    pub awaiting: usize,
    /// Awaits its second.
    pub second: usize,
    /// Approved, not sent to billing.
    pub approved: usize,
    /// Sent to billing.
    pub posted: usize,
    /// Returned.
    pub returned: usize,
}

/// A credit in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CreditRow {
    /// Its id.
    pub id: String,
    /// `CR-311`; empty while it waits in the outbox.
    pub number: String,
    /// The customer's name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// `BR-1042`, `Goodwill`, `Adjustment`, `Recovery`.
    pub reason: String,
    /// How much.
    pub amount: MoneyView,
    /// Who proposed it last: name.
    pub proposed_by: String,
    /// Since its proposal: `2 h`.
    pub age: String,
    /// `2 approvers`, `second approver`, `claim by 30 November`.
    pub needs: String,
    /// In words.
    pub state: String,
    /// `proposed`, ….
    pub decision: String,
    /// The version seen.
    #[ts(type = "number")]
    pub version: i64,
    /// Whether this person may approve it now.
    pub may_approve: bool,
    /// Why not.
    pub why_not: Option<String>,
    /// A decision about it is on its way: not effective yet.
    pub queued: Option<String>,
}

/// What rows of credits are made of.
pub(crate) struct Desk<'a> {
    house: &'a House,
    policies: Policies,
    breaches: BTreeMap<SettlementId, Vec<String>>,
    viewer: &'a Viewer,
    overlay: &'a Overlay,
}

impl<'a> Desk<'a> {
    pub(crate) async fn read(
        reader: &mut Reader,
        house: &'a House,
        viewer: &'a Viewer,
        overlay: &'a Overlay,
    ) -> Result<Self, Problem> {
        let found: Vec<Versioned<Breach>> = reader
            .list("where settlement in (select settlement from credit) order by number", &[])
            .await?;
        let mut breaches: BTreeMap<SettlementId, Vec<String>> = BTreeMap::new();
        for breach in found {
            if let Some(settlement) = breach.settlement {
                breaches.entry(settlement).or_default().push(breach.row.number);
            }
        }
        let policies = Policies::read(reader).await?;
        Ok(Self { house, policies, breaches, viewer, overlay })
    }

    /// What the credit is for: `BR-1042`, `Goodwill`.
    fn reason(&self, credit: &Credit) -> String {
        let numbers = credit.settlement.and_then(|id| self.breaches.get(&id));
        match (credit.kind, numbers) {
            (CreditKind::Goodwill, _) => "Goodwill".to_owned(),
            (CreditKind::Adjustment, _) => "Adjustment".to_owned(),
            (CreditKind::Recovery, _) => "Recovery".to_owned(),
            (CreditKind::Contractual, Some(numbers)) => numbers.join(", "),
            (CreditKind::Contractual, None) => "Contract".to_owned(),
        }
    }

    /// A row.
    pub(crate) async fn row(
        &self,
        reader: &mut Reader,
        credit: &Versioned<Credit>,
    ) -> Result<CreditRow, Problem> {
        let waiting = self.overlay.about("credit", &credit.id.to_string());
        let may = may_approve(&self.viewer.actor, credit).err().map(|problem| problem.message);
        let since = credit.proposed_at.map(|at| age(at, self.viewer.now));
        Ok(CreditRow {
            id: credit.id.to_string(),
            number: credit.number.clone(),
            customer: self.house.customer(credit.customer),
            contract: self.house.contract(credit.contract),
            reason: self.reason(credit),
            amount: credit.amount.into(),
            proposed_by: self.proposer(credit),
            age: since.filter(|_| is_awaiting(credit)).unwrap_or_default(),
            needs: self.needs(reader, credit).await?,
            state: decision_word(credit),
            decision: credit.decision.as_str().to_owned(),
            version: credit.version,
            may_approve: may.is_none() && waiting.is_none(),
            why_not: may,
            queued: waiting.map(|one| one.stage.word().to_owned()),
        })
    }

    fn proposer(&self, credit: &Credit) -> String {
        let me = self.viewer.actor.person;
        match credit.proposed_by.as_slice() {
            [] => String::new(),
            [.., last] if *last == me && credit.proposed_by.len() > 1 => "You, amended".to_owned(),
            [.., last] if *last == me => "You".to_owned(),
            many if many.contains(&me) => "You, among others".to_owned(),
            [.., last] => self.house.person(*last),
        }
    }

    async fn needs(&self, reader: &mut Reader, credit: &Credit) -> Result<String, Problem> {
        match credit.decision {
            Decision::Drafted if credit.claim == Claim::Invited => {
                Ok(claim(credit, self.viewer.now).unwrap_or_default())
            }
            Decision::ApprovedOnce => Ok("second approver".to_owned()),
            Decision::Drafted | Decision::Returned => Ok("a proposal".to_owned()),
            Decision::Proposed => {
                let now = self.viewer.now;
                let month = GroupMonth::read(reader, &self.policies, credit, now).await?;
                let two = month.is_none_or(|month| month.needs_second());
                Ok(if two { "2 approvers" } else { "1 approver" }.to_owned())
            }
            Decision::Approved | Decision::NotGranted | Decision::Cancelled => Ok(String::new()),
        }
    }

    /// Goodwill that waits in the outbox: central has not given it a number yet.
    pub(crate) fn queued_goodwill(&self) -> Vec<CreditRow> {
        let mut rows = Vec::new();
        for (verb, pending) in self.overlay.verbs() {
            let Verb::ProposeGoodwill { credit, contract, amount, .. } = verb else { continue };
            let customer = self.house.contracts.get(contract).map(|one| one.customer);
            rows.push(CreditRow {
                id: credit.to_string(),
                number: String::new(),
                customer: customer.map(|id| self.house.customer(id)).unwrap_or_default(),
                contract: self.house.contract(*contract),
                reason: "Goodwill".to_owned(),
                amount: (*amount).into(),
                proposed_by: "You".to_owned(),
                age: String::new(),
                needs: String::new(),
                state: "queued, not effective".to_owned(),
                decision: Decision::Proposed.as_str().to_owned(),
                version: 0,
                may_approve: false,
                why_not: Some("it waits to be sent; it takes effect when confirmed".to_owned()),
                queued: Some(pending.stage.word().to_owned()),
            });
        }
        rows
    }
}

/// Whether it awaits an approval.
pub(crate) fn is_awaiting(credit: &Credit) -> bool {
    matches!(credit.decision, Decision::Proposed | Decision::ApprovedOnce)
}

/// Where a credit stands, in words.
pub(crate) fn decision_word(credit: &Credit) -> String {
    match (credit.billing, credit.decision) {
        (Billing::Sent, _) => "Sent to billing",
        (Billing::Issued, _) => "Credit note issued",
        (Billing::Failed, _) => "Billing refused",
        (Billing::Reconcile, _) => "To be reconciled with billing",
        (Billing::None, Decision::Drafted) => "Drafted",
        (Billing::None, Decision::Proposed) => "Proposed",
        (Billing::None, Decision::ApprovedOnce) => "Approved once",
        (Billing::None, Decision::Approved) => "Approved",
        (Billing::None, Decision::Returned) => "Returned",
        (Billing::None, Decision::NotGranted) => "Not granted",
        (Billing::None, Decision::Cancelled) => "Cancelled",
    }
    .to_owned()
}

fn tab_of(credit: &Credit) -> Option<&'static str> {
    match (credit.decision, credit.billing) {
        (Decision::Drafted, _) => Some("drafted"),
        (Decision::Proposed, _) => Some("awaiting"),
        (Decision::ApprovedOnce, _) => Some("second"),
        (Decision::Approved, Billing::None) => Some("approved"),
        (Decision::Approved, _) => Some("posted"),
        (Decision::Returned, _) => Some("returned"),
        (Decision::NotGranted | Decision::Cancelled, _) => None,
    }
}

const TABS: [&str; 6] = ["drafted", "awaiting", "second", "approved", "posted", "returned"];

/// A tab of the credits.
///
/// # Errors
/// [`Code::Invalid`] for a tab that is none; [`Code::Database`].
pub async fn credits(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    tab: &str,
) -> Result<Credits, Problem> {
    if !TABS.contains(&tab) {
        let tabs = TABS.join(", ");
        return Err(Problem::new(Code::Invalid, format!("no tab {tab:?}: {tabs}")));
    }
    let house = House::read(reader).await?;
    let mut all: Vec<Versioned<Credit>> = reader.list("", &[]).await?;
    all.sort_by(|a, b| by_age(a).cmp(&by_age(b)));
    // What waits stands in the order in which it has waited; what is done, the other way round.
    if !["awaiting", "second", "drafted"].contains(&tab) {
        all.reverse();
    }
    let desk = Desk::read(reader, &house, viewer, overlay).await?;
    let today = viewer.now.date_naive();
    let mut screen = Credits {
        tab: tab.to_owned(),
        counts: counts(&all),
        rows: Vec::new(),
        not_yours: Vec::new(),
        decided_today: Vec::new(),
    };
    let approver = viewer.actor.may(Permission::ApproveCredit);
    let approving = ["awaiting", "second"].contains(&tab);
    for credit in &all {
        let here = tab_of(credit) == Some(tab);
        let done = approving && decided_on(credit, today) && !is_awaiting(credit);
        if !here && !done {
            continue;
        }
        let row = desk.row(reader, credit).await?;
        if done || (approving && row.queued.is_some()) {
            screen.decided_today.push(row);
        } else if approving && approver && !row.may_approve {
            screen.not_yours.push(row);
        } else {
            screen.rows.push(row);
        }
    }
    if tab == "awaiting" {
        screen.not_yours.extend(desk.queued_goodwill());
    }
    Ok(screen)
}

fn counts(all: &[Versioned<Credit>]) -> CreditCounts {
    let many = |tab| all.iter().filter(|credit| tab_of(credit) == Some(tab)).count();
    CreditCounts {
        drafted: many("drafted"),
        awaiting: many("awaiting"),
        second: many("second"),
        approved: many("approved"),
        posted: many("posted"),
        returned: many("returned"),
    }
}

/// By proposal, then by number.
fn by_age(credit: &Credit) -> (Option<chrono::DateTime<chrono::Utc>>, usize, &str) {
    (credit.proposed_at, credit.number.len(), &credit.number)
}

fn decided_on(credit: &Credit, day: NaiveDate) -> bool {
    credit.approvals.last().is_some_and(|approval| approval.at.date_naive() == day)
}
