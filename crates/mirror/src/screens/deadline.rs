//! Deadlines: what has to be done about SLA credits, and by when.

use super::{
    house::House,
    show::{Action, Moment, MoneyView, date, month_name},
};
use crate::{Overlay, Reader, Versioned, Viewer};
use chrono::TimeDelta;
use makegood_domain::{
    Code, Problem,
    breach::Breach,
    credit::{Claim, Credit, Decision},
    deadline::{Deadline, DeadlineKind, DeadlineState},
    person::Permission,
    policy::require,
};
use makegood_engine::zone::Zone;
use serde::Serialize;
use ts_rs::TS;

/// How long a deadline that has ended is still listed.
const ENDED_FOR: TimeDelta = TimeDelta::days(60);
/// From so many days before it on, a deadline is soon.
const SOON: i64 = 7;

/// Deadlines in the viewer's scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Deadlines {
    /// Those that run, and late claims that nobody has decided about; the next due first.
    pub running: Vec<DeadlineRow>,
    /// Those that ended within sixty days, the last first.
    pub ended: Vec<DeadlineRow>,
}

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
    /// The credit.
    pub credit_id: String,
    /// The credit's version, for whoever records a claim.
    #[ts(type = "number")]
    pub credit_version: i64,
    /// `CR-301`.
    pub number: String,
    /// What is lost otherwise.
    pub amount: MoneyView,
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
    /// `The customer has to ask for it`.
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

/// The deadlines.
///
/// # Errors
/// [`Code::Database`].
pub async fn deadlines(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
) -> Result<Deadlines, Problem> {
    let house = House::read(reader).await?;
    let all: Vec<Versioned<Deadline>> = reader.list("", &[]).await?;
    let (mut running, mut ended) = (Vec::new(), Vec::new());
    for one in &all {
        let Some(credit) = reader.find::<Credit>(&one.credit.to_string()).await? else { continue };
        let runs = one.state == DeadlineState::Open || waits(one, &credit);
        let lately = one.done_at.is_some_and(|at| viewer.now - at < ENDED_FOR);
        if !runs && !lately {
            continue;
        }
        let breach = breach_of(reader, &credit).await?;
        let row = row(one, &credit, breach, &house, viewer, overlay);
        if runs { running.push(((one.due, one.id), row)) } else { ended.push((one.done_at, row)) }
    }
    running.sort_by_key(|(due, _)| *due);
    ended.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(Deadlines {
        running: running.into_iter().map(|(_, row)| row).collect(),
        ended: ended.into_iter().map(|(_, row)| row).collect(),
    })
}

/// How many deadlines of the viewer's own are soon; for who approves, late claims beside them.
pub(crate) async fn pressing(reader: &mut Reader, viewer: &Viewer) -> Result<usize, Problem> {
    let approves = viewer.actor.may(Permission::ApproveCredit);
    let all: Vec<Versioned<Deadline>> =
        reader.list("where state in ('open', 'passed')", &[]).await?;
    let mut count = 0;
    for one in &all {
        let own = one.owner == Some(viewer.actor.person);
        count += usize::from(match one.state {
            DeadlineState::Open => own && left(one, viewer).is_none_or(|days| days <= SOON),
            DeadlineState::Passed if approves => {
                let credit = reader.find::<Credit>(&one.credit.to_string()).await?;
                credit.is_some_and(|credit| waits(one, &credit))
            }
            _ => false,
        });
    }
    Ok(count)
}

/// Whether a late claim waits for somebody to let it count.
fn waits(deadline: &Deadline, credit: &Credit) -> bool {
    deadline.kind == DeadlineKind::Claim
        && credit.claim == Claim::Late
        && !credit.decision.is_final()
}

async fn breach_of(reader: &mut Reader, credit: &Credit) -> Result<Option<String>, Problem> {
    let Some(settlement) = credit.settlement else { return Ok(None) };
    let breaches: Vec<Versioned<Breach>> =
        reader.list("where settlement = $1 order by key", &[&settlement.to_string()]).await?;
    Ok(breaches.first().map(|breach| breach.id.to_string()))
}

/// Days until the last one, in the deadline's own zone; `None` for a zone that is not known here.
fn left(deadline: &Deadline, viewer: &Viewer) -> Option<i64> {
    let zone = Zone::named(&deadline.zone).ok()?;
    Some((deadline.due - zone.local(viewer.now).date()).num_days())
}

