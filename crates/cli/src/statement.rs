//! `makegood statements`: a period's statements, issued and written into a folder.

mod draft;
mod notice;
mod seal;

pub(crate) use draft::StatementDraft;
pub(crate) use notice::CreditNotice;
use seal::SealOptions;

use crate::{say, sync::Place};
use clap::Args;
use makegood_desk::{Desk, screens::Page};
use makegood_domain::{Code, Problem};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Issue the statements of a month, a quarter or a year into a folder. What is blocked is named, and
/// skipped.
#[derive(Debug, Args)]
pub(crate) struct Statements {
    #[command(flatten)]
    place: Place,
    /// The month, the quarter or the year
    #[arg(long, visible_alias = "month", value_name = "YYYY-MM|YYYY-Qn|YYYY")]
    period: String,
    /// Where the files go
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// `en` or `de`
    #[arg(long, default_value = "en")]
    language: String,
    #[command(flatten)]
    seal: SealOptions,
}

impl Statements {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let desk = self.place.desk().await?;
        self.seal.open(&desk).await?;
        say::step("Syncing");
        desk.sync_now().await?;
        std::fs::create_dir_all(&self.out).map_err(|error| say::file(&self.out, &error))?;
        // The run's list is by month; a longer period is asked for customer by customer.
        let good = if self.period.len() == 7 && !self.period.contains('Q') {
            self.month(&desk).await?
        } else {
            self.longer(&desk).await?
        };
        Ok(say::verdict(good))
    }

    async fn longer(&self, desk: &Desk) -> Result<bool, Problem> {
        let mut good = true;
        let mut customers = Vec::new();
        let mut page = Page::default();
        loop {
            let part = desk.customers(&page).await?;
            customers.extend(part.rows);
            page.after = part.next;
            if page.after.is_none() {
                break;
            }
        }
        for customer in customers {
            say::step(&format!("{}: {}", customer.name, self.period));
            let mut paths = written(desk, &customer.id, &self.period).await?;
            if paths.is_empty() {
                match issue(desk, &customer.id, &self.period, &self.language).await {
                    Ok(path) => paths.push(path),
                    Err(problem) => {
                        good = false;
                        say::problem(&problem);
                    }
                }
            }
            for path in paths {
                say::line(&copy(&path, &self.out)?);
            }
        }
        Ok(good)
    }

    async fn month(&self, desk: &Desk) -> Result<bool, Problem> {
        // All of it before the first is issued: issuing changes what a page holds.
        let mut rows = Vec::new();
        let mut page = Page::default();
        loop {
            let part = desk.statement_month(&self.period, &page).await?;
            rows.extend(part.rows);
            page.after = part.next;
            if page.after.is_none() {
                break;
            }
        }
        let mut good = true;
        let total = rows.len();
        for (at, row) in rows.iter().enumerate() {
            say::step(&format!("{}/{total} {}: {}", at + 1, row.customer, row.state_text));
            match row.state.as_str() {
                "ready" => {
                    match issue(desk, &row.customer_id, &self.period, &self.language).await {
                        Ok(path) => say::line(&copy(&path, &self.out)?),
                        Err(problem) => {
                            good = false;
                            say::problem(&problem);
                        }
                    }
                }
                "sealed" => {
                    for path in written(desk, &row.customer_id, &self.period).await? {
                        say::line(&copy(&path, &self.out)?);
                    }
                }
                _ => good = false,
            }
        }
        Ok(good)
    }
}

/// Issues one statement and waits until its hash is on record.
pub(crate) async fn issue(
    desk: &Desk,
    customer: &str,
    month: &str,
    language: &str,
) -> Result<PathBuf, Problem> {
    desk.issue_statement(customer, month, language).await?;
    // Number, file and hash take a round each at most; a stuck run says why in its row.
    for _ in 0..4 {
        desk.sync_now().await?;
        let Some(run) = desk.statement_runs(customer, month).await?.pop() else { break };
        match (run.step.as_str(), run.path, run.problem) {
            ("sealed", Some(path), _) => return Ok(PathBuf::from(path)),
            (_, _, Some(problem)) => return Err(problem),
            _ => {}
        }
    }
    Err(Problem::new(Code::StatementBlocked, format!("{month}: the statement is still on its way")))
}

/// The sealed files of a customer's month that this desk wrote.
pub(crate) async fn written(
    desk: &Desk,
    customer: &str,
    month: &str,
) -> Result<Vec<PathBuf>, Problem> {
    let runs = desk.statement_runs(customer, month).await?;
    let sealed = runs.into_iter().filter(|run| run.step == "sealed");
    Ok(sealed.filter_map(|run| run.path.map(PathBuf::from)).collect())
}

/// Copies a file into a folder; the path that it has there.
pub(crate) fn copy(path: &Path, folder: &Path) -> Result<String, Problem> {
    let to = folder.join(path.file_name().unwrap_or_default());
    let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
    makegood_statement::write_whole(&to, &bytes)?;
    Ok(to.display().to_string())
}
