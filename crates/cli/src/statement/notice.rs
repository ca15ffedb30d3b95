//! `makegood credit-notice`: the notice of a granted SLA credit, sealed into a folder.

use super::SealOptions;
use crate::{say, sync::Place};
use clap::Args;
use makegood_domain::Problem;
use std::{path::PathBuf, process::ExitCode};

/// Seal the notice of a granted SLA credit into a folder. It is not a tax document.
#[derive(Debug, Args)]
pub(crate) struct CreditNotice {
    #[command(flatten)]
    place: Place,
    /// The credit's number
    #[arg(value_name = "CR-…")]
    credit: String,
    /// Where the file goes
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// `en` or `de`; else the customer's
    #[arg(long)]
    language: Option<String>,
    #[command(flatten)]
    seal: SealOptions,
}

impl CreditNotice {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let desk = self.seal.ready(&self.place, &self.out).await?;
        let path =
            desk.credit_notice(&self.credit, self.language.as_deref(), Some(&self.out)).await?;
        say::line(&path.display().to_string());
        Ok(ExitCode::SUCCESS)
    }
}
