//! Authoring: contracts and SLA lines as drafts. A draft begins from a template, from what is in force
//! or from nothing; it is looked at (what is wrong, what a careful reader would not sign, what would
//! differ), tried on past windows, and proposed. From there on it is a [`crate::proposal`].

pub(crate) mod begin;
mod look;
mod past;
mod scope;
mod termination;

pub use begin::Amend;
pub use look::{Finding, Look, look};
pub use past::{ContractPast, LinePast, MONTHS_MAX, Owed, Past, WindowPast, past};

use crate::{
    proposal::{self, Imported},
    store::{self, Store, Tx},
};
use makegood_domain::{
    Code, Problem,
    draft::{self, Draft, DraftState},
    id::{DraftId, PersonId},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// What a new draft starts from.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// What somebody has written.
    Document(String),
    /// The next version of a contract, as its present one is.
    Amend(Amend),
}

/// Begins a draft.
///
/// # Errors
/// [`Code::Invalid`] for no title; [`Code::NotFound`] for a contract that is none;
/// [`Code::Database`].
pub async fn begin(
    store: &Store,
    by: PersonId,
    title: &str,
    start: Start,
) -> Result<Draft, Problem> {
    let title = draft::title(title)?;
    let mut tx = store.begin(Some(by)).await?;
    let document = match start {
        Start::Document(text) => text,
        Start::Amend(amend) => begin::amended(tx.conn(), &amend).await?,
    };
    let draft = Draft {
        id: tx.store().ids().make(),
        number: tx.draft_number().await?,
        title,
        document,
        revision: 1,
        state: DraftState::Open,
        proposal: None,
        begun_by: by,
        changed_by: by,
        changed_at: tx.now(),
    };
    keep(tx, draft, "draft.begun").await
}

/// Writes a draft's next revision.
///
/// # Errors
/// As [`Draft::may_change`]; [`Code::NotFound`]; [`Code::Database`].
pub async fn change(
    store: &Store,
    by: PersonId,
    (id, revision): (DraftId, i64),
    title: &str,
    document: String,
) -> Result<Draft, Problem> {
    let title = draft::title(title)?;
    let mut tx = store.begin(Some(by)).await?;
    let mut draft = changeable(&mut tx, by, id, revision).await?;
    draft.title = title;
    draft.document = document;
    keep(tx, draft, "draft.changed").await
}

/// Throws a draft away.
///
/// # Errors
/// As [`change`].
pub async fn discard(
    store: &Store,
    by: PersonId,
    (id, revision): (DraftId, i64),
) -> Result<Draft, Problem> {
    let mut tx = store.begin(Some(by)).await?;
    let mut draft = changeable(&mut tx, by, id, revision).await?;
    draft.state = DraftState::Discarded;
    keep(tx, draft, "draft.discarded").await
}

/// Proposes what a draft says, or puts it into effect where no money rests on it. In one transaction
/// with the draft's own state: it is never proposed twice.
///
/// # Errors
/// As [`change`], and as [`crate::import::put`].
pub async fn propose(
    store: &Store,
    by: PersonId,
    (id, revision): (DraftId, i64),
) -> Result<(Draft, Imported), Problem> {
    let mut tx = store.begin(Some(by)).await?;
    let mut draft = changeable(&mut tx, by, id, revision).await?;
    drop(tx);
    let (tx, imported) = proposal::import_within(store, by, draft.document.as_bytes()).await?;
    draft.state = DraftState::Proposed;
    draft.proposal = match &imported {
        Imported::Waiting(proposal) => Some(proposal.id),
        Imported::Applied(_) => None,
    };
    draft.changed_at = tx.now();
    Ok((keep(tx, draft, "draft.proposed").await?, imported))
}

/// A draft by its id.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Database`].
pub async fn get(store: &Store, id: DraftId) -> Result<Draft, Problem> {
    let mut conn = store.reading().await?;
    store::draft::get(&mut conn, id).await?.ok_or_else(|| absent(id))
}

fn absent(id: DraftId) -> Problem {
    Problem::new(Code::NotFound, format!("there is no draft {id}"))
}

/// A draft that may be changed by whoever saw `revision`, as its next revision.
async fn changeable(
    tx: &mut Tx,
    by: PersonId,
    id: DraftId,
    revision: i64,
) -> Result<Draft, Problem> {
    let draft = store::draft::get(tx.conn(), id).await?.ok_or_else(|| absent(id))?;
    draft.may_change(revision)?;
    Ok(Draft { revision: revision + 1, changed_by: by, changed_at: tx.now(), ..draft })
}

async fn keep(mut tx: Tx, draft: Draft, action: &str) -> Result<Draft, Problem> {
    if !tx.put_draft(&draft).await? {
        let why = format!("somebody else has changed {}; look again", draft.number);
        return Err(Problem::new(Code::Stale, why));
    }
    let detail = json!({
        "number": draft.number, "revision": draft.revision, "after": draft.state,
        "sha256": hex::encode(Sha256::digest(&draft.document)), "proposal": draft.proposal,
    });
    tx.audit(action, ("draft", &draft.id.to_string()), None, detail);
    tx.commit().await?;
    Ok(draft)
}
