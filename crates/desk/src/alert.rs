//! Taking note of alerts, so that others know that somebody looks after them.

use crate::desk::{Decision, Desk, Queued, id, seen};
use makegood_domain::{
    Problem, alert::Alert, command::Verb, customer::Customer, id::AlertId, person::Permission,
    policy,
};
use makegood_mirror::screens::{self, Page};

impl Desk {
    /// The alerts of running windows: as many as a page holds.
    ///
    /// # Errors
    /// [`makegood_domain::Code::TokenMissing`] while nobody sits here;
    /// [`makegood_domain::Code::Database`].
    pub async fn alerts(&self, page: &Page) -> Result<screens::Alerts, Problem> {
        let (mut reader, viewer, overlay) = self.inside().await?.view().await?;
        screens::alerts(&mut reader, &viewer, &overlay, page).await
    }

    /// Takes note of an alert at the version that was seen.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`] before anything is queued, as central would;
    /// [`makegood_domain::Code::NotFound`]; what the outbox gives.
    pub async fn acknowledge_alert(
        &self,
        alert_id: &str,
        version: i64,
        note: Option<String>,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let alert: AlertId = id("alert", alert_id)?;
        policy::require(&inside.actor(), Permission::Review)?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Alert>(alert_id).await?;
        let subject = reader.get::<Customer>(&found.customer.to_string()).await?.row.name;
        let what = format!("Acknowledge {}", found.number);
        let note = note.filter(|note| !note.trim().is_empty());
        let verb = Verb::AcknowledgeAlert { alert, note };
        let base = vec![seen("alert", alert_id, version)];
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }
}
