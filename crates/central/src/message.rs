//! Messages: what is told outside about alerts, through the channels of the settings.
//!
//! An event is written in the transaction that it tells of, so that none is lost and none tells of
//! what did not happen. Afterwards a message is made of it for each channel, and tried until it
//! arrives: at least once, always under one id.

pub mod digest;
mod event;
pub mod mail;
mod wait;
pub mod webhook;

pub(crate) use event::{What, record};

use crate::store::{
    Lock, Store,
    message::{self, Event, Message, State},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use mail::Mail;
use makegood_domain::{Problem, alert::AlertLevel, id::EventId};
use std::{path::Path, time::Duration};
use webhook::Webhook;

/// How many events are spread, and messages of a channel tried, in one turn.
const AT_ONCE: i64 = 100;
/// How long a receiver is waited for, from the connection to its last word.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A way out of the house.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name, unlike every other's.
    pub name: String,
    /// What is milder is not told.
    pub least: AlertLevel,
    /// Whose digests go through it, and nothing else: their subject at the identity provider.
    pub digest_for: Option<String>,
    /// How long one message may take, [`PATIENCE`] as a rule: a receiver may take it and fall silent.
    pub patience: Duration,
    /// How it is told.
    pub way: Way,
}

/// How something is told.
#[derive(Debug, Clone)]
pub enum Way {
    /// A program is told.
    Webhook(Webhook),
    /// People are told.
    Mail(Mail),
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It arrived.
    Arrived,
    /// It is worth trying again, but not before so many seconds.
    Later {
        why: String,
        after: Option<i64>,
        /// Whether the channel itself is out of reach: then the others of it wait, too.
        unreachable: bool,
    },
    /// It is not worth trying again.
    Never(String),
}

impl Channel {
    /// Whether an event of this level goes through it.
    fn takes(&self, event: &Event) -> bool {
        self.digest_for == event.recipient
            && (event.recipient.is_some() || event.level >= self.least)
    }

    /// Looks at what the settings name: secrets and passwords that can be read.
    ///
    /// # Errors
    /// [`makegood_domain::Code::File`], [`makegood_domain::Code::Invalid`] with the way out.
    pub fn check(&self) -> Result<(), Problem> {
        match &self.way {
            Way::Webhook(webhook) => webhook.secrets().map(|_| ()),
            Way::Mail(mail) => mail.line().map(|_| ()),
        }
    }

    async fn send(&self, message: &Message, event: &Event, now: DateTime<Utc>) -> Attempt {
        let sending = async {
            match &self.way {
                Way::Webhook(webhook) => webhook.send(message, event, now).await,
                Way::Mail(mail) => mail.send(message, event, now).await,
            }
        };
        let Ok(sent) = tokio::time::timeout(self.patience, sending).await else {
            let why = "it did not answer in time".to_owned();
            return Attempt::Later { why, after: None, unreachable: true };
        };
        // What the house has to mend is as good as an unreachable receiver.
        sent.unwrap_or_else(|problem| Attempt::Later {
            why: problem.message,
            after: None,
            unreachable: true,
        })
    }
}

/// Makes messages of new events and tries those that are due, once; how many arrived.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn turn(store: &Store, channels: &[Channel]) -> Result<usize, Problem> {
    spread(store, channels).await?;
    let mut arrived = 0;
    for count in join_all(channels.iter().map(|channel| drain(store, channel))).await {
        arrived += count?;
    }
    Ok(arrived)
}

/// Makes messages of new events.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn spread(store: &Store, channels: &[Channel]) -> Result<(), Problem> {
    let names: Vec<&str> = channels.iter().map(|channel| channel.name.as_str()).collect();
    loop {
        // Nearly every turn there is nothing to do, and writers are not to wait for that.
        if !message::anything_new(&mut *store.reading().await?, &names).await? {
            return Ok(());
        }
        let mut tx = store.begin(None).await?;
        tx.lock(Lock::Messages).await?;
        let events = tx.unspread(AT_ONCE).await?;
        let goes_to: Vec<(EventId, &str)> = events
            .iter()
            .flat_map(|event| channels.iter().map(move |channel| (event, channel)))
            .filter(|(event, channel)| channel.takes(event))
            .map(|(event, channel)| (event.id, channel.name.as_str()))
            .collect();
        tx.spread(&events, &goes_to).await?;
        tx.give_up_others(&names).await?;
        tx.commit().await?;
    }
}

/// Tries the messages of a channel that are due; how many arrived.
///
/// # Errors
/// [`makegood_domain::Code::Database`]: what can't be noted is not sent.
pub async fn drain(store: &Store, channel: &Channel) -> Result<usize, Problem> {
    let mut arrived = 0;
    let now = store.clock().now();
    let due = message::due(&mut *store.reading().await?, &channel.name, now, AT_ONCE).await?;
    for (message, event) in due {
        // Noted first: where nothing can be written it would go out again and again. A second central, as there
        // is for a moment at each restart, leaves what this one has begun.
        let begun = begun(&message, channel.patience, store.clock().now());
        if !attempting(store, &begun).await? {
            continue;
        }
        let attempt = channel.send(&message, &event, store.clock().now()).await;
        let unreachable = matches!(attempt, Attempt::Later { unreachable: true, .. });
        let tried = tried(message, attempt, store.clock().now());
        if tried.state == State::Sent {
            arrived += 1;
        }
        if let Some(why) = &tried.failure {
            let (channel, attempts) = (&channel.name, tried.attempts);
            tracing::warn!(channel, attempts, "a message did not arrive: {why}");
        }
        attempted(store, &tried).await?;
        if unreachable {
            break;
        }
    }
    Ok(arrived)
}

async fn attempting(store: &Store, message: &Message) -> Result<bool, Problem> {
    let mut tx = store.begin(None).await?;
    let ours = tx.attempting(message).await?;
    tx.commit().await.map(|_| ours)
}

async fn attempted(store: &Store, message: &Message) -> Result<(), Problem> {
    let mut tx = store.begin(None).await?;
    tx.attempted(message).await?;
    tx.commit().await.map(|_| ())
}

/// The message while it is under way: whoever is killed meanwhile tries it again later, and nobody while its
/// receiver is still waited for.
fn begun(message: &Message, patience: Duration, now: DateTime<Utc>) -> Message {
    let attempts = message.attempts + 1;
    let pause = wait::after(attempts).unwrap_or(wait::DAY);
    let patience = i64::try_from(patience.as_secs()).unwrap_or(wait::DAY) + 5;
    let next_at = now + TimeDelta::seconds(pause.max(patience));
    Message { attempts, attempted_at: Some(now), next_at, ..message.clone() }
}

/// The message after an attempt.
fn tried(message: Message, attempt: Attempt, now: DateTime<Utc>) -> Message {
    let attempts = message.attempts + 1;
    let message = Message { attempts, attempted_at: Some(now), ..message };
    match attempt {
        Attempt::Arrived => Message { state: State::Sent, failure: None, ..message },
        Attempt::Never(why) => Message { state: State::GivenUp, failure: Some(why), ..message },
        Attempt::Later { why, after, .. } => match wait::after(attempts) {
            None => Message { state: State::GivenUp, failure: Some(why), ..message },
            Some(pause) => {
                let pause = pause.max(wait::asked_for(after));
                let next_at = now + TimeDelta::seconds(pause);
                Message { next_at, failure: Some(why), ..message }
            }
        },
    }
}

/// The text of a file that holds a secret.
fn secret_text(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| {
        let why = format!("{}: {error}; put the secret there", path.display());
        Problem::new(makegood_domain::Code::File, why)
    })
}
