//! Who is asking: from a bearer token to an [`Actor`].
//!
//! A token is shown once, when it is issued; central keeps its SHA-256. Person, roles and scope are
//! read anew with every request, once more when a body has come, and in the transaction that decides, so that
//! a revocation takes effect at once.

use crate::{
    app::App,
    problem::Refusal,
    store::{actor::Bearer, token::day},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use makegood_domain::{
    Code, Problem,
    id::CustomerId,
    person::{Actor, Permission, Scope},
    policy,
    random::Random,
    statement::Statement,
    wire::{WIRE_BEFORE, WIRE_VERSION, is_served},
};
use sha2::{Digest, Sha256};

/// What every token begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "mgd_";
/// The header with the wire's version.
pub(crate) const WIRE_HEADER: &str = "makegood-wire";

/// A new token's text: 256 random bits.
pub(crate) fn new_token(random: &Random) -> String {
    format!("{PREFIX}{}", hex::encode(random.bytes32()))
}

/// How a token is kept.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Who is asking, with a valid token and a wire version that is served.
#[derive(Debug, Clone)]
pub struct Asker(pub Actor);

impl Asker {
    /// The actor, if a role of theirs carries `permission`.
    ///
    /// # Errors
    /// [`Code::RoleMissing`].
    pub fn require(&self, permission: Permission) -> Result<&Actor, Problem> {
        policy::require(&self.0, permission)?;
        Ok(&self.0)
    }

    /// Whether they are and may what they were and might when they were asked for.
    ///
    /// # Errors
    /// [`Code::TokenInvalid`], [`Code::TokenExpired`]; [`Code::ScopeChanged`].
    pub(crate) async fn still(&self, app: &App) -> Result<(), Problem> {
        let present = app.following().asker(app.store(), Bearer::Id(self.0.token)).await?;
        if present.actor == self.0 {
            return Ok(());
        }
        let why =
            "what you may do has changed since this request began; look again, then send it again";
        Err(Problem::new(Code::ScopeChanged, why))
    }
}

impl FromRequestParts<App> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers)?;
        let store = app.store();
        let known = app.following().asker(store, Bearer::Hash(hash(token))).await?;
        wire(&parts.headers)?;
        if known.used_on != Some(day(store.clock().now()))
            && let Err(problem) = store.token_used(known.actor.token).await
        {
            tracing::warn!(code = problem.code.as_str(), "a token's use was not noted");
        }
        let asker = Self(known.actor);
        // For whoever reads the body, which may take long to come.
        parts.extensions.insert(asker.clone());
        Ok(asker)
    }
}

pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let missing = || {
        Problem::new(
            Code::TokenMissing,
            "send your token as `Authorization: Bearer …`; signing in gives one, or an administrator",
        )
    };
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let text = value.to_str().map_err(|_| missing())?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => {
            Ok(token.trim())
        }
        _ => Err(missing()),
    }
}

/// The version of the wire that the desk speaks: this release's, or the one before. A caller that
/// names none speaks the present one; a desk of another version has to be updated, or waits for
/// central's update.
///
/// # Errors
/// [`Code::WireVersion`].
pub(crate) fn wire(headers: &HeaderMap) -> Result<u32, Problem> {
    let Some(value) = headers.get(WIRE_HEADER) else { return Ok(WIRE_VERSION) };
    let version = value.to_str().ok().and_then(|text| text.trim().parse::<u32>().ok());
    if let Some(version) = version.filter(|version| is_served(*version)) {
        return Ok(version);
    }
    let asked =
        version.map_or_else(|| "an unreadable version".to_owned(), |v| format!("version {v}"));
    Err(Problem::new(
        Code::WireVersion,
        format!(
            "the desk speaks {asked} of the protocol, central {WIRE_BEFORE} and {WIRE_VERSION}; \
             update the older one"
        ),
    ))
}

/// Which version the desk speaks.
#[derive(Debug, Clone, Copy)]
pub struct Spoken(pub u32);

impl FromRequestParts<App> for Spoken {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        Ok(wire(&parts.headers).map(Self)?)
    }
}

/// Refuses a customer outside the scope.
///
/// # Errors
/// [`Code::ScopeMissing`], calling the thing by `what`.
pub(crate) fn in_scope(actor: &Actor, customer: CustomerId, what: &str) -> Result<(), Problem> {
    if actor.scope.holds(customer) {
        return Ok(());
    }
    Err(Problem::new(
        Code::ScopeMissing,
        format!("{what} lies outside your scope; ask an administrator"),
    ))
}

/// Refuses a statement of whose customers one lies outside the scope.
///
/// # Errors
/// [`Code::ScopeMissing`].
pub(crate) fn sees_whole(actor: &Actor, statement: &Statement) -> Result<(), Problem> {
    statement.tells_of().iter().try_for_each(|one| in_scope(actor, *one, "this statement"))
}

/// What concerns every customer asks for a scope that holds every customer.
///
/// # Errors
/// [`Code::ScopeMissing`].
pub(crate) fn every_customer(actor: &Actor) -> Result<(), Problem> {
    if actor.scope == Scope::All {
        return Ok(());
    }
    Err(Problem::new(
        Code::ScopeMissing,
        "this concerns every customer, and your scope holds some; ask an administrator",
    ))
}
