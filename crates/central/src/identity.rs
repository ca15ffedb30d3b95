//! Signing in: an identity provider's ID token is exchanged, once, for a session of central's own.
//!
//! The desk talks to the provider (authorization code with PKCE, or the device flow); central sees
//! the ID token alone, checks it against the provider's keys, and takes (issuer, subject) for the
//! person (law 5). A token with a nonce is taken only from whoever knows the secret that the nonce
//! is the hash of: a token that leaked is worth nothing without it.

mod claims;
mod keys;
mod provider;

pub use provider::{Provider, RoleName};

use crate::{
    app::App,
    store::{self, Lock, Tx, token::NewToken},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use claims::{Checked, Granted};
use makegood_domain::{
    Clock, Code, Problem,
    id::{PersonId, TokenId},
    person::{Person, Scope, TokenKind},
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Longest an ID token may have been under way, from its issue to its exchange.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// How far a provider's clock may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// A central's identity provider, with what is known of its keys.
#[derive(Debug)]
pub struct Identity {
    provider: Provider,
    keys: keys::Keys,
}

/// Somebody who has just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session's token: shown this once.
    pub token: String,
    /// Its id.
    pub id: TokenId,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Who they are.
    pub person: Person,
}

impl Identity {
    /// An identity provider by its settings; it is asked when somebody signs in.
    ///
    /// # Errors
    /// [`Code::Invalid`] for settings that contradict themselves.
    pub fn new(provider: Provider) -> Result<Self, Problem> {
        provider.check()?;
        Ok(Self { keys: keys::Keys::new(&provider.issuer)?, provider })
    }

    /// Its settings.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Checks an ID token against the provider's keys; asks for them anew when it names an unknown
    /// one.
    async fn checked(
        &self,
        token: &str,
        nonce: Option<&str>,
        clock: &Clock,
    ) -> Result<Checked, Problem> {
        let token = claims::read(token)?;
        let held = self.keys.held(clock.now()).await?;
        match claims::check(&token, held, &self.provider, nonce, clock) {
            Err(claims::Unfit::UnknownKey) => {
                let anew = self.keys.anew(clock.now()).await?;
                claims::check(&token, anew, &self.provider, nonce, clock)
            }
            known => known,
        }
        .map_err(Problem::from)
    }
}

impl App {
    /// Exchanges an ID token for a session. `nonce` is the secret whose hash the provider put into
    /// the token ([`nonce_of`]); a token without a nonce (a refreshed one, a device's) needs none.
    ///
    /// # Errors
    /// [`Code::SignInUnset`] without a provider; [`Code::SignInInvalid`] with the claim that does not
    /// hold, [`Code::SignInExpired`], [`Code::SignInReplayed`]; [`Code::PersonUnknown`] and
    /// [`Code::RoleMissing`] for somebody who may not work here; [`Code::ProviderUnreachable`],
    /// [`Code::ProviderAnswer`]; [`Code::Database`].
    pub async fn sign_in(&self, id_token: &str, nonce: Option<&str>) -> Result<SignedIn, Problem> {
        let identity = self.identity()?;
        let checked = identity.checked(id_token, nonce, self.store().clock()).await?;
        let mut tx = self.store().begin(None).await?;
        tx.lock(Lock::People).await?;
        let origin = origin(id_token);
        if tx.knows_origin(&origin).await? {
            return Err(Problem::new(
                Code::SignInReplayed,
                "this sign-in has been used already; sign in again",
            ));
        }
        let person = admit(&mut tx, &checked, identity.provider()).await?;
        if person.roles.is_empty() {
            // Whoever was admitted stays listed, so that somebody can give them a role.
            tx.commit().await?;
            let why = format!("{} has no role here; ask an administrator for one", person.name);
            return Err(Problem::new(Code::RoleMissing, why));
        }
        let text = crate::auth::new_token(self.random());
        let hours = TimeDelta::hours(i64::from(identity.provider().session_hours));
        let token = NewToken {
            origin: Some(origin),
            ..NewToken::new(
                self.store().ids().make(),
                person.id,
                TokenKind::Session,
                crate::auth::hash(&text),
                tx.now() + hours,
            )
        };
        tx.add_token(&token).await?;
        tx.commit().await?;
        Ok(SignedIn { token: text, id: token.id, expires_at: token.expires_at, person })
    }

    /// The identity provider.
    ///
    /// # Errors
    /// [`Code::SignInUnset`].
    pub(crate) fn identity(&self) -> Result<&Identity, Problem> {
        self.provider().ok_or_else(|| {
            let why = "this central has no identity provider; ask an administrator for a token";
            Problem::new(Code::SignInUnset, why)
        })
    }
}

/// The nonce that goes into an authentication request: the hash of a secret that stays with whoever
/// makes the request.
#[must_use]
pub fn nonce_of(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// What tells one ID token from every other: the hash of what was signed, without the signature,
/// which can be written in more than one way.
fn origin(id_token: &str) -> String {
    let signed = id_token.rsplit_once('.').map_or(id_token, |(signed, _)| signed);
    hex::encode(Sha256::digest(signed.as_bytes()))
}

/// The person behind a checked token: as they are listed, with what the claims say about them.
async fn admit(tx: &mut Tx, checked: &Checked, provider: &Provider) -> Result<Person, Problem> {
    let known = tx.person_by_subject(&provider.issuer, &checked.subject).await?;
    let (before, scope_before) = match known {
        Some(id) => {
            let row = tx.get::<Person>(id).await?.ok_or_else(|| store::missing("person"))?.row;
            let (scope, _) = store::person::scope(tx.conn(), id).await?;
            (Some(row), scope)
        }
        None if provider.admit_unknown => (None, nobody()),
        None => {
            let why = "you are not listed at this central; ask an administrator to add you";
            return Err(Problem::new(Code::PersonUnknown, why));
        }
    };
    let Granted { roles, customers } = &checked.granted;
    let scope = match customers {
        Some(keys) => scope_of(tx, keys).await?,
        None => scope_before.clone(),
    };
    let id: PersonId = known.unwrap_or_else(|| tx.store().ids().make());
    let listed = before.clone().unwrap_or_else(|| Person {
        id,
        issuer: provider.issuer.clone(),
        subject: checked.subject.clone(),
        name: checked.name.clone(),
        roles: BTreeSet::new(),
    });
    let person = match roles {
        Some(roles) => Person { name: checked.name.clone(), roles: roles.clone(), ..listed },
        None => listed,
    };
    if before.as_ref() != Some(&person) || scope_before != scope {
        tx.put_person(&person, &scope).await?;
    }
    Ok(person)
}

fn nobody() -> Scope {
    Scope::Customers(BTreeSet::new())
}

/// Customers by the keys that a claim names; `*` stands for all. A key that no customer has grants
/// nothing.
async fn scope_of(tx: &mut Tx, keys: &BTreeSet<String>) -> Result<Scope, Problem> {
    if keys.contains("*") {
        return Ok(Scope::All);
    }
    let mut held = BTreeSet::new();
    for key in keys {
        match store::customer::by_key(tx.conn(), key).await? {
            Some(customer) => {
                held.insert(customer.row.id);
            }
            None => tracing::warn!("a sign-in's claims name a customer that there is not"),
        }
    }
    Ok(Scope::Customers(held))
}
