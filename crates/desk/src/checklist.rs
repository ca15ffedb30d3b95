//! What is left to do before months lock. Asked of central each time: nobody works off yesterday's list.

mod lock;

pub use lock::{ClosingMonth, ClosingWindow, LockOutcome, WindowSeen};

use crate::{central::Left, desk::Desk};
use chrono::NaiveDate;
use makegood_domain::{
    Code, Problem,
    alert::lasting,
    person::{Actor, Permission, Scope},
    policy,
};
use makegood_mirror::screens::{Action, Moment};
use serde::Serialize;
use ts_rs::TS;

/// What is left to do, the first to lock first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Checklist {
    /// Each thing.
    pub rows: Vec<ChecklistRow>,
    /// `October 2026: 3 left, locks 4 Nov 2026, 00:00 UTC`, for each month that closes.
    pub months: Vec<String>,
    /// Whether one may lock a month by hand.
    pub lock: Action,
}

/// Something that is left to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ChecklistRow {
    /// `gap`, `late_source`, `undecided_exclusion` or `unreviewed_breach`.
    pub what: String,
    /// In words: `Undecided exclusion`.
    pub name: String,
    /// What exactly.
    pub detail: String,
    /// The customer's id.
    pub customer_id: String,
    /// The customer.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The SLA line.
    pub line: String,
    /// `October 2026`.
    pub month: String,
    /// The missed SLA at which it is done, where there is one.
    pub breach_id: Option<String>,
    /// Whose it is.
    pub owner: String,
    /// Whether it is one's own.
    pub mine: bool,
    /// When the window locks.
    pub due: Moment,
    /// `in 2 d 3 h`; `now`, once it is time.
    pub due_in: String,
    /// Whether one may go where it is done.
    pub open: Action,
}

impl Desk {
    /// What is left to do before months lock.
    ///
    /// # Errors
    /// [`makegood_domain::Code::TokenMissing`] while nobody sits here;
    /// [`makegood_domain::Code::CentralUnreachable`].
    pub async fn checklist(&self) -> Result<Checklist, Problem> {
        let inside = self.inside().await?;
        let left = inside.central.checklist().await?;
        let (actor, now) = (inside.actor(), inside.now());
        let me = actor.person;
        let row = |one: &Left| ChecklistRow {
            what: one.what.clone(),
            name: called(&one.what).to_owned(),
            detail: one.detail.clone(),
            customer_id: one.customer.to_string(),
            customer: one.name.clone(),
            contract: one.contract.clone(),
            line: one.line.clone(),
            month: month(&one.window),
            breach_id: one.breach.map(|breach| breach.to_string()),
            owner: one.owner_name.clone(),
            mine: one.owner == Some(me),
            due: Moment::utc(one.due),
            due_in: match (one.due - now).num_seconds() {
                seconds if seconds > 0 => format!("in {}", lasting(seconds)),
                _ => "now".to_owned(),
            },
            open: may_open(&actor, one).into(),
        };
        let rows: Vec<ChecklistRow> = left.iter().map(row).collect();
        Ok(Checklist { months: months(&rows), lock: lock::may_lock(&actor), rows })
    }
}

/// Sources tell of every customer: who may not see them would be led to a refusal.
fn may_open(actor: &Actor, one: &Left) -> Result<(), Problem> {
    if one.what != "late_source" {
        return Ok(());
    }
    let may = |permission| policy::require(actor, permission).is_ok();
    if actor.scope == Scope::All && (may(Permission::Ingest) || may(Permission::Administer)) {
        return Ok(());
    }
    let whose = &one.owner_name;
    let why = format!("Sources are shown to {whose} only; ask there when this one delivers again");
    Err(Problem::new(Code::RoleMissing, why))
}

/// One line for each month and each moment at which it locks.
fn months(rows: &[ChecklistRow]) -> Vec<String> {
    let mut counted: Vec<(&str, &str, usize)> = Vec::new();
    for row in rows {
        let (month, due) = (row.month.as_str(), row.due.utc.as_str());
        match counted.iter_mut().find(|one| (one.0, one.1) == (month, due)) {
            Some(one) => one.2 += 1,
            None => counted.push((month, due, 1)),
        }
    }
    let line =
        |(month, due, left): &(&str, &str, usize)| format!("{month}: {left} left, locks {due} UTC");
    counted.iter().map(line).collect()
}

fn called(what: &str) -> &str {
    match what {
        "gap" => "Gap in the evidence",
        "late_source" => "Late source",
        "undecided_exclusion" => "Undecided exclusion",
        "unreviewed_breach" => "Breach to review",
        other => other,
    }
}

/// `October 2026` for `2026-10`; other labels as they are.
pub(crate) fn month(label: &str) -> String {
    let day: Option<NaiveDate> = format!("{label}-01").parse().ok();
    day.map_or_else(|| label.to_owned(), |day| day.format("%B %Y").to_string())
}
