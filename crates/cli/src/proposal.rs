//! `makegood proposals` and `makegood decide`: what waits for a second person, from a terminal.

use crate::{say, sync::Place};
use clap::{ArgGroup, Args};
use makegood_desk::{
    Desk,
    proposal::{DifferenceRow, ProposalDecision, ProposalRow, ProposalView},
};
use makegood_domain::{Code, Problem};
use std::process::ExitCode;

/// List what waits for a second person, or show one with what would differ: `makegood proposals P-12`.
/// What is shown last, `seen`, is what `makegood decide` asks for.
#[derive(Debug, Args)]
pub(crate) struct Proposals {
    #[command(flatten)]
    place: Place,
    /// Which alone, with every difference
    #[arg(value_name = "P-…")]
    number: Option<String>,
    /// List those, too, that are decided
    #[arg(long, conflicts_with = "number")]
    all: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// Put a proposal in force, refuse it, or take one's own back. Nobody decides what they proposed, and a
/// personal token decides nothing: sign in for it. Exits 0 when it is decided, 2 when it is refused.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("said").required(true))]
pub(crate) struct Decide {
    #[command(flatten)]
    place: Place,
    /// Which
    #[arg(value_name = "P-…")]
    number: String,
    /// Put it in force, having seen these differences: the `seen` that `makegood proposals P-…` shows
    #[arg(long, value_name = "SEEN", group = "said")]
    put_in_force: Option<String>,
    /// Refuse it, and why
    #[arg(long, value_name = "REASON", group = "said")]
    refuse: Option<String>,
    /// Take one's own back
    #[arg(long, group = "said")]
    withdraw: bool,
    /// Print it as it is then, as JSON
    #[arg(long)]
    json: bool,
}

impl Proposals {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let desk = self.place.synced().await?;
        if let Some(number) = &self.number {
            let shown = numbered(&desk, number).await?;
            if self.json {
                say::json(&shown)?;
            } else {
                whole(&shown);
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut rows = desk.proposals().await?;
        rows.retain(|row| self.all || row.state == "proposed");
        if self.json {
            say::json(&rows)?;
            return Ok(ExitCode::SUCCESS);
        }
        rows.iter().for_each(line);
        if rows.is_empty() {
            say::step("Nothing waits for a second person");
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Decide {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let desk = self.place.synced().await?;
        let ProposalView { row: ProposalRow { id, .. }, .. } =
            numbered(&desk, &self.number).await?;
        let verb = match (&self.put_in_force, &self.refuse) {
            (Some(_), _) => "put_in_force",
            (None, Some(_)) => "refuse",
            (None, None) => "withdraw",
        };
        let (seen, reason) = (self.put_in_force, self.refuse);
        let said = ProposalDecision { id, verb: verb.to_owned(), seen, reason };
        let shown = desk.decide_proposal(said).await?;
        if self.json {
            say::json(&shown)?;
            return Ok(ExitCode::SUCCESS);
        }
        let what = shown.decided.unwrap_or_else(|| shown.row.state.replace('_', " "));
        say::line(&format!("{} was {what}", shown.row.number));
        Ok(ExitCode::SUCCESS)
    }
}

async fn numbered(desk: &Desk, number: &str) -> Result<ProposalView, Problem> {
    let rows = desk.proposals().await?;
    let row = rows.iter().find(|row| row.number.eq_ignore_ascii_case(number)).ok_or_else(|| {
        let why = format!("there is no proposal {number}; see `makegood proposals --all`");
        Problem::new(Code::NotFound, why)
    })?;
    desk.proposal(&row.id).await
}

fn line(row: &ProposalRow) {
    let (number, about, by, at) = (&row.number, &row.about, &row.by, &row.at.utc);
    let count = match row.differences {
        1 => "1 difference".to_owned(),
        more => format!("{more} differences"),
    };
    let state = row.state.replace('_', " ");
    say::line(&format!("{number} {state}: {about}, {count}, by {by}, {at} UTC"));
}

fn whole(shown: &ProposalView) {
    line(&shown.row);
    for DifferenceRow { subject, field, before, after, drives_money } in &shown.differences {
        let money = if *drives_money { " (drives money)" } else { "" };
        say::line(&format!("  {subject}, {field}: {before} -> {after}{money}"));
    }
    if let Some(decided) = &shown.decided {
        say::line(&format!("{} was {decided}", shown.row.number));
    } else if let Some(reason) = &shown.decide.reason {
        say::step(&format!("Not yours to decide: {reason}"));
    }
    say::line(&format!("seen {}", shown.seen));
}
