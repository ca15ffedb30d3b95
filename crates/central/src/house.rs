//! What whoever runs central sets up: people with their roles and scopes, tokens, the approval
//! matrix. While central is being set up it is the word of whoever runs this machine; from the first
//! contract on it takes two (law 5).

use crate::{
    app::App,
    store::{self, Lock, Tx, token::NewToken},
};
use makegood_domain::{
    Code, Problem,
    customer::Customer,
    delegation::Delegation,
    id::{PersonId, TokenId},
    person::{Permission, Person, Scope, TokenKind, carry},
    policy::Policy,
    proposal::{Change, Difference},
    row::Row as _,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Longest life of a token, in days.
const LONGEST: i64 = 366;

/// A token as it is handed out, once.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its id.
    pub id: TokenId,
    /// Its text: not kept anywhere here.
    pub text: String,
    /// When it ends.
    pub expires_at: chrono::DateTime<chrono::Utc>,
}

/// Puts people and the approval matrix in force within a transaction; what differs. Nobody's word
/// alone: see [`crate::proposal`].
///
/// # Errors
/// [`Code::Invalid`] for a matrix that is not the next, or whose rates or limit are unusable, and for
/// an import, which is not the house's; [`Code::Database`].
pub(crate) async fn put(tx: &mut Tx, change: &Change) -> Result<Vec<Difference>, Problem> {
    match change {
        Change::Person { person, scope } => put_person(tx, person, scope).await,
        Change::Policy(policy) => put_policy(tx, policy).await,
        Change::Delegation(delegation) => put_delegation(tx, delegation).await,
        Change::Import(_) => Err(refused("an import is put in force as a whole".to_owned())),
    }
}

async fn put_person(
    tx: &mut Tx,
    person: &Person,
    scope: &Scope,
) -> Result<Vec<Difference>, Problem> {
    let before = match tx.get::<Person>(person.id).await? {
        Some(found) => {
            let (scope, _) = store::person::scope(tx.conn(), person.id).await?;
            Some(shown_person(tx, &found.row, &scope).await?)
        }
        None => None,
    };
    let after = shown_person(tx, person, scope).await?;
    let about = format!("{} ({} at {})", person.name, person.subject, person.issuer);
    let differences = Difference::between(&about, before.as_ref(), &after, |_| true);
    if !differences.is_empty() {
        tx.put_person(person, scope).await?;
    }
    Ok(differences)
}

async fn shown_person(tx: &mut Tx, person: &Person, scope: &Scope) -> Result<Value, Problem> {
    let scope = match scope {
        Scope::All => json!("every customer"),
        Scope::Customers(customers) => {
            let mut keys = Vec::with_capacity(customers.len());
            for id in customers {
                let found = store::get::<Customer>(tx.conn(), id).await?;
                let nobody = || refused(format!("there is no customer {id}")).at("scope");
                keys.push(found.ok_or_else(nobody)?.row.key);
            }
            json!(keys)
        }
    };
    Ok(json!({ "name": person.name, "roles": person.roles, "scope": scope }))
}

async fn put_delegation(tx: &mut Tx, new: &Delegation) -> Result<Vec<Difference>, Problem> {
    if new.person == new.delegate {
        return Err(refused("nobody acts in their own place".to_owned()).at("delegate"));
    }
    if new.to <= new.from || new.to <= tx.now() {
        return Err(
            refused("a delegation ends after it begins, and later than now".to_owned()).at("to")
        );
    }
    let person = known(tx, new.person, "person").await?;
    let delegate = known(tx, new.delegate, "delegate").await?;
    if !carry(&person.roles, Permission::ApproveCredit) {
        let why = format!("{} approves nothing that could be delegated", person.name);
        return Err(refused(why).at("person"));
    }
    tx.add_delegation(new).await?;
    // Their desk hears of it by their own row.
    tx.put(&delegate).await?;
    let after = json!({ "in_place_of": person.name, "from": new.from, "to": new.to });
    let about = format!("{} approves", delegate.name);
    Ok(Difference::between(&about, None, &after, |_| true))
}

async fn known(tx: &mut Tx, person: PersonId, path: &str) -> Result<Person, Problem> {
    let found = store::get::<Person>(tx.conn(), person).await?;
    let nobody = || refused(format!("there is no person {person}")).at(path);
    Ok(found.ok_or_else(nobody)?.row)
}

