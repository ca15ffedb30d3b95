//! The columns that stand beside a body, and where in the body each comes from.

mod window;

use crate::{
    fold::fold,
    screens::{CreditTab, Promise, Status, drawn},
};
use chrono::{DateTime, Utc};
use makegood_domain::{dispute::Dispute, wire::Entity};
use makegood_engine::fraction::Fraction;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, fmt};
pub(crate) use window::ends_in;

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
    /// The text at this key as it is looked for.
    Folded(&'static str),
    /// Worked out from the whole.
    Of(fn(&Fields<'_>) -> Cell<'static>),
}

/// What goes into a column.
pub(crate) enum Cell<'a> {
    Text(Cow<'a, str>),
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

const fn folded(name: &'static str, source: &'static str) -> Column {
    Column { name, source: Source::Folded(source) }
}

const fn of(name: &'static str, work_out: fn(&Fields<'_>) -> Cell<'static>) -> Column {
    Column { name, source: Source::Of(work_out) }
}

const MONTH: Column = Column { name: "month", source: Source::Month };

const PERSON: &[Column] = &[key("name")];
const CUSTOMER: &[Column] = &[
    key("name"),
    key("group_name"),
    folded("folded", "name"),
    folded("folded_group", "group_name"),
    key("csm"),
    key("account_manager"),
    key("churned_on"),
];
const CONTRACT: &[Column] =
    &[key("renews_on"), key("number"), folded("folded", "number"), key("currency")];
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
    of("month", window::ends_in_of_body),
    key("claim"),
    minor("minor", "amount"),
    currency("amount"),
    of("tab", tab),
    instant("proposed_at"),
    of("decided_at", decided_at),
    of("hands", hands),
];
const STATEMENT: &[Column] = &[key("number"), key("period"), key("state"), of("of_kind", of_kind)];
const NOTE: &[Column] = &[key("subject")];
const DEADLINE: &[Column] = &[
    of("subject", about),
    key("state"),
    key("due"),
    key("kind"),
    key("owner"),
    instant("done_at"),
];
const ALERT: &[Column] = &[
    key("line"),
    key("state"),
    key("level"),
    instant("raised_at"),
    instant("acknowledged_at"),
    instant("resolved_at"),
];
const CONTACT: &[Column] = &[key("role")];
const DELIVERY: &[Column] = &[key("statement")];
const ACKNOWLEDGEMENT: &[Column] =
    &[key("statement"), of("dispute_due", dispute_due), of("dispute_owner", dispute_owner)];
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
        Entity::Contact => CONTACT,
        Entity::Delivery => DELIVERY,
        Entity::Acknowledgement => ACKNOWLEDGEMENT,
        Entity::LegalEntity | Entity::Policy | Entity::Incident => &[],
    }
}

/// What stands at each key of a body, read when a column asks for it: most of a body no column does.
#[derive(Default)]
pub(crate) struct Fields<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(body: D) -> Result<Self, D::Error> {
        body.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Vec::with_capacity(32);
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

/// A text of a body, copied only where it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Fields<'a> {
    /// Of a body; what is no object has none, and no place in a table that asks for some.
    pub(crate) fn of(body: &'a str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }

    fn get<T: Deserialize<'a>>(&self, key: &str) -> Option<T> {
        let (_, value) = self.0.iter().find(|(name, _)| *name == key)?;
        serde_json::from_str(value.get()).ok()
    }

    fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.get::<Text<'_>>(key).map(|text| text.0)
    }

    fn fraction(&self, key: &str) -> Option<Fraction> {
        Fraction::parse(&self.text(key)?)
    }

    /// Seconds of the instant at this key; 0 for never.
    fn seconds(&self, key: &str) -> i64 {
        self.get::<DateTime<Utc>>(key).map_or(0, |at| at.timestamp())
    }
}

impl Column {
    /// What the column holds for this body.
    pub(crate) fn cell<'a>(&self, body: &Fields<'a>) -> Cell<'a> {
        let text = |text: Option<Cow<'a, str>>| text.map_or(Cell::Nothing, Cell::Text);
        match self.source {
            Source::Key(key) => match body.text(key) {
                Some(text) => Cell::Text(text),
                None => body.get(key).map_or(Cell::Nothing, Cell::Integer),
            },
            Source::Month => text(window::month_of_body(body).map(Cow::Owned)),
            Source::Instant(key) => Cell::Integer(body.seconds(key)),
            Source::Minor(key) => Cell::Integer(
                body.get(key).and_then(|Amount { minor, .. }| minor?.parse().ok()).unwrap_or(0),
            ),
            Source::Currency(key) => {
                text(body.get(key).and_then(|Amount { currency, .. }| currency).map(Cow::Owned))
            }
            Source::Folded(key) => said(fold(&body.text(key).unwrap_or_default())),
            Source::Of(work_out) => work_out(body),
        }
    }
}

