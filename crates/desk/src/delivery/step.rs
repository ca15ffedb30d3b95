//! Taking messages out of the house. What is on its way is written down before it leaves, so that after
//! a crash what may have gone out is known, and nothing goes twice without somebody's word.

use super::{
    plan::AddressBook,
    run::{self, Run, State},
};
use crate::{
    desk::Decision,
    event::Event,
    mail::{Letter, Sent},
    problem::database,
    seat::Inside,
};
use chrono::TimeDelta;
use makegood_domain::{
    Code, Problem,
    command::Verb,
    delivery::{Channel, Delivered},
    statement::{Statement, StatementState},
};

/// Messages of one turn: between turns decisions go out and news come in.
const AT_ONCE: usize = 10;
/// Pauses after attempts that failed for now, in seconds; then the last one again …
const PAUSES: [i64; 6] = [60, 300, 900, 1800, 3600, 7200];
/// … until it is given up.
const PATIENCE: TimeDelta = TimeDelta::days(3);

/// Sends what is due. Answers whether something new waits in the outbox, or more is due.
pub(crate) async fn advance(inside: &Inside) -> Result<bool, Problem> {
    let _turn = inside.mail.turn.lock().await;
    let mut more = false;
    let mut tried = 0;
    for run in run::open(&inside.profile).await? {
        if run.state == State::Sending {
            // Whoever was sending it is gone.
            let why = "the desk ended while the message was handed over; it may have gone out";
            inside.stand(&run, State::Perhaps, Some(Problem::new(Code::WrongState, why))).await?;
            continue;
        }
        if run.next_at > inside.now() {
            continue;
        }
        if tried == AT_ONCE {
            return Ok(true);
        }
        match inside.carry(&run).await {
            Ok(Stepped::Waits) => {}
            Ok(Stepped::Told) => {
                (more, tried) = (true, tried + 1);
            }
            // The others would meet the same.
            Ok(Stepped::Away) => break,
            Err(problem) if run.problem.as_ref() == Some(&problem) => {}
            Err(problem) => {
                tracing::info!(code = %problem.code, "a message waits");
                inside.stand(&run, run.state, Some(problem)).await?;
            }
        }
    }
    Ok(more)
}

/// What a step came to.
enum Stepped {
    /// Nothing went out, and nothing is to be told.
    Waits,
    /// Something is to be told to central.
    Told,
    /// The mail server is away.
    Away,
}

impl Inside {
    /// One run, as far as it goes now.
    async fn carry(&self, run: &Run) -> Result<Stepped, Problem> {
        let mut reader = self.mirror().reader().await?;
        let statement = reader.get::<Statement>(&run.statement.to_string()).await?.row;
        if statement.state != StatementState::Sealed {
            let why = "a later revision took its place before it was sent; send that one";
            let problem = Problem::new(Code::Stale, why);
            self.stand(run, State::Failed, Some(problem)).await?;
            return Ok(Stepped::Waits);
        }
        let book = AddressBook::read(&mut reader, &statement, run.role).await?;
        drop(reader);
        if let Some(problem) = book.speaks_against(&run.seen) {
            if run.state != State::Held || run.problem.as_ref() != Some(&problem) {
                self.stand(run, State::Held, Some(problem)).await?;
            }
            return Ok(Stepped::Waits);
        }
        let post = self.post().await?;
        let bytes = match self.sealed_bytes(&statement).await {
            Ok(bytes) => bytes,
            Err(problem) => {
                self.stand(run, State::Failed, Some(problem)).await?;
                return Ok(Stepped::Waits);
            }
        };
        let (subject, text) = self.words(&statement).await?;
        let id = format!("<{}@{}>", run.delivery, post.from.email.domain());
        let run = Run {
            to: book.open,
            message_id: Some(id.clone()),
            attempts: run.attempts + 1,
            ..run.clone()
        };
        self.stand(&run, State::Sending, None).await?;
        let file = (format!("{}-r{}.pdf", statement.number, statement.revision), bytes);
        let letter = Letter { id, to: run.to.clone(), subject, text, file, at: self.now() };
        let sent = match post.send(letter).await {
            Ok(sent) => sent,
            // Nothing left: it could not even be written.
            Err(problem) => Sent::Later { why: problem, away: false },
        };
        self.carried(&statement, run, sent).await
    }

