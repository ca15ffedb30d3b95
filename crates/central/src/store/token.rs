//! Access tokens, by the hash of their text, and who stands behind one.

use super::{Arg, Tx, fetch_optional, from_json, int, opt_int, opt_text, text};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::{CustomerId, PersonId, TokenId},
    person::{Permission, TokenKind},
};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::{BTreeMap, BTreeSet};

/// A token to be kept.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub person: PersonId,
    /// Its kind.
    pub kind: TokenKind,
    /// SHA-256 of its text, hex.
    pub hash: String,
    /// From then on it is worth nothing.
    pub expires_at: DateTime<Utc>,
    /// Whether it is good at once, or waits for a second person.
    pub confirmed: bool,
    /// What tells the ID token that it was exchanged for from every other.
    pub origin: Option<String>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// What it may do of what its owner may; `None`: all of it.
    pub permissions: Option<BTreeSet<Permission>>,
    /// Whom it may see of whom its owner may; `None`: all of them.
    pub customers: Option<BTreeSet<CustomerId>>,
}

impl NewToken {
    /// A token that is good at once, for all that its owner may do and see.
    #[must_use]
    pub fn new(
        id: TokenId,
        person: PersonId,
        kind: TokenKind,
        hash: String,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            person,
            kind,
            hash,
            expires_at,
            confirmed: true,
            origin: None,
            name: None,
            permissions: None,
            customers: None,
        }
    }
}

/// A token that is good still, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Held {
    /// Its id.
    pub id: TokenId,
    /// Its kind.
    pub kind: TokenKind,
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The day (UTC) on which it was last used, if it ever was.
    pub used_on: Option<String>,
    /// What it is confined to; `None`: all that its owner may do.
    pub permissions: Option<BTreeSet<Permission>>,
    /// Whom it is confined to; `None`: all whom its owner may see.
    pub customers: Option<BTreeSet<CustomerId>>,
}

/// A token that is good now: never its text, nor its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// Its id, by which it is revoked.
    pub id: TokenId,
    /// Whose it is.
    pub person: PersonId,
    /// `session` or `personal`.
    pub kind: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// From then on it is worth nothing.
    pub expires_at: DateTime<Utc>,
    /// Which administrator confirmed it; absent: it was issued on central's machine.
    pub confirmed_by: Option<PersonId>,
}

/// The tokens that are good now, the oldest first.
///
/// # Errors
/// [`Code::Database`].
pub async fn good(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<Vec<Good>, Problem> {
    let sql = "select person, kind, issued_at, expires_at, confirmed_by, id from token \
               where expires_at > $1 and revoked_at is null and confirmed_at is not null \
               order by issued_at, id";
    let rows = super::fetch(conn, sql, &[Arg::Int(now.timestamp())]).await?;
    rows.iter()
        .map(|row| {
            Ok(Good {
                id: super::id(&text(row, 5)?)?,
                person: super::id(&text(row, 0)?)?,
                kind: text(row, 1)?,
                issued_at: super::instant(int(row, 2)?)?,
                expires_at: super::instant(int(row, 3)?)?,
                confirmed_by: super::opt_text(row, 4)?.map(|id| super::id(&id)).transpose()?,
            })
        })
        .collect()
}

/// The day (UTC) on which each person last came in by any of their tokens.
///
/// # Errors
/// [`Code::Database`].
pub async fn last_used(conn: &mut AnyConnection) -> Result<BTreeMap<PersonId, String>, Problem> {
    let sql = "select person, max(used_on) from token where used_on is not null group by person";
    let rows = super::fetch(conn, sql, &[]).await?;
    rows.iter().map(|row| Ok((super::id(&text(row, 0)?)?, text(row, 1)?))).collect()
}

fn kind_text(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Session => "session",
        TokenKind::Personal => "personal",
    }
}

pub(super) fn kind_of(text: &str) -> TokenKind {
    match text {
        "session" => TokenKind::Session,
        _ => TokenKind::Personal,
    }
}

pub(super) fn invalid() -> Problem {
    Problem::new(
        Code::TokenInvalid,
        "the token is unknown or revoked; sign in, or ask an administrator for a new one",
    )
}

/// A day (UTC), as the use of a token is noted.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// A list in a column, where there is one.
pub(super) fn list<T: serde::de::DeserializeOwned + Ord>(
    row: &AnyRow,
    column: usize,
) -> Result<Option<BTreeSet<T>>, Problem> {
    opt_text(row, column)?.map(|text| from_json(&text)).transpose()
}

