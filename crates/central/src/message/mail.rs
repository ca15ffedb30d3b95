//! E-mail about alerts, and digests: plain text, one message each, the messages about one alert as a thread.

use super::{
    Attempt,
    digest::{self, Digest},
    event::{self, CloudEvent},
    secret_text,
};
use crate::store::message::{Event, Message};
use chrono::{DateTime, Utc};
use lettre::{
    message::{
        Mailbox, MessageBuilder,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands,
        extension::ClientId,
    },
};
use makegood_domain::{Code, Problem, alert::lasting};
use std::{path::PathBuf, time::Duration};

/// How long the server is waited for at each step.
const PATIENCE: Duration = Duration::from_secs(30);
/// … and when all has been said.
const GOODBYE: Duration = Duration::from_secs(2);
/// Replies of a mail server about who asks (RFC 4954), not about what they ask.
const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// A mail server, and whom it tells.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its name, as its certificate says it.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the way there is guarded.
    pub encryption: Encryption,
    /// A file with further roots that its certificate may go back to: PEM.
    pub roots_file: Option<PathBuf>,
    /// As whom to sign in, and the file with the password.
    pub login: Option<(String, PathBuf)>,
    /// Who writes.
    pub from: Mailbox,
    /// Who is told.
    pub to: Mailbox,
}

/// How the way to the mail server is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte (port 465; RFC 8314 asks for it).
    Tls,
    /// STARTTLS, insisted upon (port 587).
    StartTls,
    /// Not at all: to this very machine only.
    None,
}

/// What the way to the mail server takes: TLS, unless it is this very machine, and the login with its password.
pub(super) struct Line {
    tls: Option<TlsParameters>,
    login: Option<Credentials>,
}

/// RFC 3834: nobody's absence note answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mail {
    /// The connection that it asks for, with its secrets, not yet made.
    ///
    /// # Errors
    /// [`Code::File`] for a file that can't be read; [`Code::Invalid`] for roots that are none.
    pub(super) fn line(&self) -> Result<Line, Problem> {
        let tls = match self.encryption {
            Encryption::None => None,
            _ => Some(self.tls()?),
        };
        let mut login = None;
        if let Some((user, file)) = &self.login {
            let password = secret_text(file)?.trim_end_matches(['\r', '\n']).to_owned();
            login = Some(Credentials::new(user.clone(), password));
        }
        Ok(Line { tls, login })
    }

    async fn connect(&self, line: Line) -> Result<AsyncSmtpConnection, Error> {
        let (hello, place) = (ClientId::default(), (self.server.as_str(), self.port));
        let wrapper = line.tls.clone().filter(|_| self.encryption == Encryption::Tls);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, Some(PATIENCE), &hello, wrapper, None)
                .await?;
        if let Some(tls) = line.tls.filter(|_| self.encryption == Encryption::StartTls) {
            connection.starttls(tls, &hello).await?;
        }
        if let Some(login) = &line.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, Problem> {
        let refused = |error: Error| {
            let why = format!("{}: no TLS can be made: {error}", self.server);
            Problem::new(Code::Invalid, why)
        };
        let mut builder = TlsParameters::builder(self.server.clone());
        if let Some(path) = &self.roots_file {
            let roots = Certificate::from_pem(secret_text(path)?.as_bytes()).map_err(|error| {
                let why = format!("{}: {error}; put certificates there as PEM", path.display());
                Problem::new(Code::Invalid, why)
            })?;
            builder = builder.add_root_certificate(roots);
        }
        builder.build_rustls().map_err(refused)
    }

    /// Hands the message to the mail server.
    ///
    /// # Errors
    /// As [`Mail::line`]; [`Code::Internal`] for what can't be written as a mail.
    pub(super) async fn send(
        &self,
        message: &Message,
        event: &Event,
        now: DateTime<Utc>,
    ) -> Result<Attempt, Problem> {
        let mail = match event.kind.as_str() {
            digest::KIND => self.digest(message, event, now)?,
            _ => self.letter(message, &event::read(event)?, now)?,
        };
        let mut connection = match self.connect(self.line()?).await {
            Ok(connection) => connection,
            Err(error) => return Ok(failed(&error)),
        };
        let sent = hand_over(&mut connection, &mail).await;
        // What has been taken has arrived, whatever the server says to the goodbye, or does not.
        let _ = tokio::time::timeout(GOODBYE, connection.abort()).await;
        Ok(sent.map_or_else(|error| failed(&error), |()| Attempt::Arrived))
    }

    fn digest(
        &self,
        message: &Message,
        event: &Event,
        now: DateTime<Utc>,
    ) -> Result<lettre::Message, Problem> {
        let unread = |error| Problem::new(Code::Internal, format!("event {}: {error}", event.id));
        let told: Digest = serde_json::from_str(&event.body).map_err(unread)?;
        let domain = self.from.email.domain();
        MessageBuilder::new()
            .from(self.from.clone())
            .to(self.to.clone())
            .subject(told.subject)
            .date(now.into())
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(told.text)
            .map_err(|error| Problem::new(Code::Internal, format!("a mail: {error}")))
    }

    fn letter(
        &self,
        message: &Message,
        told: &CloudEvent,
        now: DateTime<Utc>,
    ) -> Result<lettre::Message, Problem> {
        let domain = self.from.email.domain();
        MessageBuilder::new()
            .from(self.from.clone())
            .to(self.to.clone())
            .subject(subject(told))
            .date(now.into())
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .references(format!("<{}@{domain}>", told.data.alert.id))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(text(told))
            .map_err(|error| Problem::new(Code::Internal, format!("a mail: {error}")))
    }
}

