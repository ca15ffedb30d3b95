//! The provider's signing keys: asked for when they are first needed, kept for an hour, and asked
//! for anew when a token names one that is not among them.

use crate::outgoing;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use makegood_domain::{Code, Problem};
use openidconnect::{
    DiscoveryError, HttpRequest, HttpResponse, IssuerUrl,
    core::{CoreJsonWebKeySet, CoreProviderMetadata},
};
use std::time::Duration;
use tokio::sync::Mutex;

/// How long keys are taken for the provider's own.
const KEPT: TimeDelta = TimeDelta::hours(1);
/// Unknown keys make us ask this seldom: anybody can write a token that names one.
const ASKED_AT_MOST_EVERY: TimeDelta = TimeDelta::seconds(30);
/// How long a failure is the answer, so that a provider which is down is not asked by everybody.
const FAILED_FOR: TimeDelta = TimeDelta::seconds(5);
/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// The keys of one provider.
#[derive(Debug)]
pub(super) struct Keys {
    http: reqwest::Client,
    issuer: IssuerUrl,
    // Held while the provider is asked: whoever comes meanwhile waits for the same answer.
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    keys: Option<CoreJsonWebKeySet>,
    asked: Option<DateTime<Utc>>,
    failed: Option<(DateTime<Utc>, Problem)>,
}

impl Keys {
    /// # Errors
    /// [`Code::Invalid`] for an issuer that is no URL; [`Code::Internal`].
    pub(super) fn new(issuer: &str) -> Result<Self, Problem> {
        let read = IssuerUrl::new(issuer.to_owned())
            .map_err(|error| Problem::new(Code::Invalid, format!("issuer {issuer}: {error}")))?;
        let http = outgoing::client(read.url(), Duration::from_secs(10)).map_err(|error| {
            Problem::new(Code::Internal, format!("no connection can be made: {error}"))
        })?;
        Ok(Self { http, issuer: read, held: Mutex::default() })
    }

    /// The keys, asked for where none are known or they are old.
    ///
    /// # Errors
    /// [`Code::ProviderUnreachable`], [`Code::ProviderAnswer`].
    pub(super) async fn held(&self, now: DateTime<Utc>) -> Result<CoreJsonWebKeySet, Problem> {
        self.younger_than(KEPT, now).await
    }

    /// The keys, asked for anew unless that has just been done.
    ///
    /// # Errors
    /// [`Code::ProviderUnreachable`], [`Code::ProviderAnswer`].
    pub(super) async fn anew(&self, now: DateTime<Utc>) -> Result<CoreJsonWebKeySet, Problem> {
        self.younger_than(ASKED_AT_MOST_EVERY, now).await
    }

    async fn younger_than(
        &self,
        age: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<CoreJsonWebKeySet, Problem> {
        let mut held = self.held.lock().await;
        if let (Some(keys), Some(asked)) = (&held.keys, held.asked)
            && now - asked < age
        {
            return Ok(keys.clone());
        }
        if let Some((at, problem)) = &held.failed
            && now - *at < FAILED_FOR
        {
            return Err(problem.clone());
        }
        match self.ask().await {
            Ok(keys) => {
                *held = Held { keys: Some(keys.clone()), asked: Some(now), failed: None };
                Ok(keys)
            }
            Err(problem) => {
                held.failed = Some((now, problem.clone()));
                Err(problem)
            }
        }
    }

    async fn ask(&self) -> Result<CoreJsonWebKeySet, Problem> {
        let http = |request| answer(self.http.clone(), request);
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &http);
        Ok(metadata.await.map_err(|error| self.refused(&error))?.jwks().clone())
    }

    fn refused(&self, error: &DiscoveryError<Unanswered>) -> Problem {
        let issuer = self.issuer.as_str();
        tracing::warn!(%error, "the identity provider did not give its keys");
        match error {
            DiscoveryError::Request(_) => Problem::new(
                Code::ProviderUnreachable,
                format!("{issuer} can't be reached from central; try again in a moment"),
            ),
            _ => Problem::new(
                Code::ProviderAnswer,
                format!(
                    "{issuer} does not answer as an OpenID provider of that name; \
                     have an administrator check the issuer"
                ),
            ),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("no connection")]
    Connection(#[from] reqwest::Error),
    #[error("not an HTTP message")]
    Message(#[from] openidconnect::http::Error),
    #[error("the answer is too large")]
    TooLarge,
}

/// One request of `openidconnect`, by our own client.
async fn answer(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
    let response = http.execute(request.try_into()?).await?;
    let mut head = openidconnect::http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        head = head.header(name, value);
    }
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(Unanswered::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(head.body(bytes)?)
}
