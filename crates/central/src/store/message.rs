//! Events that are told outside, and the messages that carry them.

use super::{Arg, Tx, fetch, fetch_optional, int, opt_int, opt_text, placeholders, text};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    alert::AlertLevel,
    id::{CustomerId, EventId, MessageId, PersonId},
};
use serde::Serialize;
use sqlx::{AnyConnection, any::AnyRow};
use utoipa::ToSchema;

/// Something that is told outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened: `alert.raised`.
    pub kind: String,
    /// About whom.
    pub customer: CustomerId,
    /// How urgent it is.
    pub level: AlertLevel,
    /// Whom alone it is told, by their subject at the identity provider; absent: everybody whom alerts are.
    pub recipient: Option<String>,
    /// What is told, as it is written.
    pub body: String,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageState)]
pub enum State {
    /// It is tried again.
    Waiting,
    /// It arrived.
    Sent,
    /// It was tried for days, or the receiver wants no more.
    GivenUp,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::GivenUp => "given_up",
        }
    }

    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::GivenUp];

    /// Reads a state.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Internal`] for none.
    fn parse(text: &str) -> Result<Self, Problem> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| super::missing("state of a message"))
    }
}

/// An event on its way through one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Message {
    /// Its id; the same however often it is tried.
    #[schema(value_type = uuid::Uuid)]
    pub id: MessageId,
    /// Name of the channel.
    pub channel: String,
    /// What happened: `alert.raised`.
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is due, or would have been.
    pub next_at: DateTime<Utc>,
    /// When it was last tried.
    pub attempted_at: Option<DateTime<Utc>>,
    /// Why it did not arrive.
    pub failure: Option<String>,
    /// About whom it is.
    #[schema(value_type = uuid::Uuid)]
    pub customer: CustomerId,
}

const COLUMNS: &str =
    "message.id, channel, kind, state, attempts, next_at, attempted_at, failure, event.customer";

fn read(row: &AnyRow) -> Result<Message, Problem> {
    Ok(Message {
        id: super::id(&text(row, 0)?)?,
        channel: text(row, 1)?,
        kind: text(row, 2)?,
        state: State::parse(&text(row, 3)?)?,
        attempts: int(row, 4)?,
        next_at: super::instant(int(row, 5)?)?,
        attempted_at: opt_int(row, 6)?.map(super::instant).transpose()?,
        failure: opt_text(row, 7)?,
        customer: super::id(&text(row, 8)?)?,
    })
}

fn read_event(row: &AnyRow, first: usize) -> Result<Event, Problem> {
    let level = text(row, first + 4)?;
    Ok(Event {
        id: super::id(&text(row, first)?)?,
        at: super::instant(int(row, first + 1)?)?,
        kind: text(row, first + 2)?,
        customer: super::id(&text(row, first + 3)?)?,
        level: AlertLevel::parse(&level).ok_or_else(|| super::missing("level of an event"))?,
        body: text(row, first + 5)?,
        recipient: opt_text(row, first + 6)?,
    })
}

/// The messages that stand in one of these states, newest first, before `before`; at most `most`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn page(
    conn: &mut AnyConnection,
    states: &[State],
    before: Option<MessageId>,
    most: usize,
) -> Result<Vec<Message>, Problem> {
    let sql = format!(
        "select {COLUMNS} from message join event on event.id = message.event \
         where state in {} and ($1 = '' or message.id < $1) order by message.id desc limit $2",
        placeholders(1, states.len(), 3)
    );
    let before = before.map_or_else(String::new, |id| id.to_string());
    let mut args = vec![Arg::Text(before), Arg::Int(i64::try_from(most).unwrap_or(i64::MAX))];
    args.extend(states.iter().map(|state| Arg::text(state.as_str())));
    fetch(conn, &sql, &args).await?.iter().map(read).collect()
}

/// A message; `None`: there is none of that id.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn by_id(conn: &mut AnyConnection, id: MessageId) -> Result<Option<Message>, Problem> {
    let sql = format!(
        "select {COLUMNS} from message join event on event.id = message.event where message.id = $1"
    );
    fetch_optional(conn, &sql, &[Arg::text(id)]).await?.as_ref().map(read).transpose()
}

/// The messages of a channel that are due at `now`, what is critical before the rest, then the longest due first, at
/// most `most`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn due(
    conn: &mut AnyConnection,
    channel: &str,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Vec<(Message, Event)>, Problem> {
    let sql = format!(
        "select {COLUMNS}, event.id, at, kind, customer, level, body, recipient \
         from message join event on event.id = message.event \
         where channel = $1 and state = 'waiting' and next_at <= $2 \
         order by level <> 'critical', next_at, message.id limit $3"
    );
    let args = [Arg::text(channel), Arg::Int(now.timestamp()), Arg::Int(most)];
    let rows = fetch(conn, &sql, &args).await?;
    rows.iter().map(|row| Ok((read(row)?, read_event(row, 9)?))).collect()
}

