//! One credit: what it is reckoned on, what the approval matrix asks for, and its steps.

use super::list::{decision_word, is_awaiting};
use crate::{
    Overlay, Reader, Versioned, Viewer, ask,
    screens::{
        audit::{self, AuditEntry},
        breach::{claim, settlement_state},
        house::{House, Promise},
        policy::{GroupMonth, Matrix, Policies},
        show::{Action, Fact, MoneyView, fact, month_name, percent},
    },
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    breach::Breach,
    credit::{Approval, Credit, CreditKind, Decision},
    person::Permission,
    policy::{approvers, may_approve, require},
    settlement::Settlement,
};
use makegood_engine::fraction::Fraction;
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A credit with everything its approver has to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CreditDetail {
    /// Its id.
    pub id: String,
    /// `CR-311`.
    pub number: String,
    /// The version seen.
    #[ts(type = "number")]
    pub version: i64,
    /// The customer's name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The customer.
    pub customer_id: String,
    /// How much.
    pub amount: MoneyView,
    /// `10 % of €12,000.00 · 99.885880 % < 99.9 %`.
    pub basis: String,
    /// `contractual`, `goodwill`, `adjustment`, `recovery`.
    pub kind: String,
    /// Where it stands, in words.
    pub decision: String,
    /// Service month, measurement, ….
    pub facts: Vec<Fact>,
    /// Its breach, where there is one.
    pub breach_id: Option<String>,
    /// Its settlement.
    pub settlement_id: Option<String>,
    /// The approval matrix.
    pub matrix: Option<Matrix>,
    /// What happened, what is due now, what is to come.
    pub steps: Vec<Step>,
    /// Its audit entries, newest first.
    pub audit: Vec<AuditEntry>,
    /// `approve`, `return`.
    pub actions: BTreeMap<String, Action>,
}

/// A step of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Step {
    /// `done`, `now`, `to_come`.
    #[ts(type = "\"done\" | \"now\" | \"to_come\"")]
    pub state: String,
    /// `Proposed, Dana Whitfield`.
    pub text: String,
    /// `07:40`, `now`, or empty.
    pub time: String,
}

/// One credit.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Database`].
pub async fn credit(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    id: &str,
) -> Result<CreditDetail, Problem> {
    let found: Versioned<Credit> = reader.get(id).await?;
    let house = House::read_customer(reader, found.customer).await?;
    let settled = found.settlement.map(|id| {
        let key = id.to_string();
        let breaches = ask::list::<Breach>("where settlement = $1 order by number", &[&key]);
        (ask::list::<Settlement>("where key = $1", &[&key]), breaches)
    });
    let (settled, policies) = reader.ask((settled, Policies::all())).await?;
    let (settlement, breaches) = settled.unwrap_or_default();
    let settlement = settlement.into_iter().next();
    let month = GroupMonth::read(reader, &policies, &found, viewer.now).await?;
    let second = month.as_ref().is_none_or(GroupMonth::needs_second);
    let matrix = match &month {
        Some(month) => {
            let group = house.customers.get(&found.customer).map(|one| one.group_name.as_str());
            Some(month.matrix(&month.names(reader).await?, group)?)
        }
        None => None,
    };
    Ok(CreditDetail {
        id: found.id.to_string(),
        number: found.number.clone(),
        version: found.version,
        customer: house.customer(found.customer),
        contract: house.contract(found.contract),
        customer_id: found.customer.to_string(),
        amount: found.amount.into(),
        basis: basis(&found, settlement.as_ref().map(|one| &one.row), &house),
        kind: found.kind.as_str().to_owned(),
        decision: decision_word(&found),
        facts: facts(&found, settlement.as_ref().map(|one| &one.row), &breaches, viewer.now),
        breach_id: breaches.first().map(|breach| breach.id.to_string()),
        settlement_id: found.settlement.map(|id| id.to_string()),
        matrix,
        steps: steps(&found, second, &house, viewer),
        audit: audit::of_subject(reader, &house, id).await?,
        actions: actions(&found, viewer, overlay),
    })
}

/// `10 % of €12,000.00 · 99.885880 % < 99.9 %`, for each missed line.
fn basis(credit: &Credit, settlement: Option<&Settlement>, house: &House) -> String {
    let Some(settlement) = settlement.filter(|_| credit.kind == CreditKind::Contractual) else {
        return credit.reason.clone().unwrap_or_default();
    };
    let owing = settlement.lines.iter().filter(|line| line.own.minor() != 0);
    let each = owing.map(|line| {
        let currency = line.own.currency();
        let fee = makegood_engine::money::Money::parse_decimal(&line.fee, currency);
        let base = fee.as_ref().map_or_else(|_| line.fee.clone(), |fee| fee.symbol());
        let share = share(&line.own.to_decimal_string(), &line.fee);
        let of = share.map_or(base.clone(), |share| format!("{} of {base}", percent(&share)));
        let sla = house.lines.get(&line.line);
        let objective = sla.map_or("–", |sla| Promise(&sla.terms).objective());
        let sign = if line.met == Some(false) { "<" } else { "≥" };
        let reached = line.percent.as_deref().map_or_else(|| "–".to_owned(), percent);
        format!("{of} · {reached} {sign} {}", percent(objective))
    });
    each.collect::<Vec<_>>().join("; ")
}

