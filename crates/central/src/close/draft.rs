//! Drafting the credit that a settlement owes, and what a revision makes of it (law 4): an undecided
//! credit is drafted anew; a decided one stays, and the difference becomes an adjustment or a
//! recovery.

use crate::{
    book::{Book, Due},
    deadline,
    store::{Tx, Versioned, credit, policy},
};
use chrono::Days;
use makegood_domain::{
    Problem,
    contract::RemedyMode,
    credit::{Application, Billing, Claim, Credit, CreditKind, Decision},
    id::CreditId,
    settlement::Settlement,
};
use makegood_engine::money::Money;
use serde_json::json;

/// What became of a settlement's credits so far.
struct Tally {
    /// Whether the customer has asked for any of them.
    asked: bool,
    /// What later ones adjust.
    first_decided: Option<CreditId>,
    undecided: Option<CreditId>,
    /// What is still to be decided; less than nothing is to be taken back.
    owed: Money,
}

impl Tally {
    fn of(credits: &[Versioned<Credit>], total: Money) -> Self {
        let (mut decided, mut approved, mut first_decided, mut undecided) = (0, 0, None, None);
        let standing = credits.iter().map(|credit| &credit.row);
        for credit in standing.filter(|credit| credit.decision != Decision::Cancelled) {
            if !credit.decision.is_final() {
                undecided = Some(credit.id);
                continue;
            }
            decided += credit.amount.minor();
            if credit.decision == Decision::Approved {
                approved += credit.amount.minor();
            }
            // What later ones adjust is the first of them: it adjusts nothing itself.
            if first_decided.is_none() || credit.adjusts.is_none() {
                first_decided = Some(credit.id);
            }
        }
        // What was not granted is not asked for again. Neither was it given: nothing of it is taken back, and
        // what was left to the customer is not given twice.
        let open = total.minor() - approved;
        let owed = (total.minor() - decided).clamp(open.min(0), open.max(0));
        let owed = Money::new(owed, total.currency());
        let asked = credits.iter().any(|credit| credit.row.claim == Claim::Filed);
        Self { asked, first_decided, undecided, owed }
    }
}

/// Brings the settlement's credits to what it owes.
pub(super) async fn keep(
    tx: &mut Tx,
    book: &Book,
    due: &Due,
    settlement: &Settlement,
) -> Result<(), Problem> {
    let existing = credit::of_settlement(tx.conn(), settlement.customer, settlement.id).await?;
    let Tally { asked, first_decided, undecided, owed } = Tally::of(&existing, settlement.total);
    let kind = match (first_decided, owed.minor()) {
        (None, _) => CreditKind::Contractual,
        (Some(_), minor) if minor < 0 => CreditKind::Recovery,
        (Some(_), _) => CreditKind::Adjustment,
    };
    if let Some(id) = undecided {
        let found = tx.get::<Credit>(id).await?;
        let found = found.ok_or_else(|| crate::store::missing("credit"))?;
        return redraft(tx, found.row, (kind, owed), (book, due, settlement)).await;
    }
    if owed.minor() == 0 {
        return Ok(());
    }
    let (claim, claim_until) = match claim(book, due, settlement) {
        // Who asked for the month once need not ask for what is added to it.
        (Claim::Invited, until) if asked => (Claim::Filed, until),
        other => other,
    };
    let payer = paying(book, due, settlement).next();
    let credit = Credit {
        id: tx.store().ids().make(),
        number: format!("CR-{}", tx.draw("credit", 300).await?),
        kind,
        amount: owed,
        customer: book.customer.id,
        group: book.customer.group,
        contract: book.contract.id,
        legal_entity: book.contract.legal_entity,
        settlement: Some(settlement.id),
        settlement_revision: settlement.revision,
        adjusts: first_decided,
        window: settlement.window.clone(),
        form: payer.map(|line| line.line.remedy.form).unwrap_or_default(),
        decision: Decision::Drafted,
        claim,
        claim_until,
        billing: Billing::None,
        application: Application::None,
        policy_version: None,
        group_month: None,
        proposed_by: Vec::new(),
        proposed_at: None,
        approvals: Vec::new(),
        reason: settlement.reason.clone(),
    };
    tx.put(&credit).await?;
    let detail = json!({ "number": credit.number, "kind": kind.as_str(), "amount": owed, "adjusts": first_decided });
    tx.audit("credit.drafted", ("credit", &credit.id.to_string()), Some(credit.customer), detail);
    deadline::begin_claim(tx, &book.customer, due, &credit).await
}

