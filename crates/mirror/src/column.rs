//! The columns that stand beside a body, and where in the body each comes from.

use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::wire::Entity;
use serde_json::Value;

/// A column that screens filter or sort by.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    source: Source,
}

enum Source {
    /// Copied from this key of the body.
    Key(&'static str),
    /// The calendar month that the window belongs to.
    Month,
}

/// What goes into a column.
pub(crate) enum Cell {
    Text(String),
    Integer(i64),
    Nothing,
}

const fn key(name: &'static str) -> Column {
    Column { name, source: Source::Key(name) }
}

const fn from(name: &'static str, source: &'static str) -> Column {
    Column { name, source: Source::Key(source) }
}

const MONTH: Column = Column { name: "month", source: Source::Month };

/// The columns of an entity's table, after `key`, `customer`, `version` and `body`.
pub(crate) fn columns(entity: Entity) -> &'static [Column] {
    const CONTRACT: &[Column] = &[key("renews_on")];
    const SLA_LINE: &[Column] = &[key("contract")];
    const ATTAINMENT: &[Column] = &[key("line"), MONTH, key("state"), key("settlement")];
    const SETTLEMENT: &[Column] = &[key("contract"), MONTH];
    const EXCLUSION: &[Column] = &[key("series"), key("state")];
    const HIT: &[Column] = &[key("incident")];
    const BREACH: &[Column] = &[
        key("number"),
        key("line"),
        key("attainment"),
        key("settlement"),
        key("incident"),
        key("state"),
    ];
    const CREDIT: &[Column] = &[
        key("number"),
        key("settlement"),
        key("decision"),
        key("billing"),
        from("customer_group", "group"),
        key("group_month"),
    ];
    const STATEMENT: &[Column] = &[key("number"), key("period"), key("state")];
    const NOTE: &[Column] = &[key("subject")];
    const DEADLINE: &[Column] = &[key("credit"), key("state"), key("due")];
    const ALERT: &[Column] = &[key("line"), key("state")];
    const AUDIT_EVENT: &[Column] = &[key("position"), key("subject")];
    match entity {
        Entity::Contract => CONTRACT,
        Entity::SlaLine => SLA_LINE,
        Entity::Attainment => ATTAINMENT,
        Entity::Settlement => SETTLEMENT,
        Entity::Exclusion => EXCLUSION,
        Entity::Hit => HIT,
        Entity::Breach => BREACH,
        Entity::Credit => CREDIT,
        Entity::Statement => STATEMENT,
        Entity::Note => NOTE,
        Entity::AuditEvent => AUDIT_EVENT,
        Entity::Alert => ALERT,
        Entity::Deadline => DEADLINE,
        Entity::LegalEntity
        | Entity::Person
        | Entity::Policy
        | Entity::Customer
        | Entity::Incident => &[],
    }
}

impl Column {
    /// What the column holds for this body.
    pub(crate) fn cell(&self, body: &Value) -> Cell {
        let value = match self.source {
            Source::Key(key) => body.get(key),
            Source::Month => return month_of_body(body).map_or(Cell::Nothing, Cell::Text),
        };
        match value {
            Some(Value::String(text)) => Cell::Text(text.clone()),
            Some(Value::Number(number)) => number.as_i64().map_or(Cell::Nothing, Cell::Integer),
            _ => Cell::Nothing,
        }
    }
}

/// `2026-10`: the month that bears the label or, for other windows, the one in which they end.
pub(crate) fn month_of(label: &str, to: DateTime<Utc>) -> String {
    match label.get(..7) {
        Some(month) if is_month(month) && [7, 10].contains(&label.len()) => month.to_owned(),
        // A day back, because a window's end is local midnight, which may lie on either side in UTC.
        _ => (to - TimeDelta::days(1)).format("%Y-%m").to_string(),
    }
}

fn month_of_body(body: &Value) -> Option<String> {
    let to = body.get("to")?.as_str()?.parse().ok()?;
    Some(month_of(body.get("window")?.as_str()?, to))
}

/// Whether a label is of the form `2026-10`.
pub(crate) fn is_month(label: &str) -> bool {
    label.len() == 7
        && label.bytes().enumerate().all(|(at, byte)| match at {
            4 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