    /// Writes down what became of an attempt.
    async fn carried(
        &self,
        statement: &Statement,
        run: Run,
        sent: Sent,
    ) -> Result<Stepped, Problem> {
        let now = self.now();
        match sent {
            Sent::Taken => {
                self.told(statement, &run, (State::Sent, None)).await?;
                Ok(Stepped::Told)
            }
            Sent::Never(why) => {
                let problem = Problem::new(Code::MailRefused, why);
                self.told(statement, &run, (State::Failed, Some(problem))).await?;
                Ok(Stepped::Told)
            }
            Sent::Perhaps(why) => {
                let problem = Problem::new(Code::MailUnreachable, why);
                self.stand(&run, State::Perhaps, Some(problem)).await?;
                Ok(Stepped::Away)
            }
            Sent::Later { why, .. } if now - run.made_at > PATIENCE => {
                let why = format!("given up after {} attempts: {}", run.attempts, why.message);
                let problem = Problem::new(Code::MailRefused, why);
                self.told(statement, &run, (State::Failed, Some(problem))).await?;
                Ok(Stepped::Told)
            }
            Sent::Later { why, away } => {
                let at = usize::try_from(run.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
                let pause = PAUSES.get(at).or(PAUSES.last()).copied().unwrap_or(7200);
                let run = Run { next_at: now + TimeDelta::seconds(pause), ..run };
                self.stand(&run, State::Prepared, Some(why)).await?;
                if !away {
                    return Ok(Stepped::Waits);
                }
                run::put_off(&self.profile, run.next_at).await?;
                Ok(Stepped::Away)
            }
        }
    }

    /// Writes down where a run stands.
    pub(super) async fn stand(
        &self,
        run: &Run,
        state: State,
        problem: Option<Problem>,
    ) -> Result<(), Problem> {
        let refused = |error: sqlx::Error| database(self.profile.folder(), &error);
        let mut conn = self.profile.pool().acquire().await.map_err(refused)?;
        let run = Run { state, problem, ..run.clone() };
        run::put(&mut conn, &self.profile, &run).await?;
        self.tell(Event::Changed);
        Ok(())
    }

    /// The end of a run, in one transaction with the command that tells central.
    pub(super) async fn told(
        &self,
        statement: &Statement,
        run: &Run,
        (state, problem): (State, Option<Problem>),
    ) -> Result<(), Problem> {
        let sent = state == State::Sent;
        let why = problem.as_ref().map(|problem| problem.message.clone());
        let told = Delivered {
            delivery: run.delivery,
            statement: run.statement,
            channel: Channel::Mail,
            to: run.to.clone(),
            message_id: run.message_id.clone(),
            sha256: statement.sha256.clone().unwrap_or_default(),
            sent,
            why,
            resend_of: run.resend_of,
            reason: run.reason.clone(),
            at: self.now(),
        };
        let word = if sent { "Record that" } else { "Record the failure of" };
        let put = self.put(Decision {
            verb: Verb::RecordDelivery(told),
            base: Vec::new(),
            what: format!("{word} {}{}", statement.number, if sent { " was sent" } else { "" }),
            subject: statement.period.clone(),
            hold: false,
        })?;
        let refused = |error: sqlx::Error| database(self.profile.folder(), &error);
        let mut tx = self.profile.pool().begin().await.map_err(refused)?;
        self.outbox.put_in(&mut tx, &put).await?;
        let run = Run { state, problem: problem.filter(|_| !sent), ..run.clone() };
        run::put(&mut tx, &self.profile, &run).await?;
        tx.commit().await.map_err(refused)?;
        self.tell(Event::Changed);
        Ok(())
    }
}
