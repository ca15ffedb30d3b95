//! Locking by hand: windows that are over, before their days of grace are, as somebody saw them (law 7).

use super::{attain, lock_customer, observe, settle};
use crate::{
    auth,
    book::{Book, Due},
    checklist,
    store::{self, Lock, Store, Tx, attainment},
};
use makegood_domain::{
    Code, Problem,
    attainment::WindowState,
    contract::Contract,
    id::ContractId,
    person::{Actor, Permission},
    policy,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A window that somebody wants to lock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = WindowToLock)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The contract.
    #[schema(value_type = String, format = Uuid)]
    pub contract: ContractId,
    /// The window's label.
    pub window: String,
    /// What they saw: as it is listed among the windows that are closing.
    pub seen: String,
}

/// What locking came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LockReport)]
pub struct Locked {
    /// How many windows were locked.
    pub locked: usize,
    /// Those that were not.
    pub refused: Vec<Refused>,
}

/// A window that was not locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WindowNotLocked)]
pub struct Refused {
    /// The contract.
    #[schema(value_type = String, format = Uuid)]
    pub contract: ContractId,
    /// The window's label.
    pub window: String,
    /// Why, as a code.
    pub code: &'static str,
    /// Why, in words.
    pub message: String,
}

/// Locks windows in the order in which they are named, each in a transaction of its own. One that can't
/// be locked holds up no other.
///
/// # Errors
/// [`Code::Database`].
pub async fn lock(
    store: &Store,
    actor: &Actor,
    windows: &[Wanted],
    grace_days: u16,
) -> Result<Locked, Problem> {
    let mut report = Locked::default();
    for wanted in windows {
        match one(store, actor, wanted, grace_days).await {
            Ok(()) => report.locked += 1,
            Err(problem) if problem.code == Code::Database => return Err(problem),
            Err(problem) => report.refused.push(Refused {
                contract: wanted.contract,
                window: wanted.window.clone(),
                code: problem.code.as_str(),
                message: problem.message,
            }),
        }
    }
    Ok(report)
}

async fn one(
    store: &Store,
    actor: &Actor,
    wanted: &Wanted,
    grace_days: u16,
) -> Result<(), Problem> {
    let mut tx = store.begin(Some(actor.person)).await?;
    let now = tx.now();
    let actor = store::actor::by_id(tx.conn(), actor.token, now).await?;
    policy::require(&actor, Permission::Close)?;
    let found = store::get::<Contract>(tx.conn(), wanted.contract).await?;
    let none = || Problem::new(Code::NotFound, format!("there is no contract {}", wanted.contract));
    let contract = found.ok_or_else(none)?.row;
    auth::in_scope(&actor, contract.customer, &contract.number)?;
    tx.lock_shared(Lock::Windows).await?;
    lock_customer(&mut tx, contract.customer).await?;
    let mut book = Book::load_unlocked(tx.conn(), contract).await?;
    let mut dues = book.dues(now)?;
    dues.retain(|due| !book.settlements.contains_key(&due.label));
    book.recall(tx.conn(), &dues, now).await?;
    let at = place(&book, &dues, &wanted.window)?;
    let due = dues.swap_remove(at);
    if due.span.to > now {
        let why = format!("{}, {} is not over yet", book.contract.number, due.label);
        return Err(Problem::new(Code::WrongState, why));
    }
    observe(tx.conn(), &mut book, std::slice::from_ref(&due)).await?;
    // Computed as it stands first: what was seen is compared with what is, not with what once was.
    let present = attain::present(&book, &due, now);
    attain::refresh(&mut tx, &mut book, &due, WindowState::Closing, present).await?;
    let left = left(&mut tx, &book, &due, grace_days).await?;
    if left.seen != wanted.seen {
        let why = format!(
            "{}, {} has changed since you looked; look again and decide",
            book.contract.number, due.label
        );
        tx.commit().await?;
        return Err(Problem::new(Code::Stale, why));
    }
    let kinds: Vec<&str> = left.left.iter().map(|item| item.what).collect();
    let detail = json!({ "window": due.label, "left": kinds });
    let (customer, subject) = (book.customer.id, book.contract.id.to_string());
    tx.audit("window.locked_by_hand", ("contract", &subject), Some(customer), detail);
    settle::lock(&mut tx, &mut book, &due, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Where the window stands among those that are not locked. Earlier ones come first: later ones may rest
/// on them (law 4).
fn place(book: &Book, dues: &[Due], window: &str) -> Result<usize, Problem> {
    let number = &book.contract.number;
    if book.settlements.contains_key(window) {
        let why = format!("{number}, {window} is locked already");
        return Err(Problem::new(Code::WrongState, why));
    }
    let at = dues.iter().position(|due| due.label == window).ok_or_else(|| {
        let why = format!("{number} has no window {window:?} that has begun");
        Problem::new(Code::NotFound, why)
    })?;
    let (end, earlier) = (dues[at].span.to, &dues[..at]);
    match earlier.iter().find(|due| due.span.to < end) {
        None => Ok(at),
        Some(first) => {
            let first = &first.label;
            let why = format!("{number}, {first} is not locked yet; lock it before {window}");
            Err(Problem::new(Code::WrongState, why))
        }
    }
}

/// The window as it is listed now.
async fn left(
    tx: &mut Tx,
    book: &Book,
    due: &Due,
    grace_days: u16,
) -> Result<checklist::Closing, Problem> {
    let (customer, contract, now) = (book.customer.id, book.contract.id, tx.now());
    let lines = attainment::closing_of(tx.conn(), customer, contract, &due.label).await?;
    let mut windows = checklist::windows(tx.conn(), lines, now, grace_days).await?;
    windows.pop().ok_or_else(|| store::missing("closing window"))
}
