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
use makegood_desk::{
    Desk,
    screens::{NOTHING_CHANGED, NOTHING_LOCKED, Page, StatementChoice},
};
use makegood_domain::{
    Code, Problem,
    statement::{StatementOf, is_month},
};
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
    /// `en` or `de`, for customers of whom nobody has said yet what they read
    #[arg(long, default_value = "en")]
    language: String,
    #[command(flatten)]
    seal: SealOptions,
}

/// Rounds in which nothing that is counted moves: number, file and hash take one each.
const STEPS: u32 = 4;

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
        if is_month(&self.period) {
            good &= self.month(&desk).await?;
        } else {
            good &= self.longer(&desk).await?;
        }
        Ok(say::verdict(good))
    }

    /// Until the run is over. Killed on the way, it goes on at the next call.
    async fn follow(&self, desk: &Desk) -> Result<bool, Problem> {
        let (mut before, mut still) = ((usize::MAX, 0), 0);
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
            still = if before == now { still + 1 } else { 0 };
            match run.held_up {
                Some(problem) if still > 0 => return Err(problem),
                None if still > STEPS => return Err(stuck(&run.state)),
                _ => {}
            }
            before = now;
        }
    }

    async fn longer(&self, desk: &Desk) -> Result<bool, Problem> {
        let (mut good, mut page) = (true, Page::default());
        loop {
            let part = desk.customers(&page).await?;
            for customer in part.rows {
                let choices = desk.statement_choices(&customer.id, &self.period).await?;
                let Some(whole) = choices.into_iter().next() else { continue };
                match whole.state_text.as_str() {
                    // Of whom nothing is settled there is nothing to state.
                    NOTHING_LOCKED => {}
                    NOTHING_CHANGED if self.copied(desk, &customer.id, &whole).await? => {}
                    NOTHING_CHANGED => {
                        good = false;
                        say::line(&format!("{}: it was sealed at another desk", customer.name));
                    }
                    other => {
                        good = false;
                        let why = whole.reasons.join(", ");
                        say::line(&format!("{}: {other} {why}", customer.name));
                    }
                }
            }
            page.after = part.next;
            if page.after.is_none() {
                return Ok(good);
            }
        }
    }

    /// Copies the latest revision of a customer's period; whether this desk sealed it.
    async fn copied(
        &self,
        desk: &Desk,
        customer: &str,
        whole: &StatementChoice,
    ) -> Result<bool, Problem> {
        let runs = desk.statement_runs(customer, &self.period).await?;
        let latest = runs.into_iter().find(|run| whole.sealed.as_ref() == Some(&run.statement));
        let Some(path) = latest.and_then(|run| run.path) else { return Ok(false) };
        say::line(&copy(Path::new(&path), &self.out)?);
        Ok(true)
    }

    async fn month(&self, desk: &Desk) -> Result<bool, Problem> {
        let (mut good, mut page) = (true, Page::default());
        loop {
            let part = desk.statement_month(&self.period, &page).await?;
            for row in part.rows {
                if row.state != "sealed" {
                    good = false;
                    let why = row.reasons.join(", ");
                    say::line(&format!("{}: {} {why}", row.customer, row.state_text));
                    continue;
                }
                let choices = desk.statement_choices(&row.customer_id, &self.period).await?;
                let Some(whole) = choices.into_iter().next() else { continue };
                if !self.copied(desk, &row.customer_id, &whole).await? {
                    good = false;
                    let number = row.number.unwrap_or_default();
                    say::line(&format!("{}: {number} was sealed at another desk", row.customer));
                }
            }
            page.after = part.next;
            if page.after.is_none() {
                return Ok(good);
            }
        }
    }
}

/// A run that goes no further, and says nothing of why.
fn stuck(state: &str) -> Problem {
    let why = match state {
        "paused" => "the run is paused; resume it in the app, then call this again",
        _ => {
            "the process that keeps this profile in step has no seal open; unlock it there, or close it and \
             call this again"
        }
    };
    Problem::new(Code::StatementBlocked, why)
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