#[derive(Deserialize)]
struct Amount {
    minor: Option<String>,
    currency: Option<String>,
}

fn terms(body: &Fields<'_>) -> Value {
    body.get("terms").unwrap_or_default()
}

fn said(text: impl Into<String>) -> Cell<'static> {
    Cell::Text(Cow::Owned(text.into()))
}

fn objective(body: &Fields<'_>) -> Cell<'static> {
    said(Promise(&terms(body)).objective())
}

fn internal_objective(body: &Fields<'_>) -> Cell<'static> {
    let terms = terms(body);
    let text = Promise(&terms).internal_objective();
    text.map_or(Cell::Nothing, said)
}

fn window_note(body: &Fields<'_>) -> Cell<'static> {
    said(Promise(&terms(body)).window_note())
}

fn status(body: &Fields<'_>) -> Cell<'static> {
    let running = body.text("state").is_none_or(|state| state != "locked");
    let left = || Some((body.fraction("allowance")?, body.fraction("allowance_left")?));
    let (met, internal_met) = (body.get("met"), body.get("internal_met"));
    Cell::Integer(Status::judged(met, internal_met, running, left).rank())
}

/// Microseconds, cut: for sorting. What knows no allowance comes last.
fn left_micros(body: &Fields<'_>) -> Cell<'static> {
    let Some(left) = body.text("allowance_left") else { return Cell::Integer(i64::MAX) };
    // Most are whole seconds.
    let whole = left.parse::<i64>().ok().and_then(|left| left.checked_mul(1_000_000));
    let cut = || {
        let micros = Fraction::parse(&left)?.ratio() * Fraction::whole(1_000_000).ratio();
        micros.floor().to_integer().try_into().ok()
    };
    Cell::Integer(whole.or_else(cut).unwrap_or(i64::MAX))
}

#[derive(Deserialize)]
struct Day {
    left: i64,
}

fn spark(body: &Fields<'_>) -> Cell<'static> {
    let days: Vec<Day> = body.get("left_by_day").unwrap_or_default();
    let allowance = body.text("allowance");
    let (heights, zero) = drawn(allowance.as_deref(), days.into_iter().map(|day| day.left));
    let heights = std::iter::once(zero).chain(heights).map(|height| height.to_string());
    said(heights.collect::<Vec<_>>().join(" "))
}

fn tab(body: &Fields<'_>) -> Cell<'static> {
    let tab = || CreditTab::of(body.get("decision")?, body.get("billing")?);
    tab().map_or(Cell::Nothing, |tab| said(tab.as_str()))
}

/// What a statement is of; where nothing is said, the whole customer.
fn of_kind(body: &Fields<'_>) -> Cell<'static> {
    #[derive(Deserialize)]
    struct Of {
        kind: String,
    }
    said(body.get("of").map_or_else(|| "customer".to_owned(), |Of { kind }| kind))
}

/// What a deadline is about: a credit, else a contract.
fn about(body: &Fields<'_>) -> Cell<'static> {
    let subject = body.text("credit").or_else(|| body.text("contract"));
    subject.map_or(Cell::Nothing, |subject| said(subject.into_owned()))
}

/// A dispute that nobody has answered.
fn dispute(body: &Fields<'_>) -> Option<Dispute> {
    body.get::<Dispute>("dispute").filter(|one| one.answer.is_none())
}

fn dispute_due(body: &Fields<'_>) -> Cell<'static> {
    dispute(body).map_or(Cell::Nothing, |one| said(one.due.to_string()))
}

fn dispute_owner(body: &Fields<'_>) -> Cell<'static> {
    let owner = dispute(body).and_then(|one| one.owner);
    owner.map_or(Cell::Nothing, |owner| said(owner.to_string()))
}

/// A step of a credit's approval.
#[derive(Deserialize)]
struct Step {
    at: Option<DateTime<Utc>>,
    person: Option<String>,
    delegated_from: Option<String>,
}

fn steps(body: &Fields<'_>) -> Vec<Step> {
    body.get("approvals").unwrap_or_default()
}

/// When the last step of its approval was taken.
fn decided_at(body: &Fields<'_>) -> Cell<'static> {
    let last = steps(body).pop().and_then(|step| step.at);
    Cell::Integer(last.map_or(0, |at| at.timestamp()))
}

/// Who has proposed the credit, or decided about it.
fn hands(body: &Fields<'_>) -> Cell<'static> {
    let proposed: Vec<String> = body.get("proposed_by").unwrap_or_default();
    let steps = steps(body).into_iter().flat_map(|step| [step.person, step.delegated_from]);
    let ids: Vec<String> = proposed.into_iter().chain(steps.flatten()).collect();
    said(ids.join(" "))
}