fn row(
    one: &Versioned<Deadline>,
    credit: &Versioned<Credit>,
    breach_id: Option<String>,
    house: &House,
    viewer: &Viewer,
    overlay: &Overlay,
) -> DeadlineRow {
    let pending = overlay
        .about("credit", &credit.id.to_string())
        .or_else(|| overlay.about("deadline", &one.id.to_string()));
    let (file, admit, close) = actions(one, credit, viewer, pending.is_some());
    let days = left(one, viewer);
    DeadlineRow {
        id: one.id.to_string(),
        version: one.version,
        credit_id: credit.id.to_string(),
        credit_version: credit.version,
        number: one.number.clone(),
        amount: one.amount.into(),
        customer_id: one.customer.to_string(),
        customer: house.customer(one.customer),
        contract: house.contract(one.contract),
        month_name: month_name(&one.window),
        breach_id,
        what: what(one, credit),
        due_on: one.due.to_string(),
        due: date(one.due),
        due_in: days.map_or_else(String::new, due_in),
        soon: days.is_none_or(|days| days <= SOON),
        rule: rule(one),
        owner: one.owner.map_or_else(|| "nobody".to_owned(), |owner| house.person(owner)),
        mine: one.owner == Some(viewer.actor.person),
        ended: ended(one, credit, house),
        queued: pending.map(|one| one.stage.word().to_owned()),
        asks: asks(one, credit).to_owned(),
        file: file.into(),
        admit: admit.into(),
        close: close.into(),
    }
}

fn what(deadline: &Deadline, credit: &Credit) -> String {
    match deadline.kind {
        _ if waits(deadline, credit) => "Asked for too late: counts only by an exception",
        DeadlineKind::Claim => "The customer has to ask for it",
        DeadlineKind::Expiry => "It has to be used",
    }
    .to_owned()
}

fn asks(deadline: &Deadline, credit: &Credit) -> &'static str {
    match deadline.kind {
        _ if waits(deadline, credit) => "admit",
        DeadlineKind::Claim => "file",
        DeadlineKind::Expiry => "close",
    }
}

fn rule(deadline: &Deadline) -> String {
    let days = super::show::count(usize::from(deadline.days), "day");
    let from = match deadline.kind {
        DeadlineKind::Claim => "the window's end",
        DeadlineKind::Expiry => "it was approved",
    };
    format!("{days} after {from}, in {}", deadline.zone)
}

fn due_in(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {days} days"),
        _ => format!("{} days ago", -days),
    }
}

fn ended(deadline: &Deadline, credit: &Credit, house: &House) -> Option<String> {
    let at = Moment::utc(deadline.done_at?).utc;
    let what = match (deadline.state, deadline.kind) {
        (DeadlineState::Open, _) => return None,
        (DeadlineState::Met, DeadlineKind::Claim) => "asked for in time",
        (DeadlineState::Met, DeadlineKind::Expiry) => "used in time",
        (DeadlineState::Passed, DeadlineKind::Claim) => match credit.claim {
            Claim::Late => "asked for too late",
            Claim::Filed => "asked for too late, and counts by an exception",
            _ => "not asked for: lapsed",
        },
        (DeadlineState::Passed, DeadlineKind::Expiry) => "not used: expired",
        (DeadlineState::Void, _) => "no longer owed",
    };
    let by = deadline.done_by.map(|by| format!(", {}", house.person(by))).unwrap_or_default();
    let note = deadline.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    Some(format!("{what}, {at}{by}{note}"))
}

type May = Result<(), Problem>;

/// Whether one may record the claim, let a late one count, and say that it was done.
fn actions(
    deadline: &Deadline,
    credit: &Credit,
    viewer: &Viewer,
    pending: bool,
) -> (May, May, May) {
    let refuse = |why: String| Err(Problem::new(Code::WrongState, why));
    let free = || {
        if pending {
            refuse(format!("a decision about {} waits to be sent", credit.number))
        } else {
            Ok(())
        }
    };
    let undecided = matches!(credit.decision, Decision::Drafted | Decision::Returned);
    let file =
        require(&viewer.actor, Permission::ProposeCredit).and_then(|()| free()).and_then(|()| {
            match credit.claim {
                Claim::Invited | Claim::Lapsed if undecided => Ok(()),
                _ => refuse(format!("{} awaits no claim", credit.number)),
            }
        });
    let admit =
        require(&viewer.actor, Permission::ApproveCredit).and_then(|()| free()).and_then(|()| {
            match credit.claim {
                Claim::Late if deadline.done_by == Some(viewer.actor.person) => Err(Problem::new(
                    Code::OwnProposal,
                    "you recorded the claim; somebody else decides",
                )),
                Claim::Late => Ok(()),
                _ => refuse("no claim came too late".to_owned()),
            }
        });
    let close = require(&viewer.actor, Permission::ProposeCredit).and_then(|()| free()).and_then(
        |()| match (deadline.kind, deadline.state) {
            (DeadlineKind::Expiry, DeadlineState::Open) => Ok(()),
            (DeadlineKind::Claim, _) => refuse("a recorded claim meets it".to_owned()),
            _ => refuse("it has ended".to_owned()),
        },
    );
    (file, admit, close)
}
