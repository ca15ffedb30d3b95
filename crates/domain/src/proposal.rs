//! Proposals: what drives money, and who may decide about it, changes by two people (law 5). One
//! proposes; another sees the differences and puts them in force.

use crate::{
    delegation::Delegation,
    error::{Code, Problem},
    id::{PersonId, ProposalId},
    person::{Actor, Permission, Person, Scope, TokenKind},
    policy::{self, Policy},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A change that waits for a second person, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// Number to show: `P-12`.
    pub number: String,
    /// What is to change.
    pub change: Change,
    /// What would differ, as it was last worked out.
    pub differences: Vec<Difference>,
    /// Where it stands.
    pub state: ProposalState,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who decided: never who proposed; for a withdrawal, who proposed.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    pub reason: Option<String>,
}

/// What is to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "to")]
pub enum Change {
    /// Customers, contracts, terms, fees, exclusions: the import's document as it came.
    Import(String),
    /// A new version of the approval matrix.
    Policy(Policy),
    /// Somebody's name, roles and scope.
    Person {
        /// As they are to be.
        person: Person,
        /// Whose data they are to see.
        scope: Scope,
    },
    /// Somebody approves in another's place for a time.
    Delegation(Delegation),
}

impl Change {
    /// As it is stored and written on every seam.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Import(_) => "import",
            Self::Policy(_) => "policy",
            Self::Person { .. } => "person",
            Self::Delegation(_) => "delegation",
        }
    }
}

/// One field that would differ. No ids that are made anew each time it is worked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The thing, in the words of its readers: `NW-1, API availability`.
    pub subject: String,
    /// Which field: `charge.amount`.
    pub field: String,
    /// What it is; null: it is not there.
    pub before: Value,
    /// What it would be.
    pub after: Value,
    /// Whether money rests on it: then it takes a second person.
    pub drives_money: bool,
}

impl Difference {
    /// What would differ between two sets of fields of one thing, in the order of their names.
    /// `drives` tells whether money rests on a field.
    #[must_use]
    pub fn between(
        subject: &str,
        before: Option<&Value>,
        after: &Value,
        drives: impl Fn(&str) -> bool,
    ) -> Vec<Self> {
        let fields = after.as_object().into_iter().flatten();
        let differing = fields.filter_map(|(field, after)| {
            let before = before.and_then(|before| before.get(field)).unwrap_or(&Value::Null);
            (before != after).then(|| Self {
                subject: subject.to_owned(),
                field: field.clone(),
                before: before.clone(),
                after: after.clone(),
                drives_money: drives(field),
            })
        });
        differing.collect()
    }

    /// What stands for a list of differences: whoever decides names it, so that they decide about
    /// what they saw (law 7). SHA-256 of the list as JSON, hex.
    #[must_use]
    pub fn digest(all: &[Self]) -> String {
        hex::encode(Sha256::digest(serde_json::json!(all).to_string()))
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Waits for somebody else.
    Proposed,
    /// A second person put it in force.
    InForce,
    /// A second person said no.
    Refused,
    /// Whoever proposed it took it back.
    Withdrawn,
}

impl ProposalState {
    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::InForce => "in_force",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`ProposalState::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Proposed, Self::InForce, Self::Refused, Self::Withdrawn];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

/// The verb that proposing or deciding such a change asks for.
#[must_use]
pub fn permission(change: &Change) -> Permission {
    match change {
        Change::Import(_) => Permission::Import,
        Change::Policy(_) | Change::Person { .. } | Change::Delegation(_) => Permission::Administer,
    }
}

/// Whether the actor may put a proposal in force, or refuse it.
///
/// # Errors
/// [`Code::RoleMissing`], [`Code::ScopeMissing`], [`Code::TokenMayNotApprove`],
/// [`Code::OwnProposal`], [`Code::WrongState`].
pub fn may_decide(actor: &Actor, proposal: &Proposal) -> Result<(), Problem> {
    policy::require(actor, permission(&proposal.change))?;
    if actor.token_kind == TokenKind::Personal {
        let why = "personal tokens never decide; sign in and decide in person";
        return Err(Problem::new(Code::TokenMayNotApprove, why));
    }
    if actor.scope != Scope::All {
        let why = "this concerns every customer, and your scope holds some; ask an administrator";
        return Err(Problem::new(Code::ScopeMissing, why));
    }
    is_open(proposal)?;
    if proposal.proposed_by == actor.person {
        let why = format!("you proposed {}; somebody else has to decide it", proposal.number);
        return Err(Problem::new(Code::OwnProposal, why));
    }
    let is_about = match &proposal.change {
        Change::Person { person, .. } => person.id == actor.person,
        Change::Delegation(delegation) => delegation.delegate == actor.person,
        Change::Import(_) | Change::Policy(_) => false,
    };
    if is_about {
        let why = format!("{} is about yourself; somebody else has to decide it", proposal.number);
        return Err(Problem::new(Code::OwnProposal, why));
    }
    Ok(())
}

/// Whether the actor may take a proposal back.
///
/// # Errors
/// [`Code::RoleMissing`] for anybody else than who proposed it; [`Code::WrongState`].
pub fn may_withdraw(actor: &Actor, proposal: &Proposal) -> Result<(), Problem> {
    if proposal.proposed_by != actor.person {
        let why = format!("only its proposer can withdraw {}; you can refuse it", proposal.number);
        return Err(Problem::new(Code::RoleMissing, why));
    }
    is_open(proposal)
}

fn is_open(proposal: &Proposal) -> Result<(), Problem> {
    if proposal.state == ProposalState::Proposed {
        return Ok(());
    }
    let state = proposal.state.as_str().replace('_', " ");
    let why = format!("{} is {state}; propose it again", proposal.number);
    Err(Problem::new(Code::WrongState, why))
}
