//! `makegood statement`: one statement, issued and written into a folder.

use super::{copy, issue, seal::SealOptions};
use crate::{say, sync::Place};
use clap::Args;
use makegood_domain::Problem;
use std::{path::PathBuf, process::ExitCode};

/// Issue one statement into a folder: of a customer, of one contract, or of the customer's group, which
/// the customer receives for it.
#[derive(Debug, Args)]
pub(crate) struct Statement {
    #[command(flatten)]
    place: Place,
    /// Who receives it, by name; with `--contract` that is the contract's customer
    #[arg(long, value_name = "NAME", required_unless_present = "contract")]
    customer: Option<String>,
    /// Of this contract only, by number
    #[arg(long, value_name = "NUMBER", conflicts_with = "customer")]
    contract: Option<String>,
    /// Of all customers of the customer's group; asks for a scope that holds each of them
    #[arg(long, conflicts_with = "contract")]
    group: bool,
    /// The month, the quarter or the year
    #[arg(long, value_name = "YYYY-MM|YYYY-Qn|YYYY")]
    period: String,
    /// `en` or `de`; absent: what the customer reads, else English
    #[arg(long)]
    language: Option<String>,
    /// Where the file goes
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    seal: SealOptions,
}

impl Statement {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let desk = self.seal.ready(&self.place, &self.out).await?;
        let (customer, of) = match (self.contract, self.customer.unwrap_or_default()) {
            (Some(contract), _) => desk.statement_of_contract(&contract).await?,
            (None, customer) if self.group => desk.statement_of_group(&customer).await?,
            (None, customer) => desk.statement_of_customer(&customer).await?,
        };
        let language = match self.language {
            Some(language) => Some(language),
            None => desk.customer(&customer).await?.language,
        };
        let language = language.as_deref().unwrap_or("en");
        let path = issue(&desk, (&customer, of), &self.period, language).await?;
        say::line(&copy(&path, &self.out)?);
        Ok(ExitCode::SUCCESS)
    }
}
