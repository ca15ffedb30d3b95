//! Who may do what, for whom, by which tokens and in whose place: as the access review, which an auditor
//! asks for once a quarter as one table, and person by person.

use crate::store::{self, Store};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::{CustomerId, PersonId},
    person::{Person, Role, Scope},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Somebody whom central knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KnownPerson)]
pub struct Known {
    /// Their id.
    #[schema(value_type = String, format = Uuid)]
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their identity provider.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// Their roles.
    #[schema(value_type = Vec<String>)]
    pub roles: BTreeSet<Role>,
    /// Ids of the customers they may see; absent: every customer.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    pub customers: Option<BTreeSet<CustomerId>>,
    /// The day (UTC) on which they last came in, by whatever token; absent: never.
    pub last_seen: Option<String>,
    /// How many sessions and tokens of theirs are good now.
    pub tokens: usize,
    /// In whose place they approve, or will.
    pub acts_for: Vec<ActsFor>,
}

/// In whose place somebody approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActsFor {
    /// Who is away.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// From (half open).
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
}

/// Everybody whom central knows.
///
/// # Errors
/// [`Code::Database`].
pub async fn people(store: &Store) -> Result<Vec<Known>, Problem> {
    let mut conn = store.reading().await?;
    let now = store.clock().now();
    let people = store::list::<Person>(&mut conn, "1 = 1 order by id", &[]).await?;
    let ids = people.iter().map(|found| found.row.id).collect();
    let mut scopes = store::person::scopes(&mut conn, &ids).await?;
    let mut seen = store::token::last_used(&mut conn).await?;
    let tokens = store::token::good(&mut conn, now).await?;
    let delegations = store::delegation::running(&mut conn, now).await?;
    let known = |Person { id, issuer, subject, name, roles }: Person| {
        let mine = delegations.iter().filter(|one| one.delegate == id);
        Known {
            customers: match scopes.remove(&id) {
                Some((Scope::All, _)) => None,
                Some((Scope::Customers(customers), _)) => Some(customers),
                None => Some(BTreeSet::new()),
            },
            last_seen: seen.remove(&id),
            tokens: tokens.iter().filter(|token| token.person == id).count(),
            acts_for: mine
                .map(|one| ActsFor { person: one.person, from: one.from, to: one.to })
                .collect(),
            id,
            name,
            issuer,
            subject,
            roles,
        }
    };
    Ok(people.into_iter().map(|found| found.row).map(known).collect())
}

/// One line of the review: a person, or a way in which they come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// Their id.
    pub person: String,
    /// Their name.
    pub name: String,
    /// The identity provider, and their id there.
    pub issuer: String,
    /// See `issuer`.
    pub subject: String,
    /// Roles, separated by blanks.
    pub roles: String,
    /// `all`, or how many customers they see.
    pub scope: String,
    /// `person`, `session`, `personal` (a token that is good now) or `delegation`.
    pub way: String,
    /// Since when, RFC 3339; empty for the person.
    pub since: String,
    /// Until when; empty: without end.
    pub until: String,
    /// Who granted it: whoever confirmed the token, or in whose place they approve.
    pub by: String,
    /// The day (UTC) on which the person last came in; empty: never.
    pub seen: String,
    /// The token's id, by which it is revoked; empty for what is no token.
    pub token: String,
}

/// Everybody, with the tokens that are good now and the delegations that have not ended.
///
/// # Errors
/// [`Code::Database`].
pub async fn review(store: &Store) -> Result<Vec<Access>, Problem> {
    let mut conn = store.reading().await?;
    let now = store.clock().now();
    let people = store::list::<Person>(&mut conn, "1 = 1 order by id", &[]).await?;
    let people: Vec<Person> = people.into_iter().map(|found| found.row).collect();
    let names: BTreeMap<_, _> =
        people.iter().map(|person| (person.id, person.name.clone())).collect();
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let tokens = store::token::good(&mut conn, now).await?;
    let delegations = store::delegation::running(&mut conn, now).await?;
    let mut seen = store::token::last_used(&mut conn).await?;
    let mut lines = Vec::new();
    for person in &people {
        let (scope, _) = store::person::scope(&mut conn, person.id).await?;
        let line = line(person, &scope, seen.remove(&person.id));
        for token in tokens.iter().filter(|token| token.person == person.id) {
            lines.push(Access {
                way: token.kind.clone(),
                token: token.id.to_string(),
                since: token.issued_at.to_rfc3339(),
                until: token.expires_at.to_rfc3339(),
                by: token.confirmed_by.map_or_else(|| "this machine".to_owned(), name),
                ..line.clone()
            });
        }
        for delegation in delegations.iter().filter(|one| one.delegate == person.id) {
            lines.push(Access {
                way: "delegation".to_owned(),
                since: delegation.from.to_rfc3339(),
                until: delegation.to.to_rfc3339(),
                by: name(delegation.person),
                ..line.clone()
            });
        }
        lines.push(line);
    }
    Ok(lines)
}

fn line(person: &Person, scope: &Scope, seen: Option<String>) -> Access {
    let roles: Vec<&str> = person.roles.iter().map(|role| role.as_str()).collect();
    Access {
        person: person.id.to_string(),
        name: person.name.clone(),
        issuer: person.issuer.clone(),
        subject: person.subject.clone(),
        roles: roles.join(" "),
        scope: match scope {
            Scope::All => "all".to_owned(),
            Scope::Customers(customers) => format!("{} customers", customers.len()),
        },
        way: "person".to_owned(),
        since: String::new(),
        until: String::new(),
        by: String::new(),
        seen: seen.unwrap_or_default(),
        token: String::new(),
    }
}

/// The review as CSV, RFC 4180. Cells that a spreadsheet would compute are defused.
///
/// # Errors
/// [`Code::Internal`].
pub fn csv(lines: &[Access]) -> Result<String, Problem> {
    let broken = |why: String| Problem::new(Code::Internal, format!("the access review: {why}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        let name = defused(&line.name);
        let (issuer, subject) = (defused(&line.issuer), defused(&line.subject));
        let line = Access { name, issuer, subject, by: defused(&line.by), ..line.clone() };
        writer.serialize(line).map_err(|error| broken(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| broken(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| broken(error.to_string()))
}

/// A spreadsheet takes what begins so for a formula.
fn defused(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{cell}");
    }
    cell.to_owned()
}
