//! Proposals at the desk: what drives money, or who may decide about it, waits for a second person
//! (law 5). Asked of central each time: nobody decides about yesterday's differences.

use crate::{
    desk::{Desk, id},
    seat::Inside,
};
use makegood_domain::{
    Code, Money, Problem,
    id::PersonId,
    person::Actor,
    proposal::{self, Difference, Proposal, ProposalState},
};
use makegood_mirror::screens::{self, Action, Moment};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A proposal in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ProposalRow {
    /// Its id.
    pub id: String,
    /// `P-12`.
    pub number: String,
    /// What it is about: `Contracts and terms`.
    pub about: String,
    /// `proposed`, `in_force`, `refused`, `withdrawn`.
    pub state: String,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// How many fields would differ.
    pub differences: u32,
}

/// A proposal, to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Proposal", export_to = "../../../ui/src/bindings/")]
pub struct ProposalView {
    /// As in the list.
    pub row: ProposalRow,
    /// What would differ.
    pub differences: Vec<DifferenceRow>,
    /// What whoever decides gives back.
    pub seen: String,
    /// Who decided, when and why: `refused by Carla Voss, 9 Nov 2026, 08:15: the order form says 12,000`.
    pub decided: Option<String>,
    /// Whether one may put it in force or refuse it.
    pub decide: Action,
    /// Whether one may take it back.
    pub withdraw: Action,
}

/// A field that would differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Difference", export_to = "../../../ui/src/bindings/")]
pub struct DifferenceRow {
    /// Of what: `NW-1, API availability`.
    pub subject: String,
    /// Which field.
    pub field: String,
    /// What it is; `–`: it is not there.
    pub before: String,
    /// What it would be.
    pub after: String,
    /// Whether money rests on it.
    pub drives_money: bool,
}

/// What somebody says to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ProposalDecision {
    /// Which.
    pub id: String,
    /// `put_in_force`, `refuse` or `withdraw`.
    pub verb: String,
    /// The differences that were seen, to put it in force.
    pub seen: Option<String>,
    /// Why, to refuse it.
    pub reason: Option<String>,
}

impl From<&Difference> for DifferenceRow {
    fn from(one: &Difference) -> Self {
        Self {
            subject: one.subject.clone(),
            field: one.field.clone(),
            before: shown(&one.before),
            after: shown(&one.after),
            drives_money: one.drives_money,
        }
    }
}

/// A field's value as people read it: `below 99.95, percent 10; below 99.8, percent 25`.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            if let Ok(amount) = serde_json::from_value::<Money>(value.clone()) {
                return amount.display();
            }
            let named = |(name, value): (&String, &Value)| {
                format!("{} {}", name.replace('_', " "), shown(value)).trim_end().to_owned()
            };
            fields.iter().map(named).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn about(kind: &str) -> String {
    match kind {
        "import" => "Contracts, terms and fees",
        "policy" => "Approval matrix",
        "person" => "A person’s roles and scope",
        "delegation" => "Delegation",
        other => other,
    }
    .to_owned()
}

/// Somebody's name, or what stands for it.
pub(crate) fn name(people: &BTreeMap<PersonId, String>, id: PersonId) -> String {
    people.get(&id).cloned().unwrap_or_else(|| "somebody who is not in the local copy".to_owned())
}

impl Desk {
    /// The newest proposals, whatever became of them.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] while nobody sits here; [`Code::RoleMissing`];
    /// [`Code::CentralUnreachable`].
    pub async fn proposals(&self) -> Result<Vec<ProposalRow>, Problem> {
        let inside = self.inside().await?;
        let waiting = inside.central.proposals().await?;
        let (mut reader, _, _) = inside.view().await?;
        let people = screens::people(&mut reader).await?;
        let row = |one: &crate::central::Waiting| ProposalRow {
            id: one.id.to_string(),
            number: one.number.clone(),
            about: about(&one.kind),
            state: one.state.as_str().to_owned(),
            by: name(&people, one.proposed_by),
            at: Moment::utc(one.proposed_at),
            differences: one.differences,
        };
        Ok(waiting.iter().map(row).collect())
    }

