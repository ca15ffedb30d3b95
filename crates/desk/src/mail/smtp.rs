//! Handing one message to a mail server. What matters is to know, when something breaks, whether the
//! message may have gone out: before its last byte it has not, after the answer it is said, and in
//! between nobody knows.

use super::Post;
use chrono::{DateTime, Utc};
use lettre::{
    address::Envelope,
    message::{Attachment, Mailbox, Message, MultiPart, SinglePart, header::ContentType},
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use makegood_domain::{Code, Problem, contact::AddressLine, delivery::Addressee};
use std::{fmt::Display, future::Future, time::Duration};

/// How long a mail server may take for one answer; for the one after the message twice that.
const PATIENCE: Duration = Duration::from_secs(60);
/// Replies about who asks (RFC 4954), not about what they ask.
const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// The message's id, with its brackets.
    pub(crate) id: String,
    pub(crate) to: Vec<Addressee>,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// What the file is called, and its bytes.
    pub(crate) file: (String, Vec<u8>),
    pub(crate) at: DateTime<Utc>,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The mail server took it.
    Taken,
    /// It did not go out, and may be tried again; all the others wait, too, where the server is away.
    Later { why: Problem, away: bool },
    /// It did not go out, and will not.
    Never(String),
    /// It may have gone out.
    Perhaps(String),
}

impl Letter {
    fn written(self, from: &Mailbox) -> Result<(Envelope, Vec<u8>), Problem> {
        let refused =
            |error: &dyn Display| Problem::new(Code::Internal, format!("a message: {error}"));
        let mut builder = Message::builder()
            .from(from.clone())
            .subject(self.subject)
            .date(self.at.into())
            .message_id(Some(self.id));
        for one in &self.to {
            let address = one.address.parse().map_err(|error| refused(&error))?;
            let mailbox = Mailbox::new(Some(one.name.clone()), address);
            builder = match one.line {
                AddressLine::To => builder.to(mailbox),
                AddressLine::Cc => builder.cc(mailbox),
            };
        }
        let pdf = ContentType::parse("application/pdf").map_err(|error| refused(&error))?;
        let (name, bytes) = self.file;
        let parts = MultiPart::mixed()
            .singlepart(SinglePart::plain(self.text))
            .singlepart(Attachment::new(name).body(bytes, pdf));
        let message = builder.multipart(parts).map_err(|error| refused(&error))?;
        Ok((message.envelope().clone(), message.formatted()))
    }
}

/// The answer, if it comes in time.
async fn in_time<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Failure> {
    match tokio::time::timeout(patience, asked).await {
        Ok(answered) => answered.map_err(Failure::from),
        Err(_) => Err(Failure { why: "it did not answer in time".to_owned(), status: None }),
    }
}

/// What went wrong between here and the mail server.
struct Failure {
    why: String,
    /// The server's reply, where there is one.
    status: Option<u16>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { why: error.to_string(), status: error.status().map(u16::from) }
    }
}

impl Failure {
    fn is_final(&self) -> bool {
        self.status.is_some_and(|code| code >= 500 && !LOGIN_REFUSED.contains(&code))
    }
}

impl Post {
    /// Looks whether the server answers, speaks TLS and takes the login.
    ///
    /// # Errors
    /// [`Code::MailUnreachable`]; [`Code::MailRefused`] for a login that it does not take.
    pub(crate) async fn check(&self) -> Result<(), Problem> {
        match self.connect().await {
            Ok(mut connection) => {
                connection.abort().await;
                Ok(())
            }
            Err(failure) => Err(self.problem(&failure)),
        }
    }

    fn problem(&self, failure: &Failure) -> Problem {
        let (server, port, why) = (&self.server, self.port, &failure.why);
        match failure.status {
            Some(code) if code >= 500 => Problem::new(
                Code::MailRefused,
                format!("{server} refused: {why}; check user and password"),
            ),
            _ => Problem::new(
                Code::MailUnreachable,
                format!("{server}, port {port}: {why}; check name, port and encryption"),
            ),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let hello = ClientId::default();
        let wrapper = self.wrapped.then(|| self.tls.clone());
        let place = (self.server.as_str(), self.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(place, Some(PATIENCE), &hello, wrapper, None);
        let mut connection = in_time(PATIENCE, connecting).await?;
        if !self.wrapped {
            in_time(PATIENCE, connection.starttls(self.tls.clone(), &hello)).await?;
        }
        if let Some((user, password)) = &self.login {
            let login = Credentials::new(user.clone(), password.clone());
            in_time(PATIENCE, connection.auth(DEFAULT_MECHANISMS, &login)).await?;
        }
        Ok(connection)
    }

    /// Hands the message to the mail server: to everybody, or to nobody.
    ///
    /// # Errors
    /// [`Code::Internal`] for what can't be written as a message.
    pub(crate) async fn send(&self, letter: Letter) -> Result<Sent, Problem> {
        let (envelope, bytes) = letter.written(&self.from)?;
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(failure) => return Ok(Sent::Later { why: self.problem(&failure), away: true }),
        };
        let sent = self.hand_over(&mut connection, &envelope, &bytes).await;
        connection.abort().await;
        Ok(sent)
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        envelope: &Envelope,
        bytes: &[u8],
    ) -> Sent {
        let mail = Mail::new(envelope.from().cloned(), vec![]);
        if let Err(failure) = in_time(PATIENCE, connection.command(mail)).await {
            return self.not_out("the sender", &failure);
        }
        for address in envelope.to() {
            let to = Rcpt::new(address.clone(), vec![]);
            if let Err(failure) = in_time(PATIENCE, connection.command(to)).await {
                return self.not_out(address.as_ref(), &failure);
            }
        }
        if let Err(failure) = in_time(PATIENCE, connection.command(Data)).await {
            return self.not_out("the message", &failure);
        }
        match in_time(PATIENCE * 2, connection.message(bytes)).await {
            Ok(_) => Sent::Taken,
            Err(failure) if failure.status.is_some() => self.not_out("the message", &failure),
            Err(failure) => Sent::Perhaps(format!(
                "{} broke off after the message: {}",
                self.server, failure.why
            )),
        }
    }

    /// Nothing has gone out: the server said so, or the message was not over yet.
    fn not_out(&self, what: &str, failure: &Failure) -> Sent {
        let why = format!("{} refused {what}: {}", self.server, failure.why);
        if failure.is_final() {
            return Sent::Never(why);
        }
        let code = match failure.status {
            Some(code) if code >= 500 => Code::MailRefused,
            _ => Code::MailUnreachable,
        };
        Sent::Later { why: Problem::new(code, why), away: failure.status.is_none() }
    }
}
