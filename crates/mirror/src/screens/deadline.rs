//! Deadlines: what has to be done about SLA credits and rights to terminate, and by when.

mod list;

pub use list::{DeadlineCounts, DeadlineTab, Deadlines, deadlines};

use super::{
    dispute,
    house::Names,
    show::{Action, Moment, MoneyView, date, month_name},
    termination,
};
use crate::{
    Overlay, Versioned, Viewer,
    ask::{self, Question},
};
use chrono::{NaiveDate, TimeDelta};
use makegood_domain::{
    Code, Problem,
    credit::{Claim, Decision},
    deadline::{Deadline, DeadlineKind, DeadlineState},
    id::CreditId,
    person::Permission,
    policy::require,
};
use makegood_engine::zone::Zone;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// From so many days before it on, a deadline is soon.
pub(super) const SOON: i64 = 7;

/// A deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DeadlineRow {
    /// Its id.
    pub id: String,
    /// Its version.
    #[ts(type = "number")]
    pub version: i64,
    /// The credit; `None`: it is about a right to terminate.
    pub credit_id: Option<String>,
    /// The credit's version, for whoever records a claim; 0 without one.
    #[ts(type = "number")]
    pub credit_version: i64,
    /// `CR-301`; else the contract's.
    pub number: String,
    /// What is lost otherwise; of a credit.
    pub amount: Option<MoneyView>,
    /// The customer.
    pub customer_id: String,
    /// Its name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// `October 2026`.
    pub month_name: String,
    /// The missed SLA that it goes back to, where there is one.
    pub breach_id: Option<String>,
    /// `The customer has to claim it`.
    pub what: String,
    /// The last day as a date, for a form: `2026-11-30`.
    pub due_on: String,
    /// `30 Nov 2026`.
    pub due: String,
    /// `in 3 days`, `today`, `2 days ago`.
    pub due_in: String,
    /// Whether it is soon, or over.
    pub soon: bool,
    /// `30 days after the window's end, in Europe/Berlin`.
    pub rule: String,
    /// Who sees to it.
    pub owner: String,
    /// Whether that is the viewer.
    pub mine: bool,
    /// What became of it: `asked for in time`, `not asked for`; absent while it runs.
    pub ended: Option<String>,
    /// How far one's own decision has come: `Queued`.
    pub queued: Option<String>,
    /// What meets it: `file`, `admit` or `close`.
    pub asks: String,
    /// Whether one may record the customer's claim.
    pub file: Action,
    /// Whether one may let a late claim count.
    pub admit: Action,
    /// Whether one may say that it was done.
    pub close: Action,
}

/// Credits whose claim came too late, and waits for somebody.
const UNDECIDED: &str = "select key from credit where claim = 'late'
      and decision not in ('approved', 'not_granted', 'cancelled')";

/// How many deadlines of the viewer's own are soon, and disputes; for who approves, late claims, too.
pub(crate) fn pressing(
    viewer: &Viewer,
) -> (Question<usize>, Question<usize>, Option<Question<usize>>) {
    let me = viewer.actor.person.to_string();
    // A day more than is soon anywhere: each has its own zone.
    let soon = (viewer.now.date_naive() + TimeDelta::days(SOON + 1)).to_string();
    let (own, here) = ("where state = 'open' and owner = $1 and due <= $2", viewer.clone());
    let own = ask::list::<Deadline>(own, &[&me, &soon]).map(move |own| {
        own.iter().filter(|one| left(one, &here).is_none_or(|days| days <= SOON)).count()
    });
    let late = format!(
        "select count(*) from deadline
         where state = 'passed' and kind = 'claim' and subject in ({UNDECIDED})"
    );
    let late = viewer.actor.may(Permission::ApproveCredit).then(|| ask::count(&late, &[]));
    (own, dispute::pressing(viewer), late)
}

/// Whether a late claim waits for somebody to let it count.
fn waits(deadline: &Deadline, credit: Option<&Asked>) -> bool {
    deadline.kind == DeadlineKind::Claim
        && credit.is_some_and(|one| one.claim == Claim::Late && !one.decision.is_final())
}

/// As much of a credit as its deadlines show.
#[derive(Deserialize)]
struct Asked {
    id: CreditId,
    version: i64,
    claim: Claim,
    decision: Decision,
    /// The first breach of its settlement.
    breach: Option<String>,
}

const ASKED: &str = "select json_object('id', key, 'version', version, 'claim', claim,
           'decision', decision,
           'breach', (select min(key) from breach where breach.settlement = credit.settlement))
           as body
    from credit where key in (select value from json_each($1))";

/// Days until the last one, in the deadline's own zone; `None` for a zone that is not known here.
fn left(deadline: &Deadline, viewer: &Viewer) -> Option<i64> {
    days_until(deadline.due, &deadline.zone, viewer)
}

/// Days until the last one, in a zone; `None` for one that is not known here.
pub(super) fn days_until(due: NaiveDate, zone: &str, viewer: &Viewer) -> Option<i64> {
    let zone = Zone::named(zone).ok()?;
    Some((due - zone.local(viewer.now).date()).num_days())
}

