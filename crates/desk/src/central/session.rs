//! Signing in and out at central, and the tokens that somebody has there.

use super::Central;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{CustomerId, TokenId},
    person::{Permission, TokenKind},
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `GET /v1/discovery`: who answers there, before anybody has signed in.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Discovery {
    pub(crate) company: String,
    pub(crate) demo: bool,
    #[serde(default)]
    pub(crate) sign_in: Option<Offer>,
}

/// Where people of a central sign in, and as which client the desk asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
}

/// A session, as central opened it.
#[derive(Debug, Deserialize)]
pub(crate) struct Opened {
    pub(crate) token: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) name: String,
}

/// What an ID token is exchanged with.
#[derive(Debug, Serialize)]
pub(crate) struct Proof<'a> {
    pub(crate) id_token: &'a str,
    pub(crate) nonce: Option<&'a str>,
}

/// `GET /v1/tokens`: one's own.
#[derive(Debug, Deserialize)]
pub(crate) struct Own {
    pub(crate) tokens: Vec<Held>,
    pub(crate) asked_with: TokenId,
}

/// A token that is good still.
#[derive(Debug, Deserialize)]
pub(crate) struct Held {
    pub(crate) id: TokenId,
    pub(crate) kind: TokenKind,
    pub(crate) name: Option<String>,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used_on: Option<chrono::NaiveDate>,
    pub(crate) permissions: Option<BTreeSet<Permission>>,
    pub(crate) customers: Option<BTreeSet<CustomerId>>,
}

/// A personal token, as it is asked for.
#[derive(Debug, Serialize)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) permissions: BTreeSet<Permission>,
    pub(crate) customers: Option<BTreeSet<CustomerId>>,
    pub(crate) days: i64,
}

/// A personal token, the one time that it is shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Made {
    pub(crate) id: TokenId,
    pub(crate) token: String,
    pub(crate) expires_at: DateTime<Utc>,
}

impl Central {
    /// Who answers there, and how people sign in.
    ///
    /// # Errors
    /// [`makegood_domain::Code::CentralUnreachable`], [`makegood_domain::Code::CentralAnswer`].
    pub(crate) async fn discovery(&self) -> Result<Discovery, Problem> {
        self.json(self.open_request(Method::GET, "v1/discovery")?).await
    }

    /// Exchanges an ID token for a session.
    ///
    /// # Errors
    /// As [`Central::discovery`], and why central does not take it.
    pub(crate) async fn open_session(&self, proof: &Proof<'_>) -> Result<Opened, Problem> {
        self.json(self.open_request(Method::POST, "v1/session")?.json(proof)).await
    }

    /// Ends the session.
    ///
    /// # Errors
    /// As [`Central::scope`].
    pub async fn close_session(&self) -> Result<(), Problem> {
        self.done(self.request(Method::DELETE, "v1/session")?).await
    }

    /// One's own tokens.
    ///
    /// # Errors
    /// As [`Central::scope`].
    pub(crate) async fn tokens(&self) -> Result<Own, Problem> {
        self.json(self.request(Method::GET, "v1/tokens")?).await
    }

    /// Makes a personal token.
    ///
    /// # Errors
    /// As [`Central::scope`], and why central makes no such token.
    pub(crate) async fn make_token(&self, wanted: &Wanted) -> Result<Made, Problem> {
        self.json(self.request(Method::POST, "v1/tokens/personal")?.json(wanted)).await
    }

    /// Ends one of one's own tokens.
    ///
    /// # Errors
    /// As [`Central::scope`].
    pub(crate) async fn revoke_token(&self, id: TokenId) -> Result<(), Problem> {
        self.done(self.request(Method::DELETE, &format!("v1/tokens/{id}"))?).await
    }
}
