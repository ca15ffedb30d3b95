//! What whoever runs central sets up: people with their roles and scopes, tokens, the approval
//! matrix. On this machine it is the word of one; over HTTP it takes two (law 5).

use crate::{app::App, store::token::NewToken};
use makegood_domain::{
    Code, Problem,
    id::{PersonId, TokenId},
    person::{Person, Scope, TokenKind},
    policy::Policy,
    row::Row as _,
};

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

impl App {
    /// Adds a person, or changes name, roles and scope of the one with the same issuer and subject;
    /// their id.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn put_person(&self, person: &Person, scope: &Scope) -> Result<PersonId, Problem> {
        let mut tx = self.store().begin(None).await?;
        let known = tx.person_by_subject(&person.issuer, &person.subject).await?;
        let person = Person { id: known.unwrap_or(person.id), ..person.clone() };
        tx.put_person(&person, scope).await?;
        tx.commit().await?;
        Ok(person.id)
    }

    /// Puts a new version of the approval matrix in force. What is proposed already keeps the
    /// version it was proposed under.
    ///
    /// # Errors
    /// [`Code::Invalid`] when the version is not the next, or a rate or the limit is unusable.
    pub async fn put_policy(&self, policy: &Policy) -> Result<(), Problem> {
        for currency in policy.rates.keys() {
            let unit = makegood_domain::Currency::parse(currency)
                .ok_or_else(|| refused(format!("{currency} is no currency")).at("rates"))?;
            policy.weight(makegood_domain::Money::new(1, unit))?;
        }
        if policy.limit.currency().code() != policy.base || policy.limit.minor() <= 0 {
            return Err(
                refused("the limit is an amount in the base currency".to_owned()).at("limit")
            );
        }
        let mut tx = self.store().begin(None).await?;
        tx.lock("policy").await?;
        let last = crate::store::policy::in_force(tx.conn()).await.map_or(0, |found| found.version);
        if policy.version <= last {
            let why = format!("approval matrix v{last} is in force; the next is later than that");
            return Err(refused(why).at("version"));
        }
        tx.put(policy).await?;
        let detail = serde_json::json!({ "before": last, "after": policy.version });
        tx.audit("policy.put", ("policy", &policy.key()), None, detail);
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