async fn put_policy(tx: &mut Tx, policy: &Policy) -> Result<Vec<Difference>, Problem> {
    for currency in policy.rates.keys() {
        let unit = makegood_domain::Currency::parse(currency)
            .ok_or_else(|| refused(format!("{currency} is no currency")).at("rates"))?;
        if *currency == policy.base {
            let why = format!("{currency} is the base currency; it has no rate");
            return Err(refused(why).at("rates"));
        }
        policy.weight(makegood_domain::Money::new(1, unit))?;
    }
    for limit in policy.role_limits.values().chain([&policy.limit]) {
        if limit.currency().code() != policy.base || limit.minor() <= 0 {
            let why =
                format!("{} is no limit in {}, the base currency", limit.display(), policy.base);
            return Err(refused(why).at("limit"));
        }
    }
    tx.lock(Lock::Policy).await?;
    let before = store::policy::in_force(tx.conn()).await.ok();
    let last = before.as_ref().map_or(0, |before| before.version);
    if policy.version <= last {
        let why = format!("approval matrix v{last} is in force; the next is later than that");
        return Err(refused(why).at("version"));
    }
    tx.put(policy).await?;
    let detail = json!({ "before": last, "after": policy.version });
    tx.audit("policy.put", ("policy", &policy.key()), None, detail);
    let before = before.map(|before| json!(before));
    Ok(Difference::between("approval matrix", before.as_ref(), &json!(policy), |_| true))
}

impl App {
    /// Whether whoever runs this machine may still set people and the approval matrix by themselves:
    /// until there is a contract, and with it something that money rests on.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn is_being_set_up(&self) -> Result<bool, Problem> {
        let mut conn = self.store().reading().await?;
        Ok(!store::contract::any(&mut conn).await?)
    }

    /// Whether fewer than two people administer all of it: then nobody could decide what the other proposes, and so not
    /// even make a second administrator.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn lacks_administrators(&self) -> Result<bool, Problem> {
        let mut conn = self.store().reading().await?;
        let people = store::list::<Person>(&mut conn, "1 = 1", &[]).await?;
        let administer = people.into_iter().map(|found| found.row);
        let administer = administer.filter(|one| carry(&one.roles, Permission::Administer));
        let ids: BTreeSet<PersonId> = administer.map(|one| one.id).collect();
        let scopes = store::person::scopes(&mut conn, &ids).await?;
        Ok(scopes.values().filter(|(scope, _)| *scope == Scope::All).count() < 2)
    }

    /// Adds a person, or changes name, roles and scope of the one with the same issuer and subject;
    /// their id. Only for setting up, or to join a lone administrator: else it takes two ([`crate::proposal`]).
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn put_person(&self, person: &Person, scope: &Scope) -> Result<PersonId, Problem> {
        let mut tx = self.store().begin(None).await?;
        let known = tx.person_by_subject(&person.issuer, &person.subject).await?;
        let person = Person { id: known.unwrap_or(person.id), ..person.clone() };
        put_person(&mut tx, &person, scope).await?;
        tx.commit().await?;
        Ok(person.id)
    }

    /// Puts a new version of the approval matrix in force. What is proposed already keeps the
    /// version it was proposed under. Only for setting up: later it takes two
    /// ([`crate::proposal`]).
    ///
    /// # Errors
    /// [`Code::Invalid`] when the version is not the next, or a rate or the limit is unusable.
    pub async fn put_policy(&self, policy: &Policy) -> Result<(), Problem> {
        let mut tx = self.store().begin(None).await?;
        put_policy(&mut tx, policy).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Issues a token for `days`. Issued by an administrator it waits for a second one; issued on
    /// this machine (`issuer` absent), by whoever runs central, it is good at once.
    ///
    /// # Errors
    /// [`Code::NotFound`] for a person who is not listed; [`Code::Invalid`] for days out of range.
    pub async fn issue_token(
        &self,
        issuer: Option<PersonId>,
        person: PersonId,
        kind: TokenKind,
        days: i64,
    ) -> Result<Issued, Problem> {
        if !(1..=LONGEST).contains(&days) {
            let why = format!("a token lives 1 to {LONGEST} days, not {days}");
            return Err(Problem::new(Code::Invalid, why).at("days"));
        }
        let mut tx = self.store().begin(issuer).await?;
        if tx.get::<Person>(person).await?.is_none() {
            return Err(Problem::new(Code::NotFound, format!("there is no person {person}")));
        }
        let text = crate::auth::new_token(self.random());
        let expires_at = tx.now() + chrono::TimeDelta::days(days);
        let (id, hash) = (self.store().ids().make(), crate::auth::hash(&text));
        let confirmed = issuer.is_none();
        let token = NewToken { confirmed, ..NewToken::new(id, person, kind, hash, expires_at) };
        tx.add_token(&token).await?;
        tx.commit().await?;
        Ok(Issued { id: token.id, text, expires_at })
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::Database`].
    pub async fn revoke_token(&self, id: TokenId) -> Result<(), Problem> {
        let mut tx = self.store().begin(None).await?;
        tx.revoke_token(id).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn refused(why: String) -> Problem {
    Problem::new(Code::Invalid, why)
}