/// An undecided credit of an earlier revision: it goes back to its draft at the new amount, or away.
async fn redraft(
    tx: &mut Tx,
    mut credit: Credit,
    (kind, owed): (CreditKind, Money),
    (book, due, settlement): (&Book, &Due, &Settlement),
) -> Result<(), Problem> {
    let before = (credit.amount, credit.decision);
    let counted = credit.policy_version.zip(credit.group_month.clone());
    credit.kind = kind;
    credit.amount = owed;
    credit.settlement_revision = settlement.revision;
    if let Some(payer) = paying(book, due, settlement).next() {
        credit.form = payer.line.remedy.form;
        // What is owed unasked now needs no claim; who was to ask keeps their days.
        if matches!(credit.claim, Claim::Invited | Claim::Lapsed)
            && claim(book, due, settlement).0 == Claim::NotNeeded
        {
            (credit.claim, credit.claim_until) = (Claim::NotNeeded, None);
        }
    }
    credit.decision = if owed.minor() == 0 { Decision::Cancelled } else { Decision::Drafted };
    credit.policy_version = None;
    credit.group_month = None;
    credit.proposed_by.clear();
    credit.proposed_at = None;
    credit.approvals.clear();
    credit.reason.clone_from(&settlement.reason);
    tx.put(&credit).await?;
    if let Some((version, month)) = counted.filter(|_| before.1.counts()) {
        // It no longer uses anything of the group's limit.
        let policy = policy::version(tx.conn(), version).await?;
        tx.recount(credit.group, &month, &policy).await?;
    }
    let detail = json!({
        "number": credit.number,
        "before": { "amount": before.0, "decision": before.1.as_str() },
        "after": { "amount": credit.amount, "decision": credit.decision.as_str() },
        "reason": credit.reason,
    });
    let subject = credit.id.to_string();
    tx.audit("credit.redrafted", ("credit", &subject), Some(credit.customer), detail);
    deadline::follow(tx, &credit).await
}

/// The lines that pay.
fn paying<'a>(
    book: &'a Book,
    due: &'a Due,
    settlement: &'a Settlement,
) -> impl Iterator<Item = &'a crate::book::BookLine> {
    let pays =
        |id| settlement.lines.iter().any(|line| line.line == id && line.allocated.minor() > 0);
    book.lines_of(due).filter(move |line| pays(line.line.id))
}

/// Whether the customer has to ask, and until which day: so many days after the window's last one.
/// Where one paying line asks for a claim, the settlement's whole credit does.
fn claim(book: &Book, due: &Due, settlement: &Settlement) -> (Claim, Option<chrono::NaiveDate>) {
    let asked =
        paying(book, due, settlement).filter(|line| line.line.remedy.mode != RemedyMode::Proactive);
    let mut claim = (Claim::NotNeeded, None);
    for line in asked {
        let last = due.span.end_day.pred_opt();
        let days = line.line.remedy.claim_within_days.map(|days| Days::new(u64::from(days)));
        let until = last.zip(days).and_then(|(last, days)| last.checked_add_days(days));
        let earlier = match (claim.1, until) {
            (Some(one), Some(other)) => Some(std::cmp::min(one, other)),
            (one, other) => one.or(other),
        };
        claim = (Claim::Invited, earlier);
    }
    claim
}
