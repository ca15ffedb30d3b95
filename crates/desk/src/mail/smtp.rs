//! Handing one message to a mail server. What matters is to know, when something breaks, whether the
//! message may have gone out: before its last byte it has not, after the answer it is said, and in
//! between nobody knows.

use super::{Post, body};
use chrono::{DateTime, Utc};
use lettre::{
    Address,
    address::Envelope,
    message::{Attachment, Mailbox, Message, MultiPart, SinglePart, header::ContentType},
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt, Rset},
        extension::ClientId,
    },
};
use makegood_domain::{Code, Problem, contact::AddressLine, delivery::Addressee};
use std::{error::Error as _, fmt::Display, future::Future, time::Duration};

/// How long a mail server may take for one answer …
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// … and for a farewell, on which nothing rests.
const FAREWELL: Duration = Duration::from_secs(2);
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
    /// It did not go out, and may be tried again.
    Later { why: Problem, others: Others },
    /// It did not go out, and will not.
    Never(String),
    /// It may have gone out.
    Perhaps(String),
}

/// Whether other messages would meet the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Others {
    /// It is about this one.
    No,
    /// The mail server is away, or takes nothing from here.
    Yes,
    /// Nobody can tell by this one alone, which was for this address.
    Perhaps(String),
}

/// A connection on which all is said.
pub(crate) struct Line(AsyncSmtpConnection);

impl Line {
    /// Says farewell.
    pub(crate) async fn leave(mut self) {
        // Whoever does not answer it is left all the same.
        let _ = tokio::time::timeout(FAREWELL, self.0.abort()).await;
    }
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
        Err(_) => Err(Failure::late()),
    }
}

/// What went wrong between here and the mail server.
pub(super) struct Failure {
    why: String,
    /// The server's reply, where there is one …
    pub(super) status: Option<u16>,
    /// … and what it says in detail (RFC 3463): `5.7.1`.
    detail: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        let detail = said.split_whitespace().next().unwrap_or_default().to_owned();
        Self { why: error.to_string(), status: error.status().map(u16::from), detail }
    }
}

impl Failure {
    pub(super) fn late() -> Self {
        let why = "it did not answer in time".to_owned();
        Self { why, status: None, detail: String::new() }
    }

    fn is_refusal(&self) -> bool {
        self.status.is_some_and(|code| code >= 500)
    }

    /// Whether it says that the house has sent too much.
    fn is_of_quota(&self) -> bool {
        self.is_refusal() && self.detail == "5.4.5"
    }

    /// Whether it is a matter of policy, which may be about the house as well as about an address.
    fn is_of_policy(&self) -> bool {
        self.is_refusal() && self.detail.starts_with("5.7.")
    }
}

impl Post {
    /// Looks whether the server answers, speaks TLS, and takes the login and the sender.
    ///
    /// # Errors
    /// [`Code::MailUnreachable`]; [`Code::MailRefused`] for a login or a sender that it does not take.
    pub(crate) async fn check(&self) -> Result<(), Problem> {
        let mut line = self.connect().await.map_err(|failure| self.problem(&failure))?;
        let taken = self.try_sender(&mut line.0).await;
        line.leave().await;
        taken
    }

