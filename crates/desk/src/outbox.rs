//! The outbox: what a person decided is written here before anything else happens, and leaves in
//! the order in which it was decided. A row is never deleted; it changes state.

mod again;
mod letter;
mod order;
mod push;
mod restored;
mod typed;
mod view;

pub use again::DecideAgain;
pub use letter::Letter;
pub(crate) use push::push;
pub use typed::Typed;
pub use view::{OutboxRow, OutboxView};

use self::order::Order;
use crate::{
    problem::{database, unreadable},
    profile::Profile,
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    Clock, Code, Problem,
    command::{Answer, Command, Verb},
    id::CommandId,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

/// So far it is looked for what may leave next.
const AHEAD: i64 = 1_000;

/// A decision on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What was decided.
    pub command: Command,
    /// In words: `Approve CR-311, €1,200.00`.
    pub what: String,
    /// About whom: `Northwind GmbH · NW-1`.
    pub subject: String,
    /// Where it stands.
    pub state: EntryState,
    /// When it was decided.
    pub made_at: DateTime<Utc>,
    /// Not sent before; until then it can be taken back.
    pub send_at: DateTime<Utc>,
    /// What central answered.
    pub answer: Option<Answer>,
    /// What central last failed over when it was sent this, and has not answered since.
    pub trouble: Option<Problem>,
}

/// By so much clocks are put back as a matter of course.
const PUT_BACK: TimeDelta = TimeDelta::seconds(2);

impl Entry {
    /// Whether it is held back, so that its author can take it back. A clock that has been put back far
    /// holds nothing: it would hold it for as long as it was wrong.
    #[must_use]
    pub fn is_held(&self, now: DateTime<Utc>) -> bool {
        is_held((self.made_at, self.send_at), now)
    }
}

impl Entry {
    /// Whether its author has to look: central refused it.
    pub(crate) fn came_back(&self) -> bool {
        matches!(self.state, EntryState::Refused | EntryState::Stale)
    }
}

fn is_held((made_at, send_at): (DateTime<Utc>, DateTime<Utc>), now: DateTime<Utc>) -> bool {
    made_at < send_at && made_at - PUT_BACK <= now && now < send_at
}

/// Where a decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// It waits here.
    Queued,
    /// It was sent; whether it arrived is not known. Sending it again is harmless.
    Sent,
    /// It took effect.
    Confirmed,
    /// Central refused it, with a reason.
    Refused,
    /// What its author saw has changed.
    Stale,
    /// Its author took it back, or has seen the refusal.
    Discarded,
}

impl EntryState {
    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Stale => "stale",
            Self::Discarded => "discarded",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Sent, Self::Confirmed, Self::Refused, Self::Stale, Self::Discarded]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A decision as it is put down.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    /// What was decided.
    pub command: Command,
    /// In words.
    pub what: String,
    /// About whom.
    pub subject: String,
    /// How long it can be taken back.
    pub hold: TimeDelta,
}

/// A profile's outbox.
#[derive(Debug, Clone)]
pub struct Outbox {
    profile: Profile,
    clock: Clock,
}

impl Outbox {
    /// The outbox of this profile.
    #[must_use]
    pub fn new(profile: Profile, clock: Clock) -> Self {
        Self { profile, clock }
    }

    /// Puts decisions down, all or none; when this returns they survive whatever happens.
    ///
    /// # Errors
    /// [`Code::Database`], [`Code::DiskFull`]: then nothing was put down, and the author is told.
    pub async fn put(&self, puts: &[Put]) -> Result<(), Problem> {
        let mut tx = self.profile.pool().begin().await.map_err(|e| self.refused(&e))?;
        for put in puts {
            self.put_in(&mut tx, put).await?;
        }
        tx.commit().await.map_err(|e| self.refused(&e))
    }

    /// Puts one decision down in somebody's transaction.
    pub(crate) async fn put_in(&self, tx: &mut SqliteConnection, put: &Put) -> Result<(), Problem> {
        let now = self.clock.now();
        // The clock is cut to the second: what may be taken back for eight may be so for no less.
        let cut = TimeDelta::seconds(i64::from(!put.hold.is_zero()));
        let body = serde_json::to_string(&put.command)
            .map_err(|error| Problem::new(Code::Internal, format!("command: {error}")))?;
        sqlx::query(
            "insert into outbox (id, command, what, subject, state, made_at, send_at)
             values ($1, $2, $3, $4, 'queued', $5, $6)",
        )
        .bind(put.command.id.to_string())
        .bind(body)
        .bind(&put.what)
        .bind(&put.subject)
        .bind(now.timestamp())
        .bind((now + put.hold + cut).timestamp())
        .execute(tx)
        .await
        .map(|_| ())
        .map_err(|e| self.refused(&e))
    }

