//! People and whose data they may see.

use super::{Arg, Tx, fetch, id, int, placeholders, text};
use makegood_domain::{
    Code, Problem,
    id::{CustomerId, PersonId},
    person::{Person, Scope},
};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// How many are asked for in one statement.
const AT_ONCE: usize = 500;

/// Somebody's scope and its revision. Nobody has granted any: no customers, revision 0.
///
/// # Errors
/// [`Code::Database`].
pub async fn scope(conn: &mut AnyConnection, person: PersonId) -> Result<(Scope, i64), Problem> {
    let mut scopes = scopes(conn, &[person].into()).await?;
    Ok(scopes.remove(&person).unwrap_or((Scope::Customers(BTreeSet::new()), 0)))
}

/// The scope of each of these people and its revision, where somebody has granted one.
///
/// # Errors
/// [`Code::Database`].
pub async fn scopes(
    conn: &mut AnyConnection,
    people: &BTreeSet<PersonId>,
) -> Result<BTreeMap<PersonId, (Scope, i64)>, Problem> {
    let mut scopes = BTreeMap::new();
    let keys: Vec<Arg> = people.iter().map(Arg::text).collect();
    for some in keys.chunks(AT_ONCE) {
        let these = placeholders(1, some.len(), 1);
        let sql =
            format!("select person, kind, revision from person_scope where person in {these}");
        for row in fetch(conn, &sql, some).await? {
            let scope = match text(&row, 1)?.as_str() {
                "all" => Scope::All,
                _ => Scope::Customers(BTreeSet::new()),
            };
            scopes.insert(id(&text(&row, 0)?)?, (scope, int(&row, 2)?));
        }
        let sql = format!("select person, customer from person_customer where person in {these}");
        for row in fetch(conn, &sql, some).await? {
            let customer: CustomerId = text(&row, 1)?
                .parse()
                .map_err(|_| Problem::new(Code::Internal, "a scope names a customer by no id"))?;
            if let Some((Scope::Customers(held), _)) = scopes.get_mut(&id(&text(&row, 0)?)?) {
                held.insert(customer);
            }
        }
    }
    Ok(scopes)
}

/// The people with these ids, those that there are.
///
/// # Errors
/// [`Code::Database`].
pub async fn people(
    conn: &mut AnyConnection,
    ids: &BTreeSet<PersonId>,
) -> Result<BTreeMap<PersonId, Person>, Problem> {
    let mut people = BTreeMap::new();
    let keys: Vec<Arg> = ids.iter().map(Arg::text).collect();
    for some in keys.chunks(AT_ONCE) {
        let filter = format!("id in {}", placeholders(1, some.len(), 1));
        let found = super::list::<Person>(conn, &filter, some).await?;
        people.extend(found.into_iter().map(|found| (found.row.id, found.row)));
    }
    Ok(people)
}

/// Whom an identity provider calls so.
///
/// # Errors
/// [`Code::Database`].
pub async fn by_subject(
    conn: &mut AnyConnection,
    issuer: &str,
    subject: &str,
) -> Result<Option<Person>, Problem> {
    let args = [Arg::text(issuer), Arg::text(subject)];
    let found = super::list::<Person>(conn, "issuer = $1 and subject = $2", &args).await?.pop();
    Ok(found.map(|found| found.row))
}

impl Tx {
    /// The id of whom an identity provider calls so.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn person_by_subject(
        &mut self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<PersonId>, Problem> {
        Ok(by_subject(self.conn(), issuer, subject).await?.map(|person| person.id))
    }

    /// Adds a person, or changes their name and roles, and sets their scope. A changed scope gets a
    /// new revision: their desk then asks for it before it goes on.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn put_person(&mut self, person: &Person, scope: &Scope) -> Result<(), Problem> {
        self.put(person).await?;
        let (held, revision) = self::scope(self.conn(), person.id).await?;
        if revision == 0 || held != *scope {
            self.set_scope(person.id, scope, revision + 1).await?;
        }
        let detail = serde_json::json!({ "roles": person.roles, "scope": scope });
        self.audit("person.put", ("person", &person.id.to_string()), None, detail);
        Ok(())
    }

    async fn set_scope(
        &mut self,
        person: PersonId,
        scope: &Scope,
        revision: i64,
    ) -> Result<(), Problem> {
        let (kind, customers) = match scope {
            Scope::All => ("all", None),
            Scope::Customers(customers) => ("customers", Some(customers)),
        };
        let sql = "insert into person_scope (person, kind, revision) values ($1, $2, $3) \
                   on conflict (person) do update set kind = excluded.kind, \
                   revision = excluded.revision";
        self.execute(sql, &[Arg::text(person), Arg::text(kind), Arg::Int(revision)]).await?;
        self.execute("delete from person_customer where person = $1", &[Arg::text(person)]).await?;
        for customer in customers.into_iter().flatten() {
            let sql = "insert into person_customer (person, customer) values ($1, $2)";
            self.execute(sql, &[Arg::text(person), Arg::text(customer)]).await?;
        }
        Ok(())
    }
}
