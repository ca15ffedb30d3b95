//! A message on its way, as the profile keeps it. Every step is written down before the next begins.

use crate::{
    problem::{database, unreadable},
    profile::Profile,
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    contact::ContactRole,
    delivery::Addressee,
    id::{CustomerId, DeliveryId, StatementId},
    statement::Statement,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use std::{fmt::Display, str::FromStr};

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) delivery: DeliveryId,
    pub(crate) statement: StatementId,
    pub(crate) customer: CustomerId,
    pub(crate) role: ContactRole,
    /// Whom its author saw; nobody: it was held from the start, and goes to whom is confirmed first.
    pub(crate) seen: Vec<Addressee>,
    /// Whom it goes, or went, to.
    pub(crate) to: Vec<Addressee>,
    pub(crate) message_id: Option<String>,
    pub(crate) resend_of: Option<DeliveryId>,
    pub(crate) reason: Option<String>,
    pub(crate) state: State,
    pub(crate) attempts: u32,
    /// Not tried before.
    pub(crate) next_at: DateTime<Utc>,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) problem: Option<Problem>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It leaves with the next round, or is tried again later.
    Prepared,
    /// It waits for somebody: an address to be confirmed, or its author to look again.
    Held,
    /// It is being handed over. Found so at the start, nobody knows whether it went out.
    Sending,
    /// It may have gone out: a person has to say.
    Perhaps,
    /// The mail server took it.
    Sent,
    /// It will not go out.
    Failed,
    /// Its author gave it up.
    Dropped,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Prepared,
        Self::Held,
        Self::Sending,
        Self::Perhaps,
        Self::Sent,
        Self::Failed,
        Self::Dropped,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Perhaps => "perhaps",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

impl Run {
    /// One that nobody has looked at in particular: it goes to whoever is confirmed when it leaves.
    pub(crate) fn new(
        statement: &Statement,
        role: ContactRole,
        delivery: DeliveryId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            delivery,
            statement: statement.id,
            customer: statement.customer,
            role,
            seen: Vec::new(),
            to: Vec::new(),
            message_id: None,
            resend_of: None,
            reason: None,
            state: State::Prepared,
            attempts: 0,
            next_at: now,
            made_at: now,
            problem: None,
        }
    }
}

/// Writes a run down, new or further on.
pub(crate) async fn put(
    tx: &mut SqliteConnection,
    profile: &Profile,
    run: &Run,
) -> Result<(), Problem> {
    sqlx::query(
        "insert into delivery_run (delivery, statement, customer, role, seen, addressees, message_id,
                resend_of, reason, state, attempts, next_at, made_at, problem)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (delivery) do update set seen = excluded.seen,
           addressees = excluded.addressees, message_id = excluded.message_id,
           state = excluded.state, attempts = excluded.attempts, next_at = excluded.next_at,
           problem = excluded.problem",
    )
    .bind(run.delivery.to_string())
    .bind(run.statement.to_string())
    .bind(run.customer.to_string())
    .bind(run.role.as_str())
    .bind(json(&run.seen))
    .bind(json(&run.to))
    .bind(&run.message_id)
    .bind(run.resend_of.map(|id| id.to_string()))
    .bind(&run.reason)
    .bind(run.state.as_str())
    .bind(run.attempts)
    .bind(run.next_at.timestamp())
    .bind(run.made_at.timestamp())
    .bind(run.problem.as_ref().and_then(|problem| serde_json::to_string(problem).ok()))
    .execute(tx)
    .await
    .map(|_| ())
    .map_err(|error| database(profile.folder(), &error))
}

fn json(to: &[Addressee]) -> String {
    serde_json::to_string(to).unwrap_or_else(|_| "[]".to_owned())
}

/// The runs that are not over and need nobody's word, the oldest first.
pub(crate) async fn open(profile: &Profile) -> Result<Vec<Run>, Problem> {
    let rows = sqlx::query(
        "select * from delivery_run where state in ('prepared', 'held', 'sending') order by rowid",
    )
    .fetch_all(profile.pool())
    .await
    .map_err(|error| database(profile.folder(), &error))?;
    rows.iter().map(read).collect()
}

