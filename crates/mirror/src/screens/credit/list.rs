//! The lists.

use super::order;
use crate::{
    Overlay, Reader, Versioned, Viewer,
    ask::{self, Question, Questions},
    screens::{
        Page,
        breach::claim,
        house::{Names, listed},
        policy::{GroupTotals, Policies},
        show::{MoneyView, age},
    },
};
use chrono::{NaiveDate, NaiveTime};
use makegood_domain::{
    Problem,
    command::Verb,
    credit::{Billing, Claim, Credit, CreditKind, Decision},
    id::SettlementId,
    person::Permission,
    policy::may_approve,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Where a credit stands in the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum CreditTab {
    /// Drafted by central.
    Drafted,
    /// Awaits its first approval.
    Awaiting,
    /// Awaits its second.
    Second,
    /// Approved, not with billing yet.
    Approved,
    /// With billing.
    Posted,
    /// Returned.
    Returned,
}

impl CreditTab {
    /// All of them, as a credit goes through them.
    pub const ALL: [Self; 6] =
        [Self::Drafted, Self::Awaiting, Self::Second, Self::Approved, Self::Posted, Self::Returned];

    /// As it is kept in the column, counted, and asked for.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Awaiting => "awaiting",
            Self::Second => "second",
            Self::Approved => "approved",
            Self::Posted => "posted",
            Self::Returned => "returned",
        }
    }

    /// The tab in which a credit stands; none once it is over without being granted.
    pub(crate) fn of(decision: Decision, billing: Billing) -> Option<Self> {
        Some(match (decision, billing) {
            (Decision::Drafted, _) => Self::Drafted,
            (Decision::Proposed, _) => Self::Awaiting,
            (Decision::ApprovedOnce, _) => Self::Second,
            (Decision::Approved, Billing::None) => Self::Approved,
            (Decision::Approved, _) => Self::Posted,
            (Decision::Returned, _) => Self::Returned,
            (Decision::NotGranted | Decision::Cancelled, _) => return None,
        })
    }

    /// Whether its credits wait for somebody who approves.
    fn is_approving(self) -> bool {
        matches!(self, Self::Awaiting | Self::Second)
    }
}

/// A tab of the credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Credits {
    /// Which one.
    pub tab: CreditTab,
    /// How many each tab holds.
    pub counts: CreditCounts,
    /// The tab's credits; of those that await approval, what this person may decide.
    pub rows: Vec<CreditRow>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
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

/// Numbers of the breaches of each settlement.
type Breaches = BTreeMap<SettlementId, Vec<String>>;
/// What stands beside credits: their breaches, and what the matrix says where it is asked.
pub(crate) type Beside = (Breaches, Option<(Policies, GroupTotals)>);

/// What rows of credits are made of.
pub(crate) struct Desk<'a> {
    names: &'a Names,
    policies: Policies,
    totals: GroupTotals,
    breaches: Breaches,
    viewer: &'a Viewer,
    overlay: &'a Overlay,
}

impl<'a> Desk<'a> {
    /// For rows of the credits that this stands beside.
    pub(crate) fn of(
        beside: Beside,
        names: &'a Names,
        (viewer, overlay): (&'a Viewer, &'a Overlay),
    ) -> Self {
        let (breaches, matrix) = beside;
        let (policies, totals) = matrix.unwrap_or_default();
        Self { names, policies, totals, breaches, viewer, overlay }
    }

