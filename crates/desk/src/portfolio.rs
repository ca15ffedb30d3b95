//! What is looked at rather than decided: the portfolio, a line, the rail's counts, search, audit.

use crate::{desk::Desk, seat::Inside};
use makegood_domain::{Problem, id::SettlementId, settlement::Settlement};
use makegood_mirror::screens::{self, Page, Recomputed};

impl Desk {
    /// The portfolio of a month (the latest, without one), in a view (`at_risk`, `mine`, `all`).
    ///
    /// # Errors
    /// [`makegood_domain::Code::Invalid`] for a view that is none;
    /// [`makegood_domain::Code::Database`].
    pub async fn portfolio(
        &self,
        month: Option<&str>,
        view: screens::PortfolioView,
        page: &Page,
    ) -> Result<screens::Portfolio, Problem> {
        let (mut reader, viewer, _) = self.inside().await?.view().await?;
        screens::portfolio(&mut reader, &viewer, month, view, page).await
    }

    /// An SLA line in a month, with its burn-down.
    ///
    /// # Errors
    /// [`makegood_domain::Code::NotFound`]; [`makegood_domain::Code::Database`].
    pub async fn line_detail(
        &self,
        line: &str,
        month: &str,
    ) -> Result<screens::LineDetail, Problem> {
        let inside = self.inside().await?;
        let (mut reader, ..) = inside.view().await?;
        let plain = screens::line_detail(&mut reader, line, month, None).await?;
        // What is recomputed is read, and may have to be fetched.
        drop(reader);
        let recomputed = match &plain.settlement_id {
            Some(settlement) => inside.recomputed(settlement).await,
            None => None,
        };
        if recomputed.is_none() {
            return Ok(plain);
        }
        let (mut reader, ..) = inside.view().await?;
        screens::line_detail(&mut reader, line, month, recomputed.as_ref()).await
    }

    /// The numbers on the rail.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn nav_counts(&self) -> Result<screens::NavCounts, Problem> {
        let inside = self.inside().await?;
        let (mut reader, viewer, overlay) = inside.view().await?;
        let mut counts = screens::nav_counts(&mut reader, &viewer, &overlay).await?;
        // What came back waits for its author, though nothing of it shows in the figures.
        counts.outbox += inside.outbox.counts().await?.returned as usize;
        Ok(counts)
    }

    /// Customers, contracts, breaches, credits and statements by name or number.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn search(&self, text: &str) -> Result<Vec<screens::SearchHit>, Problem> {
        let (mut reader, ..) = self.inside().await?.view().await?;
        screens::search(&mut reader, text).await
    }

    /// What was done, by whom, and whether the chain is whole.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn audit_log(&self, page: &Page) -> Result<screens::AuditLog, Problem> {
        let (mut reader, ..) = self.inside().await?.view().await?;
        screens::audit_log(&mut reader, page).await
    }
}

impl Inside {
    /// A settlement's calculation file, recomputed here; none while it is not here and central is
    /// not reached, and screens then say so.
    pub(crate) async fn recomputed(&self, settlement: &str) -> Option<Recomputed> {
        let id: SettlementId = settlement.parse().ok()?;
        let found = async {
            let mut reader = self.mirror().reader().await?;
            let settlement = reader.get::<Settlement>(settlement).await?.row;
            drop(reader);
            Recomputed::of(self.case(id, settlement.revision).await?, &settlement)
        };
        match found.await {
            Ok(recomputed) => Some(recomputed),
            Err(problem) => {
                tracing::info!(code = %problem.code, "no calculation file to show");
                None
            }
        }
    }
}
