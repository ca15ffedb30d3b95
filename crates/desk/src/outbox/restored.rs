//! After central was put back to a backup: what it had confirmed, and does not know any more, is sent
//! again under the same ids. Central answers as it did, does it, or says that it is stale (law 6).

use super::{Entry, EntryState, Outbox};
use crate::{
    event::Event,
    seat::Inside,
    statement::{Recalled, recalled},
};
use makegood_domain::{
    Code, Problem,
    command::{Answer, Outcome, Verb},
    id::CommandId,
    person::Scope,
    statement::{Statement, StatementOf},
    wire::Cursor,
};
use makegood_mirror::screens;
use sqlx::SqliteConnection;
use std::collections::BTreeSet;

/// Under this name the profile keeps the epoch of the central that confirmed what is confirmed.
const EPOCH: &str = "outbox_epoch";

impl Inside {
    /// Where the mirror is of another epoch than what was confirmed: looks what of that is not on record
    /// any more. Whether something is sent again.
    pub(crate) async fn recall(&self) -> Result<bool, Problem> {
        let cursor = self.mirror().cursor().await?;
        let Some(Cursor { epoch, .. }) = cursor.as_deref().and_then(Cursor::parse) else {
            return Ok(false);
        };
        let before = self.profile.setting(EPOCH).await?;
        if before.as_ref() == Some(&epoch) {
            return Ok(false);
        }
        // No step of a statement's run may be under way while its commands change.
        let _turn = self.sealer.lock().await;
        let lost = if before.is_some() { self.lost().await? } else { Vec::new() };
        let failed = |error| self.outbox.refused(&error);
        let mut tx = self.profile.pool().begin().await.map_err(failed)?;
        for entry in &lost {
            self.recall_one(&mut tx, entry).await?;
        }
        // In the same transaction: it is done once, and whole.
        sqlx::query(
            "insert into setting (key, value) values ($1, $2)
             on conflict (key) do update set value = excluded.value",
        )
        .bind(EPOCH)
        .bind(epoch)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        if lost.is_empty() {
            return Ok(false);
        }
        tracing::info!(changes = lost.len(), "central was restored; what it lost is sent again");
        self.tell(Event::Changed);
        Ok(true)
    }

    /// What central had confirmed, and the mirror's record does not tell of: it is lost, or of what is
    /// not told here, and then central answers as it did.
    async fn lost(&self) -> Result<Vec<Entry>, Problem> {
        let mut confirmed = self.outbox.confirmed().await?;
        // A restored central draws the same positions again, for other entries.
        let receipts: BTreeSet<(i64, String)> = confirmed.iter().filter_map(receipt).collect();
        let mut reader = self.mirror().reader().await?;
        let known = screens::on_record(&mut reader, &receipts).await?;
        confirmed.retain(|entry| receipt(entry).is_none_or(|one| !known.contains(&one)));
        Ok(confirmed)
    }

    async fn recall_one(&self, tx: &mut SqliteConnection, entry: &Entry) -> Result<(), Problem> {
        let id = entry.command.id;
        let standing = match &entry.command.verb {
            Verb::IssueStatement { statement, customer, of, .. } => {
                let mut reader = self.mirror().reader().await?;
                let here = reader.find::<Statement>(&statement.to_string()).await?.is_some();
                drop(reader);
                // Of who is out of sight, and of a group that is in part, nothing would be here.
                let scope = self.who().scope;
                let told = match of {
                    StatementOf::Group(_) => scope == Scope::All,
                    _ => scope.holds(*customer),
                };
                match here || !told {
                    true => Recalled::Leave,
                    false => recalled(tx, &self.profile, id).await?,
                }
            }
            // Of a number that is nobody's any more there is nothing to give back.
            Verb::VoidStatement { statement, .. } | Verb::SealStatement { statement, .. } => {
                let mut reader = self.mirror().reader().await?;
                match reader.find::<Statement>(&statement.to_string()).await? {
                    Some(_) => Recalled::Again,
                    None => Recalled::Leave,
                }
            }
            _ => Recalled::Again,
        };
        match standing {
            Recalled::Again => self.outbox.send_again(tx, id).await,
            Recalled::Leave => Ok(()),
            Recalled::Over { seal, problem } => {
                self.outbox.refuse(tx, id, &problem).await?;
                match seal {
                    Some(seal) => self.outbox.refuse(tx, seal, &problem).await,
                    None => Ok(()),
                }
            }
        }
    }
}

/// Position and hash of the entry of central's record that a confirmation names.
fn receipt(entry: &Entry) -> Option<(i64, String)> {
    match &entry.answer.as_ref()?.outcome {
        Outcome::Applied { receipt } => {
            let position = receipt.number.strip_prefix("A-")?.parse().ok()?;
            Some((position, receipt.audit_hash.clone()))
        }
        _ => None,
    }
}

impl Outbox {
    async fn confirmed(&self) -> Result<Vec<Entry>, Problem> {
        self.entries(
            "select id, command, what, subject, state, made_at, send_at, answer, trouble
                   from outbox
             where state = 'confirmed' and position > $1 order by position",
            0,
        )
        .await
    }

    async fn send_again(&self, tx: &mut SqliteConnection, id: CommandId) -> Result<(), Problem> {
        sqlx::query(
            "update outbox set state = 'sent', answer = null, receipt_seq = null
             where id = $1 and state = 'confirmed'",
        )
        .bind(id.to_string())
        .execute(tx)
        .await
        .map(|_| ())
        .map_err(|error| self.refused(&error))
    }

    async fn refuse(
        &self,
        tx: &mut SqliteConnection,
        id: CommandId,
        problem: &Problem,
    ) -> Result<(), Problem> {
        let outcome = Outcome::Invalid { problem: problem.clone() };
        let answer = serde_json::to_string(&Answer { id, duplicate: false, outcome })
            .map_err(|error| Problem::new(Code::Internal, format!("answer: {error}")))?;
        sqlx::query(
            "update outbox set state = $2, answer = $3, receipt_seq = null
             where id = $1 and state in ('queued', 'sent', 'confirmed')",
        )
        .bind(id.to_string())
        .bind(EntryState::Refused.as_str())
        .bind(answer)
        .execute(tx)
        .await
        .map(|_| ())
        .map_err(|error| self.refused(&error))
    }
}