    /// Whether a message could leave, by one to the sender that is dropped before it is written.
    async fn try_sender(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Problem> {
        let from = &self.from.email;
        let refused = |failure: Failure| self.refused_sender(&failure).at("fromAddress");
        let mail = Mail::new(Some(from.clone()), vec![]);
        in_time(PATIENCE, connection.command(mail)).await.map_err(refused)?;
        let to = Rcpt::new(from.clone(), vec![]);
        match in_time(PATIENCE, connection.command(to)).await {
            Err(failure) if failure.is_of_policy() || failure.is_of_quota() => {
                return Err(refused(failure));
            }
            // Whether the sender takes mail is another matter.
            _ => {}
        }
        // Whoever does not forget it is left.
        let _ = in_time(FAREWELL, connection.command(Rset)).await;
        Ok(())
    }

    /// The mail server takes nothing from this sender.
    fn refused_sender(&self, failure: &Failure) -> Problem {
        let (server, from, why) = (&self.server, &self.from.email, &failure.why);
        let code = if failure.is_refusal() { Code::MailRefused } else { Code::MailUnreachable };
        let way = "name another sender in the settings, or have this one allowed there";
        Problem::new(code, format!("{server} does not send for {from}: {why}; {way}"))
    }

    fn problem(&self, failure: &Failure) -> Problem {
        let (server, port, why) = (&self.server, self.port, &failure.why);
        if failure.is_refusal() {
            let why = format!("{server} refused: {why}; check user and password");
            return Problem::new(Code::MailRefused, why);
        }
        let why = format!("{server}, port {port}: {why}; check name, port and encryption");
        Problem::new(Code::MailUnreachable, why)
    }

    async fn connect(&self) -> Result<Line, Failure> {
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
        Ok(Line(connection))
    }

    /// Hands the message to the mail server: to everybody, or to nobody. What became of it is to be
    /// written down before the line is left.
    ///
    /// # Errors
    /// [`Code::Internal`] for what can't be written as a message.
    pub(crate) async fn send(&self, letter: Letter) -> Result<(Sent, Option<Line>), Problem> {
        let (envelope, bytes) = letter.written(&self.from)?;
        let mut line = match self.connect().await {
            Ok(line) => line,
            Err(failure) => {
                let why = self.problem(&failure);
                return Ok((Sent::Later { why, others: Others::Yes }, None));
            }
        };
        let sent = self.hand_over(&mut line.0, &envelope, &bytes).await;
        Ok((sent, Some(line)))
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        envelope: &Envelope,
        bytes: &[u8],
    ) -> Sent {
        let mail = Mail::new(envelope.from().cloned(), vec![]);
        if let Err(failure) = in_time(PATIENCE, connection.command(mail)).await {
            // Of whichever message: it is not about this one.
            return Sent::Later { why: self.refused_sender(&failure), others: Others::Yes };
        }
        for address in envelope.to() {
            let to = Rcpt::new(address.clone(), vec![]);
            if let Err(failure) = in_time(PATIENCE, connection.command(to)).await {
                let barred = failure.is_of_policy() || failure.is_of_quota();
                return self.not_out(address.as_ref(), &failure, barred.then_some(address));
            }
        }
        let first = envelope.to().first();
        let of_message = |failure: &Failure| {
            self.not_out("the message", failure, first.filter(|_| failure.is_of_quota()))
        };
        if let Err(failure) = in_time(PATIENCE, connection.command(Data)).await {
            return of_message(&failure);
        }
        match body::written(connection, bytes).await {
            (Ok(()), _) => Sent::Taken,
            (Err(failure), _) if failure.status.is_some() => of_message(&failure),
            (Err(failure), false) => {
                let why = format!("{} broke off within the message: {}", self.server, failure.why);
                let why = Problem::new(Code::MailUnreachable, why);
                let address = first.map(ToString::to_string).unwrap_or_default();
                Sent::Later { why, others: Others::Perhaps(address) }
            }
            (Err(failure), true) => Sent::Perhaps(format!(
                "{} broke off after the message: {}",
                self.server, failure.why
            )),
        }
    }

    /// Nothing has gone out: the server said so, or the message was not over yet. It may be that it lets
    /// nothing out, of which this address is the one that shows it.
    fn not_out(&self, what: &str, failure: &Failure, barred: Option<&Address>) -> Sent {
        let why = format!("{} refused {what}: {}", self.server, failure.why);
        let others = match (failure.status, barred) {
            // It is gone, is going (RFC 5321, 3.8), or asks who this is.
            (None | Some(421), _) => Others::Yes,
            (Some(code), _) if LOGIN_REFUSED.contains(&code) => Others::Yes,
            (Some(_), Some(address)) => Others::Perhaps(address.to_string()),
            (Some(code), None) if code >= 500 => return Sent::Never(why),
            (Some(_), None) => Others::No,
        };
        let code = if failure.is_refusal() { Code::MailRefused } else { Code::MailUnreachable };
        Sent::Later { why: Problem::new(code, why), others }
    }
}
