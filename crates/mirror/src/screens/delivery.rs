//! What became of statements: where they went, what came back, what the customer said.

use super::{
    dispute::standing as standing_of,
    house::{Names, listed},
    show::{Action, Moment, date},
    statement::StatementRow,
};
use crate::{Overlay, Pending, Reader, Versioned, Viewer, ask, ask::Questions};
use makegood_domain::{
    Code, Problem,
    command::Verb,
    delivery::{
        Acknowledged, Acknowledgement, Addressee, Channel, Delivered, Delivery, DeliveryState,
    },
    id::StatementId,
    person::Permission,
    policy,
    statement::Statement,
};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// What became of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementDelivery {
    /// `none`, `waiting`, `held`, `perhaps`, `sent`, `failed`, `bounced`, `accepted`, `disputed`.
    #[ts(
        type = "\"none\" | \"waiting\" | \"held\" | \"perhaps\" | \"sent\" | \"failed\" | \"bounced\" | \"accepted\" | \"disputed\""
    )]
    pub state: String,
    /// In words: `Sent 9 Nov 2026 to ap@northwind.example`.
    pub text: String,
    /// The latest first.
    pub deliveries: Vec<DeliveryRow>,
    /// What the customer said, the latest first.
    pub said: Vec<SaidRow>,
    /// What is on its way at this very desk: the mirror does not know.
    pub run: Option<DeliveryRun>,
    /// Whether one may send it.
    pub send: Action,
    /// Whether one may record what the customer said.
    pub acknowledge: Action,
}

/// One message, or one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DeliveryRow {
    /// Its id.
    pub id: String,
    /// Its version; 0 while it waits to be recorded.
    #[ts(type = "number")]
    pub version: i64,
    /// `mail` or `folder`.
    pub channel: String,
    /// When.
    pub at: Moment,
    /// Who sent it.
    pub by: String,
    /// `Kreditoren <ap@northwind.example>`, then copies.
    pub to: Vec<String>,
    /// The addresses from which it has not come back.
    pub addresses: Vec<String>,
    /// `sent`, `failed` or `bounced`.
    pub state: String,
    /// In words, with what came back.
    pub state_text: String,
    /// Why it was sent again.
    pub reason: Option<String>,
    /// By which it is found at the other end.
    pub message_id: Option<String>,
    /// How far one's own decision has come: `Queued`.
    pub queued: Option<String>,
    /// Whether one may record that it came back.
    pub bounce: Action,
}

/// What the customer said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SaidRow {
    /// `Accepted by H. Vogt, 10 Nov 2026`.
    pub text: String,
    /// Whether they accept it.
    pub accepted: bool,
    /// What they said.
    pub note: Option<String>,
    /// Of a dispute: who answers by when, or what they were told.
    pub dispute: Option<String>,
    /// How far one's own decision has come: `Queued`.
    pub queued: Option<String>,
}

/// A message on its way at this desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DeliveryRun {
    /// The delivery's id.
    pub id: String,
    /// `prepared`, `held`, `sending`, `perhaps`, `sent`, `failed`.
    pub state: String,
    /// In words.
    pub text: String,
    /// What it waits for, or why it failed.
    #[ts(type = "{ code: string; message: string } | null")]
    pub problem: Option<Problem>,
}

/// What became of a customer's statements: where they went, and what was said.
pub(crate) type Became = (Vec<Versioned<Delivery>>, Vec<Versioned<Acknowledgement>>);

/// … asked with what does not rest on it.
pub(crate) fn of_customer(customer: &str) -> impl Questions<Answers = Became> + Send + use<> {
    let of = "where customer = $1";
    (ask::list::<Delivery>(of, &[customer]), ask::list::<Acknowledgement>(of, &[customer]))
}

/// Lays beside a customer's statements what became of each.
pub(crate) fn lay(
    (mut deliveries, mut said): Became,
    (viewer, overlay): (&Viewer, &Overlay),
    names: &Names,
    rows: &mut [StatementRow],
) {
    deliveries.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
    said.sort_by_key(|one| std::cmp::Reverse((one.recorded_at, one.id)));
    for row in rows {
        let Some(id) = &row.id else { continue };
        if !matches!(row.state.as_str(), "sealed" | "superseded") {
            continue;
        }
        let sent: Vec<_> =
            deliveries.iter().filter(|one| one.statement.to_string() == *id).collect();
        let said: Vec<_> = said.iter().filter(|one| one.statement.to_string() == *id).collect();
        row.delivery = Some(of(id, &row.state, (&sent, &said), names, (viewer, overlay)));
    }
}

