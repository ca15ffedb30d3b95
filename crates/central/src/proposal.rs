//! Changes that take two people (law 5): one proposes, another sees what would differ and puts it in
//! force. What somebody decides about is what they saw (law 7): the differences are worked out anew
//! in the transaction that puts them in force, and have to be the same.

use crate::{
    house,
    import::{self, Hands, Preview, Report},
    store::{self, Store, Tx},
};
use makegood_domain::{
    Code, Problem,
    id::{PersonId, ProposalId},
    person::Actor,
    proposal::{self, Change, Difference, Proposal, ProposalState},
};
use serde_json::json;

/// What became of a document that somebody imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// It took effect: no money rests on what it changed.
    Applied(Report),
    /// It waits for a second person; nothing is changed yet.
    Waiting(Box<Proposal>),
}

/// Takes a document: it takes effect at once where no money rests on what it changes, and waits for a
/// second person where any does.
///
/// # Errors
/// As [`import::put`]. Nothing is written then.
pub async fn import(store: &Store, by: PersonId, bytes: &[u8]) -> Result<Imported, Problem> {
    let (tx, imported) = import_within(store, by, bytes).await?;
    tx.commit().await?;
    Ok(imported)
}

/// As [`import()`], within a transaction that the caller commits.
pub(crate) async fn import_within(
    store: &Store,
    by: PersonId,
    bytes: &[u8],
) -> Result<(Tx, Imported), Problem> {
    let mut tx = store.begin(Some(by)).await?;
    let hands = Hands { proposed_by: by, approved_by: None };
    let preview = import::put(&mut tx, hands, bytes).await?;
    if !preview.drives_money() {
        return Ok((tx, Imported::Applied(preview.report)));
    }
    drop(tx);
    // It was read a moment ago.
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut tx = store.begin(Some(by)).await?;
    let made = make(&mut tx, by, Change::Import(text), preview.differences).await?;
    Ok((tx, Imported::Waiting(Box::new(made))))
}

/// Proposes another approval matrix, or somebody's name, roles and scope.
///
/// # Errors
/// [`Code::Invalid`] where it would change nothing, or can't be put in force.
pub async fn propose(store: &Store, by: PersonId, change: Change) -> Result<Proposal, Problem> {
    let mut tx = store.begin(Some(by)).await?;
    let differences = house::put(&mut tx, &change).await?;
    if differences.is_empty() {
        return Err(Problem::new(Code::Invalid, "that is in force already; nothing would change"));
    }
    drop(tx);
    let mut tx = store.begin(Some(by)).await?;
    let made = make(&mut tx, by, change, differences).await?;
    tx.commit().await?;
    Ok(made)
}

async fn make(
    tx: &mut Tx,
    by: PersonId,
    change: Change,
    differences: Vec<Difference>,
) -> Result<Proposal, Problem> {
    let proposal = Proposal {
        id: tx.store().ids().make(),
        number: tx.proposal_number().await?,
        change,
        differences,
        state: ProposalState::Proposed,
        proposed_by: by,
        proposed_at: tx.now(),
        decided_by: None,
        decided_at: None,
        reason: None,
    };
    tx.put_proposal(&proposal).await?;
    record(tx, &proposal, "proposal.made");
    Ok(proposal)
}

fn record(tx: &mut Tx, proposal: &Proposal, action: &str) {
    let detail = json!({
        "kind": proposal.change.kind(), "number": proposal.number, "after": proposal.state,
        "differences": Difference::digest(&proposal.differences),
        "proposed_by": proposal.proposed_by,
    });
    tx.audit(action, ("proposal", &proposal.id.to_string()), None, detail);
}

/// What somebody says to a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Put it in force, having seen the differences with this digest.
    PutInForce(String),
    /// No, and why.
    Refuse(String),
    /// Take it back: whoever proposed it.
    Withdraw,
}

/// Decides a proposal. What it puts in force takes effect whole, with the decision, or not at all.
///
/// # Errors
/// [`Code::NotFound`]; whatever [`proposal::may_decide`] refuses; [`Code::Stale`] when the
/// differences are no longer those that were seen: they are worked out anew, to be looked at again.
pub async fn decide(
    store: &Store,
    actor: &Actor,
    id: ProposalId,
    decision: Decision,
) -> Result<Proposal, Problem> {
    let mut tx = store.begin(Some(actor.person)).await?;
    let now = tx.now();
    let actor = store::actor::by_id(tx.conn(), actor.token, now).await?;
    let found = store::proposal::get(tx.conn(), id).await?;
    let mut proposal =
        found.ok_or_else(|| Problem::new(Code::NotFound, format!("there is no proposal {id}")))?;
    let action = match &decision {
        Decision::Withdraw => {
            proposal::may_withdraw(&actor, &proposal)?;
            proposal.state = ProposalState::Withdrawn;
            "proposal.withdrawn"
        }
        Decision::Refuse(reason) => {
            proposal::may_decide(&actor, &proposal)?;
            proposal.reason = Some(crate::command::required(reason, "reason")?.to_owned());
            proposal.state = ProposalState::Refused;
            "proposal.refused"
        }
        Decision::PutInForce(seen) => {
            proposal::may_decide(&actor, &proposal)?;
            let present = put(&mut tx, &proposal, actor.person).await?;
            if present != proposal.differences {
                drop(tx);
                return Err(restate(store, &actor, proposal, present).await?);
            }
            if *seen != Difference::digest(&present) {
                return Err(stale(&proposal));
            }
            proposal.state = ProposalState::InForce;
            "proposal.in_force"
        }
    };
    proposal.decided_by = Some(actor.person);
    proposal.decided_at = Some(now);
    if !tx.put_proposal(&proposal).await? {
        let why = format!("{} was decided meanwhile; look again", proposal.number);
        return Err(Problem::new(Code::WrongState, why));
    }
    record(&mut tx, &proposal, action);
    tx.commit().await?;
    Ok(proposal)
}

/// Puts a proposal's change in force; what differs.
async fn put(tx: &mut Tx, proposal: &Proposal, by: PersonId) -> Result<Vec<Difference>, Problem> {
    match &proposal.change {
        Change::Import(text) => {
            let hands = Hands { proposed_by: proposal.proposed_by, approved_by: Some(by) };
            let Preview { differences, .. } = import::put(tx, hands, text.as_bytes()).await?;
            Ok(differences)
        }
        change => house::put(tx, change).await,
    }
}

/// Something else has changed since: what would differ now is written down, to be looked at again.
async fn restate(
    store: &Store,
    actor: &Actor,
    mut proposal: Proposal,
    differences: Vec<Difference>,
) -> Result<Problem, Problem> {
    proposal.differences = differences;
    let mut tx = store.begin(Some(actor.person)).await?;
    if tx.put_proposal(&proposal).await? {
        record(&mut tx, &proposal, "proposal.restated");
        tx.commit().await?;
    }
    Ok(stale(&proposal))
}

fn stale(proposal: &Proposal) -> Problem {
    let why = format!("{} would change other things than you saw; look again", proposal.number);
    let digest = Difference::digest(&proposal.differences);
    Problem::new(Code::Stale, why)
        .with_current(json!({ "entity": "proposal", "key": proposal.id, "differences": digest }))
}
