//! Which columns stand beside the body of each synced entity.

use super::Arg;
use makegood_domain::{
    Problem,
    alert::Alert,
    attainment::Attainment,
    audit::AuditEvent,
    breach::Breach,
    contact::Contact,
    contract::{Contract, SlaLine},
    credit::Credit,
    customer::{Customer, LegalEntity},
    deadline::Deadline,
    delivery::{Acknowledgement, Delivery},
    exclusion::Exclusion,
    id::PersonId,
    incident::{Hit, Incident},
    note::Note,
    person::Person,
    policy::Policy,
    row::Row,
    settlement::Settlement,
    statement::Statement,
};

/// A synced entity with a table of its own, which bears the entity's name.
pub trait Stored: Row + Sync {
    /// Whether the table has the customer in its key.
    const OWNED: bool;
    /// The columns beside `id`, `customer`, `version` and `body`.
    const COLUMNS: &'static [&'static str];
    /// Their values, in that order.
    fn columns(&self) -> Vec<Arg>;
}

/// Ids in one text.
fn spaced(ids: &[PersonId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

macro_rules! stored {
    ($($type:ident $owned:literal |$row:ident| { $($column:literal: $value:expr),* $(,)? })*) => {$(
        impl Stored for $type {
            const OWNED: bool = $owned;
            const COLUMNS: &'static [&'static str] = &[$($column),*];
            fn columns(&self) -> Vec<Arg> {
                let $row = self;
                let _ = $row;
                vec![$($value),*]
            }
        }
    )*};
}

stored! {
    LegalEntity false |row| { "key": Arg::text(&row.key) }
    Person false |row| { "issuer": Arg::text(&row.issuer), "subject": Arg::text(&row.subject) }
    Policy false |row| {}
    Incident false |row| { "number": Arg::text(&row.number) }
    Customer true |row| {
        "key": Arg::text(&row.key),
        "customer_group": Arg::text(row.group),
        "csm": Arg::opt_text(row.csm),
        "account_manager": Arg::opt_text(row.account_manager),
        "churned_on": Arg::opt_text(row.churned_on),
    }
    Contract true |row| {
        "number": Arg::text(&row.number),
        "legal_entity": Arg::text(row.legal_entity),
        "currency": Arg::text(&row.currency),
        "renews_on": Arg::opt_text(row.renews_on),
    }
    SlaLine true |row| {
        "contract": Arg::text(row.contract),
        "contract_version": Arg::text(row.version),
        "name": Arg::text(&row.name),
        "series": Arg::text(row.series),
    }
    Attainment true |row| {
        "contract": Arg::text(row.contract),
        "line": Arg::text(row.line),
        "label": Arg::text(&row.window),
        "from_at": Arg::Int(row.from.timestamp()),
        "to_at": Arg::Int(row.to.timestamp()),
        "state": Arg::text(row.state.as_str()),
        "met": Arg::opt_int(row.met.map(i64::from)),
    }
    Settlement true |row| {
        "contract": Arg::text(row.contract),
        "window_kind": Arg::text(super::settlement::window_kind(&row.window)),
        "label": Arg::text(&row.window),
        "from_at": Arg::Int(row.from.timestamp()),
        "to_at": Arg::Int(row.to.timestamp()),
        "revision": Arg::Int(row.revision),
        "total_minor": Arg::Int(row.total.minor()),
        "currency": Arg::text(row.total.currency()),
    }
    Exclusion true |row| {
        "series": Arg::text(row.series),
        "from_at": Arg::Int(row.from.timestamp()),
        "to_at": Arg::Int(row.to.timestamp()),
        "state": Arg::text(row.state.as_str()),
    }
    Hit true |row| { "incident": Arg::text(row.incident) }
    Breach true |row| {
        "number": Arg::text(&row.number),
        "contract": Arg::text(row.contract),
        "line": Arg::text(row.line),
        "label": Arg::text(&row.window),
        "state": Arg::text(row.state.as_str()),
    }
    Credit true |row| {
        "number": Arg::text(&row.number),
        "kind": Arg::text(row.kind.as_str()),
        "amount_minor": Arg::Int(row.amount.minor()),
        "currency": Arg::text(row.amount.currency()),
        "customer_group": Arg::text(row.group),
        "contract": Arg::text(row.contract),
        "legal_entity": Arg::text(row.legal_entity),
        "settlement": Arg::opt_text(row.settlement),
        "label": Arg::text(&row.window),
        "decision": Arg::text(row.decision.as_str()),
        "claim": Arg::text(row.claim.as_str()),
        "billing": Arg::text(row.billing.as_str()),
        "application": Arg::text(row.application.as_str()),
        "group_month": Arg::opt_text(row.group_month.as_ref()),
    }
    Statement true |row| {
        "number": Arg::text(&row.number),
        "revision": Arg::Int(row.revision),
        "period": Arg::text(&row.period),
        "state": Arg::text(row.state.as_str()),
        "of_kind": Arg::text(row.of.as_str()),
        "of_id": Arg::Text(row.of.id()),
    }
    Alert true |row| {
        "number": Arg::text(&row.number),
        "contract": Arg::text(row.contract),
        "line": Arg::text(row.line),
        "label": Arg::text(&row.window),
        "kind": Arg::text(row.kind.as_str()),
        "state": Arg::text(row.state.as_str()),
        "raised_at": Arg::Int(row.raised_at.timestamp()),
    }
    Deadline true |row| {
        "subject": Arg::Text(row.subject()),
        "kind": Arg::text(row.kind.as_str()),
        "due": Arg::text(row.due),
        "owner": Arg::opt_text(row.owner),
        "state": Arg::text(row.state.as_str()),
    }
    Contact true |row| {
        "role": Arg::text(row.role.as_str()),
        "hands": Arg::Text(spaced(&row.entered_by)),
        "confirmed_by": Arg::opt_text(row.confirmed_by),
    }
    Delivery true |row| {
        "statement": Arg::text(row.statement),
        "channel": Arg::text(row.channel.as_str()),
        "state": Arg::text(row.state.as_str()),
    }
    Acknowledgement true |row| { "statement": Arg::text(row.statement) }
    Note true |row| {
        "subject_entity": Arg::text(&row.subject_entity),
        "subject": Arg::text(&row.subject),
        "visibility": Arg::text(&row.visibility),
    }
    AuditEvent false |row| {
        "position": Arg::Int(row.position),
        "customer": Arg::opt_text(row.customer),
        "action": Arg::text(&row.action),
    }
}

/// The upsert of rows: it raises each one's version, does nothing where the body is the same, and
/// nothing where the version is no longer the one that was seen. A row that was removed before comes
/// back above its tombstone, and above whatever was lost when a backup was put back.
pub(super) fn upsert<T: Stored>(
    rows: &[&T],
    seen: Option<i64>,
) -> Result<(String, Vec<Arg>), Problem> {
    let table = T::ENTITY.as_str();
    let owner = if T::OWNED { &["customer"][..] } else { &[] };
    let columns = [&["id"], owner, T::COLUMNS, &["body"]].concat();
    let (mut args, mut values) = (Vec::new(), Vec::new());
    for row in rows {
        let first = args.len() + 1;
        args.push(Arg::text(row.key()));
        args.extend(T::OWNED.then(|| Arg::opt_text(row.customer())));
        args.extend(row.columns());
        args.push(Arg::Text(super::to_json(*row)?));
        let numbers: Vec<String> =
            (first..=args.len()).map(|number| format!("${number}")).collect();
        values.push(format!(
            "({}, coalesce((select max(number) from (select version as number from feed \
             where entity = '{table}' and id = ${first} union all select value from counter \
             where name in ('collected', 'restored')) as before), 0) + 1)",
            numbers.join(", ")
        ));
    }
    let sets: Vec<String> =
        columns.iter().skip(1).map(|column| format!("{column} = excluded.{column}")).collect();
    let mut sql = format!(
        "insert into {table} ({}, version) values {} \
         on conflict ({}) do update set {}, version = (select max(number) from ( \
         select {table}.version as number union all select value from counter \
         where name = 'restored') as before) + 1 \
         where {table}.body <> excluded.body",
        columns.join(", "),
        values.join(", "),
        if T::OWNED { "customer, id" } else { "id" },
        sets.join(", "),
    );
    if let Some(seen) = seen {
        args.push(Arg::Int(seen));
        sql.push_str(&format!(" and {table}.version = ${}", args.len()));
    }
    sql.push_str(" returning id, version");
    Ok((sql, args))
}
