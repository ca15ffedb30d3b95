//! The portfolio, read from the mirror.

use crate::desk::Desk;
use makegood_domain::Problem;
use makegood_mirror::screens;

impl Desk {
    /// The portfolio of a month (the latest, without one), in a view (`at_risk`, `mine`, `all`).
    ///
    /// # Errors
    /// [`makegood_domain::Code::Invalid`] for a view that is none;
    /// [`makegood_domain::Code::Database`].
    pub async fn portfolio(
        &self,
        month: Option<&str>,
        view: Option<&str>,
    ) -> Result<screens::Portfolio, Problem> {
        let (mut reader, viewer, _) = self.inside().await?.view().await?;
        screens::portfolio(&mut reader, &viewer, month, view).await
    }
}