/// What percentage of the fee an amount is, where it is a short decimal.
fn share(amount: &str, fee: &str) -> Option<String> {
    let (amount, fee) = (Fraction::parse(amount)?, Fraction::parse(fee)?);
    if fee == Fraction::whole(0) {
        return None;
    }
    let share = amount.ratio() / fee.ratio() * Fraction::whole(100).ratio();
    let text = Fraction::new(share).decimal_or_fraction();
    (!text.contains('/') && text.len() <= 8).then_some(text)
}

fn facts(
    credit: &Credit,
    settlement: Option<&Settlement>,
    breaches: &[Versioned<Breach>],
    now: DateTime<Utc>,
) -> Vec<Fact> {
    let mut facts = vec![fact("Service month", month_name(&credit.window))];
    if let Some(settlement) = settlement {
        facts.push(fact("Measurement", settlement_state(Some(settlement))));
        for line in settlement.lines.iter().filter(|line| line.own.minor() != 0) {
            facts.push(Fact {
                explain: Some("fee".to_owned()),
                ..fact("Credit base", line.fee_trace.clone())
            });
        }
    }
    if !breaches.is_empty() {
        let numbers: Vec<&str> = breaches.iter().map(|one| one.number.as_str()).collect();
        facts.push(fact("Missed SLA", numbers.join(", ")));
    }
    if let Some(claim) = claim(credit, now) {
        facts.push(fact("Claim", claim));
    }
    if let Some(reason) = &credit.reason {
        facts.push(fact("Reason", reason.clone()));
    }
    facts
}

/// What was decided since it was last proposed, by the order of the decisions, as
/// [`makegood_domain::policy::approvers`] reads it; of one that came back, what led to that.
fn decisions(credit: &Credit) -> &[Approval] {
    let all = credit.approvals.as_slice();
    let ends = |one: &Approval| one.decision != Decision::Approved;
    let ended = all.iter().rev().take_while(|one| ends(one)).count();
    if ended > 0 && is_awaiting(credit) {
        return &[];
    }
    let before = all.get(..all.len() - ended).unwrap_or_default();
    let from = before.iter().rposition(ends).map_or(0, |at| at + 1);
    all.get(from..).unwrap_or_default()
}

fn steps(credit: &Credit, second: bool, house: &House, viewer: &Viewer) -> Vec<Step> {
    let me = viewer.actor.person;
    let step = |state: &str, text: String, at: Option<DateTime<Utc>>| Step {
        state: state.to_owned(),
        text,
        time: at.map_or_else(String::new, |at| at.format("%-d %b %H:%M").to_string()),
    };
    let mut steps = Vec::new();
    let drafted = matches!(credit.decision, Decision::Drafted | Decision::Returned);
    match credit.proposed_by.last() {
        Some(person) if !drafted => {
            let text = format!("Proposed, {}", house.person(*person));
            steps.push(step("done", text, credit.proposed_at));
        }
        _ => steps.push(step("now", "Proposal, customer success".to_owned(), None)),
    }
    for approval in decisions(credit) {
        let what = match approval.decision {
            Decision::Approved => "Approved",
            Decision::NotGranted => "Not granted",
            _ => "Returned",
        };
        let text = format!("{what}, {}", house.person(approval.person));
        steps.push(step("done", text, Some(approval.at)));
    }
    let approved = approvers(credit).count();
    let awaiting = is_awaiting(credit);
    let you = may_approve(&viewer.actor, credit).is_ok();
    if awaiting && approved == 0 {
        let text = if you { "First approval, you" } else { "First approval, finance" };
        steps.push(step("now", text.to_owned(), None));
    }
    if awaiting && (second || approved > 0) {
        let barred: Vec<String> = credit
            .proposed_by
            .iter()
            .copied()
            .chain(approvers(credit))
            .map(|id| if id == me { "you".to_owned() } else { house.person(id) })
            .map(|name| format!("not {name}"))
            .chain((you && approved == 0).then(|| "not you".to_owned()))
            .collect();
        let text = format!("Second approval, {}", barred.join(", "));
        steps.push(step(if approved > 0 { "now" } else { "to_come" }, text, None));
    }
    if !credit.decision.is_final() {
        steps.push(step("to_come", "Send to billing, its own permission".to_owned(), None));
    }
    steps
}

fn actions(credit: &Credit, viewer: &Viewer, overlay: &Overlay) -> BTreeMap<String, Action> {
    let refuse = |message: String| Err(Problem::new(Code::WrongState, message));
    let waits = overlay.about("credit", &credit.id.to_string()).is_some();
    let still = || match waits {
        true => refuse(format!("a decision about {} waits to be sent", credit.number)),
        false => Ok(()),
    };
    let approve = may_approve(&viewer.actor, credit).and_then(|_| still());
    let back = require(&viewer.actor, Permission::ApproveCredit)
        .and_then(|()| match is_awaiting(credit) {
            true => Ok(()),
            false => refuse(format!("{} is not awaiting approval", credit.number)),
        })
        .and_then(|()| still());
    let told = matches!(credit.kind, CreditKind::Contractual | CreditKind::Adjustment);
    let notice = require(&viewer.actor, Permission::IssueStatement).and_then(|()| {
        match told && credit.decision == Decision::Approved {
            true => Ok(()),
            false => refuse(format!("{} is no credit that was granted by contract", credit.number)),
        }
    });
    [("approve", approve), ("return", back), ("notice", notice)]
        .into_iter()
        .map(|(verb, may)| (verb.to_owned(), may.into()))
        .collect()
}
