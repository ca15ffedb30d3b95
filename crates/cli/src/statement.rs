//! `makegood statements`: a period's statements, issued and written into a folder.

mod draft;
mod notice;
mod one;
mod seal;

pub(crate) use draft::StatementDraft;
pub(crate) use notice::CreditNotice;
pub(crate) use one::Statement;
use seal::SealOptions;

use crate::{say, sync::Place};
use clap::Args;
use makegood_desk::{Desk, screens::Page};
use makegood_domain::{Code, Problem, statement::StatementOf};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Issue the statements of a month, a quarter or a year into a folder, with a signed list of them. What
/// is blocked is named, and skipped. Broken off, it goes on at the next call.
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
        let desk = self.seal.ready(&self.place, &self.out).await?;
        match desk.begin_statement_batch(&self.period, &self.language).await {
            Ok(_) => {}
            // Nothing is ready: what was sealed before is copied all the same.
            Err(problem) if problem.code == Code::StatementBlocked => {}
            Err(problem) => return Err(problem),
        }
        let mut good = self.follow(&desk).await?;
        // The run's list is by month; a longer period is looked for customer by customer.
        if self.period.len() == 7 && !self.period.contains('Q') {
            good &= self.month(&desk).await?;
        } else {
            self.longer(&desk).await?;
        }
        Ok(say::verdict(good))
    }

    /// Until the run is over. Killed on the way, it goes on at the next call.
    async fn follow(&self, desk: &Desk) -> Result<bool, Problem> {
        let mut before = (usize::MAX, 0);
        loop {
            desk.sync_now().await?;
            let Some(run) = desk.statement_batch(&self.period).await? else { return Ok(true) };
            let (total, done) = (run.total, run.sealed + run.failed);
            let whose = run.last.as_deref().unwrap_or("waiting");
            say::step(&format!("{done}/{total} {whose}"));
            if run.ended {
                for one in &run.failures {
                    say::line(&format!("{}: {}", one.customer, one.reason));
                }
                if let Some(list) = &run.list {
                    let list = Path::new(list);
                    copy(&list.with_extension("json.p7s"), &self.out)?;
                    say::line(&copy(list, &self.out)?);
                }
                return Ok(run.failed == 0);
            }
            // Number, file and hash take a round each at most.
            let now = (run.waiting + run.on_the_way, done);
            if let (Some(problem), true) = (run.held_up, before == now) {
                return Err(problem);
            }
            before = now;
        }
    }

    async fn longer(&self, desk: &Desk) -> Result<(), Problem> {
        let mut page = Page::default();
        loop {
            let part = desk.customers(&page).await?;
            for customer in part.rows {
                for path in written(desk, &customer.id, &self.period).await? {
                    say::line(&copy(&path, &self.out)?);
                }
            }
            page.after = part.next;
            if page.after.is_none() {
                return Ok(());
            }
        }
    }

    async fn month(&self, desk: &Desk) -> Result<bool, Problem> {
        let (mut good, mut page) = (true, Page::default());
        loop {
            let part = desk.statement_month(&self.period, &page).await?;
            for row in part.rows {
                if row.state == "sealed" {
                    for path in written(desk, &row.customer_id, &self.period).await? {
                        say::line(&copy(&path, &self.out)?);
                    }
                } else {
                    good = false;
                    let why = row.reasons.join(", ");
                    say::line(&format!("{}: {} {why}", row.customer, row.state_text));
                }
            }
            page.after = part.next;
            if page.after.is_none() {
                return Ok(good);
            }
        }
    }
}

/// Issues one statement and waits until its hash is on record.
pub(crate) async fn issue(
    desk: &Desk,
    (customer, of): (&str, StatementOf),
    month: &str,
    language: &str,
) -> Result<PathBuf, Problem> {
    desk.issue_statement_of(customer, of, month, language).await?;
    // Number, file and hash take a round each at most; a stuck run says why in its row.
    for _ in 0..4 {
        desk.sync_now().await?;
        let runs = desk.statement_runs(customer, month).await?;
        let Some(run) = runs.into_iter().rfind(|run| run.of == of) else { break };
        match (run.step.as_str(), run.path, run.problem) {
            ("sealed", Some(path), _) => return Ok(PathBuf::from(path)),
            (_, _, Some(problem)) => return Err(problem),
            _ => {}
        }
    }
    Err(Problem::new(Code::StatementBlocked, format!("{month}: the statement is still on its way")))
}

/// The sealed files of a whole customer's month that this desk wrote.
pub(crate) async fn written(
    desk: &Desk,
    customer: &str,
    month: &str,
) -> Result<Vec<PathBuf>, Problem> {
    let runs = desk.statement_runs(customer, month).await?;
    let sealed = runs.into_iter().filter(|run| run.step == "sealed" && run.of.is_customer());
    Ok(sealed.filter_map(|run| run.path.map(PathBuf::from)).collect())
}

/// Copies a file into a folder; the path that it has there.
pub(crate) fn copy(path: &Path, folder: &Path) -> Result<String, Problem> {
    let to = folder.join(path.file_name().unwrap_or_default());
    let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
    makegood_statement::write_whole(&to, &bytes)?;
    Ok(to.display().to_string())
}