fn row(
    one: &Versioned<Deadline>,
    credit: Option<&Asked>,
    names: &Names,
    viewer: &Viewer,
    overlay: &Overlay,
) -> DeadlineRow {
    let of_credit = credit.and_then(|credit| overlay.about("credit", &credit.id.to_string()));
    let pending = of_credit.or_else(|| overlay.about("deadline", &one.id.to_string()));
    let (file, admit, close) = actions(one, credit, viewer, pending.is_some());
    let days = left(one, viewer);
    DeadlineRow {
        id: one.id.to_string(),
        version: one.version,
        credit_id: credit.map(|credit| credit.id.to_string()),
        credit_version: credit.map_or(0, |credit| credit.version),
        number: one.number.clone(),
        amount: one.amount.map(Into::into),
        customer_id: one.customer.to_string(),
        customer: names.customer(one.customer),
        contract: names.contract(one.contract),
        month_name: month_name(&one.window),
        breach_id: credit.and_then(|credit| credit.breach.clone()),
        what: what(one, credit),
        due_on: one.due.to_string(),
        due: date(one.due),
        due_in: days.map_or_else(String::new, due_in),
        soon: days.is_none_or(|days| days <= SOON),
        rule: rule(one),
        owner: one.owner.map_or_else(|| "nobody".to_owned(), |owner| names.person(owner)),
        mine: one.owner == Some(viewer.actor.person),
        ended: ended(one, credit, names),
        queued: pending.map(|one| one.stage.word().to_owned()),
        asks: asks(one, credit).to_owned(),
        file: file.into(),
        admit: admit.into(),
        close: close.into(),
    }
}

fn what(deadline: &Deadline, credit: Option<&Asked>) -> String {
    if let Some(ground) = &deadline.ground {
        return format!("They may terminate: {}", termination::told(ground));
    }
    match deadline.kind {
        DeadlineKind::Termination => "They may terminate",
        _ if waits(deadline, credit) => "Claimed late: counts only if accepted",
        DeadlineKind::Claim => "The customer has to claim it",
        DeadlineKind::Expiry => "It has to be used",
    }
    .to_owned()
}

fn asks(deadline: &Deadline, credit: Option<&Asked>) -> &'static str {
    match deadline.kind {
        _ if waits(deadline, credit) => "admit",
        DeadlineKind::Claim => "file",
        DeadlineKind::Expiry | DeadlineKind::Termination => "close",
    }
}

fn rule(deadline: &Deadline) -> String {
    let days = super::show::count(usize::from(deadline.days), "day");
    let from = match deadline.kind {
        DeadlineKind::Claim | DeadlineKind::Termination => "the window's end",
        DeadlineKind::Expiry => "it was approved",
    };
    let right = deadline.ground.as_ref().map(|ground| format!("{}: ", ground.right));
    format!("{}{days} after {from}, in {}", right.unwrap_or_default(), deadline.zone)
}

pub(super) fn due_in(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {days} days"),
        _ => format!("{} days ago", -days),
    }
}

fn ended(deadline: &Deadline, credit: Option<&Asked>, names: &Names) -> Option<String> {
    let at = Moment::utc(deadline.done_at?).utc;
    let what = match (deadline.state, deadline.kind) {
        (DeadlineState::Open, _) => return None,
        (DeadlineState::Met, DeadlineKind::Claim) => "claimed in time",
        (DeadlineState::Met, DeadlineKind::Expiry) => "used in time",
        (DeadlineState::Met, DeadlineKind::Termination) => "exercised or settled",
        (DeadlineState::Passed, DeadlineKind::Termination) => "not exercised in time",
        (DeadlineState::Void, DeadlineKind::Termination) => "no longer applies",
        (DeadlineState::Passed, DeadlineKind::Claim) => match credit.map(|one| one.claim) {
            Some(Claim::Late) => "claimed late",
            Some(Claim::Filed) => "claimed late, and accepted",
            _ => "not claimed: lapsed",
        },
        (DeadlineState::Passed, DeadlineKind::Expiry) => "not used: expired",
        (DeadlineState::Void, _) => "no longer owed",
    };
    let by = deadline.done_by.map(|by| format!(", {}", names.person(by))).unwrap_or_default();
    let note = deadline.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    Some(format!("{what}, {at}{by}{note}"))
}

type May = Result<(), Problem>;

/// Whether one may record the claim, let a late one count, and say that it was done.
fn actions(
    deadline: &Deadline,
    credit: Option<&Asked>,
    viewer: &Viewer,
    pending: bool,
) -> (May, May, May) {
    let refuse = |why: String| Err(Problem::new(Code::WrongState, why));
    let free = || {
        if pending {
            refuse(format!("a decision about {} waits to be sent", deadline.number))
        } else {
            Ok(())
        }
    };
    let claim = credit.map(|credit| credit.claim);
    let undecided =
        credit.is_some_and(|one| matches!(one.decision, Decision::Drafted | Decision::Returned));
    let file =
        require(&viewer.actor, Permission::ProposeCredit).and_then(|()| free()).and_then(|()| {
            match claim {
                Some(Claim::Invited | Claim::Lapsed) if undecided => Ok(()),
                _ => refuse(format!("{} is not waiting for a claim", deadline.number)),
            }
        });
    let admit =
        require(&viewer.actor, Permission::ApproveCredit).and_then(|()| free()).and_then(|()| {
            match claim {
                Some(Claim::Late) if deadline.done_by == Some(viewer.actor.person) => {
                    Err(Problem::new(
                        Code::OwnProposal,
                        "you recorded the claim; somebody else decides",
                    ))
                }
                Some(Claim::Late) => Ok(()),
                _ => refuse("there is no late claim".to_owned()),
            }
        });
    let close = require(&viewer.actor, Permission::ProposeCredit).and_then(|()| free()).and_then(
        |()| match (deadline.kind, deadline.state) {
            (DeadlineKind::Expiry | DeadlineKind::Termination, DeadlineState::Open) => Ok(()),
            (DeadlineKind::Claim, _) => refuse("a recorded claim meets it".to_owned()),
            _ => refuse("it has ended".to_owned()),
        },
    );
    (file, admit, close)
}
