//! Taking statements from their number to their sealed file.

use super::run::{self, Run, Step, Written};
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
use makegood_mirror::Versioned;
use makegood_statement::{render, verify, write_whole};
use std::path::PathBuf;

/// Takes every run as far as it goes now. Answers whether something new waits in the outbox.
/// What speaks against one run is written down with it and holds no other up.
pub(crate) async fn advance(inside: &Inside) -> Result<bool, Problem> {
    let _turn = inside.sealer.lock().await;
    let runs = run::open(&inside.profile).await?;
    let total = runs.len() as u64;
    let mut more = false;
    for (done, run) in runs.into_iter().enumerate() {
        match inside.step(&run).await {
            Ok(put) => more |= put,
            Err(problem) => {
                tracing::info!(code = %problem.code, "a statement's run waits");
                run::at(&inside.profile, &run, run.step, Some(&problem)).await?;
            }
        }
        inside.tell(Event::Changed);
        if run.step == Step::Numbered {
            inside.tell(Event::Progress(Progress {
                job: "statements".to_owned(),
                done: done as u64 + 1,
                total: Some(total),
                text: format!("Sealing {}", run.period),
            }));
        }
    }
    Ok(more)
}

impl Inside {
    /// One step of one run; whether it put something into the outbox.
    async fn step(&self, run: &Run) -> Result<bool, Problem> {
        match run.step {
            Step::Asked => {
                if let Some(seq) = self.answered(run, run.issue).await? {
                    run::numbered(&self.profile, run, seq).await?;
                    let run = Run { step: Step::Numbered, seq, ..run.clone() };
                    return self.write_and_seal(&run).await;
                }
                Ok(false)
            }
            Step::Numbered => self.write_and_seal(run).await,
            Step::Written => {
                let Some(seal) = run.seal else { return self.write_and_seal(run).await };
                if self.answered(run, seal).await?.is_some() {
                    run::at(&self.profile, run, Step::Sealed, None).await?;
                }
                Ok(false)
            }
            Step::Sealed | Step::Failed => Ok(false),
        }
    }

    /// The receipt's position, once there is one; a refusal ends the run.
    async fn answered(&self, run: &Run, command: CommandId) -> Result<Option<i64>, Problem> {
        let entry = self.outbox.entry(command).await?;
        let problem = match (entry.state, entry.answer.map(|answer| answer.outcome)) {
            (EntryState::Queued | EntryState::Sent, _) => return Ok(None),
            (_, Some(Outcome::Applied { receipt })) => return Ok(Some(receipt.seq)),
            (
                _,
                Some(
                    Outcome::Stale { problem }
                    | Outcome::Forbidden { problem }
                    | Outcome::Invalid { problem },
                ),
            ) => Some(problem),
            (_, None) => None,
        };
        run::at(&self.profile, run, Step::Failed, problem.as_ref()).await?;
        Ok(None)
    }

    /// Lays out, seals, verifies, writes whole, and puts the hash into the outbox.
    async fn write_and_seal(&self, run: &Run) -> Result<bool, Problem> {
        let mirror = self.mirror();
        if mirror.seq().await? < run.seq {
            return Ok(false);
        }
        let found = mirror.reader().await?.find::<Statement>(&run.statement.to_string()).await?;
        let Some(statement) = found else { return Ok(false) };
        if statement.state != StatementState::Issued {
            run::at(&self.profile, run, Step::Failed, None).await?;
            return Ok(false);
        }
        if self.moved_on(&statement).await? {
            return self.void(run, &statement).await;
        }
        let written = self.write(&statement).await?;
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
        });
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

    /// Gives the number back, on record: a statement must not rest on what is no longer so.
    async fn void(&self, run: &Run, statement: &Versioned<Statement>) -> Result<bool, Problem> {
        let reason = "the measurement was revised before the statement was sealed";
        let put = self.put(Decision {
            verb: Verb::VoidStatement { statement: run.statement, reason: reason.to_owned() },
            base: vec![seen("statement", &run.statement.to_string(), statement.version)],
            what: format!("Void {}, revision {}", statement.number, statement.revision),
            subject: run.period.clone(),
            hold: false,
        });
        self.outbox.put(&[put]).await?;
        let problem =
            Problem::new(Code::Stale, format!("{}: {reason}; issue it again", statement.number));
        run::at(&self.profile, run, Step::Failed, Some(&problem)).await?;
        Ok(true)
    }

    /// The sealed file, verified before anybody sees it.
    async fn write(&self, statement: &Statement) -> Result<Written, Problem> {
        let (document, settlements) = self.document(statement).await?;
        let names: Vec<_> = document.contracts.iter().map(|part| part.file_name.clone()).collect();
        let (seal, trust, at) = (self.seal()?, self.trust()?, statement.issued_at);
        let (bytes, verified) = tokio::task::spawn_blocking(move || -> Result<_, Problem> {
            let bytes = seal.sign(&render(&document)?, at)?;
            let verified = verify(&bytes, &trust, at);
            if verified.is_valid() {
                return Ok((bytes, verified));
            }
            let why = format!("{} was not released: {}", document.number, verified.words);
            Err(Problem::new(Code::VerificationFailed, why))
        })
        .await
        .map_err(|_| Problem::new(Code::Internal, "sealing stopped"))??;
        let hash = |name: &String| {
            let found = verified.cases.iter().find(|case| case.file_name == *name);
            found.map_or_else(String::new, |case| case.sha256.clone())
        };
        let cases = settlements.into_iter().zip(names.iter().map(hash)).collect();
        let name = format!("{}-r{}.pdf", statement.number, statement.revision);
        let relative = PathBuf::from("statements").join(&statement.period).join(name);
        let path = self.profile.folder().join(&relative);
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        tokio::task::spawn_blocking(move || write_whole(&path, &bytes))
            .await
            .map_err(|_| Problem::new(Code::Internal, "writing stopped"))??;
        Ok(Written { file: relative, sha256: verified.sha256, cases })
    }
}