/// Whether there are events of which no message was made, or messages that wait for other channels
/// than these.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn anything_new(conn: &mut AnyConnection, channels: &[&str]) -> Result<bool, Problem> {
    let sql = "select id from event where spread = 0 limit 1";
    if fetch_optional(conn, sql, &[]).await?.is_some() {
        return Ok(true);
    }
    let sql = "select distinct channel from message where state = 'waiting'";
    for row in fetch(conn, sql, &[]).await? {
        if !channels.contains(&text(&row, 0)?.as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many messages of each channel wait, and how many were given up.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn counts(conn: &mut AnyConnection) -> Result<Vec<(String, String, i64)>, Problem> {
    let sql = "select channel, state, count(*) from message \
               where state in ('waiting', 'given_up') group by channel, state";
    let rows = fetch(conn, sql, &[]).await?;
    rows.iter().map(|row| Ok((text(row, 0)?, text(row, 1)?, int(row, 2)?))).collect()
}

/// Whether somebody was told of a month.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn has_digest(
    conn: &mut AnyConnection,
    person: PersonId,
    month: &str,
) -> Result<bool, Problem> {
    let sql = "select at from digest where person = $1 and month = $2";
    Ok(fetch_optional(conn, sql, &[Arg::text(person), Arg::text(month)]).await?.is_some())
}

impl Tx {
    /// Notes that somebody is told of a month; `false`: they were before.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn keep_digest(
        &mut self,
        person: PersonId,
        month: &str,
    ) -> Result<bool, Problem> {
        let sql = "insert into digest (person, month, at) values ($1, $2, $3) \
                   on conflict (person, month) do nothing";
        let args = [Arg::text(person), Arg::text(month), Arg::Int(self.now().timestamp())];
        Ok(self.execute(sql, &args).await? == 1)
    }

    /// Keeps an event; messages are made of it afterwards.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn add_event(&mut self, event: &Event) -> Result<(), Problem> {
        let sql = "insert into event (id, at, kind, customer, level, spread, body, recipient) \
                   values ($1, $2, $3, $4, $5, 0, $6, $7)";
        let args = [
            Arg::text(event.id),
            Arg::Int(event.at.timestamp()),
            Arg::text(&event.kind),
            Arg::text(event.customer),
            Arg::text(event.level.as_str()),
            Arg::text(&event.body),
            Arg::opt_text(event.recipient.as_ref()),
        ];
        self.execute(sql, &args).await.map(|_| ())
    }

    /// Events of which no message was made yet, oldest first, at most `most`.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn unspread(&mut self, most: i64) -> Result<Vec<Event>, Problem> {
        let sql = "select id, at, kind, customer, level, body, recipient from event \
                   where spread = 0 order by id limit $1";
        let rows = self.fetch(sql, &[Arg::Int(most)]).await?;
        rows.iter().map(|row| read_event(row, 0)).collect()
    }

    /// Makes a message of each event for each channel that it goes to.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn spread(
        &mut self,
        events: &[Event],
        goes_to: &[(EventId, &str)],
    ) -> Result<(), Problem> {
        let now = self.now().timestamp();
        for some in goes_to.chunks(100) {
            let mut args = Vec::with_capacity(some.len() * 6);
            for (event, channel) in some {
                let id: MessageId = self.store().ids().make();
                args.extend([Arg::text(id), Arg::text(event), Arg::text(channel)]);
                args.extend([Arg::text(State::Waiting.as_str()), Arg::Int(0), Arg::Int(now)]);
            }
            let sql = format!(
                "insert into message (id, event, channel, state, attempts, next_at) values {}",
                placeholders(some.len(), 6, 1)
            );
            self.execute(&sql, &args).await?;
        }
        for event in events {
            let sql = "update event set spread = 1 where id = $1";
            self.execute(sql, &[Arg::text(event.id)]).await?;
        }
        Ok(())
    }

    /// Keeps that an attempt has begun; `false`: somebody else has begun one since the message was read.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn attempting(&mut self, message: &Message) -> Result<bool, Problem> {
        let sql = "update message set attempts = $2, next_at = $3, attempted_at = $4 \
                   where id = $1 and state = 'waiting' and attempts < $2";
        let args = [
            Arg::text(message.id),
            Arg::Int(message.attempts),
            Arg::Int(message.next_at.timestamp()),
            Arg::opt_int(message.attempted_at.map(|at| at.timestamp())),
        ];
        Ok(self.execute(sql, &args).await? == 1)
    }

    /// Keeps what became of an attempt.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn attempted(&mut self, message: &Message) -> Result<(), Problem> {
        let sql = "update message set state = $2, attempts = $3, next_at = $4, \
                   attempted_at = $5, failure = $6 where id = $1 and state = 'waiting'";
        let args = [
            Arg::text(message.id),
            Arg::text(message.state.as_str()),
            Arg::Int(message.attempts),
            Arg::Int(message.next_at.timestamp()),
            Arg::opt_int(message.attempted_at.map(|at| at.timestamp())),
            Arg::opt_text(message.failure.as_deref()),
        ];
        self.execute(sql, &args).await.map(|_| ())
    }

    /// Has a message that was given up tried anew, from now and as often as a new one, under its own id;
    /// `false`: it was not given up.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn resend(&mut self, id: MessageId) -> Result<bool, Problem> {
        let sql = "update message set state = 'waiting', attempts = 0, next_at = $2 \
                   where id = $1 and state = 'given_up'";
        let args = [Arg::text(id), Arg::Int(self.now().timestamp())];
        Ok(self.execute(sql, &args).await? == 1)
    }

    /// Gives up what waits for channels that are no longer in the settings; how many.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn give_up_others(&mut self, channels: &[&str]) -> Result<u64, Problem> {
        let named: Vec<String> = (2..channels.len() + 2).map(|at| format!("${at}")).collect();
        let others = if named.is_empty() {
            String::new()
        } else {
            format!("and channel not in ({})", named.join(", "))
        };
        let sql = format!(
            "update message set state = 'given_up', failure = $1 where state = 'waiting' {others}"
        );
        let mut args = vec![Arg::text("the settings name no such channel any more")];
        args.extend(channels.iter().map(Arg::text));
        self.execute(&sql, &args).await
    }
}
