//! Webhooks: a CloudEvent, signed as Standard Webhooks says (symmetric, HMAC-SHA256).
//!
//! Signed is `id.timestamp.body`, once for each secret, so that a new one can be brought in before
//! the old one goes.

use super::{Attempt, secret_text};
use crate::{
    outgoing,
    store::message::{Event, Message},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use makegood_domain::{Code, Problem};
use reqwest::{Response, StatusCode, Url, header};
use sha2::Sha256;
use std::{path::PathBuf, time::Duration};

/// Prefix of a secret.
const SECRET: &str = "whsec_";

/// A receiver.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where it listens; `https`, or `http` on this very machine.
    pub url: Url,
    /// The file with its secrets: `whsec_…`, one on a line.
    pub secret_file: PathBuf,
}

impl Webhook {
    /// The receiver's secrets; the file is read each time, so that they change without a restart.
    ///
    /// # Errors
    /// [`Code::File`]; [`Code::Invalid`] for what is no secret of 24 to 64 bytes.
    pub(super) fn secrets(&self) -> Result<Vec<Vec<u8>>, Problem> {
        let text = secret_text(&self.secret_file)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let secrets: Option<Vec<Vec<u8>>> = lines.map(secret).collect();
        // What stands there may be a secret all the same: it is not repeated.
        secrets.filter(|secrets| !secrets.is_empty()).ok_or_else(|| {
            let why = "write whsec_ and 24 to 64 random bytes as base64, one secret on a line";
            Problem::new(Code::Invalid, format!("{}: {why}", self.secret_file.display()))
        })
    }

    /// Tells the receiver.
    ///
    /// # Errors
    /// As [`Webhook::secrets`]; [`Code::Internal`].
    pub(super) async fn send(
        &self,
        message: &Message,
        event: &Event,
        now: DateTime<Utc>,
    ) -> Result<Attempt, Problem> {
        let (id, timestamp) = (message.id.to_string(), now.timestamp().to_string());
        let signed = format!("{id}.{timestamp}.{}", event.body);
        let mut signatures = Vec::new();
        for secret in self.secrets()? {
            signatures.push(format!("v1,{}", signature(&secret, signed.as_bytes())?));
        }
        let client = outgoing::client(&self.url, Duration::from_secs(20)).map_err(|error| {
            Problem::new(Code::Internal, format!("no connection can be made: {error}"))
        })?;
        let request = client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures.join(" "))
            .body(event.body.clone());
        Ok(match request.send().await {
            Ok(response) => answered(&response),
            Err(error) => {
                let why = if error.is_timeout() { "no answer in time" } else { "no connection" };
                Attempt::Later { why: why.to_owned(), after: None, unreachable: true }
            }
        })
    }
}

fn secret(line: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(line.strip_prefix(SECRET)?).ok()?;
    (24..=64).contains(&bytes.len()).then_some(bytes)
}

fn signature(secret: &[u8], signed: &[u8]) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)
        .map_err(|error| Problem::new(Code::Internal, format!("a secret: {error}")))?;
    mac.update(signed);
    Ok(BASE64.encode(mac.finalize().into_bytes()))
}

fn answered(response: &Response) -> Attempt {
    let status = response.status();
    if status.is_success() {
        return Attempt::Arrived;
    }
    let why = format!("the receiver answered {}", status.as_u16());
    if status == StatusCode::GONE {
        return Attempt::Never(format!("{why}: it wants no more"));
    }
    let asked = response.headers().get(header::RETRY_AFTER);
    let after = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Attempt::Later { why, after, unreachable: false }
}