/// When the next one is due. What waits for something else than time (a password, say) is tried with
/// whichever round comes, and asks for none of its own.
pub(crate) async fn next_at(
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Problem> {
    let at: Option<i64> = sqlx::query_scalar(
        "select min(next_at) from delivery_run
         where state = 'prepared' and (problem is null or next_at > $1)",
    )
    .bind(now.timestamp())
    .fetch_one(profile.pool())
    .await
    .map_err(|error| database(profile.folder(), &error))?;
    Ok(at.and_then(|at| DateTime::from_timestamp(at, 0)))
}

/// The mail server is away: whatever is prepared waits until then.
pub(crate) async fn put_off(profile: &Profile, until: DateTime<Utc>) -> Result<(), Problem> {
    sqlx::query("update delivery_run set next_at = max(next_at, $1) where state = 'prepared'")
        .bind(until.timestamp())
        .execute(profile.pool())
        .await
        .map(|_| ())
        .map_err(|error| database(profile.folder(), &error))
}

/// Mail was set anew: what the server refused before, and what was never tried, need not wait for its time. What the
/// other side was not ready for gains nothing by it, and a terminal sets mail at each call.
pub(crate) async fn bring_forward(profile: &Profile, to: DateTime<Utc>) -> Result<(), Problem> {
    sqlx::query(
        "update delivery_run set next_at = min(next_at, $1) where state = 'prepared'
         and coalesce(json_extract(problem, '$.code'), 'mail_refused') = 'mail_refused'",
    )
    .bind(to.timestamp())
    .execute(profile.pool())
    .await
    .map(|_| ())
    .map_err(|error| database(profile.folder(), &error))
}

/// One run.
pub(crate) async fn find(profile: &Profile, delivery: &str) -> Result<Option<Run>, Problem> {
    let row = sqlx::query("select * from delivery_run where delivery = $1")
        .bind(delivery)
        .fetch_optional(profile.pool())
        .await
        .map_err(|error| database(profile.folder(), &error))?;
    row.as_ref().map(read).transpose()
}

/// The runs of a statement, the oldest first.
pub(crate) async fn of(profile: &Profile, statement: &str) -> Result<Vec<Run>, Problem> {
    let rows = sqlx::query("select * from delivery_run where statement = $1 order by rowid")
        .bind(statement)
        .fetch_all(profile.pool())
        .await
        .map_err(|error| database(profile.folder(), &error))?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<Run, Problem> {
    fn id<T: FromStr<Err: Display>>(text: &str) -> Result<T, Problem> {
        text.parse().map_err(|error| unreadable("a message on its way", &error))
    }
    let odd = |what: &str| unreadable("a message on its way", &what);
    let people = |column: &str| -> Result<Vec<Addressee>, Problem> {
        let text: Option<&str> = row.get(column);
        text.map_or(Ok(Vec::new()), serde_json::from_str)
            .map_err(|error| unreadable("whom a message goes to", &error))
    };
    let moment = |column| {
        DateTime::from_timestamp(row.get::<i64, _>(column), 0).unwrap_or(DateTime::UNIX_EPOCH)
    };
    let state: &str = row.get("state");
    let problem: Option<&str> = row.get("problem");
    let resend_of: Option<&str> = row.get("resend_of");
    Ok(Run {
        delivery: id(row.get("delivery"))?,
        statement: id(row.get("statement"))?,
        customer: id(row.get("customer"))?,
        role: ContactRole::parse(row.get("role")).ok_or_else(|| odd("its role"))?,
        seen: people("seen")?,
        to: people("addressees")?,
        message_id: row.get("message_id"),
        resend_of: resend_of.map(id).transpose()?,
        reason: row.get("reason"),
        state: State::ALL
            .into_iter()
            .find(|one| one.as_str() == state)
            .ok_or_else(|| odd("its state"))?,
        attempts: row.get("attempts"),
        next_at: moment("next_at"),
        made_at: moment("made_at"),
        problem: problem.and_then(|text| serde_json::from_str(text).ok()),
    })
}
