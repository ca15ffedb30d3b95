//! Disputes: what customers say is wrong about their statements, and by when somebody answers.

use super::{
    Page,
    deadline::{SOON, days_until, due_in},
    house::{Names, listed},
    show::{Action, date, month_name},
};
use crate::{
    Overlay, Reader, Versioned, Viewer,
    ask::{self, Question},
};
use chrono::TimeDelta;
use makegood_domain::{
    Code, Problem, delivery::Acknowledgement, dispute::Dispute, person::Permission,
    policy::require, statement::Statement,
};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A dispute that nobody has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DisputeRow {
    /// Its id.
    pub id: String,
    /// Its version.
    #[ts(type = "number")]
    pub version: i64,
    /// `ST-2026-10-0412, revision 1`.
    pub title: String,
    /// The statement's period: `2026-10`.
    pub month: String,
    /// `October 2026`.
    pub month_name: String,
    /// The customer.
    pub customer_id: String,
    /// Its name.
    pub customer: String,
    /// What they say is wrong.
    pub said: String,
    /// `H. Vogt, 9 Nov 2026`.
    pub said_by: String,
    /// `23 Nov 2026`.
    pub due: String,
    /// `in 3 days`, `today`, `2 days ago`.
    pub due_in: String,
    /// Whether it is soon, or over.
    pub soon: bool,
    /// Who sees to it.
    pub owner: String,
    /// Whether that is the viewer.
    pub mine: bool,
    /// How far one's own decision has come: `Queued`.
    pub queued: Option<String>,
    /// Whether one may say what they were told.
    pub answer: Action,
}

/// Those that nobody has answered, the next due first.
///
/// # Errors
/// [`Code::Invalid`] for a page that is none.
pub(crate) fn open(page: &Page) -> Result<Question<Vec<Versioned<Acknowledgement>>>, Problem> {
    let tail = "where dispute_due is not null
      and (dispute_due, key) > (json_extract($1, '$[0]'), json_extract($1, '$[1]'))
    order by dispute_due, key limit cast($2 as integer)";
    Ok(ask::list(tail, &[page.after_or(r#"["", ""]"#)?, &page.fetched()]))
}

/// Where the page after this one begins.
pub(crate) fn place(one: &Versioned<Acknowledgement>) -> String {
    let due = one.dispute.as_ref().map_or_else(String::new, |dispute| dispute.due.to_string());
    json!([due, one.id.to_string()]).to_string()
}

/// Those, as they are listed.
pub(crate) async fn rows(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    found: &[Versioned<Acknowledgement>],
) -> Result<Vec<DisputeRow>, Problem> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let of = "where key in (select value from json_each($1))";
    let statements = listed(found.iter().map(|one| one.statement));
    let owners = found.iter().filter_map(|one| one.dispute.as_ref()?.owner);
    let names = Names::of_customers(found.iter().map(|one| one.customer), owners);
    let (statements, names) =
        reader.ask((ask::list::<Statement>(of, &[&statements]), names)).await?;
    let statements: BTreeMap<_, _> = statements.into_iter().map(|one| (one.id, one)).collect();
    let shown = |one: &Versioned<Acknowledgement>| {
        let (dispute, statement) = (one.dispute.as_ref()?, statements.get(&one.statement)?);
        Some(row(one, dispute, statement, &names, (viewer, overlay)))
    };
    Ok(found.iter().filter_map(shown).collect())
}

/// How many of the viewer's own are soon.
pub(crate) fn pressing(viewer: &Viewer) -> Question<usize> {
    let me = viewer.actor.person.to_string();
    // A day more than is soon anywhere: each has its own zone.
    let soon = (viewer.now.date_naive() + TimeDelta::days(SOON + 1)).to_string();
    let tail = "where dispute_due is not null and dispute_owner = $1 and dispute_due <= $2";
    let viewer = viewer.clone();
    ask::list::<Acknowledgement>(tail, &[&me, &soon]).map(move |own| {
        let left = |one: &Dispute| days_until(one.due, &one.zone, &viewer);
        let own = own.iter().filter_map(|one| one.dispute.as_ref());
        own.filter(|one| left(one).is_none_or(|days| days <= SOON)).count()
    })
}

fn row(
    one: &Versioned<Acknowledgement>,
    dispute: &Dispute,
    statement: &Statement,
    names: &Names,
    (viewer, overlay): (&Viewer, &Overlay),
) -> DisputeRow {
    let pending = overlay.about("acknowledgement", &one.id.to_string());
    let answer = match pending {
        Some(_) => Err(Problem::new(Code::WrongState, "an answer is on its way")),
        None => require(&viewer.actor, Permission::ProposeCredit),
    };
    let days = days_until(dispute.due, &dispute.zone, viewer);
    DisputeRow {
        id: one.id.to_string(),
        version: one.version,
        title: format!("{}, revision {}", statement.number, statement.revision),
        month: statement.period.clone(),
        month_name: month_name(&statement.period),
        customer_id: one.customer.to_string(),
        customer: names.customer(one.customer),
        said: one.note.clone().unwrap_or_default(),
        said_by: format!("{}, {}", one.by_name, date(one.on)),
        due: date(dispute.due),
        due_in: days.map_or_else(String::new, due_in),
        soon: days.is_none_or(|days| days <= SOON),
        owner: dispute.owner.map_or_else(|| "nobody".to_owned(), |owner| names.person(owner)),
        mine: dispute.owner == Some(viewer.actor.person),
        queued: pending.map(|one| one.stage.word().to_owned()),
        answer: answer.into(),
    }
}

/// Who answers by when, or what they were told.
pub(crate) fn standing(dispute: &Dispute, names: &Names) -> String {
    let Some(answer) = &dispute.answer else {
        let owner = dispute.owner.map_or_else(|| "Nobody yet".to_owned(), |by| names.person(by));
        return format!("{owner} answers by {}", date(dispute.due));
    };
    let word = if answer.upheld { "They are right" } else { "The statement stands" };
    let (by, at) = (names.person(answer.by), date(answer.at.date_naive()));
    format!("{word}: {} ({by}, {at})", answer.text)
}
