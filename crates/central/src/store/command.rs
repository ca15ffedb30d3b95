//! Commands and their answers: what was answered once is answered so for ever (law 6).

use super::{Arg, Tx, from_json, int, opt_text, text, to_json};
use makegood_domain::{
    Problem,
    command::Answer,
    id::{CommandId, CustomerId, PersonId},
};

/// A command that was answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Who sent it.
    pub person: String,
    /// As it came.
    pub body: serde_json::Value,
    /// What it was told.
    pub answer: Answer,
}

impl Tx {
    /// What this command was told, if it was.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn answered(&mut self, id: CommandId) -> Result<Option<Answered>, Problem> {
        let sql = "select person, body, answer from command where id = $1";
        let Some(row) = self.fetch(sql, &[Arg::text(id)]).await?.pop() else { return Ok(None) };
        Ok(Some(Answered {
            person: text(&row, 0)?,
            body: from_json(&text(&row, 1)?)?,
            answer: from_json(&text(&row, 2)?)?,
        }))
    }

    /// Keeps the answer beside its effect. May follow [`Tx::seal`].
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn keep_answer(
        &mut self,
        person: PersonId,
        kind: &str,
        body: &serde_json::Value,
        answer: &Answer,
    ) -> Result<(), Problem> {
        let now = self.now().timestamp();
        let sql = "insert into command (id, person, kind, body, answer, at) \
                   values ($1, $2, $3, $4, $5, $6)";
        let args = [
            Arg::text(answer.id),
            Arg::text(person),
            Arg::text(kind),
            Arg::Text(to_json(body)?),
            Arg::Text(to_json(answer)?),
            Arg::Int(now),
        ];
        self.execute(sql, &args).await?;
        Ok(())
    }

    /// Whose an entity is, and its version: 0 where there is none.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn place_of(
        &mut self,
        entity: &str,
        key: &str,
    ) -> Result<(Option<CustomerId>, i64), Problem> {
        let sql = "select customer, version from feed where entity = $1 and id = $2 and op = 'put'";
        let args = [Arg::text(entity), Arg::text(key)];
        let Some(row) = self.fetch(sql, &args).await?.pop() else { return Ok((None, 0)) };
        let customer = opt_text(&row, 0)?.and_then(|text| text.parse().ok());
        Ok((customer, int(&row, 1)?))
    }
}
