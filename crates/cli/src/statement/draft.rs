//! `makegood statement-draft`: what a statement would say now, unnumbered and unsealed.

use crate::{say, sync::Place};
use clap::Args;
use makegood_desk::statement::Covering;
use makegood_domain::Problem;
use std::{path::PathBuf, process::ExitCode};

/// Lay out what a statement would say now: of a customer, of one contract, or of a group.
#[derive(Debug, Args)]
pub(crate) struct StatementDraft {
    #[command(flatten)]
    place: Place,
    /// A customer, by name
    #[arg(long, value_name = "NAME", required_unless_present_any = ["contract", "group"])]
    customer: Option<String>,
    /// One contract, by number
    #[arg(long, value_name = "NUMBER", conflicts_with = "customer")]
    contract: Option<String>,
    /// All customers of a group, by the group's name
    #[arg(long, value_name = "NAME", conflicts_with_all = ["customer", "contract"])]
    group: Option<String>,
    /// A month, a quarter or a year
    #[arg(long, value_name = "YYYY-MM|YYYY-Qn|YYYY")]
    period: String,
    /// `en` or `de`
    #[arg(long, default_value = "en")]
    language: String,
    /// Where the PDF goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl StatementDraft {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let covering = match (self.customer, self.contract, self.group) {
            (_, Some(contract), _) => Covering::Contract(contract),
            (_, _, Some(group)) => Covering::Group(group),
            (customer, ..) => Covering::Customer(customer.unwrap_or_default()),
        };
        let desk = self.place.synced().await?;
        let bytes = desk.statement_draft(&covering, &self.period, &self.language).await?;
        makegood_statement::write_whole(&self.out, &bytes)?;
        say::line(&self.out.display().to_string());
        Ok(ExitCode::SUCCESS)
    }
}
