//! The columns that stand beside a body, and where in the body each comes from.

use crate::screens::{Promise, Status, credit_tab, drawn};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::wire::Entity;
use makegood_engine::fraction::Fraction;
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
    /// Seconds of the instant at this key; 0 for never.
    Instant(&'static str),
    /// Minor units of the amount at this key; 0 without one.
    Minor(&'static str),
    /// Its currency.
    Currency(&'static str),
    /// Worked out from the whole.
    Of(fn(&Value) -> Cell),
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

const fn instant(name: &'static str) -> Column {
    Column { name, source: Source::Instant(name) }
}

const fn minor(name: &'static str, source: &'static str) -> Column {
    Column { name, source: Source::Minor(source) }
}

const fn currency(source: &'static str) -> Column {
    Column { name: "currency", source: Source::Currency(source) }
}

const fn of(name: &'static str, work_out: fn(&Value) -> Cell) -> Column {
    Column { name, source: Source::Of(work_out) }
}

const MONTH: Column = Column { name: "month", source: Source::Month };

const PERSON: &[Column] = &[key("name")];
const CUSTOMER: &[Column] = &[key("name"), key("group_name"), key("csm"), key("account_manager")];
const CONTRACT: &[Column] = &[key("renews_on"), key("number"), key("currency")];
const SLA_LINE: &[Column] = &[
    key("contract"),
    key("name"),
    key("fee"),
    instant("active_from"),
    instant("active_to"),
    of("objective", objective),
    of("internal_objective", internal_objective),
    of("window_note", window_note),
];
const ATTAINMENT: &[Column] = &[
    key("line"),
    MONTH,
    key("state"),
    key("settlement"),
    Column { name: "starts_at", source: Source::Instant("from") },
    instant("as_of"),
    of("status", status),
    of("left_micros", left_micros),
    minor("owed", "credit"),
    currency("credit"),
    from("label", "window"),
    key("percent"),
    key("unknown_seconds"),
    of("spark", spark),
];
const SETTLEMENT: &[Column] =
    &[key("contract"), MONTH, instant("locked_at"), minor("total", "total"), currency("total")];
const EXCLUSION: &[Column] = &[key("series"), key("state")];
const HIT: &[Column] = &[key("incident")];
const BREACH: &[Column] = &[
    key("number"),
    key("line"),
    key("attainment"),
    key("settlement"),
    key("incident"),
    key("state"),
    key("contract"),
    from("label", "window"),
    instant("snoozed_until"),
    instant("reviewed_at"),
];
const CREDIT: &[Column] = &[
    key("number"),
    key("settlement"),
    key("decision"),
    key("billing"),
    from("customer_group", "group"),
    key("group_month"),
    key("kind"),
    from("label", "window"),
    key("claim"),
    minor("minor", "amount"),
    currency("amount"),
    of("tab", tab),
    instant("proposed_at"),
    of("decided_at", decided_at),
    of("hands", hands),
];
const STATEMENT: &[Column] = &[key("number"), key("period"), key("state")];
const NOTE: &[Column] = &[key("subject")];
const DEADLINE: &[Column] =
    &[key("credit"), key("state"), key("due"), key("kind"), key("owner"), instant("done_at")];
const ALERT: &[Column] = &[
    key("line"),
    key("state"),
    key("level"),
    instant("raised_at"),
    instant("acknowledged_at"),
    instant("resolved_at"),
];
const AUDIT_EVENT: &[Column] = &[key("position"), key("subject")];

/// The columns of an entity's table, after `key`, `customer`, `version` and `body`.
pub(crate) fn columns(entity: Entity) -> &'static [Column] {
    match entity {
        Entity::Person => PERSON,
        Entity::Customer => CUSTOMER,
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
        Entity::LegalEntity | Entity::Policy | Entity::Incident => &[],
    }
}

impl Column {
    /// What the column holds for this body.
    pub(crate) fn cell(&self, body: &Value) -> Cell {
        let value = match self.source {
            Source::Key(key) => body.get(key),
            Source::Month => return month_of_body(body).map_or(Cell::Nothing, Cell::Text),
            Source::Instant(key) => return Cell::Integer(seconds(body.get(key))),
            Source::Minor(key) => return Cell::Integer(minor_units(body.get(key))),
            Source::Currency(key) => body.get(key).and_then(|amount| amount.get("currency")),
            Source::Of(work_out) => return work_out(body),
        };
        match value {
            Some(Value::String(text)) => Cell::Text(text.clone()),
            Some(Value::Number(number)) => number.as_i64().map_or(Cell::Nothing, Cell::Integer),
            _ => Cell::Nothing,
        }
    }
}

fn seconds(instant: Option<&Value>) -> i64 {
    let instant = instant.and_then(|text| text.as_str()?.parse::<DateTime<Utc>>().ok());
    instant.map_or(0, |at| at.timestamp())
}

fn minor_units(amount: Option<&Value>) -> i64 {
    amount.and_then(|amount| amount.get("minor")?.as_str()?.parse().ok()).unwrap_or(0)
}

fn terms(body: &Value) -> Promise<'_> {
    Promise(body.get("terms").unwrap_or(&Value::Null))
}

fn objective(body: &Value) -> Cell {
    Cell::Text(terms(body).objective().to_owned())
}

fn internal_objective(body: &Value) -> Cell {
    terms(body).internal_objective().map_or(Cell::Nothing, |text| Cell::Text(text.to_owned()))
}

fn window_note(body: &Value) -> Cell {
    Cell::Text(terms(body).window_note())
}

fn fraction(body: &Value, key: &str) -> Option<Fraction> {
    Fraction::parse(body.get(key)?.as_str()?)
}

fn status(body: &Value) -> Cell {
    let flag = |key| body.get(key).and_then(Value::as_bool);
    let running = body.get("state").is_none_or(|state| state != "locked");
    let left = || Some((fraction(body, "allowance")?, fraction(body, "allowance_left")?));
    Cell::Integer(Status::judged(flag("met"), flag("internal_met"), running, left).rank())
}

/// Microseconds, cut: for sorting. What knows no allowance comes last.
fn left_micros(body: &Value) -> Cell {
    let left = fraction(body, "allowance_left");
    let micros = left.map(|left| left.ratio() * Fraction::whole(1_000_000).ratio());
    Cell::Integer(
        micros.and_then(|micros| micros.floor().to_integer().try_into().ok()).unwrap_or(i64::MAX),
    )
}

fn spark(body: &Value) -> Cell {
    let days = body.get("left_by_day").and_then(Value::as_array).into_iter().flatten();
    let days = days.filter_map(|day| day.get("left")?.as_i64());
    let (heights, zero) = drawn(body.get("allowance").and_then(Value::as_str), days);
    let heights = std::iter::once(zero).chain(heights).map(|height| height.to_string());
    Cell::Text(heights.collect::<Vec<_>>().join(" "))
}

fn tab(body: &Value) -> Cell {
    let text = |key| body.get(key).and_then(Value::as_str).unwrap_or_default();
    credit_tab(text("decision"), text("billing"))
        .map_or(Cell::Nothing, |tab| Cell::Text(tab.to_owned()))
}

/// When the last step of its approval was taken.
fn decided_at(body: &Value) -> Cell {
    let last = body.get("approvals").and_then(|steps| steps.as_array()?.last()?.get("at"));
    Cell::Integer(seconds(last))
}

/// Who has proposed the credit, or decided about it.
fn hands(body: &Value) -> Cell {
    let list = |key| body.get(key).and_then(Value::as_array).into_iter().flatten();
    let steps = list("approvals").flat_map(|step| [step.get("person"), step.get("delegated_from")]);
    let ids = list("proposed_by").chain(steps.flatten()).filter_map(Value::as_str);
    Cell::Text(ids.collect::<Vec<_>>().join(" "))
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
