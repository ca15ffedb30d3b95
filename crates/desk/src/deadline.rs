//! Deadlines: claims are recorded here, and what was done is said.

use crate::{
    breach::reason_given,
    desk::{Decision, Desk, Queued, id, seen},
};
use makegood_domain::{
    Problem, command::Verb, customer::Customer, deadline::Deadline, id::DeadlineId,
    person::Permission, policy,
};
use makegood_mirror::screens::{self, Page};

impl Desk {
    /// A list of deadlines; the one that is of use first where none is named.
    ///
    /// # Errors
    /// [`makegood_domain::Code::TokenMissing`] while nobody sits here;
    /// [`makegood_domain::Code::Invalid`] for a page that is none; [`makegood_domain::Code::Database`].
    pub async fn deadlines(
        &self,
        tab: Option<screens::DeadlineTab>,
        page: &Page,
    ) -> Result<screens::Deadlines, Problem> {
        let (mut reader, viewer, overlay) = self.inside().await?.view().await?;
        screens::deadlines(&mut reader, &viewer, &overlay, tab, page).await
    }

    /// Says that what a deadline asks for was done, at the version that was seen.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`] before anything is queued, as central would;
    /// [`makegood_domain::Code::Invalid`] without a note; [`makegood_domain::Code::NotFound`]; what
    /// the outbox gives.
    pub async fn close_deadline(
        &self,
        deadline_id: &str,
        version: i64,
        note: &str,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let deadline: DeadlineId = id("deadline", deadline_id)?;
        let note = reason_given(note)?;
        policy::require(&inside.actor(), Permission::ProposeCredit)?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Deadline>(deadline_id).await?;
        let subject = reader.get::<Customer>(&found.customer.to_string()).await?.row.name;
        let what = match found.amount {
            Some(amount) => format!("Mark {} as used, {}", found.number, amount.symbol()),
            None => {
                format!("Mark the right to terminate {} as exercised or settled", found.number)
            }
        };
        let verb = Verb::CloseDeadline { deadline, note };
        let base = vec![seen("deadline", deadline_id, version)];
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }
}