fn of(
    id: &str,
    statement: &str,
    (sent, said): (&[&Versioned<Delivery>], &[&Versioned<Acknowledgement>]),
    names: &Names,
    (viewer, overlay): (&Viewer, &Overlay),
) -> StatementDelivery {
    let mut deliveries: Vec<DeliveryRow> =
        sent.iter().map(|one| row(one, names, (viewer, overlay))).collect();
    let mut heard: Vec<SaidRow> = said.iter().map(|one| heard(one, names)).collect();
    for (verb, pending) in overlay.verbs() {
        match verb {
            Verb::RecordDelivery(told)
                if told.statement.to_string() == *id
                    && sent.iter().all(|one| one.id != told.delivery) =>
            {
                deliveries.insert(0, queued(told, pending));
            }
            Verb::RecordAcknowledgement(told)
                if told.statement.to_string() == *id
                    && said.iter().all(|one| one.id != told.acknowledgement) =>
            {
                heard.insert(0, saying(told, pending));
            }
            _ => {}
        }
    }
    let (state, text) = standing(deliveries.first(), heard.first());
    let may_send = match statement {
        "sealed" => policy::require(&viewer.actor, Permission::IssueStatement),
        _ => Err(Problem::new(Code::WrongState, "a later revision took its place; send that one")),
    };
    StatementDelivery {
        state: state.to_owned(),
        text,
        send: may_send.into(),
        acknowledge: policy::require(&viewer.actor, Permission::KeepContacts).into(),
        deliveries,
        said: heard,
        run: None,
    }
}

/// Where it stands: what the customer said outweighs how it went.
fn standing(last: Option<&DeliveryRow>, said: Option<&SaidRow>) -> (&'static str, String) {
    if let Some(said) = said {
        let state = if said.accepted { "accepted" } else { "disputed" };
        return (state, said.text.clone());
    }
    match last {
        None => ("none", "Not sent".to_owned()),
        Some(row) => match row.state.as_str() {
            "failed" => ("failed", row.state_text.clone()),
            "bounced" => ("bounced", row.state_text.clone()),
            _ => ("sent", row.state_text.clone()),
        },
    }
}

fn row(
    one: &Versioned<Delivery>,
    names: &Names,
    (viewer, overlay): (&Viewer, &Overlay),
) -> DeliveryRow {
    let pending = overlay.about("delivery", &one.id.to_string());
    let back = |address: &str| one.bounces.iter().any(|bounce| bounce.address == address);
    let addresses: Vec<String> =
        one.to.iter().filter(|to| !back(&to.address)).map(|to| to.address.clone()).collect();
    let bounce = if one.channel != Channel::Mail || one.state == DeliveryState::Failed {
        Err(Problem::new(Code::WrongState, "it was not sent by mail"))
    } else if addresses.is_empty() {
        Err(Problem::new(Code::WrongState, "it came back from everybody"))
    } else if pending.is_some() {
        Err(Problem::new(Code::WrongState, "a change is on its way"))
    } else {
        policy::require(&viewer.actor, Permission::KeepContacts)
    };
    DeliveryRow {
        id: one.id.to_string(),
        version: one.version,
        channel: one.channel.as_str().to_owned(),
        at: Moment::utc(one.at),
        by: names.person(one.by),
        to: written(&one.to),
        addresses,
        state: one.state.as_str().to_owned(),
        state_text: became(one),
        reason: one.reason.clone(),
        message_id: one.message_id.clone(),
        queued: pending.map(|pending| pending.stage.word().to_owned()),
        bounce: bounce.into(),
    }
}

/// `Kreditoren <ap@northwind.example>`, `Dana, copy <dana@fjordline.example>`.
fn written(to: &[Addressee]) -> Vec<String> {
    use makegood_domain::contact::AddressLine;
    to.iter()
        .map(|one| {
            let copy = if one.line == AddressLine::Cc { ", copy" } else { "" };
            format!("{}{copy} <{}>", one.name, one.address)
        })
        .collect()
}

fn became(one: &Delivery) -> String {
    let on = date(one.at.date_naive());
    match (one.state, one.channel) {
        (DeliveryState::Failed, _) => {
            let why = one.why.as_deref().unwrap_or("refused");
            format!("Not sent {on}: {why}")
        }
        (DeliveryState::Bounced, _) => {
            let back: Vec<String> =
                one.bounces.iter().map(|b| format!("{}: {}", b.address, b.reason)).collect();
            format!("Came back from {}", back.join("; "))
        }
        (DeliveryState::Sent, Channel::Folder) => format!("Exported to a folder, {on}"),
        (DeliveryState::Sent, Channel::Mail) => {
            let to = one.to.first().map(|to| to.address.as_str()).unwrap_or_default();
            format!("Sent {on} to {to}")
        }
    }
}

fn heard(one: &Acknowledgement, names: &Names) -> SaidRow {
    SaidRow {
        text: said_by(&one.by_name, one.on, one.accepted),
        accepted: one.accepted,
        note: one.note.clone(),
        dispute: one.dispute.as_ref().map(|dispute| standing_of(dispute, names)),
        queued: None,
    }
}

