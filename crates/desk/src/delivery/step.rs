//! Taking messages out of the house. What is on its way is written down before it leaves, so that after
//! a crash what may have gone out is known, and nothing goes twice without somebody's word.

use super::{
    plan::AddressBook,
    run::{self, Run, State},
};
use crate::{
    desk::Decision,
    event::Event,
    mail::{Letter, Others, Sent},
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
/// … until it is given up: three days of attempts. While the desk is off nothing is tried, so days alone
/// would give up what was tried twice.
const ATTEMPTS: u32 = 41;

/// Sends what is due. Answers whether something new waits in the outbox, or more is due.
pub(crate) async fn advance(inside: &Inside) -> Result<bool, Problem> {
    let _turn = inside.mail.turn.lock().await;
    let mut more = false;
    let mut tried = 0;
    let mut barred: Option<String> = None;
    for run in run::open(&inside.profile).await? {
        if run.state == State::Sending {
            // Whoever was sending it is gone.
            let why = "the desk ended while the message was handed over; it may have gone out";
            inside.stand(&run, State::Perhaps, Some(Problem::new(Code::WrongState, why))).await?;
            continue;
        }
        // One that is due later than any pause is long was put off by a clock that was ahead.
        let longest = TimeDelta::seconds(PAUSES[PAUSES.len() - 1]);
        if run.next_at > inside.now() && run.next_at <= inside.now() + longest {
            continue;
        }
        if tried == AT_ONCE {
            return Ok(true);
        }
        match inside.carry(&run, barred.as_deref()).await {
            Ok(Step { told, others }) => {
                more |= told;
                match others {
                    Others::Yes => break,
                    Others::Perhaps(address) => (tried, barred) = (tried + 1, Some(address)),
                    Others::No if told => (tried, barred) = (tried + 1, None),
                    Others::No => {}
                }
            }
            Err(problem) => inside.stands_still(&run, problem).await?,
        }
    }
    Ok(more)
}

/// What a step came to.
struct Step {
    /// Whether something is to be told to central.
    told: bool,
    /// Whether the others would meet the same.
    others: Others,
}

impl Step {
    /// Nothing went out, and nothing is to be told.
    const WAITS: Self = Self { told: false, others: Others::No };
    const TOLD: Self = Self { told: true, others: Others::No };
}

impl Inside {
    /// One run, as far as it goes now; the one before may have been barred, at this address.
    async fn carry(&self, run: &Run, barred: Option<&str>) -> Result<Step, Problem> {
        let mut reader = self.mirror().reader().await?;
        let statement = reader.get::<Statement>(&run.statement.to_string()).await?.row;
        if statement.state != StatementState::Sealed {
            let why = "a later revision took its place before it was sent; send that one";
            let problem = Problem::new(Code::Stale, why);
            self.stand(run, State::Failed, Some(problem)).await?;
            return Ok(Step::WAITS);
        }
        let book = AddressBook::read(&mut reader, &statement, run.role).await?;
        drop(reader);
        if let Some(problem) = book.speaks_against(&run.seen) {
            if run.state != State::Held || run.problem.as_ref() != Some(&problem) {
                self.stand(run, State::Held, Some(problem)).await?;
            }
            return Ok(Step::WAITS);
        }
        let post = self.post().await?;
        let bytes = match self.sealed_bytes(&statement).await {
            Ok(bytes) => bytes,
            Err(problem) => {
                self.stand(run, State::Failed, Some(problem)).await?;
                return Ok(Step::WAITS);
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
        let (sent, line) = match post.send(letter).await {
            Ok((sent, line)) => (sent, line),
            // Nothing left: it could not even be written.
            Err(problem) => (Sent::Later { why: problem, others: Others::No }, None),
        };
        let carried = self.carried(&statement, run, sent, barred).await;
        if let Some(line) = line {
            line.leave().await;
        }
        carried
    }

    /// Writes down what became of an attempt.
    async fn carried(
        &self,
        statement: &Statement,
        run: Run,
        sent: Sent,
        barred: Option<&str>,
    ) -> Result<Step, Problem> {
        match sent {
            Sent::Taken => {
                self.told(statement, &run, (State::Sent, None)).await?;
                Ok(Step::TOLD)
            }
            Sent::Never(why) => {
                let problem = Problem::new(Code::MailRefused, why);
                self.told(statement, &run, (State::Failed, Some(problem))).await?;
                Ok(Step::TOLD)
            }
            Sent::Perhaps(why) => {
                let problem = Problem::new(Code::MailUnreachable, why);
                self.stand(&run, State::Perhaps, Some(problem)).await?;
                Ok(Step { told: false, others: Others::Yes })
            }
            Sent::Later { why, others } => {
                // Of one address it may be the other side's rule; of two it is about us. Whose was barred before
                // says nothing new: else two of them would keep all the others.
                let others = match others {
                    Others::Perhaps(_) if run.attempts > 1 => Others::No,
                    Others::Perhaps(now) if barred.is_some_and(|before| before != now) => {
                        Others::Yes
                    }
                    others => others,
                };
                let at = usize::try_from(run.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
                let pause = PAUSES.get(at).or(PAUSES.last()).copied().unwrap_or(7200);
                let run = Run { next_at: self.now() + TimeDelta::seconds(pause), ..run };
                let told = run.attempts >= ATTEMPTS;
                if told {
                    let why = format!("given up after {} attempts: {}", run.attempts, why.message);
                    let problem = Problem::new(Code::MailRefused, why);
                    self.told(statement, &run, (State::Failed, Some(problem))).await?;
                } else {
                    self.stand(&run, State::Prepared, Some(why)).await?;
                }
                if others == Others::Yes {
                    run::put_off(&self.profile, run.next_at).await?;
                }
                Ok(Step { told, others })
            }
        }
    }

    /// A step broke off. What is written down by now counts, not what was read before it: of a message
    /// that was being handed over nobody knows whether it went out.
    async fn stands_still(&self, before: &Run, problem: Problem) -> Result<(), Problem> {
        let Some(now) = run::find(&self.profile, &before.delivery.to_string()).await? else {
            return Ok(());
        };
        if now.state == State::Sending {
            tracing::warn!(code = %problem.code, "what became of a message was not written down");
            let why = format!(
                "what became of it could not be written down; it may have gone out: {}",
                problem.message
            );
            let why = Problem::new(problem.code, why);
            return self.stand(&now, State::Perhaps, Some(why)).await;
        }
        if now.state == before.state && now.problem.as_ref() != Some(&problem) {
            tracing::info!(code = %problem.code, "a message waits");
            self.stand(&now, now.state, Some(problem)).await?;
        }
        Ok(())
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
