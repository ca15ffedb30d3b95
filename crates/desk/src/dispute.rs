//! Disputes: what the customer was told about what they said is wrong.

use crate::{
    breach::reason_given,
    desk::{Decision, Desk, Queued, seen},
};
use makegood_domain::{
    Problem, command::Verb, customer::Customer, delivery::Acknowledgement, person::Permission,
    policy, statement::Statement,
};

impl Desk {
    /// Says what the customer was told about a dispute, at the version that was seen.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`] before anything is queued, as central would;
    /// [`makegood_domain::Code::Invalid`] without an answer; [`makegood_domain::Code::NotFound`]; what
    /// the outbox gives.
    pub async fn answer_dispute(
        &self,
        acknowledgement_id: &str,
        version: i64,
        upheld: bool,
        answer: &str,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let answer = reason_given(answer)?;
        policy::require(&inside.actor(), Permission::ProposeCredit)?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Acknowledgement>(acknowledgement_id).await?.row;
        let subject = reader.get::<Customer>(&found.customer.to_string()).await?.row.name;
        let number = reader.get::<Statement>(&found.statement.to_string()).await?.row.number;
        let what = format!("Answer what {} disputes about {number}", found.by_name);
        let verb = Verb::AnswerDispute { acknowledgement: found.id, upheld, answer };
        let base = vec![seen("acknowledgement", acknowledgement_id, version)];
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }
}
