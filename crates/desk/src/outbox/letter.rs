//! What leaves together, and what is written down of it before and after.

use super::{EntryState, Outbox, read};
use makegood_domain::{
    Code, Problem,
    command::{Answer, Command, Outcome},
    id::CommandId,
};
use sqlx::Row as _;

/// How many commands travel at once.
const BATCH: i64 = 100;
/// So many bytes of them: half of what central takes. A larger one travels alone.
const BYTES: usize = 512 << 10;

/// Decisions that leave together, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Letter {
    /// What was decided.
    pub commands: Vec<Command>,
    /// The last one's place in the outbox; the next letter begins after it.
    pub until: i64,
}

impl Outbox {
    /// What may leave now from behind a place in the outbox, in order, as much as one letter holds:
    /// nothing overtakes a decision that is still held.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn due(&self, after: i64) -> Result<Letter, Problem> {
        let rows = sqlx::query(
            "select position, id, command, what, subject, state, made_at, send_at, answer, trouble
             from outbox where state in ('queued', 'sent') and position > $1
             order by position limit $2",
        )
        .bind(after)
        .bind(BATCH)
        .fetch_all(self.profile.pool())
        .await
        .map_err(|e| self.refused(&e))?;
        let (now, mut bytes) = (self.clock.now(), 0);
        let mut letter = Letter { commands: Vec::with_capacity(rows.len()), until: after };
        for row in &rows {
            bytes += row.get::<&str, _>("command").len();
            let is_full = bytes > BYTES && !letter.commands.is_empty();
            let entry = read(row)?;
            if is_full || entry.is_held(now) {
                break;
            }
            letter.commands.push(entry.command);
            letter.until = row.get("position");
        }
        Ok(letter)
    }

    /// Marks commands as sent: from here on they can't be cancelled. Answers those that could
    /// still be marked; one that was taken back meanwhile is not among them.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn sending(&self, commands: Vec<Command>) -> Result<Vec<Command>, Problem> {
        let mut marked = Vec::with_capacity(commands.len());
        for command in commands {
            let done = sqlx::query(
                "update outbox set state = 'sent' where id = $1 and state in ('queued', 'sent')",
            )
            .bind(command.id.to_string())
            .execute(self.profile.pool())
            .await
            .map_err(|e| self.refused(&e))?;
            if done.rows_affected() == 1 {
                marked.push(command);
            }
        }
        Ok(marked)
    }

    /// Writes down what central failed over when it was sent a decision.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn troubled(&self, id: CommandId, problem: &Problem) -> Result<(), Problem> {
        let text = serde_json::to_string(problem)
            .map_err(|error| Problem::new(Code::Internal, format!("trouble: {error}")))?;
        sqlx::query("update outbox set trouble = $2 where id = $1 and state = 'sent'")
            .bind(id.to_string())
            .bind(text)
            .execute(self.profile.pool())
            .await
            .map(|_| ())
            .map_err(|e| self.refused(&e))
    }

    /// Writes central's answers down.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn answered(&self, answers: &[Answer]) -> Result<(), Problem> {
        let mut tx = self.profile.pool().begin().await.map_err(|e| self.refused(&e))?;
        for answer in answers {
            let (state, seq) = match &answer.outcome {
                Outcome::Applied { receipt } => (EntryState::Confirmed, Some(receipt.seq)),
                Outcome::Stale { .. } => (EntryState::Stale, None),
                Outcome::Forbidden { .. } | Outcome::Invalid { .. } => (EntryState::Refused, None),
            };
            let body = serde_json::to_string(answer)
                .map_err(|error| Problem::new(Code::Internal, format!("answer: {error}")))?;
            sqlx::query(
                "update outbox set state = $2, answer = $3, receipt_seq = $4, trouble = null
                 where id = $1 and state = 'sent'",
            )
            .bind(answer.id.to_string())
            .bind(state.as_str())
            .bind(body)
            .bind(seq)
            .execute(&mut *tx)
            .await
            .map_err(|e| self.refused(&e))?;
        }
        tx.commit().await.map_err(|e| self.refused(&e))
    }
}
