//! Tables of customers, fees and monthly revenue: looked at field by field, then handed in. Where money
//! rests on a difference, a second person puts it in force.

use crate::{
    central::Taken,
    desk::Desk,
    proposal::{self, DifferenceRow, ProposalRow},
};
use makegood_domain::Problem;
use serde::Serialize;
use ts_rs::TS;

/// What a table would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TablePreview {
    /// Field by field.
    pub differences: Vec<DifferenceRow>,
    /// Whether money rests on any: then it waits for a second person.
    pub takes_two: bool,
}

/// What became of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TableTaken {
    /// The proposal that waits for a second person; absent: it took effect.
    pub proposal: Option<ProposalRow>,
    /// How much it changed, where it took effect.
    pub changed: u32,
}

impl Desk {
    /// What a table (`customers`, `fees`, `mrr`) would change. Nothing is written.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`] for who does not import; what is wrong, by its line and
    /// column; [`makegood_domain::Code::CentralUnreachable`].
    pub async fn try_table(&self, table: &str, text: &str) -> Result<TablePreview, Problem> {
        let tried = self.inside().await?.central.try_table(table, text).await?;
        Ok(TablePreview {
            takes_two: tried.differences.iter().any(|one| one.drives_money),
            differences: tried.differences.iter().map(DifferenceRow::from).collect(),
        })
    }

    /// Hands a table in.
    ///
    /// # Errors
    /// As [`Desk::try_table`].
    pub async fn take_table(&self, table: &str, text: &str) -> Result<TableTaken, Problem> {
        let inside = self.inside().await?;
        match inside.central.take_table(table, text).await? {
            Taken::Waiting(made) => {
                let made = proposal::made(&inside, &made.proposal).await?;
                Ok(TableTaken { proposal: Some(made), changed: 0 })
            }
            Taken::Applied { changed } => Ok(TableTaken { proposal: None, changed }),
        }
    }
}
