//! Who stands behind a token: read for as many as ask at once, as of one moment.

use super::{
    Arg, delegation, fetch, id, int, opt_int, opt_text, person, placeholders, text, token,
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::{CustomerId, PersonId, TokenId},
    person::{Actor, Permission, Person, Role, Scope},
};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::{BTreeMap, BTreeSet};

/// How many are asked for in one statement.
const AT_ONCE: usize = 200;

/// By what a token is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bearer {
    /// SHA-256 of its text, hex.
    Hash(String),
    /// Its id.
    Id(TokenId),
}

/// Somebody with a token that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub actor: Actor,
    /// The day (UTC) on which the token was last used, if it ever was.
    pub used_on: Option<String>,
}

/// Who stands behind the token with this hash.
///
/// # Errors
/// [`Code::TokenInvalid`], [`Code::TokenExpired`]; [`Code::Database`].
pub async fn by_hash(
    conn: &mut AnyConnection,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Actor, Problem> {
    one(conn, Bearer::Hash(hash.to_owned()), now).await
}

/// Who stands behind this token, as of now.
///
/// # Errors
/// As [`by_hash`].
pub async fn by_id(
    conn: &mut AnyConnection,
    id: TokenId,
    now: DateTime<Utc>,
) -> Result<Actor, Problem> {
    one(conn, Bearer::Id(id), now).await
}

async fn one(
    conn: &mut AnyConnection,
    bearer: Bearer,
    now: DateTime<Utc>,
) -> Result<Actor, Problem> {
    let found = many(conn, std::slice::from_ref(&bearer), now).await?.remove(&bearer);
    found.unwrap_or_else(|| Err(token::invalid())).map(|known| known.actor)
}

/// Who stands behind each of these tokens.
///
/// # Errors
/// [`Code::Database`]; of one token, as [`by_hash`].
pub async fn many(
    conn: &mut AnyConnection,
    bearers: &[Bearer],
    now: DateTime<Utc>,
) -> Result<BTreeMap<Bearer, Result<Known, Problem>>, Problem> {
    let mut found = BTreeMap::new();
    for some in bearers.chunks(AT_ONCE) {
        let mut good = Vec::new();
        for bearer in some {
            found.insert(bearer.clone(), Err(token::invalid()));
        }
        for token in tokens(conn, some).await? {
            match token.is_good(now) {
                Ok(()) => good.push(token),
                Err(problem) => {
                    let bearers = token.bearers(some);
                    found.extend(bearers.map(|bearer| (bearer, Err(problem.clone()))));
                }
            }
        }
        let of: BTreeSet<PersonId> = good.iter().map(|token| token.person).collect();
        let scopes = person::scopes(conn, &of).await?;
        let acts_for = delegation::acts_for(conn, &of, now).await?;
        let people = person::people(conn, &of).await?;
        for token in good {
            let Some(person) = people.get(&token.person) else { continue };
            let scope = scopes.get(&token.person).cloned();
            let acts_for = acts_for.get(&token.person).cloned().unwrap_or_default();
            let bearers = token.bearers(some);
            let known = token.known(person, scope.unwrap_or_else(nobody), acts_for);
            found.extend(bearers.map(|bearer| (bearer, Ok(known.clone()))));
        }
    }
    Ok(found)
}

/// Nobody has granted any: no customers, revision 0.
fn nobody() -> (Scope, i64) {
    (Scope::Customers(BTreeSet::new()), 0)
}

/// A token's row.
struct Token {
    id: TokenId,
    hash: String,
    person: PersonId,
    kind: String,
    expires_at: i64,
    revoked: bool,
    confirmed: bool,
    permissions: Option<BTreeSet<Permission>>,
    customers: Option<(String, BTreeSet<CustomerId>)>,
    used_on: Option<String>,
}

async fn tokens(conn: &mut AnyConnection, bearers: &[Bearer]) -> Result<Vec<Token>, Problem> {
    let mut read = Vec::new();
    for column in ["hash", "id"] {
        let keys: Vec<Arg> = bearers
            .iter()
            .filter_map(|bearer| match (column, bearer) {
                ("hash", Bearer::Hash(hash)) => Some(Arg::text(hash)),
                ("id", Bearer::Id(id)) => Some(Arg::text(id)),
                _ => None,
            })
            .collect();
        if keys.is_empty() {
            continue;
        }
        let sql = format!(
            "select id, hash, person, kind, expires_at, revoked_at, confirmed_at, permissions, \
             customers, used_on from token where {column} in {}",
            placeholders(1, keys.len(), 1)
        );
        for row in fetch(conn, &sql, &keys).await? {
            read.push(Token::read(&row)?);
        }
    }
    Ok(read)
}

impl Token {
    fn read(row: &AnyRow) -> Result<Self, Problem> {
        let customers = token::list::<CustomerId>(row, 8)?;
        Ok(Self {
            id: id(&text(row, 0)?)?,
            hash: text(row, 1)?,
            person: id(&text(row, 2)?)?,
            kind: text(row, 3)?,
            expires_at: int(row, 4)?,
            revoked: opt_int(row, 5)?.is_some(),
            confirmed: opt_int(row, 6)?.is_some(),
            permissions: token::list(row, 7)?,
            customers: opt_text(row, 8)?.zip(customers),
            used_on: opt_text(row, 9)?,
        })
    }

    fn is_good(&self, now: DateTime<Utc>) -> Result<(), Problem> {
        if self.revoked || !self.confirmed {
            return Err(token::invalid());
        }
        if self.expires_at <= now.timestamp() {
            let why = "the session or token has run out; sign in again, or make a new token";
            return Err(Problem::new(Code::TokenExpired, why));
        }
        Ok(())
    }

    /// By which of these it was asked for: by one, or by both.
    fn bearers<'a>(&self, asked: &'a [Bearer]) -> impl Iterator<Item = Bearer> + use<'a> {
        let both = [Bearer::Hash(self.hash.clone()), Bearer::Id(self.id)];
        both.into_iter().filter(|bearer| asked.contains(bearer))
    }

    fn known(
        self,
        person: &Person,
        (scope, revision): (Scope, i64),
        acts_for: BTreeMap<PersonId, BTreeSet<Role>>,
    ) -> Known {
        let narrowing = self.customers.as_ref().map(|(text, _)| narrowing(text));
        let (scope, scope_revision) = match self.customers {
            None => (scope, revision),
            Some((text, customers)) => {
                (scope.within(&Scope::Customers(customers)), confined(revision, &text))
            }
        };
        let actor = Actor {
            person: person.id,
            name: person.name.clone(),
            roles: person.roles.clone(),
            scope,
            scope_revision,
            token: self.id,
            token_kind: token::kind_of(&self.kind),
            acts_for,
            confined_to: self.permissions,
            narrowing,
        };
        Known { actor, used_on: self.used_on }
    }
}

/// The same for whoever is confined to the same customers.
fn narrowing(customers: &str) -> String {
    hex::encode(&Sha256::digest(customers)[..8])
}

/// The revision of a scope that a token narrows: another than the person's own and than that of any
/// other narrowing, so that a mirror of the one is never continued as one of the other.
fn confined(revision: i64, customers: &str) -> i64 {
    let hash = Sha256::digest(format!("{revision} {customers}"));
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first) & i64::MAX
}
