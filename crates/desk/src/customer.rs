//! Customers, read from the mirror.

use crate::desk::Desk;
use makegood_domain::Problem;
use makegood_mirror::screens::{self, Page};

impl Desk {
    /// The customers in scope, page by page.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn customers(&self, page: &Page) -> Result<screens::CustomerList, Problem> {
        let (mut reader, viewer, _) = self.inside().await?.view().await?;
        screens::customers(&mut reader, &viewer, page).await
    }

    /// One customer with everything about it.
    ///
    /// # Errors
    /// [`makegood_domain::Code::NotFound`]; [`makegood_domain::Code::Database`].
    pub async fn customer(&self, customer_id: &str) -> Result<screens::Customer, Problem> {
        let inside = self.inside().await?;
        let (mut reader, viewer, overlay) = inside.view().await?;
        let mut shown = screens::customer(&mut reader, &viewer, &overlay, customer_id).await?;
        for row in &mut shown.statements {
            inside.lay_run(row).await?;
            // Written at another desk: there is nothing to open here.
            let Some(id) = &row.id else { continue };
            row.path = inside.file_of(id).await.ok().map(|path| path.display().to_string());
        }
        Ok(shown)
    }
}
