//! What an ID token says, once it holds.

use super::{AHEAD, FRESH, Provider, nonce_of};
use chrono::TimeDelta;
use makegood_domain::{Clock, Code, Problem, person::Role};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenClaims, IssuerUrl, Nonce,
    SignatureVerificationError,
    core::{
        CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm as Algorithm,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, str::FromStr as _};

/// The algorithms that are taken: public keys alone. `none` and shared secrets are never among them.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];
/// Longest name that is taken from a claim, in characters.
const LONGEST_NAME: usize = 200;

/// An ID token as it was sent, not yet checked.
pub(super) type Token =
    IdToken<Others, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, Algorithm>;

/// The claims that OpenID Connect does not name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

/// What a token that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) subject: String,
    pub(super) name: String,
    pub(super) granted: Granted,
}

/// What the claims grant; `None` where central's own table does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) roles: Option<BTreeSet<Role>>,
    /// Keys of customers.
    pub(super) customers: Option<BTreeSet<String>>,
}

/// Why a token does not hold.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It names a key that is not among the provider's, as far as we know them.
    UnknownKey,
    /// Anything else.
    For(Problem),
}

impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::UnknownKey => {
                invalid("signature", "it is signed by none of the provider's present keys")
            }
            Unfit::For(problem) => problem,
        }
    }
}

fn invalid(at: &str, why: &str) -> Problem {
    let message = format!(
        "the identity provider's token does not hold ({at}): {why}; sign in again, and if that does \
         not help have an administrator compare central's settings with the provider's"
    );
    Problem::new(Code::SignInInvalid, message).at(at)
}

fn expired(why: &str) -> Problem {
    Problem::new(Code::SignInExpired, format!("{why}; sign in again"))
}

/// Reads an ID token, without believing it.
///
/// # Errors
/// [`Code::SignInInvalid`].
pub(super) fn read(text: &str) -> Result<Token, Problem> {
    Token::from_str(text).map_err(|_| invalid("id_token", "it is no ID token"))
}

/// Whether a token holds: signature, issuer, audience, expiry, age, nonce and last authentication.
pub(super) fn check(
    token: &Token,
    keys: CoreJsonWebKeySet,
    provider: &Provider,
    nonce: Option<&str>,
    clock: &Clock,
) -> Result<Checked, Unfit> {
    let issuer = IssuerUrl::new(provider.issuer.clone())
        .map_err(|_| Unfit::For(invalid("iss", "central's issuer is no URL")))?;
    let audience = ClientId::new(provider.audience().to_owned());
    let now = clock.now();
    let verifier = CoreIdTokenVerifier::new_public_client(audience, issuer, keys)
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued| match now - issued {
            age if age > FRESH => Err("it has been under way for too long".to_owned()),
            age if age < -AHEAD => Err("it comes from the future".to_owned()),
            _ => Ok(()),
        });
    let proven = |claimed: Option<&Nonce>| match (claimed, nonce) {
        (None, None) => Ok(()),
        (Some(claimed), Some(secret)) if *claimed.secret() == nonce_of(secret) => Ok(()),
        _ => Err("the nonce is not of this sign-in".to_owned()),
    };
    let claims = token.claims(&verifier, proven).map_err(|error| unfit(&error))?;
    if let Some(proved_at) = claims.auth_time()
        && now - proved_at > TimeDelta::days(i64::from(provider.sign_in_days))
    {
        let why =
            format!("you last proved who you are more than {} days ago", provider.sign_in_days);
        return Err(Unfit::For(expired(&why)));
    }
    let subject = claims.subject().as_str().to_owned();
    let others = &claims.additional_claims().0;
    Ok(Checked { name: name(claims, &subject), granted: granted(others, provider), subject })
}

fn unfit(error: &ClaimsVerificationError) -> Unfit {
    use ClaimsVerificationError as E;
    Unfit::For(match error {
        E::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            return Unfit::UnknownKey;
        }
        E::Expired(_) => expired("the sign-in has run out, or central's clock is wrong"),
        E::InvalidAuthTime(_) => expired("you last proved who you are too long ago"),
        E::InvalidIssuer(_) => invalid("iss", "another provider issued it"),
        E::InvalidAudience(_) => invalid("aud", "it is not, or not only, for this central"),
        E::InvalidNonce(_) => invalid("nonce", "it does not belong to this sign-in"),
        E::InvalidSubject(_) => invalid("sub", "it names nobody"),
        E::SignatureVerification(SignatureVerificationError::DisallowedAlg(_)) => {
            invalid("alg", "its signature is of a kind that is not taken")
        }
        E::SignatureVerification(_) => invalid("signature", "its signature is not the provider's"),
        _ => invalid("id_token", "it is not an ID token that is taken here"),
    })
}

/// The name to show: what the provider calls them, or else their id there.
fn name(claims: &IdTokenClaims<Others, CoreGenderClaim>, subject: &str) -> String {
    let full = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let user = claims.preferred_username().map(|name| name.as_str());
    let mail = claims.email().map(|mail| mail.as_str());
    let shown =
        [full, user, mail].into_iter().flatten().map(str::trim).find(|text| !text.is_empty());
    let whole = shown.unwrap_or(subject).chars().filter(|c| !c.is_control());
    whole.take(LONGEST_NAME).collect()
}

fn granted(others: &Map<String, Value>, provider: &Provider) -> Granted {
    let role = |value: &str| match provider.roles.as_slice() {
        [] => Role::parse(value),
        named => named.iter().find(|one| one.value == value).map(|one| one.role),
    };
    let roles = provider.roles_claim.as_deref();
    let customers = provider.customers_claim.as_deref();
    Granted {
        roles: roles.map(|at| values(others, at).iter().filter_map(|value| role(value)).collect()),
        customers: customers.map(|at| values(others, at)),
    }
}

/// The texts of a claim. Its name is looked for whole (it may be a URL), then as a path of names.
/// A claim that is not there grants nothing.
fn values(others: &Map<String, Value>, claim: &str) -> BTreeSet<String> {
    let mut parts = claim.split('.');
    let found = others.get(claim).or_else(|| {
        let first = others.get(parts.next()?)?;
        parts.try_fold(first, |inner, part| inner.get(part))
    });
    match found {
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        Some(Value::Array(many)) => {
            many.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => BTreeSet::new(),
    }
}
