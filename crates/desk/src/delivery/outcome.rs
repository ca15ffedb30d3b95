//! What became of messages that left this desk, or are to.

use super::{
    run::{self, State},
    said_of,
};
use crate::desk::Desk;
use makegood_domain::{
    Code, Problem, customer::Customer, delivery::Addressee, statement::Statement,
};
use makegood_mirror::screens;
use serde::Serialize;

/// A message of this desk, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SendingOutcome {
    /// The delivery's id.
    pub delivery: String,
    /// `ST-2026-10-0412`.
    pub number: String,
    /// Its revision.
    pub revision: i64,
    /// The customer's name.
    pub customer: String,
    /// `prepared`, `held`, `sending`, `perhaps`, `sent`, `failed`, `dropped`.
    pub state: String,
    /// In words.
    pub text: String,
    /// The addresses that it went to.
    pub to: Vec<String>,
    /// What it waits for, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

impl SendingOutcome {
    /// Whether the next round may take it further.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.state == State::Sending.as_str()
            || (self.state == State::Prepared.as_str() && self.problem.is_none())
    }

    /// Whether it went out.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.state == State::Sent.as_str()
    }
}

impl Desk {
    /// How far messages of this desk have come.
    ///
    /// # Errors
    /// [`Code::NotFound`] for one that is not this desk's; [`Code::Database`].
    pub async fn sending_outcomes(
        &self,
        messages: &[String],
    ) -> Result<Vec<SendingOutcome>, Problem> {
        let inside = self.inside().await?;
        let mut reader = inside.mirror().reader().await?;
        let mut outcomes = Vec::with_capacity(messages.len());
        for message in messages {
            let run = run::find(&inside.profile, message).await?.ok_or_else(|| {
                Problem::new(Code::NotFound, format!("no message {message} left this desk"))
            })?;
            let statement = reader.get::<Statement>(&run.statement.to_string()).await?.row;
            let customer = reader.get::<Customer>(&run.customer.to_string()).await?.row.name;
            outcomes.push(SendingOutcome {
                delivery: message.clone(),
                number: statement.number,
                revision: statement.revision,
                customer,
                state: run.state.as_str().to_owned(),
                text: said_of(&run),
                to: run.to.iter().map(|one: &Addressee| one.address.clone()).collect(),
                problem: run.problem,
            });
        }
        Ok(outcomes)
    }

    /// The id of a numbered statement's sealed revision.
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::Database`].
    pub async fn sealed_statement(&self, number: &str) -> Result<String, Problem> {
        let mut reader = self.inside().await?.mirror().reader().await?;
        Ok(screens::sealed(&mut reader, number).await?.id.to_string())
    }
}
