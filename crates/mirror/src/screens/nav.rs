//! The counts beside the navigation.

use super::breach;
use crate::{Overlay, Reader, Stage, Versioned, Viewer};
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
    Ok(NavCounts {
        alerts: super::alert::unattended(reader, overlay).await?,
        breach_inbox: breach::counts(reader, viewer.now).await?.to_review,
        credits: approvable(reader, viewer, overlay).await?
            + proposable(reader, viewer, overlay).await?,
        deadlines: super::deadline::pressing(reader, viewer).await?,
        outbox: overlay.verbs().filter(|(_, one)| one.stage != Stage::Confirmed).count(),
        renewals: renewals(reader, viewer).await?,
    })
}

/// How many credits this person may approve, and about which nothing is on its way.
async fn approvable(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
) -> Result<usize, Problem> {
    if !viewer.actor.may(Permission::ApproveCredit) {
        return Ok(0);
    }
    // Who acts for others may approve what none of them has had in hand, either.
    let alone = carry(&viewer.actor.roles, Permission::ApproveCredit);
    let me = if alone { viewer.actor.person.to_string() } else { String::new() };
    let binds = [me.as_str(), &overlay.keys("credit")];
    let mine: Vec<Versioned<Credit>> = reader
        .list(
            "where tab in ('awaiting', 'second') and instr(hands, $1) > 0
               and key not in (select value from json_each($2))",
            &binds,
        )
        .await?;
    let may = |credit: &&Versioned<Credit>| may_approve(&viewer.actor, credit).is_ok();
    let count = mine.iter().filter(may).count();
    // Of those that they never had in hand, all are alike.
    let other: Vec<Versioned<Credit>> = reader
        .list("where tab in ('awaiting', 'second') and instr(hands, $1) = 0 limit 1", &binds[..1])
        .await?;
    if !other.first().is_some_and(|credit| may(&credit)) {
        return Ok(count);
    }
    let sql = "select count(*) from credit
               where tab in ('drafted', 'returned', 'awaiting', 'second')
                 and tab in ('awaiting', 'second') and instr(hands, $1) = 0
                 and key not in (select value from json_each($2))";
    Ok(count + usize::try_from(reader.number(sql, &binds).await?).unwrap_or(0))
}

/// How many credits this person may propose, and about which nothing is on its way.
async fn proposable(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
) -> Result<usize, Problem> {
    if !viewer.actor.may(Permission::ProposeCredit) {
        return Ok(0);
    }
    let sql = "select count(*) from credit
               where tab in ('drafted', 'returned', 'awaiting', 'second')
                 and tab in ('drafted', 'returned') and claim in ('not_needed', 'filed')
                 and key not in (select value from json_each($1))";
    let number = reader.number(sql, &[&overlay.keys("credit")]).await?;
    Ok(usize::try_from(number).unwrap_or(0))
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
async fn renewals(reader: &mut Reader, viewer: &Viewer) -> Result<i64, Problem> {
    let sql = concat!("select ", renew_between!("$1", "$2"));
    reader.number(sql, &renewing(viewer).each_ref().map(String::as_str)).await
}
