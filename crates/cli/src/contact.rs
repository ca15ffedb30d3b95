//! `makegood import-contacts`: contacts out of a table, each to be confirmed by somebody else.

use crate::{say, sync::Place};
use clap::Args;
use makegood_desk::{Desk, contact::ContactImport};
use makegood_domain::Problem;
use std::{path::PathBuf, process::ExitCode};

/// Enter contacts from a table (CSV): customer (its key or its name), name, address, role
/// (`accounts_payable`, `operations`, `legal`), language (`en`, `de`), and line (`to`, else `cc`). Each
/// counts once a second person has confirmed it. Exits 0 when every line is entered or was there, 1
/// when one can't be right (then nothing is entered) or was refused.
#[derive(Debug, Args)]
pub(crate) struct ImportContacts {
    #[command(flatten)]
    place: Place,
    /// The table
    #[arg(value_name = "FILE")]
    table: PathBuf,
    /// Only say what each line comes to
    #[arg(long)]
    dry_run: bool,
    /// Print what each line comes to as JSON
    #[arg(long)]
    json: bool,
}

impl ImportContacts {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let table = std::fs::read(&self.table).map_err(|error| say::file(&self.table, &error))?;
        let desk = self.place.synced().await?;
        let mut import = desk.plan_contacts(&table).await?;
        if import.wrong == 0 && !self.dry_run {
            import = desk.import_contacts(&table).await?;
            desk.sync_now().await?;
            answered(&desk, &mut import).await?;
        }
        if self.json {
            say::json(&import)?;
        } else {
            for row in &import.rows {
                let (line, text) = (row.line, &row.text);
                // What is wrong says itself where.
                let said =
                    if row.what == "wrong" { text.clone() } else { format!("line {line}: {text}") };
                say::line(&format!("{said} ({}, {})", row.customer, row.contact));
            }
            let (new, known, wrong) = (import.new, import.known, import.wrong);
            let word = if self.dry_run || wrong > 0 { "new" } else { "entered" };
            say::line(&format!("{new} {word}, {known} on record already, {wrong} wrong"));
        }
        Ok(say::verdict(import.wrong == 0))
    }
}

/// What central said to each: a line that it refused is wrong.
async fn answered(desk: &Desk, import: &mut ContactImport) -> Result<(), Problem> {
    for (at, queued) in std::mem::take(&mut import.queued) {
        let Some(problem) = desk.refusal(&queued.command_id).await? else { continue };
        let row = &mut import.rows[at];
        row.what = "wrong".to_owned();
        row.text = format!("line {}: {}", row.line, problem.message);
        import.new -= 1;
        import.wrong += 1;
    }
    Ok(())
}
