//! The audit log, and what of it concerns one thing.

use super::{Page, house::Names, show::Moment};
use crate::{
    Reader, Versioned,
    ask::{self, Question},
};
use makegood_domain::{Problem, audit::AuditEvent};
use serde::Serialize;
use std::collections::BTreeSet;
use ts_rs::TS;

/// The audit log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct AuditLog {
    /// The latest entries of this scope.
    pub rows: Vec<AuditRow>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
    /// Whether the entries' hashes hold.
    pub chain: Option<AuditChain>,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct AuditRow {
    /// `A-1042`.
    pub n: String,
    /// When.
    pub at: Moment,
    /// Who.
    pub who: String,
    /// What was done: `credit approved`.
    pub what: String,
    /// To what: the customer's name.
    pub subject: String,
    /// The entry's hash, shortened.
    pub hash: String,
}

/// What checking the hashes gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct AuditChain {
    /// Every hash holds.
    pub ok: bool,
    /// In words.
    pub text: String,
}

/// An entry about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct AuditEntry {
    /// When.
    pub at: Moment,
    /// Who.
    pub who: String,
    /// What was done.
    pub what: String,
}

/// The audit log, page by page; what is shown is checked.
///
/// # Errors
/// [`makegood_domain::Code::Invalid`] for a page that is none; [`makegood_domain::Code::Database`].
pub async fn audit_log(reader: &mut Reader, page: &Page) -> Result<AuditLog, Problem> {
    let events: Vec<Versioned<AuditEvent>> = reader
        .list(
            "where position < json_extract($1, '$[0]')
             order by position desc limit cast($2 as integer)",
            &[page.after_or("[9223372036854775807]")?, &page.fetched()],
        )
        .await?;
    let (mut events, next) = page.cut(events, |event| format!("[{}]", event.position));
    let customers = events.iter().filter_map(|event| event.customer);
    let people = events.iter().filter_map(|event| event.person);
    let names = reader.ask(Names::of_customers(customers, people)).await?;
    let row = |event: &Versioned<AuditEvent>| AuditRow {
        n: format!("A-{}", event.position),
        at: Moment::utc(event.at),
        who: names.who(event.person),
        what: words(&event.action),
        subject: event.customer.map(|id| names.customer(id)).unwrap_or_default(),
        hash: short_hash(&event.hash),
    };
    let rows = events.iter().map(row).collect();
    events.reverse();
    Ok(AuditLog { rows, next, chain: chain(&events) })
}

/// Which of these entries of central's record, each a position and its hash, this scope's log has.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn on_record(
    reader: &mut Reader,
    entries: &BTreeSet<(i64, String)>,
) -> Result<BTreeSet<(i64, String)>, Problem> {
    let positions = entries.iter().map(|(position, _)| *position);
    let positions = serde_json::Value::from_iter(positions).to_string();
    let found: Vec<Versioned<AuditEvent>> =
        reader.list("where position in (select value from json_each($1))", &[&positions]).await?;
    let named = found.into_iter().map(|event| (event.position, event.row.hash));
    Ok(named.filter(|event| entries.contains(event)).collect())
}

/// Checks each entry's own hash, and the links between entries that follow each other: a scope that
/// is not the whole house holds a part of the chain only.
fn chain(events: &[Versioned<AuditEvent>]) -> Option<AuditChain> {
    let last = events.last()?;
    let broken = events.iter().find(|event| event.hash != event.computed_hash());
    let unlinked = events
        .windows(2)
        .find(|pair| pair[1].position == pair[0].position + 1 && pair[1].previous != pair[0].hash);
    let place = broken.or(unlinked.map(|pair| &pair[1])).map(|event| event.position);
    Some(match place {
        Some(position) => AuditChain {
            ok: false,
            text: format!("A-{position} does not match its hash: tell an administrator."),
        },
        None => AuditChain {
            ok: true,
            text: match events.len() {
                1 => format!("A-{} checked.", last.position),
                many => format!("{many} entries checked, up to A-{}.", last.position),
            },
        },
    })
}

/// What concerns one thing, newest first.
pub(crate) async fn of_subject(
    reader: &mut Reader,
    names: &Names,
    subject: &str,
) -> Result<Vec<AuditEntry>, Problem> {
    let events: Vec<Versioned<AuditEvent>> =
        reader.list("where subject = $1 order by position desc", &[subject]).await?;
    Ok(entries(&events, names))
}

/// What concerns one customer, newest first.
pub(crate) fn of_customer(customer: &str) -> Question<Vec<Versioned<AuditEvent>>> {
    ask::list("where customer = $1 order by position desc limit 200", &[customer])
}

/// Those, as they are shown.
pub(crate) fn entries(events: &[Versioned<AuditEvent>], names: &Names) -> Vec<AuditEntry> {
    let entry = |event: &Versioned<AuditEvent>| AuditEntry {
        at: Moment::utc(event.at),
        who: names.who(event.person),
        what: words(&event.action),
    };
    events.iter().map(entry).collect()
}

/// `credit.approved_once` → `Credit approved once`.
fn words(action: &str) -> String {
    let text = action.replace(['.', '_'], " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `3f9c…a1e2`.
pub(crate) fn short_hash(hash: &str) -> String {
    match (hash.get(..4), hash.get(hash.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if hash.len() > 8 => format!("{head}…{tail}"),
        _ => hash.to_owned(),
    }
}
