//! Taking statements from their number to their sealed file.

use super::{
    batch,
    file::place,
    run::{self, Run, Step, Written},
};
use crate::{
    desk::{Decision, seen},
    event::{Event, Progress},
    outbox::EntryState,
    problem::database,
    profile::private_folder,
    seat::Inside,
};
use makegood_domain::{
    Code, Problem,
    command::{Outcome, Verb},
    id::CommandId,
    settlement::Settlement,
    statement::{Statement, StatementState},
};
use makegood_statement::{StatementError, Writers};
use std::{num::NonZero, sync::Arc};
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinSet,
};

/// So many statements are under way for each core: while the disk is waited for with one, the core
/// goes on with another.
const FOR_EACH_CORE: usize = 3;

/// What statements are made with.
struct Hands {
    writers: Writers,
    /// One for each core: so many are laid out and sealed at once.
    cores: Semaphore,
}

/// What central answered.
enum Reply {
    Waiting,
    /// It took effect; the feed's position that shows it.
    Applied(i64),
    Refused(Problem),
}

/// Takes every statement as far as it goes now, on all cores, and asks for the numbers of the next ones.
/// Answers whether something new waits in the outbox. What speaks against one statement is written
/// down with it and holds no other up.
pub(crate) async fn advance(inside: &Arc<Inside>) -> Result<bool, Problem> {
    let _turn = inside.sealer.lock().await;
    let runs = run::open(&inside.profile).await?;
    let total = runs.len() as u64;
    let mut runs = runs.into_iter();
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let hands = match total {
        0 => None,
        _ => Some(Arc::new(Hands { writers: Writers::start()?, cores: Semaphore::new(cores) })),
    };
    let (mut going, mut stepped, mut more) = (JoinSet::new(), 0, false);
    // An authority for time stamps that is away is asked once a round, not once for each run.
    let mut no_stamps: Option<Problem> = None;
    loop {
        while going.len() < cores * FOR_EACH_CORE
            && let Some(hands) = &hands
            && let Some(run) = runs.next()
        {
            let refused = no_stamps.clone().filter(|_| run.step == Step::Numbered);
            going.spawn(take_on(Arc::clone(inside), Arc::clone(hands), run, refused));
        }
        let Some(done) = going.join_next().await else { break };
        let done = done.map_err(|_| Problem::new(Code::Internal, "a statement's run stopped"))?;
        stepped += 1;
        inside.tell(Event::Progress(Progress {
            job: "statements".to_owned(),
            done: stepped,
            total: Some(total),
            text: format!("{stepped} of {total} SLA statements on their way"),
        }));
        match done? {
            Ok(put) => more |= put,
            Err(problem) if problem.code == Code::StampUnreachable => no_stamps = Some(problem),
            Err(_) => {}
        }
    }
    more |= batch::feed(inside).await?;
    // What is in the way of a run's end keeps nothing else: the next round tries it again.
    if let Err(problem) = batch::end(inside).await {
        tracing::warn!(code = %problem.code, "a run's list waits");
    }
    if stepped > 0 {
        inside.tell(Event::Changed);
    }
    Ok(more)
}

/// One step of one run. What is in its way is written down with it.
async fn take_on(
    inside: Arc<Inside>,
    hands: Arc<Hands>,
    run: Run,
    refused: Option<Problem>,
) -> Result<Result<bool, Problem>, Problem> {
    let stepped = match refused {
        Some(problem) => Err(problem),
        None => inside.step(&run, &hands).await,
    };
    if let Err(problem) = &stepped {
        tracing::info!(code = %problem.code, "a statement's run waits");
        run::stuck(&inside.profile, &run, problem).await?;
    }
    Ok(stepped)
}

fn is_of_house(problem: &Problem) -> bool {
    problem.path.as_deref().is_none_or(|path| path.starts_with("legal_entity"))
}

impl Inside {
    /// One step of one run; whether it put something into the outbox.
    async fn step(&self, run: &Run, hands: &Arc<Hands>) -> Result<bool, Problem> {
        match run.step {
            Step::Asked => match self.answer(run.issue).await? {
                Reply::Waiting => Ok(false),
                Reply::Applied(seq) => {
                    run::numbered(&self.profile, run, seq).await?;
                    self.tell(Event::Changed);
                    let run = Run { step: Step::Numbered, seq, ..run.clone() };
                    self.write_and_seal(&run, hands).await
                }
                Reply::Refused(problem) => {
                    run::at(&self.profile, run, Step::Failed, Some(&problem)).await?;
                    Ok(false)
                }
            },
            Step::Numbered => self.write_and_seal(run, hands).await,
            Step::Written => {
                let Some(seal) = run.seal else {
                    return self.write_and_seal(run, hands).await;
                };
                match self.answer(seal).await? {
                    Reply::Waiting => Ok(false),
                    Reply::Applied(_) => {
                        run::at(&self.profile, run, Step::Sealed, None).await?;
                        Ok(false)
                    }
                    Reply::Refused(problem) => self.void(run, problem).await,
                }
            }
            Step::Sealed | Step::Failed => Ok(false),
        }
    }

    /// What central answered to a command of a run.
    async fn answer(&self, command: CommandId) -> Result<Reply, Problem> {
        let entry = self.outbox.entry(command).await?;
        Ok(match (entry.state, entry.answer.map(|answer| answer.outcome)) {
            (EntryState::Queued | EntryState::Sent, _) => Reply::Waiting,
            (_, Some(Outcome::Applied { receipt })) => Reply::Applied(receipt.seq),
            (
                _,
                Some(
                    Outcome::Stale { problem }
                    | Outcome::Forbidden { problem }
                    | Outcome::Invalid { problem },
                ),
            ) => Reply::Refused(problem),
            (_, None) => Reply::Refused(Problem::new(Code::WrongState, "it was taken back")),
        })
    }

