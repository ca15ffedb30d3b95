//! Locking by hand: months that are over, before their days of grace are. Central is asked for what is
//! left, and told what was seen of it; nothing of this waits in the outbox.

use super::{called, month};
use crate::{
    central::{Closing, ToLock},
    desk::{Desk, id},
};
use makegood_domain::{
    Problem,
    person::{Actor, Permission},
    policy,
};
use makegood_mirror::screens::{Action, Moment};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// So many windows go out with one request: central answers each before anybody waits too long.
const AT_ONCE: usize = 25;

/// The windows of a month that are over and not locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ClosingMonth {
    /// `2026-10`.
    pub label: String,
    /// `October 2026`.
    pub name: String,
    /// One for each contract.
    pub windows: Vec<ClosingWindow>,
}

/// A contract's window that is over and not locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ClosingWindow {
    /// The contract.
    pub contract_id: String,
    /// Its number.
    pub contract: String,
    /// The customer.
    pub customer: String,
    /// `2 SLAs, 1 missed as it stands`.
    pub said: String,
    /// What is left to do: `Undecided exclusion: planned maintenance from …`.
    pub left: Vec<String>,
    /// When it locks by itself.
    pub locks: Moment,
    /// What whoever locks it gives back.
    pub seen: String,
}

/// A window that somebody locks, as they saw it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct WindowSeen {
    /// The contract.
    pub contract_id: String,
    /// `2026-10`.
    pub label: String,
    /// See [`ClosingWindow::seen`].
    pub seen: String,
}

/// What locking came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct LockOutcome {
    /// How many windows were locked.
    pub locked: u32,
    /// Why the others were not.
    pub refused: Vec<String>,
}

/// Whether somebody may lock at all.
pub(super) fn may_lock(actor: &Actor) -> Action {
    policy::require(actor, Permission::Close).into()
}

impl Desk {
    /// The months that are over and not locked, with what is left to do of each contract.
    ///
    /// # Errors
    /// [`makegood_domain::Code::TokenMissing`] while nobody sits here;
    /// [`makegood_domain::Code::CentralUnreachable`].
    pub async fn closing_months(&self) -> Result<Vec<ClosingMonth>, Problem> {
        let mut months: Vec<ClosingMonth> = Vec::new();
        for one in self.inside().await?.central.closing().await? {
            let label = one.window.clone();
            let window = window(one);
            match months.iter_mut().find(|month| month.label == label) {
                Some(known) => known.windows.push(window),
                None => {
                    months.push(ClosingMonth { name: month(&label), label, windows: vec![window] });
                }
            }
        }
        for month in &mut months {
            month
                .windows
                .sort_by(|a, b| (&a.customer, &a.contract).cmp(&(&b.customer, &b.contract)));
        }
        Ok(months)
    }

    /// Locks windows as they were seen. One that has changed since is refused, and holds up no other.
    ///
    /// # Errors
    /// As [`Desk::closing_months`], before anything is locked; [`makegood_domain::Code::RoleMissing`].
    pub async fn lock_windows(&self, windows: Vec<WindowSeen>) -> Result<LockOutcome, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::Close)?;
        let mut wanted = Vec::with_capacity(windows.len());
        for one in windows {
            let contract = id("contract", &one.contract_id)?;
            wanted.push(ToLock { contract, window: one.label, seen: one.seen });
        }
        let mut outcome = LockOutcome::default();
        for some in wanted.chunks(AT_ONCE) {
            match inside.central.lock_windows(some).await {
                Ok(report) => {
                    outcome.locked += report.locked;
                    outcome.refused.extend(report.refused.into_iter().map(|one| one.message));
                }
                // What is locked stays so, and is said.
                Err(problem) if outcome.locked > 0 => {
                    outcome
                        .refused
                        .push(format!("The rest was not attempted: {}", problem.message));
                    break;
                }
                Err(problem) => return Err(problem),
            }
        }
        inside.wake.notify_one();
        Ok(outcome)
    }
}

fn window(one: Closing) -> ClosingWindow {
    let lines = if one.lines == 1 { "1 SLA".to_owned() } else { format!("{} SLAs", one.lines) };
    let missed = match one.missed {
        0 => "none missed".to_owned(),
        missed => format!("{missed} missed"),
    };
    let left = |item: &crate::central::Left| {
        format!("{}: {}, {}", called(&item.what), item.line, item.detail)
    };
    ClosingWindow {
        contract_id: one.contract.to_string(),
        contract: one.number,
        customer: one.name,
        said: format!("{lines}, {missed} as it stands"),
        left: one.left.iter().map(left).collect(),
        locks: Moment::utc(one.due),
        seen: one.seen,
    }
}
