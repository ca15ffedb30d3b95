//! The counts beside the navigation.

use super::{alert, breach, deadline};
use crate::{
    Overlay, Reader, Stage, Versioned, Viewer,
    ask::{self, Question},
};
use chrono::TimeDelta;
use makegood_domain::{
    Problem,
    credit::Credit,
    person::{Permission, carry},
    policy::may_approve,
};
use serde::Serialize;
use ts_rs::TS;

/// The counts beside the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct NavCounts {
    /// Alerts that nobody looks after.
    pub alerts: usize,
    /// Breaches to review.
    pub breach_inbox: usize,
    /// Credits that this person may approve or, for a proposer, may propose.
    pub credits: usize,
    /// One's own deadlines that are soon, and late claims that one may let count.
    pub deadlines: usize,
    /// Decisions that wait to be sent or answered; at a desk, those, too, that came back.
    pub outbox: usize,
    /// Contracts that renew within 90 days.
    #[ts(type = "number")]
    pub renewals: i64,
}

/// The counts.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn nav_counts(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
) -> Result<NavCounts, Problem> {
    let everybodys = (alert::unattended(overlay), breach::counts(viewer.now), renewals(viewer));
    let credits = (approvable(viewer, overlay), proposable(viewer, overlay));
    let asked = (everybodys, credits, deadline::pressing(viewer));
    let ((alerts, breaches, [renewals]), (mine, proposable), (own, disputes, late)) =
        reader.ask(asked).await?;
    Ok(NavCounts {
        alerts,
        breach_inbox: breaches.to_review,
        credits: mine.map_or(0, |(mine, other, others)| {
            let may = |credit: &&Versioned<Credit>| may_approve(&viewer.actor, credit).is_ok();
            // Of those that they never had in hand, all are alike.
            let others = others * usize::from(other.first().is_some_and(|one| may(&one)));
            mine.iter().filter(may).count() + others
        }) + proposable.unwrap_or(0),
        deadlines: own + disputes + late.unwrap_or(0),
        outbox: overlay.verbs().filter(|(_, one)| one.stage != Stage::Confirmed).count(),
        renewals,
    })
}

/// Credits that wait for an approval and that this person had in hand, one of the others, and how many
/// those are; about none of them is anything on its way.
type Approvable =
    (Question<Vec<Versioned<Credit>>>, Question<Vec<Versioned<Credit>>>, Question<usize>);

/// What the number of credits that this person may approve is made of.
fn approvable(viewer: &Viewer, overlay: &Overlay) -> Option<Approvable> {
    if !viewer.actor.may(Permission::ApproveCredit) {
        return None;
    }
    // Who acts for others may approve what none of them has had in hand, either.
    let alone = carry(&viewer.actor.roles, Permission::ApproveCredit);
    let me = if alone { viewer.actor.person.to_string() } else { String::new() };
    let binds = [me.as_str(), &overlay.keys("credit")];
    let mine = "where tab in ('awaiting', 'second') and instr(hands, $1) > 0
                  and key not in (select value from json_each($2))";
    let other = "where tab in ('awaiting', 'second') and instr(hands, $1) = 0 limit 1";
    let others = "select count(*) from credit
                  where tab in ('drafted', 'returned', 'awaiting', 'second')
                    and tab in ('awaiting', 'second') and instr(hands, $1) = 0
                    and key not in (select value from json_each($2))";
    Some((ask::list(mine, &binds), ask::list(other, &binds[..1]), ask::count(others, &binds)))
}

/// How many credits this person may propose, and about which nothing is on its way.
fn proposable(viewer: &Viewer, overlay: &Overlay) -> Option<Question<usize>> {
    let sql = "select count(*) from credit
               where tab in ('drafted', 'returned', 'awaiting', 'second')
                 and tab in ('drafted', 'returned') and claim in ('not_needed', 'filed')
                 and key not in (select value from json_each($1))";
    let may = viewer.actor.may(Permission::ProposeCredit);
    may.then(|| ask::count(sql, &[&overlay.keys("credit")]))
}

/// The days from and to which a renewal is near: within 90 days.
pub(crate) fn renewing(viewer: &Viewer) -> [String; 2] {
    [viewer.now, viewer.now + TimeDelta::days(90)].map(|at| at.date_naive().to_string())
}

/// How many contracts renew between two days: those of customers who have left by then don't. One that
/// does not renew by itself counts, too: somebody has to see to it. Who has left is looked at alone.
macro_rules! renew_between {
    ($from:literal, $to:literal) => {
        concat!(
            "(select count(*) from contract where renews_on >= ",
            $from,
            " and renews_on <= ",
            $to,
            ") - (select count(*) from customer
                  cross join contract on contract.customer = customer.key
                  where churned_on is not null and renews_on >= churned_on
                    and renews_on >= ",
            $from,
            " and renews_on <= ",
            $to,
            ")"
        )
    };
}
pub(super) use renew_between;

/// Contracts that renew soon.
fn renewals(viewer: &Viewer) -> Question<[i64; 1]> {
    let sql = concat!("select ", renew_between!("$1", "$2"));
    ask::numbers([sql], &renewing(viewer).each_ref().map(String::as_str))
}
