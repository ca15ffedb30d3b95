//! People at the desk of whoever administers: what each may do and for whom, in whose place they approve,
//! and what is proposed about them. Asked of central each time; a second person puts it in force.

use crate::{
    central::{WantedDelegation, WantedPerson},
    desk::{Desk, id},
    proposal::{self, ProposalRow, name},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    customer::Customer,
    id::{CustomerId, PersonId},
    person::Role,
};
use makegood_mirror::{Reader, screens::Moment};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use ts_rs::TS;

/// Everybody whom central knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct People {
    /// By name.
    pub rows: Vec<PersonRow>,
    /// The roles that there are.
    pub roles: Vec<RoleChoice>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct RoleChoice {
    /// `finance`.
    pub id: String,
    /// `Finance approver`.
    pub name: String,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct PersonRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their identity provider.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// Their roles, by id.
    pub roles: Vec<String>,
    /// `Customer success, Finance approver`; `None`.
    pub roles_said: String,
    /// `Every customer`, `3 customers`, `No customer`.
    pub scope: String,
    /// Whom they see, by key, one on each line; absent: every customer.
    pub customers: Option<String>,
    /// The day on which they last came in: `9 Nov 2026`; `Never`.
    pub last_seen: String,
    /// How many sessions and tokens of theirs are good now.
    pub tokens: u32,
    /// `In the place of Ines Keller from … to …`.
    pub acts_for: Vec<String>,
    /// Whether it is oneself.
    pub me: bool,
}

/// Somebody as they are to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct PersonEntry {
    /// Their identity provider.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// Their name.
    pub name: String,
    /// Their roles, by id.
    pub roles: Vec<String>,
    /// Whom they may see: keys or names of customers, one on each line; absent: every customer.
    pub customers: Option<String>,
}

/// Who is to approve in whose place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DelegationEntry {
    /// Who is away.
    pub person: String,
    /// Who approves meanwhile.
    pub delegate: String,
    /// From (RFC 3339; half open).
    #[ts(type = "string")]
    pub from: DateTime<Utc>,
    /// To.
    #[ts(type = "string")]
    pub to: DateTime<Utc>,
}

impl Desk {
    /// Everybody whom central knows, by name.
    ///
    /// # Errors
    /// [`Code::RoleMissing`] for who does not administer; [`Code::ScopeMissing`];
    /// [`Code::CentralUnreachable`].
    pub async fn people(&self) -> Result<People, Problem> {
        let inside = self.inside().await?;
        let known = inside.central.people().await?;
        let mut reader = inside.mirror().reader().await?;
        let names: BTreeMap<PersonId, String> =
            known.iter().map(|one| (one.id, one.name.clone())).collect();
        let keys = keys(&mut reader).await?;
        let me = inside.actor().person;
        let mut rows: Vec<PersonRow> = known
            .into_iter()
            .map(|one| PersonRow {
                roles: one.roles.iter().map(|role| role.as_str().to_owned()).collect(),
                roles_said: said(one.roles.iter().map(|role| role.title())),
                scope: scope(one.customers.as_ref()),
                customers: one.customers.as_ref().map(|all| lines(all, &keys)),
                last_seen: one
                    .last_seen
                    .map_or_else(|| "Never".to_owned(), |day| day.format("%-d %b %Y").to_string()),
                tokens: one.tokens,
                acts_for: one
                    .acts_for
                    .iter()
                    .map(|place| {
                        let (from, to) = (Moment::utc(place.from).utc, Moment::utc(place.to).utc);
                        let whose = name(&names, place.person);
                        format!("In the place of {whose} from {from} to {to} UTC")
                    })
                    .collect(),
                me: one.id == me,
                id: one.id.to_string(),
                name: one.name,
                issuer: one.issuer,
                subject: one.subject,
            })
            .collect();
        rows.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let role = |role: &Role| RoleChoice {
            id: role.as_str().to_owned(),
            name: role.title().to_owned(),
        };
        Ok(People { rows, roles: Role::ALL.iter().map(role).collect() })
    }

