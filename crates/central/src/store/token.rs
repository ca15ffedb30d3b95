//! Access tokens, by the hash of their text, and who stands behind one.

use super::{Arg, Tx, fetch_optional, int, opt_int, text};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::{PersonId, TokenId},
    person::{Actor, Person, TokenKind},
};
use sqlx::AnyConnection;

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
}

/// A token that is good now: never its text, nor its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
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
    let sql = "select person, kind, issued_at, expires_at, confirmed_by from token \
               where expires_at > $1 and revoked_at is null and confirmed_at is not null \
               order by issued_at, id";
    let rows = super::fetch(conn, sql, &[Arg::Int(now.timestamp())]).await?;
    rows.iter()
        .map(|row| {
            Ok(Good {
                person: super::id(&text(row, 0)?)?,
                kind: text(row, 1)?,
                issued_at: super::instant(int(row, 2)?)?,
                expires_at: super::instant(int(row, 3)?)?,
                confirmed_by: super::opt_text(row, 4)?.map(|id| super::id(&id)).transpose()?,
            })
        })
        .collect()
}

fn kind_text(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Session => "session",
        TokenKind::Personal => "personal",
    }
}

fn invalid() -> Problem {
    Problem::new(
        Code::TokenInvalid,
        "the token is unknown, expired or revoked; ask an administrator for a new one",
    )
}

/// Who stands behind the token with this hash.
///
/// # Errors
/// [`Code::TokenInvalid`]; [`Code::Database`].
pub async fn actor_by_hash(
    conn: &mut AnyConnection,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Actor, Problem> {
    actor(conn, "hash = $1", Arg::text(hash), now).await
}

/// Who stands behind this token, as of now.
///
/// # Errors
/// [`Code::TokenInvalid`]; [`Code::Database`].
pub async fn actor_by_id(
    conn: &mut AnyConnection,
    id: TokenId,
    now: DateTime<Utc>,
) -> Result<Actor, Problem> {
    actor(conn, "id = $1", Arg::text(id), now).await
}

async fn actor(
    conn: &mut AnyConnection,
    filter: &str,
    key: Arg,
    now: DateTime<Utc>,
) -> Result<Actor, Problem> {
    let sql = format!(
        "select id, person, kind, expires_at, revoked_at, confirmed_at from token where {filter}"
    );
    let row = fetch_optional(conn, &sql, &[key]).await?.ok_or_else(invalid)?;
    let usable = int(&row, 3)? > now.timestamp()
        && opt_int(&row, 4)?.is_none()
        && opt_int(&row, 5)?.is_some();
    if !usable {
        return Err(invalid());
    }
    let token = text(&row, 0)?.parse().map_err(|_| invalid())?;
    let token_kind = match text(&row, 2)?.as_str() {
        "session" => TokenKind::Session,
        _ => TokenKind::Personal,
    };
    let person = super::get::<Person>(conn, text(&row, 1)?).await?.ok_or_else(invalid)?.row;
    let (scope, scope_revision) = super::person::scope(conn, person.id).await?;
    let acts_for = super::delegation::acts_for(conn, person.id, now).await?;
    Ok(Actor {
        person: person.id,
        name: person.name,
        roles: person.roles,
        scope,
        scope_revision,
        token,
        token_kind,
        acts_for,
    })
}

impl Tx {
    /// Keeps a token and puts it on record.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn add_token(&mut self, token: &NewToken) -> Result<(), Problem> {
        let now = self.now().timestamp();
        let sql = "insert into token (id, person, kind, hash, issued_at, issued_by, expires_at, \
                   confirmed_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
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
        ];
        self.execute(sql, &args).await?;
        let detail = serde_json::json!({
            "person": token.person, "kind": kind_text(token.kind),
            "expires_at": token.expires_at, "confirmed": token.confirmed,
        });
        self.audit("token.issued", ("token", &token.id.to_string()), None, detail);
        Ok(())
    }

    /// A second administrator lets a token that was issued over HTTP take effect (law 5).
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::OwnProposal`], [`Code::WrongState`], [`Code::Database`].
    pub async fn confirm_token(&mut self, id: TokenId, by: PersonId) -> Result<(), Problem> {
        let sql = "select person, issued_by, confirmed_at, revoked_at from token where id = $1";
        let row = self.fetch(sql, &[Arg::text(id)]).await?.pop().ok_or_else(|| no_token(id))?;
        let by_text = by.to_string();
        if text(&row, 0)? == by_text || super::opt_text(&row, 1)? == Some(by_text.clone()) {
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
