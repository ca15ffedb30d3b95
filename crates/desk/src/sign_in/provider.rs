//! The identity provider, as a public client sees it.

use super::{
    DeviceCode,
    http::{Unanswered, answer, client},
};
use crate::central::{Offer, is_loopback};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use makegood_domain::{Clock, Code, Problem, random::Random};
use openidconnect::{
    AdditionalProviderMetadata, AuthorizationCode, ClientId, CsrfToken, DeviceAuthorizationUrl,
    DiscoveryError, ErrorResponseType, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardErrorResponse, TokenResponse as _,
    core::{
        CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
        CoreClientAuthMethod, CoreDeviceAuthorizationResponse, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
        CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
    },
};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What a provider says about itself beyond what OpenID Connect Discovery names.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Further {
    device_authorization_endpoint: Option<DeviceAuthorizationUrl>,
    revocation_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for Further {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider whose metadata is known.
#[derive(Debug)]
pub(super) struct Provider {
    http: reqwest::Client,
    offer: Offer,
    metadata: Metadata,
    client: ClientId,
    scopes: Vec<Scope>,
}

/// A sign-in that the browser is to go on with.
pub(super) struct Begun {
    /// The address to open.
    pub(super) url: String,
    /// What the browser has to bring back.
    pub(super) state: String,
    /// What the nonce is the hash of.
    pub(super) secret: String,
    verifier: String,
    redirect: RedirectUrl,
}

/// What the provider gave.
pub(super) struct Tokens {
    pub(super) id_token: String,
    pub(super) has_nonce: bool,
    pub(super) refresh: Option<String>,
}

/// A code that waits to be typed in.
#[derive(Debug)]
pub(super) struct Asked(CoreDeviceAuthorizationResponse);

impl Asked {
    /// As it is shown.
    pub(super) fn shown(&self) -> DeviceCode {
        DeviceCode {
            address: self.0.verification_uri().to_string(),
            code: self.0.user_code().secret().clone(),
            whole: self.0.verification_uri_complete().map(|uri| uri.secret().clone()),
        }
    }
}

/// 256 random bits as text: 43 characters, as RFC 7636 asks of a verifier.
pub(super) fn secret(random: &Random) -> String {
    URL_SAFE_NO_PAD.encode(random.bytes32())
}

/// What central compares with a secret's hash.
fn nonce_of(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

impl Provider {
    /// Asks the provider that central names about itself.
    ///
    /// # Errors
    /// [`Code::ProviderUnreachable`], [`Code::ProviderAnswer`].
    pub(super) async fn discover(offer: Offer) -> Result<Self, Problem> {
        let wrong = |why: &str| {
            let why = format!("{}: {why}; have an administrator check central", offer.issuer);
            Problem::new(Code::ProviderAnswer, why)
        };
        let issuer =
            IssuerUrl::new(offer.issuer.clone()).map_err(|_| wrong("it is no provider's URL"))?;
        safe(issuer.url()).map_err(|()| wrong("it would be asked in the clear"))?;
        let http = client(is_loopback(issuer.url()))
            .map_err(|error| Problem::new(Code::Internal, format!("no connection: {error}")))?;
        let by = |request| answer(http.clone(), request);
        let metadata =
            Metadata::discover_async(issuer, &by).await.map_err(|error| match error {
                DiscoveryError::Request(_) => unreachable(&offer.issuer),
                _ => wrong("it does not answer as an OpenID provider of that name"),
            })?;
        let further = metadata.additional_metadata();
        let asked = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|url| url.url()),
            further.device_authorization_endpoint.as_ref().map(|url| url.url()),
            further.revocation_endpoint.as_ref(),
        ];
        for url in asked.into_iter().flatten() {
            safe(url).map_err(|()| wrong("one of its addresses would be asked in the clear"))?;
        }
        let asked = offer.scopes.iter().filter(|scope| *scope != "openid");
        let scopes = asked.cloned().map(Scope::new).collect();
        let client = ClientId::new(offer.client_id.clone());
        Ok(Self { http, offer, metadata, client, scopes })
    }

    /// As central named it.
    pub(super) fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Begins a sign-in in a browser that comes back to `redirect`.
    ///
    /// # Errors
    /// [`Code::Internal`] for an address that is none.
    pub(super) fn begin(&self, redirect: &str, random: &Random) -> Result<Begun, Problem> {
        let redirect = RedirectUrl::new(redirect.to_owned())
            .map_err(|error| Problem::new(Code::Internal, format!("{redirect}: {error}")))?;
        let [state, secret, verifier] = [(); 3].map(|()| secret(random));
        let (nonce, sent) = (nonce_of(&secret), state.clone());
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        let client =
            CoreClient::from_provider_metadata(self.metadata.clone(), self.client.clone(), None)
                .set_redirect_uri(redirect.clone());
        let (url, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(sent),
                move || Nonce::new(nonce),
            )
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        Ok(Begun { url: url.into(), state, secret, verifier, redirect })
    }

    /// Redeems the code that the browser brought back.
    ///
    /// # Errors
    /// [`Code::SignInRefused`], [`Code::ProviderUnreachable`], [`Code::ProviderAnswer`].
    pub(super) async fn redeem(&self, begun: &Begun, code: String) -> Result<Tokens, Problem> {
        let client =
            CoreClient::from_provider_metadata(self.metadata.clone(), self.client.clone(), None)
                .set_redirect_uri(begun.redirect.clone());
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| self.lacks("token"))?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()));
        let by = |request| answer(self.http.clone(), request);
        self.tokens(request.request_async(&by).await)
    }

    /// Asks for a code to type in on another machine.
    ///
    /// # Errors
    /// As [`Provider::redeem`]; [`Code::ProviderAnswer`] where it knows no such way.
    pub(super) async fn ask_for_code(&self, secret: &str) -> Result<Asked, Problem> {
        let url = self.metadata.additional_metadata().device_authorization_endpoint.clone();
        let client =
            CoreClient::from_provider_metadata(self.metadata.clone(), self.client.clone(), None)
                .set_device_authorization_url(url.ok_or_else(|| self.lacks("device"))?);
        let request = client
            .exchange_device_code()
            .add_scopes(self.scopes.iter().cloned())
            .add_extra_param("nonce", nonce_of(secret));
        let by = |request| answer(self.http.clone(), request);
        let asked = request.request_async(&by).await;
        asked.map(Asked).map_err(|error| self.failed(&error))
    }

    /// Waits until the code was typed in, as often as the provider allows to ask.
    ///
    /// # Errors
    /// As [`Provider::redeem`].
    pub(super) async fn redeem_code(
        &self,
        asked: &Asked,
        clock: &Clock,
    ) -> Result<Tokens, Problem> {
        let client =
            CoreClient::from_provider_metadata(self.metadata.clone(), self.client.clone(), None);
        let request = client
            .exchange_device_access_token(&asked.0)
            .map_err(|_| self.lacks("token"))?
            .set_time_fn(|| clock.now());
        let by = |request| answer(self.http.clone(), request);
        self.tokens(request.request_async(&by, tokio::time::sleep, None).await)
    }

    /// Other tokens, without the person.
    ///
    /// # Errors
    /// [`Code::SignInExpired`] when the person has to sign in again; else as [`Provider::redeem`].
    pub(super) async fn refresh(&self, refresh: String) -> Result<Tokens, Problem> {
        let refresh = RefreshToken::new(refresh);
        let client =
            CoreClient::from_provider_metadata(self.metadata.clone(), self.client.clone(), None);
        let request = client.exchange_refresh_token(&refresh).map_err(|_| self.lacks("token"))?;
        let by = |request| answer(self.http.clone(), request);
        self.tokens(request.request_async(&by).await).map_err(|problem| match problem.code {
            Code::SignInRefused => {
                let why = "the identity provider no longer renews this session; sign in again";
                Problem::new(Code::SignInExpired, why)
            }
            _ => problem,
        })
    }

    /// Tells the provider that a refresh token is no longer needed, where it wants to know (RFC
    /// 7009).
    ///
    /// # Errors
    /// [`Code::ProviderUnreachable`], [`Code::ProviderAnswer`].
    pub(super) async fn revoke(&self, refresh: String) -> Result<(), Problem> {
        let Some(url) = self.metadata.additional_metadata().revocation_endpoint.clone() else {
            return Ok(());
        };
        let mut form = Url::parse("form:")
            .map_err(|error| Problem::new(Code::Internal, format!("no form: {error}")))?;
        form.query_pairs_mut()
            .append_pair("token", &refresh)
            .append_pair("token_type_hint", "refresh_token")
            .append_pair("client_id", self.client.as_str());
        let request = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned());
        let issuer = self.metadata.issuer().as_str();
        let response = request.send().await.map_err(|_| unreachable(issuer))?;
        if response.status().is_success() { Ok(()) } else { Err(self.lacks("revocation")) }
    }

    fn tokens<T: ErrorResponseType + fmt::Display + 'static>(
        &self,
        answered: Result<
            CoreTokenResponse,
            RequestTokenError<Unanswered, StandardErrorResponse<T>>,
        >,
    ) -> Result<Tokens, Problem> {
        let answered = answered.map_err(|error| self.failed(&error))?;
        let id_token = answered.id_token().ok_or_else(|| {
            let why =
                format!("{} gave no ID token; sign in again", self.metadata.issuer().as_str());
            Problem::new(Code::ProviderAnswer, why)
        })?;
        let id_token = id_token.to_string();
        let refresh = answered.refresh_token().map(|token| token.secret().clone());
        Ok(Tokens { has_nonce: has_nonce(&id_token), id_token, refresh })
    }

    fn lacks(&self, what: &str) -> Problem {
        let issuer = self.metadata.issuer().as_str();
        let why = format!("{issuer} has no {what} endpoint that answers; sign in another way");
        Problem::new(Code::ProviderAnswer, why)
    }

    fn failed<T: ErrorResponseType + fmt::Display + 'static>(
        &self,
        error: &RequestTokenError<Unanswered, StandardErrorResponse<T>>,
    ) -> Problem {
        let issuer = self.metadata.issuer().as_str();
        match error {
            RequestTokenError::ServerResponse(said) => {
                let word = serde_json::to_value(said.error()).ok();
                refused(word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default())
            }
            RequestTokenError::Request(_) => unreachable(issuer),
            _ => Problem::new(
                Code::ProviderAnswer,
                format!("{issuer} did not answer as an OpenID provider; try again"),
            ),
        }
    }
}

/// The provider's word for why it refused. It comes from outside, so only a word is passed on.
pub(super) fn refused(error: &str) -> Problem {
    let word = |c: char| c.is_ascii_lowercase() || c == '_';
    let said = if error.len() < 50 && error.chars().all(word) { error } else { "an error" };
    let way_out = match said {
        "access_denied" => "the sign-in was refused or broken off; sign in again".to_owned(),
        "expired_token" => "the code was not typed in in time; sign in again".to_owned(),
        said => format!(
            "the identity provider refused the sign-in ({said}); sign in again, and if that does \
             not help ask an administrator"
        ),
    };
    Problem::new(Code::SignInRefused, way_out)
}

fn unreachable(issuer: &str) -> Problem {
    let why = format!("{issuer} can't be reached from this computer; try again in a moment");
    Problem::new(Code::ProviderUnreachable, why)
}

/// Secrets go by TLS, or stay on this machine.
fn safe(url: &Url) -> Result<(), ()> {
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
    if safe { Ok(()) } else { Err(()) }
}

/// Whether an ID token bears a nonce; central checks which.
fn has_nonce(id_token: &str) -> bool {
    let payload = id_token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = payload.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    claims.is_some_and(|claims| claims["nonce"].is_string())
}