/// Step by step: `send` would say goodbye by itself where one is refused, and wait for the answer.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    mail: &lettre::Message,
) -> Result<(), Error> {
    let envelope = mail.envelope();
    connection.command(commands::Mail::new(envelope.from().cloned(), vec![])).await?;
    for address in envelope.to() {
        connection.command(commands::Rcpt::new(address.clone(), vec![])).await?;
    }
    connection.command(commands::Data).await?;
    connection.message(&mail.formatted()).await.map(|_| ())
}

/// What a failure means. Address, sender and login stand in the settings: all that is refused is the house's to
/// mend, and tried again meanwhile. A refused login holds back the channel, a refused letter no other.
fn failed(error: &Error) -> Attempt {
    let login = error.status().is_some_and(|code| LOGIN_REFUSED.contains(&u16::from(code)));
    let answered = error.is_permanent() || error.is_transient();
    let why = format!("the mail server: {error}");
    Attempt::Later { why, after: None, unreachable: login || !answered }
}

/// `AL-12 critical: Northwind, Orders API, 2026-10: The SLO will be missed at this rate`.
fn subject(told: &CloudEvent) -> String {
    let data = &told.data;
    let (alert, what) = (&data.alert, happened(told));
    let state = what.map_or_else(|| alert.level.as_str().to_owned(), str::to_owned);
    let line = format!("{}, {}, {}", data.customer, data.sla, alert.window);
    format!("{} {state}: {line}: {}", told.subject, data.headline)
}

/// What happened to an alert that was raised before.
fn happened(told: &CloudEvent) -> Option<&'static str> {
    match told.kind.as_str() {
        "makegood.alert.acknowledged" => Some("looked after"),
        "makegood.alert.resolved" => Some("over"),
        _ => None,
    }
}

fn text(told: &CloudEvent) -> String {
    let data = &told.data;
    let alert = &data.alert;
    let mut lines = vec![
        format!("{}.", data.headline),
        data.detail.clone(),
        String::new(),
        format!("Customer: {}", data.customer),
        format!("Contract: {}", data.contract),
        format!("SLA: {} ({})", data.sla, data.product),
        format!("Window: {}", alert.window),
        format!("Alert: {}, {}", alert.number, alert.level.as_str()),
    ];
    let utc = |at: DateTime<Utc>| at.format("%-d %b %Y, %H:%M UTC").to_string();
    lines.push(format!("Raised: {}", utc(alert.raised_at)));
    if let (Some(first), Some(seconds)) = (alert.first_degraded_at, alert.time_to_detect_seconds) {
        lines.push(format!("First bad: {}, told after {}", utc(first), lasting(seconds)));
    }
    if let Some(at) = alert.acknowledged_at {
        lines.push(format!("Looked after since: {}", utc(at)));
    }
    if let Some(ahead) = alert.distance.ahead() {
        lines.push(format!("To the next tier: {ahead}"));
    }
    if let Some((how, at)) = alert.resolution.zip(alert.resolved_at) {
        lines.push(format!("Over: {}, {}", utc(at), how.words()));
    }
    lines.push(String::new());
    lines.push("The settings of Makegood's central name this address.".to_owned());
    lines.join("\n")
}