    /// Lays out, seals, verifies, writes whole, and puts the hash into the outbox.
    async fn write_and_seal(&self, run: &Run, hands: &Arc<Hands>) -> Result<bool, Problem> {
        let mirror = self.mirror();
        if mirror.seq().await? < run.seq {
            return Ok(false);
        }
        let found = mirror.reader().await?.find::<Statement>(&run.statement.to_string()).await?;
        let Some(statement) = found else { return self.out_of_sight(run, None).await };
        if statement.state != StatementState::Issued {
            run::at(&self.profile, run, Step::Failed, None).await?;
            return Ok(false);
        }
        if self.moved_on(&statement).await? {
            let why = "the measurement was revised before it was sealed; issue it again";
            return self.void(run, Problem::new(Code::Stale, why)).await;
        }
        if let Some(problem) = self.numbered_before_the_seal(statement.issued_at)? {
            return self.void(run, problem).await;
        }
        let written = match self.write(&statement, hands).await {
            // Waiting cures nothing of what the customer's own data say and nothing can set: the number goes
            // back. A letterhead is the house's, and mended while all of its statements wait.
            Err(problem) if problem.code == Code::StatementLayout && !is_of_house(&problem) => {
                return self.void(run, problem).await;
            }
            other => other?,
        };
        let put = self.put(Decision {
            verb: Verb::SealStatement {
                statement: run.statement,
                sha256: written.sha256.clone(),
                cases: written.cases.clone(),
            },
            base: vec![seen("statement", &run.statement.to_string(), statement.version)],
            what: format!(
                "Record the seal of {}, revision {}",
                statement.number, statement.revision
            ),
            subject: run.period.clone(),
            hold: false,
        })?;
        let mut tx = self.begin().await?;
        self.outbox.put_in(&mut tx, &put).await?;
        run::written(&mut tx, &self.profile, run, put.command.id, &written).await?;
        tx.commit().await.map_err(|error| database(self.profile.folder(), &error))?;
        Ok(true)
    }

    /// Whether the measurement was revised since the number was given.
    async fn moved_on(&self, statement: &Statement) -> Result<bool, Problem> {
        let mut reader = self.mirror().reader().await?;
        for case in &statement.rests_on {
            let now = reader.get::<Settlement>(&case.settlement.to_string()).await?;
            if now.revision != case.revision {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives the number back, on record, and ends the run.
    async fn void(&self, run: &Run, problem: Problem) -> Result<bool, Problem> {
        let mut reader = self.mirror().reader().await?;
        let found = reader.find::<Statement>(&run.statement.to_string()).await?;
        drop(reader);
        let Some(statement) = found else { return self.out_of_sight(run, Some(problem)).await };
        if statement.state != StatementState::Issued {
            run::at(&self.profile, run, Step::Failed, Some(&problem)).await?;
            return Ok(false);
        }
        let put = self.put(Decision {
            verb: Verb::VoidStatement { statement: run.statement, reason: problem.message.clone() },
            base: vec![seen("statement", &run.statement.to_string(), statement.version)],
            what: format!("Void {}, revision {}", statement.number, statement.revision),
            subject: run.period.clone(),
            hold: false,
        })?;
        let mut tx = self.begin().await?;
        self.outbox.put_in(&mut tx, &put).await?;
        run::failed(&mut tx, &self.profile, run, &problem).await?;
        tx.commit().await.map_err(|error| database(self.profile.folder(), &error))?;
        Ok(true)
    }

    /// The mirror has passed the number, and has no such statement: the run ends. Its number can't be
    /// given back from here.
    async fn out_of_sight(&self, run: &Run, before: Option<Problem>) -> Result<bool, Problem> {
        let gone = || {
            let why = "its number was given, and the SLA statement is not in the local copy: its \
                       customer left your scope; whoever sees the customer can issue it again";
            Problem::new(Code::NotFound, why)
        };
        let problem = before.unwrap_or_else(gone);
        run::at(&self.profile, run, Step::Failed, Some(&problem)).await?;
        Ok(false)
    }

    /// The sealed file, verified before anybody sees it.
    async fn write(&self, statement: &Statement, hands: &Arc<Hands>) -> Result<Written, Problem> {
        let (document, settlements) = self.document(statement).await?;
        let names: Vec<_> = document.contracts.iter().map(|part| part.file_name.clone()).collect();
        let stopped = || StatementError::Internal("writing stopped".to_owned());
        let making = hands.cores.acquire().await.map_err(|_| stopped())?;
        let (bytes, verified) = self.sealed(document).await?;
        drop(making);
        let hash = |name: &String| {
            let found = verified.cases.iter().find(|case| case.file_name == *name);
            found.map_or_else(String::new, |case| case.sha256.clone())
        };
        let cases = settlements.into_iter().zip(names.iter().map(hash)).collect();
        let relative = place(statement);
        let path = self.profile.folder().join(&relative);
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let (tell, told) = oneshot::channel();
        // Nobody listening: the seat was left, and the file is written again.
        let done = move |written| drop(tell.send(written));
        let hands = Arc::clone(hands);
        tokio::task::spawn_blocking(move || hands.writers.write(path, bytes, done))
            .await
            .map_err(|_| stopped())??;
        told.await.map_err(|_| stopped())??;
        let (sha256, verdict) = (verified.sha256, verified.words);
        Ok(Written { file: relative, sha256, verdict, cases })
    }
}