    /// A proposal with what would differ, and what one may say to it.
    ///
    /// # Errors
    /// As [`Desk::proposals`]; [`Code::NotFound`].
    pub async fn proposal(&self, proposal: &str) -> Result<ProposalView, Problem> {
        let inside = self.inside().await?;
        let shown = inside.central.proposal(id("proposal", proposal)?).await?;
        let (mut reader, _, _) = inside.view().await?;
        let people = screens::people(&mut reader).await?;
        Ok(view(&shown.proposal, shown.seen, &people, &inside.actor()))
    }

    /// Says something to a proposal.
    ///
    /// # Errors
    /// As [`Desk::proposal`]; [`Code::Invalid`] for no such verb, or one without what it needs;
    /// [`Code::OwnProposal`], [`Code::WrongState`], [`Code::Stale`].
    pub async fn decide_proposal(&self, said: ProposalDecision) -> Result<ProposalView, Problem> {
        let need = |what: &str, given: Option<String>| {
            given.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
                Problem::new(Code::Invalid, format!("{}: {what} is missing", said.verb)).at(what)
            })
        };
        let decision = match said.verb.as_str() {
            "put_in_force" => {
                json!({ "put_in_force": { "seen": need("seen", said.seen.clone())? } })
            }
            "refuse" => json!({ "refuse": { "reason": need("reason", said.reason.clone())? } }),
            "withdraw" => json!({ "withdraw": {} }),
            other => {
                let why = format!("{other:?} is none of put_in_force, refuse, withdraw");
                return Err(Problem::new(Code::Invalid, why).at("verb"));
            }
        };
        let inside = self.inside().await?;
        inside.central.decide_proposal(id("proposal", &said.id)?, &decision).await?;
        self.proposal(&said.id).await
    }
}

fn view(
    proposal: &Proposal,
    seen: String,
    people: &BTreeMap<PersonId, String>,
    actor: &Actor,
) -> ProposalView {
    let differences: Vec<DifferenceRow> =
        proposal.differences.iter().map(DifferenceRow::from).collect();
    ProposalView {
        row: row(proposal, people),
        differences,
        seen,
        decided: decided(proposal, people),
        decide: proposal::may_decide(actor, proposal).into(),
        withdraw: proposal::may_withdraw(actor, proposal).into(),
    }
}

/// What was just proposed, as the list will show it.
pub(crate) async fn made(inside: &Inside, proposal: &Proposal) -> Result<ProposalRow, Problem> {
    let people = screens::people(&mut inside.mirror().reader().await?).await?;
    Ok(row(proposal, &people))
}

fn row(proposal: &Proposal, people: &BTreeMap<PersonId, String>) -> ProposalRow {
    ProposalRow {
        id: proposal.id.to_string(),
        number: proposal.number.clone(),
        about: about(proposal.change.kind()),
        state: proposal.state.as_str().to_owned(),
        by: name(people, proposal.proposed_by),
        at: Moment::utc(proposal.proposed_at),
        differences: u32::try_from(proposal.differences.len()).unwrap_or(u32::MAX),
    }
}

fn decided(proposal: &Proposal, people: &BTreeMap<PersonId, String>) -> Option<String> {
    let (by, at) = (proposal.decided_by?, proposal.decided_at?);
    let what = match proposal.state {
        ProposalState::InForce => "put in force",
        ProposalState::Refused => "refused",
        ProposalState::Withdrawn => "withdrawn",
        ProposalState::Proposed => return None,
    };
    let mut text = format!("{what} by {}, {}", name(people, by), Moment::utc(at).utc);
    if let Some(reason) = &proposal.reason {
        text.push_str(": ");
        text.push_str(reason);
    }
    Some(text)
}