    /// Proposes somebody's name, roles and scope. A second person puts it in force.
    ///
    /// # Errors
    /// As [`Desk::people`]; [`Code::Invalid`] for no such role, or what would change nothing;
    /// [`Code::CustomerUnknown`].
    pub async fn propose_person(&self, entry: PersonEntry) -> Result<ProposalRow, Problem> {
        let inside = self.inside().await?;
        let mut roles = BTreeSet::new();
        for role in &entry.roles {
            roles.insert(Role::parse(role).ok_or_else(|| {
                Problem::new(Code::Invalid, format!("there is no role {role:?}")).at("roles")
            })?);
        }
        let customers = match &entry.customers {
            Some(text) => Some(named(&mut inside.mirror().reader().await?, text).await?),
            None => None,
        };
        let PersonEntry { issuer, subject, name, .. } = entry;
        let [issuer, subject, name] = [issuer, subject, name].map(|text| text.trim().to_owned());
        let wanted = WantedPerson { issuer, subject, name, roles, customers };
        let made = inside.central.propose_person(&wanted).await?;
        proposal::made(&inside, &made.proposal).await
    }

    /// Proposes that somebody approves in another's place. A third person puts it in force.
    ///
    /// # Errors
    /// As [`Desk::propose_person`].
    pub async fn propose_delegation(&self, entry: DelegationEntry) -> Result<ProposalRow, Problem> {
        let inside = self.inside().await?;
        let wanted = WantedDelegation {
            person: id("person", &entry.person)?,
            delegate: id("delegate", &entry.delegate)?,
            from: entry.from,
            to: entry.to,
        };
        let made = inside.central.propose_delegation(&wanted).await?;
        proposal::made(&inside, &made.proposal).await
    }

    /// Writes the access review (CSV) into a folder; where it is.
    ///
    /// # Errors
    /// As [`Desk::people`]; [`Code::File`].
    pub async fn export_access_review(&self, folder: &str) -> Result<String, Problem> {
        let inside = self.inside().await?;
        let bytes = inside.central.access_review().await?;
        let day = inside.now().format("%Y-%m-%d");
        let path = std::path::Path::new(folder).join(format!("access-review-{day}.csv"));
        makegood_statement::write_whole(&path, &bytes)?;
        Ok(path.display().to_string())
    }
}

fn said<'r>(roles: impl Iterator<Item = &'r str>) -> String {
    let all: Vec<&str> = roles.collect();
    if all.is_empty() { "None".to_owned() } else { all.join(", ") }
}

fn scope(customers: Option<&BTreeSet<CustomerId>>) -> String {
    match customers.map(BTreeSet::len) {
        None => "Every customer".to_owned(),
        Some(0) => "No customer".to_owned(),
        Some(1) => "1 customer".to_owned(),
        Some(more) => format!("{more} customers"),
    }
}

/// Each customer's key, one on each line. One whom this desk has not heard of yet stands there by their id: what is
/// saved keeps them.
fn lines(customers: &BTreeSet<CustomerId>, keys: &BTreeMap<CustomerId, String>) -> String {
    let key = |id: &CustomerId| keys.get(id).cloned().unwrap_or_else(|| id.to_string());
    let keys: BTreeSet<String> = customers.iter().map(key).collect();
    keys.into_iter().collect::<Vec<_>>().join("\n")
}

async fn keys(reader: &mut Reader) -> Result<BTreeMap<CustomerId, String>, Problem> {
    let all: Vec<Customer> = reader.every().await?;
    Ok(all.into_iter().map(|one| (one.id, one.key)).collect())
}

/// The customers that these lines name, by key, by a name that no other has, or by id.
async fn named(reader: &mut Reader, text: &str) -> Result<BTreeSet<CustomerId>, Problem> {
    let all: Vec<Customer> = reader.every().await?;
    let mut found = BTreeSet::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Ok(id) = id("customer", line) {
            found.insert(id);
            continue;
        }
        let by_key = all.iter().find(|one| one.key == line);
        let mut by_name = all.iter().filter(|one| one.name == line);
        let ((Some(one), _, _) | (None, Some(one), None)) =
            (by_key, by_name.next(), by_name.next())
        else {
            let why = format!("no customer, or several, are called {line:?}; write the key");
            return Err(Problem::new(Code::CustomerUnknown, why).at("customers"));
        };
        found.insert(one.id);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, CustomerId, id, lines};

    #[test]
    fn a_customer_whom_this_desk_does_not_hold_stays_in_the_form() {
        let of = |text: &str| id::<CustomerId>("customer", text).unwrap();
        let held = of("01900000-0000-7000-8000-00000000a0a0");
        let other = of("01900000-0000-7000-8000-00000000a0a1");
        let keys = BTreeMap::from([(held, "NW-DE".to_owned())]);
        let shown = lines(&[held, other].into(), &keys);
        assert_eq!(shown, format!("{other}\nNW-DE"));
    }
}