/// The tokens of a person that are good still, the newest first.
///
/// # Errors
/// [`Code::Database`].
pub async fn held(
    conn: &mut AnyConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Held>, Problem> {
    let sql = "select id, kind, name, issued_at, expires_at, used_on, permissions, customers \
               from token where person = $1 and revoked_at is null and confirmed_at is not null \
               and expires_at > $2 order by issued_at desc, id desc";
    let rows = super::fetch(conn, sql, &[Arg::text(person), Arg::Int(now.timestamp())]).await?;
    rows.iter()
        .map(|row| {
            Ok(Held {
                id: super::id(&text(row, 0)?)?,
                kind: kind_of(&text(row, 1)?),
                name: opt_text(row, 2)?,
                issued_at: super::instant(int(row, 3)?)?,
                expires_at: super::instant(int(row, 4)?)?,
                used_on: opt_text(row, 5)?,
                permissions: list(row, 6)?,
                customers: list(row, 7)?,
            })
        })
        .collect()
}

/// Whose token this is.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Database`].
pub async fn owner(conn: &mut AnyConnection, id: TokenId) -> Result<PersonId, Problem> {
    let sql = "select person from token where id = $1";
    let row = fetch_optional(conn, sql, &[Arg::text(id)]).await?.ok_or_else(|| no_token(id))?;
    super::id(&text(&row, 0)?)
}

impl super::Store {
    /// Notes that a token was used today: written once a day, and no event, because nobody decided
    /// anything.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn token_used(&self, id: TokenId) -> Result<(), Problem> {
        let mut tx = self.begin(None).await?;
        let args = [Arg::text(id), Arg::text(day(tx.now()))];
        tx.execute("update token set used_on = $2 where id = $1", &args).await?;
        tx.commit().await.map(|_| ())
    }
}

impl Tx {
    /// Keeps a token and puts it on record.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn add_token(&mut self, token: &NewToken) -> Result<(), Problem> {
        let now = self.now().timestamp();
        let sql = "insert into token (id, person, kind, hash, issued_at, issued_by, expires_at, \
                   confirmed_at, origin, name, permissions, customers) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let issuer = self.person();
        let args = [
            Arg::text(token.id),
            Arg::text(token.person),
            Arg::text(kind_text(token.kind)),
            Arg::text(&token.hash),
            Arg::Int(now),
            Arg::opt_text(issuer),
            Arg::Int(token.expires_at.timestamp()),
            Arg::opt_int(token.confirmed.then_some(now)),
            Arg::opt_text(token.origin.as_ref()),
            Arg::opt_text(token.name.as_ref()),
            Arg::opt_text(token.permissions.as_ref().map(super::to_json).transpose()?),
            Arg::opt_text(token.customers.as_ref().map(super::to_json).transpose()?),
        ];
        self.execute(sql, &args).await?;
        let detail = serde_json::json!({
            "person": token.person, "kind": kind_text(token.kind),
            "expires_at": token.expires_at, "confirmed": token.confirmed,
            "signed_in": token.origin.is_some(),
            "permissions": token.permissions, "customers": token.customers,
        });
        self.audit("token.issued", ("token", &token.id.to_string()), None, detail);
        Ok(())
    }

    /// Whether a token was issued for this ID token already.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn knows_origin(&mut self, origin: &str) -> Result<bool, Problem> {
        let sql = "select 1 from token where origin = $1";
        Ok(!self.fetch(sql, &[Arg::text(origin)]).await?.is_empty())
    }

    /// A second administrator lets a token that was issued over HTTP take effect (law 5).
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::OwnProposal`], [`Code::WrongState`], [`Code::Database`].
    pub async fn confirm_token(&mut self, id: TokenId, by: PersonId) -> Result<(), Problem> {
        let sql = "select person, issued_by, confirmed_at, revoked_at from token where id = $1";
        let row = self.fetch(sql, &[Arg::text(id)]).await?.pop().ok_or_else(|| no_token(id))?;
        let by_text = by.to_string();
        if text(&row, 0)? == by_text || opt_text(&row, 1)? == Some(by_text.clone()) {
            return Err(Problem::new(
                Code::OwnProposal,
                "whoever issued a token, or will use it, can't confirm it; ask another administrator",
            ));
        }
        if opt_int(&row, 2)?.is_some() || opt_int(&row, 3)?.is_some() {
            return Err(Problem::new(
                Code::WrongState,
                "the token is confirmed or revoked already; there is nothing to confirm",
            ));
        }
        let now = self.now().timestamp();
        let sql = "update token set confirmed_at = $1, confirmed_by = $2 where id = $3";
        self.execute(sql, &[Arg::Int(now), Arg::text(by), Arg::text(id)]).await?;
        self.audit("token.confirmed", ("token", &id.to_string()), None, serde_json::json!({}));
        Ok(())
    }

    /// Ends a token. One that is revoked already stays so.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Database`].
    pub async fn revoke_token(&mut self, id: TokenId) -> Result<(), Problem> {
        let now = self.now().timestamp();
        let sql = "update token set revoked_at = coalesce(revoked_at, $1) where id = $2";
        if self.execute(sql, &[Arg::Int(now), Arg::text(id)]).await? == 0 {
            return Err(no_token(id));
        }
        self.audit("token.revoked", ("token", &id.to_string()), None, serde_json::json!({}));
        Ok(())
    }
}

fn no_token(id: TokenId) -> Problem {
    Problem::new(Code::NotFound, format!("there is no token {id}"))
}
