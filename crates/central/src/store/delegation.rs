//! Delegations: who approves in whose place, and until when.

use super::{Arg, Tx, fetch, id, instant, int, text};
use chrono::{DateTime, Utc};
use makegood_domain::{Problem, delegation::Delegation, id::PersonId, person::Role};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// In whose place each of these people approves at an instant, with those people's present roles.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn acts_for(
    conn: &mut AnyConnection,
    delegates: &BTreeSet<PersonId>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<PersonId, BTreeMap<PersonId, BTreeSet<Role>>>, Problem> {
    let mut acts_for: BTreeMap<PersonId, BTreeMap<PersonId, BTreeSet<Role>>> = BTreeMap::new();
    let running = running(conn, now).await?;
    let present = running.into_iter().filter(|one| one.from <= now);
    let theirs: Vec<_> = present.filter(|one| delegates.contains(&one.delegate)).collect();
    let people = theirs.iter().map(|one| one.person).collect();
    let people = super::person::people(conn, &people).await?;
    for one in theirs {
        let person = people.get(&one.person).ok_or_else(|| super::missing("person"))?;
        acts_for.entry(one.delegate).or_default().insert(one.person, person.roles.clone());
    }
    Ok(acts_for)
}

/// Every delegation that has not ended.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn running(
    conn: &mut AnyConnection,
    now: DateTime<Utc>,
) -> Result<Vec<Delegation>, Problem> {
    let sql = "select id, person, delegate, from_at, to_at from delegation where to_at > $1 \
               order by from_at, id";
    let rows = fetch(conn, sql, &[Arg::Int(now.timestamp())]).await?;
    rows.iter()
        .map(|row| {
            Ok(Delegation {
                id: id(&text(row, 0)?)?,
                person: id(&text(row, 1)?)?,
                delegate: id(&text(row, 2)?)?,
                from: instant(int(row, 3)?)?,
                to: instant(int(row, 4)?)?,
            })
        })
        .collect()
}

impl Tx {
    /// Adds a delegation.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn add_delegation(&mut self, delegation: &Delegation) -> Result<(), Problem> {
        let sql = "insert into delegation (id, person, delegate, from_at, to_at) \
                   values ($1, $2, $3, $4, $5)";
        let args = [
            Arg::text(delegation.id),
            Arg::text(delegation.person),
            Arg::text(delegation.delegate),
            Arg::Int(delegation.from.timestamp()),
            Arg::Int(delegation.to.timestamp()),
        ];
        self.execute(sql, &args).await?;
        let detail = serde_json::json!(delegation);
        self.audit("delegation.put", ("delegation", &delegation.id.to_string()), None, detail);
        Ok(())
    }
}
