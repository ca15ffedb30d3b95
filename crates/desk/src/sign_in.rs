//! Signing in: at the identity provider that central names, in the system's browser (RFC 8252) or by
//! a code that is typed in on another machine (RFC 8628), and then at central.
//!
//! The desk is a public client. What it gets from the provider it shows to central, which checks it;
//! the nonce is the hash of a secret that only this sign-in knows, so that central takes the token
//! from nobody else.

mod http;
mod loopback;
mod provider;

use crate::{
    central::{Central, Offer, Proof},
    desk::Desk,
    event::Event,
    session::{Kept, Mode, Session},
};
use chrono::{DateTime, Utc};
use makegood_domain::{Clock, Code, Problem, random::Random};
use provider::{Provider, Tokens, secret};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ts_rs::TS;

/// How long somebody has to say who they are, in the browser.
const PATIENCE: Duration = Duration::from_secs(600);

/// Who answers at an address, and how people sign in there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Welcome {
    /// The address, as it is shown.
    pub address: String,
    /// Name of the company that runs the central.
    pub company: String,
    /// Whether it is a demo.
    pub demo: bool,
    /// Where its people sign in: `id.example.com`; absent: they are given tokens.
    pub provider: Option<String>,
}

/// What is typed in on another machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DeviceCode {
    /// Where: an address to open in any browser.
    pub address: String,
    /// The code.
    pub code: String,
    /// The address with the code in it, where the provider gives one.
    pub whole: Option<String>,
}

/// A session that was opened at a central.
#[derive(Debug)]
pub struct Opened {
    /// Its token.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Whose it is.
    pub name: String,
    pub(crate) renewal: Option<Renewal>,
}

impl Opened {
    /// The same session, which nothing will renew; the provider is told.
    #[must_use]
    pub async fn for_once(mut self) -> Self {
        if let Some(renewal) = self.renewal.take() {
            renewal.give_up().await;
        }
        self
    }
}

/// What a session is renewed with when it has run out. It lies in memory and in the keychain alone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Renewal {
    offer: Offer,
    secret: String,
    refresh: Option<String>,
    // Asked about itself anew when somebody has come back.
    #[serde(skip)]
    provider: Option<Provider>,
}

/// Who answers at `address`, and how people sign in there.
///
/// # Errors
/// [`Code::Invalid`] for the address; [`Code::CentralUnreachable`], [`Code::CentralAnswer`].
pub async fn welcome(address: &str) -> Result<Welcome, Problem> {
    let central = Central::at(address)?;
    let told = central.discovery().await?;
    let provider = told.sign_in.as_ref().map(|offer| {
        let url = reqwest::Url::parse(&offer.issuer).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or(offer.issuer.clone())
    });
    let (address, company) = (central.address().to_owned(), told.company);
    Ok(Welcome { address, company, demo: told.demo, provider })
}

/// Signs in with a browser on this machine. `open` is given the address to open in it.
///
/// # Errors
/// [`Code::SignInUnset`] where central has no provider; [`Code::SignInRefused`] when the person or
/// the provider broke it off, or nobody came back in ten minutes; [`Code::ProviderUnreachable`],
/// [`Code::ProviderAnswer`]; why central does not take it; what `open` gives.
pub async fn by_browser(
    address: &str,
    random: &Random,
    open: impl FnOnce(&str) -> Result<(), Problem> + Send,
) -> Result<Opened, Problem> {
    let central = Central::at(address)?;
    let provider = provider_of(&central).await?;
    let listener = loopback::Listener::bind().await?;
    let begun = provider.begin(&listener.address(), random)?;
    open(&begun.url)?;
    let returned = tokio::time::timeout(PATIENCE, listener.returned(&begun.state)).await;
    let code = returned.map_err(|_| {
        Problem::new(
            Code::SignInRefused,
            "the sign-in in the browser was not completed; sign in again",
        )
    })??;
    let tokens = provider.redeem(&begun, code).await?;
    open_session(&central, provider, begun.secret, tokens).await
}

/// Signs in by a code that is typed in on another machine; `tell` is given it.
///
/// # Errors
/// As [`by_browser`]; [`Code::ProviderAnswer`] where the provider knows no such way.
pub async fn by_device(
    address: &str,
    random: &Random,
    clock: &Clock,
    tell: impl FnOnce(DeviceCode) + Send,
) -> Result<Opened, Problem> {
    let central = Central::at(address)?;
    let provider = provider_of(&central).await?;
    let secret = secret(random);
    let asked = provider.ask_for_code(&secret).await?;
    tell(asked.shown());
    let tokens = provider.redeem_code(&asked, clock).await?;
    open_session(&central, provider, secret, tokens).await
}

/// Ends a session that was opened without a desk.
///
/// # Errors
/// As [`Central::close_session`].
pub async fn sign_out(address: &str, token: &str) -> Result<(), Problem> {
    Central::new(address, token)?.close_session().await
}