fn said_by(by: &str, on: chrono::NaiveDate, accepted: bool) -> String {
    let word = if accepted { "Accepted" } else { "Disputed" };
    format!("{word} by {by}, {}", date(on))
}

fn queued(told: &Delivered, pending: &Pending) -> DeliveryRow {
    let word = pending.stage.word().to_owned();
    let later = Action { enabled: false, reason: Some("It is being recorded".to_owned()) };
    DeliveryRow {
        id: told.delivery.to_string(),
        version: 0,
        channel: told.channel.as_str().to_owned(),
        at: Moment::utc(told.at),
        by: "You".to_owned(),
        to: written(&told.to),
        addresses: Vec::new(),
        state: if told.sent { "sent" } else { "failed" }.to_owned(),
        state_text: match (&told.why, told.sent) {
            (Some(why), false) => format!("Not sent: {why}"),
            _ => format!("Sent {}, being recorded", date(told.at.date_naive())),
        },
        reason: told.reason.clone(),
        message_id: told.message_id.clone(),
        queued: Some(word),
        bounce: later,
    }
}

fn saying(told: &Acknowledged, pending: &Pending) -> SaidRow {
    SaidRow {
        text: said_by(&told.by_name, told.on, told.accepted),
        accepted: told.accepted,
        note: told.note.clone(),
        dispute: None,
        queued: Some(pending.stage.word().to_owned()),
    }
}

/// A sealed statement that never left the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Which.
    pub statement: Statement,
    /// Why it did not leave when it was tried last, where that is on record.
    pub failed: Option<String>,
}

/// A month's sealed statements that never left the house, by customer. A group's tells one customer of
/// others: it goes out by itself, when somebody means it to.
///
/// # Errors
/// [`Code::Database`].
pub async fn unsent(reader: &mut Reader, month: &str) -> Result<Vec<Unsent>, Problem> {
    let tail =
        "where period = $1 and state = 'sealed' and of_kind <> 'group' order by customer, key";
    let found: Vec<Versioned<Statement>> = reader.list(tail, &[month]).await?;
    let ids = listed(found.iter().map(|one| one.id.to_string()));
    let of = "where statement in (select value from json_each($1))";
    let mut tried: Vec<Versioned<Delivery>> = reader.list(of, &[&ids]).await?;
    tried.sort_by_key(|one| (one.at, one.id));
    let mut before: BTreeMap<StatementId, Vec<Delivery>> = BTreeMap::new();
    for one in tried {
        before.entry(one.statement).or_default().push(one.row);
    }
    let left = |one: &Delivery| one.state != DeliveryState::Failed;
    let mut unsent = Vec::new();
    for one in found {
        let tried = before.remove(&one.id).unwrap_or_default();
        if !tried.iter().any(left) {
            unsent.push(Unsent { statement: one.row, failed: tried.last().map(became) });
        }
    }
    Ok(unsent)
}

/// The sealed revision of a numbered statement.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Database`].
pub async fn sealed(reader: &mut Reader, number: &str) -> Result<Statement, Problem> {
    let tail = "where number = $1 and state = 'sealed'";
    let found: Vec<Versioned<Statement>> = reader.list(tail, &[number]).await?;
    found.into_iter().map(|one| one.row).max_by_key(|one| one.revision).ok_or_else(|| {
        let why = format!("no sealed statement is numbered {number:?} here");
        Problem::new(Code::NotFound, why)
    })
}

/// What became of these customers' statements of a month, in a word and a text each; of those that
/// were never sent nothing.
pub(crate) async fn of_month(
    reader: &mut Reader,
    month: &str,
    customers: &[String],
) -> Result<BTreeMap<String, (String, String)>, Problem> {
    let customers = listed(customers);
    let sealed = "select customer, key from statement where state = 'sealed' and period = $1
                  and of_kind = 'customer'
                  and customer in (select value from json_each($2))";
    let sealed = reader.texts(sealed, &[month, &customers]).await?;
    let ids = listed(sealed.into_iter().map(|[_, key]| key));
    let of = "where statement in (select value from json_each($1))";
    let mut deliveries: Vec<Versioned<Delivery>> = reader.list(of, &[&ids]).await?;
    let mut said: Vec<Versioned<Acknowledgement>> = reader.list(of, &[&ids]).await?;
    deliveries.sort_by_key(|one| (one.at, one.id));
    said.sort_by_key(|one| (one.recorded_at, one.id));
    let mut found: BTreeMap<String, (String, String)> = BTreeMap::new();
    // The latest last, and what was said over what was sent.
    for one in &deliveries {
        let told = (one.state.as_str().to_owned(), became(one));
        found.insert(one.customer.to_string(), told);
    }
    for one in &said {
        let state = if one.accepted { "accepted" } else { "disputed" };
        let told = (state.to_owned(), said_by(&one.by_name, one.on, one.accepted));
        found.insert(one.customer.to_string(), told);
    }
    Ok(found)
}
