//! The counts beside the navigation, and the search field.

use super::{
    breach::tab,
    house::House,
    show::{day_short, month_name},
};
use crate::{Overlay, Reader, Stage, Versioned, Viewer};
use chrono::TimeDelta;
use makegood_domain::{
    Problem,
    breach::Breach,
    credit::{Claim, Credit, Decision},
    person::Permission,
    policy::may_approve,
    statement::Statement,
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
    /// Decisions that wait to be sent.
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
    let breaches: Vec<Versioned<Breach>> =
        reader.list("where state in ('to_review', 'snoozed')", &[]).await?;
    let credits: Vec<Versioned<Credit>> = reader
        .list("where decision in ('drafted', 'proposed', 'approved_once', 'returned')", &[])
        .await?;
    let approver = viewer.actor.may(Permission::ApproveCredit);
    let proposer = viewer.actor.may(Permission::ProposeCredit);
    let mine = |credit: &Credit| {
        let proposable = matches!(credit.decision, Decision::Drafted | Decision::Returned)
            && matches!(credit.claim, Claim::NotNeeded | Claim::Filed);
        (approver && may_approve(&viewer.actor, credit).is_ok()) || (proposer && proposable)
    };
    let untouched = |credit: &Credit| overlay.about("credit", &credit.id.to_string()).is_none();
    Ok(NavCounts {
        alerts: super::alert::unattended(reader, overlay).await?,
        breach_inbox: breaches.iter().filter(|one| tab(one, viewer.now) == "to_review").count(),
        credits: credits.iter().filter(|one| mine(one) && untouched(one)).count(),
        deadlines: super::deadline::pressing(reader, viewer).await?,
        outbox: overlay.verbs().filter(|(_, one)| one.stage != Stage::Confirmed).count(),
        renewals: renewals(reader, viewer).await?,
    })
}

/// Contracts that renew within 90 days.
pub(crate) async fn renewals(reader: &mut Reader, viewer: &Viewer) -> Result<i64, Problem> {
    let (from, to) = (viewer.now.date_naive(), (viewer.now + TimeDelta::days(90)).date_naive());
    reader
        .number(
            "select count(*) from contract where renews_on >= $1 and renews_on <= $2",
            &[&from.to_string(), &to.to_string()],
        )
        .await
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SearchHit {
    /// `customer`, `breach`, `credit`, `statement`.
    #[ts(type = "\"customer\" | \"breach\" | \"credit\" | \"statement\"")]
    pub kind: String,
    /// Its id; a statement's is that of its customer.
    pub id: String,
    /// `Northwind GmbH`, `BR-1042`.
    pub title: String,
    /// What else says which one it is.
    pub note: String,
}

/// How many hits are shown of each kind.
const SHOWN: usize = 12;

/// What bears this text in its name or number, whatever the case of its letters.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn search(reader: &mut Reader, text: &str) -> Result<Vec<SearchHit>, Problem> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let house = House::read(reader).await?;
    let breaches: Vec<Versioned<Breach>> = reader.list("order by number", &[]).await?;
    let credits: Vec<Versioned<Credit>> = reader.list("order by number", &[]).await?;
    let statements: Vec<Versioned<Statement>> = reader.list("order by number", &[]).await?;
    let is_hit = |texts: &[&str]| texts.iter().any(|one| one.to_lowercase().contains(&wanted));
    let hit = |kind: &str, id: String, title: &str, note: String| SearchHit {
        kind: kind.to_owned(),
        id,
        title: title.to_owned(),
        note,
    };
    let numbers = |customer| {
        let own = house.contracts.values().filter(move |one| one.customer == customer);
        own.map(|one| one.number.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut customers: Vec<SearchHit> = house
        .customers
        .values()
        .map(|one| (one, numbers(one.id)))
        .filter(|(one, numbers)| is_hit(&[&one.name, &one.group_name, numbers]))
        .map(|(one, numbers)| hit("customer", one.id.to_string(), &one.name, numbers))
        .collect();
    customers.sort_by(|a, b| a.title.cmp(&b.title));
    customers.truncate(SHOWN);
    let breaches = breaches.iter().filter(|one| is_hit(&[&one.number])).map(|one| {
        let note = format!("{}, {}", house.customer(one.customer), month_name(&one.window));
        hit("breach", one.id.to_string(), &one.number, note)
    });
    let credits = credits.iter().filter(|one| is_hit(&[&one.number])).map(|one| {
        let note = format!("{}, {}", house.customer(one.customer), one.amount.display());
        hit("credit", one.id.to_string(), &one.number, note)
    });
    let statements = statements.iter().filter(|one| is_hit(&[&one.number])).map(|one| {
        let issued = day_short(one.issued_at.date_naive());
        let note = format!("{}, issued {issued}", house.customer(one.customer));
        hit("statement", one.customer.to_string(), &one.number, note)
    });
    Ok(customers
        .into_iter()
        .chain(breaches.take(SHOWN))
        .chain(credits.take(SHOWN))
        .chain(statements.take(SHOWN))
        .collect())
}