async fn provider_of(central: &Central) -> Result<Provider, Problem> {
    let offer = central.discovery().await?.sign_in.ok_or_else(|| {
        let why = "this service has no identity provider; paste the token that you were given";
        Problem::new(Code::SignInUnset, why)
    })?;
    Provider::discover(offer).await
}

async fn open_session(
    central: &Central,
    provider: Provider,
    secret: String,
    tokens: Tokens,
) -> Result<Opened, Problem> {
    let nonce = tokens.has_nonce.then_some(secret.as_str());
    let opened = central.open_session(&Proof { id_token: &tokens.id_token, nonce }).await?;
    let (offer, refresh) = (provider.offer().clone(), tokens.refresh);
    let renewal = Some(Renewal { offer, secret, refresh, provider: Some(provider) });
    Ok(Opened { token: opened.token, expires_at: opened.expires_at, name: opened.name, renewal })
}

impl Renewal {
    /// Opens another session, without the person, and goes on with it.
    ///
    /// # Errors
    /// [`Code::SignInExpired`] when the person has to sign in again; [`Code::ProviderUnreachable`];
    /// what central gives.
    pub(crate) async fn renew(&mut self, central: &Central, kept: &Kept) -> Result<(), Problem> {
        let refresh = self.refresh.clone().ok_or_else(|| {
            Problem::new(Code::SignInExpired, "the session has run out; sign in again")
        })?;
        let tokens = self.provider().await?.refresh(refresh).await?;
        // A provider may give another one for each that is used, and take that one no more: the next
        // start needs this one, whatever becomes of what follows.
        if tokens.refresh.is_some() {
            self.refresh = tokens.refresh;
            kept.keep(central, Some(self)).await;
        }
        let nonce = tokens.has_nonce.then_some(self.secret.as_str());
        let opened = central.open_session(&Proof { id_token: &tokens.id_token, nonce }).await?;
        central.set_token(&opened.token);
        kept.keep(central, Some(self)).await;
        Ok(())
    }

    async fn provider(&mut self) -> Result<&Provider, Problem> {
        let provider = match self.provider.take() {
            Some(provider) => provider,
            None => Provider::discover(self.offer.clone()).await?,
        };
        Ok(self.provider.insert(provider))
    }

    /// Tells the provider that this desk asks for no more.
    pub(crate) async fn give_up(mut self) {
        let Some(refresh) = self.refresh.take() else { return };
        let told = async { self.provider().await?.revoke(refresh).await };
        if let Err(problem) = told.await {
            tracing::info!(code = %problem.code, "the provider was not told of the sign-out");
        }
    }
}

impl Desk {
    /// Who answers at `address`, and how people sign in there.
    ///
    /// # Errors
    /// As [`welcome`].
    pub async fn welcome(&self, address: &str) -> Result<Welcome, Problem> {
        welcome(address).await
    }

    /// Signs in with a browser on this machine and sits down.
    ///
    /// # Errors
    /// As [`by_browser`] and [`Desk::connect`]; [`Code::SignInRefused`] after
    /// [`Desk::cancel_sign_in`].
    pub async fn sign_in(
        &self,
        address: &str,
        open: impl FnOnce(&str) -> Result<(), Problem> + Send,
    ) -> Result<Session, Problem> {
        let opened = self.unless_cancelled(by_browser(address, &self.ground.random, open)).await?;
        self.sit_with(address, opened).await
    }

    /// Signs in by a code that is typed in on another machine, which is told as an event, and sits
    /// down.
    ///
    /// # Errors
    /// As [`Desk::sign_in`].
    pub async fn sign_in_by_device(&self, address: &str) -> Result<Session, Problem> {
        let tell = |code| {
            // Nobody listening is no error.
            let _ = self.events.send(Event::DeviceCode(code));
        };
        let ground = &self.ground;
        let signing_in = by_device(address, &ground.random, &ground.clock, tell);
        let opened = self.unless_cancelled(signing_in).await?;
        self.sit_with(address, opened).await
    }

    /// Breaks off a sign-in that waits.
    ///
    /// # Errors
    /// None today; a seam's method all the same.
    pub async fn cancel_sign_in(&self) -> Result<(), Problem> {
        self.cancelled.notify_waiters();
        Ok(())
    }

    async fn sit_with(&self, address: &str, opened: Opened) -> Result<Session, Problem> {
        let (ground, renewal) = (self.ground.clone(), opened.renewal);
        self.sit("profiles", address, &opened.token, ground, Mode::Central, renewal).await?;
        self.table.write().await.people = Vec::new();
        self.session().await
    }

    async fn unless_cancelled(
        &self,
        signing_in: impl Future<Output = Result<Opened, Problem>>,
    ) -> Result<Opened, Problem> {
        tokio::select! {
            opened = signing_in => opened,
            () = self.cancelled.notified() => {
                Err(Problem::new(Code::SignInRefused, "you broke the sign-in off"))
            }
        }
    }
}