    /// What stands beside these credits.
    pub(crate) fn beside(
        credits: &[Versioned<Credit>],
        viewer: &Viewer,
    ) -> impl Questions<Answers = Beside> + Send + use<> {
        let settlements = listed(credits.iter().filter_map(|credit| credit.settlement));
        let sql = "select settlement, number from breach
                   where settlement in (select value from json_each($1)) order by number";
        let breaches = ask::texts(sql, &[&settlements]).map(|found| {
            let mut breaches = Breaches::new();
            for [settlement, number] in found {
                if let Ok(settlement) = settlement.parse() {
                    breaches.entry(settlement).or_default().push(number);
                }
            }
            breaches
        });
        let proposed = credits.iter().map(|one| &one.row);
        let proposed = proposed.filter(|one| one.decision == Decision::Proposed);
        // Of nothing else it is asked how many approve it.
        let any = proposed.clone().next().is_some();
        let matrix = any.then(|| (Policies::all(), GroupTotals::of(proposed, viewer.now)));
        (breaches, matrix)
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
    pub(crate) fn row(&self, credit: &Versioned<Credit>) -> Result<CreditRow, Problem> {
        let waiting = self.overlay.about("credit", &credit.id.to_string());
        let may = may_approve(&self.viewer.actor, credit).err().map(|problem| problem.message);
        let since = credit.proposed_at.map(|at| age(at, self.viewer.now));
        Ok(CreditRow {
            id: credit.id.to_string(),
            number: credit.number.clone(),
            customer: self.names.customer(credit.customer),
            contract: self.names.contract(credit.contract),
            reason: self.reason(credit),
            amount: credit.amount.into(),
            proposed_by: self.proposer(credit),
            age: since.filter(|_| is_awaiting(credit)).unwrap_or_default(),
            needs: self.needs(credit)?,
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
            [.., last] => self.names.person(*last),
        }
    }

    fn needs(&self, credit: &Credit) -> Result<String, Problem> {
        match credit.decision {
            Decision::Drafted if credit.claim == Claim::Invited => {
                Ok(claim(credit, self.viewer.now).unwrap_or_default())
            }
            Decision::ApprovedOnce => Ok("second approver".to_owned()),
            Decision::Drafted | Decision::Returned => Ok("a proposal".to_owned()),
            Decision::Proposed => {
                let two = self.totals.needs_second(&self.policies, credit, self.viewer.now)?;
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
            rows.push(CreditRow {
                id: credit.to_string(),
                number: String::new(),
                customer: self.names.customer_of(*contract).unwrap_or_default(),
                contract: self.names.contract(*contract),
                reason: "Goodwill".to_owned(),
                amount: (*amount).into(),
                proposed_by: "You".to_owned(),
                age: String::new(),
                needs: String::new(),
                state: "queued, not effective".to_owned(),
                decision: Decision::Proposed.as_str().to_owned(),
                version: 0,
                may_approve: false,
                why_not: Some("waiting to be sent; it takes effect once confirmed".to_owned()),
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

/// A tab of the credits, page by page: what waits stands in the order in which it has waited, what is
/// done the other way round, or `oldest`, `newest`, `largest`, `smallest` first. Amounts are compared
/// within a currency only (law 2); currencies stand by their codes.
///
/// # Errors
/// [`makegood_domain::Code::Invalid`] for an order or a page that is none;
/// [`makegood_domain::Code::Database`].
pub async fn credits(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    tab: CreditTab,
    page: &Page,
) -> Result<Credits, Problem> {
    let approving = tab.is_approving();
    let done = approving.then(|| decided_on(viewer.now.date_naive()));
    let ((here, next), (done, counts)) = order::found(reader, tab, page, (done, counts())).await?;
    let shown: Vec<Versioned<Credit>> = here.into_iter().chain(done.unwrap_or_default()).collect();
    let queued = overlay.verbs().filter_map(|(verb, _)| match verb {
        Verb::ProposeGoodwill { contract, .. } => Some(*contract),
        _ => None,
    });
    let contracts = shown.iter().map(|one| one.contract).chain(queued);
    let people = shown.iter().flat_map(|one| one.proposed_by.last().copied());
    let names = Names::of_contracts(contracts, people);
    let (names, beside) = reader.ask((names, Desk::beside(&shown, viewer))).await?;
    let desk = Desk::of(beside, &names, (viewer, overlay));
    let (rows, not_yours, decided_today) = (Vec::new(), Vec::new(), Vec::new());
    let mut screen = Credits { tab, counts, rows, next, not_yours, decided_today };
    let approver = viewer.actor.may(Permission::ApproveCredit);
    for credit in &shown {
        let row = desk.row(credit)?;
        if approving && (row.queued.is_some() || !is_awaiting(credit)) {
            screen.decided_today.push(row);
        } else if approving && approver && !row.may_approve {
            screen.not_yours.push(row);
        } else {
            screen.rows.push(row);
        }
    }
    if tab == CreditTab::Awaiting && page.after.is_none() {
        screen.not_yours.extend(desk.queued_goodwill());
    }
    Ok(screen)
}

/// What was decided on this day.
fn decided_on(day: NaiveDate) -> Question<Vec<Versioned<Credit>>> {
    let from = day.and_time(NaiveTime::MIN).and_utc().timestamp();
    let binds = [from.to_string(), (from + 86_400).to_string(), Page::MOST.to_string()];
    ask::list(
        "where decided_at <> 0 and decided_at >= cast($1 as integer)
           and decided_at < cast($2 as integer) and decision not in ('proposed', 'approved_once')
         order by proposed_at, length(number), number limit cast($3 as integer)",
        &binds.each_ref().map(String::as_str),
    )
}

fn counts() -> Question<CreditCounts> {
    let sql =
        "select class, cast(number as text) from tally where entity = 'credit' and month = ''";
    ask::texts(sql, &[]).map(|found| {
        let many = |tab: CreditTab| {
            let row = found.iter().find(|[class, _]| class == tab.as_str());
            row.and_then(|[_, number]| number.parse().ok()).unwrap_or(0)
        };
        CreditCounts {
            drafted: many(CreditTab::Drafted),
            awaiting: many(CreditTab::Awaiting),
            second: many(CreditTab::Second),
            approved: many(CreditTab::Approved),
            posted: many(CreditTab::Posted),
            returned: many(CreditTab::Returned),
        }
    })
}