    /// When the first decision may leave of those that this desk's token carries; `None` when none of
    /// them waits.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn next_due(
        &self,
        carries: impl Fn(&Verb) -> bool,
    ) -> Result<Option<DateTime<Utc>>, Problem> {
        let sql = "select id, command, what, subject, state, made_at, send_at, answer, trouble
                   from outbox
                   where state in ('queued', 'sent') order by position limit $1";
        let (now, mut order) = (self.clock.now(), Order::default());
        for entry in self.entries(sql, AHEAD).await? {
            // Nothing overtakes what is held, whoever may send it.
            if entry.is_held(now) {
                return Ok(Some(entry.send_at));
            }
            if !carries(&entry.command.verb) {
                order.keep(&entry.command);
            } else if order.lets(&entry.command) {
                return Ok(Some(now));
            }
        }
        Ok(None)
    }

    /// Takes back a decision that has not left, or puts a refusal aside.
    ///
    /// # Errors
    /// [`Code::WrongState`] when it has left or took effect; [`Code::NotFound`].
    pub async fn discard(&self, id: CommandId) -> Result<(), Problem> {
        let done = sqlx::query(
            "update outbox set state = 'discarded'
             where id = $1 and state in ('queued', 'refused', 'stale')",
        )
        .bind(id.to_string())
        .execute(self.profile.pool())
        .await
        .map_err(|e| self.refused(&e))?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        let entry = self.entry(id).await?;
        Err(Problem::new(
            Code::WrongState,
            format!("\"{}\" is {} and can't be cancelled", entry.what, entry.state.as_str()),
        ))
    }

    /// Takes back those of some decisions that have not left yet, all at once; how many those were.
    ///
    /// # Errors
    /// [`Code::Database`]: then none was.
    pub async fn take_back(&self, ids: &[CommandId]) -> Result<u64, Problem> {
        let ids = serde_json::Value::from_iter(ids.iter().map(ToString::to_string)).to_string();
        let sql = "update outbox set state = 'discarded'
                   where state = 'queued' and id in (select value from json_each($1))";
        let done = sqlx::query(sql).bind(ids).execute(self.profile.pool()).await;
        Ok(done.map_err(|e| self.refused(&e))?.rows_affected())
    }

    /// One decision.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn entry(&self, id: CommandId) -> Result<Entry, Problem> {
        let row = sqlx::query(
            "select id, command, what, subject, state, made_at, send_at, answer, trouble
                   from outbox
             where id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.profile.pool())
        .await
        .map_err(|e| self.refused(&e))?;
        match row {
            Some(row) => read(&row),
            None => Err(Problem::new(Code::NotFound, format!("no change {id} in the outbox"))),
        }
    }

    /// What the screen shows: what waits or came back, whole; and of what took effect the latest. The latest
    /// first, without what was discarded.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn recent(&self) -> Result<Vec<Entry>, Problem> {
        self.entries(
            "select id, command, what, subject, state, made_at, send_at, answer, trouble
                   from outbox
             where state in ('queued', 'sent', 'refused', 'stale') or position in (
               select position from outbox where state = 'confirmed' order by position desc limit $1)
             order by position desc",
            200,
        )
        .await
    }

    /// What the mirror does not show yet: everything on its way, and what took effect after `seq`.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn pending(&self, seq: i64) -> Result<Vec<Entry>, Problem> {
        self.entries(
            "select id, command, what, subject, state, made_at, send_at, answer, trouble
                   from outbox
             where state in ('queued', 'sent') or (state = 'confirmed' and receipt_seq > $1)
             order by position",
            seq,
        )
        .await
    }

    /// How many decisions wait, and how many came back.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn counts(&self) -> Result<Counts, Problem> {
        let row = sqlx::query(
            "select count(*) filter (where state in ('queued', 'sent')) as waiting,
                    count(*) filter (where state in ('refused', 'stale')) as returned from outbox",
        )
        .fetch_one(self.profile.pool())
        .await
        .map_err(|e| self.refused(&e))?;
        let number = |column| u32::try_from(row.get::<i64, _>(column)).unwrap_or(u32::MAX);
        Ok(Counts { waiting: number("waiting"), returned: number("returned") })
    }

    async fn entries(&self, sql: &'static str, bound: i64) -> Result<Vec<Entry>, Problem> {
        let rows = sqlx::query(sql)
            .bind(bound)
            .fetch_all(self.profile.pool())
            .await
            .map_err(|e| self.refused(&e))?;
        rows.iter().map(read).collect()
    }

    fn refused(&self, error: &sqlx::Error) -> Problem {
        database(&self.profile.folder().join("user.db"), error)
    }
}

/// How much of the outbox is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Waits to be sent or answered.
    pub waiting: u32,
    /// Refused or stale: its author has to look.
    pub returned: u32,
}

impl Counts {
    /// `3 changes waiting, 2 came back`; nothing where nothing is open.
    #[must_use]
    pub fn in_words(self) -> Option<String> {
        let waiting = match self.waiting {
            0 => None,
            1 => Some("1 change waiting".to_owned()),
            many => Some(format!("{many} changes waiting")),
        };
        let returned = (self.returned > 0).then(|| format!("{} came back", self.returned));
        match (waiting, returned) {
            (Some(waiting), Some(returned)) => Some(format!("{waiting}, {returned}")),
            (waiting, returned) => waiting.or(returned),
        }
    }
}

fn read(row: &SqliteRow) -> Result<Entry, Problem> {
    let id: String = row.get("id");
    let what = format!("change {id} in the outbox");
    let command = serde_json::from_str(row.get("command")).map_err(|e| unreadable(&what, &e))?;
    let state: &str = row.get("state");
    let (answer, trouble): (Option<&str>, Option<&str>) = (row.get("answer"), row.get("trouble"));
    let moment = |column| {
        DateTime::from_timestamp(row.get::<i64, _>(column), 0).unwrap_or(DateTime::UNIX_EPOCH)
    };
    Ok(Entry {
        command,
        what: row.get("what"),
        subject: row.get("subject"),
        state: EntryState::parse(state).ok_or_else(|| unreadable(&what, &state))?,
        made_at: moment("made_at"),
        send_at: moment("send_at"),
        answer: answer.map(serde_json::from_str).transpose().map_err(|e| unreadable(&what, &e))?,
        trouble: trouble
            .map(serde_json::from_str)
            .transpose()
            .map_err(|e| unreadable(&what, &e))?,
    })
}
